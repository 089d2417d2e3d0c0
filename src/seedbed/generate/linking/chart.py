"""A chart of seats: where the children of each parent sit, so that no two of one parent sit with the same owner.

Parents with equally many children k stand in a circle, each at a place of its own; their line of seats is as long as k circles. Round j
seats a child of every parent in part j of the line. The seats of an owner stand side by side, and in each round everyone stands elsewhere:
within one part no parent comes twice, so parts that share no owner repeat no pair. Where a part ends amid an owner's seats, nobody who sat
on its first ones may get one of its last: the next round is shuffled so that nobody does, or where chance does not give such a shuffle in a
few tries, turned (`Turn`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from seedbed.core.draw import Bits, Ints, Key, draw_bits
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.generate.linking.allotment import Allotment, spread
from seedbed.generate.linking.seats import Line

#: The key of a purpose.
Keys = Callable[..., Key]

#: Shuffles of a round that are tried before it is turned, where at most so many seats of an owner are left for it.
_TRIES, _MOST_TRIED = 8, 4_096


@dataclass(frozen=True)
class Chart:
    """The lines of all circles, one after the other, and how each circle is seated; `shuffles` are by the bits of a part's length."""

    line: Line
    circles: dict[int, Circle]
    shuffles: dict[int, Permutation]

    @property
    def has_gaps(self) -> bool:
        """Whether some children have no seat."""
        return self.line.taken is not None

    def seated(self, places: Ints, counts: Ints, starts: Ints, leaders: Ints) -> Ints:
        """The rows that the children of some parents get, -1 for none: those of parent i from `starts[i]` on.

        `places` are those of the parents in their circles, `counts` their numbers of children, and `leaders` who of them takes part in
        the first round; all of shape (n,), `starts` of shape (n + 1,).
        """
        rows = np.empty(int(starts[-1]), dtype=np.int64)
        members: dict[int, list[tuple[Circle, Ints]]] = {}
        for size in np.flatnonzero(np.bincount(counts)).tolist():
            if size:
                circle = self.circles[size]
                members.setdefault(circle.width, []).append((circle, np.flatnonzero(counts == size)))
        for width, group in members.items():
            found = self._standing(width, group, places)
            targets = [circle.children(leaders[here]) + starts[here] for circle, here in group]
            rows[np.concatenate([target.reshape(-1) for target in targets])] = self.line.rows(found)
        return rows

    def _standing(self, width: int, group: list[tuple[Circle, Ints]], places: Ints) -> Ints:
        """Where in the line the children of circles of one width are: circle by circle, round by round."""
        repeats = np.concatenate([np.full(circle.size, len(here)) for circle, here in group])
        tweaks, sizes, first = (
            np.repeat(np.concatenate([getattr(circle, name) for circle, _ in group]), repeats) for name in ("tweaks", "sizes", "first")
        )
        found = self.shuffles[width].forward(np.concatenate([np.tile(places[here], circle.size) for circle, here in group]), tweaks, sizes)
        begin = 0
        for circle, here in group:
            end = begin + circle.size * len(here)
            circle.turn(found[begin:end].reshape(circle.size, len(here)))
            begin = end
        found += first
        return found


@dataclass(frozen=True, slots=True)
class Circle:
    """All parents of one number of children: for each round the part of the line, from `first[j]` on, `sizes[j]` long.

    In each round everyone stands elsewhere: by a shuffle tweaked by `tweaks[j]`, or where it has a turn, by the round before.
    """

    first: Ints
    sizes: Bits
    tweaks: Bits
    turns: dict[int, Turn]

    @property
    def size(self) -> int:
        """How many rounds there are."""
        return len(self.first)

    @property
    def width(self) -> int:
        """The bits of a place in the longest part."""
        return (int(self.sizes.max()) - 1).bit_length()

    def children(self, leaders: Ints) -> Ints:
        """Which child of each parent takes part in each round, shape (rounds, n)."""
        child = leaders + np.arange(self.size)[:, None]
        child[child >= self.size] -= self.size
        return child

    def turn(self, found: Ints) -> None:
        """Change the places of rounds that follow others; `found` of shape (rounds, n), in place."""
        for number, turn in sorted(self.turns.items()):
            found[number] = turn.after(found[number - 1])


@dataclass(frozen=True, slots=True)
class Turn:
    """A permutation of [0, n) that keeps the last `last` places away from the first `first` ones; `last + first` <= n.

    The last places go anywhere beyond the first ones, by `beyond`; the others fill what is left, by `others`.
    """

    last: int
    first: int
    others: Permutation
    beyond: Permutation

    def after(self, places: Ints) -> Ints:
        """Where each place goes, shape (n,)."""
        edge = self.others.size
        slots = self.others.forward(np.minimum(places, edge - 1))
        is_last = places >= edge
        index = np.where(is_last, places - edge, slots + (self.last - self.first))
        stays = ~is_last & (slots < self.first)
        return np.where(stays, slots, self.beyond.forward(np.where(stays, 0, index)) + self.first)


