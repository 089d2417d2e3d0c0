"""Quantiles and shares below a value: exact up to a bound of different numbers, then between known bounds."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Self

import numpy as np

from seedbed.core.records import dataclass
from seedbed.stats.counts import ValueCounts, counted_numbers
from seedbed.stats.grids import BINS, EvenGrid, RelativeGrid
from seedbed.stats.values import Counts, Floats, Numbers


@dataclass(frozen=True, slots=True)
class Cells:
    """Numbers in rising cells [starts, ends], so many in each, shapes (k,); a cell of one number starts where it ends."""

    starts: Floats
    ends: Floats
    counts: Counts

    @property
    def total(self) -> int:
        """How many numbers."""
        return int(self.counts.sum())

    def below(self, places: Floats) -> Floats:
        """The share of numbers up to each place, shape (m,); within a cell they are taken to lie evenly."""
        ends = np.cumsum(self.counts).astype(np.float64)
        before = ends - self.counts
        cell = np.clip(np.searchsorted(self.starts, places, side="right") - 1, 0, len(self.counts) - 1)
        width = self.ends[cell] - self.starts[cell]
        within = np.where(width > 0, (places - self.starts[cell]) / np.where(width > 0, width, 1.0), 1.0)
        share = (before[cell] + np.clip(within, 0.0, 1.0) * self.counts[cell]) / max(self.total, 1)
        return np.where(places < self.starts[0], 0.0, share)

    def quantile(self, share: float) -> float:
        """The number at a share of the others, between neighbours as NumPy's `linear` has it."""
        rank = share * (self.total - 1)
        low = self._at(math.floor(rank))
        return low + (self._at(math.ceil(rank)) - low) * (rank - math.floor(rank)) if rank % 1 else low

    def bounds(self, share: float) -> tuple[float, float]:
        """Between which numbers the quantile surely lies."""
        rank = share * (self.total - 1)
        return float(self.starts[self._cell(math.floor(rank))]), float(self.ends[self._cell(math.ceil(rank))])

    def _cell(self, rank: int) -> int:
        return int(np.searchsorted(np.cumsum(self.counts), rank, side="right"))

    def _at(self, rank: int) -> float:
        cell = self._cell(rank)
        start, end, count = float(self.starts[cell]), float(self.ends[cell]), int(self.counts[cell])
        place = rank - int(self.counts[:cell].sum())
        return start if start == end else start + (end - start) * ((place + 0.5) / count)


@dataclass(slots=True)
class Quantiles:
    """The numbers of a column in a few hundred KiB: all of them while few are different, then two grids of which the finer answers.

    >>> told = Quantiles()
    >>> told.add(np.array([1.0, 2.0, 3.0, 10.0]))
    >>> told.quantile(0.5), told.bounds(0.5)
    (2.5, (2.0, 3.0))
    """

    exact: ValueCounts[Numbers] = field(default_factory=counted_numbers)
    low: float = math.inf
    high: float = -math.inf
    even: EvenGrid | None = None
    relative: RelativeGrid | None = None
    bins: int = BINS

    def add(self, numbers: Numbers) -> None:
        """Take in finite numbers, shape (n,)."""
        if not len(numbers):
            return
        self._widen(float(numbers.min()), float(numbers.max()))
        before = self._held() if self.even is None else None
        self.exact.add(numbers)
        if not self.exact.is_exact:
            self._start(before)
            assert self.even is not None
            assert self.relative is not None
            values = numbers.astype(np.float64, copy=False)
            self.even.add(values)
            self.relative.add(values)

    def merge(self, other: Self) -> None:
        """Take in another's numbers."""
        if not other.exact.total:
            return
        self._widen(other.low, other.high)
        before = self._held() if self.even is None else None
        theirs = other._held()
        self.exact.merge(other.exact)
        if self.exact.is_exact:
            return
        self._start(before)
        assert self.even is not None
        assert self.relative is not None
        if other.even is not None and other.relative is not None:
            self.even.merge(other.even)
            self.relative.merge(other.relative)
        else:
            self.even.add(*theirs)
            self.relative.add(*theirs)

    @property
    def count(self) -> int:
        """How many numbers."""
        return self.exact.total

    @property
    def is_exact(self) -> bool:
        """Whether quantiles are those of NumPy, and not between bounds."""
        return self.even is None

    def cells(self) -> Cells:
        """The numbers, as fine as they are known."""
        if self.even is None or self.relative is None:
            values = self.exact.values.astype(np.float64)
            return Cells(values, values, self.exact.counts)
        starts, ends, counts = min((self.even.cells(), self.relative.cells()), key=_coarseness)
        return Cells(np.maximum(starts, self.low), np.minimum(ends, self.high), counts)

    def quantile(self, share: float) -> float:
        """The number at a share of the others; the mean of neighbours where it lies between two.

        Raises:
            ValueError: there is no number.
        """
        if not self.count:
            message = "no numbers have no quantiles"
            raise ValueError(message)
        return float(min(max(self.cells().quantile(share), self.low), self.high))

    def bounds(self, share: float) -> tuple[float, float]:
        """Between which numbers a quantile surely lies."""
        return self.cells().bounds(share)

    def _widen(self, low: float, high: float) -> None:
        self.low, self.high = min(self.low, low), max(self.high, high)

    def _held(self) -> tuple[Floats, Counts]:
        return self.exact.values.astype(np.float64), self.exact.counts

    def _start(self, before: tuple[Floats, Counts] | None) -> None:
        if self.even is None and before is not None:
            self.even, self.relative = EvenGrid(bins=self.bins), RelativeGrid()
            self.even.add(*before)
            self.relative.add(*before)


def _coarseness(cells: tuple[Floats, Floats, Counts]) -> float:
    """The chance that two numbers share a cell, each counted as wide as its cell is beside the one of a quarter of all."""
    counts = cells[2].astype(np.float64)
    return float((counts * counts).sum())
