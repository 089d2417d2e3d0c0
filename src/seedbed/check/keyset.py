"""A set of 64-bit keys that grows by batches in any order, and knows which keys came more than once.

Dense keys live in a window: one byte a number from the lowest to the highest. Keys too far apart for that, and fingerprints, are
kept as arrays and sorted when they are asked about; where there is a shelf, all but the last million are put there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seedbed.check.hashing import Keys
from seedbed.check.shelf import Run, Shelf, merged, shelved

#: A window of so many bytes is never too much.
_SMALL_WINDOW = 1 << 20

#: A key in an array takes 8 bytes, so a window is worth it up to 8 bytes a key.
_BYTES_A_KEY = 8

#: Keys looked at together when whole sets are compared.
_PIECE = 1 << 20

_NONE: Keys = np.zeros(0, np.int64)


class KeySet:
    """The distinct keys of a column. With `counts_repeats` it also knows the keys that occur twice or more often."""

    __slots__ = (
        "_base", "_compact_rows", "_far", "_far_rows", "_is_settled", "_repeats", "_runs", "_window", "counts_repeats", "rows", "shelf"
    )  # fmt: skip

    def __init__(self, *, counts_repeats: bool, shelf: Shelf | None = None) -> None:
        self.counts_repeats = counts_repeats
        self.shelf = shelf
        self._runs: list[Run] = []  # far keys that lie on the shelf
        self.rows = 0
        self._base = 0
        self._window: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._far: list[Keys] = []
        self._far_rows = 0
        self._compact_rows = 0  # how many far keys were left when repeats were last removed
        self._is_settled = True  # the far keys are one sorted array without repeats, none of them in the window
        self._repeats: list[Keys] = []

    def add(self, keys: Keys) -> None:
        """Take in keys, shape (n,)."""
        if len(keys):
            self.rows += len(keys)
            self._place(keys)

    def merge(self, other: KeySet) -> None:
        """Take in another set's keys; the rows of both add up."""
        self.rows += other.rows
        self._repeats.extend(other._repeats)
        if len(other._window):
            self._merge_window(other)
        for keys in (*other._far, *(keys for run in other._runs for keys in run.pieces())):
            if len(keys):
                self._place(keys)

    @property
    def distinct(self) -> int:
        """How many keys there are."""
        self._settle()
        return int(np.count_nonzero(self._window)) + self._far_rows

    @property
    def repeated(self) -> Keys:
        """The keys that occur more than once, sorted."""
        self._settle()
        return self._repeats[0] if self._repeats else _NONE

    @property
    def members(self) -> int:
        """How many rows hold a key that occurs more than once."""
        repeated = len(self.repeated)
        return self.rows - self.distinct + repeated

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Which keys are in the set; shape (n,)."""
        self._settle()
        found = np.zeros(len(keys), np.bool_)
        inside = (keys >= self._base) & (keys < self._base + len(self._window))
        found[inside] = self._window[keys[inside] - self._base]
        for far in self._far_near(keys):
            found |= among(keys, far)
        return found

    def _far_near(self, keys: Keys) -> Iterator[Keys]:
        """The far keys, or those on the shelf that lie between the least and the greatest of some keys, a limited number at a time."""
        if not self._runs:
            yield from self._far
        elif len(keys):
            low, high = int(keys.min()), int(keys.max())
            yield from self._runs[0].pieces(low, high)

    def missing_from(self, other: KeySet) -> Keys:
        """The keys of this set that the other doesn't have, sorted."""
        missing = [keys[~other.has(keys)] for keys in self._pieces()]
        return np.sort(np.concatenate([_NONE, *missing]))

    def _pieces(self) -> Iterator[Keys]:
        """All keys, a limited number at a time."""
        self._settle()
        for start in range(0, len(self._window), _PIECE):
            yield np.flatnonzero(self._window[start : start + _PIECE]) + (self._base + start)
        for far in self._far:
            for start in range(0, len(far), _PIECE):
                yield far[start : start + _PIECE]
        for run in self._runs:
            yield from run.pieces()

    def _place(self, keys: Keys) -> None:
        if self._put_run(keys):
            return
        low, high = int(keys.min()), int(keys.max())
        if not self._reach(low, high):
            inside = (keys >= self._base) & (keys < self._base + len(self._window))
            self._put_far(keys[~inside])
            keys = keys[inside]
        if len(keys):
            self._mark(keys)

    def _put_run(self, keys: Keys) -> bool:
        """Mark numbers that follow one another, as those of most keys do; whether they were such and within reach."""
        low, high = int(keys[0]), int(keys[-1])
        if high - low + 1 != len(keys) or not (keys[1:] > keys[:-1]).all() or not self._reach(low, high):
            return False
        part = self._window[low - self._base : high + 1 - self._base]
        if self.counts_repeats and part.any():
            self._remember(np.flatnonzero(part) + low)
        part[:] = True
        return True

    def _reach(self, low: int, high: int) -> bool:
        """Widen the window to [low, high] where that is not too wide for the number of keys; whether it reaches now."""
        top = self._base + len(self._window)
        if len(self._window):
            low, high = min(low, self._base), max(high, top - 1)
        if low == self._base and high < top:
            return True
        width = high - low + 1
        most = max(_SMALL_WINDOW, _BYTES_A_KEY * self.rows)
        if width > most:
            return False
        spare = min(width, most - width) // 2  # so that a window that grows step by step is copied seldom
        first = low - spare if len(self._window) and low < self._base else low
        last = high + spare if len(self._window) and high >= top else high
        first, last = max(first, -(2**63)), min(last, 2**63 - 1)
        window = np.zeros(last - first + 1, np.bool_)
        window[self._base - first : self._base - first + len(self._window)] = self._window
        self._base, self._window, self._is_settled = first, window, False
        return True

    def _mark(self, keys: Keys) -> None:
        place = keys - self._base
        if self.counts_repeats:
            self._remember(keys[self._window[place]])
            if not (keys[1:] > keys[:-1]).all():
                self._remember(_twice(np.sort(keys)))
        self._window[place] = True

    def _merge_window(self, other: KeySet) -> None:
        start, end = other._base, other._base + len(other._window)
        if not self._reach(start, end - 1):
            for begin in range(0, len(other._window), _PIECE):
                keys = np.flatnonzero(other._window[begin : begin + _PIECE]) + (start + begin)
                if len(keys):
                    self._place(keys)
            return
        part = self._window[start - self._base : end - self._base]
        if self.counts_repeats:
            self._remember(np.flatnonzero(part & other._window) + start)
        part |= other._window

    def _put_far(self, keys: Keys) -> None:
        self._far.append(keys)
        self._far_rows += len(keys)
        self._is_settled = False
        if self.shelf is not None:
            if sum(map(len, self._far)) > _PIECE:
                self._shelve(self.shelf)
        elif not self.counts_repeats and self._far_rows > 2 * max(self._compact_rows, _PIECE):
            self._far = [np.unique(np.concatenate(self._far))]
            self._far_rows = self._compact_rows = len(self._far[0])

    def _shelve(self, shelf: Shelf) -> None:
        """Put the far keys that are in memory on the shelf, sorted."""
        far = np.sort(np.concatenate(self._far))
        if self.counts_repeats:
            self._remember(_twice(far))
        self._runs.append(shelved(shelf, [_without_repeats(far)]))
        self._far = []

    def _settled_runs(self, shelf: Shelf) -> Iterator[Keys]:
        """The keys on the shelf that the window doesn't reach, each once."""
        if self._far:
            self._shelve(shelf)
        for keys in merged(self._runs):
            inside = (keys >= self._base) & (keys < self._base + len(self._window))
            if inside.any():
                self._mark(keys[inside])
            far = keys[~inside]
            if self.counts_repeats:
                self._remember(_twice(far))
            yield _without_repeats(far)

    def _remember(self, repeated: Keys) -> None:
        if not len(repeated):
            return
        self._repeats.append(repeated)
        if len(self._repeats) > 1 and sum(map(len, self._repeats[1:])) > max(_PIECE, len(self._repeats[0])):
            self._repeats = [np.unique(np.concatenate(self._repeats))]

    def _settle(self) -> None:
        """Bring far keys that the window reaches by now into it; sort the others; forget what is there twice."""
        if self._runs and not self._is_settled:
            assert self.shelf is not None
            self._runs = [shelved(self.shelf, self._settled_runs(self.shelf))]
            self._far_rows = self._runs[0].rows
        elif self._far and not self._is_settled:
            far = np.concatenate(self._far)
            inside = (far >= self._base) & (far < self._base + len(self._window))
            if inside.any():
                self._mark(far[inside])
                far = far[~inside]
            far.sort()
            if self.counts_repeats:
                self._remember(_twice(far))
            self._far = [_without_repeats(far)]
            self._far_rows = self._compact_rows = len(self._far[0])
        self._is_settled = True
        if self._repeats:
            self._repeats = [np.unique(np.concatenate(self._repeats))]


def _twice(rising: Keys) -> Keys:
    """The keys that occur more than once in a sorted array."""
    return np.unique(rising[1:][rising[1:] == rising[:-1]])


def _without_repeats(rising: Keys) -> Keys:
    """A sorted array with every key once; the same array where that is so already."""
    if not len(rising):
        return rising
    is_new = np.concatenate([[True], rising[1:] != rising[:-1]])
    return rising if is_new.all() else rising[is_new]


def among(keys: Keys, rising: Keys) -> NDArray[np.bool_]:
    """Which keys are in a sorted array; shape (n,)."""
    if not len(rising):
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(rising, keys), len(rising) - 1)
    found: NDArray[np.bool_] = rising[place] == keys
    return found
