"""How groups and ages of rows behave: segments, vintages, stages."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import ColumnRef, Items, Name, NonEmpty, NonNegative, Part, Share, Values
from seedbed.model.modifiers import CurveParams


class Behavior(Part):
    """What is special about one segment."""

    base_probability: Share | None = Field(default=None, description="The segment's share of the rows.")
    fanout_multiplier: NonNegative | None = Field(default=None, description="Scales the expected number of children.")
    value_multiplier: NonNegative | None = Field(default=None, description="Scales the columns of `applies_to_columns`.")


class SegmentBehavior(Part):
    """Segments of a node's rows differ in size, children and values."""

    model_config = ConfigDict(populate_by_name=True)

    segment_column: Name
    behaviors: dict[str, Behavior] = Field(validation_alias=AliasChoices("behaviors", "segments"), min_length=1)
    applies_to_columns: Items[Name | ColumnRef] = Field(
        default=(), description="Numeric columns of the node (`amount`) or of its children (`order.amount`)."
    )


class Curve(Part):
    """linear a + b*age; exponential a * e^(b*age); logarithmic a + b*ln(1 + age)."""

    curve_type: Literal["linear", "exponential", "logarithmic"]
    params: CurveParams = CurveParams()


TimeUnit = Literal["hour", "day", "week", "month", "quarter", "year"]


class AgeMultiplier(Part):
    """A factor that depends on age in whole units; a list holds its last value."""

    curve: Values[NonNegative] | Curve
    time_unit: TimeUnit = "month"
    applies_to: Literal["fanout"] | NonEmpty[Name | ColumnRef] = "fanout"


class VintageBehavior(Part):
    """Rows behave by their age: how long ago they were created."""

    created_at_column: Name
    age_based_multipliers: dict[str, AgeMultiplier] = Field(min_length=1)


class Stage(Part):
    """One step of a funnel and the share that reaches it from the step before."""

    stage_name: Annotated[str, Field(min_length=1, max_length=200)]
    transition_rate: Share


class StageVariation(Part):
    """How a segment's transition rates differ."""

    transition_multiplier: NonNegative


class StageConfig(Part):
    """A funnel: one row for each stage that a parent reaches, in order of time."""

    stages: NonEmpty[Stage]
    segment_variation: dict[str, StageVariation] = {}

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [stage.stage_name for stage in self.stages]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise PydanticCustomError("duplicate_stage", "stage `{name}` is listed twice", {"name": twice})
        return self
