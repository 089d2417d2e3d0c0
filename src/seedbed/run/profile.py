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
from seedbed.run.looking import crew
from seedbed.run.references import with_references
from seedbed.run.second_pass import SecondPass
from seedbed.stats.describe import describe
from seedbed.stats.facts import Anomaly, PairFacts, TableFacts
from seedbed.stats.odd import OddMethod
from seedbed.stats.pairs import MOST_PAIRED, pairs_of
from seedbed.stats.table import MOST_NUMERIC, TableSummary

#: Pairs that are told, the strongest of each method.
_MOST_PAIRS = 200

#: A table of more columns than these gets a note that less is kept of each.
_WIDE = 200

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
    with crew() as team:
        for first, batch in scan.batches(batch_rows=summary.batch_rows):
            team.do(summary.works(first, batch, 2 * team.size))
            events(RowsRead(name, batch.num_rows))
    return summary


def _profiled(name: str, scan: TableScan, methods: Sequence[OddMethod], events: Subscriber) -> tuple[TableFacts, TableSummary]:
    summary = summarised(name, scan, events)
    _, sample = summary.sample.table()
    columns = {column.name: describe(column, _sampled(sample, column.name)) for column in summary.columns.values()}
    second = SecondPass(summary, sample, methods, columns)
    second.read(name, scan, events)
    keys, dependencies = second.keys, second.dependencies
    single = {key.columns[0] for key in keys if len(key.columns) == 1 and key.verified}
    told = tuple(
        replace(column, is_key=True, distinct=column.rows, distinct_exact=True) if column.name in single else column
        for column in columns.values()
    )
    odd = second.found(name)
    pairs = tuple(_strongest(pairs_of(summary, sample)))
    facts = TableFacts(
        name, summary.rows, sample.num_rows, told, pairs, keys, dependencies, (), odd, (*_notes(summary, sample), *second.notes)
    )
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
        notes.append(
            "numbers of different values above what is counted exactly (50,000, fewer in wide tables) are estimates with a standard error of 0.8 %"
        )
    if len(summary.columns) > _WIDE:
        few = next(iter(summary.columns.values())).quantiles.exact.bound
        notes.append(
            f"of {len(summary.columns):,} columns, each counts up to {few:,} different values exactly; beyond that, figures are coarser"
        )
    numbers = sum(column.kind in ("number", "moment") for column in summary.columns.values())
    if numbers > MOST_NUMERIC:
        notes.append(f"of {numbers:,} columns of numbers and moments, Pearson's correlations are of the first {MOST_NUMERIC}")
    if len(summary.columns) > MOST_PAIRED:
        notes.append(f"other pairs are of the first {MOST_PAIRED} columns of numbers and moments and the first {MOST_PAIRED} of groups")
    unread = [name for name, column in summary.columns.items() if column.kind == "other"]
    if unread:
        notes.append(f"of lists, structs and bytes only nulls are counted: {', '.join(unread)}")
    return tuple(notes)
