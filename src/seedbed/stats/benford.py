"""The first digits of numbers beside those that Benford's law expects."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from seedbed.core.elementary import log
from seedbed.stats.values import Counts, Numbers

#: The shares of the digits 1 to 9.
EXPECTED = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))

_POWERS = np.array([float(f"1e{n}") for n in range(-300, 309)])


@dataclass(slots=True)
class FirstDigits:
    """How often each digit from 1 to 9 comes first, shape (9,), and over how many powers of ten the numbers spread."""

    counts: Counts = field(default_factory=lambda: np.zeros(9, np.int64))
    low: float = math.inf
    high: float = 0.0

    def add(self, numbers: Numbers) -> None:
        """Take in numbers, shape (n,); their sign doesn't count, nor do zeros."""
        sizes = np.abs(numbers.astype(np.float64))
        sizes = sizes[sizes >= 1e-300]
        if not len(sizes):
            return
        self.low, self.high = min(self.low, float(sizes.min())), max(self.high, float(sizes.max()))
        power = np.searchsorted(_POWERS, sizes, side="right") - 1
        digits = np.clip((sizes / _POWERS[power]).astype(np.int64), 1, 9)
        self.counts += np.bincount(digits, minlength=10)[1:]

    def merge(self, other: Self) -> None:
        """Take in another's numbers."""
        self.counts += other.counts
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    @property
    def deviation(self) -> float | None:
        """The mean difference of the shares from Benford's; up to 0.015 they conform (Nigrini, 2012). None without numbers."""
        total = int(self.counts.sum())
        return float(np.abs(self.counts / total - np.array(EXPECTED)).mean()) if total else None

    @property
    def magnitudes(self) -> float:
        """Over how many powers of ten the numbers spread; below two the law isn't expected to hold."""
        return float(log(self.high / self.low)) / math.log(10) if self.high >= self.low > 0 else 0.0
