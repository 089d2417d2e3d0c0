"""What all checks of a checks document have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from seedbed.core.expression import ExpressionError, parse
from seedbed.model.base import Items, Moment, NonEmpty, Number, Part, Share

#: The name of a table or column of data of any origin: not empty, at most 300 characters.
DataName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=300)]

#: One column, or several that are checked each by itself.
EachColumn: TypeAlias = DataName | NonEmpty[DataName]


def _is_expression(text: str) -> str:
    try:
        parse(text)
    except ExpressionError as error:
        raise PydanticCustomError("plugin", "{said}", {"said": error.problems[0].message, "fix": error.problems[0].fix}) from error
    return text


#: An expression over the columns of a row.
RowExpression: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_is_expression)]

Regex: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Words: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Duration: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)? ?(s|sec|second|min|minute|h|hour|d|day|w|week)s?$", max_length=40)
]


class CheckOf(Part):
    """A check: what it is called, how grave it is, which rows it is about, and what becomes of failing rows."""

    counts_rows: ClassVar[bool] = True
    if TYPE_CHECKING:
        kind: str  # every class of a kind has it

    id: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        default=None, description="What reports call it; made of table, column and kind where left out."
    )
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = Field(default=None, description="What it is for.")
    severity: Literal["info", "warning", "error", "critical"] = Field(
        default="error", description="How grave a failure is; only error and critical change the exit code."
    )
    threshold: Count | Share | None = Field(
        default=None, description="How many failing rows are allowed: a whole number of them, or a share such as 0.01."
    )
    where: RowExpression | None = Field(default=None, description="Only rows for which this expression is true.")
    sample: Annotated[int, Field(ge=0, le=1_000)] = Field(default=5, description="How many failing rows the report shows.")
    quarantine: bool = Field(default=True, description="Whether failing rows go into quarantine where one is asked for.")
    dimension: Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"] | None = Field(
        default=None, description="The dimension of ODCS 3.1 that it counts for; that of its kind where left out."
    )
    tags: Items[Words] = Field(default=(), description="Words to find it by.")
    owner: Words | None = Field(default=None, description="Who answers for it.")

    @model_validator(mode="after")
    def _rows_only(self) -> Self:
        if self.threshold is not None and not self.counts_rows:
            message = "this kind of check is about no single rows: it takes no `threshold`"
            raise PydanticCustomError("plugin", "{said}", {"said": message, "fix": "remove `threshold`"})
        return self


class OfColumn(CheckOf):
    """A check of a column, or of each of several."""

    column: EachColumn = Field(description="The column, or a list of columns that are checked each by itself.")

    @property
    def each(self) -> tuple[str, ...]:
        """The columns."""
        return (self.column,) if isinstance(self.column, str) else self.column


class OfColumns(CheckOf):
    """A check of columns that count together."""

    columns: NonEmpty[DataName] = Field(description="The columns, which count together.")


#: An end of a range: whole numbers stay whole, so that no rounding of large ones decides.
Bound: TypeAlias = Annotated[int, Field(ge=-(10**38), le=10**38)] | Number | Moment


class Bounds(Part):
    """A lowest and a highest value, at least one of them."""

    min: Number | None = Field(default=None, description="The least it may be.")
    max: Number | None = Field(default=None, description="The most it may be.")

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        refuse_no_ends(self.min, self.max)
        return self


def refuse_no_ends(low: float | str | None, high: float | str | None) -> None:
    """Refuse bounds without ends, and ends the wrong way round."""
    if low is None and high is None:
        raise PydanticCustomError("range_empty", "this check needs `min`, `max` or both", {})
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        raise PydanticCustomError("inverted", "`min` {low} is above `max` {high}", {"low": low, "high": high})
    if low is not None and high is not None and isinstance(low, str) != isinstance(high, str):
        raise PydanticCustomError("range_types", "`min` and `max` are both numbers or both moments", {})


class Statistic(OfColumn, Bounds):
    """A figure of a column that lies within bounds."""

    counts_rows: ClassVar[bool] = False
