"""Time zones: the local time of moments and back, summer time included.

Moments are microseconds since 1970 in UTC; local times are microseconds since 1970 as a clock on the wall shows them. The rules come
from the `tzdata` package, never from the machine, so that its version tells the bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np

from seedbed.core.draw import Ints
from seedbed.core.records import dataclass

#: The years whose moments have a local time here: before, towns kept their own; after, nobody knows the rules.
FIRST_YEAR, LAST_YEAR = 1900, 2100

_SECOND = 1_000_000

#: No zone changes its offset twice within a week; a test looks at every day of all of them.
_STEP_S = 7 * 86_400
_FIRST_S = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
_LAST_S = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Zone:
    """A zone's offsets: from moment `starts[i]` on, local time is the moment plus `offsets[i]`; both of shape (k,)."""

    name: str
    starts: Ints
    offsets: Ints

    def offset(self, moments: Ints) -> Ints:
        """What local time is ahead of each moment, shape (n,)."""
        if len(self.offsets) == 1:
            return np.full(len(moments), self.offsets[0])
        place = np.maximum(np.searchsorted(self.starts, moments, side="right") - 1, 0)
        return self.offsets.take(place)

    def local(self, moments: Ints) -> Ints:
        """The local time of each moment, shape (n,).

        >>> berlin, hour = zone("Europe/Berlin"), 3_600_000_000
        >>> (berlin.local(np.array([0])) // hour).tolist()
        [1]
        """
        return moments + self.offset(moments)

    def instants(self, local: Ints) -> Ints:
        """The moment of each local time, shape (n,): the first where clocks show it twice, that of the jump where they leave it out."""
        place = np.minimum(np.searchsorted(self._local_ends, local, side="right"), len(self.offsets) - 1)
        found: Ints = np.maximum(local - self.offsets.take(place), self.starts.take(place))
        return found

    @cached_property
    def _local_ends(self) -> Ints:
        """The local time at which each offset ends, shape (k - 1,)."""
        return np.maximum.accumulate(self.starts[1:] + self.offsets[:-1])

    def between(self, first: int, last: int) -> Zone:
        """The zone with those changes alone that lie after `first` and not after `last`."""
        inside = np.flatnonzero((self.starts > first) & (self.starts <= last))
        begin = int(np.searchsorted(self.starts, first, side="right")) - 1
        kept = np.concatenate([[max(begin, 0)], inside])
        return Zone(self.name, self.starts[kept], self.offsets[kept])


@lru_cache(maxsize=64)
def zone(name: str) -> Zone:
    """The zone of that name, `Europe/Berlin`.

    Raises:
        ValueError: there is none.
    """
    if name not in zone_names():
        raise ValueError(f"there is no time zone `{name}`")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        rules = ZoneInfo.from_file(file, name)

    def offset(second: int) -> int:
        found = (_EPOCH + timedelta(seconds=second)).astimezone(rules).utcoffset()
        assert found is not None
        return found // timedelta(seconds=1)

    starts, offsets = [_FIRST_S], [offset(_FIRST_S)]
    for begin in range(_FIRST_S, _LAST_S, _STEP_S):
        after = offset(begin + _STEP_S)
        if after != offsets[-1]:
            low, high = begin, begin + _STEP_S  # the offset changes after low, at high or before
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            starts.append(high)
            offsets.append(after)
    starts[0] = -(2**62) // _SECOND
    return Zone(name, np.array(starts, dtype=np.int64) * _SECOND, np.array(offsets, dtype=np.int64) * _SECOND)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all zones, `UTC` among them."""
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split())


def zones_version() -> str:
    """The version of the `tzdata` package that the rules come from."""
    return str(import_module("tzdata").__version__)  # asking importlib.metadata would take 5 ms of each run
