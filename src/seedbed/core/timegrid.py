"""Moments on a grid: which points a window holds, and drawing them by hour, weekday and month.

Moments are int64 microseconds since 1970 without a time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.calendar import civil_from_days, day_of_week
from seedbed.core.clock import NAIVE, Clock
from seedbed.core.draw import Bits, Floats, Ints, unit
from seedbed.core.guide import FEW, Guide
from seedbed.core.records import dataclass

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MONDAY = 4 * DAY  # 1970-01-05

#: The frequencies whose points are evenly apart, and how far.
FIXED_STEPS = {"S": SECOND, "T": MINUTE, "MIN": MINUTE, "H": HOUR, "D": DAY, "W": 7 * DAY}
_CALENDAR = ("B", "M", "MS", "Q", "QS", "Y")
ALIASES = (*FIXED_STEPS, *_CALENDAR)
DIMENSION_SIZES = {"hour": 24, "dow": 7, "month": 12}
_MOST_CELLS = 1 << 22


@dataclass(frozen=True)
class Grid:
    """Points in time: `count` points from `origin` on, `step` apart, or the `points` given."""

    origin: int
    step: int
    count: int
    points: Ints | None = None

    def at(self, index: Ints) -> Ints:
        """The moment of each point; shape (n,)."""
        if self.points is not None:
            return self.points.take(index)
        return index * self.step + self.origin

    def floor(self, moments: Ints) -> Ints:
        """The last point at or before each moment; -1 where there is none."""
        if self.points is not None:
            return np.searchsorted(self.points, moments, side="right") - 1
        return np.minimum(np.maximum((moments - self.origin) // self.step, -1), self.count - 1)

    def ceil(self, moments: Ints) -> Ints:
        """The first point at or after each moment; `count` where there is none."""
        if self.points is not None:
            return np.searchsorted(self.points, moments, side="left").astype(np.int64)
        return np.minimum(np.maximum(-((self.origin - moments) // self.step), 0), self.count)

    @property
    def first(self) -> int:
        """The first moment."""
        return int(self.at(np.array([0]))[0])

    @property
    def last(self) -> int:
        """The last moment."""
        return int(self.at(np.array([self.count - 1]))[0])


def parse_frequency(text: str) -> tuple[int, str]:
    """The multiple and the alias of a grid: `15min` -> (15, "MIN").

    Raises:
        ValueError: the alias is not one of `ALIASES`, or the multiple is 0.

    >>> parse_frequency("h")
    (1, 'H')
    """
    match = re.fullmatch(r"([0-9]*)([A-Za-z]+)", text)
    alias = match.group(2).upper() if match else ""
    if match is None or alias not in ALIASES:
        raise ValueError(f"`{text}` is no grid; known are {', '.join(ALIASES)}")
    multiple = int(match.group(1) or 1)
    if multiple < 1:
        raise ValueError(f"the multiple of `{text}` must be at least 1")
    return multiple, alias


def make_grid(start: int, end: int, freq: str) -> Grid:
    """The points of a frequency from `start` to `end`, both included.

    S, T (or MIN), H and D lie on whole seconds, minutes, hours and midnights, W on Mondays, B on weekdays, M, Q and Y on the
    last day of the month, quarter and year, MS and QS on the first. The grid may be empty.

    Raises:
        ValueError: the frequency is not known.
    """
    multiple, alias = parse_frequency(freq)
    if alias in FIXED_STEPS:
        step = FIXED_STEPS[alias]
        anchor = _MONDAY if alias == "W" else 0
        origin = -((anchor - start) // step) * step + anchor
        count = (end - origin) // (step * multiple) + 1 if end >= origin else 0
        return Grid(origin, step * multiple, count)
    points = _calendar_points(start, end, alias)[::multiple]
    return Grid(int(points[0]) if len(points) else start, 0, len(points), points)


def _calendar_points(start: int, end: int, alias: str) -> Ints:
    first_day, last_day = -(-start // DAY), end // DAY
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    if alias == "B":
        return days[day_of_week(days) < 5] * DAY
    _, month, day = civil_from_days(days if alias in ("MS", "QS") else days + 1)
    chosen = day == 1
    if alias in ("Q", "QS"):
        chosen &= month % 3 == 1
    elif alias == "Y":
        chosen &= month == 1
    points: Ints = days[chosen] * DAY
    return points


def dimension_values(moments: Ints, dimension: str) -> Ints:
    """The place of each local time in a pattern: hour 0-23, weekday 0-6 (Monday 0) or month 0-11."""
    return NAIVE.places_of_local(moments, dimension)


@dataclass(frozen=True)
class StepFunction:
    """Values that hold from one moment to the next, for each of a number of groups.

    `starts[offsets[g]:offsets[g+1]]` are the moments at which group g changes, rising; the value before the first is `outside`.
    """

    offsets: Ints
    starts: Ints
    values: Floats
    outside: float

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.offsets) - 1

    @cached_property
    def _line(self) -> tuple[Ints, int, Ints]:
        """The distinct moments of all groups, how far apart groups are on a line of them, and where each start lies on it."""
        moments = np.unique(self.starts)
        span = len(moments) + 1
        group = np.repeat(np.arange(self.groups), np.diff(self.offsets))
        return moments, span, group * span + np.searchsorted(moments, self.starts)

    def at(self, moments: Ints, groups: Ints | None = None) -> Floats:
        """The value at each moment (of its group; -1 is outside), shape (n,)."""
        if not len(self.starts):
            return np.full(len(moments), self.outside)
        if groups is None:
            index = np.searchsorted(self.starts[: self.offsets[1]], moments, side="right") - 1
            return np.where(index < 0, self.outside, self.values[np.maximum(index, 0)])
        known, span, line = self._line
        place = np.searchsorted(known, moments, side="right") - 1
        group = np.maximum(groups, 0)
        index = np.searchsorted(line, group * span + place, side="right") - 1
        before = (index < self.offsets[group]) | (groups < 0)
        return np.where(before, self.outside, self.values[np.maximum(index, 0)])

    def group(self, number: int) -> StepFunction:
        """One group alone; -1 is the group of nobody."""
        part = slice(0, 0) if number < 0 else slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        return StepFunction(np.array([0, part.stop - part.start]), self.starts[part], self.values[part], self.outside)


@dataclass(frozen=True)
class TimeTable:
    """A grid's points with weights that are even within cells: cell c holds `sizes[c]` points from `first[c]` on and has
    the probability `upper[c] - upper[c-1]`; all of shape (c,).
    """

    grid: Grid
    first: Ints
    sizes: Ints
    upper: Floats
    clock: Clock = NAIVE

    @classmethod
    def of(
        cls,
        grid: Grid,
        weights: Mapping[str, Sequence[float]] | Sequence[tuple[str, Sequence[float]]] = (),
        factors: Sequence[StepFunction] = (),
        finest: str | None = None,
        clock: Clock = NAIVE,
    ) -> TimeTable | None:
        """Weigh a grid by patterns (dimension, weights) and step functions of time; None where every weight is 0.

        `finest` ("hour" or "day") cuts the cells at least so fine; `clock` tells hours, days and holidays.
        """
        if grid.count <= 0:
            return None
        patterns = list(weights.items()) if isinstance(weights, Mapping) else list(weights)
        first = _cell_starts(grid, {dimension for dimension, _ in patterns}, factors, finest, clock)
        sizes = np.diff(first, append=grid.count)
        moments = grid.at(first)
        weight = sizes.astype(np.float64)
        for dimension, values in patterns:
            weight *= np.array(values, dtype=np.float64)[clock.places(moments, dimension)]
        for factor in factors:
            weight *= np.maximum(factor.at(moments), 0.0)
        kept = weight > 0
        if not kept.any():
            return None
        first, sizes, weight = first[kept], sizes[kept], weight[kept]
        cumulated = np.cumsum(weight)
        upper = cumulated / cumulated[-1]
        upper[-1] = 1.0
        return cls(grid, first, sizes, upper, clock)

    @property
    def low(self) -> float:
        """The first moment that has weight."""
        return float(self.grid.at(self.first[:1])[0])

    @property
    def high(self) -> float:
        """The last moment that has weight."""
        return float(self.grid.at(self.first[-1:] + self.sizes[-1:] - 1)[0])

    @cached_property
    def lower(self) -> Floats:
        """The cumulated probability before each cell, shape (c,)."""
        return np.concatenate([[0.0], self.upper[:-1]])

    @cached_property
    def _slopes(self) -> Floats:
        """The points of each cell per probability, shape (c,)."""
        width = self.upper - self.lower  # 0 where narrower than the spacing of floats: never drawn
        slopes: Floats = np.divide(self.sizes * (1 - 2.0**-40), width, out=np.zeros(len(width)), where=width > 0)
        return slopes

    @cached_property
    def _densities(self) -> Floats:
        """The probability of a point of each cell, shape (c,)."""
        densities: Floats = (self.upper - self.lower) / self.sizes
        return densities

    @cached_property
    def _way_to_points(self) -> Guide:
        return Guide.of(self.first, self.grid.count)

    @cached_property
    def _way_to_shares(self) -> Guide:
        return Guide.of(self.upper, 1.0)

    @cached_property
    def _guide(self) -> tuple[NDArray[np.int32], int]:
        """The cell of each 1/65,536 of the probability, and how many cells one of them spans."""
        starts = np.arange(65_537) * 2.0**-16
        cells = np.minimum(np.searchsorted(self.upper, starts, side="right"), len(self.upper) - 1)
        return cells[:-1].astype(np.int32), int(np.diff(cells).max())

    def draw(self, bits: Bits) -> Ints:
        """A moment for each draw; shape (n,)."""
        u, slopes = unit(bits), self._slopes
        if len(self.upper) == 1:
            u *= slopes[0]
            index = u.astype(np.int64)
            index += self.first[0]
            return self._moments(index)
        cell = self._cells(bits, u)
        u -= self.lower.take(cell)
        u *= slopes.take(cell)
        index = u.astype(np.int64)
        index += self.first.take(cell)
        return self._moments(index)

    def _cells(self, bits: Bits, u: Floats) -> NDArray[Any]:
        """The cell of each draw, shape (n,); a guide pays for many draws only."""
        if len(bits) < FEW and "_guide" not in self.__dict__:
            return np.minimum(np.searchsorted(self.upper, u, side="right"), len(self.upper) - 1)
        guide, most = self._guide
        if most > 4:
            return np.minimum(np.searchsorted(self.upper, u, side="right"), len(self.upper) - 1)
        cell = guide.take(np.right_shift(bits, np.uint64(48)).view(np.int64))
        for _ in range(most):
            cell += u >= self.upper.take(cell)
        return cell

    def _moments(self, index: Ints) -> Ints:
        if self.grid.points is not None:
            return self.grid.points.take(index)
        index *= self.grid.step
        index += self.grid.origin
        return index

    def share_before(self, index: Ints) -> Floats:
        """The probability of the points before each index of the grid; shape (n,)."""
        is_led = len(index) >= FEW or "_way_to_points" in self.__dict__
        places = self._way_to_points.places(index) if is_led else np.searchsorted(self.first, index, side="right")
        cell = np.maximum(places - 1, 0)
        inside = np.minimum(np.maximum(index - self.first.take(cell), 0), self.sizes.take(cell))
        shares: Floats = self.lower.take(cell) + inside * self._densities.take(cell)
        return shares

    def at_share(self, shares: Floats) -> Ints:
        """The index of the point at each cumulated probability; shape (n,)."""
        is_led = len(shares) >= FEW or "_way_to_shares" in self.__dict__
        places = self._way_to_shares.places(shares) if is_led else np.searchsorted(self.upper, shares, side="right")
        cell = np.minimum(places, len(self.upper) - 1)
        inside = np.maximum(shares - self.lower.take(cell), 0.0) * self._slopes.take(cell)
        return self.first.take(cell) + np.minimum(inside.astype(np.int64), self.sizes.take(cell) - 1)

    def draw_between(self, bits: Bits, low: Floats | Ints, high: Floats | Ints) -> Ints:
        """A moment in [low, high] for each draw, by the weights; an even point of the grid where they are all zero there.

        Where no point of the grid lies within, the nearest moment of [low, high] itself.
        """
        low_us = np.clip(np.ceil(low), -(2.0**62), 2.0**62).astype(np.int64)
        high_us = np.clip(np.floor(high), -(2.0**62), 2.0**62).astype(np.int64)
        first, last = self.grid.ceil(low_us), self.grid.floor(high_us)
        u = unit(bits)
        bottom, top = self.share_before(first), self.share_before(last + 1)
        index = self.at_share(bottom + u * (top - bottom))
        even = first + np.floor(u * (last - first + 1)).astype(np.int64)
        index = np.where(top > bottom, index, even)
        index = np.minimum(np.maximum(index, first), last)
        moments = self.grid.at(np.clip(index, 0, self.grid.count - 1))
        return np.where(first <= last, moments, np.minimum(np.maximum(moments, low_us), high_us))

    def share_between(self, low: float, high: float) -> float:
        """The probability of a moment in [low, high]."""
        first, last = self.grid.ceil(_whole(np.ceil(low))), self.grid.floor(_whole(np.floor(high)))
        return float(max(0.0, (self.share_before(last + 1) - self.share_before(first))[0]))

    def last_until(self, moment: float) -> float:
        """The last point with weight at or before a moment; -infinity where there is none."""
        index = self.grid.floor(_whole(np.floor(moment)))
        cell = int(np.searchsorted(self.first, index, side="right")[0]) - 1
        return -np.inf if cell < 0 else float(self.grid.at(np.minimum(index, self.first[cell] + self.sizes[cell] - 1))[0])

    def first_from(self, moment: float) -> float:
        """The first point with weight at or after a moment; infinity where there is none."""
        index = self.grid.ceil(_whole(np.ceil(moment)))
        cell = int(np.searchsorted(self.first + self.sizes, index, side="right")[0])
        return np.inf if cell == len(self.first) else float(self.grid.at(np.maximum(index, self.first[cell]))[0])

    def dimension_shares(self, dimension: str) -> Floats:
        """The probability of each hour, weekday or month; the cells must be at least as fine."""
        place = self.clock.places(self.grid.at(self.first), dimension)
        shares: Floats = np.bincount(place, weights=self.upper - self.lower, minlength=DIMENSION_SIZES[dimension]).astype(np.float64)
        return shares


def _cuts(grid: Grid, unit_us: int, clock: Clock) -> Ints:
    """The moments within a grid's span at which local hours or days begin, or clocks change; rising as long as clocks do not."""
    first, last = (int(moment) for moment in clock.local(np.array([grid.first, grid.last])))
    local = np.arange(first // unit_us + 1, last // unit_us + 1, dtype=np.int64) * unit_us
    if clock.zone is None:
        return local
    return np.concatenate([clock.instants(local), clock.zone.between(grid.first, grid.last).starts[1:]])


def _whole(moment: float) -> Ints:
    """A moment, infinite ones included, as an array of one."""
    return np.array([int(min(max(moment, -(2.0**62)), 2.0**62))])


def _cell_starts(grid: Grid, dimensions: set[str], factors: Sequence[StepFunction], finest: str | None, clock: Clock) -> Ints:
    """The first points of cells within which every weight is the same."""
    unit_us = HOUR if "hour" in dimensions or finest == "hour" else DAY if dimensions or finest else 0
    if unit_us and (grid.points is not None or grid.step >= unit_us):
        starts = np.arange(grid.count, dtype=np.int64)
    elif unit_us:
        starts = np.concatenate([[0], grid.ceil(_cuts(grid, unit_us, clock))])
    else:
        starts = np.zeros(1, dtype=np.int64)
    if len(starts) > _MOST_CELLS:
        raise ValueError(f"{len(starts):,} cells of time; at most {_MOST_CELLS:,} can be weighed")
    starts = np.concatenate([starts, *(grid.ceil(factor.starts) for factor in factors)])
    starts = starts[starts < grid.count]
    starts.sort()
    return starts[np.diff(starts, prepend=-1) > 0]  # np.unique hashes: 30 ms for the hours of six years
