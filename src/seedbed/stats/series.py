"""Periods with far more or fewer rows than their like, and stretches without any: minutes, hours, days, weeks or months.

Which of them is looked at follows from the span of the data: 21 of them at least, so that each has its like, and the finest that are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from seedbed.core.records import dataclass
from seedbed.stats.periods import WIDTHS_US, Periods
from seedbed.stats.values import DAY_US, Counts, Floats

#: A period is compared with so many of its like before and after it.
_LIKE = 4

#: The MAD of a normal distribution is so much of its deviation.
_MAD_OF_NORMAL = 0.6744897501960817

#: A shorter series has no like periods.
_LEAST = 21

#: A longer one is not looked at day by day: 547 years.
_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of period; `cycle` of them are a greater one, in which each has its place: days in a week, hours in a day."""

    name: str
    width_us: int
    cycle: int = 1
    place: str = ""

    def text(self, period: int) -> str:
        """A period since 1970 in ISO 8601, weeks by their Monday.

        >>> STEPS[1].text(48), STEPS[2].text(1), STEPS[4].text(14)
        ('1970-01-03 00:00', '1970-01-02', '1971-03')
        """
        if self.name == "month":
            return str(np.datetime64(period, "M"))
        if self.name == "week":
            return str(np.datetime64(period * 7 - 3, "D"))  # 1970 began on a Thursday
        if abs(period) * self.width_us >= 2**62:
            return str(period)
        if self.name == "day":
            return str(np.datetime64(period, "D"))
        return str(np.datetime64(period * self.width_us, "us").astype("datetime64[m]")).replace("T", " ")


