"""Sets of characters as ranges of code points."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.core.records import dataclass

_LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of characters: code points as ranges, both ends included, in rising order and apart from each other.

    >>> Characters.of("ba-").ranges
    ((45, 45), (97, 98))
    """

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Characters:
        """The characters of a text."""
        return cls.joined((ord(character), ord(character)) for character in text)

    @classmethod
    def joined(cls, ranges: Iterable[tuple[int, int]]) -> Characters:
        """The characters of ranges that may overlap."""
        found: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if found and low <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(found[-1][1], high))
            else:
                found.append((low, high))
        return cls(tuple(found))

    def __or__(self, other: Characters) -> Characters:
        return Characters.joined((*self.ranges, *other.ranges))

    def __sub__(self, other: Characters) -> Characters:
        found = []
        for low, high in self.ranges:
            begin = low
            for cut_low, cut_high in other.ranges:
                if cut_high < begin or cut_low > high:
                    continue
                if cut_low > begin:
                    found.append((begin, cut_low - 1))
                begin = cut_high + 1
            if begin <= high:
                found.append((begin, high))
        return Characters(tuple(found))

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def points(self) -> list[int]:
        """All code points, in rising order."""
        return [point for low, high in self.ranges for point in range(low, high + 1)]


SURROGATES = Characters(((0xD800, 0xDFFF),))  # no characters: halves of pairs in UTF-16
ANYTHING = Characters(((0, _LAST),)) - SURROGATES
PRINTABLE = Characters(((0x20, 0x7E),))
DIGITS = Characters.joined([(ord("0"), ord("9"))])
WORD = Characters.joined([(ord("0"), ord("9")), (ord("A"), ord("Z")), (ord("a"), ord("z")), (ord("_"), ord("_"))])
SPACES = Characters.of(" \t\n\f\r")
NEWLINE = Characters.of("\n")
