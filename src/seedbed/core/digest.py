"""Content digests of tables: equal values give equal digests, however they are cut, encoded or stored.

A **leaf** is one column's values in the rows [k * 65,536, (k + 1) * 65,536) of its table; the last one may be shorter.
A leaf's digest is SHA-256 over

    kind      1 byte   i integers, times and decimals, f floats, b truth values, s strings, y bytes, t structs, l lists
    rows      4 bytes  little-endian, as every number here
    nulls     1 byte   1 where some value is null, then one bit a row, lowest first, 1 where there is a value
    values    nulls count as zero, false and the empty string

    i         least value (8 bytes), width w (1 byte), then value - least in w bytes each, w the narrowest of 0 1 2 4 8 that holds all;
              w = 8 hashes the values themselves
    f         the 8 bytes of each value, with one NaN; 0.0 and -0.0 differ, because files and readers show them apart
    b         one bit a row, lowest first
    s, y      the lengths in (UTF-8) bytes as `i`, then all texts one after the other
    t         the digest of each field, in order; null where the struct is
    l         the lengths as `i`, 0 for null, then the digest of all elements one after the other

Decimals are whole numbers of units: 19.90 of scale 2 is 1990. A column's digest is SHA-256 over its leaves' digests in order. A table's is SHA-256 over the line `seedbed table 1`, first row, number of rows,
and for each column its name, type and digest. The narrow widths only serve speed: SHA-256 takes 0.5 ns a byte.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import units_of
from seedbed.core.records import dataclass
from seedbed.core.text import string_array

LEAF_ROWS = 65_536

#: Digests of one leaf of every column, 32 bytes each, in the schema's order.
LeafRow = tuple[bytes, ...]

_NAN_BITS = np.uint64(0x7FF8_0000_0000_0000)


def leaf_digest(array: pa.Array) -> bytes:
    """SHA-256 (32 bytes) of at most 65,536 values of one column, as the module says.

    Strings may come plain, large or with a dictionary; the digest is the same.

    Raises:
        TypeError: the array's type is none that seedbed delivers.
    """
    if pa.types.is_dictionary(array.type):
        if _is_plainly_coded(array):
            return _coded_digest(array)
        array = compute.decoded(array)
    kind, values_of = _reader(array.type)
    present = _present(array) if array.null_count else None
    sha = hashlib.sha256(struct.pack("<cIB", kind, len(array), present is not None))
    if present is not None:
        sha.update(np.packbits(present, bitorder="little").data)
    for piece in values_of(array, present):
        sha.update(piece)
    return sha.digest()


#: So many combinations of a dictionary's texts are made ahead.
_MOST_COMBINATIONS = 4096


def _is_plainly_coded(array: pa.DictionaryArray) -> bool:
    small = 1 < len(array.dictionary) <= 64 and array.indices.type == pa.int32() and pa.types.is_string(array.dictionary.type)
    return bool(small and not array.indices.null_count and not array.dictionary.null_count and len(array) >= 1024)


def _coded_digest(array: pa.DictionaryArray) -> bytes:
    """The digest of texts with few codes: several rows at a time are looked up as one of all combinations, which halves the time."""
    size, rows = len(array.dictionary), len(array)
    texts = tuple(array.dictionary.to_pylist())
    codes = np.frombuffer(array.indices.buffers()[1], np.int32, count=rows, offset=array.indices.offset * 4)
    together, combined = _combinations(texts)
    whole = rows - rows % together
    joint = codes[0:whole:together].copy()
    for place in range(1, together):
        joint *= size
        joint += codes[place:whole:together]
    sha = hashlib.sha256(struct.pack("<cIB", b"s", rows, 0))
    for piece in _narrow(_text_lengths(texts)[codes]):
        sha.update(piece)
    buffer = compute.take(combined, _integers32(joint), boundscheck=False).buffers()[2]
    sha.update(buffer)
    for code in codes[whole:].tolist():
        sha.update(texts[code].encode())
    return sha.digest()


@lru_cache(maxsize=64)
def _text_lengths(texts: tuple[str, ...]) -> NDArray[np.int32]:
    return np.array([len(text.encode()) for text in texts], np.int32)


@lru_cache(maxsize=64)
def _combinations(texts: tuple[str, ...]) -> tuple[int, pa.StringArray]:
    """How many texts are taken together, and all their combinations, the first text changing slowest."""
    together = next(count for count in (4, 3, 2) if len(texts) ** count <= _MOST_COMBINATIONS)
    return together, string_array(["".join(few) for few in product(texts, repeat=together)])


def _integers32(values: NDArray[np.int32]) -> pa.Int32Array:
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(values)])


def leaf_digests(batch: pa.RecordBatch) -> LeafRow:
    """The digest of each column of one leaf's rows, in the schema's order."""
    return tuple(leaf_digest(column) for column in batch.columns)


def column_digests(leaves: Iterable[LeafRow], columns: int) -> list[str]:
    """One hexadecimal digest a column over all its leaves; `leaves` come in the order of their rows."""
    hashes = [hashlib.sha256() for _ in range(columns)]
    for row in leaves:
        for sha, leaf in zip(hashes, row, strict=True):
            sha.update(leaf)
    return [sha.hexdigest() for sha in hashes]


def table_digest(columns: Sequence[str], schema: pa.Schema, rows: int, start: int = 0) -> str:
    """The hexadecimal digest of a table, or of its rows from `start` on, from the digests of its columns."""
    sha = hashlib.sha256(f"seedbed table 1\n{start} {rows}\n".encode())
    for field_, digest in zip(schema, columns, strict=True):
        sha.update(f"{field_.name}\t{type_name(field_.type)}\t{digest}\n".encode())
    return sha.hexdigest()


def type_name(kind: pa.DataType) -> str:
    """A type's name, the same for all ways to hold strings, and whatever a list's elements are called.

    >>> type_name(pa.dictionary(pa.int32(), pa.string())), type_name(pa.timestamp("us")), type_name(pa.list_(pa.struct({"a": pa.int64()})))
    ('string', 'timestamp[us]', 'list<struct<a: int64>>')
    """
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if _is_text(kind):
        return "string"
    if _is_bytes(kind):
        return "binary"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'{part.name}: {type_name(part.type)}' for part in kind)}>"
    return f"list<{type_name(kind.value_type)}>" if _is_list(kind) else str(kind)


@dataclass(slots=True)
class Digester:
    """Digests a table, or a slice of it, fed in order in pieces of any size.

    >>> table = pa.record_batch({"id": pa.array(np.arange(100_000))})
    >>> whole, pieces = Digester(table.schema), Digester(table.schema)
    >>> whole.add(table)
    >>> pieces.add(table.slice(0, 7)), pieces.add(table.slice(7))
    (None, None)
    >>> whole.hexdigest() == pieces.hexdigest()
    True
    """

    schema: pa.Schema
    start: int = 0
    rows: int = 0
    _leaves: list[LeafRow] = field(default_factory=list)
    _waiting: list[pa.RecordBatch] = field(default_factory=list)
    _waiting_rows: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        for piece in on_grid(batch, self.start + self.rows):
            self._waiting.append(piece)
            self._waiting_rows += len(piece)
            self.rows += len(piece)
            if (self.start + self.rows) % LEAF_ROWS == 0:
                self._close_leaf()

    def leaves(self) -> list[LeafRow]:
        """The leaves so far; the rows that wait for a full leaf become one of their own."""
        self._close_leaf()
        return self._leaves

    def column_digests(self) -> list[str]:
        """One hexadecimal digest a column."""
        return column_digests(self.leaves(), len(self.schema))

    def hexdigest(self) -> str:
        """The table's digest."""
        return table_digest(self.column_digests(), self.schema, self.rows, self.start)

    def _close_leaf(self) -> None:
        if not self._waiting_rows:
            return
        batch = self._waiting[0] if len(self._waiting) == 1 else _joined(self._waiting)
        self._leaves.append(leaf_digests(batch))
        self._waiting, self._waiting_rows = [], 0


