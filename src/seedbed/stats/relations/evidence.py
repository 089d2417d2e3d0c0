"""What is kept of a column to tell which others its values come from: a sample of its different values by their fingerprints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import pyarrow as pa

from seedbed.core.hashing import Keys
from seedbed.stats.fingerprints import column_keys, has_keys

#: Different values that are kept: all, up to so many; then those with the least fingerprints.
MOST_VALUES = 1 << 16

#: Types whose values may be equal.
Family = Literal["whole", "text", "moment", "decimal", "other"]


def family_of(kind: pa.DataType) -> Family:
    """The family of a type."""
    if pa.types.is_dictionary(kind):
        return family_of(kind.value_type)
    if pa.types.is_integer(kind):
        return "whole"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "moment"
    return "decimal" if pa.types.is_decimal(kind) or pa.types.is_floating(kind) else "other"


def _nothing() -> Keys:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class ValueSketch:
    """The different values of a column by the least of their fingerprints, with how often each comes; any order and any cut alike.

    Exact up to 65,536 of them. `least` and `counts` have shape (k,), the fingerprints rising.

    Source: Bar-Yossef et al., "Counting distinct elements in a data stream", RANDOM 2002; for two columns Dasgupta et al.,
    "A framework for estimating stream expression cardinalities", ICDT 2016.

    >>> one, other = ValueSketch(), ValueSketch()
    >>> one.add(np.arange(50)), other.add(np.arange(100))
    (None, None)
    >>> one.within(other), other.within(one), other.distinct
    (1.0, 0.5, 100.0)
    """

    least: Keys = field(default_factory=_nothing)
    counts: Keys = field(default_factory=_nothing)
    is_exact: bool = True

    def add(self, keys: Keys) -> None:
        """Take in the fingerprints of some values, shape (n,)."""
        values, counts = np.unique(keys if self.is_exact else keys[keys <= self.least[-1]], return_counts=True)
        self._join(values, counts)

    def merge(self, other: Self) -> None:
        """Take in another column's."""
        cut = min((sketch.least[-1] for sketch in (self, other) if not sketch.is_exact), default=None)
        self.is_exact = self.is_exact and other.is_exact
        self._join(other.least, other.counts)
        if cut is not None:
            kept = self.least <= cut
            self.least, self.counts = self.least[kept], self.counts[kept]

    def _join(self, values: Keys, counts: Keys) -> None:
        joined, places = np.unique(np.concatenate([self.least, values]), return_inverse=True)
        totals = np.bincount(places, np.concatenate([self.counts, counts]), len(joined)).astype(np.int64)
        if len(joined) > MOST_VALUES:
            joined, totals, self.is_exact = joined[:MOST_VALUES], totals[:MOST_VALUES], False
        self.least, self.counts = joined, totals

    @property
    def distinct(self) -> float:
        """How many different values there are; within 1 % or so where not exact."""
        if self.is_exact or not len(self.least):
            return float(len(self.least))
        share = (float(self.least[-1]) + 2.0**63) / 2.0**64
        return (len(self.least) - 1) / share

    def within(self, other: ValueSketch) -> float:
        """The share of this one's values, each as often as it comes, that are among the other's."""
        bound = min((sketch.least[-1] for sketch in (self, other) if not sketch.is_exact), default=None)
        mine = self.least if bound is None else self.least[self.least <= bound]
        total = int(self.counts[: len(mine)].sum())
        return float(self.counts[: len(mine)][np.isin(mine, other.least, assume_unique=True)].sum()) / total if total else 0.0

    def used_by(self, other: ValueSketch) -> float:
        """The share of this one's different values that the other has too."""
        bound = min((sketch.least[-1] for sketch in (self, other) if not sketch.is_exact), default=None)
        mine = self.least if bound is None else self.least[self.least <= bound]
        return float(np.isin(mine, other.least, assume_unique=True).mean()) if len(mine) else 0.0


@dataclass(slots=True)
class ColumnEvidence:
    """A column as keys are sought: its values, and for whole numbers their ends; for texts their lengths."""

    name: str
    family: Family
    rows: int = 0
    nulls: int = 0
    values: ValueSketch = field(default_factory=ValueSketch)
    low: int | None = None
    high: int | None = None
    longest: int = 0

    @classmethod
    def of(cls, name: str, kind: pa.DataType) -> Self:
        """Nothing seen yet of a column of a type."""
        return cls(name, family_of(kind) if has_keys(kind) else "other")

    def add(self, column: pa.Array) -> None:
        """Take in a batch."""
        self.rows += len(column)
        self.nulls += column.null_count
        present = column.drop_null()
        if not len(present) or self.family == "other":
            return
        if pa.types.is_dictionary(present.type):
            present = present.dictionary.take(present.indices)
        self.values.add(column_keys(present))
        if self.family == "whole":
            numbers = np.asarray(present.cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False))
            self._widen(int(numbers.min()), int(numbers.max()))
        elif self.family == "text":
            offsets = np.frombuffer(present.cast(pa.large_binary()).buffers()[1], np.int64)
            self.longest = max(self.longest, int(np.diff(offsets[present.offset : present.offset + len(present) + 1]).max(initial=0)))

    def merge(self, other: Self) -> None:
        """Take in other rows of the same column."""
        self.rows, self.nulls, self.longest = self.rows + other.rows, self.nulls + other.nulls, max(self.longest, other.longest)
        self.values.merge(other.values)
        if other.low is not None and other.high is not None:
            self._widen(other.low, other.high)

    def _widen(self, low: int, high: int) -> None:
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    @property
    def distinct(self) -> float:
        """How many different values there are, about."""
        return min(self.values.distinct, float(self.rows - self.nulls))

    @property
    def uniqueness(self) -> float:
        """Different values for each value; 1 where none comes twice."""
        return self.distinct / max(1, self.rows - self.nulls)

    @property
    def null_share(self) -> float:
        """The share of nulls."""
        return self.nulls / self.rows if self.rows else 0.0

    @property
    def density(self) -> float:
        """Different whole numbers for each number between the ends: 1 where they are 1, 2, 3 ...; 0 for other types."""
        if self.low is None or self.high is None:
            return 0.0
        return self.distinct / (self.high - self.low + 1)
