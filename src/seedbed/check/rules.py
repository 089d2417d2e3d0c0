"""Rules: expressions that are true in every row, over its own columns, those of linked rows, and what its children add up to.

A rule over a row's own columns is judged in the one pass over its table. One that reads other tables needs them first: what it
reads of each is gathered by key, and the rule's own table is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.check.check import Failures, Marker, Measure, Promise, State, States, Tables
from seedbed.check.hashing import Keys
from seedbed.check.outcome import CheckResult
from seedbed.check.view import Mask, UnreadableError, View, is_text
from seedbed.core.block import MOST_DIGITS, Column, ColumnType, DecimalType, ValueType
from seedbed.core.errors import ModelError
from seedbed.core.expression import CompiledExpression, RowError
from seedbed.core.records import dataclass
from seedbed.core.text import string_array


@dataclass(frozen=True, slots=True)
class Holds:
    """An expression over the row's own columns is true; null counts as true."""

    expression: CompiledExpression
    columns: tuple[str, ...]

    def broken(self, view: View) -> Mask:
        """The rows in which it is false."""
        return _false(self.expression, {name: column_of(view, name) for name in self.columns}, view.rows)


@dataclass(frozen=True, slots=True)
class Read:
    """A column of the row that some columns name: `own` hold the key that `theirs` hold in `table`."""

    name: str
    table: str
    own: tuple[str, ...]
    theirs: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """A measure of a row's children: rows of `table` whose `theirs` hold the row's `own`; `column` empty where they are only counted."""

    name: str
    table: str
    own: tuple[str, ...]
    theirs: tuple[str, ...]
    column: str
    measure: str
    result: ValueType


@dataclass(frozen=True, slots=True)
class Depth:
    """How many steps a row is below the root of a tree: `parent` names the row above by its `key`."""

    name: str
    key: str
    parent: str


Source = Read | Gathered | Depth


@dataclass(frozen=True, slots=True)
class Touch:
    """The mere presence of a table."""

    table: str
    columns: tuple[str, ...] = ()

    def start(self) -> TouchState:
        """Nothing yet."""
        return TouchState()


@dataclass(slots=True)
class TouchState:
    """Nothing is gathered."""

    def update(self, view: View) -> None:
        """Take in a batch."""

    def merge(self, other: TouchState) -> None:
        """Take in another's."""


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """A rule that reads other rows: `columns` are those of the row itself, `sources` the others."""

    about: Promise
    expression: CompiledExpression
    columns: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def measures(self) -> tuple[Measure[State], ...]:
        """The tables that must be there."""
        tables = [self.about.table, *(source.table for source in self.sources if not isinstance(source, Depth))]
        return tuple(Touch(table) for table in dict.fromkeys(tables))

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Read what the rule needs of other tables, then its own rows."""
        table = self.about.table
        rows = states.rows(table)
        found = {source.name: gathered(source, table, tables) for source in self.sources}
        failures = Failures(self.about.samples)
        for view in _views(tables, table, self._needed):
            failures.add(view, self._broken(view, found), self.about.columns)
        if not failures.count:
            return self.about.passed(rows)
        return self.about.failed(rows, failures.count, f"false in {failures.count:,} of {rows:,} rows", tuple(failures.samples))

    @property
    def _needed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, *(name for source in self.sources for name in _own(source)))))

    def _broken(self, view: View, found: Mapping[str, Index]) -> Mask:
        columns = {name: column_of(view, name) for name in self.columns}
        columns |= {source.name: found[source.name].at(view, _own(source)) for source in self.sources}
        return _false(self.expression, columns, view.rows)

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows in which the rule is false."""
        found = {source.name: gathered(source, self.about.table, tables) for source in self.sources}
        return Marker(self._needed, lambda view: self._broken(view, found))


def _own(source: Source) -> tuple[str, ...]:
    return (source.key,) if isinstance(source, Depth) else source.own


