"""Values as their column's type holds them, and as Arrow delivers them."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import NUMPY_TYPES, Column, ColumnType, DecimalType, ValueType, scale_of
from seedbed.core.decimals import decimal_array, decimal_texts, from_floats, parsed_units, rescaled, to_floats
from seedbed.core.errors import DataError
from seedbed.core.text import bytes_array, string_array
from seedbed.generate.frame import Mask, coded, codes_of
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
    ColumnType.TIME: pa.time64("us"),
    ColumnType.UUID: pa.string(),
    ColumnType.JSON: pa.string(),
    ColumnType.BYTES: pa.binary(),
}


def arrow_type(column: ColumnPlan) -> pa.DataType | None:
    """The Arrow type of a column as it is delivered; None for structs and lists, whose kernels tell."""
    if column.type is ColumnType.DECIMAL:
        return pa.decimal128(*column.spec.digits)
    if column.type is ColumnType.DATETIME and column.tz is not None:
        return pa.timestamp("us", column.tz)
    return ARROW_TYPES.get(column.type)


def scalar_text(value: Scalar) -> str:
    """A value as text: `true` and `false`, numbers as JSON spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def items(values: tuple[Scalar, ...], given: ValueType) -> pa.Array | np.ndarray[Any, Any]:
    """Listed values as a column of this type holds them: an Arrow array of texts or bytes, or a NumPy array.

    UUIDs are written small, bytes are given in Base64.
    """
    if isinstance(given, DecimalType):
        return np.array([parsed_units(value if isinstance(value, str) else scalar_text(value), given.scale) for value in values], np.int64)
    kind = given
    if kind is ColumnType.BYTES:
        return bytes_array([b64decode(str(value)) for value in values])
    if kind.is_text:
        texts = [scalar_text(value) for value in values]
        return string_array([text.lower() for text in texts] if kind is ColumnType.UUID else texts)
    if kind is ColumnType.INT:
        return np.array([int(value) for value in values], dtype=np.int64)
    return np.array([number_of(value, kind) for value in values]).astype(NUMPY_TYPES[kind])


def convert(column: Column, plan: ColumnPlan) -> Column:
    """The same values as the column's type holds them.

    Whole numbers in a decimal column are units of its scale already, floats are rounded to it, half to even.
    """
    kind, data = plan.type, column.data
    if isinstance(data, np.ndarray):
        same = not kind.is_text and data.dtype == NUMPY_TYPES[kind]
        found = column if same else Column(_converted(data, plan), column.valid)
        if kind is ColumnType.DECIMAL:
            refuse_long(found, plan)
        return found
    if kind.is_text or kind.is_nested:
        return column
    if kind is ColumnType.BYTES:
        plain = pc.decoded(data) if isinstance(data, pa.DictionaryArray) else data
        return Column(plain if pa.types.is_binary(plain.type) else plain.view(pa.binary()), column.valid)
    if kind is ColumnType.DECIMAL:
        message = f"{plan.ref} is a decimal, but its values are texts"
        raise DataError(message, where=plan.ref, fix="change the column's type to string")
    text = pc.decoded(data) if isinstance(data, pa.DictionaryArray) else data
    try:
        cast = pc.cast(text, ARROW_TYPES[kind])
    except pa.ArrowInvalid as error:
        raise DataError(
            f"not every value of {plan.ref} is of type {kind}: {error}", where=plan.ref, fix="change the column's type to string"
        ) from error
    return Column(from_arrow(cast), column.valid)


def as_type(column: Column, given: ValueType, plan: ColumnPlan) -> Column:
    """Values of a type, as another column or an expression has them, as this column holds them; its `finished` kernel may still change them."""
    data = column.data
    if plan.type is ColumnType.UUID and given is ColumnType.STRING:
        refuse_other_texts(column, plan)
    if given is plan.type or not isinstance(data, np.ndarray):
        return column
    if plan.type is ColumnType.DECIMAL and given is not ColumnType.FLOAT:
        units, passes = rescaled(data.astype(np.int64, copy=False), scale_of(given), plan.spec.digits[1])
        if passes is not None and (passes if column.valid is None else passes & column.valid).any():
            raise _too_long(plan)
        return Column(units, column.valid)
    if isinstance(given, DecimalType):
        if plan.type.is_text:
            return Column(decimal_texts(data, given.scale), column.valid)
        return Column(rescaled(data, given.scale, 0)[0] if plan.type is ColumnType.INT else to_floats(data, given.scale), column.valid)
    return column


_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def refuse_other_texts(column: Column, plan: ColumnPlan) -> None:
    """Raise where a text is no UUID as it is written here: 36 characters, small letters."""
    data: Any = column.data
    coded_texts = isinstance(data, pa.DictionaryArray)
    fits = pc.match_substring_regex(data.dictionary if coded_texts else data, pattern=_UUID)
    wrong: Mask = ~np.asarray(pc.fill_null(fits, pa.scalar(value=True)).to_numpy(zero_copy_only=False), dtype=np.bool_)
    wrong = wrong[codes_of(data)] if coded_texts else wrong
    if (wrong if column.valid is None else wrong & column.valid).any():
        fix = "write it like 6f1c2b1e-0d6c-4b57-9a44-0c9d3a5f7e21, or change the column's type to string"
        raise DataError(f"not every text of {plan.ref} is a UUID", where=plan.ref, fix=fix)


