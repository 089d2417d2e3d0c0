"""What must hold, and what is wished for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import ColumnRef, Items, Name, NonEmpty, NonNegative, Number, Part, Positive, Scalar, Share, Values
from seedbed.model.generators.datetime_series import Dimension


class ForeignKey(Part):
    """Every value of `from` is a value of `to`."""

    model_config = ConfigDict(populate_by_name=True)

    from_: ColumnRef = Field(alias="from")
    to: ColumnRef


class Range(Part):
    """min <= value <= max; numbers, or moments as text."""

    attr: ColumnRef
    min: Number | str | None = None
    max: Number | str | None = None

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

    left: ColumnRef
    op: Literal["<", "<=", ">", ">="]
    right: ColumnRef


class PatternRule(Part):
    """Every value matches the regular expression (RE2 syntax)."""

    attr: ColumnRef
    regex: Annotated[str, Field(min_length=1, max_length=1_000)]


class EnumRule(Part):
    """Every value is one of a list, or of another column's values."""

    attr: ColumnRef
    values: Values[Scalar] | None = None
    enum_ref: ColumnRef | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.values is None) == (self.enum_ref is None):
            raise PydanticCustomError("enum_source", "an enum takes either `values` or `enum_ref`", {})
        return self


class Constraints(Part):
    """What holds in every row."""

    unique: Items[ColumnRef] = ()
    foreign_keys: Items[ForeignKey] = ()
    ranges: Items[Range] = ()
    inequalities: Items[Inequality] = ()
    pattern: Items[PatternRule] = ()
    enum: Items[EnumRule] = ()


class WeekendShare(Part):
    """The share of rows on Saturday or Sunday."""

    table: Name
    timestamp: Name
    min: Share
    max: Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_inverted(self.min, self.max)
        return self


class MeanInRange(Part):
    """The mean of a column."""

    table: Name
    column: Name
    min: Number
    max: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_inverted(self.min, self.max)
        return self


class Influence(Part):
    """A column whose values lift the metric: `lift[v]` is the expected factor of rows with value v, relative to the others.

    With `dimension`, the column is a time and the keys are hours (0-23), days (0 = Monday) or months (1-12).
    """

    column: Name
    dimension: Dimension | None = None
    lift: dict[str, Positive] = Field(min_length=1)


class Tolerance(Part):
    """How far observed lifts may be from expected ones, on average."""

    mae: NonNegative = 0.1
    mape: NonNegative = 0.1


class CompositeEffect(Part):
    """Several influences act on one metric at once: strata are compared by their mean."""

    table: Name
    metric: Name
    influences: NonEmpty[Influence]
    tolerance: Tolerance = Tolerance()


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


class Targets(Part):
    """Wishes about the outcome, one or a list each."""

    weekend_share: WeekendShares = ()
    mean_in_range: MeansInRange = ()
    composite_effect: CompositeEffects = ()