@dataclass(frozen=True, slots=True)
class Index:
    """Values by key: `keys` rise; a key that is not among them gives `absent`, or null where that is None."""

    keys: Keys
    values: Column
    absent: int | None

    def at(self, view: View, names: tuple[str, ...]) -> Column:
        """The value of each row's key, shape (n,)."""
        keys, valid = view.keys(names)
        if not len(self.keys):
            return _absent(view.rows, self.values, self.absent)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[place] == keys
        if valid is not None:
            known = known & valid
        data: Any = self.values.data
        taken = data[place] if isinstance(data, np.ndarray) else data.take(pa.array(place))
        if self.absent is not None and isinstance(taken, np.ndarray):
            return Column(np.where(known, taken, self.absent), None if self.values.valid is None else ~known | self.values.valid[place])
        return Column(taken, known if self.values.valid is None else known & self.values.valid[place])


def _absent(n: int, like: Column, absent: int | None) -> Column:
    if not isinstance(like.data, np.ndarray):
        return Column(string_array([""] * n), np.zeros(n, dtype=np.bool_))
    return Column(np.full(n, absent or 0, dtype=like.data.dtype), None if absent is not None else np.zeros(n, dtype=np.bool_))


def gathered(source: Source, table: str, tables: Tables) -> Index:
    """What a rule of a table reads of another one, by key."""
    if isinstance(source, Depth):
        return _depths(source, table, tables)
    if isinstance(source, Read):
        return _read(source, tables)
    return _children(source, tables)


def _views(tables: Tables, table: str, columns: tuple[str, ...]) -> Iterator[View]:
    views = tables.again(table, columns)
    if views is None:
        raise UnreadableError(f"the rule reads `{table}` as a whole, which is not there to be read again")
    return views


def _read(source: Read, tables: Tables) -> Index:
    keys, columns = [], []
    for view in _views(tables, source.table, (*source.theirs, source.column)):
        found, valid = view.keys(source.theirs)
        value = column_of(view, source.column)
        keep = np.arange(len(found)) if valid is None else np.flatnonzero(valid)
        keys.append(found[keep])
        columns.append(_taken(value, keep))
    return _sorted(keys, columns, None)


def _children(source: Gathered, tables: Tables) -> Index:
    """Each parent's key with what its children add up to, in their order."""
    keys, columns = [], []
    names = (*source.theirs, source.column) if source.column else source.theirs
    for view in _views(tables, source.table, names):
        found, valid = view.keys(source.theirs)
        value = column_of(view, source.column) if source.column else Column(np.ones(len(found), dtype=np.int64))
        counts = valid if value.valid is None else value.valid if valid is None else value.valid & valid
        keep = np.arange(len(found)) if counts is None else np.flatnonzero(counts)
        keys.append(found[keep])
        columns.append(_taken(value, keep))
    if not keys:
        return Index(np.zeros(0, np.int64), Column(np.zeros(0, np.int64)), 0)
    every, values = np.concatenate(keys), np.concatenate([column.data for column in columns])
    distinct, place = np.unique(every, return_inverse=True)
    summed = _reduced(source.measure, values, place, len(distinct))
    return Index(distinct, Column(summed), 0 if source.measure in ("sum", "count", "count_children") else None)


def _reduced(measure: str, values: np.ndarray[Any, Any], place: np.ndarray[Any, Any], n: int) -> np.ndarray[Any, Any]:
    counts = np.bincount(place, minlength=n)
    if measure in ("count", "count_children"):
        return counts.astype(np.int64)
    kind = np.float64 if values.dtype == np.float64 else np.int64
    if measure in ("min", "max"):
        order = np.argsort(place, kind="stable")
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        ends: np.ndarray[Any, Any] = (np.minimum if measure == "min" else np.maximum).reduceat(values[order], starts) if n else values
        return ends
    totals = np.zeros(n, dtype=kind)
    np.add.at(totals, place, values.astype(kind, copy=False))
    return totals / np.maximum(counts, 1) if measure == "mean" else totals


