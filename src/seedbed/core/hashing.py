"""Fingerprints of 64 bits: equal values always have equal ones, different values nearly always different ones.

Two texts share a fingerprint with a chance of 2^-64, unless somebody made them for it: among ten million there is such a pair once in 370,000 tables. So a
fingerprint never proves equality: what looks like a repeated text is read again and compared. That a text is *not* in a set is proof;
that it is, may be wrong once in 10^12 for a set of ten million. Nothing here is ever stored.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.text import text_bytes

Words = NDArray[np.uint64]
Keys = NDArray[np.int64]

# Odd numbers whose bits look random: 2^64 divided by the golden ratio, and the multipliers of MurmurHash3's finaliser (Appleby, 2011).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xFF51AFD7ED558CCD)
_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)

#: Texts of more bytes than these are seen one by one: as many steps for all as the longest one takes would be too many.
_LONG = 1_024

#: For 0 to 8 bytes that are left: which bytes of a little-endian word count.
_MASKS = np.array([(1 << (8 * left)) - 1 for left in range(9)], np.uint64)


def mixed(words: Words) -> Words:
    """Spread every bit over all others; a bijection; shape (n,)."""
    spread = words ^ (words >> _SHIFT)
    spread *= _FIRST
    spread ^= spread >> _SHIFT
    spread *= _SECOND
    spread ^= spread >> _SHIFT
    return spread


def text_keys(texts: pa.StringArray) -> Keys:
    """The fingerprint of each text; shape (n,); a null's is that of some text.

    >>> from seedbed.core.text import string_array
    >>> a, b, c = text_keys(string_array(["Bonn", "Köln", "Bonn"])).tolist()
    >>> a == c, a == b
    (True, False)
    """
    offsets, data = text_bytes(texts)
    lengths = np.diff(offsets)
    marks: Words = lengths.astype(np.uint64) * _GOLDEN
    padded = np.zeros(len(data) + 8, np.uint8)
    padded[: len(data)] = data
    windows: Words = np.ndarray((len(data) + 1,), np.uint64, padded, strides=(1,))  # the eight bytes from each byte on
    place = offsets[:-1].astype(np.int64)
    is_long = lengths > _LONG
    short = np.where(is_long, 0, lengths)
    for done in range(0, int(short.max(initial=0)), 8):
        marks = _absorb(marks, windows, place + done, short - done)
    for row in np.flatnonzero(is_long).tolist():
        marks[row] = int.from_bytes(blake2b(data[offsets[row] : offsets[row + 1]].tobytes(), digest_size=8).digest(), "little")
    return mixed(marks).view(np.int64)


def _absorb(marks: Words, windows: Words, place: Keys, left: NDArray[np.int32]) -> Words:
    """Mix the next eight bytes of each text into its mark; a text that has ended keeps its own."""
    going = left > 0
    if not going.all():
        marks = marks.copy()
        marks[going] = _absorb(marks[going], windows, place[going], left[going])
        return marks
    word = windows[place] & _MASKS[np.minimum(left, 8)]
    stirred: Words = (marks ^ word) * _FIRST
    stirred ^= stirred >> _SHIFT
    return stirred * _SECOND


def pair_keys(first: Keys, second: Keys) -> Keys:
    """One fingerprint for two keys; shapes (n,) and (n,).

    >>> one, other = pair_keys(np.array([1, 2]), np.array([2, 1])).tolist()
    >>> one == other
    False
    """
    return mixed(mixed(first.view(np.uint64) + _GOLDEN) ^ (second.view(np.uint64) * _GOLDEN)).view(np.int64)
