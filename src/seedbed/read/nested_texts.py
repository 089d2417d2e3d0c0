"""Nested values out of their JSON: what databases without structs and lists keep of them."""

from __future__ import annotations

import base64

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.text import string_scalar
from seedbed.read.text_types import convert


def nested_values(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """JSON texts as values of a struct or list; shape (n,). Decimals and moments are texts there, bytes are Base64.

    Raises:
        pa.ArrowInvalid: a text is no JSON, or none of such a value.

    >>> kind = pa.struct([("a", pa.int64()), ("b", pa.list_(pa.date32()))])
    >>> nested_values(pa.array(['{"a":1,"b":["2026-01-31",null]}', None]), kind).to_pylist()
    [{'a': 1, 'b': [datetime.date(2026, 1, 31), None]}, None]
    """
    import pyarrow.json as arrow_json

    if not len(texts):
        return pa.array([], kind)
    filled = pc.fill_null(texts, string_scalar("null"))
    lines = pc.binary_join_element_wise(string_scalar('{"v":'), filled, string_scalar("}\n"), string_scalar(""))
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(np.array([0, len(lines)], np.int32)), lines), string_scalar(""))
    content = joined[0].as_buffer()
    schema = pa.schema([("v", _wire(kind))])
    options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    read = arrow_json.read_json(pa.BufferReader(content), arrow_json.ReadOptions(block_size=content.size + 1), options)
    return _typed(read["v"].combine_chunks(), kind)


def _wire(kind: pa.DataType) -> pa.DataType:
    """The type as JSON has it."""
    if pa.types.is_struct(kind):
        return pa.struct([(part.name, _wire(part.type)) for part in kind])
    if pa.types.is_list(kind):
        return pa.list_(_wire(kind.value_type))
    is_own = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return kind if is_own else pa.string()


def _typed(array: pa.Array, kind: pa.DataType) -> pa.Array:
    missing = array.is_null() if array.null_count else None
    if pa.types.is_struct(kind):
        parts = [_typed(part, field.type) for part, field in zip(array.flatten(), kind, strict=True)]
        return pa.StructArray.from_arrays(parts, fields=list(kind), mask=missing)
    if pa.types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(array), pa.scalar(0, pa.int32())).to_numpy(zero_copy_only=False)
        offsets = np.zeros(len(array) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        return pa.ListArray.from_arrays(pa.array(offsets), _typed(array.flatten(), kind.value_type), type=kind, mask=missing)
    if pa.types.is_binary(kind):
        return pa.array([None if text is None else base64.b64decode(text, validate=True) for text in array.to_pylist()], kind)
    if pa.types.is_timestamp(kind) and kind.tz:
        return pc.cast(convert(array, pa.timestamp(kind.unit, "UTC")), kind)
    return array if array.type == kind else convert(array, kind)
