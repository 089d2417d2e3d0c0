"""The shapes of a check: what it measures on each table, and how it judges what was measured.

A **measure** says what to gather from one table's batches; its **state** is what was gathered so far, and states of different batches
merge into what one pass over all of them had gathered. A **check** reads the states of its measures when all rows are in. Several
checks may share a measure. Where a state only tells that something is wrong, the check looks at the table again for the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from seedbed.check.results import MOST_SAMPLES, CheckResult, Plain, Sample, Severity
from seedbed.check.view import Mask, TableFacts, View
from seedbed.core.shapes import TableScan


class State(Protocol):
    """What was gathered so far; can be pickled."""

    def update(self, view: View) -> None:
        """Take in a batch.

        Raises:
            UnreadableError: the batch doesn't have what is measured.
        """
        ...

    def merge(self, other: Self) -> None:
        """Take in what another state of the same measure gathered from other batches."""
        ...


S_co = TypeVar("S_co", bound=State, covariant=True)
S = TypeVar("S", bound=State)


class Measure(Protocol[S_co]):
    """What to gather from a table: equal measures are gathered once."""

    @property
    def table(self) -> str:
        """The table."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        ...

    def start(self) -> S_co:
        """A state before the first batch."""
        ...


class States(Protocol):
    """The states of all measures, when all batches are in."""

    def of(self, measure: Measure[S]) -> S:
        """The state of a measure.

        Raises:
            UnreadableError: it could not be gathered.
        """
        ...

    def rows(self, table: str) -> int:
        """How many rows of a table came.

        Raises:
            UnreadableError: the table never came.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables once more, for checks that must look again."""

    facts: Mapping[str, TableFacts]
    scans: Mapping[str, TableScan]

    def again(self, table: str, columns: tuple[str, ...]) -> Iterator[View] | None:
        """A second pass over a table's columns and its primary key; None where it can't be had."""
        scan = self.scans.get(table)
        if scan is None:
            return None
        facts = self.facts[table]
        wanted = [name for name in dict.fromkeys([*facts.key, *columns]) if name in scan.schema.names]
        return (View(facts, start, batch) for start, batch in scan.batches(wanted))


@dataclass(frozen=True, slots=True)
class Promise:
    """What a check is about, and the results it can end in."""

    id: str
    kind: str
    table: str
    columns: tuple[str, ...]
    expected: str
    severity: Severity = "hard"

    def passed(self, rows: int, observed: Plain = None) -> CheckResult:
        """The promise holds."""
        return CheckResult(self.id, self.kind, self.table, self.columns, "passed", self.severity, self.expected, observed, 0, rows)

    def failed(self, rows: int, failing: int, observed: Plain, samples: tuple[Sample, ...] = (), reason: str | None = None) -> CheckResult:
        """The promise is broken."""
        head = (self.id, self.kind, self.table, self.columns)
        return CheckResult(*head, "failed", self.severity, self.expected, observed, failing, rows, samples, reason)

    def error(self, reason: str) -> CheckResult:
        """Nobody can say."""
        head = (self.id, self.kind, self.table, self.columns)
        return CheckResult(*head, "error", self.severity, self.expected, reason=reason)


class Check(Protocol):
    """A promise and how it is judged."""

    @property
    def about(self) -> Promise:
        """The promise."""
        ...

    @property
    def measures(self) -> tuple[Measure[State], ...]:
        """What must be gathered."""
        ...

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Say whether the promise holds.

        Raises:
            UnreadableError: that can't be said.
        """
        ...


class Failures:
    """How many rows fail, and the first of them."""

    __slots__ = ("count", "rows", "samples")

    def __init__(self) -> None:
        self.rows = 0
        self.count = 0
        self.samples: list[Sample] = []

    def add(self, view: View, broken: Mask, columns: tuple[str, ...]) -> None:
        """Take in which rows of a batch fail, shape (n,)."""
        self.rows += view.rows
        count = int(broken.sum())
        if count:
            self.count += count
            self._keep(view.samples(broken, columns, MOST_SAMPLES))

    def merge(self, other: Failures) -> None:
        """Take in the failures of other batches."""
        self.rows += other.rows
        self.count += other.count
        self._keep(other.samples)

    def _keep(self, samples: list[Sample]) -> None:
        self.samples = sorted([*self.samples, *samples], key=lambda sample: sample.row or 0)[:MOST_SAMPLES]


def found_again(views: Iterator[View], columns: tuple[str, ...], broken: Broken) -> Failures:
    """The failing rows of a second pass."""
    failures = Failures()
    for view in views:
        failures.add(view, broken(view), columns)
    return failures


class Broken(Protocol):
    """Which rows of a batch fail."""

    def __call__(self, view: View) -> Mask:
        """A mask of shape (n,)."""
        ...
