"""Mean, deviation, skewness and kurtosis that add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from seedbed.stats.values import Numbers


@dataclass(slots=True)
class Moments:
    """Count, mean and central sums of powers of numbers.

    Source: Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments", 2008.

    >>> told = Moments()
    >>> told.add(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> told.mean, told.variance
    (2.5, 1.6666666666666667)
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    def add(self, numbers: Numbers) -> None:
        """Take in numbers without NaN, shape (n,)."""
        if len(numbers):
            values = numbers.astype(np.float64, copy=False)
            with np.errstate(over="ignore", invalid="ignore"):
                mean = float(values.mean())
                apart = values - mean
                square = apart * apart
                self._take(len(values), mean, float(square.sum()), float((square * apart).sum()), float((square * square).sum()))

    def merge(self, other: Self) -> None:
        """Take in another's numbers."""
        if other.count:
            with np.errstate(over="ignore", invalid="ignore"):
                self._take(other.count, other.mean, other.m2, other.m3, other.m4)

    def _take(self, count: int, mean: float, m2: float, m3: float, m4: float) -> None:
        a, b = float(self.count), float(count)
        n = a + b
        d = np.float64(mean) - self.mean  # NumPy's floats grow to infinity where Python's raise
        self.m4 += m4 + float(d**4 * a * b * (a * a - a * b + b * b) / n**3)
        self.m4 += float(6 * d * d * (a * a * m2 + b * b * self.m2) / (n * n) + 4 * d * (a * m3 - b * self.m3) / n)
        self.m3 += m3 + float(d**3 * a * b * (a - b) / (n * n) + 3 * d * (a * m2 - b * self.m2) / n)
        self.m2 += m2 + float(d * d * a * b / n)
        self.mean = float(self.mean + d * b / n) if self.count else mean
        self.count += count

    @property
    def sum(self) -> float:
        """The sum, but for the last digits."""
        return self.mean * self.count

    @property
    def variance(self) -> float | None:
        """The variance of a sample (n - 1); None below two numbers, and where it is too great for a float."""
        return _finite(self.m2 / (self.count - 1)) if self.count > 1 else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation of a sample; None below two numbers."""
        return math.sqrt(self.variance) if self.variance is not None else None

    @property
    def skewness(self) -> float | None:
        """The third standardised moment; None where all numbers are equal."""
        return _finite(math.sqrt(self.count) * self.m3 / (self.m2 * math.sqrt(self.m2))) if self._varies else None

    @property
    def kurtosis(self) -> float | None:
        """The fourth standardised moment less that of the normal distribution, 3; None where all numbers are equal."""
        return _finite(self.count * self.m4 / (self.m2 * self.m2) - 3.0) if self._varies else None

    @property
    def _varies(self) -> bool:
        return self.m2 * self.m2 > 0 and math.sqrt(self.m2) > 1e-15 * abs(self.mean) * math.sqrt(self.count)


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
