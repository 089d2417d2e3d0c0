"""The operators + - * / // % ** and divide(a, b, otherwise)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import floor, inf

import numpy as np

from seedbed.core import elementary
from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType, ValueType, scale_of
from seedbed.core.expression import integers
from seedbed.core.expression.buffers import Mask
from seedbed.core.expression.conversion import joined_values
from seedbed.core.expression.integers import Checked, Floats
from seedbed.core.expression.operation import Operand, Operation, Refused, Signature, nullable_of, number_type, same, types_of
from seedbed.core.expression.parse import NEGATION
from seedbed.core.expression.values import Fault, Value, either, is_valid, only_where, strict
from seedbed.core.interval import INT_MAX, INT_MIN, Interval, corners, product, widened, widest

INT, FLOAT, STRING = ColumnType.INT, ColumnType.FLOAT, ColumnType.STRING
MAX_TEXT = 2**20  # characters, or bytes, of one row's text


# ------------------------------------------------------------------------------------------- types


def _number_signature(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        kind = number_type(name, operands)
        return same(kind, kind, operands)

    return signature


def _float_signature(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        number_type(name, operands)
        return same(FLOAT, FLOAT, operands)

    return signature


def _divisor_signature(name: str, result: Callable[[Sequence[Operand]], Signature]) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        made = result(operands)
        divisor = operands[1].constant
        if divisor is not None and divisor.value == 0 and divisor.value is not None:
            raise Refused(f"`{name}` by 0", "divide(a, b, otherwise) says what a zero gives")
        return made

    return signature


def _plus_signature(operands: Sequence[Operand]) -> Signature:
    if STRING in types_of(operands):
        return same(STRING, STRING, operands)
    return _number_signature("+")(operands)


def _times_signature(operands: Sequence[Operand]) -> Signature:
    """The scales of decimals add up."""
    kind = number_type("*", operands)
    if not isinstance(kind, DecimalType):
        return same(kind, kind, operands)
    types = tuple(operand.type or INT for operand in operands)
    scale = sum(map(scale_of, types))
    if scale > MOST_DIGITS:
        message = f"`*` of {' and '.join(each.value for each in types)} has {scale} digits after the point, more than {MOST_DIGITS}"
        raise Refused(message, "round one of them first: round(x, 2)")
    return Signature(DecimalType(scale), types)


def _floor_signature(operands: Sequence[Operand]) -> Signature:
    """A quotient of decimals rounded down is a whole number."""
    kind = number_type("//", operands)
    return same(INT if isinstance(kind, DecimalType) else kind, kind, operands)


# ------------------------------------------------------------------------------------------- bounds


def whole_bounds(name: str, low: float, high: float, arguments: Sequence[Interval], kind: ValueType = INT) -> Interval:
    """An int or decimal result: refused where it must, or by all that is known may, pass 64 bits; open where nothing is known."""
    passes = low < INT_MIN or high > INT_MAX
    if (passes and all(argument.is_known for argument in arguments)) or low > INT_MAX or high < INT_MIN:
        raise Refused(
            f"`{name}` can reach {_shown(low, high, kind)}, beyond 64 bits", "write a factor as a float, like 1.0, or use smaller numbers"
        )
    return Interval(max(low, INT_MIN), min(high, INT_MAX), nullable_of(arguments), kind)


def _shown(low: float, high: float, kind: ValueType) -> str:
    return f"{float(high if high > INT_MAX else low) / 10 ** scale_of(kind):.3g}" + (f" as {kind}" if isinstance(kind, DecimalType) else "")


def float_bounds(name: str, low: float, high: float, arguments: Sequence[Interval]) -> Interval:
    """A float result; refused where it is always infinite."""
    if low == inf or high == -inf:
        raise Refused(f"`{name}` always passes the range of floats, 1.8e308", "use smaller numbers")
    return Interval(low, high, nullable_of(arguments), FLOAT)


def number_bounds(name: str, low: float, high: float, arguments: Sequence[Interval]) -> Interval:
    """A result of the arguments' own type."""
    if arguments[0].type == FLOAT:
        return float_bounds(name, low, high, arguments)
    return whole_bounds(name, low, high, arguments, arguments[0].type)


def _plus_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    if a.type == STRING:
        return text_bounds(arguments)
    return number_bounds("+", a.low + b.low, a.high + b.high, arguments)


def text_bounds(arguments: Sequence[Interval]) -> Interval:
    """Texts joined: their lengths add up."""
    low, high = sum(argument.low for argument in arguments), sum(argument.high for argument in arguments)
    if low > MAX_TEXT or MAX_TEXT < high < inf:
        raise Refused(f"the text can have {low if high == inf else high:,.0f} characters, more than {MAX_TEXT:,}", "join fewer texts")
    return Interval(low, high, nullable_of(arguments), STRING)


