"""Links to rows that have a limit: all seats stand in a line, and a permutation of it seats every row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Ints, row_numbers
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.generate.linking.seats import MOST_SEATS, Line, all_seats, constant_seats, seats_by_row, share_of
from seedbed.plan.plan import Link


def seats_of(engine: Context, table: str, link: Link) -> Callable[[Frame], tuple[Ints, Mask | None]]:
    """The row on whose seat each row sits, and which rows sit at all."""
    assert link.spec is not None
    if link.spec.unique_per is not None:
        from seedbed.generate.linking.seating import seated_apart

        return seated_apart(engine, table, link)

    def find(frame: Frame) -> tuple[Ints, Mask | None]:
        hall = engine.once(("seats", table, link.name), lambda: _hall(engine, table, link))
        return hall.seats(row_numbers(frame.rows))

    return find


@dataclass(frozen=True)
class Hall:
    """All seats, and a permutation of them and of the places that are none: the rows that take those sit nowhere."""

    seats_in_all: int
    shuffle: Permutation
    each: int
    line: Line | None

    def seats(self, rows: Ints) -> tuple[Ints, Mask | None]:
        """Where each row sits, and whether it does; shapes (n,)."""
        place = self.shuffle.forward(rows)
        valid = None
        if self.shuffle.size > self.seats_in_all:
            valid = place < self.seats_in_all
            place = np.where(valid, place, 0)
        if not self.seats_in_all:
            return place, valid
        return place // self.each if self.line is None else self.line.rows(place), valid


def _hall(engine: Context, table: str, link: Link) -> Hall:
    """Rows without a seat are as many more places as their share says, so that they take none from the others."""
    assert link.spec is not None
    assert link.spec.capacity is not None
    constant, total, rows = constant_seats(link), all_seats(engine, table, link), engine.rows(table)
    seated = 1 - share_of(link.spec.null_rate)
    places, total = (min(int(total / seated), MOST_SEATS), total) if seated else (rows, 0)
    if link.spec.capacity.on_full == "null":
        places = max(places, rows)
    line = None
    if constant is None:
        seats = seats_by_row(engine, table, link)
        owners = np.flatnonzero(seats)
        line = Line.of(seats[owners], owners)
    return Hall(total, Permutation(engine.key(table, "link", link.name), places), constant or 1, line)
