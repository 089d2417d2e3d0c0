"""The parts of a data contract. What says nothing about rows (servers, prices, teams) is read and left alone."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from seedbed.model.checks.base import DataName

Anything: TypeAlias = Any
Text: TypeAlias = Annotated[str, StringConstraints(max_length=100_000)]
Pair: TypeAlias = Annotated[tuple[int | float, ...], Field(strict=False, min_length=2, max_length=2)]
Refs: TypeAlias = DataName | Annotated[tuple[DataName, ...], Field(strict=False, min_length=1)]

#: The operators of a quality rule, as the standard spells them.
OPERATORS = (
    "must_be", "must_not_be", "must_be_greater_than", "must_be_greater_or_equal_to", "must_be_less_than", "must_be_less_or_equal_to",
    "must_be_between", "must_not_be_between",
)  # fmt: skip


class Clause(BaseModel):
    """A part of a contract: frozen, strict about types, refusing keys that the standard doesn't know."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", populate_by_name=True, defer_build=True, alias_generator=to_camel, protected_namespaces=()
    )

    id: Text | None = None
    description: Text | None = None
    tags: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    custom_properties: Anything = None
    authoritative_definitions: Anything = None


class QualityRule(Clause):
    """A rule about the quality of an object or a property."""

    name: Text | None = None
    type: Literal["library", "text", "sql", "custom"] | None = None
    metric: Text | None = None
    rule: Text | None = None
    arguments: dict[str, Anything] = {}
    must_be: Anything = None
    must_not_be: Anything = None
    must_be_greater_than: int | float | None = None
    must_be_greater_or_equal_to: int | float | None = None
    must_be_less_than: int | float | None = None
    must_be_less_or_equal_to: int | float | None = None
    must_be_between: Pair | None = None
    must_not_be_between: Pair | None = None
    unit: Text | None = None
    query: Text | None = None
    engine: Text | None = None
    implementation: Text | dict[str, Anything] | None = None
    dimension: Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"] | None = None
    severity: Text | None = None
    business_impact: Text | None = None
    method: Text | None = None
    schedule: Text | None = None
    scheduler: Text | None = None


class Relationship(Clause):
    """A reference from one property, or several, to others."""

    type: Text | None = None
    from_: Refs | None = Field(default=None, alias="from")
    to: Refs


class SchemaProperty(Clause):
    """A column."""

    name: DataName | None = None
    physical_name: DataName | None = None
    business_name: Text | None = None
    logical_type: Literal["string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"] | None = None
    logical_type_options: dict[str, Anything] = {}
    physical_type: Text | None = None
    primary_key: bool = False
    primary_key_position: int = -1
    required: bool = False
    unique: bool = False
    partitioned: bool = False
    partition_key_position: int = -1
    classification: Text | None = None
    encrypted_name: Text | None = None
    transform_source_objects: Anything = None
    transform_logic: Text | None = None
    transform_description: Text | None = None
    examples: Anything = None
    critical_data_element: bool = False
    relationships: Annotated[tuple[Relationship, ...], Field(strict=False)] = ()
    quality: Annotated[tuple[QualityRule, ...], Field(strict=False)] = ()
    properties: Annotated[tuple[SchemaProperty, ...], Field(strict=False)] = ()
    items: SchemaProperty | None = None

    @property
    def column(self) -> str:
        """What the data call it."""
        return self.physical_name or self.name or ""


class SchemaObject(Clause):
    """A table."""

    name: DataName
    physical_name: DataName | None = None
    physical_type: Text | None = None
    business_name: Text | None = None
    logical_type: Literal["object"] | None = None
    data_granularity_description: Text | None = None
    properties: Annotated[tuple[SchemaProperty, ...], Field(strict=False)] = ()
    relationships: Annotated[tuple[Relationship, ...], Field(strict=False)] = ()
    quality: Annotated[tuple[QualityRule, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        for place, column in enumerate(self.properties):
            if column.name is None:
                said = f"property {place + 1} of `{self.name}` has no name"
                raise PydanticCustomError("plugin", "{said}", {"said": said, "fix": "give it `name`"})
        return self

    @property
    def table(self) -> str:
        """What the data call it."""
        return self.physical_name or self.name


class SlaProperty(Clause):
    """An agreement about the service."""

    property: Text
    value: Anything = None
    value_ext: Anything = None
    unit: Text | None = None
    element: Text | None = None
    driver: Text | None = None
    schedule: Text | None = None
    scheduler: Text | None = None


class Contract(Clause):
    """A data contract."""

    version: Text
    kind: Literal["DataContract"]
    api_version: Annotated[str, StringConstraints(pattern=r"^v3\.[01]\.\d+$")]
    id: Text
    status: Text
    name: Text | None = None
    tenant: Text | None = None
    domain: Text | None = None
    data_product: Text | None = None
    description: Anything = None
    objects: Annotated[tuple[SchemaObject, ...], Field(strict=False, alias="schema")] = ()
    sla_default_element: Text | None = None
    sla_properties: Annotated[tuple[SlaProperty, ...], Field(strict=False)] = ()
    servers: Anything = None
    support: Anything = None
    price: Anything = None
    team: Anything = None
    roles: Anything = None
    contract_created_ts: Anything = None
