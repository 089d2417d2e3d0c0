"""Bounds of an expression's values, from bounds of the columns it refers to."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from seedbed.core.block import ColumnType
from seedbed.core.expression.errors import ExpressionError
from seedbed.core.expression.operation import Refused
from seedbed.core.expression.operations import OPERATIONS
from seedbed.core.expression.resolve import typed
from seedbed.core.expression.tree import Call, Expression, Literal, Name, Step, walk
from seedbed.core.interval import Interval, nothing, settled

Intervals = Callable[[str], Interval]


def bounds(expression: Expression, intervals: Intervals) -> Interval:
    """The interval of an expression's values: exact where it can be, never too narrow; of texts, their lengths.

    Raises:
        ExpressionError: as `infer`; and a whole number can pass 64 bits, a divisor is 0 or is a whole number that can be 0, a text
            can pass 1 MiB, a function is given nothing of its domain.

    >>> from seedbed.core.expression import parse
    >>> made = bounds(parse("2 * n + 1"), {"n": Interval(1, 5, type=ColumnType.INT)}.get)
    >>> made.low, made.high
    (3, 11)
    """
    found = cache(intervals)
    _, steps = typed(expression, lambda name: found(name).type)
    return walk(steps, lambda step, arguments: _bounded(step, arguments, found))


def _bounded(step: Step, arguments: list[Interval], intervals: Intervals) -> Interval:
    if isinstance(step, Name):
        return settled(intervals(step.name))
    return _literal(step) if isinstance(step, Literal) else _called(step, arguments)


def _literal(literal: Literal) -> Interval:
    kind = literal.type or ColumnType.BOOL
    if literal.value is None:
        return nothing(kind)
    value = len(literal.value) if isinstance(literal.value, str) else literal.value
    return Interval(value, value, type=kind)


def _called(call: Call, arguments: list[Interval]) -> Interval:
    operation = OPERATIONS[call.operation]
    if operation.is_strict and any(argument.is_empty for argument in arguments):
        return nothing(call.result or ColumnType.BOOL)
    try:
        return operation.bounds(arguments)
    except Refused as refused:
        raise ExpressionError(refused.message, offset=call.offset, fix=refused.fix) from refused
