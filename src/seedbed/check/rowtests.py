"""Further promises that each row keeps or breaks by itself."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa

from seedbed.check.conditions import truth
from seedbed.check.patterns import flags, found_in
from seedbed.check.values import InSet, RowTest, comparable, with_value
from seedbed.check.view import Mask, UnreadableError, View, is_text
from seedbed.core import compute as pc
from seedbed.core.block import ValueType
from seedbed.core.expression import CompiledExpression
from seedbed.core.records import dataclass
from seedbed.core.text import string_array

Comparison: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class IsNull:
    """No row has a value."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The rows that have one."""
        valid = view.valid(self.column)
        return np.ones(view.rows, np.bool_) if valid is None else valid.copy()


@dataclass(frozen=True, slots=True)
class Complete:
    """Every row has a value in each column."""

    columns: tuple[str, ...]

    def broken(self, view: View) -> Mask:
        """The rows that lack one."""
        valid = view.both_valid(self.columns)
        return np.zeros(view.rows, np.bool_) if valid is None else ~valid


@dataclass(frozen=True, slots=True)
class NotInSet:
    """No value is one of a list; with `nulls` a null breaks it too."""

    inside: InSet
    nulls: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return self.inside.columns

    def broken(self, view: View) -> Mask:
        """The values in the list."""
        valid = view.valid(self.inside.column)
        every = np.ones(view.rows, np.bool_) if valid is None else valid
        outside = self.inside.broken(view) if self.inside.values else every
        if valid is None:
            return ~outside
        listed: Mask = valid & ~outside
        return listed | ~valid if self.nulls else listed


@dataclass(frozen=True, slots=True)
class InTexts:
    """The text is one of a list, capitals and small letters alike."""

    column: str
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The texts that aren't in the list."""
        allowed = pc.utf8_lower(string_array(list(self.values)))
        known = view.texts(self.column, lambda texts: flags(pc.is_in(pc.utf8_lower(texts), value_set=allowed)))
        return with_value(view, self.columns, ~known)


@dataclass(frozen=True, slots=True)
class NotMatches:
    """The regular expression (RE2) is nowhere in the text."""

    column: str
    regex: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The texts in which it is found."""
        try:
            found = view.texts(self.column, lambda texts: found_in(texts, self.regex))
        except pa.ArrowInvalid as error:
            raise UnreadableError(f"`{self.regex}` is no regular expression of RE2: {error}") from error
        return with_value(view, self.columns, found)


@dataclass(frozen=True, slots=True)
class UniqueWithin:
    """No row has the same value in two of the columns; nulls are equal to nothing."""

    columns: tuple[str, ...]

    def broken(self, view: View) -> Mask:
        """The rows that have."""
        broken = np.zeros(view.rows, np.bool_)
        for place, one in enumerate(self.columns):
            for other in self.columns[place + 1 :]:
                broken |= with_value(view, (one, other), compared(view, one, "==", other))
        return broken


@dataclass(frozen=True, slots=True)
class Compared:
    """left op right, in every row that has both; texts by code points, numbers and times by size; NaN compares with nothing."""

    left: str
    op: Comparison
    right: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return (self.left, self.right)

    def broken(self, view: View) -> Mask:
        """The rows in which it doesn't hold."""
        return with_value(view, self.columns, ~compared(view, self.left, self.op, self.right))


def compared(view: View, left: str, op: str, right: str) -> Mask:
    """Whether `left op right`, row by row, shape (n,); anything where one is null.

    Raises:
        UnreadableError: the two can't be compared.
    """
    kinds: tuple[ValueType, ValueType] = (view.table.types[left], view.table.types[right])
    if is_text(kinds[0]) and is_text(kinds[1]):
        return flags(getattr(pc, _TEXT_COMPARISONS[op])(_plain_texts(view, left), _plain_texts(view, right)))
    if kinds[0] == kinds[1] and not is_text(kinds[0]):
        found: Mask = COMPARISONS[op](view.exact_numbers(left), view.exact_numbers(right))
        return found
    answer: Mask = COMPARISONS[op](comparable(view, left, kinds[1]), comparable(view, right, kinds[0]))
    return answer


def _plain_texts(view: View, name: str) -> pa.Array:
    array = view.typed(name)
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    return array.cast(pa.string())


#: What Arrow calls them.
_TEXT_COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal"}


@dataclass(frozen=True, slots=True)
class Ascending:
    """Columns rise from left to right in each row; those that are null are left out."""

    columns: tuple[str, ...]
    is_strict: bool

    def broken(self, view: View) -> Mask:
        """The rows in which a later column is before an earlier one."""
        op = "<" if self.is_strict else "<="
        broken = np.zeros(view.rows, np.bool_)
        for place, one in enumerate(self.columns):
            for other in self.columns[place + 1 :]:
                broken |= with_value(view, (one, other), ~compared(view, one, op, other))
        return broken


@dataclass(frozen=True, slots=True)
class IsTrue:
    """An expression is true in every row; null counts as true."""

    expression: CompiledExpression

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.expression.names

    def broken(self, view: View) -> Mask:
        """The rows in which it is false."""
        return ~truth(self.expression, view, otherwise=True)


@dataclass(frozen=True, slots=True)
class Implied:
    """Where one expression is true, the other isn't false."""

    condition: CompiledExpression
    expression: CompiledExpression

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that both read."""
        return tuple(dict.fromkeys([*self.condition.names, *self.expression.names]))

    def broken(self, view: View) -> Mask:
        """The rows in which the one is true and the other false."""
        return truth(self.condition, view, otherwise=False) & ~truth(self.expression, view, otherwise=True)


__all__ = [
    "Ascending",
    "Compared",
    "Complete",
    "Implied",
    "InTexts",
    "IsNull",
    "IsTrue",
    "NotInSet",
    "NotMatches",
    "RowTest",
    "UniqueWithin",
]
