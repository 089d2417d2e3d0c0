"""Parents and their children: how many there are, and who belongs to whom."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from seedbed.core.draw import Ints, Rows, row_numbers
from seedbed.core.records import dataclass

PARENT_BLOCK = 65_536


@dataclass(frozen=True)
class FanIndex:
    """The number of children of each block of 65,536 parents, shape (blocks,).

    `families[b, k]` is how many parents of block b have k children; shape (blocks, largest + 1). Only where a link asks for it.
    """

    parents: int
    totals: Ints
    largest: int
    families: Ints | None = None

    @cached_property
    def starts(self) -> Ints:
        """The first child of each block, and the number of all children at the end; shape (blocks + 1,)."""
        return np.concatenate([[0], np.cumsum(self.totals)]).astype(np.int64)

    @property
    def rows(self) -> int:
        """The number of children of all parents."""
        return int(self.starts[-1])

    def block(self, number: int) -> range:
        """The parents of a block."""
        return range(number * PARENT_BLOCK, min((number + 1) * PARENT_BLOCK, self.parents))


@dataclass(frozen=True)
class Children:
    """Child rows and their parents: row i belongs to `parents[local[i]]` and is its child number `ordinal[i]`.

    `counts` are the children of each of `parents`, and `first` the row of the first of them, all of them, these rows or not.
    """

    parents: Rows
    local: Ints
    rows: Rows
    counts: Ints
    first: Ints

    @cached_property
    def ordinal(self) -> Ints:
        """The number of each row among its parent's children, from 0; shape (n,)."""
        return row_numbers(self.rows) - self.first.take(self.local)
