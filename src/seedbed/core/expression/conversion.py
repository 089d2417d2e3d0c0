"""Values of one type as another: whole numbers as decimals and floats, dates as datetimes, anything as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType, ValueType, scale_of
from seedbed.core.calendar import DAY_US, SECOND_US, is_date_only, parse_datetime, parse_time
from seedbed.core.decimals import decimal_texts, rescaled, to_floats
from seedbed.core.expression.buffers import EMPTY, chosen, encoded, joined, measured, numbers_array, text_array
from seedbed.core.expression.operation import Operand, Operation, Refused, Signature, nullable_of
from seedbed.core.expression.tree import Literal
from seedbed.core.expression.values import Fault, Value, either, is_valid, strict
from seedbed.core.interval import Interval, nothing, settled

MAX_TEXT_BYTES = 2**20  # of one row
MAX_BLOCK_BYTES = 2**30  # of one block; Arrow's string offsets end at 2**31
_LENGTHS = {
    ColumnType.INT: (1, 20),
    ColumnType.FLOAT: (1, 24),
    ColumnType.BOOL: (4, 5),
    ColumnType.DATE: (10, 10),
    ColumnType.DATETIME: (19, 26),
    ColumnType.TIME: (8, 15),
}


def literal_as(literal: Literal, wanted: ValueType) -> Literal | None:
    """A null, or a text that spells a date, as another type; None where only the rows can tell.

    >>> literal_as(Literal("1970-01-02", ColumnType.STRING, 0), ColumnType.DATE).value
    1
    """
    if literal.value is None:
        return replace(literal, type=wanted)
    if literal.type != ColumnType.STRING:
        return None
    if wanted == ColumnType.TIME:
        return _time_literal(literal)
    try:
        moment = parse_datetime(str(literal.value))
    except ValueError as error:
        raise Refused(str(error), "write '2024-02-29' or '2024-02-29T12:30:00'") from error
    if wanted == ColumnType.DATE and not is_date_only(str(literal.value)):
        raise Refused(f"{literal.value!r} has a time of day where a date is wanted", "leave the time out")
    return Literal(moment // DAY_US if wanted == ColumnType.DATE else moment, wanted, literal.offset)


def _time_literal(literal: Literal) -> Literal:
    try:
        return Literal(parse_time(str(literal.value)), ColumnType.TIME, literal.offset)
    except ValueError as error:
        raise Refused(str(error), "write '08:30' or '08:30:00'") from error


def joined_values(arguments: Sequence[Value], n: int) -> Value:
    """The texts of each row one after the other; refused are rows over 1 MiB, and blocks over 1 GiB."""
    sizes = np.zeros(1, dtype=np.int64)
    for argument in arguments:
        sizes = sizes + measured(argument.data, pc.binary_length, np.int32).astype(np.int64)
    total = int(sizes.sum()) * (n if len(sizes) == 1 else 1)
    too_long = sizes > MAX_TEXT_BYTES
    if too_long.any():
        return strict(ColumnType.STRING, EMPTY, arguments, Fault.TEXT_SIZE, too_long)
    if total > MAX_BLOCK_BYTES:
        return strict(ColumnType.STRING, EMPTY, arguments, Fault.TEXT_TOTAL, np.ones(1, dtype=np.bool_))
    return strict(ColumnType.STRING, joined([argument.data for argument in arguments], n), arguments)


def texts(type: ValueType, values: NDArray[np.generic]) -> pa.Array:  # noqa: A002 - the field's name
    """Values as text: the shortest digits that give the float back, all digits of a decimal, ISO dates and times, true and false.

    >>> texts(ColumnType.FLOAT, np.array([0.1, 2.0])).to_pylist()
    ['0.1', '2']
    """
    if isinstance(type, DecimalType):
        return decimal_texts(values.astype(np.int64), type.scale)
    match type:
        case ColumnType.BOOL:
            return encoded(values.astype(np.int32), text_array(["false", "true"]))
        case ColumnType.DATE:
            return pc.cast(numbers_array(values.astype(np.int32), pa.date32()), pa.string())
        case ColumnType.DATETIME:
            return _moments(values.astype(np.int64), pa.timestamp("s"), pa.timestamp("us"))
        case ColumnType.TIME:
            return _moments(values.astype(np.int64), pa.time32("s"), pa.time64("us"))
        case ColumnType.FLOAT:
            return pc.cast(numbers_array(values.astype(np.float64) + 0.0, pa.float64()), pa.string())  # + 0.0: never "-0"
        case _:
            return pc.cast(numbers_array(values, pa.int64()), pa.string())


def _moments(values: NDArray[np.int64], seconds_type: pa.DataType, exact_type: pa.DataType) -> pa.Array:
    """Microseconds appear only where there are some."""
    seconds = values // SECOND_US
    short = pc.cast(numbers_array(seconds.astype(f"i{seconds_type.bit_width // 8}"), seconds_type), pa.string())
    has_rest = seconds * SECOND_US != values
    if not has_rest.any():
        return short
    return chosen(has_rest, pc.cast(numbers_array(values, exact_type), pa.string()), short)


def _to_string(arguments: Sequence[Value], _: int) -> Value:
    (value,) = arguments
    counts = is_valid(value) if value.faults is None else is_valid(value) & (value.faults == 0)
    data = value.data if counts.all() else np.where(counts, value.data, np.zeros(1, dtype=value.data.dtype))
    return strict(ColumnType.STRING, texts(value.type, data), arguments)


def _to_float(arguments: Sequence[Value], _: int) -> Value:
    (value,) = arguments
    data = to_floats(value.data, value.type.scale) if isinstance(value.type, DecimalType) else value.data.astype(np.float64)
    return strict(ColumnType.FLOAT, data, arguments)


def _to_decimal(wanted: DecimalType) -> Operation:
    """Whole numbers, or decimals of a smaller scale, as decimals."""

    def kernel(arguments: Sequence[Value], _: int) -> Value:
        (value,) = arguments
        units, passes = rescaled(value.data, scale_of(value.type), wanted.scale)
        return strict(wanted, units, arguments, Fault.DECIMAL_RANGE, passes)

    def bounds(arguments: Sequence[Interval]) -> Interval:
        (a,) = arguments
        factor = 10 ** (wanted.scale - scale_of(a.type))
        return settled(Interval(a.low * factor, a.high * factor, a.nullable, wanted))

    return Operation(conversion(wanted), "", (1, 1), _any, bounds, kernel)


def _to_datetime(arguments: Sequence[Value], _: int) -> Value:
    days = arguments[0].data
    beyond = np.abs(days) > 10**7  # days no calendar has, whose microseconds would wrap
    made = strict(ColumnType.DATETIME, np.where(beyond, 0, days) * DAY_US, arguments, Fault.DATE_RANGE, beyond)
    return replace(made, faults=either(arguments[0].faults, made.faults))


def _float_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    if isinstance(a.type, DecimalType):
        unit = float(10**a.type.scale)
        return Interval(a.low / unit, a.high / unit, a.nullable, ColumnType.FLOAT)
    return Interval(float(a.low), float(a.high), a.nullable, ColumnType.FLOAT, is_whole=True)


def _string_bounds(arguments: Sequence[Interval]) -> Interval:
    kind = arguments[0].type
    low, high = (1, 2 + MOST_DIGITS + 2) if isinstance(kind, DecimalType) else _LENGTHS.get(kind, (0, inf))
    return Interval(low, high, nullable_of(arguments), ColumnType.STRING)


def _datetime_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    return nothing(ColumnType.DATETIME) if a.is_empty else Interval(a.low * DAY_US, a.high * DAY_US, a.nullable, ColumnType.DATETIME)


def _any(_: Sequence[Operand]) -> Signature:
    raise AssertionError("conversions are put in after types are known")


def conversion(wanted: ValueType) -> str:
    """The name of the step that makes a value another type."""
    return f"to {wanted.value}"


OPERATIONS = (
    Operation("to float", "", (1, 1), _any, _float_bounds, _to_float),
    Operation("to string", "", (1, 1), _any, _string_bounds, _to_string),
    Operation("to datetime", "", (1, 1), _any, _datetime_bounds, _to_datetime),
    *(_to_decimal(DecimalType(scale)) for scale in range(MOST_DIGITS + 1)),
)
