"""Days with far more or fewer rows than their like, and stretches without any."""

from __future__ import annotations

import math

import numpy as np

from seedbed.core.records import dataclass
from seedbed.stats.values import Counts, Floats

#: A day is compared with the same weekdays so many weeks before and after it.
_WEEKS = 4

#: The MAD of a normal distribution is so much of its deviation.
_MAD_OF_NORMAL = 0.6744897501960817

#: A series shorter than that has no like days.
_LEAST_DAYS = 21

#: A longer one is not looked at day by day: 547 years.
_MOST_DAYS = 200_000


@dataclass(frozen=True, slots=True)
class VolumeAnomaly:
    """A day (since 1970) whose count is far from what its neighbours let expect; `neighbours` are the counts of the like days beside it."""

    day: int
    count: int
    expected: float
    score: float
    neighbours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Days `first` to `last` (since 1970) without any row, where so many rows a day were usual."""

    first: int
    last: int
    usual: float

    @property
    def days(self) -> int:
        """How many days."""
        return self.last - self.first + 1


def daily(days: Counts, counts: Counts) -> Counts:
    """The count of each day from the first to the last, those of days without any 0; shape (m,)."""
    if not len(days):
        return np.zeros(0, np.int64)
    series = np.zeros(int(days[-1] - days[0]) + 1, np.int64)
    series[days - days[0]] = counts
    return series


def volume_anomalies(days: Counts, counts: Counts, limit: float = 5.0) -> list[VolumeAnomaly]:
    """Days whose count is more than `limit` deviations from the median of the same weekdays around; the worst first.

    Days and counts have shapes (k,), the days rising. A deviation is the greater of the usual one (the MAD of shares of what is expected)
    and that of pure chance, the root of what is expected. The first and the last day may be cut, so only too many rows are told of them; days without rows are gaps.
    """
    if not _is_series(days) or len(days) < (days[-1] - days[0] + 1) / 2:
        return []
    series = daily(days, counts)
    expected = _like(series)
    apart = series - expected
    relative = float(np.median(np.abs(apart) / np.maximum(expected, 1.0))) / _MAD_OF_NORMAL
    scale = np.maximum(np.sqrt(np.maximum(expected, 1.0)), relative * expected)
    scores = apart / scale
    odd = np.abs(scores) > limit
    odd[series == 0] = False
    odd[[0, -1]] &= scores[[0, -1]] > 0
    found = [_anomaly(series, at, int(days[0]), float(expected[at]), float(scores[at])) for at in np.flatnonzero(odd).tolist()]
    return sorted(found, key=lambda anomaly: -abs(anomaly.score))


def gaps(days: Counts, counts: Counts, least: float = 1e-6) -> list[Gap]:
    """Stretches of days without rows that chance makes rarer than `least`, given the rows of the same weekdays around; the longest first."""
    if not _is_series(days):
        return []
    series = daily(days, counts)
    usual = _like(series)
    empty = np.flatnonzero(series == 0)
    breaks = np.flatnonzero(np.diff(empty) > 1) + 1
    found = []
    for stretch in np.split(empty, breaks):
        if len(stretch):
            expected = _usual_beside(series, usual, int(stretch[0]), int(stretch[-1]))
            if expected > -math.log(least):
                found.append(Gap(int(days[0] + stretch[0]), int(days[0] + stretch[-1]), expected / len(stretch)))
    return sorted(found, key=lambda gap: -gap.days)


def _is_series(days: Counts) -> bool:
    """Whether the days span weeks, and no more than some centuries, which a mistyped year makes."""
    return len(days) > 0 and _LEAST_DAYS <= days[-1] - days[0] + 1 <= _MOST_DAYS


def _like(series: Counts) -> Floats:
    """The median of the same weekdays around each day, itself left out; shape (m,)."""
    beside = _beside(series)
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.nanmedian(beside, axis=0))


def _beside(series: Counts) -> Floats:
    """The counts of the same weekday some weeks before and after, NaN beyond the ends; shape (2 * _WEEKS, m)."""
    rows = np.full((2 * _WEEKS, len(series)), np.nan)
    for place, week in enumerate(week for week in range(-_WEEKS, _WEEKS + 1) if week):
        shift = 7 * week
        if abs(shift) < len(series):
            if shift > 0:
                rows[place, :-shift] = series[shift:]
            else:
                rows[place, -shift:] = series[:shift]
    return rows


def _usual_beside(series: Counts, usual: Floats, first: int, last: int) -> float:
    """How many rows a stretch would have: by the weekdays around, or by the same number of days on both sides where they are empty too."""
    length = last - first + 1
    around = np.concatenate([series[max(0, first - length) : first], series[last + 1 : last + 1 + length]])
    mean = float(around.mean()) * length if len(around) else 0.0
    likely = float(usual[first : last + 1].sum())
    return min(mean, likely) if length < 7 * _WEEKS else mean


def _anomaly(series: Counts, at: int, start: int, expected: float, score: float) -> VolumeAnomaly:
    near = [at + 7 * week for week in (-2, -1, 1, 2) if 0 <= at + 7 * week < len(series)]
    return VolumeAnomaly(start + at, int(series[at]), expected, score, tuple(series[near].tolist()))
