"""Zipf's law over any number of ranks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from seedbed.core.draw import Bits, Floats, Ints, unit
from seedbed.core.elementary import exp, expm1, log, log1p, pow  # noqa: A004 - named like the function everywhere else
from seedbed.core.records import dataclass
from seedbed.core.tables import WeightedIndex

_RANKS = 65_536  # these have a weight each; the sum of those beyond is an integral, right to 11 digits
_NODES = 4096


@dataclass(frozen=True)
class Zipf:
    """Ranks 1..n, of which rank k weighs 1 / k^a: the first 65,536 by a table, the others by an integral."""

    a: float
    n: int

    @property
    def low(self) -> float:
        """The first rank."""
        return 1.0

    @property
    def high(self) -> float:
        """The last rank."""
        return float(self.n)

    def draw(self, bits: Bits) -> Ints:
        """A rank for each draw; shape (n,)."""
        index = self._index
        ranks = index.draw(bits).astype(np.int64) + 1
        beyond = np.flatnonzero(ranks > self._listed)
        if len(beyond):
            start = index.upper[self._listed - 1]
            part = (bits[beyond] - start).astype(np.float64) / float(2**64 - int(start))
            ranks[beyond] = self._rank_at(part * self._rest)
        return ranks

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Ints:
        """A rank in [low, high] for each draw; the nearest above `low` where none lies within."""
        first = np.clip(np.ceil(low), 1, self.n).astype(np.int64)
        last = np.maximum(np.clip(np.floor(high), 1, self.n).astype(np.int64), first)
        bottom, top = self._weight_up_to(first - 1), self._weight_up_to(last)
        weights = bottom + unit(bits) * (top - bottom)
        listed = np.searchsorted(self._cumulated, weights, side="right").astype(np.int64) + 1
        beyond = np.flatnonzero(listed > self._listed)
        if len(beyond):
            listed[beyond] = self._rank_at(weights[beyond] - self._cumulated[-1])
        return np.minimum(np.maximum(listed, first), last)

    def share_between(self, low: float, high: float) -> float:
        """The probability of a rank in [low, high]."""
        first, last = max(int(np.ceil(max(low, 1.0))), 1), int(np.floor(min(high, float(self.n))))
        if last < first:
            return 0.0
        ends = self._weight_up_to(np.array([first - 1, last]))
        return float((ends[1] - ends[0]) / self._total)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the ranks."""
        listed = np.arange(1, self._listed + 1, dtype=np.float64)
        whole = float(np.cumsum(function(listed) * np.diff(self._cumulated, prepend=0.0))[-1])
        if self.n > self._listed:
            ends = (np.arange(_NODES + 1) / _NODES) * self._rest
            whole += float(np.cumsum(function(self._place_at((ends[1:] + ends[:-1]) * 0.5)) * np.diff(ends))[-1])
        return whole / self._total

    @property
    def _listed(self) -> int:
        return min(self.n, _RANKS)

    @cached_property
    def _cumulated(self) -> Floats:
        """The weights of the listed ranks, cumulated."""
        return np.cumsum(pow(np.arange(1, self._listed + 1, dtype=np.float64), -self.a))

    @cached_property
    def _rest(self) -> float:
        """The weight of all other ranks."""
        return float(self._integral(np.array([self.n + 0.5]))[0]) if self.n > self._listed else 0.0

    @cached_property
    def _total(self) -> float:
        return float(self._cumulated[-1]) + self._rest

    @cached_property
    def _index(self) -> WeightedIndex:
        weights = np.diff(self._cumulated, prepend=0.0)
        return WeightedIndex.of(np.append(weights, self._rest) if self._rest else weights)

    def _weight_up_to(self, ranks: Ints) -> Floats:
        """The weight of the ranks 1 to each of these."""
        listed = np.concatenate([[0.0], self._cumulated])[np.minimum(ranks, self._listed)]
        return listed + np.where(ranks > self._listed, self._integral(np.maximum(ranks, self._listed) + 0.5), 0.0)

    def _integral(self, places: Floats) -> Floats:
        """The integral of x^-a from behind the last listed rank to each place."""
        start, power = self._listed + 0.5, 1.0 - self.a
        apart = log(places / start)
        return apart if power == 0 else float(pow(start, power)) / power * expm1(power * apart)

    def _place_at(self, weights: Floats) -> Floats:
        """The inverse of the integral."""
        start, power = self._listed + 0.5, 1.0 - self.a
        if power == 0:
            return start * exp(weights)
        inside = np.maximum(weights * (power / float(pow(start, power))), -1.0 + 2.0**-53)
        return start * exp(log1p(inside) / power)

    def _rank_at(self, weights: Floats) -> Ints:
        return np.clip(np.rint(self._place_at(weights)), self._listed + 1, self.n).astype(np.int64)
