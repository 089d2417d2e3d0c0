"""Rows that come later than they should: each within a stretch of 1,024 rows.

A row that is moved comes directly behind the last row it lets pass; the rows that stay keep their order among each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from seedbed.core.draw import Bits, Ints, below, draw_bits
from seedbed.core.records import dataclass
from seedbed.core.registry import QUALITY_KERNELS, load
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.quality.hits import Hits, times
from seedbed.model.quality import Issue, LateArrival, OutOfOrder
from seedbed.plan.quality import WINDOW

#: Behind which row of the frame each of some rows comes: itself where it stays. (frame, places of the rows, draws) -> places.
Behind: TypeAlias = Callable[[Frame, Ints, Bits], Ints]

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Order:
    """How the rows of a frame are delivered: `order[p]` is the place in the frame of the row that comes as number p.

    moved: the places of the rows that are moved; hits: the issue that moves each; position: where in the order each row comes.
    """

    order: Ints
    position: Ints
    moved: Ints
    issue: Ints


def by_distance(_: Engine, issue: OutOfOrder) -> Behind:
    """Rows let up to `distance` rows pass."""

    def found(frame: Frame, places: Ints, bits: Bits) -> Ints:
        behind: Ints = places + 1 + below(bits, issue.params.distance)
        return np.minimum(behind, _last(frame, places))

    return found


def by_time(engine: Engine, issue: LateArrival) -> Behind:
    """Rows let those pass that follow them directly and are not later than their time and a delay of up to `max`."""
    longest = issue.params.microseconds

    def behind(frame: Frame, places: Ints, bits: Bits) -> Ints:
        moments, valid = times(engine, frame)
        if valid is not None:
            moments = np.where(valid, moments, -_NEVER)  # a row without a time holds nobody up
            places_valid = valid[places]
        arrival = moments[places] + 1 + below(bits, longest)
        found = _passed(moments, places, arrival, _last(frame, places))
        return found if valid is None else np.where(places_valid, found, places)

    return behind


def _last(frame: Frame, places: Ints) -> Ints:
    """The last place of the stretch that each row lies in."""
    assert isinstance(frame.rows, range)
    start = frame.rows.start
    ends = ((places + start) // WINDOW + 1) * WINDOW - start
    return np.minimum(ends, len(frame)) - 1


def _passed(moments: Ints, places: Ints, arrival: Ints, last: Ints) -> Ints:
    """The last of the rows that directly follow each place, up to `last`, and are not later than its arrival."""
    tables = [moments]  # tables[k][i]: the latest of the 2^k moments from i on
    for level in range(WINDOW.bit_length() - 1):
        table, step = tables[-1], 1 << level
        tables.append(np.maximum(table, np.append(table[step:], np.full(min(step, len(table)), _NEVER))))
    at = places.copy()
    for level in reversed(range(len(tables))):
        step = 1 << level
        can = at + step <= last
        can &= tables[level][np.where(can, at + 1, 0)] <= arrival
        at += np.where(can, step, 0)
    return at


class Moves:
    """The issues of a table that move rows."""

    def __init__(self, engine: Engine, hits: tuple[Hits, ...]) -> None:
        self.issues = tuple(each for each in hits if each.issue.effect == "move")
        self._behind: dict[int, Behind] = {each.place: _kernel(engine, each.issue) for each in self.issues}

    def of(self, frame: Frame) -> Order:
        """How the rows of a frame are delivered, which holds whole stretches (or the table's last rows)."""
        n = len(frame)
        target, issue = np.arange(n), np.full(n, -1, dtype=np.int64)
        for hits in self.issues:
            places = hits.places(frame)
            places = places[issue[places] < 0]
            rows = places + int(frame.rows[0]) if n else places
            behind = self._behind[hits.place](frame, places, draw_bits(hits.key, rows))
            goes = behind > places
            target[places[goes]], issue[places[goes]] = behind[goes], hits.place
        stays = np.concatenate([[0], np.cumsum(issue < 0)])
        moves = (issue >= 0) & (stays[target + 1] > stays[np.arange(n) + 1])  # else it lets nobody pass but others that move
        target = np.where(moves, target, np.arange(n))
        order = np.argsort(2 * target + moves, kind="stable").astype(np.int64)
        position = np.empty(n, dtype=np.int64)
        position[order] = np.arange(n)
        moved = np.flatnonzero(moves)
        return Order(order, position, moved, issue[moved])


def _kernel(engine: Engine, issue: Issue) -> Behind:
    found: Behind = load(QUALITY_KERNELS[issue.kind])(engine, issue)
    return found
