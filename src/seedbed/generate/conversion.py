"""Values as their column's type holds them, and as Arrow delivers them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seedbed.core.block import NUMPY_TYPES, Column, ColumnType
from seedbed.core.errors import DataError
from seedbed.core.text import string_array
from seedbed.generate.frame import coded, codes_of
from seedbed.model.base import Scalar
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.support import number_of

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.STRING: pa.string(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.DATE: pa.date32(),
}


def scalar_text(value: Scalar) -> str:
    """A value as text: `true` and `false`, numbers as JSON spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def items(values: tuple[Scalar, ...], kind: ColumnType) -> pa.Array | np.ndarray[Any, Any]:
    """Listed values as a column of this type holds them: an Arrow string array, or a NumPy array."""
    if kind is ColumnType.STRING:
        return string_array([scalar_text(value) for value in values])
    if kind is ColumnType.INT:
        return np.array([int(value) for value in values], dtype=np.int64)
    return np.array([number_of(value, kind) for value in values]).astype(NUMPY_TYPES[kind])


def convert(column: Column, plan: ColumnPlan) -> Column:
    """The same values as the column's type holds them."""
    kind, data = plan.type, column.data
    if isinstance(data, np.ndarray):
        same = kind is not ColumnType.STRING and data.dtype == NUMPY_TYPES[kind]
        return column if same else Column(_converted(data, plan), column.valid)
    if kind is ColumnType.STRING:
        return column
    text = data.dictionary_decode() if isinstance(data, pa.DictionaryArray) else data
    try:
        cast = pc.cast(text, ARROW_TYPES[kind])
    except pa.ArrowInvalid as error:
        raise DataError(
            f"not every value of {plan.ref} is of type {kind}: {error}", where=plan.ref, fix="change the column's type to string"
        ) from error
    return Column(from_arrow(cast), column.valid)


def whole_numbers(values: np.ndarray[Any, Any], ref: str) -> np.ndarray[Any, Any]:
    """Numbers rounded, halves to even.

    Raises:
        DataError: one of them is beyond 64 bits; what a processor made of it would differ from machine to machine.
    """
    try:
        with np.errstate(invalid="raise"):
            whole: np.ndarray[Any, Any] = np.rint(values).astype(np.int64)
    except FloatingPointError as error:
        fix = "clamp the column, or make it a float"
        raise DataError(f"a value of {ref} is beyond whole numbers of 64 bits", where=ref, fix=fix) from error
    return whole


def _converted(data: np.ndarray[Any, Any], plan: ColumnPlan) -> Any:
    kind = plan.type
    if kind is ColumnType.STRING:
        if data.dtype == np.bool_:
            return coded(data.astype(np.int32), string_array(["false", "true"]))
        return pc.cast(
            pa.Array.from_buffers(pa.from_numpy_dtype(data.dtype), len(data), [None, pa.py_buffer(np.ascontiguousarray(data))]), pa.string()
        )
    if kind is ColumnType.INT:
        return whole_numbers(data, plan.ref)
    return data.astype(NUMPY_TYPES[kind])


def from_arrow(array: pa.Array) -> np.ndarray[Any, Any]:
    """An Arrow array without nulls of a fixed-width type as NumPy holds it."""
    if pa.types.is_date32(array.type):
        return np.asarray(array.view(pa.int32())).astype(np.int64)
    if pa.types.is_timestamp(array.type):
        return np.asarray(array.cast(pa.timestamp("us")).view(pa.int64()))
    return np.asarray(array)


def mapped_text(column: Column, mapping: dict[str, Scalar]) -> Column:
    """Replace listed strings; the others stay."""
    data: Any = column.data
    data = data if isinstance(data, pa.DictionaryArray) else data.dictionary_encode()
    known = [mapping.get(value, value) for value in data.dictionary.to_pylist()]
    return Column(coded(codes_of(data), string_array([scalar_text(value) for value in known])), column.valid)


def to_arrow(column: Column, kind: ColumnType, *, encoded: bool) -> pa.Array:
    """A column as Arrow delivers it; strings stay coded where `encoded`."""
    data, valid = column.data, column.valid
    if not isinstance(data, np.ndarray):
        if isinstance(data, pa.DictionaryArray) and not encoded:
            data = data.dictionary_decode()
        return data if valid is None else _masked(data, valid)
    n = len(data)
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    if kind is ColumnType.BOOL:
        values = pa.py_buffer(np.packbits(data, bitorder="little"))
    else:
        values = pa.py_buffer(np.ascontiguousarray(data.astype(np.int32) if kind is ColumnType.DATE else data))
    return pa.Array.from_buffers(ARROW_TYPES[kind], n, [bitmap, values])


def _masked(data: pa.Array, valid: np.ndarray[Any, Any]) -> pa.Array:
    """The same strings, null where not valid (and where they already were)."""
    both = valid if data.null_count == 0 else valid & np.asarray(data.is_valid())
    bitmap = pa.py_buffer(np.packbits(both, bitorder="little"))
    if isinstance(data, pa.DictionaryArray):
        indices = pa.Array.from_buffers(pa.int32(), len(data), [bitmap, pa.py_buffer(np.ascontiguousarray(codes_of(data)))])
        return pa.DictionaryArray.from_arrays(indices, data.dictionary, safe=False)
    if data.offset:
        data = pa.concat_arrays([data])
    return pa.Array.from_buffers(data.type, len(data), [bitmap, *data.buffers()[1:]])
