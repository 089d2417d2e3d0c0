"""Exact sums of numbers by groups, so that no cut and no order of batches changes a mean."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.check.view import Numbers

#: Half numbers of 32 bits added so often stay below 2^53, up to which float64 counts exactly.
_MOST_ROWS = 1 << 20

_LOW_BITS = 27  # a float has 53 significant bits: 26 high ones and 27 low ones
_LOW_MASK = (1 << _LOW_BITS) - 1


#: Whole numbers below 2^_LEVEL_BITS, so many of them, add up to less than 2^53, up to which float64 counts exactly.
_LEVEL_ROWS, _LEVEL_BITS = 1 << 15, 38

#: Numbers whose bits lie further apart than so many levels are added up in the other way.
_MOST_LEVELS = 4


def _by_levels(numbers: NDArray[np.float64]) -> list[tuple[int, int]] | None:
    """Powers of two and whole numbers: the products add up to the sum of at most `_LEVEL_ROWS` numbers; None where it takes too many.

    A level is the whole part of all numbers times a power of two that keeps them below 2^38. Scaling up, cutting and taking away what
    was cut lose no bit, so the sum is exact as soon as nothing is left.
    """
    most = max(-float(numbers.min()), float(numbers.max())) if len(numbers) else 0.0
    if not math.isfinite(most):
        return None
    shift = _LEVEL_BITS - math.frexp(most)[1]
    if shift < 0 or shift > _MOST_SHIFT:
        return None if most else []
    rest = numbers * 2.0**shift
    totals = []
    for _ in range(_MOST_LEVELS):
        whole = np.trunc(rest)
        totals.append((-shift, int(whole.sum())))
        rest -= whole
        if not rest.any():
            return totals
        rest *= 2.0**_LEVEL_BITS
        shift += _LEVEL_BITS
    return None


#: Powers of two that float64 has, and room above.
_MOST_SHIFT = 900


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
        if numbers.dtype == object:
            totals = np.zeros(self.groups, object)
            np.add.at(totals, groups, numbers)
            self._put(0, totals)
            return
        for start in range(0, len(numbers), _MOST_ROWS):
            piece = slice(start, start + _MOST_ROWS)
            self._add(groups[piece], numbers[piece])

    def add_all(self, numbers: Numbers) -> None:
        """Take in numbers of the one group there is, shape (n,): the same sums as `add` has, sooner where sizes are alike."""
        if numbers.dtype != np.float64:
            self.add(np.zeros(len(numbers), np.int64), numbers)
            return
        for start in range(0, len(numbers), _LEVEL_ROWS):
            piece: NDArray[np.float64] = numbers[start : start + _LEVEL_ROWS]  # type: ignore[assignment]  # as the line above says
            totals = _by_levels(piece)
            if totals is None:
                self.add(np.zeros(len(piece), np.int64), piece)
                continue
            self.counts[0] += len(piece)
            for power, total in totals:
                self._put(power, np.array([total], object))

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
