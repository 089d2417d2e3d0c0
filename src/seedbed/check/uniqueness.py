"""Keys, and columns or pairs of columns that repeat nowhere."""

from __future__ import annotations

from typing import Self

import numpy as np
import pyarrow as pa

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.hashing import Keys
from seedbed.check.keyset import KeySet, among
from seedbed.check.outcome import MOST_SAMPLES, CheckResult, Sample
from seedbed.check.shelf import Shelf
from seedbed.check.view import KeyForm, Mask, TableFacts, View, is_text
from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass

#: Up to so many rows that look repeated by their fingerprints are compared by their values.
_MOST_COMPARED = 1_000_000


@dataclass(slots=True)
class KeysState:
    """The keys of a column or pair."""

    names: tuple[str, ...]
    form: KeyForm
    set: KeySet

    def update(self, view: View) -> None:
        """Take in a batch's keys; rows with a null have none."""
        keys, valid = view.keys(self.names, self.form)
        self.set.add(keys if valid is None else keys[valid])

    def merge(self, other: Self) -> None:
        """Take in the keys of other batches."""
        self.set.merge(other.set)


@dataclass(frozen=True, slots=True)
class KeysOf:
    """The distinct keys of a column or pair of a table."""

    table: str
    columns: tuple[str, ...]
    form: KeyForm = "plain"
    counts_repeats: bool = False

    def start(self) -> KeysState:
        """No key yet."""
        return KeysState(self.columns, self.form, KeySet(counts_repeats=self.counts_repeats))


def put_on(shelf: Shelf | None, state: object) -> None:
    """Let a state put its keys on a shelf, if it has keys; those of the rows that a condition means, too."""
    inner = getattr(state, "inner", state)
    if isinstance(inner, KeysState):
        inner.set.shelf = shelf


def is_exact(facts: TableFacts, columns: tuple[str, ...]) -> bool:
    """Whether keys are the values themselves and no fingerprints."""
    return len(columns) == 1 and not is_text(facts.types[columns[0]]) and columns[0] not in facts.coarse


def key_samples(facts: TableFacts, columns: tuple[str, ...], keys: Keys) -> tuple[Sample, ...]:
    """The first few keys where they are values, for a table that can't be read again."""
    if not is_exact(facts, columns) or facts.types[columns[0]] is not ColumnType.INT:
        return ()
    return tuple(Sample(None, ((columns[0], int(key)),)) for key in keys[:MOST_SAMPLES])


@dataclass(frozen=True, slots=True)
class UniqueCheck:
    """No two rows have the same value, or pair of values; rows with a null don't count."""

    about: Promise
    form: KeyForm = "plain"

    @property
    def measure(self) -> KeysOf:
        """The keys, and which repeat."""
        return KeysOf(self.about.table, self.about.columns, self.form, counts_repeats=True)

    @property
    def measures(self) -> tuple[KeysOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count every row whose key another row has too."""
        about = self.about
        rows = states.rows(about.table)
        keys = states.of(self.measure).set
        repeated = keys.repeated
        if not len(repeated):
            return about.passed(rows)
        facts = tables.facts[about.table]
        failing, values, samples = keys.members, len(repeated), key_samples(facts, about.columns, repeated)
        reason: str | None = "the rows were not read again, so their numbers are not known"
        found = _look_again(about, repeated, tables, self.form)
        if found is not None:
            failing, values, samples, reason = found.failing, found.values, found.samples, None
        if not failing:
            return about.passed(rows)
        return about.failed(rows, failing, f"{values:,} repeated in {failing:,} rows", samples, reason)

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows whose key another row has too."""
        repeated = states.of(self.measure).set.repeated
        return Marker(self.about.columns, lambda view: _repeats_in(view, self.about.columns, self.form, repeated))


def _repeats_in(view: View, columns: tuple[str, ...], form: KeyForm, repeated: Keys) -> Mask:
    keys, valid = view.keys(columns, form)
    hit = among(keys, repeated)
    return hit if valid is None else np.logical_and(hit, valid)


@dataclass(frozen=True, slots=True)
class _Repeats:
    failing: int
    values: int
    samples: tuple[Sample, ...]


def _look_again(about: Promise, repeated: Keys, tables: Tables, form: KeyForm = "plain") -> _Repeats | None:
    """Find the rows of repeated keys; where keys are fingerprints, compare the values themselves."""
    views = tables.again(about.table, about.columns)
    if views is None:
        return None
    failures, suspects = Failures(about.samples), _Suspects()
    exact = is_exact(tables.facts[about.table], about.columns)
    for view in views:
        hit = _repeats_in(view, about.columns, form, repeated)
        failures.add(view, hit, about.columns)
        if not exact and failures.count <= _MOST_COMPARED:
            suspects.add(view, hit, about.columns)
    if exact or failures.count > _MOST_COMPARED:
        return _Repeats(failures.count, len(repeated), tuple(failures.samples))
    return suspects.compared(failures)


class _Suspects:
    """Rows whose fingerprints repeat, with their values."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.tables: list[pa.Table] = []

    def add(self, view: View, hit: np.ndarray[tuple[int], np.dtype[np.bool_]], columns: tuple[str, ...]) -> None:
        rows = np.flatnonzero(hit)
        if not len(rows):
            return
        index = pa.Int64Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
        numbers = pa.Int64Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(view.row_numbers[rows])])
        arrays = [view.typed(name).take(index) for name in columns]
        plain = [array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in arrays]
        self.tables.append(pa.Table.from_arrays([*plain, numbers], names=[*columns, _ROW]))

    def compared(self, failures: Failures) -> _Repeats:
        """What remains when values are compared; texts of one fingerprint that differ (once in ages) fall out."""
        if not self.tables:
            return _Repeats(0, 0, ())
        table = pa.concat_tables(self.tables)
        columns = [name for name in table.column_names if name != _ROW]
        groups = table.group_by(columns).aggregate([(_ROW, "count"), (_ROW, "list")])
        counts = groups.column(f"{_ROW}_count").to_pylist()
        rows = groups.column(f"{_ROW}_list")
        real = [index for index, count in enumerate(counts) if count > 1]
        if len(real) == len(counts):
            return _Repeats(failures.count, len(real), tuple(failures.samples))
        lonely = {rows[index].as_py()[0] for index, count in enumerate(counts) if count == 1}
        return _Repeats(
            sum(counts[index] for index in real), len(real), tuple(sample for sample in failures.samples if sample.row not in lonely)
        )


_ROW = "row number"  # no column can be called so: names have no spaces
