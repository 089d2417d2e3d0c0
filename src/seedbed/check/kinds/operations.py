"""Kinds of checks about the running of things: how fresh data are, how many, gaps, and queries of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedbed.check.check import Check, Promise, States, Tables
from seedbed.check.clocks import FreshnessCheck, GapCheck, GapsOf, PeriodsOf, VolumeCheck
from seedbed.check.figures import Summarised
from seedbed.check.kinds.bounds import range_text
from seedbed.check.kinds.scope import Scope, promise, quoted
from seedbed.check.outcome import CheckResult
from seedbed.check.rules import Touch
from seedbed.check.view import UnreadableError
from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass
from seedbed.model.checks import across as params

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def duration_us(text: str) -> int:
    """A duration in microseconds.

    >>> duration_us("1.5 hours"), duration_us("2d")
    (5400000000, 172800000000)
    """
    found = re.match(r"([0-9.]+) ?([a-z])", text)
    assert found is not None  # the model's pattern
    return round(float(found[1]) * _UNITS[found[2]] * 1_000_000)


@dataclass(frozen=True, slots=True)
class RowCountCheck:
    """The table has so many rows."""

    about: Promise
    low: float | None
    high: float | None

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of the table."""
        return (Touch(self.about.table),)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the number of rows."""
        rows = states.rows(self.about.table)
        is_within = (self.low is None or rows >= self.low) and (self.high is None or rows <= self.high)
        return self.about.passed(rows, rows) if is_within else self.about.failed(rows, 0, rows)


def row_count(spec: params.RowCount, scope: Scope) -> Iterator[Check]:
    """How many rows there are."""
    query = f"SELECT count(*) FROM {quoted(scope.table)}" + (f" WHERE {spec.where}" if spec.where else "")  # noqa: S608 - shown, not run
    yield RowCountCheck(promise(spec, scope, (), f"{range_text(spec.min, spec.max)} rows", query=query), spec.min, spec.max)


def freshness(spec: params.Freshness, scope: Scope) -> Iterator[Check]:
    """How old the newest moment is."""
    if scope.now is None:
        raise UnreadableError("nobody says what time it is")
    name = scope.time(spec.column)
    about = promise(spec, scope, (name,), f"at most {spec.max_age} old", query=f"SELECT max({quoted(name)}) FROM {quoted(scope.table)}")  # noqa: S608 - shown, not run
    is_date = scope.column(name) is ColumnType.DATE
    yield FreshnessCheck(about, Summarised(scope.table, name, "extremes"), scope.now, duration_us(spec.max_age), is_date, spec.future)


def volume_anomaly(spec: params.VolumeAnomaly, scope: Scope) -> Iterator[Check]:
    """Days with odd numbers of rows."""
    about = promise(spec, scope, (spec.column,), f"at most {spec.max} odd days")
    yield VolumeCheck(about, PeriodsOf(scope.table, scope.time(spec.column)), spec.limit, spec.max)


def gap(spec: params.Gap, scope: Scope) -> Iterator[Check]:
    """Moments far apart."""
    about = promise(spec, scope, (spec.column,), f"no gap longer than {spec.max}")
    yield GapCheck(about, GapsOf(scope.table, scope.time(spec.column), max(duration_us(spec.max), 1)))


@dataclass(frozen=True, slots=True)
class SqlCheck:
    """A query of the author's finds no row; it runs where the data are, for reading only."""

    about: Promise
    sql: str

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of the table."""
        return (Touch(self.about.table),)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Run the query and count its rows."""
        rows = states.rows(self.about.table)
        found = tables.select(self.about.table, self.sql, self.about.samples)
        if not found.count:
            return self.about.passed(rows)
        return self.about.failed(rows, found.count, f"{found.count:,} rows", found.samples)


def sql(spec: params.SqlCheck, scope: Scope) -> Iterator[Check]:
    """A query of the author's own."""
    if not scope.is_database:
        raise UnreadableError("these data are in no database: `sql` runs only there")
    if re.match(r"\s*(select|with|values|from)\b", spec.query, re.IGNORECASE) is None:
        raise UnreadableError("the query is no SELECT")
    yield SqlCheck(promise(spec, scope, (), "no row", query=spec.query), spec.query)
