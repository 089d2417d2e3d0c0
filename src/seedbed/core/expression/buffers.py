"""Arrow arrays of strings, made from and read as plain buffers.

Arrow's own conversions of Python values look for pandas, and import it where it is installed; buffers don't.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc

Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]


def text_array(texts: Sequence[str]) -> pa.Array:
    """A string array of texts.

    >>> text_array(["a", "bc"]).to_pylist()
    ['a', 'bc']
    """
    parts = [text.encode() for text in texts]
    offsets = np.zeros(len(parts) + 1, dtype=np.int32)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return pa.StringArray.from_buffers(len(parts), pa.py_buffer(offsets), pa.py_buffer(b"".join(parts)))


EMPTY = text_array([""])
_ENCODED = pa.dictionary(pa.int32(), pa.string())


def numbers_array(values: NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    """An Arrow array of a fixed width over the memory of a NumPy array."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def mask_array(mask: Mask) -> pa.Array:
    """A boolean Arrow array."""
    return pa.Array.from_buffers(pa.bool_(), len(mask), [None, pa.py_buffer(np.packbits(mask, bitorder="little"))])


def numbers_of(array: pa.Array, dtype: type[np.generic]) -> NDArray[np.generic]:
    """The values of an Arrow array of a fixed width, without a copy."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=dtype)
    return np.frombuffer(data, dtype=dtype, count=array.offset + len(array))[array.offset :]


def mask_of(array: pa.Array) -> Mask:
    """The values of a boolean Arrow array."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=np.bool_)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=array.offset + len(array), bitorder="little")
    return bits[array.offset :].view(np.bool_)


def plain(array: pa.Array) -> pa.Array:
    """A string array, its dictionary resolved."""
    return array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array


def encoded(codes: Codes, texts: pa.Array) -> pa.Array:
    """A string array with a dictionary in which every text occurs once, as writers of Parquet rely on."""
    unique = pc.encoded(texts)
    if len(unique.dictionary) < len(texts):
        codes = numbers_of(unique.indices, np.int32).astype(np.int32)[codes]
    return pa.DictionaryArray.from_arrays(numbers_array(codes, pa.int32()), unique.dictionary, safe=False)


def codes_of(array: pa.DictionaryArray) -> Codes:
    """The places in the dictionary, as int32 without nulls."""
    return numbers_of(array.indices, np.int32).astype(np.int32, copy=False)


def without_nulls(array: pa.Array) -> tuple[pa.Array, Mask | None]:
    """A string array, its nulls made empty texts, and where it was not null (None: everywhere)."""
    if array.type == _ENCODED and len(array.dictionary) and not array.dictionary.null_count:
        return _without_null_codes(array) if array.null_count else (array, None)
    array = plain(array)
    array = array if array.type == pa.string() else pc.cast(array, pa.string())
    if not array.null_count:
        return array, None
    return pc.fill_null(array, EMPTY[0]), mask_of(pc.is_valid(array))


def _without_null_codes(array: pa.DictionaryArray) -> tuple[pa.Array, Mask]:
    valid = mask_of(pc.is_valid(array))
    codes = np.where(valid, codes_of(array), np.int32(0))
    return pa.DictionaryArray.from_arrays(numbers_array(codes, pa.int32()), array.dictionary, safe=False), valid


def is_worth_a_dictionary(array: pa.Array) -> bool:
    """Whether working on the dictionary is less work than on the rows."""
    return isinstance(array, pa.DictionaryArray) and len(array.dictionary) <= len(array)


def mapped(array: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Apply a function from texts to texts, to the dictionary where there is one."""
    if is_worth_a_dictionary(array):
        return encoded(codes_of(array), function(array.dictionary))
    return function(plain(array))


def measured(array: pa.Array, function: Callable[[pa.Array], pa.Array], dtype: type[np.generic]) -> NDArray[np.generic]:
    """Apply a function from texts to numbers (or, for np.bool_, to booleans), to the dictionary where there is one."""
    has_dictionary = is_worth_a_dictionary(array)
    found = function(array.dictionary if has_dictionary else plain(array))
    values = mask_of(found) if dtype is np.bool_ else numbers_of(found, dtype)
    return values[codes_of(array)] if has_dictionary else values


_SMALL = 4096  # entries up to which two dictionaries are joined rather than resolved


def _as_dictionary(array: pa.Array) -> tuple[Codes, pa.Array] | None:
    if isinstance(array, pa.DictionaryArray) and len(array.dictionary) <= _SMALL:
        return codes_of(array), array.dictionary
    return (np.zeros(1, dtype=np.int32), array) if len(array) == 1 else None


def chosen(mask: Mask, left: pa.Array, right: pa.Array) -> pa.Array:
    """Left where the mask is true, right elsewhere; each of length n or 1. Few different texts stay a dictionary."""
    a, b = _as_dictionary(left), _as_dictionary(right)
    if a is not None and b is not None:
        codes = np.where(mask, a[0], b[0] + np.int32(len(a[1])))
        return encoded(codes, pa.concat_arrays([a[1], b[1]]))
    n = max(len(mask), len(left), len(right))
    return pc.if_else(mask_array(np.broadcast_to(mask, (n,))), _scalar_or_plain(left, n), _scalar_or_plain(right, n))


def _scalar_or_plain(array: pa.Array, n: int) -> pa.Array | pa.Scalar:
    return plain(array)[0] if len(array) == 1 and n != 1 else plain(array)


def joined(parts: Sequence[pa.Array], n: int) -> pa.Array:
    """The texts of each row one after the other; every part of length n or 1."""
    return pc.binary_join_element_wise(*(_scalar_or_plain(part, n) for part in parts), EMPTY[0])


def spread(array: pa.Array, n: int) -> pa.Array:
    """One text for n rows, as a dictionary; n texts stay."""
    return array if len(array) == n else encoded(np.zeros(n, dtype=np.int32), plain(array))
