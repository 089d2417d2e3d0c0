"""What must hold, and what is wished for."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import (
    SINCE_2,
    ColumnRef,
    Items,
    Name,
    NonEmpty,
    NonNegative,
    Number,
    Part,
    Positive,
    Scalar,
    Share,
    Values,
    table_of,
)
from seedbed.model.generators.datetime_series import Dimension
from seedbed.model.generators.distribution import Distribution

#: A column, or several of one table that count together.
ColumnSet = ColumnRef | NonEmpty[ColumnRef]


class ForeignKey(Part):
    """Every value of `from` is a value of `to`."""

    since_lists: ClassVar[dict[str, int]] = {"from_": 1, "to": 1}
    model_config = ConfigDict(populate_by_name=True)

    from_: ColumnSet = Field(alias="from", description="`table.column` that refers, or a list of them.")
    to: ColumnSet = Field(description="The column of unique values that is referred to: `table.column`, or as many columns as `from` has.")

    @model_validator(mode="after")
    def _in_pairs(self) -> Self:
        if len(self.sources) != len(self.goals):
            counts = {"left": len(self.sources), "right": len(self.goals)}
            raise PydanticCustomError("foreign_key_pairs", "`from` has {left} columns, `to` has {right}", counts)
        for side, refs in (("from", self.sources), ("to", self.goals)):
            if len({table_of(ref) for ref in refs}) > 1:
                raise PydanticCustomError("foreign_key_table", "the columns of `{side}` are of several tables", {"side": side})
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that refer."""
        return columns_in(self.from_)

    @property
    def goals(self) -> tuple[str, ...]:
        """The columns referred to, in the order of `sources`."""
        return columns_in(self.to)


