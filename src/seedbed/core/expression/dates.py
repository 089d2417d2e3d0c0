"""Functions of dates and datetimes: their parts, what lies between them, and moving them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import inf

import numpy as np
from numpy.typing import NDArray

from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.calendar import DAY_US, FIRST_DAY, HOUR_US, LAST_DAY, MINUTE_US, civil_from_days, day_of_week
from seedbed.core.expression.buffers import Mask
from seedbed.core.expression.operation import MOMENTS, Operand, Operation, Refused, Signature, common_type, nullable_of, number_type, spoken
from seedbed.core.expression.values import Fault, Value, strict
from seedbed.core.interval import Interval, product, widened, widest

INT, FLOAT, DATE, DATETIME, STRING = ColumnType.INT, ColumnType.FLOAT, ColumnType.DATE, ColumnType.DATETIME, ColumnType.STRING
Integers = NDArray[np.int64]
_FIX = "give a date or datetime column, or a text written out like '2024-02-29'"


def _moment_type(name: str, operands: Sequence[Operand]) -> ValueType:
    """date or datetime; a text written out becomes one."""
    if any(operand.type == STRING and operand.constant is None for operand in operands):
        raise Refused(f"`{name}` takes dates or datetimes, got {spoken(operands)}", _FIX)
    kind = common_type(name, [*operands, Operand(DATE)])
    if kind not in MOMENTS:
        raise Refused(f"`{name}` takes dates or datetimes, got {spoken(operands)}", _FIX)
    return kind


# -------------------------------------------------------------------------------------------- parts


def _part(name: str, of_days: Callable[[Integers], Integers], low: int, high: int) -> Operation:
    def signature(operands: Sequence[Operand]) -> Signature:
        return Signature(INT, (_moment_type(name, operands),))

    def kernel(arguments: Sequence[Value], _: int) -> Value:
        return strict(INT, of_days(_days(arguments[0])), arguments)

    def bounds(arguments: Sequence[Interval]) -> Interval:
        (a,) = arguments
        if name != "year":
            return Interval(low, high, a.nullable, INT)
        first, last = (int(civil_from_days(end if a.type == DATE else end // DAY_US)[0]) for end in (a.low, a.high))
        return Interval(first, last, a.nullable, INT)

    return Operation(name, f"{name}(d)", (1, 1), signature, bounds, kernel)


def _days(value: Value) -> Integers:
    days: Integers = value.data if value.type == DATE else value.data // DAY_US
    return days


def _time_part(name: str, unit_us: int, count: int) -> Operation:
    def signature(operands: Sequence[Operand]) -> Signature:
        if operands[0].type == ColumnType.TIME:
            return Signature(INT, (ColumnType.TIME,))
        if _moment_type(name, operands) == DATE and operands[0].type == DATE:
            raise Refused(f"`{name}` takes a datetime, got date", "a date has no time of day: it is midnight")
        return Signature(INT, (DATETIME,))

    def kernel(arguments: Sequence[Value], _: int) -> Value:
        return strict(INT, arguments[0].data // unit_us % count, arguments)

    def bounds(arguments: Sequence[Interval]) -> Interval:
        return Interval(0, count - 1, arguments[0].nullable, INT)

    return Operation(name, f"{name}(t)", (1, 1), signature, bounds, kernel)


def _civil(place: int) -> Callable[[Integers], Integers]:
    return lambda days: civil_from_days(days)[place]


def _date_signature(operands: Sequence[Operand]) -> Signature:
    return Signature(DATE, (_moment_type("date", operands),))


def _date(arguments: Sequence[Value], _: int) -> Value:
    return strict(DATE, _days(arguments[0]), arguments)


def _date_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    return a if a.type == DATE else Interval(a.low // DAY_US, a.high // DAY_US, a.nullable, DATE)


# ------------------------------------------------------------------------------------------ between


def _between_signature(name: str, result: ColumnType) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        kind = _moment_type(name, operands) if result == INT else DATETIME
        if result != INT:
            _moment_type(name, operands)
        return Signature(result, (kind, kind))

    return signature


def _days_between(arguments: Sequence[Value], _: int) -> Value:
    """Days from a to b; of datetimes the full 24 hours, cut toward zero."""
    a, b = arguments
    rest = b.data - a.data
    return strict(INT, rest if a.type == DATE else np.sign(rest) * (np.abs(rest) // DAY_US), arguments)


def _hours_between(arguments: Sequence[Value], _: int) -> Value:
    """Hours from a to b, with their fraction."""
    a, b = arguments
    return strict(FLOAT, (b.data - a.data) / float(HOUR_US), arguments)


def _days_between_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    unit = 1 if a.type == DATE else DAY_US
    low, high = (_cut(rest, unit) for rest in (b.low - a.high, b.high - a.low))
    return Interval(low, high, nullable_of(arguments), INT)


def _cut(value: float, unit: int) -> float:
    return value // unit if value >= 0 else -(-value // unit)


def _hours_between_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    return Interval((b.low - a.high) / HOUR_US, (b.high - a.low) / HOUR_US, nullable_of(arguments), FLOAT)


# ------------------------------------------------------------------------------------------- moving


def _move_signature(name: str, operands: Sequence[Operand]) -> Signature:
    moment, count = operands
    kind = _moment_type(name, [moment])
    number = number_type(name, [count])
    number = FLOAT if isinstance(number, DecimalType) else number
    if name != "add_days":
        return Signature(DATETIME, (DATETIME, number))
    if kind == DATE and number == FLOAT:
        raise Refused("`add_days` moves a date by whole days, got float", "write add_days(d, floor(n)) or round(n)")
    return Signature(kind, (kind, number))


def _moved(unit_us: int, arguments: Sequence[Value], _: int) -> Value:
    moment, count = arguments
    unit, (low, high) = (1, (FIRST_DAY, LAST_DAY)) if moment.type == DATE else (unit_us, _ends())
    steps = count.data
    reach = (high - low) // unit + 1  # more steps than that leave the calendar from anywhere in it
    beyond: Mask = ~((steps >= -reach) & (steps <= reach))
    steps = np.where(beyond, np.zeros(1, dtype=steps.dtype), steps)
    ticks = steps * unit if steps.dtype == np.int64 else np.rint(steps * float(unit)).astype(np.int64)
    inside = (moment.data >= low) & (moment.data <= high)
    made = np.where(inside, moment.data, 0) + ticks
    return strict(moment.type, made, arguments, Fault.DATE_RANGE, beyond | ~inside | (made < low) | (made > high))


def _ends() -> tuple[int, int]:
    moments = widest(DATETIME)
    return int(moments.low), int(moments.high)


def _moved_bounds(name: str, unit_us: int, arguments: Sequence[Interval]) -> Interval:
    moment, count = arguments
    unit = 1 if moment.type == DATE else unit_us
    steps = [product(end, unit) for end in (count.low, count.high)]
    if count.type == FLOAT:
        steps = list(widened(steps[0], steps[1]))
    low, high = moment.low + steps[0], moment.high + steps[1]
    calendar = widest(moment.type)
    if low > calendar.high or high < calendar.low:
        raise Refused(f"`{name}` always leaves the years 1 to 9999", "move by less")
    made = Interval(low, high, nullable_of(arguments), moment.type).within(calendar.low, calendar.high)
    return replace(made, low=_whole(made.low, -1), high=_whole(made.high, 1))


def _whole(end: float, direction: int) -> float:
    return end if isinstance(end, int) or end in {inf, -inf} else int(end) + direction


def _move(name: str, unit_us: int) -> Operation:
    return Operation(
        name, f"{name}(t, n)", (2, 2), partial(_move_signature, name), partial(_moved_bounds, name, unit_us), partial(_moved, unit_us)
    )


OPERATIONS = (
    _part("year", _civil(0), 1, 9999),
    _part("month", _civil(1), 1, 12),
    _part("day", _civil(2), 1, 31),
    _part("dow", day_of_week, 0, 6),
    _time_part("hour", HOUR_US, 24),
    _time_part("minute", MINUTE_US, 60),
    Operation("date", "date(t)", (1, 1), _date_signature, _date_bounds, _date),
    Operation("days_between", "days_between(a, b)", (2, 2), _between_signature("days_between", INT), _days_between_bounds, _days_between),
    Operation(
        "hours_between", "hours_between(a, b)", (2, 2), _between_signature("hours_between", FLOAT), _hours_between_bounds, _hours_between
    ),
    _move("add_days", DAY_US),
    _move("add_hours", HOUR_US),
    _move("add_minutes", MINUTE_US),
)