def _depths(source: Depth, table: str, tables: Tables) -> Index:
    keys, parents, linked = [], [], []
    for view in _views(tables, table, (source.key, source.parent)):
        keys.append(view.keys([source.key])[0])
        above, valid = view.keys([source.parent])
        parents.append(above)
        linked.append(np.ones(view.rows, np.bool_) if valid is None else valid)
    if not keys:
        return Index(np.zeros(0, np.int64), Column(np.zeros(0, np.int64)), None)
    own = np.concatenate(keys)
    order = np.argsort(own, kind="stable")
    own, above, has = own[order], np.concatenate(parents)[order], np.concatenate(linked)[order]
    up = np.minimum(np.searchsorted(own, above), len(own) - 1)
    has = has & (own[up] == above) & (up != np.arange(len(own)))
    depth = np.zeros(len(own), dtype=np.int64)
    at, climbing = np.arange(len(own)), has.copy()
    for _ in range(len(own)):
        if not climbing.any():
            return Index(own, Column(depth), None)
        depth[climbing] += 1
        at[climbing] = up[at[climbing]]
        climbing &= has[at]
    raise UnreadableError(f"the rows of `{table}` refer to each other in a circle")


def _taken(column: Column, rows: np.ndarray[Any, Any]) -> Column:
    data: Any = column.data
    valid = None if column.valid is None else column.valid[rows]
    return Column(data[rows] if isinstance(data, np.ndarray) else data.take(pa.array(rows)), valid)


def _sorted(keys: list[Keys], columns: list[Column], absent: int | None) -> Index:
    if not keys:
        return Index(np.zeros(0, np.int64), Column(np.zeros(0, np.int64)), absent)
    every = np.concatenate(keys)
    data = [column.data for column in columns]
    whole = np.concatenate(data) if isinstance(data[0], np.ndarray) else pa.concat_arrays(data)
    masks = [np.ones(len(column), np.bool_) if column.valid is None else column.valid for column in columns]
    order = np.argsort(every, kind="stable")
    return Index(every[order], _taken(Column(whole, np.concatenate(masks)), order), absent)


def _false(expression: CompiledExpression, columns: Mapping[str, Column], n: int) -> Mask:
    try:
        found = expression.evaluate(columns.__getitem__, n)
    except (RowError, ModelError) as error:
        raise UnreadableError(error.problems[0].message) from error
    broken: Mask = ~found.data.astype(np.bool_)
    return broken if found.valid is None else broken & found.valid


def column_of(view: View, name: str) -> Column:
    """A column as expressions take it: moments as local clocks show them, decimals as units, texts as Arrow has them.

    Raises:
        UnreadableError: there is no such column, or it has another type.
    """
    kind = view.table.types[name]
    valid = view.valid(name)
    if isinstance(kind, DecimalType):
        if kind.scale > MOST_DIGITS:
            raise UnreadableError(f"`{name}` has {kind.scale} digits after the point; expressions take at most {MOST_DIGITS}")
        return Column(_of_64_bits(view.exact_numbers(name), name), valid)
    if is_text(kind):
        texts = view.typed(name)
        texts = texts.dictionary_decode() if pa.types.is_dictionary(texts.type) else texts
        plain = texts.cast(pa.string())
        return Column(plain if plain.null_count == 0 else plain.fill_null(""), valid)
    if kind is ColumnType.DATETIME:
        return Column(view.local_moments(name), valid)
    numbers = _of_64_bits(view.numbers(name), name)
    return Column(numbers.astype(np.bool_) if kind is ColumnType.BOOL else numbers, valid)


def _of_64_bits(numbers: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    if numbers.dtype == object:
        raise UnreadableError(f"`{name}` holds numbers beyond 64 bits, which expressions don't take")
    return numbers
