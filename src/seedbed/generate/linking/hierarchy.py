"""Trees of a declared shape: levels of known sizes, seats in each, and rows that take the seats in a secret order.

Row -> position by a permutation of all rows; positions fill the levels from the root. The row at a position of level l + 1 sits
on one of the seats of level l, by a permutation of them; seats belong to their positions in order.
"""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Ints, draw_bits, row_numbers
from seedbed.core.errors import ModelError
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.model.links import Hierarchy
from seedbed.plan.distributions import distribution_source
from seedbed.plan.plan import Link


@dataclass(frozen=True)
class Level:
    """The positions [start, start + size) of a level, and the seats below it: `branching` each, or up to `seats[i]` of position i."""

    start: int
    size: int
    branching: int
    seats: Ints | None
    places: Permutation | None = None

    @property
    def capacity(self) -> int:
        """How many rows may sit below this level."""
        return self.size * self.branching if self.seats is None else int(self.seats[-1]) if len(self.seats) else 0


@dataclass(frozen=True)
class Tree:
    """Which row is above which."""

    shuffle: Permutation
    levels: tuple[Level, ...]

    @property
    def _starts(self) -> Ints:
        return np.array([level.start for level in self.levels], dtype=np.int64)

    def parents(self, frame: Frame) -> tuple[Ints, Mask | None]:
        """The row above each row, itself at the roots, and which rows have one; shapes (n,)."""
        rows = row_numbers(frame.rows)
        position = self.shuffle.forward(rows)
        depth = self._depth(position)
        above = position.copy()
        for number in range(1, len(self.levels)):
            here = np.flatnonzero(depth == number)
            if len(here):
                above[here] = self._above(number, position[here])
        return self.shuffle.inverse(above), depth > 0

    def depths(self, frame: Frame) -> Ints:
        """How many steps each row is below its root, shape (n,)."""
        return self._depth(self.shuffle.forward(row_numbers(frame.rows)))

    def children(self, frame: Frame) -> Ints:
        """How many rows are directly below each row, shape (n,)."""
        position = self.shuffle.forward(row_numbers(frame.rows))
        depth, counts = self._depth(position), np.zeros(len(position), dtype=np.int64)
        for number, level in enumerate(self.levels[:-1]):
            here = np.flatnonzero(depth == number)
            if len(here):
                counts[here] = self._below(level, self.levels[number + 1], position[here] - level.start)
        return counts

    def _depth(self, position: Ints) -> Ints:
        return np.searchsorted(self._starts, position, side="right") - 1

    def _above(self, number: int, position: Ints) -> Ints:
        level, over = self.levels[number], self.levels[number - 1]
        assert over.places is not None
        seat = over.places.forward(position - level.start)
        place = seat // over.branching if over.seats is None else np.searchsorted(over.seats, seat, side="right")
        return over.start + place

    @staticmethod
    def _below(level: Level, under: Level, place: Ints) -> Ints:
        assert level.places is not None
        ends = (place + 1) * level.branching if level.seats is None else level.seats[place]
        begins = place * level.branching if level.seats is None else np.where(place > 0, level.seats[np.maximum(place - 1, 0)], 0)
        counts = np.zeros(len(place), dtype=np.int64)
        for step in range(int((ends - begins).max(initial=0))):
            seat = begins + step
            taken = level.places.inverse(np.minimum(seat, level.places.size - 1)) < under.size
            counts += taken & (seat < ends)
        return counts


def tree_of(engine: Context, table: str, link: Link) -> Tree:
    """The tree that a link forms."""
    return engine.once(("hierarchy", table, link.name), lambda: _tree(engine, table, link))


def _tree(engine: Context, table: str, link: Link) -> Tree:
    assert link.spec is not None
    assert link.spec.hierarchy is not None
    shape, rows = link.spec.hierarchy, engine.rows(table)
    key = engine.key(table, "hierarchy", link.name)
    levels: list[Level] = []
    start, size = 0, min(shape.roots, rows)
    while size:
        number = len(levels)
        seats = _seats(engine, table, link, shape, range(start, start + size))
        level = Level(start, size, shape.branching if isinstance(shape.branching, int) else 0, seats)
        start += size
        size = min(rows - start, level.capacity if number < shape.max_depth else 0)
        places = Permutation(engine.key(table, "hierarchy", link.name, str(number)), level.capacity) if size else None
        levels.append(Level(level.start, level.size, level.branching, seats, places))
    if start < rows:
        raise ModelError(
            f"the hierarchy `{link.name.partition(':')[2]}` of `{table}` holds at most {start:,} rows, but there are {rows:,}",
            where=f"{table}.links",
            fix="raise `roots`, `branching` or `max_depth`, or lower the rows",
        )
    return Tree(Permutation(key, rows), tuple(levels))


def _seats(engine: Context, table: str, link: Link, shape: Hierarchy, positions: range) -> Ints | None:
    """The cumulated seats of each position of a level, shape (n,); None where all have as many."""
    if isinstance(shape.branching, int):
        return None
    source = distribution_source(shape.branching, whole=True)
    drawn = source.draw(draw_bits(engine.key(table, "hierarchy", link.name, "branching"), positions))
    return np.cumsum(np.maximum(np.rint(drawn).astype(np.int64), 0))
