"""Expressions of a row as SQL: comparisons, three-valued logic, choices, and the arithmetic that all engines do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seedbed.check.sql.dialect import DOUBLE, UnsayableError, literal, nan_in
from seedbed.check.sql.writer import Writer
from seedbed.check.view import is_text
from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.expression import CompiledExpression
from seedbed.core.expression.tree import Call, Literal, Name, Step, walk
from seedbed.core.records import dataclass

_NUMBERS = (ColumnType.INT, ColumnType.FLOAT)
_COMPARISONS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_PARTS = {"year": "year", "month": "month", "day": "day"}


@dataclass(frozen=True, slots=True)
class _Said:
    """A value as SQL; `may_be_nan` of floats, `constant` of literals."""

    sql: str
    type: ValueType
    may_be_nan: bool = False
    constant: int | float | str | bool | None = None


def said(expression: CompiledExpression, writer: Writer) -> str:
    """The expression over the columns of a table.

    Raises:
        UnsayableError: SQL would not mean the same.
    """
    if len(expression.steps) > 300:
        raise UnsayableError("an expression of more than 300 parts")
    return walk(expression.steps, lambda step, arguments: _said(step, arguments, writer)).sql


def _said(step: Step, arguments: Sequence[_Said], writer: Writer) -> _Said:
    if isinstance(step, Literal):
        return _literal(step, writer)
    if isinstance(step, Name):
        return _column(step.name, writer)
    kind = step.result
    assert kind is not None, "a compiled expression has types"
    make = _CALLS.get(step.operation) or (_to_decimal if step.operation.startswith("to decimal") else None)
    if make is None:
        raise UnsayableError(f"`{step.operation}`")
    return make(step, arguments, kind, writer)


def _literal(step: Literal, writer: Writer) -> _Said:
    if step.value is None or step.type is None:
        return _Said("NULL", step.type or ColumnType.BOOL)
    return _Said(literal(step.value, step.type, writer.dialect), step.type, constant=step.value)


def _column(name: str, writer: Writer) -> _Said:
    kind = writer.kind(name) if name in writer.scene.facts[writer.table].types else ColumnType.STRING
    value = writer.whole(name)
    if getattr(writer.stored(name), "tz", None) is not None:
        raise UnsayableError(f"`{name}` has a time zone")
    return _Said(value, kind, may_be_nan=kind is ColumnType.FLOAT and writer.dialect != "sqlite")


def _comparison(step: Call, arguments: Sequence[_Said], _: ValueType, writer: Writer) -> _Said:
    left, right = arguments
    plain = f"({left.sql} {_COMPARISONS[step.operation]} {right.sql})"
    unordered = [nan_in(side.sql, writer.dialect) for side in arguments if side.may_be_nan]
    if not unordered:
        return _Said(plain, ColumnType.BOOL)
    answer = "TRUE" if step.operation == "!=" else "FALSE"
    nulls = " OR ".join(f"{side.sql} IS NULL" for side in arguments if side.constant is None)
    return _Said(f"(CASE WHEN {nulls} THEN NULL WHEN {' OR '.join(unordered)} THEN {answer} ELSE {plain} END)", ColumnType.BOOL)


def _logic(step: Call, arguments: Sequence[_Said], kind: ValueType, _: Writer) -> _Said:
    if step.operation == "not":
        return _Said(f"(NOT {arguments[0].sql})", kind)
    return _Said(f"({arguments[0].sql} {step.operation.upper()} {arguments[1].sql})", kind)


def _arithmetic(step: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    """What passes the range is an error of the query, and then the rows are streamed; SQLite would go on with floats."""
    if is_text(kind) or (writer.dialect == "sqlite" and kind is ColumnType.INT):
        raise UnsayableError(f"`{step.operation}` of {kind.value}")
    sign = step.operation.removeprefix("unary ")
    inner = f"({sign}{arguments[0].sql})" if len(arguments) == 1 else f"({arguments[0].sql} {sign} {arguments[1].sql})"
    return _Said(inner, kind, may_be_nan=kind is ColumnType.FLOAT and writer.dialect != "sqlite")


def _quotient(_: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    above, below = arguments
    if not below.constant:
        raise UnsayableError("a division by what may be 0")
    return _Said(f"({above.sql} / {below.sql})", kind, may_be_nan=above.may_be_nan and writer.dialect != "sqlite")


def _modulo(_: Call, arguments: Sequence[_Said], kind: ValueType, __: Writer) -> _Said:
    above, below = arguments
    number = below.constant
    if kind is not ColumnType.INT or not isinstance(number, int) or not 0 < number < 1 << 31:
        raise UnsayableError("`%` of anything but whole numbers by a number above 0")
    return _Said(f"((({above.sql} % {number}) + {number}) % {number})", kind)


def _is_null(_: Call, arguments: Sequence[_Said], kind: ValueType, __: Writer) -> _Said:
    return _Said(f"({arguments[0].sql} IS NULL)", kind)


def _coalesce(_: Call, arguments: Sequence[_Said], kind: ValueType, __: Writer) -> _Said:
    return _Said(f"COALESCE({', '.join(side.sql for side in arguments)})", kind, any(side.may_be_nan for side in arguments))


def _if(_: Call, arguments: Sequence[_Said], kind: ValueType, __: Writer) -> _Said:
    condition, one, other = arguments
    return _Said(f"(CASE WHEN {condition.sql} THEN {one.sql} ELSE {other.sql} END)", kind, one.may_be_nan or other.may_be_nan)


def _length(_: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    if writer.dialect == "sqlite":
        raise UnsayableError("`length` of texts that may hold a zero character")
    return _Said(f"CAST(length({arguments[0].sql}) AS bigint)", kind)


def _to_float(_: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    (value,) = arguments
    if value.type not in _NUMBERS:
        raise UnsayableError(f"{value.type.value} as float")
    return _Said(f"CAST({value.sql} AS {DOUBLE[writer.dialect]})", kind)


def _to_datetime(_: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    _refuse_texts_of_days(writer)
    return _Said(f"CAST({arguments[0].sql} AS timestamp)", kind)


def _to_decimal(_: Call, arguments: Sequence[_Said], kind: ValueType, __: Writer) -> _Said:
    if not (isinstance(kind, DecimalType) or arguments[0].type is ColumnType.INT):
        raise UnsayableError(f"{arguments[0].type.value} as decimal")
    return _Said(arguments[0].sql, kind)


def _refuse_texts_of_days(writer: Writer) -> None:
    if writer.dialect == "sqlite":
        raise UnsayableError("SQLite keeps days as texts")


def _date_part(step: Call, arguments: Sequence[_Said], kind: ValueType, writer: Writer) -> _Said:
    _refuse_texts_of_days(writer)
    return _Said(f"CAST(EXTRACT({_PARTS[step.operation]} FROM {arguments[0].sql}) AS bigint)", kind)


_Maker = Callable[[Call, Sequence[_Said], ValueType, Writer], _Said]
_CALLS: dict[str, _Maker] = {
    **dict.fromkeys(_COMPARISONS, _comparison),
    **dict.fromkeys(("and", "or", "not"), _logic),
    **dict.fromkeys(("+", "-", "*", "unary -"), _arithmetic),
    **dict.fromkeys(_PARTS, _date_part),
    "/": _quotient,
    "%": _modulo,
    "is_null": _is_null,
    "coalesce": _coalesce,
    "if_": _if,
    "length": _length,
    "to float": _to_float,
    "to datetime": _to_datetime,
}
