"""What is written in a checks document, as columns of a type hold it."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from seedbed.check.kinds.scope import Scope, literal, quoted
from seedbed.check.values import InRange
from seedbed.check.view import UnreadableError, is_text
from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.calendar import DAY_US, has_offset, parse_datetime, parse_end, parse_time
from seedbed.core.clock import clock
from seedbed.core.decimals import parsed_units
from seedbed.core.wide import units_at
from seedbed.core.zones import zone_names
from seedbed.model.base import Scalar

_LARGEST = 2**63


def range_test(scope: Scope, name: str, low: float | str | None, high: float | str | None, *, exclusive: bool = False) -> InRange:
    """The test of a range, its ends as the column holds them.

    Raises:
        UnreadableError: the ends are of another type than the column.
    """
    kind = scope.column(name)
    if scope.is_void(name):
        return InRange(name, None, None)
    if kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME):
        return _moments(scope, name, kind, low, high, exclusive=exclusive)
    scope.number(name)
    if isinstance(low, str) or isinstance(high, str):
        raise UnreadableError(f"`{name}` is {kind.value}: its bounds are numbers, not moments")
    if isinstance(kind, DecimalType):
        ends = _in_units(low, high, kind.scale, exclusive=exclusive)
        return InRange(name, *ends) if scope.is_wide(name) else _bounded(name, *ends)
    if kind is ColumnType.FLOAT:
        if exclusive:
            low = low if low is None else float(np.nextafter(low, math.inf))
            high = high if high is None else float(np.nextafter(high, -math.inf))
        return InRange(name, low, high)
    ends = _in_units(low, high, 0, exclusive=exclusive)
    return InRange(name, *ends) if scope.is_wide(name) else _bounded(name, *ends)


def _in_units(low: float | None, high: float | None, scale: int, *, exclusive: bool) -> tuple[int | None, int | None]:
    """The ends of a range in units: exactly what was written, though no float is."""
    if not exclusive:
        return None if low is None else units_at(low, scale, up=True), None if high is None else units_at(high, scale, up=False)
    return None if low is None else units_at(low, scale, up=False) + 1, None if high is None else units_at(high, scale, up=True) - 1


def _bounded(name: str, least: int | None, most: int | None) -> InRange:
    """A range of numbers of 64 bits; ends beyond those are none, or shut out all."""
    if (least is not None and least >= _LARGEST) or (most is not None and most < -_LARGEST):
        return InRange(name, 1, 0)
    least = None if least is not None and least < -_LARGEST else least
    return InRange(name, least, None if most is not None and most >= _LARGEST else most)


def _moments(scope: Scope, name: str, kind: ValueType, low: float | str | None, high: float | str | None, *, exclusive: bool) -> InRange:
    if isinstance(low, int | float) or isinstance(high, int | float):
        raise UnreadableError(f"`{name}` is {kind.value}: its bounds are moments such as `2024-01-31`, not numbers")
    try:
        first = None if low is None else _moment(scope, name, kind, low, is_end=exclusive)
        last = None if high is None else _moment(scope, name, kind, high, is_end=not exclusive)
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    step = 1 if exclusive else 0
    return InRange(name, first if first is None else first + step, last if last is None else last - step)


def _moment(scope: Scope, name: str, kind: ValueType, text: str, *, is_end: bool) -> int:
    if kind is ColumnType.TIME:
        return parse_time(text)
    moment = parse_end(text) if is_end else parse_datetime(text)
    if kind is ColumnType.DATE:
        return moment // DAY_US
    return moment if has_offset(text) else instant(scope.schemas[scope.table].field(name).type, moment)


def instant(stored: pa.DataType, local: int) -> int:
    """A local time as a column holds it: as the moment it is in the column's time zone."""
    tz = getattr(stored, "tz", None)
    return int(clock(tz, None).instants(np.array([local]))[0]) if tz in zone_names() else local


def stored_values(scope: Scope, name: str, values: Iterable[Scalar]) -> tuple[str, ...] | tuple[int | float, ...]:
    """Values of a document as a column holds them; those that it can't hold are left out."""
    kind = scope.column(name)
    if is_text(kind):
        return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    found = [held for value in values if (held := _held(scope, name, kind, value)) is not None]
    return tuple(found)


def _held(scope: Scope, name: str, kind: ValueType, value: Scalar) -> int | float | None:
    try:
        if isinstance(kind, DecimalType):
            if scope.is_wide(name) and not isinstance(value, bool):
                units = units_at(value, kind.scale, up=True)
                return units if units == units_at(value, kind.scale, up=False) else None
            return None if isinstance(value, bool) else parsed_units(value, kind.scale)
        if kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME):
            return _moment(scope, name, kind, value, is_end=False) if isinstance(value, str) else None
        if kind is ColumnType.BOOL:
            return {"true": 1, "false": 0}.get(str(value).lower())
        number = float(value) if kind is ColumnType.FLOAT else int(value)
    except (ValueError, OverflowError, ArithmeticError):
        return None
    if isinstance(value, bool) or number != (value if not isinstance(value, str) else float(value)):
        return None
    return number if -_LARGEST <= number < _LARGEST or kind is ColumnType.FLOAT or scope.is_wide(name) else None


def range_text(low: float | str | None, high: float | str | None) -> str:
    """A range in words.

    >>> range_text(1, None), range_text(0.0, 10)
    ('at least 1', '0 to 10')
    """
    if low is None:
        return f"at most {shown(high)}"
    return f"at least {shown(low)}" if high is None else f"{shown(low)} to {shown(high)}"


def shown(value: object) -> str:
    """A value in few words."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def listed(values: Iterable[object], most: int = 8) -> str:
    """Values in a row, cut where there are many."""
    every = [shown(value) for value in values]
    return ", ".join(every) if len(every) <= most else f"{', '.join(every[:most])} and {len(every) - most} more"


def range_sql(name: str, low: float | str | None, high: float | str | None, *, exclusive: bool) -> str:
    """The condition, in SQL, that values outside of a range meet."""
    less, more = ("<=", ">=") if exclusive else ("<", ">")
    ends = [
        f"{quoted(name)} {less} {literal(low)}" if low is not None else "",
        f"{quoted(name)} {more} {literal(high)}" if high is not None else "",
    ]
    return " OR ".join(end for end in ends if end)
