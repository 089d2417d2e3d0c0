"""Promises that each row keeps or breaks by itself: nulls, ranges, lists, patterns, two columns of the row."""

from __future__ import annotations

import operator
from base64 import b64decode
from collections.abc import Callable
from json import loads
from typing import Any, ClassVar, Literal, Protocol, Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.outcome import MOST_SAMPLES, CheckResult
from seedbed.check.patterns import flags, found_in
from seedbed.check.view import Mask, UnreadableError, View, is_text
from seedbed.core import compute as pc
from seedbed.core.block import NUMBERS, ColumnType, ValueType, column_type, scale_of
from seedbed.core.records import dataclass
from seedbed.core.text import bytes_array, string_array
from seedbed.core.wide import scaled_up

Operator: TypeAlias = Literal["<", "<=", ">", ">="]

OPERATIONS: dict[Operator, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class RowTest(Protocol):
    """A promise about single rows. Two equal tests are one; a null never breaks a test of values."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        ...

    def broken(self, view: View) -> Mask:
        """Which rows break the promise; shape (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class NotNull:
    """Every row has a value."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The nulls."""
        valid = view.valid(self.column)
        return np.zeros(view.rows, np.bool_) if valid is None else ~valid


@dataclass(frozen=True, slots=True)
class InRange:
    """low <= value <= high; for dates in days, for datetimes and times in microseconds, for decimals in units. NaN is in no range."""

    column: str
    low: int | float | None
    high: int | float | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The values outside."""
        numbers = view.exact_numbers(self.column)
        inside = np.ones(view.rows, np.bool_) if self.low is None else numbers >= self.low
        if self.high is not None:
            inside &= numbers <= self.high
        return with_value(view, self.columns, ~inside)


@dataclass(frozen=True, slots=True)
class InSet:
    """The value is one of a list: of texts, of numbers, units, days, microseconds or truth values; bytes as Base64."""

    column: str
    values: tuple[str, ...] | tuple[int | float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The values that aren't in the list."""
        kind = view.table.types[self.column]
        if is_text(kind):
            texts = [str(value) for value in self.values]
            is_binary = kind is ColumnType.BYTES
            allowed = bytes_array([b64decode(text) for text in texts]).view(pa.string()) if is_binary else string_array(texts)
            known = view.texts(self.column, lambda texts: flags(pc.is_in(texts, value_set=allowed)))
        else:
            numbers = view.exact_numbers(self.column)
            held = [value for value in self.values if numbers.dtype != np.int64 or _LEAST <= value <= _MOST]  # type: ignore[operator]  # numbers
            known = np.isin(numbers, np.array(held, numbers.dtype))
        return with_value(view, self.columns, ~known)


@dataclass(frozen=True, slots=True)
class Matches:
    """The regular expression (RE2) is found in the text; `^` and `$` anchor it, as `pattern` of JSON Schema does."""

    column: str
    regex: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The texts in which the expression isn't found."""
        try:
            found = view.texts(self.column, lambda texts: found_in(texts, self.regex))
        except pa.ArrowInvalid as error:
            raise UnreadableError(f"`{self.regex}` is no regular expression of RE2: {error}") from error
        return with_value(view, self.columns, ~found)


@dataclass(frozen=True, slots=True)
class IsJson:
    """The text is JSON."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The texts that are none."""
        good = view.texts(self.column, lambda texts: np.array([text is None or _is_json(text) for text in texts.to_pylist()], np.bool_))
        return with_value(view, self.columns, ~good)


def _is_json(text: str) -> bool:
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Compares:
    """left op right, in every row that has both; NaN compares with nothing."""

    left: str
    op: Operator
    right: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return (self.left, self.right)

    def broken(self, view: View) -> Mask:
        """The rows in which it doesn't hold."""
        left, right = comparable(view, self.left, view.table.types[self.right]), comparable(view, self.right, view.table.types[self.left])
        return with_value(view, self.columns, ~OPERATIONS[self.op](left, right))


_TIMES = (ColumnType.DATE, ColumnType.DATETIME)
_LEAST, _MOST = -(2**63), 2**63 - 1

#: Numbers that are compared digit by digit.
EXACT = frozenset({ColumnType.INT, ColumnType.DECIMAL})


def comparable(view: View, name: str, other: ValueType) -> NDArray[Any]:
    """A column's numbers, units of the finer scale where decimals are compared, or microseconds where two kinds of time are; shape (n,).

    Raises:
        UnreadableError: the two can't be compared.
    """
    kind = view.table.types[name]
    if kind in _TIMES and other in _TIMES:
        return view.numbers(name) if kind is other else view.moments(name)
    if kind == other is ColumnType.TIME:
        return view.exact_numbers(name)
    if {column_type(kind), column_type(other)} <= EXACT:
        return scaled_up(view.exact_numbers(name), max(scale_of(other) - scale_of(kind), 0))
    if {column_type(kind), column_type(other)} <= NUMBERS:
        return view.numbers(name)
    raise UnreadableError(f"`{name}` is {kind.value}, the other column {other.value}: they can't be compared")


def with_value(view: View, columns: tuple[str, ...], broken: Mask) -> Mask:
    """Those broken rows that have a value in each column."""
    valid = view.both_valid(columns)
    return broken if valid is None else broken & valid


@dataclass(slots=True)
class TallyState:
    """The rows that break a test."""

    is_small: ClassVar[bool] = True

    test: RowTest
    failures: Failures

    def update(self, view: View) -> None:
        """Test a batch."""
        self.failures.add(view, self.test.broken(view), self.test.columns)

    def merge(self, other: Self) -> None:
        """Take in the failures of other batches."""
        self.failures.merge(other.failures)


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of a table that break a test."""

    table: str
    test: RowTest
    samples: int = MOST_SAMPLES

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the test."""
        return self.test.columns

    def start(self) -> TallyState:
        """No row tested yet."""
        return TallyState(self.test, Failures(self.samples))


@dataclass(frozen=True, slots=True)
class RowCheck:
    """No row breaks the test."""

    about: Promise
    test: RowTest

    @property
    def measure(self) -> Tally:
        """The rows that break it."""
        return Tally(self.about.table, self.test, self.about.samples)

    @property
    def measures(self) -> tuple[Tally, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Count the rows that break it."""
        rows = states.rows(self.about.table)
        failures = states.of(self.measure).failures
        if not failures.count:
            return self.about.passed(rows)
        return self.about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that break it."""
        return Marker(self.test.columns, self.test.broken)