def on_grid(batch: pa.RecordBatch, start: int) -> Iterator[pa.RecordBatch]:
    """Cut a batch whose first row is row `start` of its table where leaves begin; copies nothing."""
    stop = start + len(batch)
    low = start
    while low < stop:
        high = min(stop, (low // LEAF_ROWS + 1) * LEAF_ROWS)
        yield batch.slice(low - start, high - low)
        low = high


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    plain = [pa.record_batch([_decoded(column) for column in batch.columns], names=batch.schema.names) for batch in batches]
    return pa.Table.from_batches(plain).combine_chunks().to_batches()[0]


def _decoded(array: pa.Array) -> pa.Array:
    return compute.decoded(array) if pa.types.is_dictionary(array.type) else array


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_whole(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_date32(kind) or pa.types.is_time64(kind))


Pieces = Iterator[Any]
Present = NDArray[np.bool_] | None


def _reader(kind: pa.DataType) -> tuple[bytes, Any]:
    if _is_whole(kind):
        return b"i", _integers
    if pa.types.is_float64(kind):
        return b"f", _floats
    if pa.types.is_boolean(kind):
        return b"b", _truths
    if _is_text(kind):
        return b"s", _texts
    if _is_bytes(kind):
        return b"y", _texts
    if pa.types.is_decimal(kind) and kind.precision <= MOST_DIGITS:
        return b"i", _decimals
    if pa.types.is_struct(kind):
        return b"t", _structs
    if _is_list(kind):
        return b"l", _lists
    message = f"no digest is defined for columns of type {kind}"
    raise TypeError(message)


def _integers(array: pa.Array, present: Present) -> Pieces:
    width = array.type.bit_width // 8
    values = (
        np.frombuffer(array.buffers()[1], dtype=f"i{width}", count=len(array), offset=array.offset * width) if len(array) else _NO_INTEGERS
    )
    yield from _narrow(values if present is None else np.where(present, values, 0))


def _decimals(array: pa.Array, present: Present) -> Pieces:
    units = units_of(array)
    yield from _narrow(units if present is None else np.where(present, units, 0))


def _structs(array: pa.Array, _present: Present) -> Pieces:
    for part in array.flatten():  # with the nulls of the structs themselves
        yield leaf_digest(part)


def _lists(array: pa.Array, present: Present) -> Pieces:
    lengths, first, last = _lengths(array)
    values = array.values.slice(first, last - first)
    if present is not None and not present.all():
        lengths = np.where(present, lengths, 0).astype(np.int32)
        values = array.flatten()  # passes over what lies under nulls
    yield from _narrow(lengths)
    yield leaf_digest(values)


_NO_INTEGERS = np.zeros(0, dtype=np.int64)


def _narrow(values: NDArray[np.signedinteger[Any]]) -> Pieces:
    """Least value, width, and the differences from it; casting first wraps around and back, and is three times as fast."""
    least = int(values.min()) if len(values) else 0
    span = int(values.max()) - least if len(values) else 0
    width = 0 if span == 0 else next(size for size in (1, 2, 4, 8) if span < 1 << (8 * size))
    yield struct.pack("<qB", least, width)
    if width == 8:
        yield np.ascontiguousarray(values, dtype="<i8")
    elif width:
        small = values.astype(f"<u{width}")
        small -= np.array(least & ((1 << (8 * width)) - 1), dtype=small.dtype)
        yield small


def _floats(array: pa.Array, present: Present) -> Pieces:
    if not len(array):
        return
    values = np.frombuffer(array.buffers()[1], dtype="<f8", count=len(array), offset=array.offset * 8)
    if present is not None:
        values = np.where(present, values, 0.0)
    if np.isnan(values.max()):
        values = np.where(np.isnan(values), _NAN_BITS, values.view(np.uint64)).view(np.float64)
    yield values


def _truths(array: pa.Array, present: Present) -> Pieces:
    if not len(array):
        return
    values = _bits(array.buffers()[1], array.offset, len(array))
    yield np.packbits(values if present is None else values & present, bitorder="little")


def _texts(array: pa.Array, present: Present) -> Pieces:
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    elif pa.types.is_binary_view(array.type):
        array = array.cast(pa.binary())
    lengths, first, last = _lengths(array)
    if present is not None and not present.all():
        lengths = np.where(present, lengths, 0).astype(np.int32)
        array = array.drop_null()
        _, first, last = _lengths(array)
    yield from _narrow(lengths)
    if last > first:
        yield memoryview(array.buffers()[2])[first:last]


def _lengths(array: pa.Array) -> tuple[NDArray[np.int32], int, int]:
    """Each text's length in bytes, or list's in elements, and where the first begins and the last ends in the buffer."""
    if not len(array):
        return np.zeros(0, dtype=np.int32), 0, 0
    width = 8 if array.type.id in _LARGE else 4
    offsets = np.frombuffer(array.buffers()[1], dtype=f"i{width}", count=len(array) + 1, offset=array.offset * width)
    return np.diff(offsets).astype(np.int32, copy=False), int(offsets[0]), int(offsets[-1])


_LARGE = {pa.large_string().id, pa.large_binary().id, pa.large_list(pa.int8()).id}


def _present(array: pa.Array) -> NDArray[np.bool_]:
    return _bits(array.buffers()[0], array.offset, len(array))


def _bits(buffer: pa.Buffer, offset: int, count: int) -> NDArray[np.bool_]:
    octets = np.frombuffer(buffer, dtype=np.uint8)[offset // 8 : (offset + count + 7) // 8]
    return np.unpackbits(octets, bitorder="little")[offset % 8 : offset % 8 + count].view(np.bool_)
