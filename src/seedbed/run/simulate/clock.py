"""The clock that events happen by: one that jumps from event to event, and one that waits."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

from seedbed.core.records import dataclass

#: When simulated time begins where nothing else is said; fixed, so that equal runs write equal files.
BEGINNING = dt.datetime(2024, 9, 2, 8, 0, 0)  # noqa: DTZ001 - simulated: of no zone


class Clock(Protocol):
    """Says when simulated seconds are, and waits for them or doesn't."""

    def until(self, seconds: float) -> None:
        """Return when so many seconds have passed since the beginning."""
        ...

    def moment(self, seconds: float) -> dt.datetime:
        """The time of day so many seconds after the beginning."""
        ...


@dataclass(frozen=True, slots=True)
class JumpingClock:
    """Waits for nothing.

    >>> JumpingClock().moment(90).isoformat()
    '2024-09-02T08:01:30'
    """

    beginning: dt.datetime = BEGINNING

    def until(self, seconds: float) -> None:
        """Be there at once."""

    def moment(self, seconds: float) -> dt.datetime:
        """The beginning and so many seconds, to the microsecond."""
        return self.beginning + dt.timedelta(microseconds=round(seconds * 1e6))


class WaitingClock:
    """Goes as fast as the wall's: it begins when it is made."""

    def __init__(self) -> None:
        self._beginning = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._began = time.monotonic()

    def until(self, seconds: float) -> None:
        """Sleep until then."""
        left = self._began + seconds - time.monotonic()
        if left > 0:
            time.sleep(left)

    def moment(self, seconds: float) -> dt.datetime:
        """The time in UTC when the clock was made, and so many seconds."""
        return self._beginning + dt.timedelta(microseconds=round(seconds * 1e6))
