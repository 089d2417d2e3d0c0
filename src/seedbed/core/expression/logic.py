"""Comparison, three-valued `and`, `or`, `not`, and the functions that choose between values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import eq, ge, gt, le, lt, ne

import numpy as np

from seedbed.core import compute as pc
from seedbed.core.block import ColumnType
from seedbed.core.expression.buffers import Mask, chosen, mask_of, measured, plain
from seedbed.core.expression.operation import (
    MOMENTS,
    Operand,
    Operation,
    Refused,
    Signature,
    common_type,
    is_number,
    nullable_of,
    require,
    same,
    spoken,
)
from seedbed.core.expression.values import Faults, Value, either, is_true, is_valid, only_where, strict
from seedbed.core.interval import Interval, hull, widest

BOOL, STRING = ColumnType.BOOL, ColumnType.STRING
_YES, _NO = Interval(1, 1, type=BOOL), Interval(0, 0, type=BOOL)

# ---------------------------------------------------------------------------------------- comparison

_TEXT_COMPARISONS = {"==": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _comparison_signature(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        if any(operand.type is None for operand in operands):
            raise Refused(f"`{name}` with null is never true", "write is_null(x) or not is_null(x)")
        kind = common_type(name, operands)
        if kind == BOOL and name not in {"==", "!="}:
            raise Refused(f"`{name}` has no meaning for bool and bool", "compare with == or !=, or use and, or, not")
        return same(BOOL, kind, operands)

    return signature


def _compare_texts(name: str, a: Value, b: Value) -> Mask:
    """Texts compare by code points, which is the order of their UTF-8 bytes."""
    if len(a) == 1 and len(b) > 1:
        return _compare_texts(_MIRRORED[name], b, a)
    function = getattr(pc, _TEXT_COMPARISONS[name])
    if len(b) == 1:
        right = plain(b.data)[0]
        return measured(a.data, lambda texts: function(texts, right), np.bool_).view(np.bool_)
    return mask_of(function(plain(a.data), plain(b.data)))


def _comparison(name: str, compare: Callable[..., Mask], bounds: Callable[[Interval, Interval], Interval | None]) -> Operation:
    def kernel(arguments: Sequence[Value], _: int) -> Value:
        a, b = arguments
        return strict(BOOL, _compare_texts(name, a, b) if a.type == STRING else compare(a.data, b.data), arguments)

    def bounded(arguments: Sequence[Interval]) -> Interval:
        a, b = arguments
        certain = None if a.type == STRING else bounds(a, b)
        return replace(certain or widest(BOOL), nullable=nullable_of(arguments))

    return Operation(name, f"a {name} b", (2, 2), _comparison_signature(name), bounded, kernel)


def _less(a: Interval, b: Interval) -> Interval | None:
    return _YES if a.high < b.low else _NO if a.low >= b.high else None


def _less_equal(a: Interval, b: Interval) -> Interval | None:
    return _YES if a.high <= b.low else _NO if a.low > b.high else None


def _equal(a: Interval, b: Interval) -> Interval | None:
    if a.high < b.low or b.high < a.low:
        return _NO
    return _YES if a.low == a.high == b.low == b.high else None


def _unequal(a: Interval, b: Interval) -> Interval | None:
    certain = _equal(a, b)
    return None if certain is None else _NO if certain is _YES else _YES


# --------------------------------------------------------------------------------- and, or, not


def _bool_signature(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        require(name, operands, (BOOL,) * len(operands), "write x != 0, x != '' or not is_null(x) for a bool")
        return same(BOOL, BOOL, operands)

    return signature


def _three_valued(arguments: Sequence[Value], decisive: Callable[[Value], Mask], *, gives: bool) -> Value:
    """Decided where either side decides, null where either is null otherwise; the left one's decision hides faults of the right."""
    a, b = arguments
    decided = decisive(a) | decisive(b)
    known = is_valid(a) & is_valid(b)
    faults = either(a.faults, only_where(b.faults, ~decisive(a)))
    data = decided if gives else ~decided
    return Value(BOOL, data, None if known.all() else decided | known, faults)


def _is_false(value: Value) -> Mask:
    mask: Mask = is_valid(value) & ~value.data
    return mask


def _and(arguments: Sequence[Value], _: int) -> Value:
    return _three_valued(arguments, _is_false, gives=False)


def _or(arguments: Sequence[Value], _: int) -> Value:
    return _three_valued(arguments, is_true, gives=True)


def _not(arguments: Sequence[Value], _: int) -> Value:
    return strict(BOOL, ~arguments[0].data, arguments)


def _some(argument: Interval) -> Interval:
    """Null alone may still be decided by the other side."""
    return widest(BOOL) if argument.is_empty else argument


def _and_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = map(_some, arguments)
    if any(argument.is_single and argument.high == 0 for argument in arguments):
        return _NO
    return Interval(min(a.low, b.low), min(a.high, b.high), nullable_of(arguments), BOOL)


