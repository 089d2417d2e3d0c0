"""Digits and letters filled into formats such as `+49 30 #######`."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass
from seedbed.core.text import fixed_width, from_offsets
from seedbed.generate.frozen.draws import Bits, choice

#: What a character of a format stands for; any other stands for itself.
ALPHABETS = {
    "#": "0123456789",
    "%": "123456789",
    "$": "23456789",
    "?": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "^": "ABDEFGHJLNPQRSTUWXYZ",  # the last two letters of a British postcode
    "~": "ABCEGHJKLMNPRSTVXY",  # the letters of a Canadian one
}

_DRAWN = 6  # characters taken from 32 random bits: 26**6 of 2**32 values, a bias below 8 % of one in a million draws
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class FormatTable:
    """Formats laid out byte by byte, shape (formats, widest): where a byte's alphabet starts in `letters`, and its size.

    A byte that stands for itself has an alphabet of one.
    """

    base: NDArray[np.uint16]
    size: NDArray[np.uint64]
    width: NDArray[np.int32]
    letters: NDArray[np.uint8]

    @property
    def slots(self) -> int:
        """How many slots of draws `fill` uses."""
        drawn = int((self.size > 1).any(axis=0).sum())
        return (1 if len(self.width) > 1 else 0) + -(-drawn // (2 * _DRAWN))


@cache
def format_table(formats: tuple[str, ...]) -> FormatTable:
    """Lay out formats; the alphabets stand behind the 256 bytes that stand for themselves."""
    letters = bytes(range(256)) + "".join(ALPHABETS.values()).encode()
    starts = dict(zip(ALPHABETS, np.cumsum([256, *map(len, ALPHABETS.values())]).tolist(), strict=False))
    rows = [[place for character in text for place in _places(character, starts)] for text in formats]
    width = np.array([len(row) for row in rows], np.int32)
    base = np.zeros((len(rows), int(width.max())), np.uint16)
    size = np.ones(base.shape, np.uint64)
    for i, row in enumerate(rows):
        base[i, : len(row)] = [start for start, _ in row]
        size[i, : len(row)] = [count for _, count in row]
    return FormatTable(base, size, width, np.frombuffer(letters, np.uint8))


def _places(character: str, starts: dict[str, int]) -> list[tuple[int, int]]:
    if character in ALPHABETS:
        return [(starts[character], len(ALPHABETS[character]))]
    return [(byte, 1) for byte in character.encode()]


def fill(formats: tuple[str, ...], bits: Bits, slot: int, n: int) -> pa.StringArray:
    """Choose one of the formats for each of n rows, all alike, and fill it in; uses `format_table(formats).slots` slots.

    >>> fill(("A-%#",), lambda slot: np.array([0, 2**64 - 1], np.uint64), 0, 2).to_pylist()
    ['A-10', 'A-99']
    """
    table = format_table(formats)
    if len(formats) == 1:
        return fixed_width(_characters(table, None, bits, slot, n))
    which = choice(bits(slot), len(formats))
    return _trimmed(_characters(table, which, bits, slot + 1, n), table.width[which])


def fill_chosen(formats: tuple[str, ...], which: NDArray[np.int32], bits: Bits, slot: int) -> pa.StringArray:
    """Fill in each row's own format, `which` being its place, shape (n,); uses at most `format_table(formats).slots` slots.

    >>> fill_chosen(("A-#", "", "B"), np.array([2, 0, 1], np.int32), lambda slot: np.zeros(3, np.uint64), 0).to_pylist()
    ['B', 'A-0', '']
    """
    table = format_table(formats)
    return _trimmed(_characters(table, which, bits, slot, len(which)), table.width[which])


def _characters(table: FormatTable, which: NDArray[np.int32] | None, bits: Bits, slot: int, n: int) -> NDArray[np.uint8]:
    """The bytes of n rows, shape (n, widest); each position takes its share of a 32-bit fraction."""
    out = np.empty((n, table.base.shape[1]), np.uint8)
    fraction = np.zeros(n, np.uint64)
    drawn = 0
    for i in range(out.shape[1]):
        base, size = (table.base[0, i], table.size[0, i]) if which is None else (table.base[which, i], table.size[which, i])
        if not (table.size[:, i] > 1).any():
            out[:, i] = table.letters[base]
            continue
        if drawn % _DRAWN == 0:
            half = bits(slot + drawn // (2 * _DRAWN))
            fraction = half >> _32 if drawn // _DRAWN % 2 == 0 else half & _LOW
        drawn += 1
        fraction = fraction * size
        out[:, i] = table.letters[(fraction >> _32).astype(np.uint16) + base]
        fraction &= _LOW
    return out


def _trimmed(characters: NDArray[np.uint8], width: NDArray[np.int32]) -> pa.StringArray:
    """Cut each row to its own width."""
    n, widest = characters.shape
    offsets = np.zeros(n + 1, np.int32)
    np.cumsum(width, out=offsets[1:])
    return from_offsets(offsets, characters[np.arange(widest, dtype=np.int32) < width[:, None]])
