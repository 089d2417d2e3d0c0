"""Whether every text of one language is in another."""

from __future__ import annotations

from seedbed.core.language.automaton import MOST_WORK, Places, alphabet
from seedbed.core.language.characters import ANYTHING, Characters
from seedbed.core.language.parse import branches
from seedbed.core.language.tree import Chars, Concat, Either, Repeat, Tree

_ANY_TEXT = Repeat(Chars(ANYTHING), 0, None)


def searched(tree: Tree) -> Tree:
    """The texts in which an expression is found: anything may stand before and behind it where no anchor forbids it.

    Raises:
        LanguageError: an anchor stands in the middle.
    """
    found = []
    for branch in branches(tree):
        before, after = () if branch.starts else (_ANY_TEXT,), () if branch.ends else (_ANY_TEXT,)
        found.append(Concat((*before, branch.body, *after)))
    return Either(tuple(found))


def is_contained(inner: Tree, outer: Tree) -> bool:
    """Whether every text of `inner` is one of `outer`, as far as it can be told in bounded time: False is also "not proven".

    Raises:
        LanguageError: one of them is too large.

    >>> from seedbed.core.language.parse import parse
    >>> is_contained(parse("[A-C]{2}"), parse("[A-Z]+")), is_contained(parse("a?"), parse("a"))
    (True, False)
    """
    one, other = Places.of(inner), Places.of(outer)
    sets = list(dict.fromkeys(characters for places in (one, other) for steps in places.steps for characters, _ in steps))
    numbers = {characters: number for number, characters in enumerate(sets)}
    symbols: list[list[int]] = [[] for _ in sets]
    for symbol, (_, holders) in enumerate(alphabet(sets)):
        for number in holders:
            symbols[number].append(symbol)
    start = (one.reached([0]), other.reached([0]))
    seen, waiting, work = {start}, [start], 0
    while waiting:
        here, there = waiting.pop()
        if one.end in here and other.end not in there:
            return False
        steps, others = _by_symbol(one, here, numbers, symbols), _by_symbol(other, there, numbers, symbols)
        work += sum(map(len, steps.values())) + sum(map(len, others.values()))
        if work > MOST_WORK:
            return False
        for pair in {(frozenset(to), frozenset(others.get(symbol, ()))) for symbol, to in steps.items()}:
            reached = one.reached(pair[0]), other.reached(pair[1])
            if reached[0] and reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return True


def _by_symbol(places: Places, state: frozenset[int], numbers: dict[Characters, int], symbols: list[list[int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for place in state:
        for characters, to in places.steps[place]:
            for symbol in symbols[numbers[characters]]:
                found.setdefault(symbol, set()).add(to)
    return found
