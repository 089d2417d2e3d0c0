"""What texts look like: lengths, kinds of characters, and patterns such as `AAA-9999`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.text import from_offsets, text_bytes
from seedbed.stats.counts import ValueCounts, counted_numbers, counted_texts
from seedbed.stats.values import Counts, Numbers

#: The kinds of characters that are counted.
CLASSES = ("upper", "lower", "digit", "space", "punctuation", "other")

#: A text's pattern is made of at most so many of its bytes.
_LONGEST = 64

#: So many different patterns are counted exactly.
PATTERNS = 5_000

_UPPER, _LOWER, _DIGIT, _SPACE, _PUNCTUATION, _OTHER = range(6)


def _classes() -> NDArray[np.uint8]:
    """The kind of each byte; 6 for the bytes of a character after its first."""
    table = np.full(256, _PUNCTUATION, np.uint8)
    table[ord("A") : ord("Z") + 1] = _UPPER
    table[ord("a") : ord("z") + 1] = _LOWER
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[[9, 10, 11, 12, 13, 32]] = _SPACE
    table[:9] = table[14:32] = table[127] = _OTHER
    table[128:192] = 6
    table[192:] = _OTHER
    return table


def _signs() -> NDArray[np.uint8]:
    """The sign of each byte in a pattern; characters beyond ASCII and control characters are `?`."""
    table = np.arange(256, dtype=np.uint8)
    kinds = _classes()
    for kind, sign in ((_UPPER, "A"), (_LOWER, "a"), (_DIGIT, "9"), (_SPACE, " "), (_OTHER, "?")):
        table[kinds == kind] = ord(sign)
    return table


_KIND_OF, _SIGN_OF = _classes(), _signs()


@dataclass(slots=True)
class TextShapes:
    """Lengths in characters, kinds of characters, and two patterns of each text: sign by sign, and with runs of a sign as one.

    `classes` counts characters by kind, `texts_with` texts that hold the kind; shapes (6,) in the order of CLASSES.
    """

    lengths: ValueCounts[Numbers] = field(default_factory=counted_numbers)
    patterns: ValueCounts[pa.StringArray] = field(default_factory=lambda: counted_texts(PATTERNS))
    outlines: ValueCounts[pa.StringArray] = field(default_factory=lambda: counted_texts(PATTERNS))
    classes: Counts = field(default_factory=lambda: np.zeros(6, np.int64))
    texts_with: Counts = field(default_factory=lambda: np.zeros(6, np.int64))
    padded: int = 0
    empty: int = 0

    def add(self, texts: pa.StringArray) -> None:
        """Take in texts, shape (n,)."""
        if not len(texts):
            return
        offsets, data = text_bytes(texts)
        kinds = _KIND_OF[data]
        starts_character = kinds < 6
        found = np.bincount(kinds, minlength=7)[:6]
        self.classes += found
        reached = _running(starts_character)[offsets]
        self.lengths.add(np.diff(reached).astype(np.int64))
        for kind in np.flatnonzero(found).tolist():
            self.texts_with[kind] += np.count_nonzero(np.diff(_running(kinds == kind)[offsets]))
        filled = np.diff(offsets) > 0
        self.empty += int((~filled).sum())
        ends = (kinds[offsets[:-1][filled]] == _SPACE) | (kinds[offsets[1:][filled] - 1] == _SPACE)
        self.padded += int(ends.sum())
        self._add_patterns(offsets, data, starts_character)

    def merge(self, other: Self) -> None:
        """Take in another's texts."""
        self.lengths.merge(other.lengths)
        self.patterns.merge(other.patterns)
        self.outlines.merge(other.outlines)
        self.classes += other.classes
        self.texts_with += other.texts_with
        self.padded += other.padded
        self.empty += other.empty

    def _add_patterns(self, offsets: NDArray[np.int32], data: NDArray[np.uint8], starts_character: NDArray[np.bool_]) -> None:
        lengths = np.minimum(np.diff(offsets), _LONGEST).astype(np.int64)  # a text may be much longer: only its beginning is looked at
        owner = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(owner)) - (np.cumsum(lengths) - lengths)[owner] + offsets[owner]
        kept = starts_character[place]
        signs, owner = _SIGN_OF[data[place[kept]]], owner[kept]
        self.patterns.add(_texts(signs, owner, len(offsets) - 1))
        changes = np.ones(len(signs), np.bool_)
        changes[1:] = (signs[1:] != signs[:-1]) | (owner[1:] != owner[:-1])
        self.outlines.add(_texts(signs[changes], owner[changes], len(offsets) - 1))


def _running(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How many are true before each place, shape (n + 1,)."""
    total = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, dtype=np.int32, out=total[1:])
    return total


def _texts(signs: NDArray[np.uint8], owner: Counts, rows: int) -> pa.StringArray:
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(owner, minlength=rows), out=offsets[1:])
    return from_offsets(offsets, signs)


def pattern_regex(pattern: str) -> str:
    """The regular expression of all texts with a pattern.

    >>> pattern_regex("AAA-99")
    '^[A-Z]{3}-[0-9]{2}$'
    """
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        end = at + 1
        while end < len(pattern) and pattern[end] == sign:
            end += 1
        unit = _UNITS.get(sign) or (f"\\{sign}" if sign in _SPECIAL else sign)
        parts.append(unit if end - at == 1 else f"{unit}{{{end - at}}}")
        at = end
    return f"^{''.join(parts)}$"


_UNITS = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
_SPECIAL = set(".^$*+?()[]{}|\\")
