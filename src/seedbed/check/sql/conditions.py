"""Tests of single rows as SQL: the condition that failing rows meet, and no others. A null meets none but those about nulls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from seedbed.check.conditions import Condition
from seedbed.check.forms import PATTERNS, HasForm
from seedbed.check.rowtests import Ascending, Compared, Complete, Implied, IsNull, IsTrue, NotInSet, NotMatches, UniqueWithin
from seedbed.check.rules import Holds
from seedbed.check.sql.dialect import DOUBLE, UnsayableError, text
from seedbed.check.sql.expressions import said
from seedbed.check.sql.regex import postgres_regex
from seedbed.check.sql.writer import Writer
from seedbed.check.values import Compares, InRange, InSet, Matches, NotNull, RowTest
from seedbed.check.view import is_text
from seedbed.core.block import ColumnType, DecimalType, ValueType, column_type

_OPPOSITE = {"==": "<>", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TIMES = (ColumnType.DATE, ColumnType.DATETIME)
_BINARY = (ColumnType.INT, ColumnType.FLOAT)


def broken(test: RowTest, writer: Writer) -> str:
    """The condition that the rows meet that break a test.

    Raises:
        UnsayableError: SQL can't say it as the test means it.
    """
    make = _TESTS.get(type(test))
    if make is None:
        raise UnsayableError(f"{type(test).__name__} is no condition of SQL")
    return make(test, writer)


def meant(condition: Condition | None, writer: Writer) -> str | None:
    """The rows that a check is about.

    Raises:
        UnsayableError: SQL would mean others.
    """
    return None if condition is None else said(condition.expression, writer)


def all_of(conditions: Iterable[str | None]) -> str:
    """The rows that meet each of the conditions; those that are None are none."""
    return " AND ".join(f"({condition})" for condition in conditions if condition) or "TRUE"


def any_of(conditions: Iterable[str | None]) -> str:
    """The rows that meet one of the conditions."""
    return " OR ".join(condition for condition in conditions if condition) or "FALSE"


def known(columns: Iterable[str], writer: Writer) -> str:
    """The rows that have a value in each column."""
    return " AND ".join(f"{writer.name(column)} IS NOT NULL" for column in columns)


def _not_null(test: NotNull, writer: Writer) -> str:
    return f"{writer.name(test.column)} IS NULL"


def _null(test: IsNull, writer: Writer) -> str:
    return f"{writer.name(test.column)} IS NOT NULL"


def _complete(test: Complete, writer: Writer) -> str:
    return any_of(f"{writer.name(column)} IS NULL" for column in test.columns)


def _range(test: InRange, writer: Writer) -> str:
    value = writer.value(test.column)
    bounds = ((sign, end) for sign, end in (("<", test.low), (">", test.high)) if end is not None)
    outside: list[str | None] = [f"{value} {sign} {_end(end, test.column, writer)}" for sign, end in bounds]
    return any_of([*outside, writer.is_nan(test.column)] if outside else [])


def _end(end: float, column: str, writer: Writer) -> str:
    """An end of a range; of decimals it may lie between two units, then it is a float."""
    if isinstance(writer.kind(column), DecimalType) and end != int(end):
        raise UnsayableError("an end between two decimals")
    return writer.literal(column, end)


def _inside(test: InSet, writer: Writer, *, out: bool) -> str:
    """The values that are, or are not, in the list."""
    if writer.kind(test.column) is ColumnType.BYTES:
        raise UnsayableError("a list of bytes")
    value = writer.value(test.column)
    if not test.values:
        return f"{writer.name(test.column)} IS NOT NULL" if out else "FALSE"
    listed = ", ".join(writer.literal(test.column, item) for item in test.values)
    return f"{value} {'NOT IN' if out else 'IN'} ({listed})"


def _set(test: InSet, writer: Writer) -> str:
    return _inside(test, writer, out=True)


def _not_set(test: NotInSet, writer: Writer) -> str:
    inside = _inside(test.inside, writer, out=False)
    return any_of([inside, f"{writer.name(test.inside.column)} IS NULL"]) if test.nulls else inside


def _text(column: str, writer: Writer) -> str:
    kind = writer.kind(column)
    if not is_text(kind) or kind is ColumnType.BYTES:
        raise UnsayableError(f"`{column}` is {kind.value}")
    return writer.value(column)


def _found(column: str, regex: str, writer: Writer) -> str:
    if writer.dialect == "duckdb":
        return f"regexp_matches({_text(column, writer)}, {text(regex, 'duckdb')})"
    if writer.dialect == "postgres":
        return f"{_text(column, writer)} ~ {text(postgres_regex(regex), 'postgres')}"
    raise UnsayableError("SQLite has no regular expressions")


def _matches(test: Matches, writer: Writer) -> str:
    return f"NOT ({_found(test.column, test.regex, writer)})"


def _not_matches(test: NotMatches, writer: Writer) -> str:
    return _found(test.column, test.regex, writer)


def _form(test: HasForm, writer: Writer) -> str:
    if test.form in PATTERNS:
        return f"NOT ({_found(test.column, PATTERNS[test.form], writer)})"
    if test.form not in _FORMS or writer.dialect == "sqlite":  # its texts may end for its functions at a zero character
        raise UnsayableError(f"the form {test.form}")
    return _FORMS[test.form](_text(test.column, writer), test.argument, writer)


def _length(value: str, argument: str, writer: Writer) -> str:  # noqa: ARG001 - the shape of all forms
    low, _, high = argument.partition(":")
    least = f"length({value}) < {int(low)}" if int(low or 0) else None
    return any_of([least, f"length({value}) > {int(high)}" if high else None])


def _prefix(value: str, argument: str, writer: Writer) -> str:
    return f"NOT starts_with({value}, {text(argument, writer.dialect)})"


def _suffix(value: str, argument: str, writer: Writer) -> str:
    return f"right({value}, {len(argument)}) <> {text(argument, writer.dialect)}"


def _like(value: str, argument: str, writer: Writer) -> str:
    escape = text("\\", writer.dialect)
    return f"{value} NOT LIKE {text(argument, writer.dialect)} ESCAPE {escape}"


_FORMS: dict[str, Callable[[str, str, Writer], str]] = {"length": _length, "prefix": _prefix, "suffix": _suffix, "like": _like}


def differs(left: str, op: str, right: str, writer: Writer) -> str:
    """The rows that have both columns and in which `left op right` doesn't hold; NaN compares with nothing.

    Raises:
        UnsayableError: SQL compares the two otherwise.
    """
    one, other = _sides(left, right, writer)
    unordered = [writer.is_nan(left), writer.is_nan(right)]
    plain = f"{one} {_OPPOSITE[op]} {other}"
    if op == "!=" and any(unordered):  # NaN is unequal to everything, itself too
        return all_of([plain, *(f"NOT {nan}" for nan in unordered if nan)])
    if not any(unordered):
        return plain
    return all_of([known((left, right), writer), any_of([plain, *unordered])])


def _sides(left: str, right: str, writer: Writer) -> tuple[str, str]:
    kinds = writer.kind(left), writer.kind(right)
    one, other = writer.value(left), writer.value(right)
    if getattr(writer.stored(left), "tz", None) != getattr(writer.stored(right), "tz", None):
        raise UnsayableError("a comparison of moments with and without a time zone")
    if kinds[0] == kinds[1] or (is_text(kinds[0]) and is_text(kinds[1])):
        return one, other
    if kinds[0] in _TIMES and kinds[1] in _TIMES and writer.dialect != "sqlite":
        return _as(one, kinds[0], ColumnType.DATE, "timestamp"), _as(other, kinds[1], ColumnType.DATE, "timestamp")
    if {column_type(kind) for kind in kinds} <= set(_BINARY):
        double = DOUBLE[writer.dialect]
        return _as(one, kinds[0], ColumnType.INT, double), _as(other, kinds[1], ColumnType.INT, double)
    raise UnsayableError(f"a comparison of {kinds[0].value} with {kinds[1].value}")


def _as(value: str, kind: ValueType, if_kind: ValueType, wanted: str) -> str:
    return f"CAST({value} AS {wanted})" if kind == if_kind else value


def _compares(test: Compares | Compared, writer: Writer) -> str:
    return differs(test.left, test.op, test.right, writer)


def _pairs(columns: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(one, other) for place, one in enumerate(columns) for other in columns[place + 1 :]]


def _ascending(test: Ascending, writer: Writer) -> str:
    op = "<" if test.is_strict else "<="
    return any_of(differs(one, op, other, writer) for one, other in _pairs(test.columns))


def _unique_within(test: UniqueWithin, writer: Writer) -> str:
    return any_of(differs(one, "!=", other, writer) for one, other in _pairs(test.columns))


def _holds(test: Holds | IsTrue, writer: Writer) -> str:
    return f"NOT {said(test.expression, writer)}"


def _implied(test: Implied, writer: Writer) -> str:
    return all_of([said(test.condition, writer), f"NOT {said(test.expression, writer)}"])


_TESTS: dict[type, Callable[[Any, Writer], str]] = {
    NotNull: _not_null,
    IsNull: _null,
    Complete: _complete,
    InRange: _range,
    InSet: _set,
    NotInSet: _not_set,
    Matches: _matches,
    NotMatches: _not_matches,
    HasForm: _form,
    Compares: _compares,
    Compared: _compares,
    Ascending: _ascending,
    UniqueWithin: _unique_within,
    Holds: _holds,
    IsTrue: _holds,
    Implied: _implied,
}
