"""Grids whose points are even on the clocks of a time zone, summer time included."""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Ints
from seedbed.core.timegrid import FIXED_STEPS, Grid, make_grid, parse_frequency
from seedbed.core.zones import FIRST_YEAR, LAST_YEAR, Zone

#: Points that are listed one by one, because clocks jump between them: 32 MB.
MOST_POINTS = 1 << 22


def make_zoned_grid(zone: Zone, start: int, end: int, freq: str) -> Grid:
    """The points of a frequency from the moment `start` to `end`, both included, whose local times lie on the frequency's grid.

    Seconds, minutes and hours come twice where clocks are set back, and not where they jump. Days and longer spans begin with the
    first moment of their local day.

    Raises:
        ValueError: the frequency is not known, the moments are too far for zones, or there are too many points.
    """
    multiple, alias = parse_frequency(freq)
    years = np.array([start, end]).astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    if years[0] < FIRST_YEAR or years[1] > LAST_YEAR:
        raise ValueError(f"time zones are known from {FIRST_YEAR} to {LAST_YEAR}, not from {years[0]} to {years[1]}")
    inner = zone.between(start, end)
    first, last = (int(moment) for moment in zone.local(np.array([start, end])))
    if alias not in FIXED_STEPS or FIXED_STEPS[alias] >= FIXED_STEPS["D"]:
        local = make_grid(first, last, freq)
        if local.points is None and len(inner.offsets) == 1:
            return Grid(local.origin - int(inner.offsets[0]), local.step, local.count)
        return _listed(inner.instants(local.at(np.arange(local.count))), start, end)
    even = make_grid(first, last, freq)
    step = FIXED_STEPS[alias] * multiple
    if not (np.diff(inner.offsets) % step).any():
        origin = even.origin - int(inner.offsets[0])
        return Grid(origin, step, max(0, (end - origin) // step + 1))
    return _between_jumps(inner, start, end, even.origin, step)


def _between_jumps(zone: Zone, start: int, end: int, origin: int, step: int) -> Grid:
    """Points whose local times are `origin` and steps on, listed from one change of clocks to the next."""
    if (end - start) // step > MOST_POINTS:
        message = f"{(end - start) // step:,} points between changes of the clocks by less than the grid; at most {MOST_POINTS:,}"
        raise ValueError(message)
    begins = np.maximum(zone.starts, start)
    ends = np.append(zone.starts[1:] - 1, end)
    parts = []
    for begin, stop, offset in zip(begins.tolist(), ends.tolist(), zone.offsets.tolist(), strict=True):
        first = -((origin - begin - offset) // step) * step + origin - offset
        parts.append(np.arange(max(first, origin - int(zone.offsets[0])), stop + 1, step, dtype=np.int64))
    return _listed(np.concatenate(parts), start, end)


def _listed(points: Ints, start: int, end: int) -> Grid:
    points = points[(points >= start) & (points <= end)]
    points = points[np.diff(points, prepend=start - 1) > 0]
    return Grid(int(points[0]) if len(points) else start, 0, len(points), points)
