"""The shape of an operator or a function: which types it takes, what its result can be, how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seedbed.core.block import NUMBERS, ColumnType, DecimalType, ValueType, scale_of
from seedbed.core.calendar import is_date_only
from seedbed.core.expression.tree import Constant, Literal
from seedbed.core.expression.values import Value
from seedbed.core.interval import Interval
from seedbed.core.records import dataclass

MOMENTS = frozenset({ColumnType.DATE, ColumnType.DATETIME})


class Refused(Exception):  # noqa: N818 - a judgement, which the caller makes an error with a place
    """An operation's no: what is wrong with its arguments, and what to write instead."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument as far as it is known before there are rows; type None is the literal null."""

    type: ValueType | None
    constant: Literal | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The type of the result, and those the arguments must first be turned into."""

    result: ValueType
    arguments: tuple[ValueType, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator or a function of the language.

    usage: how it is written; arity: least and most arguments (None: any number); signature: raises `Refused` where the arguments'
    types don't fit; bounds: raises `Refused` where the values can't; kernel: (arguments, rows) -> values.
    """

    name: str
    usage: str
    arity: tuple[int, int | None]
    signature: Callable[[Sequence[Operand]], Signature]
    bounds: Callable[[Sequence[Interval]], Interval]
    kernel: Callable[[Sequence[Value], int], Value]
    is_strict: bool = True  # null where an argument is null


def spoken(operands: Sequence[Operand]) -> str:
    """The operands' types, for a message.

    >>> spoken([Operand(ColumnType.INT), Operand(None)])
    'int and null'
    """
    return " and ".join(operand.type.value if operand.type else "null" for operand in operands)


def types_of(operands: Sequence[Operand]) -> frozenset[ValueType]:
    """The operands' types, null aside."""
    return frozenset(operand.type for operand in operands if operand.type is not None)


def same(result: ValueType, argument: ValueType, operands: Sequence[Operand]) -> Signature:
    """A signature whose arguments are all of one type."""
    return Signature(result, (argument,) * len(operands))


def is_number(kind: ValueType) -> bool:
    """Whether values of a type are numbers."""
    return kind in NUMBERS or isinstance(kind, DecimalType)


def number_type(name: str, operands: Sequence[Operand]) -> ValueType:
    """int, decimal or float, whichever holds all operands."""
    types = types_of(operands)
    if not all(map(is_number, types)):
        raise Refused(f"`{name}` takes numbers, got {spoken(operands)}", _number_fix(types))
    return _widest_number(types)


def _widest_number(types: frozenset[ValueType]) -> ValueType:
    """A float among them makes floats of all; else a decimal makes decimals of all, of the largest scale."""
    if ColumnType.FLOAT in types:
        return ColumnType.FLOAT
    has_decimal = any(isinstance(kind, DecimalType) for kind in types)
    return DecimalType(max(map(scale_of, types))) if has_decimal else ColumnType.INT


def _number_fix(types: frozenset[ValueType]) -> str | None:
    if types & MOMENTS:
        return "write add_days(d, n), add_hours(t, n), days_between(a, b) or hours_between(a, b)"
    if ColumnType.BOOL in types:
        return "write if_(condition, 1, 0) for a number"
    return "write length(s) for a text's length; a text can't become a number" if ColumnType.STRING in types else None


def common_type(name: str, operands: Sequence[Operand]) -> ValueType:
    """The one type that all operands have or can take; texts written out become the dates they are compared with."""
    types = types_of(operands)
    if not types:
        raise Refused(f"`{name}` of null alone has no type", "write a value")
    if len(types) == 1:
        return next(iter(types))
    if all(map(is_number, types)):
        return _widest_number(types)
    if types <= MOMENTS:
        return ColumnType.DATETIME
    texts = [operand for operand in operands if operand.type == ColumnType.STRING]
    if types <= MOMENTS | {ColumnType.STRING} and all(operand.constant for operand in texts):
        return _moment_type(types, texts)
    if types == {ColumnType.TIME, ColumnType.STRING} and all(operand.constant for operand in texts):
        return ColumnType.TIME
    raise Refused(f"`{name}` takes values of one type, got {spoken(operands)}", _common_fix(types))


def _moment_type(types: frozenset[ValueType], texts: Sequence[Operand]) -> ColumnType:
    is_days = ColumnType.DATETIME not in types and all(is_date_only(str(_value(text))) for text in texts)
    return ColumnType.DATE if is_days else ColumnType.DATETIME


def _value(operand: Operand) -> Constant:
    return operand.constant.value if operand.constant else None


def _common_fix(types: frozenset[ValueType]) -> str:
    if ColumnType.STRING in types:
        return "write concat('', x) to make a value a text"
    return "write x != 0 to make a number a bool" if ColumnType.BOOL in types else "give all of them the same type"


def require(name: str, operands: Sequence[Operand], wanted: Sequence[ColumnType], fix: str | None = None) -> None:
    """Refuse operands whose types are not the wanted ones; null fits everywhere."""
    for operand, type_ in zip(operands, wanted, strict=True):
        if operand.type not in {None, type_}:
            got = spoken(operands)
            raise Refused(f"`{name}` takes {' and '.join(w.value for w in wanted)}, got {got}", fix)


def whole_constant(name: str, operand: Operand, what: str, low: int, high: int) -> int:
    """The value of an argument that must be a whole number written out, between low and high."""
    value = _value(operand)
    if operand.type != ColumnType.INT or value is None or not low <= int(value) <= high:
        raise Refused(f"the {what} of `{name}` must be a whole number written out, from {low:,} to {high:,}")
    return int(value)


def nullable_of(arguments: Sequence[Interval]) -> bool:
    """Whether a strict operation can give null."""
    return any(argument.nullable for argument in arguments)
