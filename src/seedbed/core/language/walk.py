"""Texts of a segment by rank, all rows together: at each character, the rows that are in one state go on as one group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Bits, Ints, below
from seedbed.core.language.automaton import Arc
from seedbed.core.language.segments import Segment
from seedbed.core.records import dataclass

Bytes = NDArray[np.uint8]
Group = tuple[Ints, Bits]  # rows, and the rank of each among the texts that its state has

#: How many texts one word of draws tells apart at most.
WORD = 1 << 62

#: Fills the room that a text leaves: no byte of UTF-8.
PAD = 0xFF


@dataclass(frozen=True, slots=True)
class Way:
    """What an arc does to the rows that take it: each of `count` ranks has one character, then the next one."""

    first: int
    count: int
    to: int
    characters: Bytes  # shape (characters, bytes of the widest)

    def take(self, rows: Ints, ranks: Bits, out: Bytes) -> Group:
        """Write a character of each row into `out`, shape (all rows, bytes); returns the rows with their ranks at the next state."""
        ranks = ranks - np.uint64(self.first) if self.first else ranks
        if len(self.characters) == 1:
            out[rows] = self.characters[0]
            return rows, ranks
        count = np.uint64(self.count)
        chosen = ranks // count if self.count > 1 else ranks
        places = chosen.view(np.int64)
        if out.shape[1] == 1:
            out[rows, 0] = self.characters[:, 0].take(places)
        else:
            out[rows] = self.characters.take(places, axis=0)
        return rows, ranks - chosen * count


@dataclass(frozen=True, slots=True)
class Fork:
    """The ways on from a state; ranks below `ends`, which is 0 or 1, end there."""

    ends: int
    ways: tuple[Way, ...]

    def go(self, group: Group, out: Bytes) -> Iterable[tuple[int, Group]]:
        """One character further, way by way."""
        rows, ranks = group
        if len(self.ways) == 1 and not self.ends:
            yield self.ways[0].to, self.ways[0].take(rows, ranks, out)
            return
        stop = None
        for way in reversed(self.ways):
            is_mine = ranks >= np.uint64(way.first)
            mine = np.flatnonzero(is_mine if stop is None else is_mine & (ranks < stop))
            stop = np.uint64(way.first)
            if len(mine) == len(rows):
                yield way.to, way.take(rows, ranks, out)
                return
            if len(mine):
                yield way.to, way.take(rows[mine], ranks[mine], out)


@dataclass(slots=True)
class Walk:
    """The texts of a segment; where they are more than `limit`, a rank tells their first characters and draws the others.

    size: how many ranks there are; width: how many bytes the longest text takes at most.
    """

    segment: Segment
    limit: int = WORD
    size: int = field(init=False)
    width: int = field(init=False)
    _bytes: int = field(init=False)
    _counts: dict[tuple[int, int], int] = field(default_factory=dict)
    _depths: dict[int, int | None] = field(default_factory=dict)
    _forks: dict[tuple[int, int | None], Fork] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bytes = max(_widest(arc) for state in self.segment.states for arc in self.segment.arcs(state))
        self.width = self.segment.longest() * self._bytes
        self.size = self._count(self.segment.start, self._depth(self.segment.start, self.limit))

    def write(self, ranks: Bits, out: Bytes, draw: Callable[[int], Bits]) -> None:
        """Write the texts of `ranks`, shape (n,), into `out`, shape (n, width) and full of `PAD`.

        `draw(k)` gives bits of shape (n,) for k = 0, 1, ...; it is asked only where ranks don't tell the whole text.
        """
        start = self.segment.start
        groups = [(start, 0, self._depth(start, self.limit), (np.arange(len(ranks)), ranks))]
        turn = 0
        while groups:
            ended = [stop for state, at, depth, group in groups for stop in self._run(state, at, depth, group, out)]
            groups = []
            for state, at, rows in ended:
                depth = self._depth(state, WORD)
                further = below(draw(turn)[rows], self._count(state, depth)).view(np.uint64)
                groups.append((state, at, depth, (rows, further)))
            turn += 1

    def _run(self, state: int, at: int, depth: int | None, group: Group, out: Bytes) -> list[tuple[int, int, Ints]]:
        """Write up to `depth` characters from place `at` on; returns the rows that may go on, by state."""
        groups = {state: [group]}
        left = depth
        while groups and left != 0:
            following: dict[int, list[Group]] = {}
            room = out[:, at * self._bytes : (at + 1) * self._bytes]
            for here, parts in groups.items():
                for to, part in self._fork(here, left).go(_joined(parts), room):
                    following.setdefault(to, []).append(part)
            groups, at, left = following, at + 1, None if left is None else left - 1
        return [(here, at, _joined(parts)[0]) for here, parts in groups.items() if self.segment.arcs(here)]

    def _depth(self, state: int, limit: int) -> int | None:
        """How many characters from a state on have at most `limit` different texts; None where all have."""
        if self.segment.counts[state] <= limit:
            return None
        if limit == WORD and state in self._depths:
            return self._depths[state]
        found = 0
        while self._count(state, found + 1) <= limit:
            found += 1
        if limit == WORD:
            self._depths[state] = found
        return found

    def _count(self, state: int, left: int | None) -> int:
        """How many different beginnings of at most `left` characters the texts from a state have; None is all of them."""
        if left is None:
            return self.segment.counts[state]
        if left == 0:
            return 1
        found = self._counts.get((state, left))
        if found is None:
            found = int(self.segment.ends_at(state)) + sum(arc.size * self._count(arc.to, left - 1) for arc in self.segment.arcs(state))
            self._counts[state, left] = found
        return found

    def _fork(self, state: int, left: int | None) -> Fork:
        found = self._forks.get((state, left))
        if found is None:
            first = ends = int(self.segment.ends_at(state))
            ways = []
            for arc in self.segment.arcs(state):
                count = self._count(arc.to, None if left is None else left - 1)
                ways.append(Way(first, count, arc.to, encoded(arc, self._bytes)))
                first += arc.size * count
            found = self._forks[state, left] = Fork(ends, tuple(ways))
        return found


def encoded(arc: Arc, width: int) -> Bytes:
    """The UTF-8 of an arc's characters, shape (characters, width), filled up with `PAD`."""
    points = arc.characters.points()
    if points[-1] < 0x80:
        one = np.array(points, dtype=np.uint8)[:, None]
        return np.concatenate([one, np.full((len(points), width - 1), PAD, np.uint8)], axis=1)
    data = b"".join(chr(point).encode().ljust(width, b"\xff") for point in points)
    return np.frombuffer(data, dtype=np.uint8).reshape(len(points), width)


def _widest(arc: Arc) -> int:
    return len(chr(arc.characters.ranges[-1][1]).encode())


def _joined(parts: list[Group]) -> Group:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([ranks for _, ranks in parts])
