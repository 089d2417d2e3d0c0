"""Links to rows that have a limit, where no two children of one parent may get the same row.

Parents with equally many children stand in a circle, each at a place of its own: how many such parents there are before it. From there
`chart.py` tells the seats of its children. Nothing is remembered but the chart; numbers of parents by block make places fast to find.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from seedbed.core.draw import Ints, below, draw_bits, row_numbers
from seedbed.core.errors import ModelError
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.generate.linking.allotment import Group, allot, groups_of
from seedbed.generate.linking.chart import chart_of
from seedbed.generate.linking.seats import seats_by_row, share_of
from seedbed.plan.plan import Link

#: Seats and rows are counted in floats too, which are exact up to here.
_MOST = 1 << 53

#: Blocks of 65,536 parents whose places in their circles are kept, half a megabyte each.
_KEPT_BLOCKS = 32


def seated_apart(engine: Context, table: str, link: Link) -> Callable[[Frame], tuple[Ints, Mask | None]]:
    """The row on whose seat each row sits, none twice for the children of one parent; and which rows sit at all."""

    def find(frame: Frame) -> tuple[Ints, Mask | None]:
        return engine.once(("seating", table, link.name), lambda: Seating(engine, table, link)).find(frame)

    return find


@dataclass(frozen=True)
class School:
    """What is to be seated: the seats of each owner, the groups of families, and the share of their children that sits."""

    seats: Ints
    groups: list[Group]
    share: Fraction

    @property
    def wanted(self) -> int:
        """How many children sit."""
        return sum(group.wanted(self.share) for group in self.groups)


def school_of(engine: Context, table: str, link: Link) -> School:
    """What is to be seated by a link.

    Raises:
        DataError: a limit is null or negative.
        ModelError: more than 2^53 seats.
    """
    assert link.spec is not None
    families = engine.fan_index(table).families
    assert families is not None
    groups = groups_of(families.sum(axis=0))
    seats = np.minimum(seats_by_row(engine, table, link), sum(group.families for group in groups))
    if float(seats.astype(np.float64).sum()) > _MOST:
        message = f"`{link.target}` has more than 2^53 seats for `{table}`"
        raise ModelError(message, where=f"{table}.links", fix="lower the limit: no table has so many rows")
    return School(seats, groups, 1 - share_of(link.spec.null_rate))


class Seating:
    """Who sits where: a chart of the seats, and every parent's place in its circle."""

    def __init__(self, engine: Context, table: str, link: Link) -> None:
        assert link.spec is not None
        assert link.spec.capacity is not None
        school = school_of(engine, table, link)
        share, total = school.share, int(school.seats.sum())
        if link.spec.capacity.on_full == "null" and school.wanted > total:
            share *= Fraction(total, school.wanted)  # what is too much is taken from all alike
        shuffle = Permutation(engine.key(table, "link", link.name), len(school.seats))
        order = shuffle.forward(np.arange(len(school.seats)))
        allotments = list(allot(school.seats[order], school.groups, share))
        self._chart = chart_of(allotments, order, lambda *purpose: engine.key(table, "link", link.name, *purpose))
        self._first = engine.key(table, "link", link.name, "first")
        self._places = engine.once(("places", table), lambda: Places(engine, table))
        self._engine = engine

    def find(self, frame: Frame) -> tuple[Ints, Mask | None]:
        """The row of each child and which have one; shapes (n,)."""
        place = self._engine.children(frame)
        parents, counts, local = row_numbers(place.parents), place.counts, place.local
        if not isinstance(frame.rows, range):  # a parent for each row: its children are seated once
            parents, first, local = np.unique(parents, return_index=True, return_inverse=True)
            counts = counts.take(first)
        starts = np.concatenate([[0], np.cumsum(counts)])
        leaders = below(draw_bits(self._first, parents), np.maximum(counts, 1).view(np.uint64))
        rows = self._chart.seated(self._places.of(parents, counts), counts, starts, leaders)
        rows = rows[starts.take(local) + place.ordinal]
        return (np.maximum(rows, 0), rows >= 0) if self._chart.has_gaps else (rows, None)


class Places:
    """The place of each parent in its circle: how many parents before it have as many children."""

    def __init__(self, engine: Context, table: str) -> None:
        families = engine.fan_index(table).families
        assert families is not None
        self._engine, self._table = engine, table
        self._first = np.cumsum(families, axis=0) - families
        self._kept: OrderedDict[int, Ints] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, numbers: Ints, counts: Ints) -> Ints:
        """The places of parents, in rising order, with so many children; shapes (n,)."""
        if not len(numbers):
            return numbers
        found = np.empty(len(numbers), dtype=np.int64)
        first, last = int(numbers[0]) // PARENT_BLOCK, int(numbers[-1]) // PARENT_BLOCK
        edges = np.searchsorted(numbers, np.arange(first, last + 2) * PARENT_BLOCK)
        for block, begin, end in zip(range(first, last + 1), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if begin < end:
                within = self._block(block).take(numbers[begin:end] - block * PARENT_BLOCK)
                found[begin:end] = within + self._first[block].take(counts[begin:end])
        return found

    def _block(self, block: int) -> Ints:
        """How many parents before each of a block have as many children, of those in the block; shape (parents,)."""
        with self._lock:
            found = self._kept.get(block)
            if found is not None:
                self._kept.move_to_end(block)
                return found
        counts = np.diff(self._engine.fan_offsets(self._table, block))
        small = counts.astype(np.uint16) if int(counts.max(initial=0)) < 1 << 16 else counts  # sorts in linear time
        order = np.argsort(small, kind="stable")
        sizes = np.bincount(counts)
        found = np.empty(len(counts), dtype=np.int64)
        found[order] = np.arange(len(counts)) - (np.cumsum(sizes) - sizes).take(counts[order])
        with self._lock:
            self._kept[block] = found
            while len(self._kept) > _KEPT_BLOCKS:
                self._kept.popitem(last=False)
        return found
