"""A model compiled for a seed: any rows of any table, without files."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.events import Subscriber, nobody
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.generate.prepare import prepare
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.delivery import Delivery, delivered_rows
from seedbed.model.document import Model
from seedbed.model.places import Places
from seedbed.model.plugins import arguments_in
from seedbed.plan.compile import compile_plan, unplaced
from seedbed.plan.plan import Plan
from seedbed.read.document import examine_data, examine_document, places_of
from seedbed.run.choice_files import file_columns
from seedbed.run.judging import Asked, all_problems, asked_of, load_pools

if TYPE_CHECKING:
    from collections.abc import Iterable


class Dataset:
    """The data of a plan, made where it is asked for.

    Every row is a function of its number: a block costs its rows, wherever it lies, and is the same on any machine and in any order.
    What only data can tell (how many rows facts have, value pools) is prepared when it is first needed. Threads may share a
    data set; it can be pickled.

    >>> import seedbed
    >>> data = seedbed.plan("examples/users_events.json", seed=7)
    >>> data.tables, data.rows["user"]
    (('user', 'event'), 1000)
    >>> data.block("user", 998, 1000)["user_id"].to_pylist()
    [999, 1000]
    >>> sum(block.num_rows for block in data.table("event")) == data.rows["event"]
    True
    """

    def __init__(self, plan: Plan, prepared: Prepared | None = None, places: Places | None = None) -> None:
        self.plan = plan
        self._prepared, self._places = prepared, places
        self._delivery: Delivery | None = None
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<seedbed.Dataset {self.plan.model.metadata.name!r}, seed {self.plan.seed}: {', '.join(self.tables)}>"

    def __getstate__(self) -> tuple[Plan, Prepared | None]:
        reads_files = any(True for _ in file_columns(self.plan))  # which lie where the model does, and not where this goes
        return self.plan, self.prepared if reads_files else self._prepared

    def __setstate__(self, state: tuple[Plan, Prepared | None]) -> None:
        self.plan, self._prepared = state
        self._delivery, self._places, self._lock = None, None, threading.RLock()

    @property
    def model(self) -> Model:
        """The model the data follow."""
        return self.plan.model

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables, each after those it needs; the list of faults put in on purpose last."""
        return self.plan.delivered

    @property
    def places(self) -> Places:
        """Where the parts of the model stand: in a document, or by their names only."""
        return self._places or unplaced(self.model)

    def require_pools(self) -> None:
        """Find or build the pools of values, and let them go.

        Raises:
            ModelError: what Faker refuses; all of it.
            PluginError: Faker is needed and not installed.
        """
        with all_problems(self.model, self.places, asked_of(self.plan)):
            load_pools(self.plan, self._places)

    @property
    def prepared(self) -> Prepared:
        """The plan with what only data can tell; takes about 2 ns for each parent of a fact, the first time.

        Raises:
            ModelError: a promise that the data would break, with the numbers.
            PluginError: a pool of values needs Faker, which isn't installed.
        """
        return self.prepared_by(1)

    def prepared_by(self, workers: int, events: Subscriber = nobody) -> Prepared:
        """The same as `prepared`, counted by so many threads; `events` is told how far it is."""
        with self._lock:
            if self._prepared is None:
                places = self.places
                with all_problems(self.model, places, asked_of(self.plan)):
                    self._prepared = prepare(self.plan, load_pools(self.plan, places), workers=workers, places=places, events=events)
            return self._prepared

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows of each table."""
        return delivered_rows(self.prepared)

    def schema(self, table: str) -> pa.Schema:
        """The Arrow schema of a table; its fields are tagged with keys and references.

        Raises:
            ModelError: there is no such table.
        """
        return self._delivery_of(table).schema(table)

    def block(self, table: str, start: int, stop: int) -> pa.RecordBatch:
        """Rows [start, stop) of a table, counted from 0: stop - start rows, with all columns of `schema`.

        Raises:
            ModelError: there is no such table, or it has no such rows.
        """
        delivery = self._delivery_of(table)
        check_span(table, start, stop, delivery.rows(table))
        return delivery.block(table, start, stop)

    def clean_block(self, table: str, start: int, stop: int) -> pa.RecordBatch | None:
        """What is clean of rows [start, stop) of a table: without faults and without the rows they add; None of the list of faults.

        Raises:
            ModelError: there is no such table, or it has no such rows.
        """
        delivery = self._delivery_of(table)
        check_span(table, start, stop, delivery.rows(table))
        return delivery.clean_block(table, start, stop)

    def table(self, name: str, block_rows: int = LEAF_ROWS) -> pa.RecordBatchReader:
        """A reader of a table's blocks, in order, each made when it is read: `block_rows` rows, the last one what is left.

        Raises:
            ModelError: there is no such table, or `block_rows` is below 1.
        """
        if block_rows < 1:
            raise ModelError(f"a block has at least one row, not {block_rows}", where="block_rows")
        delivery = self._delivery_of(name)
        return pa.RecordBatchReader.from_batches(delivery.schema(name), self._blocks(delivery, name, block_rows))

    def to_arrow(self, table: str) -> pa.Table:
        """A whole table in memory.

        Raises:
            ModelError: there is no such table.
        """
        return self.table(table).read_all()

    @staticmethod
    def _blocks(delivery: Delivery, table: str, block_rows: int) -> Iterator[pa.RecordBatch]:
        rows = delivery.rows(table)
        for start in range(0, rows, block_rows):
            yield delivery.block(table, start, min(start + block_rows, rows))

    def _delivery_of(self, table: str) -> Delivery:
        require_tables(self.plan, [table])
        if self._delivery is None:
            with self._lock:
                if self._delivery is None:
                    self._delivery = Delivery(self.prepared)
        return self._delivery


def planned(
    model: Model | Mapping[str, object] | str | Path,
    *,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    profile: str | None = None,
    clean: bool = False,
) -> Dataset:
    """Compile a model, or the document at a path or in plain data; errors say line and column where there are some.

    `clean` leaves out the faults that the model puts in on purpose, and the table that lists them.

    Raises:
        ModelError: the model, or what is asked of it, cannot be.
    """
    if seed is not None and not 0 <= seed < 2**64:
        raise ModelError(f"the seed must be a whole number from 0 to 2^64 - 1, not {seed}", where="seed")
    asked = Asked(seed, rows or {}, scale)
    if isinstance(model, Model):
        if profile is not None:
            raise ModelError("profiles are applied to documents, and this model has been read", fix="give `profile` to seedbed.load")
        places = places_of(model) or unplaced(model)
        if any(args.params is None for args in arguments_in(model)):  # put together in Python: nobody has looked for its plug-ins
            model = examine_data(model.model_dump(by_alias=True, mode="json", exclude_defaults=True)).require()
    else:
        found = examine_document(model, profile=profile)
        places = found.places
        with all_problems(found, places, asked):
            model = found.require()
    with all_problems(model, places, asked):
        model = model.model_copy(update={"quality_injection": None}) if clean else model
        return Dataset(compile_plan(model, seed=seed, rows=rows, scale=scale, places=places), places=places)


def require_tables(plan: Plan, names: Iterable[str]) -> None:
    """Refuse names of tables that the plan doesn't have; all of them at once."""
    from seedbed.core.errors import Problem

    known = plan.delivered
    unknown = [name for name in names if name not in known]
    if unknown:
        problems = [
            Problem(f"there is no table `{name}`", None, did_you_mean(name, known) or f"tables: {one_of(known)}") for name in unknown
        ]
        raise ModelError.of(problems)


def check_span(table: str, start: int, stop: int, rows: int) -> None:
    """Refuse rows that a table doesn't have."""
    if not 0 <= start <= stop <= rows:
        fix = f"`{table}` has rows 0 to {rows:,}; the end is not included"
        raise ModelError(f"there are no rows {start:,}:{stop:,}", where=f"{table}[{start}:{stop}]", fix=fix)
