"""Types of an expression: what every step gives, conversions put in, and what does not depend on rows computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from seedbed.core.block import ColumnType, ValueType
from seedbed.core.expression.conversion import conversion, literal_as
from seedbed.core.expression.errors import ExpressionError, UnknownName
from seedbed.core.expression.faults import fault_message
from seedbed.core.expression.operation import Operand, Operation, Refused
from seedbed.core.expression.operations import OPERATIONS, operation_of
from seedbed.core.expression.tree import Call, Constant, Expression, Literal, Name, Step, Steps, walk
from seedbed.core.expression.values import Value, constant
from seedbed.core.records import dataclass

#: The type of a column of a name, that of decimals with their scale; None where there is no such column.
Types = Callable[[str], ValueType | None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Steps whose calls get arguments of exactly the types they take; `type` None is a null of no type."""

    type: ValueType | None
    steps: Steps

    @property
    def operand(self) -> Operand:
        """What an operation may know of it."""
        only = self.steps[0]
        return Operand(self.type, only if len(self.steps) == 1 and isinstance(only, Literal) else None)


def resolve(expression: Expression, types: Types) -> Resolved:
    """Find the type of every step, the whole's last.

    Raises:
        UnknownName: `types` knows a name not.
        ExpressionError: an operation does not take the types it is given.
    """
    return walk(expression.steps, lambda step, arguments: _resolved(step, arguments, types))


def infer(expression: Expression, types: Types) -> ValueType:
    """The type of an expression's values, given those of the columns it refers to (None: there is no such column).

    Raises:
        UnknownName: a name that `types` gives None for; `.name` and `.offset` say which.
        ExpressionError: an operator or function that does not take what it is given, or a result that is always null.

    >>> from seedbed.core.expression import parse
    >>> infer(parse("price * 2 > 10"), {"price": ColumnType.FLOAT}.get).value
    'bool'
    """
    return typed(expression, types)[0]


def typed(expression: Expression, types: Types) -> tuple[ValueType, Steps]:
    """The type and the resolved steps of an expression that is not merely null."""
    resolved = resolve(expression, types)
    if resolved.type is None or (resolved.operand.constant and resolved.operand.constant.value is None):
        raise ExpressionError("the expression is always null", fix="write a value, or leave the column out")
    return resolved.type, resolved.steps


def _resolved(step: Step, arguments: list[Resolved], types: Types) -> Resolved:
    if isinstance(step, Literal):
        return Resolved(step.type, (step,))
    if isinstance(step, Name):
        found = types(step.name)
        if found is None:
            raise UnknownName(step.name, offset=step.offset)
        kind = seen_as(found)
        if kind is None:
            fix = "name columns of numbers, texts, truth values or times"
            raise ExpressionError(f"`{step.name}` is of type {found.value}, which no expression reads", offset=step.offset, fix=fix)
        return Resolved(kind, (step,))
    return _called(step, arguments)


def seen_as(kind: ValueType) -> ValueType | None:
    """The type that a column's values have in an expression: UUIDs and JSON are texts; None where they have none.

    Raises:
        TypeError: decimals without a scale: give a `DecimalType`.
    """
    if kind in (ColumnType.UUID, ColumnType.JSON):
        return ColumnType.STRING
    if kind is ColumnType.DECIMAL:
        raise TypeError("the type of decimals in an expression has a scale: DecimalType(scale)")
    return None if kind in (ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST) else kind


def _called(call: Call, arguments: list[Resolved]) -> Resolved:
    operation = operation_of(call)
    try:
        signature = operation.signature([argument.operand for argument in arguments])
        converted = [_converted(argument, type_, call) for argument, type_ in zip(arguments, signature.arguments, strict=True)]
    except Refused as refused:
        raise ExpressionError(refused.message, offset=call.offset, fix=refused.fix) from refused
    return _folded(call, operation, converted, signature.result)


def _converted(argument: Resolved, wanted: ValueType, call: Call) -> Resolved:
    if argument.type == wanted:
        return argument
    literal = argument.operand.constant
    if literal is not None and (literal.value is None or wanted not in {ColumnType.STRING, ColumnType.FLOAT}):
        made = literal_as(literal, wanted)
        if made is not None:
            return Resolved(wanted, (made,))
    step = Call(conversion(wanted), 1, call.offset)
    return _folded(step, OPERATIONS[step.operation], [argument], wanted)


def _folded(call: Call, operation: Operation, arguments: list[Resolved], result: ValueType) -> Resolved:
    constants = [literal for argument in arguments if (literal := argument.operand.constant) is not None]
    if len(constants) < len(arguments):
        return Resolved(result, (*(step for argument in arguments for step in argument.steps), replace(call, result=result)))
    with np.errstate(all="ignore"):
        value = operation.kernel([constant(literal.value, literal.type or result) for literal in constants], 1)
    return Resolved(result, (_literal(value, call),))


def _literal(value: Value, call: Call) -> Literal:
    if value.faults is not None and value.faults.any():
        message, fix = fault_message(int(value.faults[0]))
        raise ExpressionError(f"the constant {message}", offset=call.offset, fix=fix)
    if value.valid is not None and not value.valid[0]:
        return Literal(None, value.type, call.offset)
    made = _plain(value.data[0])
    if isinstance(made, float) and not isfinite(made):
        raise ExpressionError("a constant passes the range of floats, 1.8e308", offset=call.offset, fix="use smaller numbers")
    return Literal(made, value.type, call.offset)


def _plain(value: Any) -> Constant:
    made: Constant = value.as_py() if hasattr(value, "as_py") else value.item()
    return made
