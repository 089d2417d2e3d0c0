"""SHA-1 of many short texts at once, each step over all rows. It names things (UUIDs of version 5); it protects nothing.

Source: RFC 3174.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]

_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_CONSTANTS = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)
_BLOCK = 64

#: Bytes of messages hashed together: the state and the sixteen words of their blocks stay in a processor's second cache.
_AT_ONCE = 1 << 20


def sha1(offsets: NDArray[np.int32], data: Bytes, prefix: bytes = b"") -> Bytes:
    """The digest of each text, shape (n, 20); texts are bytes on end between `offsets`, shape (n + 1,), each behind `prefix`.

    >>> sha1(np.array([0, 3]), np.frombuffer(b"abc", np.uint8))[0].tobytes().hex()
    'a9993e364706816aba3e25717850c26c9cd0d89d'
    """
    lengths = np.diff(offsets).astype(np.int64)
    blocks = (len(prefix) + lengths + 8) // _BLOCK + 1
    out = np.empty((len(lengths), 20), np.uint8)
    for count in np.unique(blocks).tolist():
        rows = np.flatnonzero(blocks == count)
        step = max(64, _AT_ONCE // (count * _BLOCK))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            out[some] = _digests(_padded(offsets[some], lengths[some], data, prefix, count))
    return out


def _padded(begins: NDArray[np.int32], lengths: NDArray[np.int64], data: Bytes, prefix: bytes, blocks: int) -> Words:
    """Messages with their end and their length, shape (16 * blocks, n)."""
    n, width = len(lengths), blocks * _BLOCK
    room = np.zeros((n, width), np.uint8)
    room[:, : len(prefix)] = np.frombuffer(prefix, np.uint8)
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    row = np.repeat(np.arange(n) * width + len(prefix), lengths)
    flat = room.reshape(-1)
    flat[row + within] = data[np.repeat(begins.astype(np.int64), lengths) + within]
    ends = len(prefix) + lengths
    flat[np.arange(n) * width + ends] = 0x80
    room[:, width - 8 :] = (ends * 8).astype(">u8")[:, None].view(np.uint8)
    return np.ascontiguousarray(room.view(">u4").T).astype(np.uint32)


def _digests(words: Words) -> Bytes:
    """The digests of padded messages, shape (16 * blocks, n) -> (n, 20)."""
    state = [np.full(words.shape[1], start, np.uint32) for start in _START]
    for block in range(0, len(words), 16):
        after = _rounds(state, list(words[block : block + 16]))
        state = [one + other for one, other in zip(state, after, strict=True)]
    return np.ascontiguousarray(np.stack(state, axis=1).astype(">u4")).view(np.uint8)


def _rounds(state: list[Words], words: list[Words]) -> list[Words]:
    a, b, c, d, e = state
    for step in range(80):
        place = step % 16
        if step >= 16:
            mixed = words[(step - 3) % 16] ^ words[(step - 8) % 16]
            mixed ^= words[(step - 14) % 16]
            mixed ^= words[place]
            words[place] = _turned(mixed, 1)
        new = _turned(a, 5)
        new += _MIXES[step // 20](b, c, d)
        new += e
        new += np.uint32(_CONSTANTS[step // 20])
        new += words[place]
        a, b, c, d, e = new, a, _turned(b, 30), c, d
    return [a, b, c, d, e]


def _chosen(b: Words, c: Words, d: Words) -> Words:
    mixed = c ^ d
    mixed &= b
    mixed ^= d
    return mixed


def _odd(b: Words, c: Words, d: Words) -> Words:
    mixed = b ^ c
    mixed ^= d
    return mixed


def _most(b: Words, c: Words, d: Words) -> Words:
    mixed = b | c
    mixed &= d
    mixed |= b & c
    return mixed


_MIXES: tuple[Callable[[Words, Words, Words], Words], ...] = (_chosen, _odd, _most, _odd)


def _turned(words: Words, by: int) -> Words:
    """Each word with its bits turned left."""
    turned = words << np.uint32(by)
    turned |= words >> np.uint32(32 - by)
    return turned
