"""The checks document: for each table a list of checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Field

from seedbed.model.base import NonEmpty, Part, Scalar
from seedbed.model.checks.across import AcrossCheck, OperationCheck
from seedbed.model.checks.base import CheckOf, DataName
from seedbed.model.checks.shape import StructureCheck
from seedbed.model.checks.statistics import StatisticCheck
from seedbed.model.checks.values import ValueCheck

AnyCheck: TypeAlias = Annotated[StructureCheck | ValueCheck | StatisticCheck | AcrossCheck | OperationCheck, Field(discriminator="kind")]


class ChecksDocument(Part):
    """Checks of tables."""

    schema_uri: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, alias="$schema", description="Where editors find the schema."
    )
    version: Literal["1.0"] = Field(description="The version of checks documents.")
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(default=None, description="What reports call the document.")
    metadata: dict[str, Scalar] = Field(default={}, description="Any further text about it.")
    tables: Annotated[dict[DataName, NonEmpty[AnyCheck]], Field(min_length=1)] = Field(description="The checks of each table.")


def check_classes() -> dict[str, type[CheckOf]]:
    """The class of each kind's parameters, in the order of the vocabulary.

    >>> list(check_classes())[:2]
    ['column_exists', 'columns_match']
    """
    classes = get_args(get_args(AnyCheck)[0])
    return {get_args(kind.model_fields["kind"].annotation)[0]: kind for kind in classes}


def checks_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of checks documents.

    >>> checks_schema()["$id"]
    'urn:seedbed:checks:1.0'
    """
    found = ChecksDocument.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:seedbed:checks:1.0", "title": "seedbed checks 1.0"}
    return {**head, **{key: value for key, value in _without_discriminators(found).items() if key not in head}}


def _without_discriminators(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_discriminators(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_discriminators(item) for key, item in value.items() if not (key == "discriminator" and "propertyName" in str(item))
    }
