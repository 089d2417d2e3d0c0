"""Values of Arrow arrays as text, as the ground truth and broken columns spell them, and as numbers."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.decimals import decimal_array, decimal_texts, units_of
from seedbed.core.text import from_offsets, join_text, string_array, string_scalar, text_bytes
from seedbed.generate.frame import Mask, integers
from seedbed.model.quality import Form

Numbers = NDArray[Any]

_FORMS = {"string": pa.string(), "binary": pa.binary()}


def text_of(values: pa.Array) -> pa.StringArray:
    """Each value as text, null where it is: moments in ISO 8601 (those of a time zone in UTC), decimals with all digits, bytes in Base64.

    >>> text_of(pa.array([1_700_000_000_250_000, None], pa.timestamp("us"))).to_pylist()
    ['2023-11-14T22:13:20.250000', None]
    """
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_decimal(kind):
        return _null_again(decimal_texts(units_of(values), kind.scale), values)
    if pa.types.is_timestamp(kind):
        naive = pc.cast(values.view(pa.int64()).view(pa.timestamp("us")), pa.string())
        text = pc.replace_substring(naive, " ", "T")
        text = pc.replace_substring_regex(text, r"\.000000$", "")
        return text if kind.tz is None else join_text(text, string_scalar("Z"))
    if pa.types.is_time(kind):
        return pc.replace_substring_regex(pc.cast(values, pa.string()), r"\.000000$", "")
    if pa.types.is_binary(kind):
        return _spelt(values, lambda value: b64encode(value).decode())
    if pa.types.is_nested(kind):
        return _spelt(values, lambda value: json.dumps(value, ensure_ascii=False, default=_plain))
    return pc.cast(values, pa.string())


def _null_again(texts: pa.StringArray, values: pa.Array) -> pa.StringArray:
    """Texts, null where the values are."""
    return texts if not values.null_count else pc.if_else(values.is_valid(), texts, pa.scalar(None, pa.string()))


def _spelt(values: pa.Array, spell: Any) -> pa.StringArray:
    """Values that Arrow has no text for, one after the other: there are as many as faults in such a column."""
    texts = string_array(["" if value is None else spell(value) for value in values.to_pylist()])
    return _null_again(texts, values)


def _plain(value: object) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def escaped(values: pa.BinaryArray) -> pa.StringArray:
    r"""Bytes as ASCII: each that is none as `\xe9`, a backslash as two; null where they are.

    >>> escaped(pa.array([b"caf\xe9", None])).to_pylist()
    ['caf\\xe9', None]
    """
    offsets, data = text_bytes(values)
    sizes = _SIZES[data]
    ends = np.concatenate([[0], np.cumsum(sizes)])[offsets].astype(np.int32)
    return _null_again(from_offsets(ends, _WORDS[data][np.arange(4) < sizes[:, None]]), values)


_SPELT = [f"\\x{byte:02x}" if byte >= 0x80 else "\\\\" if byte == 0x5C else chr(byte) for byte in range(256)]
_SIZES = np.array([len(text) for text in _SPELT])
_WORDS = np.frombuffer("".join(text.ljust(4) for text in _SPELT).encode(), np.uint8).reshape(256, 4)


def delivered(values: pa.Array, form: Form) -> pa.Array:
    """Clean values as their column is delivered: as they are, as text, or as the bytes of it."""
    if form == "clean":
        return values
    text = text_of(values)
    return text if form == "string" else text.view(pa.binary())


def delivered_type(kind: pa.DataType, form: Form) -> pa.DataType:
    """The type that a column is delivered as."""
    return _FORMS.get(form, kind)


def plain(values: pa.Array) -> pa.Array:
    """Values without codes and without an offset into longer buffers."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.DictionaryArray):
        values = values.dictionary_decode()
    return pa.concat_arrays([values]) if values.offset else values


def differing(before: pa.Array, after: pa.Array) -> Mask:
    """Where two arrays of one type differ, nulls counting as a value of their own; shape (n,)."""
    appears: Mask = np.asarray(before.is_valid()) != np.asarray(after.is_valid())
    if pa.types.is_nested(before.type):  # faults only make them null
        return appears
    unequal: Mask = np.asarray(pc.fill_null(pc.not_equal(before, after), pa.scalar(value=False)), dtype=np.bool_)
    return unequal | appears


def numbers_of(values: pa.Array) -> Numbers:
    """Numbers and times without nulls as NumPy holds them: decimals in units, dates in days, moments in microseconds; shape (n,)."""
    kind = values.type
    if pa.types.is_decimal(kind):
        return units_of(values)
    if pa.types.is_date32(kind):
        return np.asarray(values.view(pa.int32())).astype(np.int64)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return np.asarray(values.view(pa.int64()))
    return np.asarray(values)


def of_numbers(numbers: Numbers, kind: pa.DataType) -> pa.Array:
    """The same way back."""
    if pa.types.is_decimal(kind):
        return decimal_array(np.ascontiguousarray(numbers, np.int64), kind.precision, kind.scale)
    stored = np.int32 if pa.types.is_date32(kind) else np.float64 if pa.types.is_floating(kind) else np.int64
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers, stored))])


def where(mask: Mask, yes: pa.Array, no: pa.Array) -> pa.Array:
    """`yes` where the mask says so, else `no`; all of shape (n,)."""
    n = len(mask)
    index = np.arange(n) + np.where(mask, 0, n)
    return taken(pa.concat_arrays([yes, no]), index)


def taken(values: pa.Array, index: NDArray[np.int64]) -> pa.Array:
    """The values at some places, shape (n,)."""
    return pc.take(values, integers(index.astype(np.int64, copy=False)))