def columns_in(found: str | tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a column, or of a list of them."""
    return (found,) if isinstance(found, str) else found


class Range(Part):
    """min <= value <= max; numbers, or moments as text."""

    attr: ColumnRef = Field(description="`table.column`.")
    min: Number | str | None = Field(
        default=None, description="The least value, a number or a moment; a decimal in quotes keeps more than 15 digits."
    )
    max: Number | str | None = Field(default=None, description="The greatest value; a date alone means its whole day.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("range_empty", "a range needs `min`, `max` or both", {})
        if self.min is not None and self.max is not None:
            if isinstance(self.min, str) != isinstance(self.max, str):
                raise PydanticCustomError("range_types", "`min` and `max` of a range are both numbers or both moments", {})
            if isinstance(self.min, float) and isinstance(self.max, float):  # moments are compared when they are read as such
                _refuse_inverted(self.min, self.max)
        return self


class Inequality(Part):
    """left op right, in every row; `right` may be in a child of `left`'s table, or the other way round."""

    left: ColumnRef = Field(description="`table.column`, which keeps its values.")
    op: Literal["<", "<=", ">", ">="]
    right: ColumnRef = Field(description="`table.column`, which gives way: of the same table, or of one that looks the other up.")
    mode: Literal["enforce", "check"] = Field(
        default="enforce", description="enforce: made true; check: only judged.", json_schema_extra=SINCE_2
    )


class PatternRule(Part):
    """Every value matches the regular expression (RE2 syntax)."""

    attr: ColumnRef = Field(description="`table.column`.")
    regex: Annotated[str, Field(min_length=1, max_length=1_000)] = Field(description="RE2 syntax; write ^..$ for the whole value.")


class EnumRule(Part):
    """Every value is one of a list, or of another column's values."""

    attr: ColumnRef = Field(description="`table.column`.")
    values: Values[Scalar] | None = Field(default=None, description="The values there may be.")
    enum_ref: ColumnRef | None = Field(default=None, description="`table.column` whose values there may be.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.values is None) == (self.enum_ref is None):
            raise PydanticCustomError("enum_source", "an enum takes either `values` or `enum_ref`", {})
        return self


class Rule(Part):
    """An expression that is true in every row of a table."""

    table: Name
    expr: Annotated[str, Field(min_length=1, max_length=10_000)] = Field(
        description="Over the row's columns, `link.column`, `parent.column` and `sum(child.column)`; null counts as true."
    )
    mode: Literal["enforce", "check"] = Field(
        default="check", description="check: judged; enforce: refused unless the way the columns are made keeps it."
    )
    name: Name | None = Field(default=None, description="What reports call it.")


class Constraints(Part):
    """What holds in every row."""

    since_lists: ClassVar[dict[str, int]] = {"unique": 2}

    unique: Items[ColumnSet] = Field(default=(), description="`table.column`, or a list of columns that count together: no value twice.")
    foreign_keys: Items[ForeignKey] = Field(default=(), description="Columns whose values are values of another.")
    ranges: Items[Range] = Field(default=(), description="Least and greatest values.")
    inequalities: Items[Inequality] = Field(default=(), description="Columns that are less or greater than others, in every row.")
    pattern: Items[PatternRule] = Field(default=(), description="Regular expressions that texts match.")
    enum: Items[EnumRule] = Field(default=(), description="Lists that values are in.")
    rules: Items[Rule] = Field(default=(), description="Expressions that are true in every row.", json_schema_extra=SINCE_2)

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns, `table.column`, in which no value comes twice."""
        return tuple(refs[0] for refs in map(columns_in, self.unique) if len(refs) == 1)

    @property
    def unique_sets(self) -> tuple[tuple[str, ...], ...]:
        """The sets of several columns, `table.column`, that come together only once."""
        return tuple(refs for refs in map(columns_in, self.unique) if len(refs) > 1)


class WeekendShare(Part):
    """The share of rows on Saturday or Sunday."""

    table: Name
    timestamp: Name = Field(description="The column that says when.")
    min: Share = Field(description="The least share, 0 to 1.")
    max: Share = Field(description="The greatest share, 0 to 1.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_inverted(self.min, self.max)
        return self


class MeanInRange(Part):
    """The mean of a column."""

    table: Name
    column: Name
    min: Number = Field(description="The least mean.")
    max: Number = Field(description="The greatest mean.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_inverted(self.min, self.max)
        return self


class Influence(Part):
    """A column whose values lift the metric: `lift[v]` is the expected factor of rows with value v, relative to the others.

    With `dimension`, the column is a time and the keys are hours (0-23), days (0 = Monday) or months (1-12).
    """

    column: Name = Field(description="A column of the table.")
    dimension: Dimension | None = Field(default=None, description="Makes the column's hour, weekday or month what lifts.")
    lift: dict[str, Positive] = Field(min_length=1, description="`{value: factor}`; values without one have 1.")


class Tolerance(Part):
    """How far observed lifts may be from expected ones, on average."""

    mae: NonNegative = Field(default=0.1, description="The greatest mean of |observed - expected|.")
    mape: NonNegative = Field(default=0.1, description="The greatest mean of |observed - expected| / expected.")


class CompositeEffect(Part):
    """Several influences act on one metric at once: strata are compared by their mean."""

    table: Name
    metric: Name = Field(description="The numeric column whose mean is lifted.")
    influences: NonEmpty[Influence] = Field(description="What lifts it; the expected lift is their product.")
    tolerance: Tolerance = Tolerance.model_construct()


class FanoutTarget(Part):
    """The mean number of children of a parent."""

    child: Name = Field(description="The table of the children.")
    parent: Name = Field(description="One of its parents.")
    mean: NonNegative = Field(description="The mean wished for: rows of the child by rows of the parent.")
    tolerance: NonNegative = Field(default=0.1, description="How far the mean may be from it, in children.")


class DistributionTarget(Part):
    """The distribution of a column, by the Kolmogorov-Smirnov distance: the greatest difference of the shares up to any value."""

    table: Name
    column: Name = Field(description="A numeric column; nulls are left out.")
    expected: Distribution = Field(description="As in the generator `distribution`; a clamp and `decimals` count.")
    max_ks: Share = Field(default=0.02, description="The greatest distance, 0 to 1.")


def _refuse_inverted(low: float, high: float) -> None:
    if low > high:
        raise PydanticCustomError("inverted", "`min` ({low}) is above `max` ({high})", {"low": f"{low:g}", "high": f"{high:g}"})


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


WeekendShares = Annotated[
    tuple[WeekendShare, ...], BeforeValidator(_listed, json_schema_input_type=WeekendShare | list[WeekendShare]), Field(strict=False)
]
MeansInRange = Annotated[
    tuple[MeanInRange, ...], BeforeValidator(_listed, json_schema_input_type=MeanInRange | list[MeanInRange]), Field(strict=False)
]
CompositeEffects = Annotated[
    tuple[CompositeEffect, ...],
    BeforeValidator(_listed, json_schema_input_type=CompositeEffect | list[CompositeEffect]),
    Field(strict=False),
]
FanoutTargets = Annotated[
    tuple[FanoutTarget, ...], BeforeValidator(_listed, json_schema_input_type=FanoutTarget | list[FanoutTarget]), Field(strict=False)
]
DistributionTargets = Annotated[
    tuple[DistributionTarget, ...],
    BeforeValidator(_listed, json_schema_input_type=DistributionTarget | list[DistributionTarget]),
    Field(strict=False),
]


class Targets(Part):
    """Wishes about the outcome, one or a list each."""

    weekend_share: WeekendShares = Field(default=(), description="The share of rows on Saturday or Sunday, one or a list.")
    mean_in_range: MeansInRange = Field(default=(), description="The mean of a column, one or a list.")
    composite_effect: CompositeEffects = Field(default=(), description="Several influences on one metric, one or a list.")
    fanout: FanoutTargets = Field(default=(), description="The mean number of children, one or a list.", json_schema_extra=SINCE_2)
    distribution: DistributionTargets = Field(default=(), description="A column's distribution, one or a list.", json_schema_extra=SINCE_2)
