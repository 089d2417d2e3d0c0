"""A regular expression as a tree."""

from __future__ import annotations

from typing import TypeAlias

from seedbed.core.language.characters import Characters
from seedbed.core.records import dataclass

#: How many times more than its least a repetition without end is repeated where texts are drawn.
ENDLESS = 8


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    members: Characters


@dataclass(frozen=True, slots=True)
class Concat:
    """One after the other; no parts are the empty text."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times, or from `low` on where that is None; `offset` is where its quantifier stands."""

    part: Tree
    low: int
    high: int | None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`."""

    is_start: bool
    offset: int


Tree: TypeAlias = Chars | Concat | Either | Repeat | Anchor

EMPTY = Concat(())


def literal(text: str) -> Tree:
    """The tree of a text that stands for itself."""
    return Concat(tuple(Chars(Characters.of(character)) for character in text))


def bounded(tree: Tree, more: int = ENDLESS) -> Tree:
    """The same tree in which a repetition without end has at most `more` beyond its least.

    >>> from seedbed.core.language.parse import parse
    >>> bounded(parse("a+")).high
    9
    """
    if isinstance(tree, Concat | Either):
        return type(tree)(tuple(bounded(part, more) for part in tree.parts))
    if isinstance(tree, Repeat):
        return Repeat(bounded(tree.part, more), tree.low, tree.low + more if tree.high is None else tree.high, tree.offset)
    return tree


def first_unbounded(tree: Tree) -> Repeat | None:
    """The first repetition that makes texts without a longest; None where all texts end."""
    if isinstance(tree, Concat | Either):
        return next((found for part in tree.parts if (found := first_unbounded(part)) is not None), None)
    if isinstance(tree, Repeat):
        if tree.high is None and _has_text(tree.part):
            return tree
        return None if tree.high == 0 else first_unbounded(tree.part)
    return None


def _has_text(tree: Tree) -> bool:
    """Whether any text of a tree is not empty."""
    if isinstance(tree, Concat | Either):
        return any(map(_has_text, tree.parts))
    return isinstance(tree, Chars) or (isinstance(tree, Repeat) and tree.high != 0 and _has_text(tree.part))
