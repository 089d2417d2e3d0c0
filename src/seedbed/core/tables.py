"""Random numbers by table: inverse distribution functions made once and read for every row.

Every table answers the same three questions: a value for each draw, a value between two bounds for each draw (the
distribution cut to those bounds), and the bounds of what it can give. Stored values come from these tables and basic
arithmetic alone, so they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Bits, Floats, Ints, below, unit
from seedbed.core.guide import FEW, Guide
from seedbed.core.records import dataclass

_CELLS = 4096
_LEVELS = 2  # tails are cut into 4096 cells again, twice: the outermost knot is the quantile of 2^-37
_OUTERMOST = 2.0**-37


class Source(Protocol):
    """What a column's numbers are drawn from."""

    @property
    def low(self) -> float:
        """The smallest value."""

    @property
    def high(self) -> float:
        """The largest value."""

    def draw(self, bits: Bits) -> NDArray[Any]:
        """A value for each draw; shape (n,)."""

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> NDArray[Any]:
        """A value in [low, high] for each draw: the distribution cut to these bounds; all of shape (n,)."""

    def share_between(self, low: float, high: float) -> float:
        """The probability of a value in [low, high]."""


class NumberSource(Source, Protocol):
    """A source of numbers, whose mean can be foreseen."""

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the values."""


@dataclass(frozen=True)
class QuantileTable:
    """A continuous distribution: its quantiles at 4,096 even cells, and the two outermost cells cut again, twice.

    `knots` are the quantiles, `shares` the probabilities they belong to, both rising and of one shape (k,).
    """

    knots: Floats
    shares: Floats

    @classmethod
    def of(cls, quantile: Callable[[Floats], Floats]) -> QuantileTable:
        """Tabulate a quantile function of probabilities in (0, 1)."""
        shares = _knot_shares()
        return cls(quantile(shares), shares)

    @property
    def low(self) -> float:
        """The smallest value: the quantile of 2^-37."""
        return float(self.knots[0])

    @property
    def high(self) -> float:
        """The largest value: the quantile of 1 - 2^-37."""
        return float(self.knots[-1])

    @cached_property
    def _centre(self) -> tuple[Floats, Floats]:
        """Knots and steps of the even cells; the outermost two are mended afterwards."""
        first = _LEVELS * (_CELLS - 1)
        knots = self.knots[first : first + _CELLS + 1]
        return np.ascontiguousarray(knots[:-1]), np.diff(knots)

    def draw(self, bits: Bits) -> Floats:
        """A value for each draw, by linear interpolation between two quantiles; shape (n,)."""
        place: Floats = np.multiply(np.right_shift(bits, np.uint64(11)).view(np.int64), 2.0**-41)
        cell = place.astype(np.int64)
        knots, steps = self._centre
        place -= cell
        place *= steps.take(cell)
        place += knots.take(cell)
        tail = np.flatnonzero((cell - 1).view(np.uint64) >= np.uint64(_CELLS - 2))
        if len(tail):
            place[tail] = self._at(unit(bits[tail]))
        return place

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """A value in [low, high] for each draw; even within them where the distribution has no mass there."""
        u = unit(bits)
        bottom, top = self.share_below(low), self.share_below(high)
        values = self._at(bottom + u * (top - bottom))
        even = low + u * (high - low)
        with np.errstate(invalid="ignore"):
            values = np.where(top > bottom, values, even)
        return np.minimum(np.maximum(values, low), high)

    def share_below(self, values: Floats) -> Floats:
        """The distribution function at each value; shape (n,)."""
        index = np.clip(np.searchsorted(self.knots, values, side="right") - 1, 0, len(self.knots) - 2)
        left, right = self.knots[index], self.knots[index + 1]
        width = right - left
        inside = np.minimum(np.maximum(values, left), right) - left
        part = np.divide(inside, width, out=np.where(values >= right, 1.0, 0.0), where=width > 0)
        bottom = self.shares[index]
        shares: Floats = bottom + part * (self.shares[index + 1] - bottom)
        shares[values <= self.knots[0]] = 0.0
        shares[values >= self.knots[-1]] = 1.0
        return shares

    def share_between(self, low: float, high: float) -> float:
        """The probability of a value in [low, high]."""
        bottom, top = self.share_below(np.array([low, high]))
        return float(max(0.0, top - bottom)) if self.low < self.high else float(low <= self.low <= high)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the values, by the trapezoid rule over the cells."""
        values = function(self.knots)
        parts = (values[1:] + values[:-1]) * 0.5 * np.diff(self.shares)
        return float(np.cumsum(parts)[-1])

    def _at(self, shares: Floats) -> Floats:
        index = np.clip(np.searchsorted(self.shares, shares, side="right") - 1, 0, len(self.shares) - 2)
        bottom, top = self.shares[index], self.shares[index + 1]
        part = np.minimum((shares - bottom) / (top - bottom), 1.0)
        left = self.knots[index]
        values: Floats = left + np.maximum(part, 0.0) * (self.knots[index + 1] - left)
        return values


