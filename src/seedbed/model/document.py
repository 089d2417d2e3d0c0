"""The model: what the data should be."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.core.block import ColumnType
from seedbed.model.base import ColumnRef, Items, Moment, Name, NonEmpty, NonNegative, Part, Positive, Scalar, Values
from seedbed.model.behaviors import SegmentBehavior, StageConfig, VintageBehavior
from seedbed.model.constraints import Constraints, Targets
from seedbed.model.generators import Generator
from seedbed.model.generators.datetime_series import Frequency
from seedbed.model.modifiers import Modifier


class Metadata(Part):
    """The data set's name and any further text about it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Scalar | list[Scalar] | None]

    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="The data set's name.")


class Timeframe(Part):
    """The time the data spans, both ends included, and its usual grid."""

    start: Moment = Field(description="The first moment, such as `2024-01-01` or `2024-01-01T12:00:00`.")
    end: Moment = Field(description="The last moment, included; a date alone means its whole day.")
    freq: Frequency = Field(default="H", description="The grid of every datetime_series without a `freq` of its own.")


class Fanout(Part):
    """How many children a parent has."""

    model_config = ConfigDict(populate_by_name=True)

    distribution: Literal["poisson", "uniform"] = Field(description="poisson: about `lambda` children; uniform: `min` to `max`.")
    lambda_: Positive | None = Field(default=None, alias="lambda", le=1_000_000, description="The expected number (poisson).")
    min: Annotated[int, Field(ge=0, le=2**31)] | None = Field(default=None, description="The fewest; for uniform the lower end.")
    max: Annotated[int, Field(ge=0, le=2**31)] | None = Field(default=None, description="The most; for uniform the upper end.")
    clamp: Annotated[tuple[NonNegative | None, NonNegative | None], Field(strict=False)] | None = Field(
        default=None, description="[fewest, most], after everything else."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.distribution == "poisson" and self.lambda_ is None:
            raise PydanticCustomError("fanout_lambda", "a poisson fan-out needs `lambda`", {})
        if self.distribution == "uniform" and (self.min is None or self.max is None):
            raise PydanticCustomError("fanout_bounds", "a uniform fan-out needs `min` and `max`", {})
        if self.distribution == "uniform" and self.lambda_ is not None:
            raise PydanticCustomError("fanout_extra", "a uniform fan-out has no `lambda`", {})
        for low, high in ((self.min, self.max), self.clamp or (None, None)):
            if low is not None and high is not None and low > high:
                raise PydanticCustomError("inverted", "`min` ({low}) is above `max` ({high})", {"low": f"{low:g}", "high": f"{high:g}"})
        return self


class ColumnConstraints(Part):
    """What holds for every value of the column."""

    pattern: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="A regular expression (RE2 syntax) that every value matches somewhere."
    )
    enum: Values[Scalar] | None = Field(default=None, description="The values there may be.")
    enum_ref: ColumnRef | None = Field(default=None, description="`table.column` whose values there may be.")


class ColumnSpec(Part):
    """A column: its type, what fills it and what changes it."""

    name: Name = Field(description="Letters, digits and underscores.")
    type: Annotated[ColumnType, Field(strict=False)]
    nullable: bool = Field(default=False, description="5 % of the values are null.")
    generator: Generator
    modifiers: Items[Modifier] = Field(default=(), description="What changes the values, in order.")
    constraints: ColumnConstraints = ColumnConstraints()


class Node(Part):
    """A table: an entity of its own, a fact that belongs to parents, or a vocabulary."""

    id: Name = Field(description="The table's name.")
    kind: Literal["entity", "fact", "vocab"] = Field(
        description="entity: a table of its own; fact: rows that belong to rows of `parents`; vocab: a list of values."
    )
    pk: Name | None = Field(default=None, description="The primary key's column.")
    rows: Annotated[int, Field(ge=0, le=2**48)] | None = Field(default=None, description="How many rows (entities; 1000 where left out).")
    parents: Items[Name] = Field(
        default=(), description="Facts: the table whose rows have these as children; a second one makes an m:n table."
    )
    fanout: Fanout | None = Field(default=None, description="Facts: how many children a parent has.")
    columns: NonEmpty[ColumnSpec] = Field(description="What the table holds, in order.")
    modifiers: Items[Modifier] = Field(default=(), description="Facts: effects that scale the fan-out over time.")
    segment_behavior: SegmentBehavior | None = Field(default=None, description="How groups of rows differ.")
    vintage_behavior: VintageBehavior | None = Field(default=None, description="How rows change with their age.")
    stage_config: StageConfig | None = Field(default=None, description="Facts: a row for each stage of a funnel, instead of a fan-out.")

    def column(self, name: str) -> ColumnSpec | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


class Model(Part):
    """One document that says what the data should be."""

    schema_uri: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, alias="$schema", description="Where editors find the JSON Schema of models; it changes nothing."
    )
    version: Literal["1.0"] = Field(description="The version of the language.")
    metadata: Metadata
    timeframe: Timeframe
    nodes: NonEmpty[Node] = Field(description="The tables.")
    constraints: Constraints = Constraints()
    targets: Targets | None = None
    dag: Items[Items[Name]] | None = Field(default=None, description="Levels of nodes; inferred where left out, checked where given.")

    def node(self, name: str) -> Node | None:
        """The node of that name, if there is one."""
        return next((node for node in self.nodes if node.id == name), None)
