"""How moments are spread: over hours of the day, days of the week, months, and along time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from seedbed.stats.values import DAY_US, Counts, Numbers

#: What is counted is as fine as there is room: minutes, then hours, then days.
WIDTHS_US = (60_000_000, DAY_US // 24, DAY_US)

#: More different minutes than these (a day and a half) are counted as hours, more hours (114 years of them) as days.
_MOST = (2_000, 1_000_000)


def _none() -> Counts:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Periods:
    """How many moments there are in each minute since 1970 that has any, shapes (k,) and (k,); in each hour at `level` 1, day at 2."""

    starts: Counts = field(default_factory=_none)
    counts: Counts = field(default_factory=_none)
    level: int = 0
    midnights: int = 0
    most_hours: int = _MOST[1]

    def add(self, moments: Numbers) -> None:
        """Take in moments, shape (n,): microseconds since 1970, as a clock on the wall shows them."""
        if len(moments):
            self.midnights += int((moments % DAY_US == 0).sum())
            self._take(*np.unique(moments // WIDTHS_US[self.level], return_counts=True))

    def merge(self, other: Self) -> None:
        """Take in another's moments."""
        self.midnights += other.midnights
        if other.level > self.level:
            self._widen(other.level)
        self._take(other.starts // (WIDTHS_US[self.level] // WIDTHS_US[other.level]), other.counts)

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
        if self.level == 2 or not self.has_times:
            return None
        return _summed(self.starts // (WIDTHS_US[1] // WIDTHS_US[self.level]) % 24, self.counts, 24)

    def by_weekday(self) -> Counts:
        """How many on each day of the week, Monday first, shape (7,)."""
        return _summed((self._days + 3) % 7, self.counts, 7)  # 1970 began on a Thursday

    def by_month(self) -> Counts:
        """How many in each month of the year, shape (12,)."""
        months = self._days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return _summed(months % 12, self.counts, 12)

    def days(self) -> tuple[Counts, Counts]:
        """Each day since 1970 that has any, and how many; shapes (k,) and (k,)."""
        return self.of_width(DAY_US)

    def of_width(self, width_us: int) -> tuple[Counts, Counts]:
        """Each stretch since 1970 of that width, no finer than what was kept, that has any, and how many; shapes (k,) and (k,)."""
        found, group = np.unique(self.starts // (width_us // WIDTHS_US[self.level]), return_inverse=True)
        return found, _summed(group, self.counts, len(found))

    @property
    def _days(self) -> Counts:
        return self.starts // (DAY_US // WIDTHS_US[self.level])

    def _take(self, starts: Counts, counts: Counts) -> None:
        found, group = np.unique(np.concatenate([self.starts, starts]), return_inverse=True)
        self.counts = _summed(group, np.concatenate([self.counts, counts]), len(found))
        self.starts = found
        if self.level < 2 and len(found) > (_MOST[0], self.most_hours)[self.level]:
            self._widen(self.level + 1)
            self._take(_none(), _none())

    def _widen(self, level: int) -> None:
        self.starts = self.starts // (WIDTHS_US[level] // WIDTHS_US[self.level])
        self.level = level


def _summed(groups: Counts, counts: Counts, size: int) -> Counts:
    total = np.zeros(size, np.int64)
    np.add.at(total, groups, counts)
    return total
