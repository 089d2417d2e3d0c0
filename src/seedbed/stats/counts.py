"""How often each value occurs: exact up to a bound, then the most frequent with their error, and an estimate of how many there are."""

from __future__ import annotations

from dataclasses import field
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.hashing import Keys, mixed, text_keys
from seedbed.core.records import dataclass
from seedbed.core.text import string_array
from seedbed.stats.distinct import DistinctSketch
from seedbed.stats.values import Counts, Numbers

#: Up to so many different values every one is counted.
EXACT = 50_000

#: After that so many are kept: whoever occurs more often than one in so many rows is surely among them.
_KEPT = 2_048

T = TypeVar("T", Numbers, pa.StringArray)


@dataclass(frozen=True, slots=True)
class Top:
    """A frequent value: it occurs `count` to `count + error` times."""

    value: int | float | str
    count: int
    error: int = 0


class _Sort(Protocol[T]):
    """How values of one sort are grouped."""

    def empty(self) -> T: ...
    def grouped(self, values: T, counts: Counts | None) -> tuple[T, Counts]: ...
    def joined(self, first: T, second: T) -> T: ...
    def picked(self, values: T, places: Counts) -> T: ...
    def keys(self, values: T) -> Keys: ...


class _OfNumbers:
    def empty(self) -> Numbers:
        return np.zeros(0, np.int64)

    def grouped(self, values: Numbers, counts: Counts | None) -> tuple[Numbers, Counts]:
        if counts is None:
            found, times = np.unique(values, return_counts=True)
            return found, times.astype(np.int64)
        found, group = np.unique(values, return_inverse=True)
        return found, _summed(group, counts, len(found))

    def joined(self, first: Numbers, second: Numbers) -> Numbers:
        if not len(first) or not len(second):
            return second if not len(first) else first
        if {first.dtype, second.dtype} == {np.dtype(np.int64), np.dtype(np.uint64)}:  # together they would become floats
            return np.concatenate([first.astype(np.float64), second.astype(np.float64)])
        return np.concatenate([first, second])

    def picked(self, values: Numbers, places: Counts) -> Numbers:
        return values[places]

    def keys(self, values: Numbers) -> Keys:
        return number_keys(values)


class _OfTexts:
    def empty(self) -> pa.StringArray:
        return string_array([])

    def grouped(self, values: pa.StringArray, counts: Counts | None) -> tuple[pa.StringArray, Counts]:
        coded = values.dictionary_encode()
        codes = coded.indices.to_numpy()
        if counts is None:
            return coded.dictionary, np.bincount(codes, minlength=len(coded.dictionary)).astype(np.int64)
        return coded.dictionary, _summed(codes, counts, len(coded.dictionary))

    def joined(self, first: pa.StringArray, second: pa.StringArray) -> pa.StringArray:
        return pa.concat_arrays([first, second])

    def picked(self, values: pa.StringArray, places: Counts) -> pa.StringArray:
        return pc.take(values, pa.array(places))

    def keys(self, values: pa.StringArray) -> Keys:
        return text_keys(values)


def number_keys(numbers: Numbers) -> Keys:
    """The fingerprint of each number, shape (n,): equal numbers have equal ones, whatever their type.

    >>> bool((number_keys(np.array([1, 2])) == number_keys(np.array([1.0, 2.0]))).all())
    True
    """
    if numbers.dtype == np.float64:
        whole = np.abs(numbers) < 2.0**63
        whole &= numbers == np.floor(numbers)
        words = np.where(whole, np.where(whole, numbers, 0.0).astype(np.int64).view(np.uint64), ~numbers.view(np.uint64))
        return mixed(words).view(np.int64)
    return mixed(numbers.view(np.uint64)).view(np.int64)


def _summed(groups: Counts, counts: Counts, size: int) -> Counts:
    total = np.zeros(size, np.int64)
    np.add.at(total, groups, counts)
    return total


@dataclass(slots=True)
class ValueCounts(Generic[T]):
    """The values of one column and how often each occurs, shapes (k,) and (k,).

    While there are at most `bound` different ones all are there, `error` is 0 and `distinct` is exact. Beyond it `values` holds the
    frequent ones, each counted too low by at most `error` (Misra and Gries, 1982; merged as Agarwal et al., "Mergeable summaries", 2012).
    """

    sort: _Sort[T]
    values: T
    counts: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    total: int = 0
    error: int = 0
    bound: int = EXACT
    sketch: DistinctSketch | None = None

    def add(self, values: T) -> None:
        """Take in values, shape (n,)."""
        if len(values):
            self._take(*self.sort.grouped(values, None))

    def add_counted(self, values: T, counts: Counts) -> None:
        """Take in different values that occur so many times, shapes (k,) and (k,)."""
        if len(values):
            self._take(values, counts)

    def merge(self, other: Self) -> None:
        """Take in another's values."""
        self._enter_sketch(other)
        self.error += other.error
        missed = other.total - int(other.counts.sum())
        if len(other.values):
            self._take(other.values, other.counts)
        self.total += missed

    @property
    def is_exact(self) -> bool:
        """Whether every value is counted."""
        return self.sketch is None

    @property
    def distinct(self) -> int:
        """How many different values there are: exact, or an estimate with an error of 0.8 %."""
        return len(self.values) if self.sketch is None else min(self.total, round(self.sketch.estimate))

    def top(self, most: int) -> list[Top]:
        """The most frequent values, of equally frequent the least; none that might be as rare as others that were dropped."""
        order = np.argsort(-self.counts, kind="stable")
        order = order[self.counts[order] > self.error][:most]
        values = self.sort.picked(self.values, order).tolist()
        return [Top(value, count, self.error) for value, count in zip(values, self.counts[order].tolist(), strict=True)]

    def _enter_sketch(self, other: Self) -> None:
        if other.sketch is None:
            return
        if self.sketch is None:
            self._start_sketch()
        assert self.sketch is not None
        self.sketch.merge(other.sketch)

    def _take(self, values: T, counts: Counts) -> None:
        self.total += int(counts.sum())
        if self.sketch is not None:
            self.sketch.add(self.sort.keys(values))
        if len(self.values):
            values, counts = self.sort.grouped(self.sort.joined(self.values, values), np.concatenate([self.counts, counts]))
        self.values, self.counts = values, counts
        if self.sketch is None and len(values) > self.bound:
            self._start_sketch()
        if self.sketch is not None and len(self.values) > _KEPT:
            self._drop_rare()

    def _start_sketch(self) -> None:
        self.sketch = DistinctSketch()
        self.sketch.add(self.sort.keys(self.values))

    def _drop_rare(self) -> None:
        cut = int(np.partition(self.counts, -_KEPT - 1)[-_KEPT - 1])
        kept = np.flatnonzero(self.counts > cut)
        self.values, self.counts = self.sort.picked(self.values, kept), self.counts[kept] - cut
        self.error += cut


def counted_numbers(bound: int = EXACT) -> ValueCounts[Numbers]:
    """No numbers yet.

    >>> told = counted_numbers()
    >>> told.add(np.array([3, 1, 3]))
    >>> told.top(1)
    [Top(value=3, count=2, error=0)]
    """
    return ValueCounts(_OfNumbers(), np.zeros(0, np.int64), bound=bound)


def counted_texts(bound: int = EXACT) -> ValueCounts[pa.StringArray]:
    """No texts yet."""
    return ValueCounts(_OfTexts(), string_array([]), bound=bound)
