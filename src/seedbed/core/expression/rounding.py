"""Functions of one number: abs, round, floor, ceil, sqrt, exp, log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, floor, inf, isinf, sqrt

import numpy as np

from seedbed.core import elementary
from seedbed.core.block import ColumnType, DecimalType, scale_of
from seedbed.core.decimals import Units, rescaled
from seedbed.core.expression import integers
from seedbed.core.expression.arithmetic import float_bounds, number_bounds, whole_bounds
from seedbed.core.expression.integers import Floats
from seedbed.core.expression.operation import Operand, Operation, Refused, Signature, number_type, same, whole_constant
from seedbed.core.expression.values import Fault, Value, strict
from seedbed.core.interval import INT_MIN, Interval, widened

INT, FLOAT = ColumnType.INT, ColumnType.FLOAT
MAX_DIGITS = 15
_POWERS_OF_TEN = tuple(float(10**digits) for digits in range(MAX_DIGITS + 1))  # exact: below 2**53
_WHOLE_FROM = 2.0**52  # floats from here on have no decimals


def rounded(values: Floats, digits: int) -> Floats:
    """Round half to even at a decimal: scale by 10**digits, round, scale back, each step a rounded IEEE operation.

    So 0.125 gives 0.12, and 2.675 (whose float is a little less) gives 2.68, for 267.5 is what scaling it rounds to. Values that
    have no decimals left after scaling stay; a zero is never negative.

    >>> rounded(np.array([0.125, 2.675, -0.001]), 2).tolist()
    [0.12, 2.68, 0.0]
    """
    scale = _POWERS_OF_TEN[digits]
    scaled = values * scale
    made = np.rint(scaled) / scale + 0.0
    return np.where(np.abs(scaled) < _WHOLE_FROM, made, values)


def _round_signature(operands: Sequence[Operand]) -> Signature:
    """Without digits the result is int; with digits it has the number's own type, a decimal at most so many after the point."""
    kind = number_type("round", operands[:1])
    if len(operands) == 1:
        return Signature(INT, (kind,))
    digits = whole_constant("round", operands[1], "number of digits", 0, MAX_DIGITS)
    return Signature(DecimalType(min(digits, kind.scale)) if isinstance(kind, DecimalType) else kind, (kind, INT))


def _round(arguments: Sequence[Value], _: int) -> Value:
    value = arguments[0]
    if value.type == INT:
        return value
    if isinstance(value.type, DecimalType):
        scale = min(int(arguments[1].data[0]), value.type.scale) if len(arguments) == 2 else 0
        kind = DecimalType(scale) if len(arguments) == 2 else INT
        return strict(kind, rescaled(value.data, value.type.scale, scale)[0], arguments)
    if len(arguments) == 1:
        return _whole(np.rint(value.data), arguments)
    return strict(FLOAT, rounded(value.data, int(arguments[1].data[0])), arguments)


def _round_bounds(arguments: Sequence[Interval]) -> Interval:
    a = arguments[0]
    if a.type == INT:
        return a
    if isinstance(a.type, DecimalType):
        scale = min(int(arguments[1].low), a.type.scale) if len(arguments) == 2 else 0
        low, high = (rescaled(np.array([int(end)]), a.type.scale, scale)[0][0].item() for end in (a.low, a.high))
        return Interval(low, high, a.nullable, DecimalType(scale) if len(arguments) == 2 else INT)
    if len(arguments) == 1:
        return _whole_bounds("round", a, floor, ceil)
    ends = [end if isinf(end) else float(rounded(np.array([end]), int(arguments[1].low))[0]) for end in (a.low, a.high)]
    return float_bounds("round", min(ends), max(ends), arguments[:1])


def _whole(values: Floats, arguments: Sequence[Value]) -> Value:
    made, passes = integers.from_floats(values)
    return strict(INT, made, arguments, Fault.INT_RANGE, passes)


