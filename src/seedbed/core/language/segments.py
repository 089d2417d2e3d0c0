"""An automaton cut at the states that all its texts pass: the language is the product of what lies between them."""

from __future__ import annotations

from itertools import pairwise

from seedbed.core.language.automaton import Arc, Automaton
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """The texts from one state to another, or from it to wherever a text may end.

    states: those between, from `start` on, in the order of their arcs; counts: how many texts each has to the end of the segment.
    """

    automaton: Automaton
    start: int
    stop: int | None
    states: tuple[int, ...]
    counts: dict[int, int]

    @property
    def size(self) -> int:
        """How many texts it has."""
        return self.counts[self.start]

    def ends_at(self, state: int) -> bool:
        """Whether a text of the segment may end in a state."""
        return state == self.stop if self.stop is not None else self.automaton.ends[state]

    def arcs(self, state: int) -> tuple[Arc, ...]:
        """The arcs of a state within the segment."""
        return () if state == self.stop else self.automaton.arcs[state]

    def longest(self) -> int:
        """The number of characters of its longest text."""
        found: dict[int, int] = {}
        for state in reversed(self.states):
            found[state] = max((1 + found[arc.to] for arc in self.arcs(state)), default=0)
        return found[self.start]


def segments_of(automaton: Automaton) -> list[Segment]:
    """The segments of an automaton without circles whose states are in the order of their arcs; none for the empty text alone.

    >>> from seedbed.core.language.automaton import automaton_of
    >>> from seedbed.core.language.parse import parse
    >>> [segment.size for segment in segments_of(automaton_of(parse("(a|bc)[0-9](x|yy)")))]
    [2, 10, 2]
    """
    cuts = _passed_by_all(automaton)
    found = [_segment(automaton, one, other) for one, other in pairwise(cuts)]
    rest = _segment(automaton, cuts[-1], None)
    return [*found, rest] if automaton.arcs[cuts[-1]] else found


def _passed_by_all(automaton: Automaton) -> list[int]:
    """The states that every text passes."""
    n = len(automaton)
    behind, before = [0] * n, [0] * n
    for state in reversed(range(n)):
        behind[state] = automaton.ends[state] + sum(arc.size * behind[arc.to] for arc in automaton.arcs[state])
    before[0] = 1
    for state in range(n):
        for arc in automaton.arcs[state]:
            before[arc.to] += before[state] * arc.size
    return [state for state in range(n) if before[state] * behind[state] == behind[0]]


def _segment(automaton: Automaton, start: int, stop: int | None) -> Segment:
    states = range(start, len(automaton) if stop is None else stop + 1)  # between two cuts there is nothing else
    counts: dict[int, int] = {}
    for state in reversed(states):
        if stop is not None:
            counts[state] = 1 if state == stop else sum(arc.size * counts[arc.to] for arc in automaton.arcs[state])
        else:
            counts[state] = automaton.ends[state] + sum(arc.size * counts[arc.to] for arc in automaton.arcs[state])
    return Segment(automaton, start, stop, tuple(states), counts)
