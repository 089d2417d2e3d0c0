"""Histograms: bins with weights, whose values are even within each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Bits, Floats, Ints, unit
from seedbed.core.records import dataclass
from seedbed.core.tables import NumberSource, WeightedIndex

_PLACES = 64  # of each bin, where expected values are summed up


@dataclass(frozen=True)
class Binned:
    """Bins with weights, even within each; with `whole`, the whole numbers of each bin, without its upper end."""

    edges: Floats
    index: WeightedIndex
    whole: bool = False

    @classmethod
    def of(cls, edges: Floats, weights: Floats, *, whole: bool) -> NumberSource:
        """Bins between rising edges, shape (n + 1,), with weights of shape (n,)."""
        shown = np.flatnonzero(weights)
        weights, edges = weights[shown[0] : shown[-1] + 1], edges[shown[0] : shown[-1] + 2]
        return cls(np.ceil(edges) if whole else edges, WeightedIndex.of(weights), whole)

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self.edges[0])

    @property
    def high(self) -> float:
        """The largest value: for floats an end that is not reached."""
        return float(self.edges[-1]) - (1.0 if self.whole else 0.0)

    def draw(self, bits: Bits) -> NDArray[np.float64] | Ints:
        """A value for each draw; shape (n,)."""
        bins = self.index.draw(bits)
        starts = np.concatenate([np.zeros(1, np.uint64), self.index.upper[:-1]])
        begin = starts.take(bins)
        part = (bits - begin).astype(np.float64) / (self.index.upper.take(bins) - begin).astype(np.float64)
        return self._finished(bins, part)

    def _finished(self, bins: NDArray[np.int32] | Ints, part: Floats) -> NDArray[np.float64] | Ints:
        left, right = self.edges.take(bins), self.edges.take(bins + 1)
        values = left + part * (right - left)
        if not self.whole:
            return np.minimum(values, np.nextafter(right, left))
        return np.minimum(np.floor(values), right - 1.0).astype(np.int64)

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> NDArray[np.float64] | Ints:
        """A value in [low, high] for each draw; even within them where no bin has weight there."""
        if self.whole:
            low, high = np.ceil(low), np.floor(high)
        bottom, top = self._below(low), self._below(high + 1.0 if self.whole else high)
        u = unit(bits)
        share = bottom + u * (top - bottom)
        cumulated = np.cumsum(self.index.shares)
        bins = np.minimum(np.searchsorted(cumulated, share, side="right"), len(cumulated) - 1)
        shares = self.index.shares[bins]
        part = np.divide(share - (cumulated[bins] - shares), shares, out=np.zeros(len(u)), where=shares > 0)
        even = low + (np.floor(u * (high - low + 1.0)) if self.whole else u * (high - low))
        values = np.where(top > bottom, self._finished(bins, np.clip(part, 0.0, 1.0)), even)
        held = np.minimum(np.maximum(values, low), high)
        return held.astype(np.int64) if self.whole else held

    def share_between(self, low: float, high: float) -> float:
        """The probability of a value in [low, high]."""
        ends = np.array([np.ceil(low), np.floor(high) + 1.0] if self.whole else [low, high])
        below = self._below(ends)
        return max(0.0, float(below[1] - below[0]))

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the values: the mean over 64 even places of each bin, or all its whole numbers up to so many."""
        total = 0.0
        for left, right, share in zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), self.index.shares.tolist(), strict=True):
            if share > 0:
                count = min(_PLACES, int(right - left)) if self.whole else _PLACES
                places = left + (np.arange(count) + 0.5) * ((right - left) / count)
                values = function(places - 0.5 if self.whole else places)
                total += share * float(np.cumsum(values)[-1]) / count
        return total

    def _below(self, values: Floats) -> Floats:
        """The share below each value."""
        index = np.clip(np.searchsorted(self.edges, values, side="right") - 1, 0, len(self.edges) - 2)
        left, right = self.edges[index], self.edges[index + 1]
        width = np.where(right > left, right - left, 1.0)
        part = np.clip((np.minimum(np.maximum(values, self.low), float(self.edges[-1])) - left) / width, 0.0, 1.0)
        part = np.where(right > left, part, 1.0)
        cumulated = np.concatenate([[0.0], np.cumsum(self.index.shares)])
        found: Floats = cumulated[index] + part * (cumulated[index + 1] - cumulated[index])
        return found
