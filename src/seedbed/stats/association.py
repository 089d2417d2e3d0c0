"""How two columns go together: Pearson and Spearman for numbers, Cramer's V for groups, the correlation ratio for one of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seedbed.stats.values import Counts, Floats

Matrix = NDArray[np.float64]


@dataclass(slots=True)
class CoMoments:
    """Sums of products of k columns, shapes (k, k), over the rows where both have a number; apart from `shift`, shape (k,)."""

    shift: Floats
    counts: Matrix
    sums: Matrix
    squares: Matrix
    products: Matrix

    @classmethod
    def of(cls, numbers: Matrix) -> Self:
        """Those of one batch, shape (n, k); NaN where there is none."""
        held = np.isfinite(numbers)
        shift = np.where(held, numbers, 0.0).sum(axis=0) / np.maximum(held.sum(axis=0), 1)
        apart = np.where(held, numbers - shift, 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            weights = held.astype(np.float64)
            return cls(shift, weights.T @ weights, apart.T @ weights, (apart * apart).T @ weights, apart.T @ apart)

    def merge(self, other: Self) -> None:
        """Take in other rows of the same columns."""
        d = (other.shift - self.shift)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            self.products += other.products + other.sums * d.T + d * other.sums.T + d * d.T * other.counts
            self.squares += other.squares + 2 * d * other.sums + d * d * other.counts
            self.sums += other.sums + d * other.counts
            self.counts += other.counts

    def pearson(self) -> Matrix:
        """The correlation of each pair, shape (k, k); NaN where one of them doesn't vary or fewer than three rows have both."""
        with np.errstate(all="ignore"):
            spread = self.counts * self.squares - self.sums * self.sums
            crossed = self.counts * self.products - self.sums * self.sums.T
            found = crossed / np.sqrt(spread * spread.T)
            tiny = spread <= 1e-12 * self.counts * self.squares
        found[tiny | tiny.T | (self.counts < 3)] = np.nan
        return np.clip(found, -1.0, 1.0)


def pearson(x: Floats, y: Floats) -> float | None:
    """The correlation of two columns, shapes (n,) and (n,), over the rows that have both; None where one doesn't vary.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if not len(x):
        return None
    found = float(CoMoments.of(np.column_stack([x, y])).pearson()[0, 1])
    return None if math.isnan(found) else found


def ranks(numbers: Floats) -> Floats:
    """The rank of each number from 1 on, equal ones sharing the mean of theirs; NaN stays; shape (n,).

    >>> ranks(np.array([10.0, 30.0, 10.0])).tolist()
    [1.5, 3.0, 1.5]
    """
    found = np.full(len(numbers), np.nan)
    held = ~np.isnan(numbers)
    _, group, counts = np.unique(numbers[held], return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found[held] = (last - (counts - 1) / 2.0)[group]
    return found


def spearman(x: Floats, y: Floats) -> float | None:
    """Pearson's correlation of the ranks: how monotone, whatever the shape."""
    both = ~(np.isnan(x) | np.isnan(y))
    return pearson(ranks(x[both]), ranks(y[both]))


def cross_table(x: Counts, y: Counts) -> Counts:
    """How often each two codes from 0 on come together; negative codes are nulls and count nowhere.

    >>> cross_table(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
    [[1, 1], [0, 1]]
    """
    both = (x >= 0) & (y >= 0)
    x, y = x[both], y[both]
    if not len(x):
        return np.zeros((0, 0), np.int64)
    width = int(y.max()) + 1
    return np.bincount(x * width + y, minlength=(int(x.max()) + 1) * width).reshape(-1, width).astype(np.int64)


def cramers_v(table: Counts) -> float | None:
    """Cramer's V of a cross table with Bergsma's correction of its bias: 0 independent, 1 one tells the other; None below two groups.

    Source: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n = float(table.sum())
    r, c = table.shape
    if r < 2 or c < 2 or n < 2:
        return None
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None, :] / n
    phi2 = float(((table - expected) ** 2 / expected).sum()) / n
    phi2 = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    r_fair, c_fair = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(r_fair, c_fair) - 1
    return min(1.0, math.sqrt(phi2 / least)) if least > 0 else None


def correlation_ratio(groups: Counts, numbers: Floats) -> float | None:
    """How much of the numbers' spread lies between groups (codes from 0 on, negative for null), as a square root: eta, 0 to 1.

    >>> correlation_ratio(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]))
    1.0
    """
    both = (groups >= 0) & ~np.isnan(numbers)
    groups, numbers = groups[both], numbers[both]
    if len(numbers) < 3 or len(np.unique(groups)) < 2:
        return None
    counts = np.bincount(groups)
    held = counts > 0
    numbers = numbers - numbers.mean()
    means = np.bincount(groups, numbers)[held] / counts[held]
    total = float((numbers * numbers).sum())
    if total <= 0:
        return None
    between = float((counts[held] * means * means).sum())
    fair = 1 - (1 - between / total) * (len(numbers) - 1) / max(len(numbers) - int(held.sum()), 1)  # many small groups explain by chance
    return math.sqrt(min(max(fair, 0.0), 1.0))
