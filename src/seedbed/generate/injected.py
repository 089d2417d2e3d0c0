"""How many faults there are: what must be known before any row of a table with faults can be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

import numpy as np

from seedbed.core.draw import Ints
from seedbed.core.records import dataclass


@dataclass(frozen=True)
class Injected:
    """The faults of each block of 65,536 clean rows.

    copies: the rows that an issue adds, by its place in the document; truths: the rows of the ground truth that tell of a table, in the
    order in which the tables come there. Shapes (blocks,).
    """

    copies: Mapping[int, Ints] = field(default_factory=dict)
    truths: Mapping[str, Ints] = field(default_factory=dict)

    @cached_property
    def copy_starts(self) -> dict[int, Ints]:
        """The first copy of each block among those of its issue, and the number of all at the end; shapes (blocks + 1,)."""
        return {place: starts_of(counts) for place, counts in self.copies.items()}

    @cached_property
    def truth_starts(self) -> Ints:
        """The first row of the ground truth that tells of each block of each table, and the number of all at the end."""
        return starts_of(np.concatenate([np.zeros(0, np.int64), *self.truths.values()]))


def starts_of(counts: Ints) -> Ints:
    """Where each of some counted runs begins, and where the last one ends, shape (n + 1,).

    >>> starts_of(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
