"""The model: what the data should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue, PrivateAttr

from seedbed.core.block import MOST_DIGITS, SINCE_2_TYPES, USUAL_SCALE, ColumnType, DecimalType, ValueType
from seedbed.model.base import (
    SINCE_2,
    ColumnRef,
    Items,
    Locale,
    Moment,
    Name,
    NonEmpty,
    Part,
    Positive,
    Scalar,
    Share,
    Values,
)
from seedbed.model.constraints import Constraints, Targets
from seedbed.model.fanout import Fanout as Fanout  # noqa: PLC0414 - part of the document
from seedbed.model.generators import Generator
from seedbed.model.generators.datetime_series import Frequency
from seedbed.model.later import later
from seedbed.model.links import LinkSpec
from seedbed.model.modifiers import Modifier

if TYPE_CHECKING:
    from seedbed.model.behaviors import SegmentBehavior, StageConfig, VintageBehavior
    from seedbed.model.outputs import Output
    from seedbed.model.quality import QualityInjection
    from seedbed.model.states import StateTransitionModel
else:
    SegmentBehavior = later("seedbed.model.behaviors:SegmentBehavior")
    VintageBehavior = later("seedbed.model.behaviors:VintageBehavior")
    StageConfig = later("seedbed.model.behaviors:StageConfig")
    Output = later("seedbed.model.outputs:Output")
    QualityInjection = later("seedbed.model.quality:QualityInjection")
    StateTransitionModel = later("seedbed.model.states:StateTransitionModel")

#: What `stage_config` fills in every row of its table.
STAGE_COLUMNS = {"stage_name": ColumnType.STRING, "stage_index": ColumnType.INT}

#: The column of a table of events that counts the states a row has entered.
EVENT_NUMBER = "number"


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
    tz: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="The time zone, such as `Europe/Berlin`: datetimes are moments in it.", json_schema_extra=SINCE_2
    )
    calendar: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="The country whose public holidays `holiday` patterns mean: `DE`, `US`.", json_schema_extra=SINCE_2
    )


class ColumnConstraints(Part):
    """What holds for every value of the column."""

    pattern: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="A regular expression (RE2 syntax) that every value matches somewhere."
    )
    enum: Values[Scalar] | None = Field(default=None, description="The values there may be.")
    enum_ref: ColumnRef | None = Field(default=None, description="`table.column` whose values there may be.")


class ColumnSpec(Part):
    """A column: its type, what fills it and what changes it."""

    since_values: ClassVar[dict[str, frozenset[str]]] = {"declared_type": SINCE_2_TYPES}

    name: Name = Field(description="Letters, digits and underscores.")
    declared_type: Annotated[ColumnType, Field(strict=False)] | None = Field(
        default=None, alias="type", description="What the values are; in 2.0 it may be left out where the generator tells."
    )
    nullable: bool = Field(default=False, description="5 % of the values are null.")
    generator: Generator = Field(default=Generator.model_construct(), description="What fills it: exactly one kind.")
    modifiers: Items[Modifier] = Field(default=(), description="What changes the values, in order.")
    constraints: ColumnConstraints = ColumnConstraints.model_construct()
    null_rate: Share | None = Field(default=None, description="The share of nulls.", json_schema_extra=SINCE_2)
    null_if: Annotated[str, Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="An expression over the row: null where it is true.", json_schema_extra=SINCE_2
    )
    unique: bool = Field(default=False, description="No value comes twice.", json_schema_extra=SINCE_2)
    hidden: bool = Field(default=False, description="Others may read it; it is not delivered.", json_schema_extra=SINCE_2)
    sensitivity: Literal["PUBLIC", "PII", "SENSITIVE", "CONFIDENTIAL"] | None = Field(
        default=None, description="How much the values need protection.", json_schema_extra=SINCE_2
    )
    precision: Annotated[int, Field(ge=1, le=18)] | None = Field(
        default=None, description="Decimals: all digits (18).", json_schema_extra=SINCE_2
    )
    scale: Annotated[int, Field(ge=0, le=18)] | None = Field(
        default=None, description="Decimals: digits after the point (2).", json_schema_extra=SINCE_2
    )
    description: str | None = Field(default=None, description="What the column means.", json_schema_extra=SINCE_2)
    seed_as: Name | None = Field(
        default=None, description="The column's old name: it keeps the draws of that name.", json_schema_extra=SINCE_2
    )

    @property
    def may_be_null(self) -> bool:
        """Whether the column may hold nulls: it says so, or says when or how many."""
        return self.nullable or self.null_if is not None or bool(self.null_rate)

    @property
    def type(self) -> ColumnType:
        """The type of the values: declared, or inferred when the model was read."""
        assert self.declared_type is not None
        return self.declared_type

    @property
    def value_type(self) -> ValueType:
        """The type of the values, that of decimals with their scale."""
        return DecimalType(self.digits[1]) if self.type is ColumnType.DECIMAL else self.type

    @property
    def digits(self) -> tuple[int, int]:
        """A decimal's digits in all, and after the point."""
        most = MOST_DIGITS if self.precision is None else self.precision
        return most, min(USUAL_SCALE, most) if self.scale is None else self.scale


