"""Seats in a line: how many each row of a target has, and whose seat a place in the line is."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Ints
from seedbed.core.errors import DataError, ModelError
from seedbed.core.records import dataclass
from seedbed.generate.frame import Context
from seedbed.plan.plan import Link

#: The places of a line are whole numbers of 64 bits, and a permutation wants a power of two above them.
MOST_SEATS = 1 << 62

#: Owners that a place may lie beyond the first of its bucket before a search is faster.
_STEPS = 4


def share_of(number: float) -> Fraction:
    """A share as its author wrote it: 0.29 is 29 hundredths, not the nearest float."""
    return Fraction(str(number))


def usable(limits: Ints, share: Fraction) -> Ints:
    """The whole part of each limit times a share, exactly; shape (n,).

    >>> usable(np.array([100, 30]), share_of(0.29)).tolist()
    [29, 8]
    """
    if int(limits.max(initial=0)) * share.numerator < 2**63:
        return limits * share.numerator // share.denominator
    values, place = np.unique(limits, return_inverse=True)
    return np.array([int(value) * share.numerator // share.denominator for value in values], dtype=np.int64)[place]


def constant_seats(link: Link) -> int | None:
    """The seats of every row of the target, where all have as many."""
    assert link.spec is not None
    assert link.spec.capacity is not None
    limit = link.spec.capacity.limit
    return None if isinstance(limit, str) else int(limit * share_of(link.spec.capacity.utilization))


def seats_by_row(engine: Context, table: str, link: Link) -> Ints:
    """The seats of each row of the target, shape (rows,).

    Raises:
        DataError: a limit is null or negative.
    """
    assert link.spec is not None
    assert link.spec.capacity is not None
    constant, limit = constant_seats(link), link.spec.capacity.limit
    if constant is not None or isinstance(limit, int):
        return np.full(engine.rows(link.target), constant, dtype=np.int64)
    column = engine.whole(link.target).column(limit)
    wrong = column.data < 0
    if column.valid is not None:
        wrong = wrong | ~column.valid
    if wrong.any():
        row = int(np.argmax(wrong))
        what = "null" if column.valid is not None and not column.valid[row] else f"{int(column.data[row]):,}"
        message = f"row {row:,} of {link.target}.{limit}, {what}, is no limit"
        raise DataError(message, where=f"{table}.links", fix="limits are whole numbers from 0 on, never null")
    return usable(column.data, share_of(link.spec.capacity.utilization))


def all_seats(engine: Context, table: str, link: Link) -> int:
    """How many seats the target has.

    Raises:
        ModelError: more than 2^62.
    """
    constant = constant_seats(link)
    if constant is not None:
        total = constant * engine.rows(link.target)
    else:
        seats = seats_by_row(engine, table, link)
        is_small = float(seats.astype(np.float64).sum()) < MOST_SEATS
        total = int(seats.sum()) if is_small else MOST_SEATS + 1
    if total > MOST_SEATS:
        message = f"`{link.target}` has more than 2^62 seats for `{table}`"
        raise ModelError(message, where=f"{table}.links", fix="lower the limit: no table has so many rows")
    return total


@dataclass(frozen=True)
class Line:
    """Owner i has the places [starts[i], starts[i + 1]), of which the first `taken[i]` are seats (all where `taken` is None)."""

    starts: Ints
    owners: Ints
    taken: Ints | None = None

    @classmethod
    def of(cls, seats: Ints, owners: Ints, empty: Ints | None = None) -> Line:
        """A line of so many seats for each owner, each followed by some `empty` places; all of shape (n,)."""
        widths = seats if empty is None else seats + empty
        starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        return cls(starts, owners, None if empty is None else seats)

    @property
    def places(self) -> int:
        """How many places the line has."""
        return int(self.starts[-1])

    @cached_property
    def _guide(self) -> tuple[np.int64, NDArray[np.int32]]:
        """The first owner of each bucket of places, and the bits that a place is shifted by to find its bucket."""
        shift = max((self.places // max(2 * len(self.owners), 1)).bit_length() - 1, 0)
        edges = np.arange((max(self.places - 1, 0) >> shift) + 1, dtype=np.int64) << shift
        return np.int64(shift), (np.searchsorted(self.starts, edges, side="right") - 1).astype(np.int32)

    def find(self, places: Ints) -> Ints:
        """The number of the owner of each place, shape (n,)."""
        shift, guide = self._guide
        found = guide.take(places >> shift).astype(np.int64)
        beyond = np.flatnonzero(places >= self.starts.take(found + 1))
        for _ in range(_STEPS):
            if not len(beyond):
                return found
            found[beyond] += 1
            beyond = beyond[places[beyond] >= self.starts.take(found[beyond] + 1)]
        found[beyond] = np.searchsorted(self.starts, places[beyond], side="right") - 1
        return found

    def rows(self, places: Ints) -> Ints:
        """The owner of each seat, shape (n,); -1 where a place is none."""
        found = self.find(places)
        rows = self.owners.take(found)
        if self.taken is not None:
            rows[places - self.starts.take(found) >= self.taken.take(found)] = -1
        return rows