def _knot_shares() -> Floats:
    """The probabilities of the knots: even cells, and finer ones towards both ends."""
    inner = np.arange(1, _CELLS) / _CELLS
    lower = [inner * float(_CELLS) ** -level for level in range(_LEVELS, 0, -1)]
    first = np.concatenate([[_OUTERMOST], *lower])
    last = 1.0 - first[::-1]
    return np.concatenate([first, inner, last])


@dataclass(frozen=True)
class Constant:
    """A distribution of one value."""

    value: float

    @property
    def low(self) -> float:
        """The value."""
        return self.value

    @property
    def high(self) -> float:
        """The value."""
        return self.value

    def draw(self, bits: Bits) -> Floats:
        """The value, for each draw."""
        return np.full(len(bits), self.value)

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """The value, moved into its bounds."""
        return np.minimum(np.maximum(self.draw(bits), low), high)

    def share_between(self, low: float, high: float) -> float:
        """1 where the value lies within, else 0."""
        return float(low <= self.value <= high)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The function at the value."""
        return float(function(np.array([self.value]))[0])


@dataclass(frozen=True)
class EvenFloats:
    """Every float in [low, high) is as likely as the others."""

    low: float
    high: float

    def draw(self, bits: Bits) -> Floats:
        """A value for each draw; shape (n,)."""
        values = unit(bits)
        values *= self.high - self.low
        values += self.low
        return values

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """A value in [low, high] for each draw."""
        low, high = np.maximum(low, np.minimum(self.low, high)), np.minimum(high, np.maximum(self.high, low))
        return np.minimum(low + unit(bits) * (high - low), high)

    def share_between(self, low: float, high: float) -> float:
        """The probability of a value in [low, high]."""
        if self.high <= self.low:
            return float(low <= self.low <= high)
        return max(0.0, min(high, self.high) - max(low, self.low)) / (self.high - self.low)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function, over 65,537 even points."""
        points: Floats = np.multiply(np.arange(65_537), (self.high - self.low) / 65_536) + self.low
        values = function(points)
        return float(np.cumsum((values[1:] + values[:-1]) * 0.5)[-1]) / 65_536


