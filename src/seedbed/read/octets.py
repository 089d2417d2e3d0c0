"""Bytes out of texts in Base64, whole columns at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core.text import text_bytes

_SIGNS = np.full(256, 255, np.uint8)
_SIGNS[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)] = np.arange(64, dtype=np.uint8)
_END = ord("=")


def base64_bytes(texts: pa.Array) -> pa.BinaryArray:
    """The bytes that texts in Base64 (RFC 4648, with `=` at the end) stand for, null where they are null; shape (n,).

    Raises:
        pa.ArrowInvalid: a text is none.

    >>> base64_bytes(pa.array(["c2VlZA==", None, ""])).to_pylist()
    [b'seed', None, b'']
    """
    offsets, data = text_bytes(texts.fill_null("") if texts.null_count else texts)
    if (np.diff(offsets) % 4).any():
        raise pa.ArrowInvalid("a text is no Base64")
    groups = data.reshape(-1, 4)
    ends = groups == _END
    ends[:, 2] &= ends[:, 3]  # one = stands last, two are the last two
    last = np.zeros(len(groups) + 1, np.bool_)
    last[offsets[1:] // 4] = True  # the group behind which a text ends
    values = np.where(ends, 0, _SIGNS[groups]).astype(np.uint32)
    if (values == 255).any() or ends[:, :2].any() or (ends[:, 3] & ~last[1:]).any():
        raise pa.ArrowInvalid("a text is no Base64")
    bits = values[:, 0] << 18 | values[:, 1] << 12 | values[:, 2] << 6 | values[:, 3]
    octets = np.stack([bits >> 16, bits >> 8, bits], axis=1).astype(np.uint8)
    kept = np.ones((len(groups), 3), np.bool_)
    kept[:, 1:] = ~ends[:, 2:]
    sizes = np.zeros(len(groups) + 1, np.int32)
    np.cumsum(kept.sum(axis=1), out=sizes[1:])
    buffers = [texts.is_valid().buffers()[1] if texts.null_count else None, pa.py_buffer(sizes[offsets // 4]), pa.py_buffer(octets[kept])]
    return pa.Array.from_buffers(pa.binary(), len(texts), buffers)
