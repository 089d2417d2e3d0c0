"""Frames over some rows of another, which share what the other has computed."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Ints, Key, draw_bits, draw_bits_keyed, row_numbers
from seedbed.core.records import dataclass
from seedbed.generate.frame import Frame, Linked, take


@dataclass(slots=True)
class Scattered(Frame):
    """Row i is row `index[i]` of `outer`: columns and links are read from there, so that each is computed once.

    `steps`, shape (n,), sets the draws of several values of one row apart; None where each row has one.
    """

    outer: Frame | None = None
    index: Ints | None = None
    steps: Bits | None = None

    def column(self, name: str) -> Column:
        """The values of a column at these rows."""
        found = self._columns.get(name)
        if found is None:
            outer, index = self._place
            found = self._columns[name] = take(outer.column(name), index)
        return found

    def link(self, name: str) -> Linked:
        """The rows that a link leads to from these rows."""
        found = self._links.get(name)
        if found is None:
            outer, index = self._place
            linked = outer.link(name)
            valid = None if linked.valid is None else linked.valid[index]
            found = self._links[name] = Linked(linked.frame, index if linked.index is None else linked.index[index], valid)
        return found

    def bits(self, key: Key, slot: int = 0) -> Bits:
        """64 random bits a row, shape (n,)."""
        if self.steps is None:
            return draw_bits(key, self.rows, slot)
        return draw_bits_keyed(key, self.rows, self.steps + np.uint64(slot))

    @property
    def _place(self) -> tuple[Frame, Ints]:
        assert self.outer is not None
        assert self.index is not None
        return self.outer, self.index


def scattered(frame: Frame, index: Ints) -> Scattered:
    """Some rows of a frame, each drawing as it does there; `index` holds places in the frame, shape (n,)."""
    steps = frame.steps[index] if isinstance(frame, Scattered) and frame.steps is not None else None
    return Scattered(frame.engine, frame.table, row_numbers(frame.rows)[index], outer=frame, index=index, steps=steps)


def repeated(frame: Frame, index: Ints, numbers: Ints) -> Scattered:
    """Rows of a frame that come several times, with draws of their own: those of value `numbers[i]` of its row, shape (n,).

    Numbers and slots are below 2^16, so that no two values of a row, at up to three levels, share a draw.
    """
    above = frame.steps[index] if isinstance(frame, Scattered) and frame.steps is not None else np.uint64(0)
    steps = (above + numbers.view(np.uint64) + np.uint64(1)) << np.uint64(16)
    return Scattered(frame.engine, frame.table, row_numbers(frame.rows)[index], outer=frame, index=index, steps=steps)
