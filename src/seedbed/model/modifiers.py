"""What changes a generated value: parameters of every modifier, in the order they are applied."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import Name, NonNegative, Number, Part, Scalar, Share
from seedbed.model.generators.datetime_series import Dimension, Weights
from seedbed.model.generators.distribution import Distribution


class FactorArgs(Part):
    """The number to multiply by."""

    factor: Number


class ValueArgs(Part):
    """The number to add."""

    value: Number


class BoundArgs(Part):
    """The lowest and the highest value allowed; at least one of them."""

    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("clamp_empty", "clamp needs `min`, `max` or both", {})
        if self.min is not None and self.max is not None and self.min > self.max:
            low, high = f"{self.min:g}", f"{self.max:g}"
            raise PydanticCustomError("inverted", "`min` ({low}) is above `max` ({high})", {"low": low, "high": high})
        return self


class JitterArgs(Part):
    """Normal noise: added, or multiplied as 1 + noise."""

    std: NonNegative
    mode: Literal["add", "mul"] = "add"


class MapArgs(Part):
    """Each value's replacement; a value that is not listed stays."""

    mapping: dict[str, Scalar] = Field(min_length=1, max_length=100_000)


class SeasonalityArgs(Part):
    """Weights over the hour of the day, the day of the week or the month."""

    dimension: Dimension
    weights: Weights
    time_column: Name | None = Field(default=None, description="The column that holds the row's time; by default the node's first datetime or date.")


class TimeJitterArgs(Part):
    """Normal noise on a time, in minutes."""

    std_minutes: NonNegative


class EffectWindow(Part):
    """The effect table's columns that say from when to when."""

    start_col: Name
    end_col: Name


class EffectMap(Part):
    """The effect table's column that acts, how, and what holds outside every window."""

    field: Name
    op: Literal["mul", "add"] = "mul"
    default: Number | None = None


class EffectArgs(Part):
    """Rows of a table as shocks over time."""

    effect_table: Name
    on: dict[Name, Name] = Field(default={}, max_length=1, description="`{local column: effect column}`: whom the effect hits; empty: everyone.")
    window: EffectWindow
    map: EffectMap
    time_column: Name | None = Field(default=None, description="The column that holds the row's time; by default the node's first datetime or date.")


class OutlierArgs(Part):
    """Rare values far off."""

    rate: Share
    mode: Literal["spike", "drop", "burst"] = "spike"
    magnitude_dist: Distribution | None = None
    allow_exceed: bool = Field(default=False, description="Let an outlier leave the column's clamp.")


class CurveParams(Part):
    """The two numbers of a curve."""

    a: Number = 1.0
    b: Number = 0.0


class TrendArgs(Part):
    """Growth along time."""

    type: Literal["linear", "exponential", "logarithmic"]
    time_reference: Name | None = Field(default=None, description="The column that holds the row's time; by default the node's first datetime or date.")
    growth_rate: Number | None = Field(default=None, description="Growth a year; instead of `params`.")
    params: CurveParams | None = Field(default=None, description="`a` and `b` of the curve; instead of `growth_rate`.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.growth_rate is None) == (self.params is None):
            raise PydanticCustomError("trend_args", "trend takes either `growth_rate` or `params`, not both and not neither", {})
        return self


class Multiply(Part):
    """value * factor."""

    transform: Literal["multiply"]
    args: FactorArgs


class Add(Part):
    """value + value."""

    transform: Literal["add"]
    args: ValueArgs


class ClampTo(Part):
    """min <= value <= max."""

    transform: Literal["clamp"]
    args: BoundArgs


class Jitter(Part):
    """value + noise, or value * (1 + noise)."""

    transform: Literal["jitter"]
    args: JitterArgs


class MapValues(Part):
    """Listed values are replaced."""

    transform: Literal["map_values"]
    args: MapArgs


class Seasonality(Part):
    """value * weight at the row's time; a datetime column is drawn by the weights."""

    transform: Literal["seasonality"]
    args: SeasonalityArgs


class TimeJitter(Part):
    """time + noise."""

    transform: Literal["time_jitter"]
    args: TimeJitterArgs


class Effect(Part):
    """Rows of another table act as shocks."""

    transform: Literal["effect"]
    args: EffectArgs


class Outliers(Part):
    """A few values far off."""

    transform: Literal["outliers"]
    args: OutlierArgs


class Trend(Part):
    """Growth along time."""

    transform: Literal["trend"]
    args: TrendArgs


Modifier = Annotated[
    Multiply | Add | ClampTo | Jitter | MapValues | Seasonality | TimeJitter | Effect | Outliers | Trend,
    Field(discriminator="transform"),
]
