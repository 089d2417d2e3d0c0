"""What a moment is for the people who live by it: the hour their clocks show, the day of the week, a holiday or not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from seedbed.core import holidays
from seedbed.core.calendar import DAY_US, civil_from_days, day_of_week
from seedbed.core.draw import Ints
from seedbed.core.records import dataclass
from seedbed.core.zones import Zone, zone

_HOUR_US = DAY_US // 24


@dataclass(frozen=True)
class Clock:
    """A time zone and a country's holidays, where a model names them; else moments are local times as they are."""

    zone: Zone | None = None
    holidays: Ints | None = None

    def local(self, moments: Ints) -> Ints:
        """The local time of each moment, shape (n,)."""
        return moments if self.zone is None else self.zone.local(moments)

    def instants(self, local: Ints) -> Ints:
        """The moment of each local time, shape (n,)."""
        return local if self.zone is None else self.zone.instants(local)

    def places(self, moments: Ints, dimension: str) -> Ints:
        """The place of each moment in a pattern, shape (n,): hour 0-23, weekday 0-6 (Monday 0), month 0-11, holiday 1 (else 0)."""
        return self.places_of_local(self.local(moments), dimension)

    def places_of_local(self, local: Ints, dimension: str) -> Ints:
        """The same of local times."""
        if dimension == "hour":
            return (local // _HOUR_US) % 24
        days = local // DAY_US
        if dimension == "dow":
            return day_of_week(days)
        if dimension == "month":
            return civil_from_days(days)[1] - 1
        assert self.holidays is not None
        return holidays.is_holiday(days, self.holidays).astype(np.int64)

    @property
    def on_wall(self) -> Clock:
        """The clock of times that are local already: dates."""
        return self if self.zone is None else Clock(None, self.holidays)


#: The clock of models without a time zone and a calendar.
NAIVE = Clock()


@lru_cache(maxsize=64)
def clock(tz: str | None, calendar: str | None) -> Clock:
    """The clock of a time zone and a calendar, by their names.

    >>> new_year = 19_723 * DAY_US  # 2024-01-01
    >>> clock(None, "DE").places(np.array([new_year]), "holiday").tolist()
    [1]
    """
    if tz is None and calendar is None:
        return NAIVE
    return Clock(None if tz is None else zone(tz), None if calendar is None else holidays.holidays(calendar))