def _or_bounds(arguments: Sequence[Interval]) -> Interval:
    a, b = map(_some, arguments)
    if any(argument.is_single and argument.low == 1 for argument in arguments):
        return _YES
    return Interval(max(a.low, b.low), max(a.high, b.high), nullable_of(arguments), BOOL)


def _not_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    return Interval(1 - a.high, 1 - a.low, a.nullable, BOOL)


# ---------------------------------------------------------------------------------------- choosing


def _where(mask: Mask, a: Value, b: Value) -> Value:
    data = chosen(mask, a.data, b.data) if a.type == STRING else np.where(mask, a.data, b.data)
    valid = None if a.valid is None and b.valid is None else np.where(mask, is_valid(a), is_valid(b))
    faults: Faults | None = None
    if a.faults is not None or b.faults is not None:
        faults = either(only_where(a.faults, mask), only_where(b.faults, ~mask))
    return Value(a.type, data, valid, faults)


def _if_signature(operands: Sequence[Operand]) -> Signature:
    condition, *branches = operands
    require("if_", [condition], [BOOL], "write a comparison first: if_(x > 0, a, b)")
    kind = common_type("if_", branches)
    return Signature(kind, (BOOL, kind, kind))


def _if(arguments: Sequence[Value], _: int) -> Value:
    condition, a, b = arguments
    made = _where(is_true(condition), a, b)
    return replace(made, faults=either(condition.faults, made.faults))


def _if_bounds(arguments: Sequence[Interval]) -> Interval:
    condition, a, b = arguments
    if condition.low == 1 and not condition.nullable:
        return a
    return b if condition.high < 1 else hull((a, b))


def _alike(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        kind = common_type(name, operands)
        return same(kind, kind, operands)

    return signature


def _coalesce(arguments: Sequence[Value], _: int) -> Value:
    return reduce(_coalesced, arguments)


def _coalesced(a: Value, b: Value) -> Value:
    missing = ~is_valid(a)
    if not missing.any():
        return a
    made = _where(~missing, a, b)
    return replace(made, faults=either(a.faults, only_where(b.faults, missing)))


def _coalesce_bounds(arguments: Sequence[Interval]) -> Interval:
    certain = next((i for i, argument in enumerate(arguments) if not argument.nullable), len(arguments))
    made = hull(arguments[: certain + 1])
    return replace(made, nullable=certain == len(arguments))


def _null_signature(operands: Sequence[Operand]) -> Signature:
    return Signature(BOOL, (operands[0].type or BOOL,))


def _is_null(arguments: Sequence[Value], _: int) -> Value:
    (value,) = arguments
    return Value(BOOL, ~is_valid(value), None, value.faults)


def _null_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    return _YES if a.is_empty else Interval(0, int(a.nullable), type=BOOL)


def _extreme_signature(name: str) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        kind = common_type(name, operands)
        if not (is_number(kind) or kind in MOMENTS or kind is ColumnType.TIME):
            raise Refused(f"`{name}` takes numbers or times, got {spoken(operands)}", "write if_(a < b, a, b)")
        return same(kind, kind, operands)

    return signature


def _extreme(replaces: Callable[..., Mask]) -> Callable[[Sequence[Value], int], Value]:
    """The first argument, unless a later one is beyond it: the sign of a zero never depends on the processor."""

    def kernel(arguments: Sequence[Value], _: int) -> Value:
        made = reduce(lambda a, b: np.where(replaces(b, a), b, a), (argument.data for argument in arguments))
        return strict(arguments[0].type, made, arguments)

    return kernel


def _extreme_bounds(choose: Callable[..., float]) -> Callable[[Sequence[Interval]], Interval]:
    def bounds(arguments: Sequence[Interval]) -> Interval:
        low, high = choose(a.low for a in arguments), choose(a.high for a in arguments)
        return replace(hull(arguments), low=low, high=high)

    return bounds


OPERATIONS = (
    _comparison("==", eq, _equal),
    _comparison("!=", ne, _unequal),
    _comparison("<", lt, _less),
    _comparison("<=", le, _less_equal),
    _comparison(">", gt, lambda a, b: _less(b, a)),
    _comparison(">=", ge, lambda a, b: _less_equal(b, a)),
    Operation("and", "a and b", (2, 2), _bool_signature("and"), _and_bounds, _and, is_strict=False),
    Operation("or", "a or b", (2, 2), _bool_signature("or"), _or_bounds, _or, is_strict=False),
    Operation("not", "not a", (1, 1), _bool_signature("not"), _not_bounds, _not),
    Operation("if_", "if_(condition, a, b)", (3, 3), _if_signature, _if_bounds, _if, is_strict=False),
    Operation("coalesce", "coalesce(a, b, ...)", (1, None), _alike("coalesce"), _coalesce_bounds, _coalesce, is_strict=False),
    Operation("is_null", "is_null(x)", (1, 1), _null_signature, _null_bounds, _is_null, is_strict=False),
    Operation("min", "min(a, b, ...)", (2, None), _extreme_signature("min"), _extreme_bounds(min), _extreme(lt)),
    Operation("max", "max(a, b, ...)", (2, None), _extreme_signature("max"), _extreme_bounds(max), _extreme(gt)),
)
