"""Functions of texts: lower, upper, concat, substr, length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import ColumnType
from seedbed.core.expression.arithmetic import MAX_TEXT, text_bounds
from seedbed.core.expression.buffers import mapped, measured
from seedbed.core.expression.conversion import joined_values
from seedbed.core.expression.operation import Operand, Operation, Signature, nullable_of, require, same, whole_constant
from seedbed.core.expression.values import Value, strict
from seedbed.core.interval import INT_MAX, Interval

INT, STRING = ColumnType.INT, ColumnType.STRING
_FIX = "write concat('', x) to make a value a text"


def _text_signature(name: str, result: ColumnType) -> Callable[[Sequence[Operand]], Signature]:
    def signature(operands: Sequence[Operand]) -> Signature:
        require(name, operands, (STRING,), _FIX)
        return Signature(result, (STRING,))

    return signature


def _cased(name: str) -> Operation:
    """One character becomes one character, by Unicode's simple case mapping."""

    def kernel(arguments: Sequence[Value], _: int) -> Value:
        return strict(STRING, mapped(arguments[0].data, getattr(pc, f"utf8_{name}")), arguments)

    return Operation(name, f"{name}(s)", (1, 1), _text_signature(name, STRING), lambda arguments: arguments[0], kernel)


def _concat_signature(operands: Sequence[Operand]) -> Signature:
    return same(STRING, STRING, operands)


def _substr_signature(operands: Sequence[Operand]) -> Signature:
    require("substr", operands[:1], (STRING,), _FIX)
    whole_constant("substr", operands[1], "start", -MAX_TEXT, MAX_TEXT)
    if len(operands) == 3:
        whole_constant("substr", operands[2], "length", 0, MAX_TEXT)
    return Signature(STRING, (STRING, INT, INT)[: len(operands)])


def _substr(arguments: Sequence[Value], _: int) -> Value:
    """From character `start` (0 is the first, -1 the last), `length` characters or all that follow."""
    text, *limits = arguments
    start, *lengths = (int(limit.data[0]) for limit in limits)

    def cut(texts: pa.Array) -> pa.Array:
        rest = pc.utf8_slice_codeunits(texts, start=start)
        return pc.utf8_slice_codeunits(rest, start=0, stop=lengths[0]) if lengths else rest

    return strict(STRING, mapped(text.data, cut), arguments)


def _substr_bounds(arguments: Sequence[Interval]) -> Interval:
    text, start, *lengths = arguments
    limit = lengths[0].high if lengths else inf
    low, high = (_left(count, start.low) for count in (text.low, text.high))
    return Interval(min(low, limit), min(high, limit), nullable_of(arguments), STRING)


def _left(count: float, start: float) -> float:
    """The characters from a start on."""
    return max(count - start, 0) if start >= 0 else min(count, -start)


def _length(arguments: Sequence[Value], _: int) -> Value:
    return strict(INT, measured(arguments[0].data, pc.utf8_length, np.int32).astype(np.int64), arguments)


def _length_bounds(arguments: Sequence[Interval]) -> Interval:
    (a,) = arguments
    return Interval(a.low, min(a.high, INT_MAX), a.nullable, INT)


def _concat(arguments: Sequence[Value], n: int) -> Value:
    return joined_values(arguments, n)


OPERATIONS = (
    _cased("lower"),
    _cased("upper"),
    Operation("concat", "concat(a, b, ...)", (1, None), _concat_signature, text_bounds, _concat),
    Operation("substr", "substr(s, start, length)", (2, 3), _substr_signature, _substr_bounds, _substr),
    Operation("length", "length(s)", (1, 1), _text_signature("length", INT), _length_bounds, _length),
)
