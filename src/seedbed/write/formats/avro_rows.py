"""Rows in the binary encoding of Avro (specification 1.11), whole columns at a time; what files and messages are made of."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import units_of
from seedbed.core.text import bytes_array, text_bytes
from seedbed.write.formats.losses import Cells, integers, is_list
from seedbed.write.formats.spelling import is_bytes

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def schema_text(table: str, schema: pa.Schema, description: str | None = None) -> str:
    """The Avro schema of a table's rows, as JSON.

    >>> schema_text("user", pa.schema([pa.field("id", pa.int64(), nullable=False)]))
    '{"type": "record", "name": "user", "fields": [{"name": "id", "type": "long"}]}'
    """
    record = _record(name_of(table), list(schema))
    if description:
        record = {"type": "record", "name": record["name"], "doc": description, "fields": record["fields"]}
    return json.dumps(record, ensure_ascii=False)


def name_of(text: str) -> str:
    """A text as a name of Avro: other signs than letters and digits become `_`.

    >>> name_of("2nd order"), is_name("2nd order"), is_name("order")
    ('_2nd_order', False, True)
    """
    clean = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return clean if _NAME.fullmatch(clean) else f"_{clean}"


def is_name(text: str) -> bool:
    """Whether a field may be called so."""
    return _NAME.fullmatch(text) is not None


def _record(name: str, fields: list[pa.Field]) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [_field(name, field) for field in fields]}


def _field(above: str, field: pa.Field) -> dict[str, Any]:
    said = (field.metadata or {}).get(b"description")
    kind = _type(f"{above}_{name_of(field.name)}", field.type)
    optional = {"type": ["null", kind], "default": None} if field.nullable else {"type": kind}
    return {"name": field.name, **({"doc": said.decode()} if said else {}), **optional}


def _type(name: str, kind: pa.DataType) -> Any:
    if pa.types.is_struct(kind):
        return _record(name, list(kind))
    if is_list(kind):
        item = _type(f"{name}_item", kind.value_type)
        return {"type": "array", "items": ["null", item] if kind.value_field.nullable else item}
    if pa.types.is_timestamp(kind):
        return {"type": "long", "logicalType": "timestamp-micros" if kind.tz else "local-timestamp-micros"}
    if pa.types.is_decimal(kind):
        size = 8 if kind.precision <= MOST_DIGITS else 16
        fixed = {"type": "fixed", "name": f"{name}_decimal", "size": size}
        return fixed | {"logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}
    return next(spelt for fits, spelt in _TYPES if fits(kind))


_TYPES: tuple[tuple[Any, Any], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "long"),
    (pa.types.is_floating, "double"),
    (pa.types.is_date, {"type": "int", "logicalType": "date"}),
    (pa.types.is_time, {"type": "long", "logicalType": "time-micros"}),
    (is_bytes, "bytes"),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), "string"),
)


def row_bytes(batch: pa.RecordBatch, table: str = "", start: int = 0) -> pa.BinaryArray:
    r"""Each row as Avro's bytes of the record that `schema_text` describes; shape (n,). `start` is the number of the first row, for errors.

    Raises:
        DataError: there is a null in a column that has none.

    >>> row_bytes(pa.record_batch({"id": pa.array([1, -1]), "name": pa.array(["Ann", None])})).to_pylist()
    [b'\x02\x02\x02\x06Ann', b'\x02\x01\x00']
    """
    fields = zip(batch.columns, batch.schema, strict=True)
    return _joined([_optional(column, field, Cells(table, field.name, start)) for column, field in fields], batch.num_rows)


def _joined(pieces: list[pa.Array | pa.Scalar], rows: int) -> pa.BinaryArray:
    if not pieces:
        return pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(np.zeros(rows + 1, np.int32)), pa.py_buffer(b"")])
    return pieces[0] if len(pieces) == 1 else pc.binary_join_element_wise(*pieces, _NOTHING)


def _optional(array: pa.Array, field: pa.Field, cells: Cells) -> pa.BinaryArray:
    """The values of a field: where it may be null, each behind the number of its branch."""
    values = _values(array, cells)
    if not field.nullable:
        if array.null_count:
            cells.refuse(pc.is_null(array), "there is a null in a column that has none")
        return values
    told = pc.binary_join_element_wise(_VALUE, values, _NOTHING)
    return pc.if_else(array.is_valid(), told, _NULL) if array.null_count else told


def _values(array: pa.Array, cells: Cells) -> pa.BinaryArray:
    """Each value without its branch; anything where it is null, but never null."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pc.fill_null(pc.take(_values(array.dictionary, cells), array.indices), _NOTHING)
    if pa.types.is_struct(kind):
        return _joined([_optional(part, field, cells) for part, field in zip(array.flatten(), kind, strict=True)], len(array))
    if is_list(kind):
        return _arrays(array, cells)
    if pa.types.is_decimal(kind):
        return _decimals(array)
    if pa.types.is_floating(kind):
        doubles = np.ascontiguousarray(np.asarray(pc.cast(array, pa.float64()).fill_null(0.0)), "<f8")
        return _fixed(doubles.view(np.uint8).reshape(-1, 8))
    if pa.types.is_boolean(kind):
        return _fixed(np.asarray(pc.fill_null(array, pa.scalar(False))).astype(np.uint8).reshape(-1, 1))  # noqa: FBT003 - a value
    if pa.types.is_integer(kind) or pa.types.is_temporal(kind):
        return varints(integers(_micros(array)).astype(np.int64))
    texts = pc.fill_null(pc.cast(array, pa.binary()), _NOTHING)
    return pc.binary_join_element_wise(varints(np.diff(text_bytes(texts)[0]).astype(np.int64)), texts, _NOTHING)


