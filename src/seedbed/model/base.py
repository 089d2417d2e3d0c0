"""The ground of every part of a model: frozen, strict, no unknown keys, a comment anywhere."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

T = TypeVar("T")

#: A list in the document, a tuple in the model; the items stay strict.
Items = Annotated[tuple[T, ...], Field(strict=False)]

#: A list that must not be empty.
NonEmpty = Annotated[tuple[T, ...], Field(strict=False, min_length=1)]

#: A list of many single values: reading stops at the first wrong one.
Values = Annotated[tuple[T, ...], Field(strict=False, min_length=1, fail_fast=True)]

#: The name of a node or column: letters, digits and underscores, not starting with a digit; at most 128 characters.
Name = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*$", max_length=128)]

#: A column written as `table.column`.
ColumnRef = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*\.[^\W\d]\w*$", max_length=257)]

#: What a row can read: a column, `link.column` of a row it refers to, or a field of either, at most `link.column.field`.
RowRef = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*){0,2}$", max_length=390)]

#: A date or a date with time in ISO 8601, as text; checked when the model is compiled.
Moment = Annotated[str, StringConstraints(min_length=4, max_length=40)]

#: A number that is finite: NaN and infinity are refused.
Number = Annotated[float, Field(allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

#: The name of a locale, as Faker spells it.
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}[_-][A-Za-z]{2,4}$")]

#: What marks a key that documents of version 1.0 do not have.
SINCE_2: dict[str, JsonValue] = {"since": "2.0"}

#: A single value as JSON spells it.
Scalar = bool | int | Number | str


class Part(BaseModel):
    """A part of a model: frozen, strict about types, refusing keys it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True, defer_build=True)

    comment: str | None = Field(default=None, description="Free text for the reader; it changes nothing.")


def table_of(ref: str) -> str:
    """The table of a `table.column` reference.

    >>> table_of("customer.id")
    'customer'
    """
    return ref.partition(".")[0]


def column_of(ref: str) -> str:
    """The column of a `table.column` reference.

    >>> column_of("customer.id")
    'id'
    """
    return ref.partition(".")[2]
