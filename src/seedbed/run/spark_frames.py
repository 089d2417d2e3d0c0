"""Check the DataFrames of Spark where their rows are: every task gathers of its rows what the checks need, and what comes back is added up.

The same checks, measures and expressions as anywhere else run inside `mapInArrow`; Spark itself is only asked for the columns.
"""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from seedbed.check.check import Check
from seedbed.check.runs import MonotonicCheck
from seedbed.check.saved import saved, take_in
from seedbed.check.structure import Checker, Compiled
from seedbed.check.unjudged import Skipped
from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.version import __version__
from seedbed.run.rules import Rules, compiled, named_tables

if TYPE_CHECKING:
    from seedbed.check.results import Report

Batches: TypeAlias = "Iterator[pa.RecordBatch]"
Frames: TypeAlias = Mapping[str, Any]

_NO_ORDER = "rows of a DataFrame have no order"


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table of which only the columns are known; fits `TableScan` as far as checks are made from it."""

    schema: pa.Schema
    rows: int = 0

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """No rows."""
        del columns, batch_rows
        return iter(())


@dataclass(frozen=True, slots=True)
class _Work:
    """What a task must know: the rules, the columns of all tables, whose rows it has, and the time that fresh data are compared with."""

    rules: Rules
    schemas: Mapping[str, pa.Schema]
    table: str
    wanted: tuple[str, ...] | None
    now: dt.datetime

    def checker(self) -> Checker:
        """A checker that has seen nothing; the same in every task."""
        scans = {name: _Columns(schema) for name, schema in self.schemas.items()}
        made = compiled(self.rules, scans, self.now)
        made = Compiled(tuple(map(_orderless, made.checks)), made.facts)
        return Checker(self.rules, made if self.wanted is None else made.about(self.wanted))


def _orderless(check: Check) -> Check:
    inner = check
    while hasattr(inner, "inner"):
        inner = inner.inner
    return Skipped(check.about, _NO_ORDER) if isinstance(inner, MonotonicCheck) else check


def check_frames(rules: Rules, frames: Frames, tables: Sequence[str] | None, now: dt.datetime | None) -> Report:
    """Check DataFrames against rules; failing rows are counted, not shown.

    Raises:
        ModelError: there are no checks of a table that is wanted.
        EdgeError: Spark failed.
    """
    for name, frame in frames.items():
        if not type(frame).__module__.startswith("pyspark.sql."):
            raise ModelError(
                f"`{name}` is no DataFrame of Spark, but others are", where="data", fix="give all tables as DataFrames, or none"
            )
    known = [name for name in named_tables(rules) if name in frames]
    moment = now or dt.datetime.now(dt.UTC)
    with _told():
        schemas = {name: frames[name].limit(0).toArrow().schema for name in known}
    work = _Work(rules, schemas, "", None if tables is None else tuple(tables), moment)
    if tables is not None:
        _refuse_strangers(tables, (*named_tables(rules), *frames))
    checker = work.checker()
    for name in known:
        if name not in checker.tables:
            continue
        columns = checker.columns(name, schemas[name]) or schemas[name].names[:1]
        checker.block(name, 0, _empty(schemas[name]))
        mine = replace(work, table=name)
        with _told():
            found = frames[name].select(*[f"`{column.replace('`', '``')}`" for column in columns])
            rows = found.mapInArrow(_function(pickle.dumps(mine)), "state binary").toLocalIterator()
            for row in rows:
                part = mine.checker()
                take_in(part, bytes(row["state"]), f"a task of Spark over `{name}`")
                checker.merge(part)
    extra = tuple(name for name in frames if name not in named_tables(rules))
    return replace(checker.report({}), extra=extra)


def _refuse_strangers(tables: Sequence[str], known: Iterable[str]) -> None:
    names = sorted(set(known))
    for table in tables:
        if table not in names:
            raise ModelError(f"there are no checks of a table `{table}`", fix=did_you_mean(table, names) or f"tables are {one_of(names)}")


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what Spark raises into an error of ours."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith("pyspark."):
            raise
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = next((line for line in reversed(lines) if "Error: " in line), lines[0] if lines else "it failed")
        raise EdgeError(f"Spark says: {said}", where="data", fix="look at the DataFrames, and at the log of Spark") from error


def _function(sent: bytes) -> Callable[[Batches], Batches]:
    """What every task does. It goes to the workers by its code, not by its name, so that it can tell where seedbed is missing."""
    version = __version__

    def gather(batches: Batches) -> Batches:
        import pyarrow as pa

        from seedbed.core.version import __version__ as there
        from seedbed.run.spark_frames import gathered

        if there != version:
            message = f"seedbed is {there} where the tasks run, and {version} where the checks come from"
            raise RuntimeError(message)
        yield pa.RecordBatch.from_arrays([pa.array([gathered(sent, batches)], pa.binary())], names=["state"])

    return gather


def gathered(sent: bytes, batches: Iterable[pa.RecordBatch]) -> bytes:
    """What a task's rows tell; `sent` comes with the code of the task, from whom it is to obey anyway."""
    work: _Work = pickle.loads(sent)  # noqa: S301 - see above
    checker = work.checker()
    start = 0
    whole = work.schemas[work.table]
    for batch in batches:
        fields = [whole.field(name) for name in batch.schema.names]
        cut = pa.RecordBatch.from_arrays(
            [column.cast(field.type) for column, field in zip(batch.columns, fields, strict=True)], schema=pa.schema(fields)
        )
        checker.block(work.table, start, cut, whole=whole)
        start += batch.num_rows
    return saved(checker)