def _minus_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    return number_bounds("-", a.low - b.high, a.high - b.low, arguments)


def _times_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    low, high = corners(a, b, product)
    if a.type == FLOAT:
        return float_bounds("*", low, high, arguments)
    return whole_bounds("*", low, high, arguments, _product_type(a.type, b.type))


def _product_type(a: ValueType, b: ValueType) -> ValueType:
    return INT if a == b == INT else DecimalType(scale_of(a) + scale_of(b))


def _negative_bounds(arguments: Sequence[Interval]) -> Interval:
    return number_bounds("-", -arguments[0].high, -arguments[0].low, arguments)


def _refuse_zero(name: str, divisor: Interval) -> None:
    if divisor.low == divisor.high == 0:
        raise Refused(f"`{name}` by a value that is always 0", "divide(a, b, otherwise) says what a zero gives")
    if divisor.is_integral and divisor.contains(0):
        whole = "" if name == "/" else "; floor(divide(a, b, otherwise)) for `//`" if name == "//" else "; a % max(b, 1) for `%`"
        raise Refused(f"`{name}` by a whole number that can be 0", f"write divide(a, b, otherwise), which says what a zero gives{whole}")


def _quotient_bounds(arguments: Sequence[Interval]) -> Interval:
    _refuse_zero("/", arguments[1])
    return _quotient(arguments[0], arguments[1], arguments)


def _quotient(a: Interval, b: Interval, arguments: Sequence[Interval]) -> Interval:
    if b.contains(0):
        return replace(widest(FLOAT), nullable=nullable_of(arguments))
    return float_bounds("/", *corners(a, b, _ratio), arguments)


def _ratio(x: float, y: float) -> float:
    try:
        return float(x) / float(y)
    except OverflowError:
        return inf if (x < 0) == (y < 0) else -inf


def _floor_ratio(x: float, y: float) -> float:
    if isinstance(x, int) and isinstance(y, int):
        return x // y
    ratio = _ratio(x, y)
    return floor(ratio) if abs(ratio) < inf else ratio


def _floor_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    _refuse_zero("//", b)
    if b.contains(0):
        return replace(widest(FLOAT), nullable=nullable_of(arguments))
    low, high = corners(a, b, _floor_ratio)
    if a.type != FLOAT:
        return whole_bounds("//", low, high, arguments)
    return replace(float_bounds("//", low - 1, high + 1, arguments), is_whole=True)  # a float's floor may round either way


def _modulo_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = arguments
    _refuse_zero("%", b)
    less = 1 if b.is_integral and a.is_integral else 0
    low = min(b.low + less, 0) if b.low < 0 else 0
    high = max(b.high - less, 0) if b.high > 0 else 0
    if a.low >= 0 and b.low > 0:
        high = min(high, a.high)
    return Interval(low, high, nullable_of(arguments), a.type)


def _power_bounds(arguments: Sequence[Interval]) -> Interval:
    base, exponent = arguments
    if base.high < base.low or not (base.low > 0 or (exponent.low == exponent.high and exponent.low in (2, 4))):
        return replace(widest(FLOAT), nullable=nullable_of(arguments))
    if base.low > 0:
        return float_bounds("**", *widened(*corners(base, exponent, _power)), arguments)
    low, high = corners(base, exponent, _power)
    return float_bounds("**", *widened(0.0 if base.contains(0) else low, high), arguments)


def _power(x: float, y: float) -> float:
    return float(elementary.pow(x, y))


def _divide_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b, otherwise = arguments
    quotient = _quotient(a, b, arguments)
    low, high = (min(quotient.low, otherwise.low), max(quotient.high, otherwise.high)) if b.contains(0) else (quotient.low, quotient.high)
    return Interval(low, high, nullable_of(arguments), FLOAT)


# ------------------------------------------------------------------------------------------ kernels


def _checked(made: Checked, arguments: Sequence[Value], kind: ValueType) -> Value:
    return strict(kind, made[0], arguments, Fault.INT_RANGE if kind == INT else Fault.DECIMAL_RANGE, made[1])


def _plus(arguments: Sequence[Value], n: int) -> Value:
    a, b = arguments
    if a.type == STRING:
        return joined_values(arguments, n)
    return strict(FLOAT, a.data + b.data, arguments) if a.type == FLOAT else _checked(integers.add(a.data, b.data), arguments, a.type)


def _minus(arguments: Sequence[Value], _: int) -> Value:
    a, b = arguments
    return strict(FLOAT, a.data - b.data, arguments) if a.type == FLOAT else _checked(integers.subtract(a.data, b.data), arguments, a.type)