def refuse_long(column: Column, plan: ColumnPlan) -> None:
    """Raise where a decimal has more digits than its column."""
    limit = 10 ** plan.spec.digits[0]
    if len(column) and not (int(column.data.max()) < limit and int(column.data.min()) > -limit):
        long: Mask = (column.data >= limit) | (column.data <= -limit)
        if (long if column.valid is None else long & column.valid).any():
            raise _too_long(plan)


def _too_long(plan: ColumnPlan) -> DataError:
    precision, scale = plan.spec.digits
    message = f"a value of {plan.ref} has more digits than decimal({precision}, {scale}) holds"
    return DataError(message, where=plan.ref, fix="raise its `precision`, or clamp what it is made of")


def decimals_of(values: np.ndarray[Any, Any], plan: ColumnPlan) -> np.ndarray[Any, Any]:
    """Floats as units of a decimal column, rounded half to even.

    Raises:
        DataError: one of them is beyond 64 bits.
    """
    units, passes = from_floats(values, plan.spec.digits[1])
    if passes is not None:
        raise _too_long(plan)
    return units


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
    if kind is ColumnType.DECIMAL:
        return decimals_of(data.astype(np.float64, copy=False), plan)
    if kind.is_text:
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
    if pa.types.is_time64(array.type):
        return np.asarray(array.cast(pa.time64("us")).view(pa.int64()))
    if pa.types.is_timestamp(array.type):
        return np.asarray(array.cast(pa.timestamp("us")).view(pa.int64()))
    return np.asarray(array)


def mapped_text(column: Column, mapping: dict[str, Scalar]) -> Column:
    """Replace listed strings; the others stay."""
    data: Any = column.data
    data = data if isinstance(data, pa.DictionaryArray) else pc.encoded(data)
    known = [mapping.get(value, value) for value in data.dictionary.to_pylist()]
    return Column(coded(codes_of(data), string_array([scalar_text(value) for value in known])), column.valid)


def to_arrow(column: Column, plan: ColumnPlan, *, encoded: bool) -> pa.Array:
    """A column as Arrow delivers it; strings stay coded where `encoded`, but for those in structs and lists."""
    kind, data, valid = plan.type, column.data, column.valid
    if not isinstance(data, np.ndarray):
        if isinstance(data, pa.DictionaryArray) and not encoded:
            data = pc.decoded(data)
        if kind.is_nested:
            data = plain_nested(data)
        return data if valid is None else _masked(data, valid)
    n = len(data)
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    if kind is ColumnType.DECIMAL:
        return decimal_array(np.ascontiguousarray(data), *plan.spec.digits, bitmap)
    if kind is ColumnType.BOOL:
        values = pa.py_buffer(np.packbits(data, bitorder="little"))
    else:
        values = pa.py_buffer(np.ascontiguousarray(data.astype(np.int32) if kind is ColumnType.DATE else data))
    return pa.Array.from_buffers(arrow_type(plan), n, [bitmap, values])


def plain_nested(array: pa.Array) -> pa.Array:
    """The same structs or lists, with all texts in them plain."""
    wanted = plain_type(array.type)
    return array if array.type == wanted else array.cast(wanted)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """A type without dictionaries, however deep.

    >>> plain_type(pa.list_(pa.dictionary(pa.int32(), pa.string())))
    ListType(list<item: string>)
    """
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_struct(kind):
        return pa.struct([part.with_type(plain_type(part.type)) for part in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(plain_type(kind.value_type)))
    return kind


def _masked(data: pa.Array, valid: np.ndarray[Any, Any]) -> pa.Array:
    """The same values, null where not valid (and where they already were)."""
    both = valid if data.null_count == 0 else valid & np.asarray(data.is_valid())
    bitmap = pa.py_buffer(np.packbits(both, bitorder="little"))
    if isinstance(data, pa.DictionaryArray):
        indices = pa.Array.from_buffers(pa.int32(), len(data), [bitmap, pa.py_buffer(np.ascontiguousarray(codes_of(data)))])
        return pa.DictionaryArray.from_arrays(indices, data.dictionary, safe=False)
    if data.offset:
        data = pa.concat_arrays([data])
    if pa.types.is_struct(data.type):
        children = [data.field(place) for place in range(data.type.num_fields)]
        return pa.Array.from_buffers(data.type, len(data), [bitmap], children=children)
    if pa.types.is_list(data.type):
        return pa.Array.from_buffers(data.type, len(data), [bitmap, data.buffers()[1]], children=[data.values])
    return pa.Array.from_buffers(data.type, len(data), [bitmap, *data.buffers()[1:]])
