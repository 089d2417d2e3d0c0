"""Columns that tell rows apart, and columns that tell other columns: sought in a sample, then made sure of on all rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from itertools import combinations
from typing import Self

import numpy as np

from seedbed.core.hashing import Keys
from seedbed.core.records import dataclass
from seedbed.stats.values import Counts

#: At most so many columns are looked at in pairs, and so many findings of a sample made sure of.
_COLUMNS = 40
MOST = 40

#: More fingerprints than these are not kept: 160 MB.
_MOST_ROWS = 20_000_000

#: What a determinant may have of different values, all rows counted.
_MOST_GROUPS = 200_000

#: A column with a greater share of different values makes a pair differ whatever the other one is.
_NEARLY = 0.9

#: A dependency must be as unlikely by chance as this many heads in a row.
_LEAST_BITS = 20.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """Rows equal in `determinant` are equal in `dependent`."""

    determinant: str
    dependent: str


def key_candidates(codes: Mapping[str, Counts], ruled_out: frozenset[str]) -> list[tuple[str, ...]]:
    """Columns, and pairs of columns without such a column, in which all rows of a sample differ.

    `codes` has a code for each row and column, shape (n,), negative for null; a key has no null. `ruled_out` names columns that all rows
    of the table, not only the sample, show to repeat or to have nulls: they can only be part of a pair, if they have no nulls in the sample.

    >>> key_candidates({"a": np.array([0, 0, 1, 1]), "b": np.array([0, 1, 0, 1])}, frozenset())
    [('a', 'b')]
    """
    whole = {name: column for name, column in codes.items() if len(column) > 1 and column.min() >= 0}
    singles = [(name,) for name, column in whole.items() if name not in ruled_out and _differ(column)]
    others = {name: column for name, column in whole.items() if (name,) not in singles}
    distinct = {name: int(column.max()) + 1 for name, column in others.items()}
    chosen = sorted(others, key=lambda name: -distinct[name])[:_COLUMNS]
    pairs: list[tuple[str, ...]] = []
    for a, b in combinations([name for name in others if name in chosen], 2):
        rows, widths = len(others[a]), sorted((distinct[a], distinct[b]))
        is_possible = widths[0] * widths[1] >= rows and widths[0] > 1 and widths[1] <= _NEARLY * rows
        if is_possible and _differ(others[a] * distinct[b] + others[b]):
            pairs.append((a, b))
    return [*singles, *pairs][:MOST]


def dependency_candidates(codes: Mapping[str, Counts]) -> list[Dependency]:
    """Dependencies of single columns that hold in a sample and are no accident, the surest first.

    Nulls count as a value. Columns whose values hardly repeat tell nothing; a column of one value is told by all.
    """
    coded = {name: column - column.min() for name, column in codes.items() if len(column) > 1}
    distinct = {name: int(np.count_nonzero(np.bincount(column))) for name, column in coded.items()}
    dependents = [name for name in coded if distinct[name] > 1][:_COLUMNS]
    found = []
    for a in dependents:
        if distinct[a] > len(coded[a]) / 3:
            continue
        for b in dependents:
            if a != b and distinct[b] <= distinct[a] and _tells(coded[a], coded[b]):
                bits = (len(coded[a]) - distinct[a]) * _surprise(coded[b])
                if bits >= _LEAST_BITS:
                    found.append((bits, Dependency(a, b)))
    return [dependency for _, dependency in sorted(found, key=lambda pair: -pair[0])][:MOST]


def _differ(codes: Counts) -> bool:
    return len(np.unique(codes)) == len(codes)


def _tells(a: Counts, b: Counts) -> bool:
    """Whether equal a have equal b; a small part is looked at first."""
    return all(_is_function(a[:size], b[:size]) for size in (500, len(a)))


def _is_function(a: Counts, b: Counts) -> bool:
    first = np.full(int(a.max()) + 1, -1)
    first[a] = b  # some b of each a: if all rows of an a agree, it is theirs
    return bool((first[a] == b).all())


def _surprise(codes: Counts) -> float:
    """How unlikely it is, in bits, that two rows agree."""
    shares = np.bincount(codes) / len(codes)
    return -math.log2(float((shares * shares).sum()))


@dataclass(slots=True)
class Uniqueness:
    """Whether all fingerprints differ; None once there are too many to keep."""

    rows: int = 0
    _pieces: list[Keys] = field(default_factory=list)

    def add(self, keys: Keys) -> None:
        """Take in a batch's fingerprints."""
        self.rows += len(keys)
        if self.rows <= _MOST_ROWS:
            self._pieces.append(keys)
        else:
            self._pieces.clear()

    def merge(self, other: Self) -> None:
        """Take in other rows."""
        self.rows += other.rows
        self._pieces = [*self._pieces, *other._pieces] if self.rows <= _MOST_ROWS else []

    @property
    def holds(self) -> bool | None:
        """True where all differ; None where nobody knows."""
        if self.rows > _MOST_ROWS:
            return None
        keys = np.sort(np.concatenate([np.zeros(0, np.int64), *self._pieces]))
        return not bool((keys[1:] == keys[:-1]).any())


@dataclass(slots=True)
class Determination:
    """Whether equal determinants always had equal dependents; None once there are too many determinants to keep."""

    determinants: Keys = field(default_factory=lambda: np.zeros(0, np.int64))
    pairs: Keys = field(default_factory=lambda: np.zeros(0, np.int64))
    is_full: bool = False

    def add(self, determinants: Keys, pairs: Keys) -> None:
        """Take in the fingerprints of determinants, and of determinants with dependents; shapes (n,)."""
        if not self.is_full:
            self.determinants = np.union1d(self.determinants, determinants)
            self.pairs = np.union1d(self.pairs, pairs)
            self.is_full = len(self.determinants) > _MOST_GROUPS

    def merge(self, other: Self) -> None:
        """Take in other rows."""
        self.add(other.determinants, other.pairs)
        self.is_full |= other.is_full

    @property
    def holds(self) -> bool | None:
        """True where each determinant had one dependent; False is sure even where not all rows were kept."""
        if len(self.pairs) > len(self.determinants):
            return False
        return None if self.is_full else True
