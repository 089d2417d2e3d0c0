"""Checks of moments: how they are spread over hours and weekdays, how old the newest is, days with odd numbers of rows, gaps."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Promise, States, Tables
from seedbed.check.figures import Summarised, summary_of
from seedbed.check.outcome import CheckResult
from seedbed.check.view import UnreadableError, View
from seedbed.core.calendar import DAY_US
from seedbed.core.records import dataclass
from seedbed.stats.periods import Periods
from seedbed.stats.series import series_of, volume_anomalies


@dataclass(slots=True)
class PeriodsState:
    """How many moments each hour has."""

    column: str
    periods: Periods = field(default_factory=Periods)

    def update(self, view: View) -> None:
        """Count a batch, by the clocks of the column's time zone."""
        moments = view.local_moments(self.column)
        valid = view.valid(self.column)
        self.periods.add(moments if valid is None else moments[valid])

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.periods.merge(other.periods)


@dataclass(frozen=True, slots=True)
class PeriodsOf:
    """How a column's moments are spread over time."""

    table: str
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> PeriodsState:
        """Nothing counted yet."""
        return PeriodsState(self.column)


@dataclass(frozen=True, slots=True)
class ProfileCheck:
    """The share of each hour of the day, or day of the week, is at most `tolerance` and the play of chance from the one expected.

    `strata` are those whose shares are compared; the chance of a share p of n is taken as four deviations, sqrt(p (1 - p) / n), where
    `with_chance` says so.
    """

    about: Promise
    measure: PeriodsOf
    by: Literal["hour", "dow", "month"]
    shares: tuple[float, ...]
    tolerance: float
    with_chance: bool = False

    @property
    def measures(self) -> tuple[PeriodsOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the shares."""
        rows = states.rows(self.about.table)
        periods = states.of(self.measure).periods
        if not periods.total:
            raise UnreadableError(f"`{self.measure.column}` holds no time")
        counts = {"hour": periods.by_hour, "dow": periods.by_weekday, "month": periods.by_month}[self.by]()
        if counts is None:
            raise UnreadableError(f"`{self.measure.column}` holds no times of day")
        wanted = np.array(self.shares) / sum(self.shares)
        found = counts / periods.total
        chance = 4 * np.sqrt(wanted * (1 - wanted) / periods.total) if self.with_chance else 0.0
        apart = np.abs(found - wanted)
        worst = int(np.argmax(apart - chance))
        details = {"expected": wanted.tolist(), "observed": found.tolist(), "by": self.by}
        observed = f"{self.by} {worst}: {found[worst]:.4f}, not {wanted[worst]:.4f}"
        if (apart <= self.tolerance + chance).all():
            return self.about.passed(rows, f"at most {float(apart.max()):.4f} off", details=details)
        return self.about.failed(rows, 0, observed, details=details)


@dataclass(frozen=True, slots=True)
class FreshnessCheck:
    """The newest moment is at most `most_us` before `now`, and not after it; both in microseconds."""

    about: Promise
    measure: Summarised
    now: int
    most_us: int
    is_date: bool
    allows_future: bool

    @property
    def measures(self) -> tuple[Summarised, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the newest moment with the clock."""
        rows = states.rows(self.about.table)
        newest = int(summary_of(states, self.measure).high) * (DAY_US if self.is_date else 1)
        age = self.now - newest
        observed = (
            f"newest {np.datetime64(newest, 'us').astype('datetime64[s]')}, {duration_text(abs(age))} {'old' if age >= 0 else 'ahead'}"
        )
        is_fresh = age <= self.most_us and (age >= 0 or self.allows_future)
        return self.about.passed(rows, observed) if is_fresh else self.about.failed(rows, 0, observed)


def duration_text(us: int) -> str:
    """A duration for people.

    >>> duration_text(90_000_000), duration_text(200_000_000_000)
    ('90 s', '55.6 h')
    """
    seconds = us / 1_000_000
    for size, unit, most in ((1, "s", 120), (60, "min", 120), (3600, "h", 72)):
        if seconds < size * most:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86_400:.3g} days"


@dataclass(frozen=True, slots=True)
class VolumeCheck:
    """No more than `most` periods (days, or what the data's span has 21 of) have far more or fewer rows than their like around."""

    about: Promise
    measure: PeriodsOf
    limit: float
    most: int

    @property
    def measures(self) -> tuple[PeriodsOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Look for odd periods."""
        rows = states.rows(self.about.table)
        periods = states.of(self.measure).periods
        if not periods.total:
            raise UnreadableError(f"`{self.measure.column}` holds no time")
        line = series_of(periods)
        if line is None:
            return self.about.passed(rows, "no odd period: there are too few to have their like")
        odd, text = volume_anomalies(line, self.limit), line.step.text
        told = "; ".join(f"{text(one.period)}: {one.count:,} rows, {one.expected:,.0f} usual" for one in odd[:5])
        if len(odd) <= self.most:
            return self.about.passed(rows, told or f"no odd {line.step.name}")
        days = [text(period) for period in line.periods.tolist()]
        details = {"days": days, "counts": line.counts.tolist(), "odd": [text(one.period) for one in odd]}
        return self.about.failed(rows, 0, f"{len(odd)} odd {line.step.name}s: {told}", details=details)


@dataclass(slots=True)
class GapState:
    """The least and greatest moment in each stretch that is as long as the greatest gap allowed."""

    measure: GapsOf
    stretches: dict[int, tuple[int, int]] = field(default_factory=dict)

    def update(self, view: View) -> None:
        """Take in a batch."""
        moments = view.moments(self.measure.column)
        valid = view.valid(self.measure.column)
        moments = np.sort(moments if valid is None else moments[valid])
        if not len(moments):
            return
        stretch = moments // self.measure.width_us
        first = np.flatnonzero(np.concatenate([[True], stretch[1:] != stretch[:-1]]))
        last = np.concatenate([first[1:] - 1, [len(moments) - 1]])
        for name, low, high in zip(stretch[first].tolist(), moments[first].tolist(), moments[last].tolist(), strict=True):
            self._take(name, low, high)

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        for name, (low, high) in other.stretches.items():
            self._take(name, low, high)

    def _take(self, name: int, low: int, high: int) -> None:
        known = self.stretches.get(name)
        self.stretches[name] = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))

    def gaps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each gap begins and ends."""
        ends = np.array([self.stretches[name] for name in sorted(self.stretches)], np.int64).reshape(-1, 2)
        after = np.flatnonzero(ends[1:, 0] - ends[:-1, 1] > self.measure.width_us)
        return ends[after, 1], ends[after + 1, 0]


@dataclass(frozen=True, slots=True)
class GapsOf:
    """Moments that follow each other further apart than `width_us`."""

    table: str
    column: str
    width_us: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> GapState:
        """No moment yet."""
        return GapState(self)


@dataclass(frozen=True, slots=True)
class GapCheck:
    """No two moments that follow each other are further apart."""

    about: Promise
    measure: GapsOf

    @property
    def measures(self) -> tuple[GapsOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Look for gaps."""
        rows = states.rows(self.about.table)
        state = states.of(self.measure)
        if not state.stretches:
            raise UnreadableError(f"`{self.measure.column}` holds no time")
        starts, ends = state.gaps()
        if not len(starts):
            return self.about.passed(rows, "no gap")
        worst = int(np.argmax(ends - starts))
        told = f"{np.datetime64(int(starts[worst]), 'us').astype('datetime64[s]')} to {np.datetime64(int(ends[worst]), 'us').astype('datetime64[s]')}"
        return self.about.failed(rows, 0, f"{len(starts):,} gaps, the longest from {told}")