@dataclass(frozen=True)
class EvenInts:
    """Every whole number in [first, last] is as likely as the others."""

    first: int
    last: int

    @property
    def low(self) -> float:
        """The smallest number."""
        return float(self.first)

    @property
    def high(self) -> float:
        """The largest number."""
        return float(self.last)

    def draw(self, bits: Bits) -> Ints:
        """A number for each draw; shape (n,)."""
        return below(bits, self.last - self.first + 1) + self.first

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Ints:
        """A number in [low, high] for each draw."""
        first = np.maximum(np.ceil(low), self.first).astype(np.int64)
        last = np.minimum(np.floor(high), self.last).astype(np.int64)
        width = np.maximum(last - first + 1, 1).astype(np.uint64)
        return below(bits, width) + first

    def share_between(self, low: float, high: float) -> float:
        """The probability of a number in [low, high]."""
        first, last = max(float(np.ceil(low)), self.first), min(float(np.floor(high)), self.last)
        return max(0.0, last - first + 1) / (self.last - self.first + 1)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function, over at most 65,536 numbers: the middles of as many even parts."""
        count = self.last - self.first + 1
        picks = min(count, 65_536)
        middles = self.first + (np.arange(picks, dtype=np.float64) + 0.5) * (count / picks) - 0.5
        values = function(middles)
        return float(np.cumsum(values)[-1]) / picks


@dataclass(frozen=True)
class WeightedIndex:
    """Items 0..n-1 with given weights, by a guide table: most draws cost one look-up.

    `upper` holds the cumulated weights scaled to 2^64 (an item takes the draws below its bound), shape (n,).
    """

    upper: Bits

    @classmethod
    def of(cls, weights: Floats) -> WeightedIndex:
        """Prepare weights of shape (n,): not negative, not all zero."""
        cumulated = np.cumsum(weights)
        shares = cumulated / cumulated[-1]
        upper = np.minimum(shares * 2.0**53, 2.0**53 - 1).astype(np.uint64) << np.uint64(11)
        last = int(np.flatnonzero(weights)[-1])
        upper[last:] = np.uint64((1 << 64) - 1)
        return cls(upper)

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.upper)

    @cached_property
    def _top(self) -> int:
        """The last item that has weight."""
        return int(np.searchsorted(self.upper, np.uint64((1 << 64) - 1)))

    @cached_property
    def _guide(self) -> tuple[np.uint64, NDArray[np.int32]]:
        """For each run of draws with the same upper bits: their item, or -1 where a bound lies inside the run."""
        width = min(max((len(self.upper) * 64).bit_length(), 12), 20)
        shift = np.uint64(64 - width)
        starts = np.arange(1 << width, dtype=np.uint64) << shift
        first = np.searchsorted(self.upper, starts, side="right")
        last = np.searchsorted(self.upper, starts + ((np.uint64(1) << shift) - np.uint64(1)), side="right")
        first, last = np.minimum(first, self._top), np.minimum(last, self._top)
        return shift, np.where(first == last, first, -1).astype(np.int32)

    def draw(self, bits: Bits) -> NDArray[np.int32]:
        """An item for each draw; shape (n,)."""
        shift, guide = self._guide
        items = guide.take(np.right_shift(bits, shift).view(np.int64))
        split = np.flatnonzero(items < 0)
        if len(split):
            items[split] = np.minimum(np.searchsorted(self.upper, bits[split], side="right"), self._top)
        return items

    def draw_between(self, bits: Bits, first: Ints, last: Ints) -> Ints:
        """An item in [first, last] for each draw, by the weights; evenly where they are all zero there."""
        shares = self._cumulated
        bottom = np.where(first > 0, shares.take(np.maximum(first - 1, 0)), 0.0)
        top = shares.take(last)
        u = unit(bits)
        sought = bottom + u * (top - bottom)
        is_led = len(bits) >= FEW or "_way" in self.__dict__
        items = self._way.places(sought) if is_led else np.searchsorted(shares, sought, side="right").astype(np.int64)
        even = first + np.floor(u * (last - first + 1)).astype(np.int64)
        items = np.where(top > bottom, items, even)
        return np.minimum(np.maximum(items, first), last)

    @cached_property
    def _cumulated(self) -> Floats:
        shares: Floats = self.upper.astype(np.float64) * 2.0**-64
        return shares

    @cached_property
    def _way(self) -> Guide:
        return Guide.of(self._cumulated, 1.0)

    @cached_property
    def shares(self) -> Floats:
        """The probability of each item, shape (n,)."""
        scaled = self.upper * 2.0**-64
        return np.diff(scaled, prepend=0.0)


@dataclass(frozen=True)
class WeightedNumbers:
    """Rising numbers with weights: Poisson counts, numeric choices."""

    numbers: NDArray[Any]
    index: WeightedIndex

    @property
    def low(self) -> float:
        """The smallest number."""
        return float(self.numbers[0])

    @property
    def high(self) -> float:
        """The largest number."""
        return float(self.numbers[-1])

    def draw(self, bits: Bits) -> NDArray[Any]:
        """A number for each draw; shape (n,)."""
        return self.numbers.take(self.index.draw(bits))

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> NDArray[Any]:
        """A number in [low, high] for each draw; the nearest above `low` where none lies within."""
        top = len(self.numbers) - 1
        first = np.minimum(np.searchsorted(self.numbers, low, side="left"), top)
        last = np.maximum(np.searchsorted(self.numbers, high, side="right") - 1, first)
        return self.numbers.take(self.index.draw_between(bits, first, last))

    def share_between(self, low: float, high: float) -> float:
        """The probability of a number in [low, high]."""
        inside = (self.numbers >= low) & (self.numbers <= high)
        return float(np.cumsum(self.index.shares * inside)[-1])

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the numbers."""
        return float(np.cumsum(function(self.numbers.astype(np.float64)) * self.index.shares)[-1])


@lru_cache(maxsize=4096)
def poisson_table(mean: float) -> WeightedNumbers:
    """Poisson counts with the given mean, from the largest weight outwards until 2^-70 of it.

    >>> table = poisson_table(2.5)
    >>> round(table.mean_of(lambda k: k), 9)
    2.5
    """
    mode = int(mean)
    down, up = [1.0], [1.0]
    k = mode
    while k > 0 and down[-1] > 2.0**-70:
        down.append(down[-1] * (k / mean))
        k -= 1
    first = k
    k = mode
    while up[-1] > 2.0**-70:
        k += 1
        up.append(up[-1] * (mean / k))
    weights = np.array(down[:0:-1] + up)
    numbers = np.arange(first, first + len(weights), dtype=np.int64)
    return WeightedNumbers(numbers, WeightedIndex.of(weights))
