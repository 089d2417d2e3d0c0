"""Counts of numbers in bins that double in width when the range grows: always the same for the same numbers, however they are cut."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from seedbed.stats.values import Counts, Floats

#: A grid has at most so many bins where nothing else is said.
BINS = 1 << 16

#: Bits of a float's 52 that a bucket leaves out: 256 buckets between a number and its double.
_LEFT_OUT = 44


def _no_counts() -> Counts:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class EvenGrid:
    """Bins of equal width 2^exponent, the first from `first` * 2^exponent on: fine where numbers fill a range."""

    exponent: int = -1074
    first: int = 0
    counts: Counts = field(default_factory=_no_counts)
    low: float = math.inf
    high: float = -math.inf
    bins: int = BINS

    def add(self, numbers: Floats, times: Counts | None = None) -> None:
        """Take in finite numbers, shape (n,), each so many times."""
        if not len(numbers):
            return
        self._reach(float(numbers.min()), float(numbers.max()))
        places = np.floor(np.ldexp(numbers, -self.exponent)).astype(np.int64) - self.first
        if times is None:
            self.counts += np.bincount(places, minlength=len(self.counts))
        else:
            np.add.at(self.counts, places, times)

    def merge(self, other: Self) -> None:
        """Take in another's numbers."""
        if len(other.counts):
            self._reach(other.low, other.high)
            self._place(other.first, other.counts, self.exponent - other.exponent)

    def cells(self) -> tuple[Floats, Floats, Counts]:
        """The bins that aren't empty: from, to, count; shapes (k,)."""
        places = np.flatnonzero(self.counts)
        starts = (places + self.first).astype(np.float64)
        return np.ldexp(starts, self.exponent), np.ldexp(starts + 1.0, self.exponent), self.counts[places]

    def _reach(self, low: float, high: float) -> None:
        low, high = min(low, self.low), max(high, self.high)
        if (low, high) == (self.low, self.high):
            return
        before, self.low, self.high = (self.exponent, self.first, self.counts), low, high
        self.exponent = _exponent(low, high, self.bins)
        self.first = _bin(low, self.exponent)
        self.counts = np.zeros(_bin(high, self.exponent) - self.first + 1, np.int64)
        if len(before[2]):
            self._place(before[1], before[2], self.exponent - before[0])

    def _place(self, first: int, counts: Counts, doublings: int) -> None:
        places = np.flatnonzero(counts)
        shift = min(doublings, 63)
        np.add.at(self.counts, ((places + first) >> shift) - self.first, counts[places])


def _bin(number: float, exponent: int) -> int:
    return math.floor(math.ldexp(number, -exponent))


def _exponent(low: float, high: float, bins: int) -> int:
    """The least exponent whose bins cover [low, high] with at most so many bins, each number of 53 bits in one."""
    exponent = max(math.frexp(max(abs(low), abs(high)))[1] - 53, -1000)
    spread = high / 2 - low / 2  # the whole may be too large for a float
    exponent = max(exponent, math.frexp(spread)[1] + 1 - 18)
    while _bin(high, exponent) - _bin(low, exponent) >= bins:
        exponent += 1
    return exponent


@dataclass(slots=True)
class RelativeGrid:
    """Buckets that are 1/256 to 1/512 of their numbers wide: fine where numbers are of very different sizes."""

    keys: Counts = field(default_factory=_no_counts)
    counts: Counts = field(default_factory=_no_counts)

    def add(self, numbers: Floats, times: Counts | None = None) -> None:
        """Take in finite numbers, shape (n,), each so many times."""
        keys = _ordered(np.ascontiguousarray(numbers)) >> _LEFT_OUT
        if times is None:
            found, counts = np.unique(keys.astype(np.int32), return_counts=True)
            self._take(found.astype(np.int64), counts)
        else:
            self._take(keys, times)

    def merge(self, other: Self) -> None:
        """Take in another's numbers."""
        self._take(other.keys, other.counts)

    def cells(self) -> tuple[Floats, Floats, Counts]:
        """The buckets that aren't empty: from, to, count; shapes (k,)."""
        starts = self.keys << _LEFT_OUT
        return _number(starts), _number(starts + (1 << _LEFT_OUT) - 1), self.counts

    def _take(self, keys: Counts, counts: Counts) -> None:
        self.keys, group = np.unique(np.concatenate([self.keys, keys]), return_inverse=True)
        total = np.zeros(len(self.keys), np.int64)
        np.add.at(total, group, np.concatenate([self.counts, counts]))
        self.counts = total


def _ordered(numbers: Floats) -> Counts:
    """Whole numbers in the order of the floats; shape (n,)."""
    bits = numbers.view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits - 1, bits)


def _number(ordered: Counts) -> Floats:
    bits = np.where(ordered < 0, np.int64(-(2**63)) - ordered - 1, ordered)
    found: Floats = bits.view(np.float64)
    return found
