"""Arrow strings made from buffers.

`pyarrow.array(list)`, and a Python string handed to a compute function, import pandas wherever it is installed
(0.7 s and more). Everything here goes through buffers, so it never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc

#: Strings out of a table: row i is `table[index[i]]`, or `table[i]` without an index.
Piece: TypeAlias = "tuple[pa.StringArray, NDArray[np.integer] | None]"


def string_array(values: Sequence[str]) -> pa.StringArray:
    """Make a string array without nulls of Python strings, shape (len(values),).

    >>> string_array(["a", "", "ß"]).to_pylist()
    ['a', '', 'ß']
    """
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    return from_offsets(offsets, np.frombuffer(b"".join(encoded), np.uint8))


def bytes_array(values: Sequence[bytes]) -> pa.BinaryArray:
    """Make a binary array without nulls of Python bytes, shape (len(values),).

    >>> bytes_array([b"a", b""]).to_pylist()
    [b'a', b'']
    """
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    return pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))])


def string_scalar(value: str) -> pa.StringScalar:
    """Make one string for use in a compute function.

    >>> string_scalar("x").as_py()
    'x'
    """
    return string_array([value])[0]


def from_offsets(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> pa.StringArray:
    """Make a string array of offsets, shape (n + 1,), and UTF-8 bytes; nothing is copied."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data)))


def fixed_width(characters: NDArray[np.uint8]) -> pa.StringArray:
    """Make a string array of rows that are equally wide, shape (n, width) of UTF-8 bytes.

    >>> fixed_width(np.array([[65, 66], [67, 68]], np.uint8)).to_pylist()
    ['AB', 'CD']
    """
    n, width = characters.shape
    return from_offsets(np.arange(n + 1, dtype=np.int32) * np.int32(width), characters.reshape(-1))


def take_text(table: pa.StringArray, index: NDArray[np.integer]) -> pa.StringArray:
    """Take the strings at `index`, shape (n,); every index must lie in the table.

    >>> take_text(string_array(["a", "b"]), np.array([1, 1, 0])).to_pylist()
    ['b', 'b', 'a']
    """
    codes = np.ascontiguousarray(index, np.int32)
    indices = pa.Int32Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(codes)])
    return pc.take(table, indices, boundscheck=False)


def join_text(*pieces: pa.StringArray | pa.StringScalar) -> pa.StringArray:
    """Put strings side by side, row by row; at least one piece is an array of n strings.

    >>> join_text(string_array(["a", "b"]), string_scalar("-"), string_array(["1", "2"])).to_pylist()
    ['a-1', 'b-2']
    """
    return pieces[0] if len(pieces) == 1 else pc.binary_join_element_wise(*pieces, _EMPTY)


def join_taken(*pieces: Piece) -> pa.StringArray:
    """Take strings out of tables and put them side by side, row by row; at least one piece tells the number of rows, n.

    The same as `join_text` of what `take_text` gives, in under half the time: the strings of all pieces are taken at once, row by row,
    so that their bytes already lie as they should, and only the offsets between rows are kept.

    >>> join_taken((string_array(["a", "b"]), np.array([1, 0, 1])), (string_array(["1", "2", "3"]), None)).to_pylist()
    ['b1', 'a2', 'b3']
    """
    if len(pieces) == 1:
        table, index = pieces[0]
        return table if index is None else take_text(table, index)
    rows = next(len(table) if index is None else len(index) for table, index in pieces)
    places = np.empty((rows, len(pieces)), np.int32)
    tables: list[pa.StringArray] = []
    start = 0
    for number, (table, index) in enumerate(pieces):
        if index is not None and len(table) > _VAST * rows:
            table, index = take_text(table, index), None  # noqa: PLW2901 - a vast table is more work to copy than to take from
        tables.append(table)
        places[:, number] = np.arange(rows, dtype=np.int32) if index is None else index
        places[:, number] += np.int32(start)
        start += len(tables[-1])
    taken = take_text(pa.concat_arrays(tables), places.reshape(-1))
    _, offsets, data = taken.buffers()
    ends = np.frombuffer(offsets, np.int32)[: rows * len(pieces) + 1 : len(pieces)].copy()
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), data)


def text_bytes(texts: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The offsets, shape (n + 1,) and starting at 0, and the UTF-8 bytes of a string array, whatever slice it is.

    >>> offsets, data = text_bytes(string_array(["xy", "ab", "c"]).slice(1))
    >>> offsets.tolist(), data.tobytes()
    ([0, 2, 3], b'abc')
    """
    _, offset_buffer, data_buffer = texts.buffers()
    if offset_buffer is None or len(texts) == 0:
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    return offsets - offsets[0], data[offsets[0] : offsets[-1]]


def numbers_as_text(numbers: NDArray[np.uint64]) -> pa.StringArray:
    """Write whole numbers as decimal digits, shape (n,).

    >>> numbers_as_text(np.array([0, 42], np.uint64)).to_pylist()
    ['0', '42']
    """
    data = np.ascontiguousarray(numbers, np.uint64)
    return pc.cast(pa.UInt64Array.from_buffers(pa.uint64(), len(data), [None, pa.py_buffer(data)]), pa.string())


_EMPTY = string_scalar("")
_VAST = 4
