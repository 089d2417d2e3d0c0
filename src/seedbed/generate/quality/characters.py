"""Texts as characters: cut up, and put together of pieces, all rows at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.draw import Ints
from seedbed.core.records import dataclass
from seedbed.core.text import text_bytes

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of n texts.

    data: the bytes of all; places: where each character begins, and where the last one ends; first: the first character of each text,
    shape (n,); counts: how many it has.
    """

    data: Bytes
    places: Ints
    first: Ints
    counts: Ints

    @classmethod
    def of(cls, texts: pa.StringArray) -> Characters:
        """The characters of texts without nulls."""
        offsets, data = text_bytes(texts)
        begins = np.flatnonzero((data & 0xC0) != 0x80)
        first = np.searchsorted(begins, offsets).astype(np.int64)
        return cls(data, np.append(begins, len(data)).astype(np.int64), first[:-1], np.diff(first))

    def begin(self, number: Ints) -> Ints:
        """Where in the bytes character `number` of each text begins; that after the last is where the text ends."""
        found: Ints = self.places[self.first + number]
        return found

    def byte(self, number: Ints) -> Bytes:
        """The first byte of character `number` of each text, which has one."""
        return self.data[self.begin(number)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of bytes for each text: from `start` to `stop` of `data`."""

    data: Bytes
    start: Ints
    stop: Ints


def piece(texts: Characters, begin: Ints, end: Ints) -> Piece:
    """Characters `begin` to `end`, the last not included, of each text."""
    return Piece(texts.data, texts.begin(begin), texts.begin(end))


def single(values: Bytes) -> Piece:
    """A byte of its own for each text."""
    places = np.arange(len(values))
    return Piece(values, places, places + 1)


def among(words: list[bytes], index: Ints) -> Piece:
    """One of a few words for each text."""
    ends = np.cumsum([len(word) for word in words])
    starts = ends - [len(word) for word in words]
    return Piece(np.frombuffer(b"".join(words), np.uint8), starts[index], ends[index])


def joined(pieces: list[Piece], kind: pa.DataType) -> pa.Array:
    """The pieces of each text one after the other, as strings or as bytes, shape (n,)."""
    before = np.cumsum([0, *(len(each.data) for each in pieces)])
    source = np.concatenate([each.data for each in pieces])
    starts = np.stack([each.start + at for each, at in zip(pieces, before[:-1], strict=True)], axis=1).reshape(-1)
    lengths = np.stack([each.stop - each.start for each in pieces], axis=1).reshape(-1)
    ends = np.cumsum(lengths)
    data = source[np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)]
    offsets = np.concatenate([[0], ends[len(pieces) - 1 :: len(pieces)]]).astype(np.int32)
    return pa.Array.from_buffers(kind, len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))])
