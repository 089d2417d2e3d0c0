"""Checks of single values and rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import NonEmpty, Scalar, Values
from seedbed.model.checks.base import Bound, CheckOf, Count, DataName, OfColumn, Regex, RowExpression, Words, refuse_no_ends


class InRange(OfColumn):
    """Every value lies between `min` and `max`: numbers, dates, moments or times of day; NaN lies nowhere."""

    kind: Literal["range"]
    min: Bound | None = Field(default=None, description="The least value, a number or a moment.")
    max: Bound | None = Field(default=None, description="The greatest value; a date alone means its whole day.")
    exclusive: bool = Field(default=False, description="Whether the ends themselves are outside.")

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        refuse_no_ends(self.min, self.max)
        return self


class InSet(OfColumn):
    """Every value is one of a list."""

    kind: Literal["in_set"]
    values: Values[Scalar] = Field(description="The values there may be.")
    ignore_case: bool = Field(default=False, description="Texts: whether capitals count as small letters.")


class NotInSet(OfColumn):
    """No value is one of a list."""

    kind: Literal["not_in_set"]
    values: Values[Scalar] = Field(description="The values that are forbidden.")
    ignore_case: bool = Field(default=False, description="Texts: whether capitals count as small letters.")


class Matches(OfColumn):
    """A regular expression (RE2) is found in every value."""

    kind: Literal["regex"]
    regex: Regex = Field(description="RE2 syntax; write ^..$ for the whole value.")


class NotMatches(OfColumn):
    """A regular expression (RE2) is found in no value."""

    kind: Literal["not_regex"]
    regex: Regex = Field(description="RE2 syntax; write ^..$ for the whole value.")


class Like(OfColumn):
    """Every value fits a pattern of SQL: `%` is any text, `_` any character."""

    kind: Literal["like"]
    pattern: Words = Field(description="Such as `AB-%`; a backslash takes the next character as it is.")


class Length(OfColumn):
    """Every text has so many characters."""

    kind: Literal["length"]
    min: Count | None = Field(default=None, description="The fewest characters.")
    max: Count | None = Field(default=None, description="The most characters.")

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        refuse_no_ends(self.min, self.max)
        return self


class Email(OfColumn):
    """Every value looks like an e-mail address: ASCII, one @, a domain with a dot."""

    kind: Literal["email"]


class Phone(OfColumn):
    """Every value looks like a phone number: 7 to 15 digits, with `+`, blanks, dots, dashes, slashes or brackets between."""

    kind: Literal["phone"]


class Url(OfColumn):
    """Every value looks like an address of http or https."""

    kind: Literal["url"]


class Prefix(OfColumn):
    """Every text begins so."""

    kind: Literal["prefix"]
    prefix: Words


class Suffix(OfColumn):
    """Every text ends so."""

    kind: Literal["suffix"]
    suffix: Words


class DatetimeFormat(OfColumn):
    """Every text is a moment in a format of strptime, and there is such a day."""

    kind: Literal["datetime_format"]
    format: Words = Field(description="Such as `%Y-%m-%d %H:%M:%S`.")


class Parseable(OfColumn):
    """Every text can be read as something."""

    kind: Literal["parseable"]
    as_: Literal["json", "date", "datetime", "int", "float"] = Field(alias="as", description="What it can be read as; dates in ISO 8601.")


class JsonSchemaCheck(OfColumn):
    """Every text is JSON that a JSON Schema (2020-12) takes."""

    kind: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema", description="The schema; references to other documents are refused.")


class Monotonic(OfColumn):
    """Values rise or fall from row to row, nulls left out."""

    kind: Literal["monotonic"]
    direction: Literal["increasing", "decreasing"] = "increasing"
    strict: bool = Field(default=False, description="Whether equal neighbours are forbidden.")


class Checksum(OfColumn):
    """Every text has a check digit that fits."""

    kind: Literal["checksum"]
    algorithm: Literal["luhn", "iban"]


class PluginCheck(OfColumn):
    """Every value passes a check that an installed package offers."""

    kind: Literal["plugin"]
    name: Words = Field(description="Its name among the entry points `seedbed.checks`.")
    args: dict[str, Any] = Field(default={}, description="Its parameters.")


class CompareColumns(CheckOf):
    """left op right, in every row that has both."""

    kind: Literal["compare_columns"]
    left: DataName
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    right: DataName


class RowExpressionCheck(CheckOf):
    """An expression over the row's columns is true; null counts as true."""

    kind: Literal["row_expression"]
    expr: RowExpression


class Conditional(CheckOf):
    """Where one expression is true, the other one is."""

    kind: Literal["conditional"]
    if_: RowExpression = Field(alias="if")
    then: RowExpression


class TemporalOrderInRow(CheckOf):
    """Columns of moments come one after the other in every row; across tables with `on`."""

    kind: Literal["temporal_order"]
    columns: NonEmpty[DataName] | None = Field(default=None, description="Columns of the row, the earliest first.")
    column: DataName | None = Field(default=None, description="The row's own moment, which comes after the other table's.")
    after: Annotated[str, Field(pattern=r"^[^.]+\.[^.]+$", max_length=600)] | None = Field(
        default=None, description="`table.column`: the moment in the other table."
    )
    on: dict[DataName, DataName] = Field(default={}, description="The row's column and the other table's column that hold the same key.")
    strict: bool = Field(default=False, description="Whether equal moments are forbidden.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        own = self.columns is not None and len(self.columns) > 1 and not (self.column or self.after or self.on)
        across = self.columns is None and self.column is not None and self.after is not None and len(self.on) == 1
        if not (own or across):
            message = "this check needs two `columns`, or `column`, `after` and one pair `on`"
            raise PydanticCustomError("plugin", "{said}", {"said": message, "fix": "give `columns: [a, b]`"})
        return self


ValueCheck = (
    InRange | InSet | NotInSet | Matches | NotMatches | Like | Length | Email | Phone | Url | Prefix | Suffix | DatetimeFormat | Parseable
    | JsonSchemaCheck
    | PluginCheck | Monotonic | Checksum | CompareColumns | RowExpressionCheck | Conditional | TemporalOrderInRow
)  # fmt: skip