class Node(Part):
    """A table: an entity of its own, a fact that belongs to parents, or a vocabulary."""

    since_lists: ClassVar[dict[str, int]] = {"pk": 1}

    id: Name = Field(description="The table's name.")
    kind: Literal["entity", "fact", "vocab"] = Field(
        description="entity: a table of its own; fact: rows that belong to rows of `parents`; vocab: a list of values."
    )
    pk: Name | NonEmpty[Name] | None = Field(default=None, description="The primary key's column, or the list of its columns.")
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
    links: dict[Name, LinkSpec] = Field(
        default={}, description="Which rows of other tables each row refers to, by a name of the author's.", json_schema_extra=SINCE_2
    )
    state_transition_model: StateTransitionModel | None = Field(
        default=None, description="A state machine that every row goes through.", json_schema_extra=SINCE_2
    )
    partition_by: Items[Name] = Field(
        default=(), description="Columns whose values are folders, where the table becomes files.", json_schema_extra=SINCE_2
    )
    order_by: Items[Name] = Field(
        default=(), description="Columns in whose order the rows come; refused where nothing keeps it.", json_schema_extra=SINCE_2
    )
    description: str | None = Field(default=None, description="What the table holds.", json_schema_extra=SINCE_2)
    _machine: StateTransitionModel | None = PrivateAttr(default=None)

    @property
    def events(self) -> StateTransitionModel | None:
        """The parent's state machine, where this is the table of the states that its rows enter."""
        return self._machine

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return (self.pk,) if isinstance(self.pk, str) else self.pk or ()

    @property
    def key(self) -> str | None:
        """The primary key's only column; None where it has several, or there is none."""
        return self.primary_key[0] if len(self.primary_key) == 1 else None

    @property
    def filled(self) -> frozenset[str]:
        """The columns that the node fills itself: they need no generator."""
        return frozenset(self.filled_types)

    @property
    def filled_types(self) -> dict[str, ColumnType]:
        """The same columns and their types."""
        if self.stage_config is not None:
            return dict(STAGE_COLUMNS)
        machine = self.state_transition_model or self._machine
        if machine is None:
            return {}
        types = {machine.state_column: ColumnType.STRING}
        if self._machine is not None:
            return {**types, machine.events_time: ColumnType.DATETIME, EVENT_NUMBER: ColumnType.INT}
        return types if machine.time_column is None else {**types, machine.time_column: ColumnType.DATETIME}

    def column(self, name: str) -> ColumnSpec | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


class Model(Part):
    """One document that says what the data should be."""

    schema_uri: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, alias="$schema", description="Where editors find the JSON Schema of models; it changes nothing."
    )
    version: Literal["1.0", "2.0"] = Field(description="The version of the language.")
    metadata: Metadata
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = Field(
        default=None, description="What all draws follow from; 42 where left out.", json_schema_extra=SINCE_2
    )
    locale: Locale | None = Field(
        default=None, description="The locale of names and addresses that have none of their own.", json_schema_extra=SINCE_2
    )
    scale: Positive = Field(default=1.0, description="Multiplies the rows of every entity.", json_schema_extra=SINCE_2)
    timeframe: Timeframe
    nodes: NonEmpty[Node] = Field(description="The tables.")
    constraints: Constraints = Constraints.model_construct()
    targets: Targets | None = None
    dag: Items[Items[Name]] | None = Field(default=None, description="Levels of nodes; inferred where left out, checked where given.")
    quality_injection: QualityInjection | None = Field(
        default=None, description="Faults that are put into the data on purpose, and a table that lists them.", json_schema_extra=SINCE_2
    )
    outputs: Items[Output] = Field(
        default=(), description="Where the data goes when `generate` is told no folder and no URL.", json_schema_extra=SINCE_2
    )
    profiles: dict[Name, dict[str, JsonValue]] = Field(
        default={}, description="Named overrides of this document, such as `small: {scale: 0.01}`.", json_schema_extra=SINCE_2
    )

    def node(self, name: str) -> Node | None:
        """The node of that name, if there is one."""
        return next((node for node in self.nodes if node.id == name), None)
