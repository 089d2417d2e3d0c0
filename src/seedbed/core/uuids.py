"""UUIDs of RFC 9562 as text, of whole arrays.

Versions 4 and 7 hold all 64 bits of one word beside their time, version and variant: where the words of all rows differ, as draws of
different rows do, so do the UUIDs.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.draw import Bits, Ints
from seedbed.core.sha1 import sha1
from seedbed.core.text import fixed_width, text_bytes

#: The namespaces of RFC 9562, section 6.6.
NAMESPACES = {
    "dns": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "url": "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
    "oid": "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
    "x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
}

_VARIANT = np.uint64(1 << 63)
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
_GROUPS = ((0, 4, 0), (4, 6, 9), (6, 8, 14), (8, 10, 19), (10, 16, 24))  # bytes from and to, and the character where they begin


def random_uuids(words: Bits, others: Bits) -> pa.StringArray:
    """UUIDs of version 4, shape (n,): all 64 bits of `words`, and 58 of `others`.

    >>> random_uuids(np.array([2**64 - 1], np.uint64), np.array([0], np.uint64)).to_pylist()
    ['ffffffff-ffff-4fff-8000-00000000000f']
    """
    high = (words & np.uint64(0xFFFF_FFFF_FFFF_0FFF)) | np.uint64(0x4000)
    low = (others & np.uint64(0x3FFF_FFFF_FFFF_FFF0)) | ((words >> np.uint64(12)) & np.uint64(0xF)) | _VARIANT
    return _of_words(high, low)


def timed_uuids(milliseconds: Ints, words: Bits, others: Bits) -> pa.StringArray:
    """UUIDs of version 7, shape (n,), with a moment in milliseconds since 1970 (those before it are 0): their text sorts by it.

    >>> timed_uuids(np.array([1_700_000_000_000]), np.array([2**64 - 1], np.uint64), np.array([0], np.uint64)).to_pylist()
    ['018bcfe5-6800-7fff-800f-ffffffffffff']
    """
    moments = np.minimum(np.maximum(milliseconds, 0), (1 << 48) - 1).astype(np.uint64)
    high = (moments << np.uint64(16)) | np.uint64(0x7000) | (words >> np.uint64(52))
    low = (words & np.uint64((1 << 52) - 1)) | ((others & np.uint64(0x3FF)) << np.uint64(52)) | _VARIANT
    return _of_words(high, low)


def named_uuids(namespace: str, names: pa.StringArray) -> pa.StringArray:
    """UUIDs of version 5, shape (n,): of a namespace (a UUID) and names.

    >>> from seedbed.core.text import string_array
    >>> named_uuids(NAMESPACES["dns"], string_array(["www.example.com"])).to_pylist()
    ['2ed6657d-e927-568b-95e1-2665a8aea6a2']
    """
    digests = sha1(*text_bytes(names), prefix=bytes.fromhex(namespace.replace("-", "")))[:, :16]
    digests[:, 6] = (digests[:, 6] & 0x0F) | 0x50
    digests[:, 8] = (digests[:, 8] & 0x3F) | 0x80
    return _of_bytes(digests)


def _of_words(high: Bits, low: Bits) -> pa.StringArray:
    return _of_bytes(np.stack((high, low), axis=1).astype(">u8").view(np.uint8))


def _of_bytes(data: NDArray[np.uint8]) -> pa.StringArray:
    """Sixteen bytes each as 36 characters, shape (n, 16) -> (n,)."""
    digits = _HEX.take(data).view(np.uint8)
    out = np.full((len(data), 36), ord("-"), np.uint8)
    for start, stop, at in _GROUPS:
        out[:, at : at + 2 * (stop - start)] = digits[:, 2 * start : 2 * stop]
    return fixed_width(out)
