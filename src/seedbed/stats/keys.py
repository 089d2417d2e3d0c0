"""Columns that tell rows apart, and columns that tell other columns: sought in a sample, then made sure of on all rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import combinations
from typing import Self

import numpy as np

from seedbed.core.hashing import Keys
from seedbed.core.records import dataclass
from seedbed.stats.values import Counts

#: At most so many columns are looked at together, and so many findings of a sample made sure of.
MOST_COLUMNS = 40
MOST = 40

#: A key has at most so many columns.
MOST_TOGETHER = 4

#: Of each number of columns, so many sets that are no keys are tried with one more: those that repeat least.
_BEAM = 30

#: Rows on which sets of columns are tried first; only those that hold there are tried on the whole sample.
_FEW_ROWS = 3_000

#: Columns that are looked at as pairs which tell others: those of the fewest different values.
_MOST_TELLING = 20

#: More fingerprints than these are not kept, of one key (160 MB) and of all of them.
_MOST_ROWS = 20_000_000
_MOST_KEPT = 60_000_000

#: Fingerprints are looked through for repeats whenever so many more have come.
_PIECE = 1 << 20

#: What a determinant may have of different values, all rows counted.
_MOST_GROUPS = 200_000

#: A column with a greater share of different values makes a set differ whatever the others are.
_NEARLY = 0.9

#: A dependency must be as unlikely by chance as this many heads in a row, a key of three columns and more as so many pairs of rows.
_LEAST_BITS = 20.0
_LEAST_PAIRS = 20.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """Rows equal in the `determinants`, one or two columns, are equal in `dependent`."""

    determinants: tuple[str, ...]
    dependent: str


def key_candidates(codes: Mapping[str, Counts], ruled_out: frozenset[str]) -> list[tuple[str, ...]]:
    """Columns, and sets of two to four columns of which none can be left out, in which all rows of a sample differ.

    `codes` has a code for each row and column, shape (n,), negative for null; a key has no null. `ruled_out` names columns that all rows
    of the table, not only the sample, show to repeat or to have nulls: they can only be part of a set, if they have no nulls in the sample.
    The columns with the most different values are looked at together; a set is tried with one more column only if it is among those that
    repeat least. Sets of three and more must be no accident: with columns that know nothing of each other, rows would repeat.

    >>> key_candidates({"a": np.array([0, 0, 1, 1]), "b": np.array([0, 1, 0, 1])}, frozenset())
    [('a', 'b')]
    """
    whole = {name: column for name, column in codes.items() if len(column) > 1 and column.min() >= 0}
    singles = [(name,) for name, column in whole.items() if name not in ruled_out and _differ(column)]
    others = {name: column for name, column in whole.items() if (name,) not in singles}
    distinct = {name: int(column.max()) + 1 for name, column in others.items()}
    rows = len(next(iter(others.values()), ()))
    usable = [name for name in others if 1 < distinct[name] <= _NEARLY * rows]
    chosen = sorted(usable, key=lambda name: -distinct[name])[:MOST_COLUMNS]
    return [*singles, *_together({name: others[name] for name in usable if name in chosen})][:MOST]


def _together(columns: Mapping[str, Counts]) -> list[tuple[str, ...]]:
    """The sets of several columns, the smaller ones first, of each size those that are the least accidental."""
    names = list(columns)
    few = {name: column[:_FEW_ROWS] for name, column in columns.items()}
    chances = {name: _agreement(column) for name, column in columns.items()}
    rows = len(next(iter(columns.values()), ()))
    pairs = rows * (rows - 1) / 2
    found: list[tuple[str, ...]] = []
    sets: dict[tuple[str, ...], Counts] = {(name,): few[name] for name in names}
    for size in range(2, MOST_TOGETHER + 1):
        tried: dict[tuple[str, ...], tuple[int, Counts]] = {}
        for one, codes in sets.items():
            for name in names:
                both = tuple(sorted({*one, name}, key=names.index))
                if len(both) == size and both not in tried and not any(set(key) <= set(both) for key in found):
                    tried[both] = _joined(codes, few[name])
        meant = [one for one in tried if tried[one][0] or _is_meant(one, columns, chances, pairs)]  # what is no key by chance grows to none
        keys = {one for one in meant if not tried[one][0] and not _repeats([columns[name] for name in one])}
        found += sorted(keys, key=lambda one: (-_by_chance(one, chances, pairs), one))
        rest = sorted((tried[one][0], one) for one in meant if one not in keys)
        sets = {one: tried[one][1] for _, one in rest[:_BEAM]}
    return found


def _joined(codes: Counts, column: Counts) -> tuple[int, Counts]:
    """How many rows repeat in both, and a code for both."""
    found, joined = np.unique(codes * (int(column.max()) + 1) + column, return_inverse=True)
    return len(codes) - len(found), joined.astype(np.int64)


def _repeats(columns: Sequence[Counts]) -> int:
    """How many rows repeat in all columns."""
    codes = columns[0]
    for column in columns[1:]:
        _, codes = _joined(codes, column)
    return len(codes) - int(codes.max()) - 1


def _is_meant(names: Sequence[str], columns: Mapping[str, Counts], chances: Mapping[str, float], pairs: float) -> bool:
    """Whether a set without repeats is more than an accident: two columns need room for all rows, more of them the lack of it."""
    if len(names) == 2:
        return math.prod(int(columns[name].max()) + 1 for name in names) >= len(columns[names[0]])
    return _by_chance(names, chances, pairs) >= _LEAST_PAIRS


def _by_chance(names: Sequence[str], chances: Mapping[str, float], pairs: float) -> float:
    """How many pairs of rows would agree in all the columns if these knew nothing of each other."""
    return pairs * math.prod(chances[name] for name in names)


def _agreement(codes: Counts) -> float:
    """The share of pairs of different rows that agree."""
    counts = np.bincount(codes).astype(np.float64)
    return float((counts * (counts - 1)).sum()) / (len(codes) * (len(codes) - 1))


def dependency_candidates(codes: Mapping[str, Counts]) -> list[Dependency]:
    """Dependencies on one or two columns that hold in a sample and are no accident, those on one first, the surest first.

    Nulls count as a value. Columns whose values hardly repeat tell nothing; a column of one value is told by all. Two columns are told of
    only where neither does it alone.
    """
    coded = {name: column - column.min() for name, column in codes.items() if len(column) > 1}
    distinct = {name: int(np.count_nonzero(np.bincount(column))) for name, column in coded.items()}
    names = [name for name in coded if distinct[name] > 1][:MOST_COLUMNS]
    single = dict(_of_one(coded, distinct, names))
    told = {(found.determinants[0], found.dependent) for found in single} | _told_anyhow(coded, distinct, names)
    double = dict(_of_two(coded, distinct, names, told))
    return [*sorted(single, key=lambda found: -single[found]), *sorted(double, key=lambda found: -double[found])][:MOST]


def _of_one(coded: Mapping[str, Counts], distinct: Mapping[str, int], names: Sequence[str]) -> Iterator[tuple[Dependency, float]]:
    for a in names:
        if distinct[a] > len(coded[a]) / 3:
            continue
        for b in names:
            if a != b and distinct[b] <= distinct[a] and _tells(coded[a], coded[b]):
                bits = (len(coded[a]) - distinct[a]) * _surprise(coded[b])
                if bits >= _LEAST_BITS:
                    yield Dependency((a,), b), bits


def _told_anyhow(coded: Mapping[str, Counts], distinct: Mapping[str, int], names: Sequence[str]) -> set[tuple[str, str]]:
    """Columns that tell others, though it may be an accident: beside them no pair is worth a word."""
    return {(a, b) for a in names for b in names if a != b and distinct[b] <= distinct[a] and _tells(coded[a], coded[b])}


def _of_two(
    coded: Mapping[str, Counts], distinct: Mapping[str, int], names: Sequence[str], told: set[tuple[str, str]]
) -> Iterator[tuple[Dependency, float]]:
    telling = sorted(names, key=lambda name: distinct[name])[:_MOST_TELLING]
    for a, c in combinations([name for name in names if name in telling], 2):
        rows = len(coded[a])
        if (a, c) in told or (c, a) in told or max(distinct[a], distinct[c]) > rows / 3:
            continue
        values, pair = np.unique(coded[a] * (int(coded[c].max()) + 1) + coded[c], return_inverse=True)
        if len(values) > rows / 3:
            continue
        for b in names:
            if b in (a, c) or distinct[b] > len(values) or (a, b) in told or (c, b) in told or not _tells(pair, coded[b]):
                continue
            by_one = max(_agreement_within(coded[one], coded[b]) for one in (a, c))
            bits = (rows - len(values)) * -math.log2(max(by_one, 1e-300))
            if bits >= _LEAST_BITS:
                yield Dependency((a, c), b), bits


def _agreement_within(a: Counts, b: Counts) -> float:
    """How likely two rows equal in a are equal in b."""
    both = a * (int(b.max()) + 1) + b
    of_both, of_one = (np.unique(codes, return_counts=True)[1].astype(np.float64) for codes in (both, a))
    pairs = float((of_one * of_one).sum())
    return float((of_both * of_both).sum()) / pairs if pairs else 1.0


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


def most_rows(candidates: int) -> int:
    """Of how many rows the fingerprints of each key may be kept, if there are so many candidates."""
    return min(_MOST_ROWS, _MOST_KEPT // max(candidates, 1))


@dataclass(slots=True)
class Uniqueness:
    """Whether all fingerprints differ; None once there are too many to keep."""

    rows: int = 0
    most: int = _MOST_ROWS
    is_broken: bool = False
    _pieces: list[Keys] = field(default_factory=list)
    _since: int = 0

    def add(self, keys: Keys) -> None:
        """Take in a batch's fingerprints."""
        self._take([keys], len(keys))

    def merge(self, other: Self) -> None:
        """Take in other rows."""
        self.is_broken |= other.is_broken
        self._take(other._pieces, other.rows)

    @property
    def is_open(self) -> bool:
        """Whether more rows could change the answer."""
        return not self.is_broken and self.rows <= self.most

    @property
    def holds(self) -> bool | None:
        """True where all differ; None where nobody knows."""
        if not self.is_broken and self.rows <= self.most:
            self._settle()
        return False if self.is_broken else None if self.rows > self.most else True

    def _take(self, pieces: list[Keys], rows: int) -> None:
        self.rows += rows
        self._since += rows
        if not self.is_open:
            self._pieces.clear()
            return
        self._pieces += pieces
        if self._since > max(_PIECE, self.rows // 2):  # a key that is none is soon forgotten
            self._settle()

    def _settle(self) -> None:
        keys = np.sort(np.concatenate([np.zeros(0, np.int64), *self._pieces]))
        self._since = 0
        self.is_broken = bool((keys[1:] == keys[:-1]).any())
        self._pieces = [] if self.is_broken else [keys]


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
