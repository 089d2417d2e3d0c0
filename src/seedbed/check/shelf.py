"""Keys too many for memory: sorted runs on a shelf, which whoever runs the checks gives them, merged a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from seedbed.check.hashing import Keys
from seedbed.core.records import dataclass

#: One key of so many is kept in memory, to find the others by.
_STEP = 1 << 12

#: About so many keys are merged at a time.
_PIECE = 1 << 20


class Shelf(Protocol):
    """Where numbers can be put that have no room in memory, such as a file."""

    def append(self, keys: Keys) -> int:
        """Put keys behind all others; the place of the first."""
        ...

    def read(self, start: int, count: int) -> Keys:
        """So many keys from a place on."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """Rising keys on a shelf; `fences` are the first of every 4,096."""

    shelf: Shelf
    start: int
    rows: int
    fences: Keys

    def between(self, low: int | None, high: int | None) -> Keys:
        """The keys of [low, high), rising; None is no end."""
        first = 0 if low is None else max(int(np.searchsorted(self.fences, low)) - 1, 0) * _STEP
        last = self.rows if high is None else min(int(np.searchsorted(self.fences, high)) * _STEP, self.rows)
        if last <= first:
            return np.zeros(0, np.int64)
        keys = self.shelf.read(self.start + first, last - first)
        begin = 0 if low is None else int(np.searchsorted(keys, low))
        end = len(keys) if high is None else int(np.searchsorted(keys, high))
        return keys[begin:end]

    def pieces(self, low: int | None = None, high: int | None = None) -> Iterator[Keys]:
        """The keys, or at least those of [low, high], rising, a limited number at a time."""
        first = 0 if low is None else max(int(np.searchsorted(self.fences, low)) - 1, 0) * _STEP
        last = self.rows if high is None else min(int(np.searchsorted(self.fences, high, "right")) * _STEP, self.rows)
        for start in range(first, last, _PIECE):
            yield self.shelf.read(self.start + start, min(_PIECE, last - start))


def shelved(shelf: Shelf, pieces: Iterator[Keys] | Sequence[Keys]) -> Run:
    """Put rising keys on a shelf; nothing else must be put there meanwhile."""
    start, rows, fences = 0, 0, [np.zeros(0, np.int64)]
    for keys in pieces:
        if len(keys):
            place = shelf.append(keys)
            start = start if rows else place
            fences.append(keys[-rows % _STEP :: _STEP].copy())
            rows += len(keys)
    return Run(shelf, start, rows, np.concatenate(fences))


def merged(runs: Sequence[Run]) -> Iterator[Keys]:
    """The keys of all runs, rising, a stretch at a time; equal keys come in one stretch."""
    fences = np.sort(np.concatenate([run.fences for run in runs]))
    bounds: list[int | None] = [None, *np.unique(fences[_PIECE // _STEP :: _PIECE // _STEP]).tolist(), None]
    for low, high in pairwise(bounds):
        keys = np.concatenate([run.between(low, high) for run in runs])
        keys.sort()
        yield keys
