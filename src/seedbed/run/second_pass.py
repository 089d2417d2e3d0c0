"""What a profile looks for on all rows once it has seen them: candidate keys, dependencies, and rows beyond fences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

import numpy as np
import pyarrow as pa

from seedbed.core.events import RowsRead, Subscriber
from seedbed.core.hashing import Keys, pair_keys
from seedbed.core.shapes import TableScan
from seedbed.run.looking import crew
from seedbed.stats.column import ColumnSummary
from seedbed.stats.facts import Anomaly, ColumnFacts, DependencyFacts, KeyFacts
from seedbed.stats.fingerprints import codes_of, column_keys, has_keys
from seedbed.stats.keys import (
    MOST,
    MOST_COLUMNS,
    Dependency,
    Determination,
    Uniqueness,
    dependency_candidates,
    key_candidates,
    most_rows,
)
from seedbed.stats.odd import OddMethod, OddRows, odd_periods
from seedbed.stats.table import TableSummary

#: Columns of numbers whose anomalies are looked for.
_MOST_ODD = 100


class SecondPass:
    """Keys and dependencies that a sample suggests, and rows beyond fences that the first pass told."""

    def __init__(self, summary: TableSummary, sample: pa.Table, methods: Sequence[OddMethod], columns: Mapping[str, ColumnFacts]) -> None:
        self._summary = summary
        codes = {field.name: codes_of(sample[field.name].combine_chunks()) for field in sample.schema if has_keys(field.type)}
        keyable = {name: column for name, column in codes.items() if not pa.types.is_floating(sample.schema.field(name).type)}
        repeating = frozenset(name for name, column in summary.columns.items() if _repeats(column))
        candidates = key_candidates(keyable, repeating) if sample.num_rows > 1 else []
        self._unique = {key: Uniqueness(most=most_rows(len(candidates))) for key in candidates}
        known = {key[0] for key in candidates if len(key) == 1}
        told = {name: column for name, column in codes.items() if name not in known}
        self._told = {found: Determination() for found in dependency_candidates(told)}
        numbers = [name for name, facts in columns.items() if facts.kind == "number" and facts.numbers and name not in known]
        self._odd = OddRows.of(summary, numbers[:_MOST_ODD], methods, sample) if methods else None
        self.notes = tuple(_limits(len(keyable), len(told), len(candidates), len(numbers) if methods else 0))

    def read(self, table: str, scan: TableScan, events: Subscriber) -> None:
        """Read the columns that are needed, none where there are none."""
        told = chain.from_iterable((*found.determinants, found.dependent) for found in self._told)
        odd = self._odd.columns if self._odd is not None else ()
        names = list(dict.fromkeys([*chain.from_iterable(self._unique), *told, *odd]))
        if not names:
            return
        with crew() as team:
            for first, batch in scan.batches(names, self._summary.batch_rows):
                team.do(self._works(first, batch, team.size))
                events(RowsRead(table, batch.num_rows, again=True))

    def _works(self, first: int, batch: pa.RecordBatch, parts: int) -> list[Callable[[], None]]:
        keys = [(unique, partial(_add_key, unique, names)) for names, unique in self._unique.items()]
        of_keys = [work for unique, work in keys if unique.is_open]
        works = [*of_keys, *(partial(_add_pair, told, found) for found, told in self._told.items() if told.holds is not False)]
        shares: list[Callable[[], None]] = [partial(_do, works[part::parts], batch) for part in range(parts)]
        return [*shares, partial(self._odd.add, first, batch)] if self._odd is not None else shares

    @property
    def keys(self) -> tuple[KeyFacts, ...]:
        """The keys that hold on all rows; sets only where no single column is one: beside a key, they tell nothing."""
        held = {key: unique.holds for key, unique in self._unique.items() if self._is_full(key) and unique.holds is not False}
        single = {key: holds for key, holds in held.items() if len(key) == 1}
        return tuple(KeyFacts(key, bool(holds)) for key, holds in (single or held).items())

    def _is_full(self, key: tuple[str, ...]) -> bool:
        return all(self._summary.columns[name].nulls == 0 for name in key)

    @property
    def dependencies(self) -> tuple[DependencyFacts, ...]:
        """The dependencies that hold on all rows."""
        held: list[tuple[Dependency, bool | None]] = [(found, told.holds) for found, told in self._told.items()]
        return tuple(DependencyFacts(found.determinants, found.dependent, bool(holds)) for found, holds in held if holds is not False)

    def found(self, table: str) -> tuple[Anomaly, ...]:
        """The anomalies, where they were looked for."""
        if self._odd is None:
            return ()
        moments = [column for column in self._summary.columns.values() if column.kind == "moment"]
        return (*self._odd.found(table), *chain.from_iterable(odd_periods(table, column) for column in moments))


def _limits(keyable: int, telling: int, candidates: int, odd: int) -> Iterator[str]:
    """What was left out, in words."""
    if keyable > MOST_COLUMNS:
        yield f"keys of several columns are sought among the {MOST_COLUMNS} with the most different values, of {keyable:,}"
    if candidates >= MOST:
        yield f"the first {MOST} candidate keys are made sure of and told"
    if telling > MOST_COLUMNS:
        yield f"dependencies are sought among the first {MOST_COLUMNS} of {telling:,} columns that can have some"
    if odd > _MOST_ODD:
        yield f"odd rows are looked for in the first {_MOST_ODD} of {odd:,} columns of numbers"


class _Batch:
    """A batch's fingerprints, each column's made once."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self._known: dict[str, Keys] = {}

    def keys(self, names: tuple[str, ...]) -> Keys:
        """The fingerprint of each row in some columns, shape (n,)."""
        for name in names:
            if name not in self._known:
                self._known[name] = column_keys(self._batch.column(name))
        if len(names) == 1:
            return self._known[names[0]]
        found = np.zeros(self._batch.num_rows, np.int64)
        for name in names:
            found = pair_keys(found, self._known[name])
        return found


def _do(works: Sequence[Callable[[_Batch], None]], batch: pa.RecordBatch) -> None:
    prints = _Batch(batch)
    for work in works:
        work(prints)


def _add_key(unique: Uniqueness, names: tuple[str, ...], batch: _Batch) -> None:
    unique.add(batch.keys(names))


def _add_pair(told: Determination, found: Dependency, batch: _Batch) -> None:
    told.add(batch.keys(found.determinants), batch.keys((*found.determinants, found.dependent)))


def _repeats(column: ColumnSummary) -> bool:
    """Whether all rows show that this column alone is no key."""
    if column.nulls or column.distinct is None:
        return bool(column.nulls)
    return column.distinct < column.rows if column.distinct_exact else column.distinct < 0.9 * column.rows