def _times(arguments: Sequence[Value], _: int) -> Value:
    a, b = arguments
    if a.type == FLOAT:
        return strict(FLOAT, a.data * b.data, arguments)
    return _checked(integers.multiply(a.data, b.data), arguments, _product_type(a.type, b.type))


def _negative(arguments: Sequence[Value], _: int) -> Value:
    (a,) = arguments
    return strict(a.type, -a.data, arguments, Fault.INT_RANGE, None if a.type == FLOAT else a.data == INT_MIN)


def _safe(divisor: Value) -> tuple[Value, Mask | None]:
    """The divisor with 1 for 0, and where it was 0 (None: nowhere)."""
    zero: Mask = divisor.data == 0
    if not zero.any():
        return divisor, None
    return replace(divisor, data=np.where(zero, np.ones(1, dtype=divisor.data.dtype), divisor.data)), zero


def _quotients(arguments: Sequence[Value], _: int) -> Value:
    divisor, zero = _safe(arguments[1])
    return strict(FLOAT, arguments[0].data / divisor.data, arguments, Fault.DIVISION, zero)


def _floors(arguments: Sequence[Value], _: int) -> Value:
    a, (b, zero) = arguments[0], _safe(arguments[1])
    if a.type == FLOAT:
        return strict(FLOAT, np.floor_divide(a.data, b.data), arguments, Fault.DIVISION, zero)
    made = _checked(integers.floor_divide(a.data, b.data), arguments, INT)
    zeros = strict(INT, made.data, arguments, Fault.DIVISION, zero)
    return replace(made, faults=either(zeros.faults, made.faults))


def _modulos(arguments: Sequence[Value], _: int) -> Value:
    a, (b, zero) = arguments[0], _safe(arguments[1])
    return strict(a.type, np.remainder(a.data, b.data), arguments, Fault.DIVISION, zero)


_PRODUCTS: dict[float, Callable[[Floats], Floats]] = {
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    4.0: lambda x: (x * x) * (x * x),
}


def _powers(arguments: Sequence[Value], _: int) -> Value:
    """Whole exponents from 2 to 4 multiply, row by row, so that a block's other rows never matter."""
    base, exponent = (argument.data for argument in arguments)
    small = (exponent >= 2) & (exponent <= 4) & (np.floor(exponent) == exponent)
    made = base if small.all() else elementary.pow(base, exponent)
    for value, multiply in _PRODUCTS.items():
        where = exponent == value
        if where.any():
            made = np.where(where, multiply(base), made)
    is_root = (base < 0) & (np.floor(exponent) != exponent)
    powers = strict(FLOAT, made, arguments, Fault.ROOT, is_root)
    zeros = strict(FLOAT, made, arguments, Fault.DIVISION, (base == 0) & (exponent < 0))
    return replace(powers, faults=either(powers.faults, zeros.faults))


def _divided(arguments: Sequence[Value], _: int) -> Value:
    """The value of `otherwise` where b is 0, even where a is null; null where b is null."""
    a, b, otherwise = arguments
    divisor, zero = _safe(b)
    if zero is None:
        return strict(FLOAT, a.data / divisor.data, (a, b))
    takes = zero if b.valid is None else zero & b.valid
    valid = np.where(takes, is_valid(otherwise), is_valid(a) & is_valid(b))
    faults = either(b.faults, either(only_where(a.faults, ~takes), only_where(otherwise.faults, takes)))
    return Value(FLOAT, np.where(takes, otherwise.data, a.data / divisor.data), None if valid.all() else valid, faults)


OPERATIONS = (
    Operation("+", "a + b", (2, 2), _plus_signature, _plus_bounds, _plus),
    Operation("-", "a - b", (2, 2), _number_signature("-"), _minus_bounds, _minus),
    Operation("*", "a * b", (2, 2), _times_signature, _times_bounds, _times),
    Operation(NEGATION, "-a", (1, 1), _number_signature("-"), _negative_bounds, _negative),
    Operation("/", "a / b", (2, 2), _divisor_signature("/", _float_signature("/")), _quotient_bounds, _quotients),
    Operation("//", "a // b", (2, 2), _divisor_signature("//", _floor_signature), _floor_bounds, _floors),
    Operation("%", "a % b", (2, 2), _divisor_signature("%", _number_signature("%")), _modulo_bounds, _modulos),
    Operation("**", "a ** b", (2, 2), _float_signature("**"), _power_bounds, _powers),
    Operation("divide", "divide(a, b, otherwise)", (3, 3), _float_signature("divide"), _divide_bounds, _divided, is_strict=False),
)