def chart_of(allotments: Sequence[Allotment], order: Ints, key: Keys) -> Chart:
    """The chart of what each group gets; `order` holds the owner of each of the allotments' seats."""
    lines: list[Line] = []
    circles: dict[int, Circle] = {}
    begin = 0

    def shuffle(width: int) -> Permutation:
        return Permutation(key("places", str(width)), 1 << width)

    for allotment in allotments:
        size = allotment.group.size
        keys = lambda *purpose, size=size: key(str(size), *purpose)  # noqa: E731 - the key of a purpose of this group
        line = _line(allotment, order, keys)
        circles[size] = _circle(line, allotment, begin, keys, shuffle)
        lines.append(line)
        begin += line.places
    widths = {circle.width for circle in circles.values()}
    return Chart(_joined(lines), circles, {width: shuffle(width) for width in widths})


def _line(allotment: Allotment, order: Ints, key: Keys) -> Line:
    """The seats of a group's owners, in a secret order; places that are none are spread among them."""
    empty = allotment.group.size * allotment.circle - int(allotment.seats.sum())
    owners = np.flatnonzero(allotment.seats)
    if not len(owners):
        return Line.of(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([empty]))
    owners = owners[Permutation(key("owners"), len(owners)).forward(np.arange(len(owners)))]
    gaps = np.diff(spread(np.arange(1, len(owners) + 1), empty), prepend=0) if empty else None
    return Line.of(allotment.seats[owners], order[owners], gaps)


def _joined(lines: Sequence[Line]) -> Line:
    """Lines one after the other."""
    widths = np.concatenate([np.diff(line.starts) for line in lines])
    owners = np.concatenate([line.owners for line in lines])
    if all(line.taken is None for line in lines):
        return Line.of(widths, owners)
    taken = np.concatenate([np.diff(line.starts) if line.taken is None else line.taken for line in lines])
    return Line.of(taken, owners, widths - taken)


def _circle(line: Line, allotment: Allotment, begin: int, key: Keys, shuffle: Callable[[int], Permutation]) -> Circle:
    """The rounds of a group, in parts that end with an owner's last seat where they can; the line begins at `begin`."""
    size, families = allotment.group.size, allotment.group.families
    cuts = _between_owners(line, size, families)
    edges = np.arange(size + 1, dtype=np.int64) * allotment.circle if cuts is None else np.array(cuts, dtype=np.int64)
    circle = Circle(edges[:-1] + begin, np.diff(edges).view(np.uint64), draw_bits(key("round"), range(size)), {})
    for number in range(1, size) if cuts is None else ():
        turn = _turn(line, number, allotment.circle, key)
        if turn is not None and not _parted(circle, number, turn, families, key, shuffle(circle.width)):
            circle.turns[number] = turn
    return circle


def _parted(circle: Circle, number: int, turn: Turn, families: int, key: Keys, shuffle: Permutation) -> bool:
    """Find a tweak by which nobody on the last places of the round before comes to the first of this one; whether there was one."""
    if turn.first > _MOST_TRIED:
        return False
    sizes, before = np.full(turn.first, circle.sizes[number]), turn.others.size
    for slot in range(_TRIES):
        circle.tweaks[number] = draw_bits(key("round"), range(number, number + 1), slot)[0]
        parents = shuffle.inverse(np.arange(turn.first), np.full(turn.first, circle.tweaks[number]), sizes)
        parents = parents[parents < families]
        if (_stood(circle, number - 1, parents, shuffle) < before).all():
            return True
    return False


def _stood(circle: Circle, number: int, parents: Ints, shuffle: Permutation) -> Ints:
    """The places of some parents in a round, shape (n,)."""
    turn = circle.turns.get(number)
    if turn is not None:
        return turn.after(_stood(circle, number - 1, parents, shuffle))
    n = len(parents)
    return shuffle.forward(parents, np.full(n, circle.tweaks[number]), np.full(n, circle.sizes[number]))


def _between_owners(line: Line, size: int, families: int) -> list[int] | None:
    """Where the parts of a line begin, and its end, if each can end with an owner's last place and hold all families."""
    cuts = [0]
    for number in range(1, size):
        least, most = cuts[-1] + families, line.places - (size - number) * families
        cut = int(line.starts[np.searchsorted(line.starts, line.places * number // size, side="right") - 1])
        if cut < least:
            cut = int(line.starts[np.searchsorted(line.starts, least)])
        if cut > most:
            return None
        cuts.append(cut)
    return [*cuts, line.places]


def _turn(line: Line, number: int, circle: int, key: Keys) -> Turn | None:
    """How a round that begins amid the seats of an owner follows the round before; None where it begins elsewhere."""
    start = number * circle
    owner = int(line.find(np.array([start]))[0])
    begin = int(line.starts[owner])
    end = int(line.starts[owner + 1]) if line.taken is None else begin + int(line.taken[owner])
    if start == begin or end <= start:
        return None
    last, first = start - begin, end - start
    others, beyond = key(str(number), "others"), key(str(number), "beyond")
    return Turn(last, first, Permutation(others, circle - last), Permutation(beyond, circle - first))
