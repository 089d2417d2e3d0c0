"""Exact sums of numbers by groups, so that no cut and no order of batches changes a mean."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.check.view import Numbers

#: Half numbers of 32 bits added so often stay below 2^53, up to which float64 counts exactly.
_MOST_ROWS = 1 << 20

_LOW_BITS = 27  # a float has 53 significant bits: 26 high ones and 27 low ones
_LOW_MASK = (1 << _LOW_BITS) - 1


class ExactSums:
    """Sums of finite numbers and how many they are, for each of `groups` groups.

    A number is split into two halves of whole numbers times a power of two; the halves are added up as integers, a total for each
    power of two. Numbers that are not finite are only counted.
    """

    __slots__ = ("_totals", "counts", "groups", "not_finite")

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self.counts: NDArray[np.int64] = np.zeros(groups, np.int64)
        self.not_finite = 0
        self._totals: dict[int, NDArray[Any]] = {}  # power of two -> Python's integers, shape (groups,)

    @classmethod
    def of(cls, total: int, count: int) -> ExactSums:
        """The sums of one group of `count` whole numbers that add up to `total`."""
        found = cls(1)
        found.counts[0] = count
        found._put(0, np.array([total], object))
        return found

    def add(self, groups: NDArray[np.int64], numbers: Numbers) -> None:
        """Take in numbers and the group of each, shapes (n,) and (n,)."""
        if numbers.dtype == np.float64:
            finite = np.isfinite(numbers)
            if not finite.all():
                self.not_finite += int(np.count_nonzero(~finite))
                groups, numbers = groups[finite], numbers[finite]
        self.counts += np.bincount(groups, minlength=self.groups)
        for start in range(0, len(numbers), _MOST_ROWS):
            piece = slice(start, start + _MOST_ROWS)
            self._add(groups[piece], numbers[piece])

    def merge(self, other: ExactSums) -> None:
        """Take in another's sums."""
        self.counts += other.counts
        self.not_finite += other.not_finite
        for power, totals in other._totals.items():
            self._put(power, totals)

    def total(self, group: int) -> Fraction:
        """The exact sum of a group."""
        return sum((Fraction(2) ** power * int(totals[group]) for power, totals in self._totals.items()), Fraction(0))

    def mean(self, group: int) -> float:
        """The mean of a group that has numbers, rounded once."""
        return float(self.total(group) / int(self.counts[group]))

    def _add(self, groups: NDArray[np.int64], numbers: Numbers) -> None:
        if numbers.dtype != np.float64:
            self._put(32, self._summed(groups, numbers >> 32))  # type: ignore[operator]  # int64, the other kind has its own way
            self._put(0, self._summed(groups, numbers & 0xFFFF_FFFF))  # type: ignore[operator]  # as above
            return
        fractions, powers = np.frexp(numbers)
        whole = np.ldexp(fractions, 53).astype(np.int64)
        kinds, kind = np.unique(powers, return_inverse=True)
        cells = groups * len(kinds) + kind
        high = self._summed(cells, whole >> _LOW_BITS, len(kinds))
        low = self._summed(cells, whole & _LOW_MASK, len(kinds))
        for index, power in enumerate(kinds.tolist()):
            self._put(power - 53 + _LOW_BITS, high[index :: len(kinds)])
            self._put(power - 53, low[index :: len(kinds)])

    def _summed(self, cells: NDArray[np.int64], halves: NDArray[np.int64], width: int = 1) -> NDArray[Any]:
        sums = np.bincount(cells, weights=halves.astype(np.float64), minlength=self.groups * width)
        return sums.astype(np.int64).astype(object)

    def _put(self, power: int, totals: NDArray[Any]) -> None:
        known = self._totals.get(power)
        self._totals[power] = totals if known is None else known + totals
