"""A tree -> an automaton: first one that may be in several states at once, then the one of its sets of states.

Every step is bounded, so that no expression of a stranger takes long: those that need more are refused with the bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from seedbed.core.language.characters import Characters
from seedbed.core.language.errors import LanguageError
from seedbed.core.language.tree import Anchor, Chars, Concat, Either, Repeat, Tree
from seedbed.core.records import dataclass

#: The size of an automaton: states before and after they are joined in sets, and states looked at to join them.
MOST_PLACES, MOST_STATES, MOST_WORK = 20_000, 10_000, 1_000_000

_SMALLER = "use smaller counts, or fewer alternatives that begin alike"


@dataclass(slots=True)
class Places:
    """An automaton that may be at several places at once: from each, steps by characters and steps that take none."""

    steps: list[list[tuple[Characters, int]]] = field(default_factory=list)
    jumps: list[list[int]] = field(default_factory=list)
    end: int = 0

    @classmethod
    def of(cls, tree: Tree) -> Places:
        """The automaton of a tree without anchors; it starts at place 0.

        Raises:
            LanguageError: it is too large.
        """
        places = cls()
        places.end = places._add(tree, places._new())
        return places

    def _new(self) -> int:
        if len(self.steps) >= MOST_PLACES:
            raise LanguageError(f"written out, it has more than {MOST_PLACES:,} characters", fix=_SMALLER)
        self.steps.append([])
        self.jumps.append([])
        return len(self.steps) - 1

    def _add(self, tree: Tree, start: int) -> int:
        """Add a tree behind a place; returns where it ends."""
        if isinstance(tree, Chars):
            end = self._new()
            self.steps[start].append((tree.members, end))
            return end
        if isinstance(tree, Concat):
            for part in tree.parts:
                start = self._add(part, start)
            return start
        if isinstance(tree, Either):
            end = self._new()
            for part in tree.parts:
                first = self._new()
                self.jumps[start].append(first)
                self.jumps[self._add(part, first)].append(end)
            return end
        assert not isinstance(tree, Anchor), "anchors are taken off before"
        return self._repeat(tree, start)

    def _repeat(self, tree: Repeat, start: int) -> int:
        for _ in range(tree.low):
            start = self._add(tree.part, start)
        end = self._new()
        if tree.high is None:
            again = self._new()
            self.jumps[start].append(again)
            self.jumps[again].append(end)
            self.jumps[self._add(tree.part, again)].append(again)
            return end
        for _ in range(tree.high - tree.low):
            self.jumps[start].append(end)
            first = self._new()
            self.jumps[start].append(first)
            start = self._add(tree.part, first)
        self.jumps[start].append(end)
        return end

    def reached(self, places: Iterable[int]) -> frozenset[int]:
        """The places that these lead to without a character, themselves included."""
        found = set(places)
        waiting = list(found)
        while waiting:
            for place in self.jumps[waiting.pop()]:
                if place not in found:
                    found.add(place)
                    waiting.append(place)
        return frozenset(place for place in found if self.steps[place] or place == self.end)


@dataclass(frozen=True, slots=True)
class Arc:
    """A step to another state by any of some characters."""

    characters: Characters
    to: int

    @property
    def size(self) -> int:
        """How many characters there are."""
        return len(self.characters)


@dataclass(frozen=True, slots=True)
class Automaton:
    """One state at a time: a text has one way through it, or none. It starts in state 0."""

    arcs: tuple[tuple[Arc, ...], ...]
    ends: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.arcs)


def automaton_of(tree: Tree) -> Automaton:
    """The smallest automaton of a tree whose texts have a longest, its states in an order that every arc follows.

    Raises:
        LanguageError: it is too large, or its language is empty.

    >>> from seedbed.core.language.parse import parse
    >>> len(automaton_of(parse("(ab|a)b?")))
    4
    """
    return _smallest(deterministic(Places.of(tree)))


def alphabet(sets: Iterable[Characters]) -> list[tuple[Characters, frozenset[int]]]:
    """Characters that no set tells apart, together, each with the sets (by number) that hold them.

    >>> [len(characters) for characters, _ in alphabet([Characters.of("abc"), Characters.of("c")])]
    [2, 1]
    """
    events = []
    for number, characters in enumerate(sets):
        for low, high in characters.ranges:
            events += [(low, number, True), (high + 1, number, False)]
    events.sort()
    inside: set[int] = set()
    grouped: dict[frozenset[int], list[tuple[int, int]]] = {}
    before = 0
    for at, number, begins in events:
        if inside and at > before:
            grouped.setdefault(frozenset(inside), []).append((before, at - 1))
        before = at
        (inside.add if begins else inside.discard)(number)
    return [(Characters(tuple(ranges)), holders) for holders, ranges in grouped.items()]


def deterministic(places: Places) -> Automaton:
    """The automaton of the sets of places that texts lead to.

    Raises:
        LanguageError: there are too many.
    """
    sets = list(dict.fromkeys(characters for steps in places.steps for characters, _ in steps))
    numbers = {characters: number for number, characters in enumerate(sets)}
    symbols = alphabet(sets)
    symbols_of = [[symbol for symbol, (_, holders) in enumerate(symbols) if number in holders] for number in range(len(sets))]
    first = places.reached([0])
    states = {first: 0}
    order, arcs, work = [first], [], 0
    for state in order:  # grows while it is read
        targets: dict[int, set[int]] = {}
        for place in state:
            for characters, to in places.steps[place]:
                work += len(symbols_of[numbers[characters]])
                for symbol in symbols_of[numbers[characters]]:
                    targets.setdefault(symbol, set()).add(to)
        by_state: dict[int, list[Characters]] = {}
        for symbol, found in sorted(targets.items()):
            reached = places.reached(found)
            work += len(reached)
            if reached not in states:
                states[reached] = len(order)
                order.append(reached)
            by_state.setdefault(states[reached], []).append(symbols[symbol][0])
        if len(order) > MOST_STATES or work > MOST_WORK:
            raise LanguageError(f"its automaton is too large: more than {MOST_STATES:,} states", fix=_SMALLER)
        arcs.append(_arcs(by_state))
    return Automaton(tuple(arcs), tuple(places.end in state for state in order))


def _arcs(by_state: dict[int, list[Characters]]) -> tuple[Arc, ...]:
    merged = [Arc(Characters.joined(r for one in parts for r in one.ranges), to) for to, parts in by_state.items()]
    return tuple(sorted(merged, key=lambda arc: arc.characters.ranges))


def _smallest(automaton: Automaton) -> Automaton:
    """The same language with as few states as can be; states that lead nowhere are left out."""
    order = _after_their_arcs(automaton)
    known: dict[tuple[bool, tuple[Arc, ...]], int] = {}
    place: dict[int, int] = {}
    for state in order:  # those that an arc leads to come first
        by_state: dict[int, list[Characters]] = {}
        for arc in automaton.arcs[state]:
            if arc.to in place:
                by_state.setdefault(place[arc.to], []).append(arc.characters)
        arcs = _arcs(by_state)
        if arcs or automaton.ends[state]:
            place[state] = known.setdefault((automaton.ends[state], arcs), len(known))
    if 0 not in place:
        raise LanguageError("no text matches it", fix="let one match")
    kept = list(known)
    last = len(kept) - 1  # the start is made last: count the other way round
    turned = [tuple(Arc(arc.characters, last - arc.to) for arc in arcs) for _, arcs in reversed(kept)]
    return Automaton(tuple(turned), tuple(ends for ends, _ in reversed(kept)))


def _after_their_arcs(automaton: Automaton) -> Sequence[int]:
    """All states, each after those that its arcs lead to."""
    order: list[int] = []
    seen = {0}
    stack = [(0, iter(automaton.arcs[0]))]
    while stack:
        state, arcs = stack[-1]
        following = next((arc.to for arc in arcs if arc.to not in seen), None)
        if following is None:
            order.append(state)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(automaton.arcs[following])))
    return order
