"""How moments are spread: over hours of the day, days of the week, months, and along time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from seedbed.stats.values import DAY_US, Counts, Numbers

_HOUR_US = DAY_US // 24

#: More different hours than these are counted as days: 114 years of hours.
_MOST_HOURS = 1_000_000


def _none() -> Counts:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Periods:
    """How many moments there are in each hour since 1970 that has any, shapes (k,) and (k,); `hours` are days' first ones once `by_day`."""

    hours: Counts = field(default_factory=_none)
    counts: Counts = field(default_factory=_none)
    by_day: bool = False
    midnights: int = 0

    def add(self, moments: Numbers) -> None:
        """Take in moments, shape (n,): microseconds since 1970, as a clock on the wall shows them."""
        if len(moments):
            self.midnights += int((moments % DAY_US == 0).sum())
            hours, counts = np.unique(moments // _HOUR_US, return_counts=True)
            self._take(hours, counts)

    def merge(self, other: Self) -> None:
        """Take in another's moments."""
        self.midnights += other.midnights
        self.by_day |= other.by_day
        self._take(other.hours, other.counts)

    @property
    def total(self) -> int:
        """How many moments."""
        return int(self.counts.sum())

    @property
    def has_times(self) -> bool:
        """Whether any moment is not midnight."""
        return self.midnights < self.total

    def by_hour(self) -> Counts | None:
        """How many in each hour of the day, shape (24,); None where all are midnights or hours were not kept."""
        if self.by_day or not self.has_times:
            return None
        return _summed(self.hours % 24, self.counts, 24)

    def by_weekday(self) -> Counts:
        """How many on each day of the week, Monday first, shape (7,)."""
        return _summed((self.hours // 24 + 3) % 7, self.counts, 7)  # 1970 began on a Thursday

    def by_month(self) -> Counts:
        """How many in each month of the year, shape (12,)."""
        months = (self.hours // 24).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return _summed(months % 12, self.counts, 12)

    def days(self) -> tuple[Counts, Counts]:
        """Each day since 1970 that has any, and how many; shapes (k,) and (k,)."""
        days, group = np.unique(self.hours // 24, return_inverse=True)
        return days, _summed(group, self.counts, len(days))

    def _take(self, hours: Counts, counts: Counts) -> None:
        if self.by_day:
            hours = hours // 24 * 24
            self.hours = self.hours // 24 * 24
        found, group = np.unique(np.concatenate([self.hours, hours]), return_inverse=True)
        self.counts = _summed(group, np.concatenate([self.counts, counts]), len(found))
        self.hours = found
        if len(found) > _MOST_HOURS and not self.by_day:
            self.by_day = True
            self._take(_none(), _none())


def _summed(groups: Counts, counts: Counts, size: int) -> Counts:
    total = np.zeros(size, np.int64)
    np.add.at(total, groups, counts)
    return total
