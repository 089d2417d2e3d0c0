"""Whether a text made of parts tells what one of its parts was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from seedbed.core.language.automaton import Places
from seedbed.core.language.characters import Characters
from seedbed.core.language.errors import LanguageError
from seedbed.core.language.tree import Concat, Tree

#: Pairs of places that are looked at, at most.
_MOST_PAIRS = 300_000


def is_decodable(parts: Sequence[Tree], place: int) -> bool:
    """Whether texts of the parts on end are equal only where the text of the part at `place` is; False is also "not proven".

    Two readings of one text are followed at once: if none that puts the part elsewhere reaches the end, there is only one.

    >>> from seedbed.core.language.parse import parse
    >>> word, number = parse("[a-z0-9]*"), parse("[0-9]+")
    >>> is_decodable([word, parse("-"), number], 2), is_decodable([word, number], 1)
    (True, False)
    """
    return _is_decodable(tuple(parts), place)


@lru_cache(maxsize=256)
def _is_decodable(parts: tuple[Tree, ...], place: int) -> bool:
    try:
        before, middle = Places.of(Concat(parts[:place])), Places.of(Concat(parts[: place + 1]))
        places = Places.of(Concat(parts))
    except LanguageError:
        return False
    ends = len(before.steps), len(middle.steps)  # places are numbered in the order of the parts
    zones = [(number >= ends[0]) + (number >= ends[1]) for number in range(len(places.steps))]
    return not _has_two_readings(places, zones)


def _has_two_readings(places: Places, zones: list[int]) -> bool:
    """Whether a text can be read in two ways that have one of its characters in different zones; True where that takes too long."""
    known: dict[tuple[Characters, Characters], bool] = {}
    reached = [places.reached([number]) for number in range(len(places.steps))]
    waiting = _pairs(reached[0], reached[0], False)  # noqa: FBT003
    seen = set(waiting)
    while waiting:
        one, other, is_apart = waiting.pop()
        if is_apart and one == other == places.end:
            return True
        if len(seen) > _MOST_PAIRS:
            return True
        for characters, to in places.steps[one]:
            for others, toward in places.steps[other]:
                if not _meet(characters, others, known):
                    continue
                apart = is_apart or zones[to] != zones[toward]
                new = [pair for pair in _pairs(reached[to], reached[toward], apart) if pair not in seen]
                seen.update(new)
                waiting += new
    return False


def _pairs(some: Iterable[int], others: Iterable[int], is_apart: bool) -> list[tuple[int, int, bool]]:  # noqa: FBT001
    """All pairs, the smaller place first."""
    rest = list(others)
    return list({(min(one, other), max(one, other), is_apart) for one in some for other in rest})


def _meet(some: Characters, others: Characters, known: dict[tuple[Characters, Characters], bool]) -> bool:
    found = known.get((some, others))
    if found is None:
        found = known[some, others] = any(low <= high2 and low2 <= high for low, high in some.ranges for low2, high2 in others.ranges)
    return found
