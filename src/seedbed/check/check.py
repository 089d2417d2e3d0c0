"""The shapes of a check: what it measures on each table, and how it judges what was measured.

A **measure** says what to gather from one table's batches; its **state** is what was gathered so far, and states of different batches
merge into what one pass over all of them had gathered. A **check** reads the states of its measures when all rows are in. Several
checks may share a measure. Where a state only tells that something is wrong, the check looks at the table again for the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

import pyarrow as pa

from seedbed.check.outcome import MOST_SAMPLES, CheckResult, Dimension, Plain, Sample, Severity, Status
from seedbed.check.standing import dimension_of, severity_of
from seedbed.check.view import Mask, TableFacts, UnreadableError, View, plain
from seedbed.core.errors import DataError, EdgeError
from seedbed.core.records import dataclass
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
        schema = scan.schema
        wanted = [name for name in dict.fromkeys([*facts.key, *columns]) if schema.get_field_index(name) >= 0]
        return (View(facts, start, batch) for start, batch in scan.batches(wanted))

    def select(self, table: str, sql: str, most: int) -> Selected:
        """What a query finds in the database of a table.

        Raises:
            UnreadableError: the table is in no database, or the database refuses the query.
        """
        scan: object = self.scans.get(table)
        if not isinstance(scan, Queryable):
            raise UnreadableError("these data are in no database: `sql` runs only there")
        inner = f"({sql.strip().rstrip(';')}) AS found"
        try:
            counted = scan.run(f"SELECT count(*) AS n FROM {inner}", pa.schema([("n", pa.int64())]))  # noqa: S608 - the author's own query
            count = sum(batch.column(0)[0].as_py() for batch in counted)
        except (DataError, EdgeError) as error:
            raise UnreadableError(error.problems[0].message) from error
        keys = [name for name in self.facts[table].key if name in scan.expressions] if count and most else []
        if not keys:
            return Selected(count, ())
        listed = ", ".join(scan.expressions[name] for name in keys)
        wanted = pa.schema([scan.schema.field(name) for name in keys])
        try:
            rows = [row for batch in scan.run(f"SELECT {listed} FROM {inner} LIMIT {most}", wanted) for row in batch.to_pylist()]  # noqa: S608 - the same
        except (DataError, EdgeError):  # the query doesn't give the key
            return Selected(count, ())
        return Selected(count, tuple(Sample(None, tuple((name, plain(value)) for name, value in row.items())) for row in rows))


@runtime_checkable
class Queryable(Protocol):
    """A scan of a table in a database, which answers queries and changes nothing; `expressions` say how it reads each column."""

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type."""
        ...

    @property
    def expressions(self) -> Mapping[str, str]:
        """What stands for each column in a query."""
        ...

    def run(self, query: str, wanted: pa.Schema, /) -> Iterator[pa.RecordBatch]:
        """The rows of a query, whose columns have the types of `wanted`.

        Raises:
            DataError: the database refuses the query.
        """
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """How many rows a query gave, and the first of them."""

    count: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a check is about, and the results it can end in.

    Severity and dimension follow from the kind where they are not said. `samples` is how many failing rows a result shows at most.
    """

    id: str
    kind: str
    table: str
    columns: tuple[str, ...]
    expected: str
    severity: Severity | None = None
    dimension: Dimension | None = None
    threshold: int | float | None = None
    where: str | None = None
    description: str | None = None
    query: str | None = None
    tags: tuple[str, ...] = ()
    owner: str | None = None
    samples: int = MOST_SAMPLES
    quarantine: bool = True

    def passed(self, rows: int, observed: Plain = None, *, details: Mapping[str, Any] | None = None) -> CheckResult:
        """The promise holds."""
        return self._result("passed", rows=rows, observed=observed, details=details or {})

    def failed(
        self,
        rows: int,
        failing: int,
        observed: Plain,
        samples: tuple[Sample, ...] = (),
        reason: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
    ) -> CheckResult:
        """The promise is broken; by not more rows than the threshold allows, it holds."""
        told: dict[str, Any] = {"rows": rows, "failing": failing, "observed": observed, "reason": reason, "details": details or {}}
        return self._result("passed" if self.allows(failing, rows) else "failed", samples=samples[: self.samples], **told)

    def error(self, reason: str) -> CheckResult:
        """Nobody can say."""
        return self._result("error", reason=reason)

    def skipped(self, reason: str) -> CheckResult:
        """What is expected can't be told."""
        return self._result("skipped", reason=reason)

    def allows(self, failing: int, rows: int) -> bool:
        """Whether so many failing rows are within the threshold: a count where it is a whole number, else a share of the rows."""
        if self.threshold is None or not failing:
            return False
        return failing <= (self.threshold if isinstance(self.threshold, int) else self.threshold * rows)

    def _result(self, status: Status, **told: Any) -> CheckResult:
        severity = self.severity or severity_of(self.kind)
        common: dict[str, Any] = {"dimension": self.dimension or dimension_of(self.kind), "threshold": self.threshold, "where": self.where}
        common |= {"description": self.description, "query": self.query, "tags": self.tags, "owner": self.owner}
        return CheckResult(self.id, self.kind, self.table, self.columns, status, severity, self.expected, **(common | told))


@dataclass(frozen=True, slots=True)
class Marker:
    """Which rows of the check's own table fail, batch by batch, and the columns that must be read to tell."""

    columns: tuple[str, ...]
    broken: Broken


@runtime_checkable
class Marks(Protocol):
    """A check that can say which rows fail: those that go into quarantine."""

    def marker(self, states: States, tables: Tables) -> Marker:
        """How to tell, when all rows are in.

        Raises:
            UnreadableError: that can't be said.
        """
        ...


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

    __slots__ = ("count", "most", "rows", "samples")

    def __init__(self, most: int = MOST_SAMPLES) -> None:
        self.most = most
        self.rows = 0
        self.count = 0
        self.samples: list[Sample] = []

    def add(self, view: View, broken: Mask, columns: tuple[str, ...]) -> None:
        """Take in which rows of a batch fail, shape (n,)."""
        self.rows += view.rows
        count = int(broken.sum())
        if count:
            self.count += count
            self._keep(view.samples(broken, columns, self.most))

    def merge(self, other: Failures) -> None:
        """Take in the failures of other batches."""
        self.rows += other.rows
        self.count += other.count
        self._keep(other.samples)

    def _keep(self, samples: list[Sample]) -> None:
        self.samples = sorted([*self.samples, *samples], key=lambda sample: sample.row or 0)[: self.most]


def found_again(views: Iterator[View], columns: tuple[str, ...], broken: Broken, most: int = MOST_SAMPLES) -> Failures:
    """The failing rows of a second pass; `most` of them are kept as samples."""
    failures = Failures(most)
    for view in views:
        failures.add(view, broken(view), columns)
    return failures


class Broken(Protocol):
    """Which rows of a batch fail."""

    def __call__(self, view: View) -> Mask:
        """A mask of shape (n,)."""
        ...
