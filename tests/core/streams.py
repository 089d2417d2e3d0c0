"""Streams of draws in the orders data sets use them, and in orders that break weak mixes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from seedbed.core.draw import Key, derive_key, draw_bits, draw_bits_keyed
from seedbed.core.permute import Permutation
from tests.core.battery import Words

PIECE = 1 << 16  # words a piece
GOLDEN_INVERSE = pow(0x9E3779B97F4A7C15, -1, 1 << 64)  # rows this far apart differ by one inside the mix
MASK = (1 << 64) - 1
#: Piece number 0, 1, 2, ... of an endless stream, PIECE words each.
Stream = Callable[[int], Words]


def single(key: Key, start: int = 0, stride: int = 1, slot: int = 0) -> Stream:
    """One column's draws for every `stride`-th row."""

    def piece(number: int) -> Words:
        first = start + number * PIECE * stride
        if stride == 1:
            return draw_bits(key, range(first, first + PIECE), slot)
        rows = np.arange(PIECE, dtype=np.uint64) * np.uint64(stride & MASK) + np.uint64(first & MASK)
        return draw_bits(key, rows.view(np.int64), slot)

    return piece


def interleaved(keys: Sequence[Key], slots: Sequence[int] = (0,)) -> Stream:
    """Row by row, the draws of every key and slot side by side."""
    every = list(itertools.product(keys, slots))
    rows = PIECE // len(every)

    def piece(number: int) -> Words:
        block = range(number * rows, (number + 1) * rows)
        return np.stack([draw_bits(key, block, slot) for key, slot in every], axis=1).ravel()

    return piece


def seeds_in_turn(rows: int) -> Stream:
    """The first rows of one column under seed 0, 1, 2, ..."""

    def piece(number: int) -> Words:
        count = PIECE // rows
        keys = (derive_key(seed, "user", "age", "value") for seed in range(number * count, (number + 1) * count))
        return np.concatenate([draw_bits(key, range(rows)) for key in keys])

    return piece


def reversed_rows(key: Key) -> Stream:
    """Rows whose numbers are counters with their bits reversed: they differ at the top first."""

    def piece(number: int) -> Words:
        counter = np.arange(number * PIECE, (number + 1) * PIECE, dtype=np.uint64)
        bits = np.unpackbits(counter.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        return draw_bits(key, np.packbits(bits, axis=1, bitorder="big").view(">u8").ravel().astype(np.uint64).view(np.int64))

    return piece


def packed(stream: Stream, bits: int, shift: int) -> Stream:
    """Only some bits of each word, packed into words: 8, 16 or 32 of them from `shift` on."""
    kind = {8: np.uint8, 16: np.uint16, 32: np.uint32}[bits]
    pieces = 64 // bits

    def piece(number: int) -> Words:
        words = np.concatenate([stream(number * pieces + i) for i in range(pieces)])
        return (words >> np.uint64(shift)).astype(kind).view(np.uint64)

    return piece


def combined(operation: Callable[[Words, Words], Words], left: Stream, right: Stream) -> Stream:
    """Two streams word by word."""
    return lambda number: operation(left(number), right(number))


def keyed_slots(key: Key, rows: int) -> Stream:
    """A few rows, each with a long series of slots."""

    def piece(number: int) -> Words:
        count = PIECE // rows
        row = np.repeat(np.arange(rows, dtype=np.int64), count)
        slot = np.tile(np.arange(number * count, (number + 1) * count, dtype=np.uint64), rows)
        return draw_bits_keyed(key, row, slot)

    return piece


def permuted(key: Key) -> Stream:
    """The lower halves of a keyed permutation of 2^52 values, two a word."""
    shuffle = Permutation(key, 1 << 52)

    def piece(number: int) -> Words:
        values = shuffle.forward(np.arange(2 * number * PIECE, 2 * (number + 1) * PIECE, dtype=np.int64))
        return values.astype(np.uint32).view(np.uint64)

    return piece


@cache
def column_key(table: str = "user", column: str = "age", seed: int = 42) -> Key:
    """The key of a column's values, as a plan derives it."""
    return derive_key(seed, table, column, "value")


def columns(count: int) -> list[Key]:
    """Keys of columns named alike."""
    return [column_key("user", f"column_{i}") for i in range(count)]


def streams() -> dict[str, Stream]:
    """Every stream by name."""
    key, other = column_key(), column_key("user", "name")
    return {
        "one column": single(key),
        "one column, rows from 2^40": single(key, 1 << 40),
        "one column, rows from 2^62": single(key, 1 << 62),
        "2 columns": interleaved(columns(2)),
        "16 columns": interleaved(columns(16)),
        "1,024 columns": interleaved(columns(1024)),
        "64 tables": interleaved([column_key(f"table_{i}", "value") for i in range(64)]),
        "16 slots": interleaved([key], range(16)),
        "4 columns of 4 slots": interleaved(columns(4), range(4)),
        "2 purposes": interleaved([derive_key(42, "user", "age", purpose) for purpose in ("value", "null")]),
        "64 neighbouring seeds": interleaved([column_key(seed=seed) for seed in range(42, 106)]),
        "2 neighbouring seeds": interleaved([column_key(seed=seed) for seed in (42, 43)]),
        "row 0 of every seed": seeds_in_turn(1),
        "16 rows of every seed": seeds_in_turn(16),
        "every 2nd row": single(key, stride=2),
        "every 3rd row": single(key, stride=3),
        "every 64th row": single(key, stride=64),
        "every 65,536th row": single(key, stride=1 << 16),
        "every 2^32nd row": single(key, stride=1 << 32),
        "rows that neighbour inside the mix": single(key, stride=GOLDEN_INVERSE),
        "rows downwards": single(key, start=1 << 50, stride=-1),
        "rows with bits reversed": reversed_rows(key),
        "top 8 bits": packed(single(key), 8, 56),
        "bottom 8 bits": packed(single(key), 8, 0),
        "top 32 bits": packed(single(key), 32, 32),
        "bottom 32 bits": packed(single(key), 32, 0),
        "middle 16 bits of 16 columns": packed(interleaved(columns(16)), 16, 24),
        "bottom 8 bits of 2 columns": packed(interleaved(columns(2)), 8, 0),
        "two columns, xor": combined(np.bitwise_xor, single(key), single(other)),
        "two slots, xor": combined(np.bitwise_xor, single(key), single(key, slot=1)),
        "two slots, difference": combined(np.subtract, single(key), single(key, slot=1)),
        "slots 1 and 2, xor": combined(np.bitwise_xor, single(key, slot=1), single(key, slot=2)),
        "slots 0 and 3, xor": combined(np.bitwise_xor, single(key), single(key, slot=3)),
        "slots 0 and 1,000, xor": combined(np.bitwise_xor, single(key), single(key, slot=1000)),
        "neighbouring seeds, xor": combined(np.bitwise_xor, single(key), single(column_key(seed=43))),
        "simple keys": interleaved([Key(i, 0) for i in range(32)] + [Key(0, i) for i in range(1, 33)]),
        "256 rows of many slots": keyed_slots(key, 256),
        "permutation": permuted(key),
    }


def take(stream: Stream, n: int) -> Words:
    """The first n words; n is a multiple of PIECE."""
    return np.concatenate([stream(number) for number in range(n // PIECE)])


def endless(stream: Stream) -> Iterator[bytes]:
    """The stream as bytes, piece by piece."""
    return (stream(number).tobytes() for number in itertools.count())
