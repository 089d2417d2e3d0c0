"""Profiles: what data look like, one pass for figures and a second one to make sure of what a sample suggests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from seedbed.check.reports.profile_page import profile_html
from seedbed.check.suggest import suggested_checks
from seedbed.core.errors import DataError, EdgeError, Problem
from seedbed.core.events import RowsRead, Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.sources import open_tables
from seedbed.run.likeness import Comparison, compare_tables
from seedbed.run.references import with_references
from seedbed.stats.column import ColumnSummary
from seedbed.stats.describe import describe
from seedbed.stats.facts import Anomaly, ColumnFacts, DependencyFacts, KeyFacts, PairFacts, TableFacts
from seedbed.stats.fingerprints import codes_of, column_keys, has_keys, row_keys
from seedbed.stats.keys import Dependency, Determination, Uniqueness, dependency_candidates, key_candidates
from seedbed.stats.odd import OddMethod, OddRows, odd_days
from seedbed.stats.pairs import pairs_of
from seedbed.stats.table import TableSummary

#: Pairs that are told, the strongest of each method.
_MOST_PAIRS = 200

#: Columns of numbers whose anomalies are looked for.
_MOST_COLUMNS = 100


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """What `profile` found: the facts of each table, why others couldn't be read, and the comparison where there is one."""

    name: str
    tables: tuple[TableFacts, ...]
    problems: tuple[Problem, ...] = ()
    comparison: Comparison | None = None

    def table(self, name: str) -> TableFacts:
        """The facts of a table.

        Raises:
            KeyError: there is none of that name.
        """
        return {table.name: table for table in self.tables}[name]

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """What is odd in any table."""
        return tuple(chain.from_iterable(table.anomalies for table in self.tables))

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain data, ready for JSON."""
        problems = [{"message": problem.message, "where": problem.where, "fix": problem.fix} for problem in self.problems]
        told: dict[str, Any] = {"data": self.name, "tables": [table.to_dict() for table in self.tables], "problems": problems}
        return told | {"comparison": self.comparison.to_dict()} if self.comparison else told

    def to_html(self) -> str:
        """The profile as one HTML page that needs no network."""
        return profile_html(self.to_dict(), title=f"Profile of {self.name}")

    def suggest(self) -> str:
        """A checks document, in YAML, of what holds in these data and may be meant to hold in others like them."""
        return suggested_checks(self.tables, self.name)


def profile(
    data: Any,
    *,
    tables: Sequence[str] | None = None,
    compare: Any = None,
    anomalies: bool | Sequence[OddMethod] = False,
    events: Subscriber = nobody,
) -> Profile:
    """Look at data of any origin: a folder, a file, a database, or tables in memory.

    Each table is read once for its figures, which take constant memory, and a second time, only the columns that need it, to make sure
    of candidate keys and dependencies. `anomalies` also tells rows, days and gaps that are odd, by Tukey's fences or by the methods it
    names. `compare` is the data to compare with, such as real rows for synthetic ones, or last month's.

    Raises:
        DataError: there is no such table, or none of them can be read; one that can't is told in `problems`.
        EdgeError: there are no such data, or the disk or server failed.
        PluginError: an isolation forest is asked for and scikit-learn isn't installed.

    >>> told = profile({"user": pa.table({"id": [1, 2, 3], "plan": ["free", "pro", "free"]})})
    >>> told.table("user").keys
    (KeyFacts(columns=('id',), verified=True),)
    """
    methods: Sequence[OddMethod] = (("iqr",) if anomalies else ()) if isinstance(anomalies, bool) else tuple(anomalies)
    with np.errstate(all="ignore"), open_tables(data, tables=tables) as opened:  # what is too vast for a float is told as unknown
        found, problems = _each(opened.tables, lambda name, scan: _profiled(name, scan, methods, events))
        told = tuple(with_references({name: facts for name, (facts, _) in found.items()}, opened.tables).values())
        if compare is None:
            return Profile(opened.where, told, problems)
        with open_tables(compare) as other:
            summaries = {name: summary for name, (_, summary) in found.items()}
            likeness = compare_tables(opened.tables, summaries, other, tables, lambda name, scan: summarised(name, scan, events))
    return Profile(opened.where, told, problems, likeness)


def _each(scans: Mapping[str, TableScan], look: Callable[[str, TableScan], T]) -> tuple[dict[str, T], tuple[Problem, ...]]:
    """What is seen of each table, and what kept others from being read; where none can be read, that is raised."""
    found: dict[str, T] = {}
    problems: list[Problem] = []
    for name, scan in scans.items():
        try:
            found[name] = look(name, scan)
        except (DataError, EdgeError) as error:
            if len(scans) == 1:
                raise
            problems += error.problems
    if problems and not found:
        raise DataError.of(problems)
    return found, tuple(problems)


def summarised(name: str, scan: TableScan, events: Subscriber = nobody) -> TableSummary:
    """One pass over a table."""
    summary = TableSummary.of(scan.schema)
    for first, batch in scan.batches():
        summary.add(first, batch)
        events(RowsRead(name, batch.num_rows))
    return summary


def _profiled(name: str, scan: TableScan, methods: Sequence[OddMethod], events: Subscriber) -> tuple[TableFacts, TableSummary]:
    summary = summarised(name, scan, events)
    _, sample = summary.sample.table()
    columns = {column.name: describe(column, _sampled(sample, column.name)) for column in summary.columns.values()}
    second = _SecondPass(summary, sample, methods, columns)
    second.read(name, scan, events)
    keys, dependencies = second.keys, second.dependencies
    single = {key.columns[0] for key in keys if len(key.columns) == 1 and key.verified}
    told = tuple(
        replace(column, is_key=True, distinct=column.rows, distinct_exact=True) if column.name in single else column
        for column in columns.values()
    )
    odd = second.found(name)
    pairs = tuple(_strongest(pairs_of(summary, sample)))
    facts = TableFacts(name, summary.rows, sample.num_rows, told, pairs, keys, dependencies, (), odd, _notes(summary, sample))
    return facts, summary


def _sampled(sample: pa.Table, name: str) -> pa.Array | None:
    return sample[name].combine_chunks() if sample.num_rows else None


def _strongest(pairs: Sequence[PairFacts]) -> list[PairFacts]:
    """The strongest pairs; those of which nothing is to be seen are left out."""
    return [pair for pair in pairs if abs(pair.value) >= 0.05][:_MOST_PAIRS]


def _notes(summary: TableSummary, sample: pa.Table) -> tuple[str, ...]:
    notes = []
    if not summary.sample.is_whole:
        notes.append(
            f"fits, forms of texts, Spearman's, Cramer's and the correlation ratio are of a sample of {sample.num_rows:,} rows; "
            "all other figures are of all rows"
        )
    if not all(column.distinct_exact for column in summary.columns.values() if column.distinct is not None):
        notes.append("numbers of different values above 50,000 are estimates with a standard error of 0.8 %")
    unread = [name for name, column in summary.columns.items() if column.kind == "other"]
    if unread:
        notes.append(f"of lists, structs and bytes only nulls are counted: {', '.join(unread)}")
    return tuple(notes)


class _SecondPass:
    """What must be looked for on all rows: candidate keys, dependencies, and rows beyond fences that the first pass told."""

    def __init__(self, summary: TableSummary, sample: pa.Table, methods: Sequence[OddMethod], columns: Mapping[str, ColumnFacts]) -> None:
        self._summary = summary
        codes = {field.name: codes_of(sample[field.name].combine_chunks()) for field in sample.schema if has_keys(field.type)}
        keyable = {name: column for name, column in codes.items() if not pa.types.is_floating(sample.schema.field(name).type)}
        repeating = frozenset(name for name, column in summary.columns.items() if _repeats(column))
        candidates = key_candidates(keyable, repeating) if sample.num_rows > 1 else []
        self._unique = {key: Uniqueness() for key in candidates}
        known = {key[0] for key in candidates if len(key) == 1}
        self._told = {found: Determination() for found in dependency_candidates({k: v for k, v in codes.items() if k not in known})}
        names = [name for name, facts in columns.items() if facts.kind == "number" and facts.numbers and name not in known][:_MOST_COLUMNS]
        self._odd = OddRows.of(summary, names, methods, sample) if methods else None

    def read(self, table: str, scan: TableScan, events: Subscriber) -> None:
        """Read the columns that are needed, none where there are none."""
        told = chain.from_iterable((found.determinant, found.dependent) for found in self._told)
        odd = self._odd.columns if self._odd is not None else ()
        names = list(dict.fromkeys([*chain.from_iterable(self._unique), *told, *odd]))
        if not names:
            return
        for first, batch in scan.batches(names):
            self._add(first, batch)
            events(RowsRead(table, batch.num_rows, again=True))

    def _add(self, first: int, batch: pa.RecordBatch) -> None:
        for key, unique in self._unique.items():
            unique.add(column_keys(batch.column(key[0])) if len(key) == 1 else row_keys(batch, key))
        for found, told in self._told.items():
            told.add(column_keys(batch.column(found.determinant)), row_keys(batch, (found.determinant, found.dependent)))
        if self._odd is not None:
            self._odd.add(first, batch)

    @property
    def keys(self) -> tuple[KeyFacts, ...]:
        """The keys that hold on all rows; pairs only where no single column is one: beside a key, they tell nothing."""
        held = {key: unique.holds for key, unique in self._unique.items() if self._is_full(key) and unique.holds is not False}
        single = {key: holds for key, holds in held.items() if len(key) == 1}
        return tuple(KeyFacts(key, bool(holds)) for key, holds in (single or held).items())

    def _is_full(self, key: tuple[str, ...]) -> bool:
        return all(self._summary.columns[name].nulls == 0 for name in key)

    @property
    def dependencies(self) -> tuple[DependencyFacts, ...]:
        """The dependencies that hold on all rows."""
        held: list[tuple[Dependency, bool | None]] = [(found, told.holds) for found, told in self._told.items()]
        return tuple(DependencyFacts(found.determinant, found.dependent, bool(holds)) for found, holds in held if holds is not False)

    def found(self, table: str) -> tuple[Anomaly, ...]:
        """The anomalies, where they were looked for."""
        if self._odd is None:
            return ()
        moments = [column for column in self._summary.columns.values() if column.kind == "moment"]
        return (*self._odd.found(table), *chain.from_iterable(odd_days(table, column) for column in moments))


def _repeats(column: ColumnSummary) -> bool:
    """Whether all rows show that this column alone is no key."""
    if column.nulls or column.distinct is None:
        return bool(column.nulls)
    return column.distinct < column.rows if column.distinct_exact else column.distinct < 0.9 * column.rows
