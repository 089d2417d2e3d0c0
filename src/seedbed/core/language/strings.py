"""The string of every number: a bijection of [0, size) and a language, or of its beginnings where it is very large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Bits, below
from seedbed.core.language.automaton import automaton_of
from seedbed.core.language.errors import LanguageError
from seedbed.core.language.segments import Segment, segments_of
from seedbed.core.language.tree import Tree
from seedbed.core.language.walk import PAD, WORD, Bytes, Walk
from seedbed.core.records import dataclass
from seedbed.core.text import fixed_width, from_offsets

#: A table of neighbouring segments has at most so many rows and bytes: small enough for a processor's second cache.
_ROWS, _BYTES = 10_000, 1 << 18

#: Bytes made at once.
_AT_ONCE = 1 << 23

#: A text may take so many bytes at most.
MOST_WIDE = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """Texts listed, shape (size, width) of UTF-8, filled up with `PAD`."""

    texts: Bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.texts)

    @property
    def width(self) -> int:
        """The bytes of the longest."""
        return int(self.texts.shape[1])

    def write(self, ranks: Bits, out: Bytes, _draw: Callable[[int], Bits]) -> None:
        """Write the texts of `ranks`, shape (n,), into `out`, shape (n, width)."""
        if self.size == 1:
            out[:] = self.texts[0]
        elif self.width:
            out[:] = self.texts.take(ranks.view(np.int64), axis=0)


Factor: TypeAlias = Table | Walk


@dataclass(frozen=True, slots=True)
class Word:
    """Neighbouring factors whose texts one number tells, the last changing fastest.

    `slots` is how many draws tell its texts at most: one for the number, and one for each character that it may not tell.
    """

    factors: tuple[Factor, ...]
    slots: int

    @classmethod
    def of(cls, factors: Sequence[Factor]) -> Word:
        """A word of factors."""
        partly = [factor for factor in factors if isinstance(factor, Walk) and factor.size < factor.segment.size]
        return cls(tuple(factors), 1 + sum(factor.segment.longest() for factor in partly))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return prod(factor.size for factor in self.factors)

    @property
    def width(self) -> int:
        """The bytes of the longest text."""
        return sum(factor.width for factor in self.factors)

    def write(self, ranks: Bits, out: Bytes, draw: Callable[[int], Bits]) -> None:
        """Write the texts of `ranks`, shape (n,), into `out`, shape (n, width)."""
        end = out.shape[1]
        for place in reversed(range(len(self.factors))):
            factor = self.factors[place]
            rank = ranks
            if place:
                ranks = rank // np.uint64(factor.size)
                rank = rank - ranks * np.uint64(factor.size)
            factor.write(rank, out[:, end - factor.width : end], draw)
            end -= factor.width


@dataclass(frozen=True, slots=True)
class Strings:
    """All strings of a language. `size` is their number, `ranks` how many of them a rank tells apart (all, up to 2^62).

    >>> from seedbed.core.language.parse import parse
    >>> ab = strings_of(parse("[ab]-?"))
    >>> ab.size, ab.unrank(np.arange(4, dtype=np.uint64)).to_pylist()
    (4, ['a', 'a-', 'b', 'b-'])
    """

    size: int
    words: tuple[Word, ...]

    @property
    def ranks(self) -> int:
        """How many strings with different beginnings there are; all of them where they are at most 2^62."""
        return self.words[0].size

    def unrank(self, ranks: Bits, draw: Callable[[int], Bits] | None = None) -> pa.StringArray:
        """The strings of `ranks`, shape (n,), each below `self.ranks`: different ranks, different strings.

        `draw(k)` gives bits of shape (n,) for k = 1, 2, ...; it is needed, and asked, only where `size` is above `ranks`.
        """
        width = sum(word.width for word in self.words)
        kept: dict[int, Bits] = {}

        def bits(slot: int) -> Bits:
            if slot not in kept:
                assert draw is not None
                kept[slot] = draw(slot)
            return kept[slot]

        step = max(1024, _AT_ONCE // max(width, 1))
        parts = [self._made(ranks, bits, slice(start, start + step), width) for start in range(0, len(ranks), step)]
        return parts[0] if len(parts) == 1 else pa.concat_arrays(parts) if parts else fixed_width(np.empty((0, 1), np.uint8))

    def _made(self, ranks: Bits, bits: Callable[[int], Bits], rows: slice, width: int) -> pa.StringArray:
        own = ranks[rows]
        is_even = all(isinstance(factor, Table) and not (factor.texts == PAD).any() for word in self.words for factor in word.factors)
        out = np.empty((len(own), width), np.uint8) if is_even else np.full((len(own), width), PAD, np.uint8)
        end, first_slot = 0, 0
        for place, word in enumerate(self.words):
            rank = own if place == 0 else below(bits(first_slot)[rows], word.size).view(np.uint64)
            word.write(rank, out[:, end : end + word.width], lambda turn, first=first_slot: bits(first + 1 + turn)[rows])  # type: ignore[misc]
            end += word.width
            first_slot += word.slots
        if is_even and width:
            return fixed_width(out)
        is_text = out != PAD
        offsets = np.zeros(len(own) + 1, np.int32)
        np.cumsum(is_text.sum(axis=1), out=offsets[1:])
        return from_offsets(offsets, out[is_text])


def strings_of(tree: Tree) -> Strings:
    """The strings of a tree without anchors whose texts have a longest.

    Raises:
        LanguageError: it is too large, or its language is empty.
    """
    segments = segments_of(automaton_of(tree))
    words = tuple(_words(segments))
    width = sum(word.width for word in words)
    if width > MOST_WIDE:
        raise LanguageError(f"its texts have up to {width:,} bytes, more than {MOST_WIDE:,}", fix="use smaller counts")
    return Strings(prod(segment.size for segment in segments), words)


def _words(segments: Sequence[Segment]) -> list[Word]:
    """The factors of segments, those neighbours in one word whose texts one number tells."""
    words: list[list[Factor]] = [[]]
    room = WORD
    for segment in segments:
        factor = _factor(segment, room)
        if factor is None:
            words.append([])
            room = WORD
            factor = _factor(segment, room)
            assert factor is not None
        last = words[-1][-1] if words[-1] else None
        merged = _merged(last, factor) if isinstance(last, Table) and isinstance(factor, Table) else None
        words[-1][-1 if merged else len(words[-1]) :] = [merged or factor]
        room = 0 if factor.size < segment.size else room // factor.size
    return [Word.of(factors) for factors in words]


def _factor(segment: Segment, room: int) -> Factor | None:
    """What writes a segment's texts, or as many of their beginnings as there is room for; None where there is none."""
    if room == 0 or segment.size == 0:
        return None
    if segment.size <= min(room, _ROWS) and segment.size * segment.longest() <= _BYTES:
        return _listed(segment)
    if segment.size <= min(room, _ROWS):
        return Walk(segment)
    walk = Walk(segment, room)
    return walk if walk.size > 1 else None


def _listed(segment: Segment) -> Table:
    """All texts of a segment."""
    walk = Walk(segment)
    texts = np.full((walk.size, walk.width), PAD, np.uint8)
    walk.write(np.arange(walk.size, dtype=np.uint64), texts, lambda _: np.empty(0, np.uint64))
    return Table(texts)


def _merged(one: Table, other: Table) -> Table | None:
    """Every text of one before every text of the other; None where they are too many."""
    rows = one.size * other.size
    if rows > _ROWS or rows * (one.width + other.width) > max(_BYTES, rows == 1 and MOST_WIDE):
        return None
    return Table(np.concatenate([np.repeat(one.texts, other.size, axis=0), np.tile(other.texts, (one.size, 1))], axis=1))