def _whole_bounds(name: str, a: Interval, down: Callable[[float], int], up: Callable[[float], int]) -> Interval:
    low = a.low if isinf(a.low) else down(a.low)
    high = a.high if isinf(a.high) else up(a.high)
    return whole_bounds(name, low, high, [a])


def _whole_units(name: str, units: Units, scale: int) -> Units:
    """The whole numbers next to decimals: below (floor) or above."""
    step = np.int64(10**scale)
    return units // step if name == "floor" else -(-units // step)


def _to_whole(name: str, kernel: Callable[[Floats], Floats], exact: Callable[[float], int]) -> Operation:
    def signature(operands: Sequence[Operand]) -> Signature:
        return Signature(INT, (number_type(name, operands),))

    def bounds(arguments: Sequence[Interval]) -> Interval:
        (a,) = arguments
        if isinstance(a.type, DecimalType):
            low, high = (_whole_units(name, np.array([int(end)]), a.type.scale)[0].item() for end in (a.low, a.high))
            return Interval(low, high, a.nullable, INT)
        return a if a.type == INT else _whole_bounds(name, a, exact, exact)

    def run(arguments: Sequence[Value], _: int) -> Value:
        (value,) = arguments
        if isinstance(value.type, DecimalType):
            return strict(INT, _whole_units(name, value.data, scale_of(value.type)), arguments)
        return value if value.type == INT else _whole(kernel(value.data), arguments)

    return Operation(name, f"{name}(x)", (1, 1), signature, bounds, run)


def _abs_signature(operands: Sequence[Operand]) -> Signature:
    kind = number_type("abs", operands)
    return same(kind, kind, operands)


def _abs(arguments: Sequence[Value], _: int) -> Value:
    (value,) = arguments
    return strict(value.type, np.abs(value.data), arguments, Fault.INT_RANGE, None if value.type == FLOAT else value.data == INT_MIN)


def _abs_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    low = 0 if a.contains(0) else min(abs(a.low), abs(a.high))
    return replace(number_bounds("abs", low, max(abs(a.low), abs(a.high)), arguments), is_whole=a.is_whole)


def _float_function(
    name: str, function: Callable[[Floats], Floats], bounds: Callable[[Sequence[Interval]], Interval], domain: Fault | None = None
) -> Operation:
    def signature(operands: Sequence[Operand]) -> Signature:
        number_type(name, operands)
        return same(FLOAT, FLOAT, operands)

    def run(arguments: Sequence[Value], _: int) -> Value:
        data = arguments[0].data
        outside = None if domain is None else data <= 0 if domain == Fault.LOGARITHM else data < 0
        return strict(FLOAT, function(data), arguments, domain, outside)

    return Operation(name, f"{name}(x)", (1, 1), signature, bounds, run)


def _sqrt_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    if a.high < 0:
        raise Refused("`sqrt` of a number that is always negative", "write sqrt(abs(x)) or sqrt(max(x, 0))")
    return float_bounds("sqrt", sqrt(max(a.low, 0.0)), sqrt(a.high), arguments)


def _log_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    if a.high <= 0:
        raise Refused("`log` of a number that is never positive", "write log(1 + x) or log(max(x, 1))")
    low, high = float(elementary.log(max(a.low, 0.0))), float(elementary.log(a.high))
    return float_bounds("log", *widened(low, high), arguments)


def _exp_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    low, high = float(elementary.exp(a.low)), float(elementary.exp(a.high))
    if low < inf:
        low, high = widened(low, high)
    return float_bounds("exp", max(low, 0.0), high, arguments)


OPERATIONS = (
    Operation("abs", "abs(x)", (1, 1), _abs_signature, _abs_bounds, _abs),
    Operation("round", "round(x, digits=0)", (1, 2), _round_signature, _round_bounds, _round),
    _to_whole("floor", np.floor, floor),
    _to_whole("ceil", np.ceil, ceil),
    _float_function("sqrt", np.sqrt, _sqrt_bounds, Fault.ROOT),
    _float_function("exp", elementary.exp, _exp_bounds),
    _float_function("log", elementary.log, _log_bounds, Fault.LOGARITHM),
)