STEPS = (
    Step("minute", WIDTHS_US[0]),
    Step("hour", WIDTHS_US[1], 24, "the same hour of the days before and after"),
    Step("day", DAY_US, 7, "the same weekday before and after"),
    Step("week", 7 * DAY_US),
    Step("month", 0, 12, "the same month of the years before and after"),
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods of a step that have rows, rising, and how many, shapes (k,)."""

    step: Step
    periods: Counts
    counts: Counts

    @property
    def span(self) -> int:
        """How many periods there are from the first to the last."""
        return int(self.periods[-1] - self.periods[0]) + 1 if len(self.periods) else 0

    @property
    def cycle(self) -> int:
        """How many periods apart the like of a period are."""
        return self.step.cycle if self.span >= 3 * self.step.cycle else 1


@dataclass(frozen=True, slots=True)
class VolumeAnomaly:
    """A period whose count is far from what its like let expect; `neighbours` are the counts of those beside it."""

    period: int
    count: int
    expected: float
    score: float
    neighbours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Periods `first` to `last` without any row, where so many rows a period were usual."""

    first: int
    last: int
    usual: float

    @property
    def length(self) -> int:
        """How many periods."""
        return self.last - self.first + 1


def timelines(periods: Periods) -> Iterator[Timeline]:
    """The counts by the finest step of which the data span 21, then by the coarser ones of which they do, the finest first."""
    for step in STEPS:
        if step.width_us == 0 or step.width_us >= WIDTHS_US[periods.level]:
            found = Timeline(step, *_counted(periods, step))
            if _LEAST <= found.span <= _MOST:
                yield found


def _counted(periods: Periods, step: Step) -> tuple[Counts, Counts]:
    if step.name in ("minute", "hour", "day"):
        return periods.of_width(step.width_us)
    days, counts = periods.days()
    months: Counts = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    starts = (days + 3) // 7 if step.name == "week" else months
    found, group = np.unique(starts, return_inverse=True)
    return found, np.bincount(group, counts, len(found)).astype(np.int64)


def series_of(periods: Periods) -> Timeline | None:
    """The finest timeline in which half of the periods have rows; None where there is none."""
    return next((line for line in timelines(periods) if len(line.periods) >= line.span / 2), None)


def daily(days: Counts, counts: Counts) -> Counts:
    """The count of each day from the first to the last, those of days without any 0; shape (m,)."""
    if not len(days):
        return np.zeros(0, np.int64)
    series = np.zeros(int(days[-1] - days[0]) + 1, np.int64)
    series[days - days[0]] = counts
    return series


def volume_anomalies(line: Timeline, limit: float = 5.0) -> list[VolumeAnomaly]:
    """Periods whose count is more than `limit` deviations from the median of their like around; the worst first.

    A deviation is the greater of the usual one (the MAD of shares of what is expected) and that of pure chance, the root of what is
    expected. The first and the last period may be cut, so only too many rows are told of them; periods without rows are gaps.
    """
    if not _is_series(line) or len(line.periods) < line.span / 2:
        return []
    series = daily(line.periods, line.counts)
    expected = _like(series, line.cycle)
    apart = series - expected
    relative = float(np.median(np.abs(apart) / np.maximum(expected, 1.0))) / _MAD_OF_NORMAL
    scale = np.maximum(np.sqrt(np.maximum(expected, 1.0)), relative * expected)
    scores = apart / scale
    odd = np.abs(scores) > limit
    odd[series == 0] = False
    odd[[0, -1]] &= scores[[0, -1]] > 0
    found = [_anomaly(series, at, line, float(expected[at]), float(scores[at])) for at in np.flatnonzero(odd).tolist()]
    return sorted(found, key=lambda anomaly: -abs(anomaly.score))


def gaps(line: Timeline, least: float = 1e-6) -> list[Gap]:
    """Stretches without rows that chance makes rarer than `least`, given the rows of their like around; the longest first."""
    if not _is_series(line):
        return []
    series = daily(line.periods, line.counts)
    usual = _like(series, line.cycle)
    empty = np.flatnonzero(series == 0)
    breaks = np.flatnonzero(np.diff(empty) > 1) + 1
    start = int(line.periods[0])
    found = []
    for stretch in np.split(empty, breaks):
        if len(stretch):
            expected = _usual_beside(series, usual, int(stretch[0]), int(stretch[-1]), line.cycle)
            if expected > -math.log(least):
                found.append(Gap(int(start + stretch[0]), int(start + stretch[-1]), expected / len(stretch)))
    return sorted(found, key=lambda gap: -gap.length)


def _is_series(line: Timeline) -> bool:
    """Whether the periods are enough, and no more than some centuries of days, which a mistyped year makes."""
    return _LEAST <= line.span <= _MOST


def _like(series: Counts, cycle: int) -> Floats:
    """The median of the like around each period, itself left out; shape (m,)."""
    beside = _beside(series, cycle)
    if cycle == 1:
        beside[beside == 0] = np.nan  # what lies beside a gap would seem too much
    beside.sort(axis=0)  # NaN comes last
    known = np.count_nonzero(~np.isnan(beside), axis=0)
    low, high = (np.take_along_axis(beside, np.maximum(place, 0)[None], axis=0)[0] for place in ((known - 1) // 2, known // 2))
    median: Floats = np.where(known > 0, (low + np.where(known % 2 == 1, low, high)) / 2, 0.0)
    return median


def _beside(series: Counts, cycle: int) -> Floats:
    """The counts of the like some cycles before and after, NaN beyond the ends; shape (2 * _LIKE, m)."""
    rows = np.full((2 * _LIKE, len(series)), np.nan)
    for place, turn in enumerate(turn for turn in range(-_LIKE, _LIKE + 1) if turn):
        shift = cycle * turn
        if abs(shift) < len(series):
            if shift > 0:
                rows[place, :-shift] = series[shift:]
            else:
                rows[place, -shift:] = series[:shift]
    return rows


def _usual_beside(series: Counts, usual: Floats, first: int, last: int, cycle: int) -> float:
    """How many rows a stretch would have: by the like around, or by the same number of periods on both sides where they are empty too."""
    length = last - first + 1
    around = np.concatenate([series[max(0, first - length) : first], series[last + 1 : last + 1 + length]])
    mean = float(around.mean()) * length if len(around) else 0.0
    likely = float(usual[first : last + 1].sum())
    return min(mean, likely) if length < cycle * _LIKE else mean


def _anomaly(series: Counts, at: int, line: Timeline, expected: float, score: float) -> VolumeAnomaly:
    near = [at + line.cycle * turn for turn in (-2, -1, 1, 2) if 0 <= at + line.cycle * turn < len(series)]
    return VolumeAnomaly(int(line.periods[0]) + at, int(series[at]), expected, score, tuple(series[near].tolist()))
