"""Continuous distributions with exact tails: a table for the middle, elementary functions for what lies beyond it.

A law answers from both its ends, by the share that lies below a value and by the share that lies above it, so that no digit of
a far tail is lost. Of a million draws 31,000 are in the tails; the others cost one look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import numpy as np

from seedbed.core.draw import Bits, Floats, Ints, unit
from seedbed.core.records import dataclass

_CELLS = 4096
_TAIL = 64  # cells at either end that are not interpolated: 1/64 of the draws each
_LEAST_SHARE = 2.0**-54  # draws have 53 bits
_TINY = 1e-300
_OCTAVES, _STEPS = 48, 32  # of the tails, where expected values are summed up


class Law(Protocol):
    """A continuous distribution as functions of whole arrays, shape (n,) to (n,)."""

    def lower(self, shares: Floats) -> Floats:
        """The values below which these shares lie, each in (0, 1/2]."""

    def upper(self, shares: Floats) -> Floats:
        """The values above which these shares lie, each in (0, 1/2]."""

    def below(self, values: Floats) -> Floats:
        """The share below each value; any float, infinite ones included."""

    def above(self, values: Floats) -> Floats:
        """The share above each value; any float, infinite ones included."""


@dataclass(frozen=True)
class Smooth:
    """A source of the numbers of a law."""

    law: Law

    @cached_property
    def low(self) -> float:
        """The smallest value: the quantile of 2^-54."""
        return float(self.law.lower(np.array([_LEAST_SHARE]))[0])

    @cached_property
    def high(self) -> float:
        """The largest value: the quantile of 1 - 2^-54."""
        return float(self.law.upper(np.array([_LEAST_SHARE]))[0])

    @cached_property
    def _centre(self) -> tuple[Floats, Floats]:
        """The quantile where each cell begins, and how far it is to the next; those of the tails are never read."""
        half = np.arange(1, _CELLS // 2 + 1) / _CELLS
        knots = np.concatenate([self.law.lower(half), self.law.upper(half)[-2::-1]])
        knots = np.concatenate([knots[:1], knots, knots[-1:]])
        return np.ascontiguousarray(knots[:-1]), np.diff(knots)

    def draw(self, bits: Bits) -> Floats:
        """A value for each draw; shape (n,)."""
        place: Floats = np.multiply(np.right_shift(bits, np.uint64(11)).view(np.int64), 2.0**-41)
        cell = place.astype(np.int64)
        knots, steps = self._centre
        place -= cell
        place *= steps.take(cell)
        place += knots.take(cell)
        tail = np.flatnonzero((cell - _TAIL).view(np.uint64) >= np.uint64(_CELLS - 2 * _TAIL))
        if len(tail):
            place[tail] = self._in_tail((bits[tail] >> np.uint64(11)).view(np.int64))
        return place

    def _in_tail(self, place: Ints) -> Floats:
        """The value of the draw number `place` of 2^53."""
        is_low = place < 1 << 52
        shares = (np.where(is_low, place, (1 << 53) - 1 - place) + 0.5) * 2.0**-53
        return self._at(shares, is_low)

    def _at(self, shares: Floats, is_low: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        values = np.empty(len(shares))
        values[is_low] = self.law.lower(shares[is_low])
        values[~is_low] = self.law.upper(shares[~is_low])
        return values

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """A value in [low, high] for each draw; even within them where the distribution has no mass there."""
        u, law = unit(bits), self.law
        bottom, top = law.below(low), law.below(high)
        rest, over = law.above(high), law.above(low)
        from_above = bottom > 0.5  # there shares are counted from above
        mass = np.where(from_above, over - rest, top - bottom)
        share = bottom + u * (top - bottom)
        is_low = ~from_above & (share <= 0.5)
        shares = np.where(from_above, over - u * (over - rest), np.where(is_low, share, 1.0 - share))
        values = self._at(np.maximum(shares, _TINY), is_low)
        with np.errstate(invalid="ignore"):
            values = np.where(mass > 0, values, low + u * (high - low))
        return np.minimum(np.maximum(values, low), high)

    def share_between(self, low: float, high: float) -> float:
        """The probability of a value in [low, high]."""
        ends = np.array([low, high])
        below, above = self.law.below(ends), self.law.above(ends)
        return max(0.0, float(above[0] - above[1] if below[0] > 0.5 else below[1] - below[0]))

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the values, by the trapezoid rule over cells that are finer towards both ends."""
        shares = 2.0**-6 * np.cumprod(np.full(_OCTAVES * _STEPS, 2.0 ** (-1 / _STEPS)))
        shares = np.concatenate([shares[::-1], np.arange(_TAIL, _CELLS // 2 + 1) / _CELLS])
        whole = 0.0
        for values in (function(self.law.lower(shares)), function(self.law.upper(shares))):
            parts = (values[1:] + values[:-1]) * 0.5 * np.diff(shares)
            whole += float(np.cumsum(parts)[-1]) + float(values[0] * shares[0])
        return whole


@dataclass(frozen=True)
class Floored:
    """The whole numbers that a source's values lie in: `first` for those in [0, 1), `first` + 1 for those in [1, 2)."""

    source: Smooth
    first: int

    @property
    def low(self) -> float:
        """The smallest number."""
        return float(np.floor(self.source.low)) + self.first

    @property
    def high(self) -> float:
        """The largest number."""
        return float(np.floor(self.source.high)) + self.first

    def draw(self, bits: Bits) -> Ints:
        """A number for each draw; shape (n,)."""
        return np.floor(self.source.draw(bits)).astype(np.int64) + self.first

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Ints:
        """A number in [low, high] for each draw; the nearest above `low` where none lies within."""
        first = np.maximum(np.ceil(low) - self.first, 0.0)
        last = np.maximum(np.floor(np.minimum(high, self.high)) - self.first, first)
        drawn = np.floor(self.source.draw_between(bits, first, last + 1.0))
        return np.asarray(np.minimum(drawn, last), dtype=np.int64) + self.first

    def share_between(self, low: float, high: float) -> float:
        """The probability of a number in [low, high]."""
        first, last = np.ceil(low) - self.first, np.floor(high) - self.first
        return self.source.share_between(max(float(first), 0.0), float(last) + 1.0) if last >= max(first, 0.0) else 0.0

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the numbers."""
        return self.source.mean_of(lambda values: function(np.floor(values) + self.first))
