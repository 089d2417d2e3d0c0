"""What changes a generated value: parameters of every modifier, in the order they are applied."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.core.rounding import MOST_DECIMALS
from seedbed.model.base import Name, NonNegative, Number, Part, Scalar, Share
from seedbed.model.generators.datetime_series import Dimension, Weights
from seedbed.model.generators.distribution import Distribution
from seedbed.model.later import Tagged
from seedbed.model.plugins import Args, ModifierArgs, ModifierName


class FactorArgs(Part):
    """The number to multiply by."""

    factor: Number = Field(description="What the value is multiplied by.")


class ValueArgs(Part):
    """The number to add."""

    value: Number = Field(description="What is added to the value.")


class BoundArgs(Part):
    """The lowest and the highest value allowed; at least one of them."""

    min: Number | None = Field(default=None, description="Lower values become this.")
    max: Number | None = Field(default=None, description="Higher values become this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("clamp_empty", "clamp needs `min`, `max` or both", {})
        if self.min is not None and self.max is not None and self.min > self.max:
            low, high = f"{self.min:g}", f"{self.max:g}"
            raise PydanticCustomError("inverted", "`min` ({low}) is above `max` ({high})", {"low": low, "high": high})
        return self


class RoundArgs(Part):
    """How many digits are kept after the point."""

    digits: Annotated[int, Field(ge=0, le=MOST_DECIMALS)] = Field(
        default=0, description="Digits after the point; halves go to the even digit."
    )


class JitterArgs(Part):
    """Normal noise: added, or multiplied as 1 + noise."""

    std: NonNegative = Field(description="The noise's standard deviation.")
    mode: Literal["add", "mul"] = Field(default="add", description="`add`: value + noise; `mul`: value * (1 + noise).")


class MapArgs(Part):
    """Each value's replacement; a value that is not listed stays."""

    mapping: dict[str, Scalar] = Field(min_length=1, max_length=100_000, description="`{value: replacement}`; other values stay.")


class SeasonalityArgs(Part):
    """Weights over the hour of the day, the day of the week or the month."""

    dimension: Dimension = Field(description="What the weights are over.")
    weights: Weights = Field(description="24 for hours from 0, 7 for days from Monday, 12 for months from January.")
    time_column: Name | None = Field(
        default=None, description="The column that holds the row's time; by default the node's first datetime or date."
    )


class TimeJitterArgs(Part):
    """Normal noise on a time, in minutes."""

    std_minutes: NonNegative = Field(description="The noise's standard deviation in minutes.")


class EffectWindow(Part):
    """The effect table's columns that say from when to when."""

    start_col: Name = Field(description="Its date or datetime column that says from when a shock acts.")
    end_col: Name = Field(description="Until when, included; the same column: until the next shock.")


class EffectMap(Part):
    """The effect table's column that acts, how, and what holds outside every window."""

    field: Name = Field(description="Its numeric column that acts.")
    op: Literal["mul", "add"] = Field(default="mul", description="Multiply or add; several at one moment do so together.")
    default: Number | None = Field(default=None, description="What acts outside every window: nothing where left out, on a table 0.")


class EffectArgs(Part):
    """Rows of a table as shocks over time."""

    effect_table: Name = Field(description="The table whose rows are the shocks.")
    on: dict[Name, Name] = Field(
        default={}, max_length=1, description="`{local column: effect column}`: whom the effect hits; empty: everyone."
    )
    window: EffectWindow
    map: EffectMap
    time_column: Name | None = Field(
        default=None, description="The column that holds the row's time; by default the node's first datetime or date."
    )


class OutlierArgs(Part):
    """Rare values far off."""

    rate: Share = Field(description="The share of rows (burst: of runs of eight rows) that are outliers.")
    mode: Literal["spike", "drop", "burst"] = Field(
        default="spike", description="`spike`, `burst`: times the magnitude; `drop`: divided by it."
    )
    magnitude_dist: Distribution | None = Field(
        default=None, description="The magnitude's distribution; where left out even between 3 and 10."
    )
    allow_exceed: bool = Field(default=False, description="Let an outlier leave the column's clamp.")


class CurveParams(Part):
    """The two numbers of a curve."""

    a: Number = Field(default=1.0, description="The level: the value at 0.")
    b: Number = Field(default=0.0, description="The slope or rate.")


class TrendArgs(Part):
    """Growth along time."""

    type: Literal["linear", "exponential", "logarithmic"] = Field(description="The curve over the years since the timeframe's start.")
    time_reference: Name | None = Field(
        default=None, description="The column that holds the row's time; by default the node's first datetime or date."
    )
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


class Round(Part):
    """The nearest number of so many digits."""

    since: ClassVar[str] = "2.0"

    transform: Literal["round"]
    args: RoundArgs = RoundArgs()


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


class ByPlugin(Part):
    """What an installed package adds."""

    since: ClassVar[str] = "2.0"

    transform: Literal["plugin"]
    name: ModifierName = Field(description="The plug-in's name; `seedbed generators` lists those that are installed.")
    args: ModifierArgs = Field(default_factory=Args, validate_default=True, description="What the plug-in takes.")


Modifier = Annotated[
    Multiply | Add | ClampTo | Round | Jitter | MapValues | Seasonality | TimeJitter | Effect | Outliers | Trend | ByPlugin,
    Tagged("transform"),
]
