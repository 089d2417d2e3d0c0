"""Fences beyond which numbers are said to lie far from the others, and the rows that do."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Literal, Self, TypeAlias

import numpy as np

from seedbed.core.records import dataclass
from seedbed.stats.moments import Moments
from seedbed.stats.quantiles import Cells, Quantiles
from seedbed.stats.values import Counts, Floats, Numbers

Method: TypeAlias = Literal["iqr", "zscore", "mad"]

#: How far is far, where nothing is said: Tukey's 1.5, three deviations, Iglewicz and Hoaglin's 3.5.
LIMITS: dict[Method, float] = {"iqr": 1.5, "zscore": 3.0, "mad": 3.5}

#: The MAD of a normal distribution is so much of its deviation.
_MAD_OF_NORMAL = 0.6744897501960817


@dataclass(frozen=True, slots=True)
class Fence:
    """Numbers below `low` or above `high` lie far; `told` says why."""

    method: Method
    low: float
    high: float
    told: str

    def is_outside(self, numbers: Numbers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which numbers lie far, shape (n,)."""
        return (numbers < self.low) | (numbers > self.high)

    def share_outside(self, cells: Cells) -> float:
        """About how many of the numbers lie far, as a share."""
        middles = (cells.starts + cells.ends) / 2
        return float(cells.counts[self.is_outside(middles)].sum()) / max(cells.total, 1)


def fence(method: Method, quantiles: Quantiles, moments: Moments, limit: float | None = None) -> Fence | None:
    """The fence of a column; None where its numbers don't spread.

    `limit` is how far is far: ranges between the quartiles, deviations, or MADs made comparable to deviations.

    >>> told, moments = Quantiles(), Moments()
    >>> for state in (told, moments):
    ...     state.add(np.arange(101.0))
    >>> fence("iqr", told, moments).high
    150.0
    """
    factor = LIMITS[method] if limit is None else limit
    if not quantiles.count:
        return None
    if method == "zscore":
        if not moments.deviation:
            return None
        reach = factor * moments.deviation
        return Fence(method, moments.mean - reach, moments.mean + reach, f"mean {moments.mean:.6g}, deviation {moments.deviation:.6g}")
    if method == "iqr":
        low, high = quantiles.quantile(0.25), quantiles.quantile(0.75)
        reach = factor * (high - low)
        return Fence(method, low - reach, high + reach, f"quartiles {low:.6g} and {high:.6g}") if high > low else None
    median = quantiles.quantile(0.5)
    spread = median_deviation(quantiles.cells(), median)
    reach = factor * spread / _MAD_OF_NORMAL
    return Fence(method, median - reach, median + reach, f"median {median:.6g}, MAD {spread:.6g}") if spread > 0 else None


def ratio_fence(quantiles: Quantiles, limit: float) -> Fence | None:
    """Tukey's fence by ratios rather than differences, for positive numbers with a long tail; None where the quartiles don't allow it.

    >>> told = Quantiles()
    >>> told.add(np.array([1.0, 10.0, 100.0]))
    >>> fence = ratio_fence(told, 1.0)
    >>> (round(fence.low, 3), round(fence.high)) if fence else None
    (0.55, 550)
    """
    if not quantiles.count or quantiles.low <= 0:
        return None
    low, high = quantiles.quantile(0.25), quantiles.quantile(0.75)
    if high <= low or limit * math.log(high / low) > 300:
        return None
    reach = (high / low) ** limit
    return Fence("iqr", low / reach, high * reach, f"quartiles {low:.6g} and {high:.6g}, by ratios")


def median_deviation(cells: Cells, median: float) -> float:
    """The median of the distances from the median."""
    ends = np.abs(cells.starts - median), np.abs(cells.ends - median)
    holds = (cells.starts <= median) & (median <= cells.ends)
    near, far = np.where(holds, 0.0, np.minimum(*ends)), np.maximum(*ends)
    middles = np.where(cells.starts == cells.ends, far, (near + far) / 2)
    order = np.argsort(middles, kind="stable")
    return Cells(middles[order], middles[order], cells.counts[order]).quantile(0.5)


@dataclass(slots=True)
class FarRows:
    """The rows whose numbers lie farthest beyond a fence, and how many do."""

    fence: Fence
    most: int = 10
    count: int = 0
    rows: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    values: Floats = field(default_factory=lambda: np.zeros(0))

    def add(self, rows: Counts, numbers: Numbers) -> None:
        """Take in rows and their numbers, shapes (n,) and (n,)."""
        far = np.flatnonzero(self.fence.is_outside(numbers))
        self.count += len(far)
        self._keep(rows[far], numbers[far].astype(np.float64))

    def merge(self, other: Self) -> None:
        """Take in other rows of the same table."""
        self.count += other.count
        self._keep(other.rows, other.values)

    def _keep(self, rows: Counts, values: Floats) -> None:
        rows, values = np.concatenate([self.rows, rows]), np.concatenate([self.values, values])
        beyond = np.maximum(self.fence.low - values, values - self.fence.high)
        order = np.lexsort((rows, -beyond))[: self.most]
        self.rows, self.values = rows[order], values[order]
