"""Types of PostgreSQL, and rows as its COPY takes them from Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.sinks import TableShape
from seedbed.core.text import text_bytes
from seedbed.write.databases.database import Sent
from seedbed.write.databases.dialect import tag
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells

Json = Literal["json", "jsonb"]

_PLAIN: tuple[tuple[Any, str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "smallint"),
    (pa.types.is_uint8, "smallint"),
    (pa.types.is_int16, "smallint"),
    (pa.types.is_uint16, "integer"),
    (pa.types.is_int32, "integer"),
    (pa.types.is_uint32, "bigint"),
    (pa.types.is_int64, "bigint"),
    (pa.types.is_uint64, "numeric(20)"),
    (pa.types.is_float32, "real"),
    (pa.types.is_float64, "double precision"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_binary, "bytea"),
    (pa.types.is_large_binary, "bytea"),
    (pa.types.is_date32, "date"),
    (pa.types.is_time, "time"),
)


def column_type(column: pa.Field, json: Json = "json") -> str | None:
    """The type of PostgreSQL that holds a column's values exactly; None where there is none.

    >>> column_type(pa.field("price", pa.decimal128(10, 2))), column_type(pa.field("tags", pa.list_(pa.string())))
    ('numeric(10, 2)', 'text[]')
    """
    kind = column.type
    if tag(column) in ("uuid", "json") and pa.types.is_string(kind):
        return "uuid" if tag(column) == "uuid" else json
    if pa.types.is_list(kind):
        inner = None if pa.types.is_nested(kind.value_type) else column_type(pa.field("item", kind.value_type))
        return f"{inner}[]" if inner else _nested(kind, json)
    return _nested(kind, json) if pa.types.is_struct(kind) else _flat(kind)


def _flat(kind: pa.DataType) -> str | None:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})" if 0 <= kind.scale <= kind.precision else None
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "timestamptz" if kind.tz else "timestamp"
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return None
    return next((name for fits, name in _PLAIN if fits(kind)), None)


def _nested(kind: pa.DataType, json: Json) -> str | None:
    parts = list(kind) if pa.types.is_struct(kind) else [kind.value_field]
    return json if all(column_type(part) is not None for part in parts) else None


class Stream:
    """Counts batches as the driver takes them, and keeps the error that it can't hand on."""

    def __init__(self, sent: Iterable[Sent]) -> None:
        self._sent = iter(sent)
        self.rows = self.size_bytes = 0
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            one = next(self._sent)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
        self.rows += one.rows
        self.size_bytes += one.size_bytes
        return one.content


def sent(table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object], json: Json) -> Iterator[Sent]:
    """The rows as COPY takes them, made while one of `turns` is held.

    Raises:
        DataError: a value is none that PostgreSQL holds.
    """
    schema = wire_schema(table, json)
    source, start = iter(batches), 0
    while True:
        with turns:
            batch = next(source, None)
            if batch is None:
                return
            wire = _wire(batch, table, schema, json, start)
        start += batch.num_rows
        yield Sent(wire, wire.num_rows, wire.nbytes)


def wire_schema(table: TableShape, json: Json) -> pa.Schema:
    """The columns as COPY takes them."""
    return pa.schema([(column.name, _wire_type(column, json)) for column in table.schema])


def _wire_type(column: pa.Field, json: Json) -> pa.DataType:
    kind = column_type(column, json)
    if kind in ("uuid", "jsonb"):
        return pa.binary()
    if kind == "json":
        return pa.string()
    if pa.types.is_timestamp(column.type):
        return pa.timestamp("us", column.type.tz)
    return pa.time64("us") if pa.types.is_time(column.type) else column.type


def _wire(batch: pa.RecordBatch, table: TableShape, schema: pa.Schema, json: Json, start: int) -> pa.RecordBatch:
    arrays = [
        _wire_array(array, column, wanted.type, json, Cells(table.name, column.name, start))
        for array, column, wanted in zip(batch.columns, table.schema, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _wire_array(array: pa.Array, column: pa.Field, wanted: pa.DataType, json: Json, cells: Cells) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = pc.decoded(array)
    kind = column_type(column, json)
    if kind == "uuid":
        return uuid_octets(array, cells)
    if kind in ("json", "jsonb"):
        texts = array if pa.types.is_string(array.type) else _nested_texts(array, cells)
        return texts if kind == "json" else _versioned(texts)
    return array if array.type == wanted else pc.cast(array, wanted)


def _nested_texts(array: pa.Array, cells: Cells) -> pa.Array:
    """Nested values as JSON, null where they are null."""
    texts = json_texts(array, cells)
    return pc.if_else(array.is_valid(), texts, pa.scalar(None, pa.string())) if array.null_count else texts


def _versioned(texts: pa.Array) -> pa.Array:
    """Texts as `jsonb` takes them: the version of its form, 1, stands before each."""
    return pc.binary_join_element_wise(pa.scalar(b"\x01"), texts.cast(pa.binary()), pa.scalar(b""))


#: The value of each hexadecimal digit by its character, 255 for all other characters.
_DIGITS = np.full(256, 255, np.uint8)
_DIGITS[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
_DIGITS[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)
_PLACES = [place for place in range(36) if place not in (8, 13, 18, 23)]


def uuid_octets(texts: pa.Array, cells: Cells) -> pa.Array:
    """UUIDs as 16 bytes each; shape (n,).

    Raises:
        DataError: a text is no UUID.

    >>> uuid_octets(pa.array(["6b696e64-6e65-7373-6b69-6e646e657373", None]), Cells("t", "id")).to_pylist()
    [b'kindnesskindness', None]
    """
    filled = pc.fill_null(texts, pa.scalar("0" * 36)) if texts.null_count else texts
    fix = "make it one, or give the column the type string"
    cells.refuse(pc.not_equal(pc.binary_length(filled), pa.scalar(36, pa.int32())), "a text is no UUID", fix)
    signs = text_bytes(filled)[1].reshape(-1, 36)
    digits = _DIGITS[signs[:, _PLACES]]
    cells.refuse((digits == 255).any(axis=1), "a text is no UUID", fix)
    octets = (digits[:, 0::2] << 4 | digits[:, 1::2]).astype(np.uint8)
    offsets = np.arange(0, 16 * len(octets) + 1, 16, dtype=np.int32)
    made = pa.Array.from_buffers(pa.binary(), len(octets), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(octets))])
    return pc.if_else(texts.is_valid(), made, pa.scalar(None, pa.binary())) if texts.null_count else made
