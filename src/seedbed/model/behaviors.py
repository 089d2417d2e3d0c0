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

    segment_column: Name = Field(description="The column of the node that names a row's segment.")
    behaviors: dict[str, Behavior] = Field(
        validation_alias=AliasChoices("behaviors", "segments"), min_length=1, description="`{segment: what is special about it}`."
    )
    applies_to_columns: Items[Name | ColumnRef] = Field(
        default=(), description="Numeric columns of the node (`amount`) or of its children (`order.amount`)."
    )


class Curve(Part):
    """linear a + b*age; exponential a * e^(b*age); logarithmic a + b*ln(1 + age)."""

    curve_type: Literal["linear", "exponential", "logarithmic"]
    params: CurveParams = CurveParams.model_construct()


TimeUnit = Literal["hour", "day", "week", "month", "quarter", "year"]


class AgeMultiplier(Part):
    """A factor that depends on age in whole units; a list holds its last value."""

    curve: Values[NonNegative] | Curve = Field(description="A factor for each age from 0, the last one from then on; or a formula.")
    time_unit: TimeUnit = Field(default="month", description="What an age counts.")
    applies_to: Literal["fanout"] | NonEmpty[Name | ColumnRef] = Field(
        default="fanout", description="`fanout`, or numeric columns of the node or of its children."
    )


class VintageBehavior(Part):
    """Rows behave by their age: how long ago they were created."""

    created_at_column: Name = Field(description="The date or datetime of the node that says since when a row is there.")
    age_based_multipliers: dict[str, AgeMultiplier] = Field(min_length=1, description="`{name: multiplier}`; those of one thing multiply.")


class Stage(Part):
    """One step of a funnel and the share that reaches it from the step before."""

    stage_name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What `stage_name` holds.")
    transition_rate: Share = Field(description="The share of those at the stage before (at first: of all parents) that reach it.")


class StageVariation(Part):
    """How a segment's transition rates differ."""

    transition_multiplier: NonNegative = Field(description="Scales every rate but the first.")


class StageConfig(Part):
    """A funnel: one row for each stage that a parent reaches, in order of time."""

    stages: NonEmpty[Stage] = Field(description="The steps, in order.")
    segment_variation: dict[str, StageVariation] = Field(default={}, description="`{segment of the parent: how its rates differ}`.")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [stage.stage_name for stage in self.stages]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise PydanticCustomError("duplicate_stage", "stage `{name}` is listed twice", {"name": twice})
        return self
