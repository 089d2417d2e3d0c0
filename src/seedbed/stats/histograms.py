"""Histograms with edges that people can read."""

from __future__ import annotations

import math

import numpy as np

from seedbed.core.records import dataclass
from seedbed.stats.quantiles import Cells

#: A range so many times that of the middle 98 % is cut off there: one far value would leave all others in one bar.
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class Histogram:
    """So many numbers from one edge to the next, k + 1 edges; `below` and `above` are outside of them."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0


def histogram(cells: Cells, most: int = 40, *, whole: bool = False) -> Histogram:
    """A histogram of at most `most` bars; `whole` numbers get a bar each, or several whole ones.

    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> histogram(Cells(values, values, np.array([5, 1, 1, 1])), whole=True)
    Histogram(edges=(1.0, 2.0, 3.0, 4.0, 5.0), counts=(5, 1, 1, 1), below=0, above=0)
    """
    low, high = float(cells.starts[0]), float(cells.ends[-1])
    first, last = cells.quantile(0.01), cells.quantile(0.99)
    if last > first and high - low > _FAR * (last - first):
        low, high = max(low, first - (last - first) / 4), min(high, last + (last - first) / 4)
    edges = _edges(low, high, most, whole=whole)
    middles = (cells.starts + cells.ends) / 2
    places = np.searchsorted(edges, middles, side="right") - 1
    if not whole:
        places[middles == edges[-1]] = len(edges) - 2  # the last bar has both its edges
    inside = (places >= 0) & (places < len(edges) - 1)
    counts = np.zeros(len(edges) - 1, np.int64)
    np.add.at(counts, places[inside], cells.counts[inside])
    below, above = int(cells.counts[places < 0].sum()), int(cells.counts[places >= len(edges) - 1].sum())
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), below, above)


def _edges(low: float, high: float, most: int, *, whole: bool) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if low == high and not whole:
        half = max(abs(low) * 1e-3, 1e-9)
        return np.array([low - half, low + half])
    if not math.isfinite(high - low):
        return np.array([low, 0.0, high])
    span = high - low + (1.0 if whole else 0.0)
    step = _round_step(span / most, whole=whole)
    start = math.floor(low / step)
    stop = math.floor(high / step) + 1 if whole else max(math.ceil(high / step), start + 1)
    return np.arange(start, stop + 1, dtype=np.float64) * step


def _round_step(least: float, *, whole: bool) -> float:
    """The least of 1, 2, 2.5, 5 times a power of ten that isn't below `least`."""
    if whole and least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    steps = [power * factor for factor in (1, 2, 2.5, 5, 10)]
    return next(step for step in steps if step >= least * (1 - 1e-9) and not (whole and step % 1))