def _micros(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_timestamp(kind):
        return pc.cast(array, pa.timestamp("us", kind.tz))
    if pa.types.is_date(kind):
        return pc.cast(array, pa.date32())
    return pc.cast(array, pa.time64("us")) if pa.types.is_time(kind) else array


def _arrays(array: pa.Array, cells: Cells) -> pa.BinaryArray:
    """Lists: how many items, the items one after the other, and a zero; an empty one is the zero alone."""
    plain = pc.cast(array, pa.list_(array.type.value_field)) if not pa.types.is_list(array.type) else array
    offsets = np.frombuffer(plain.buffers()[1], np.int32, len(plain) + 1, plain.offset * 4) if len(plain) else np.zeros(1, np.int32)
    counts = np.diff(offsets)
    items = _optional(plain.values.slice(offsets[0], offsets[-1] - offsets[0]), array.type.value_field, cells)
    ends, data = text_bytes(items)
    # Items of one list lie side by side already: only the cuts between lists are kept.
    together = pa.Array.from_buffers(
        pa.binary(), len(plain), [None, pa.py_buffer(ends[offsets - offsets[0]]), pa.py_buffer(np.ascontiguousarray(data))]
    )
    told = pc.binary_join_element_wise(varints(counts.astype(np.int64)), together, _NULL, _NOTHING)
    return pc.if_else(pa.array(counts > 0), told, _NULL)


def _decimals(array: pa.Array) -> pa.BinaryArray:
    """Units as whole numbers of 8 or 16 bytes, the highest first."""
    if array.type.precision <= MOST_DIGITS:
        return _fixed(units_of(array).astype(">i8").view(np.uint8).reshape(-1, 8))
    wide = pc.cast(array, pa.decimal128(array.type.precision, array.type.scale))
    data = np.frombuffer(wide.buffers()[1], np.uint8)[wide.offset * 16 : (wide.offset + len(wide)) * 16]
    return _fixed(np.ascontiguousarray(data.reshape(-1, 16)[:, ::-1]))


def _fixed(octets: NDArray[np.uint8]) -> pa.BinaryArray:
    """Values of equally many bytes, shape (n, width)."""
    rows, width = octets.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(octets.reshape(-1)))])


def varints(numbers: NDArray[np.int64]) -> pa.BinaryArray:
    r"""Whole numbers with their sign in the lowest bit, seven bits a byte, the lowest first; shape (n,).

    >>> varints(np.array([0, -1, 64, -(2**63)])).to_pylist()[:3]
    [b'\x00', b'\x01', b'\x80\x01']
    """
    folded = ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)
    most = max((int(folded.max()).bit_length() + 6) // 7, 1) if len(folded) else 1
    widths = np.ones(len(folded), np.int32)
    octets = np.empty((len(folded), most), np.uint8)
    for place in range(most):
        rest = folded >> np.uint64(7 * place)
        octets[:, place] = rest & np.uint64(0x7F)
        if place:
            is_longer = rest > 0
            widths += is_longer
            octets[is_longer, place - 1] |= 0x80
    offsets = np.zeros(len(folded) + 1, np.int32)
    np.cumsum(widths, out=offsets[1:])
    data = octets.reshape(-1) if most == 1 else octets[np.arange(most, dtype=np.int32) < widths[:, None]]
    return pa.Array.from_buffers(pa.binary(), len(folded), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


_NOTHING, _NULL, _VALUE = bytes_array([b"", b"\x00", b"\x02"])
