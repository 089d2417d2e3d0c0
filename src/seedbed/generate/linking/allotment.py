"""Which seats families of each size get, so that no family needs two seats of one owner.

All families of one size k stand in a circle and take their k seats round by round from a line that holds all seats of an owner side by
side (`seating.py`). That works whenever no owner has more seats in the line than the circle has places. So all that is to be found is how
many seats of each owner go to each size: evenly, or, where that leaves too few owners to those that come later, from the owners that have
most left. The latter finds a way whenever there is one.

Source: Gale, "A theorem on flows in networks", 1957, and Ryser, "Combinatorial properties of matrices of zeros and ones", 1957 (when there
is a way); McNaughton, "Scheduling with deadlines and loss functions", 1959 (the line that is wrapped around the circle).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from seedbed.core.draw import Ints
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """All families of one size: how many children each has, and how many families there are."""

    size: int
    families: int

    def wanted(self, share: Fraction) -> int:
        """How many seats they want, where a share of the children sits."""
        return int(self.size * self.families * share)


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a group gets: `seats` of each owner, shape (owners,), and a circle of `circle` places, at least one for each family."""

    group: Group
    circle: int
    seats: Ints


@dataclass(frozen=True, slots=True)
class Shortage:
    """The largest `families` want more seats than there are for them: at most one of each owner for each."""

    families: int
    wanted: int
    found: int


def groups_of(families: Ints) -> list[Group]:
    """The groups of families with children, the largest families first; `families[k]` have k children.

    >>> groups_of(np.array([7, 0, 3, 1]))
    [Group(size=3, families=1), Group(size=2, families=3)]
    """
    return [Group(size, int(families[size])) for size in range(len(families) - 1, 0, -1) if families[size]]


def shortage(seats: Ints, groups: Sequence[Group], share: Fraction) -> Shortage | None:
    """The first of the Gale-Ryser conditions that is broken; None where everyone finds a place.

    >>> shortage(np.array([5, 5]), [Group(3, 1), Group(1, 2)], Fraction(1))
    Shortage(families=1, wanted=3, found=2)
    """
    if not groups:
        return None
    is_total_enough = int(seats.max(initial=0)) <= groups[0].families
    families = wanted = 0
    for group in groups:
        families += group.families
        wanted += group.wanted(share)
        if is_total_enough and group is not groups[-1]:
            continue  # no owner has more seats than the first group has families, so the last condition holds the others
        found = int(np.minimum(seats, families).sum())
        if wanted > found:
            return Shortage(families, wanted, found)
    return None


def allot(seats: Ints, groups: Sequence[Group], share: Fraction) -> Iterator[Allotment]:
    """What each group gets of the seats, the largest families first; fewer than it wants only where there is a `shortage`."""
    left = seats.copy()
    for place, group in enumerate(groups):
        later = groups[place + 1 :]
        circle = _circle(int(left.sum()), groups[place:], share)
        given = _evenly(left, circle, min(int(group.size * circle * share), int(left.sum())))
        if given is None or shortage(left - given, later, share) is not None:
            circle = group.families
            given = _from_the_fullest(left, circle, group.wanted(share))
        left -= given
        yield Allotment(group, circle, given)


def _circle(seats: int, groups: Sequence[Group], share: Fraction) -> int:
    """The places of the first group's circle: as many more than it has families as all groups have seats to spare."""
    wanted = sum(group.wanted(share) for group in groups)
    families = groups[0].families
    return max(families * seats // wanted, families) if wanted else families


def _evenly(left: Ints, most: int, wanted: int) -> Ints | None:
    """The same part of what each owner has left, `most` at most; None where that is too few."""
    given = np.diff(spread(np.cumsum(left), wanted), prepend=0)
    room = np.minimum(left, most)
    given = np.minimum(given, room)
    free = room - given
    missing = wanted - int(given.sum())
    given += np.clip(missing - (np.cumsum(free) - free), 0, free)
    return given if int(given.sum()) == wanted else None


def spread(ends: Ints, total: int) -> Ints:
    """The ends of parts, scaled so that the last is `total`: whole numbers that never fall; shape (n,).

    >>> spread(np.array([2, 4, 8]), 5).tolist()
    [1, 2, 5]
    """
    if not len(ends) or ends[-1] == 0:
        return np.zeros(len(ends), dtype=np.int64)
    scaled: Ints = np.floor(ends * (total / int(ends[-1]))).astype(np.int64)
    scaled[ends == ends[-1]] = total
    return np.minimum(scaled, total)


def _from_the_fullest(left: Ints, most: int, wanted: int) -> Ints:
    """Seats of the owners that have most left, so that all end as even as can be: the best for those who come later."""
    low, high = 0, int(left.max(initial=0))
    while low < high:  # the lowest level that takes no more than is wanted
        level = (low + high) // 2
        low, high = (low, level) if int(_above(left, level, most).sum()) <= wanted else (level + 1, high)
    given = _above(left, low, most)
    more = np.flatnonzero(_above(left, low - 1, most) > given) if low else np.zeros(0, dtype=np.int64)
    given[more[: wanted - int(given.sum())]] += 1
    return given


def _above(left: Ints, level: int, most: int) -> Ints:
    """What each owner has above a level, `most` at most."""
    given: Ints = np.clip(left - level, 0, np.minimum(left, most))
    return given
