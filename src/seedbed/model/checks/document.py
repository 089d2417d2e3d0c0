"""The checks document: for each table a list of checks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import Field, create_model

from seedbed.model.base import NonEmpty, Part, Scalar
from seedbed.model.checks.base import CheckOf, DataName

#: Where the classes of the kinds are: the module, and what it calls them all. They are loaded when a document names one of them.
_HOMES = {
    ("shape", "StructureCheck"): (
        "column_exists", "columns_match", "column_count", "type", "nullable", "schema_match", "not_null", "null", "missing", "null_share",
        "row_complete", "primary_key", "unique", "unique_within_row", "distinct_count", "distinct_share", "duplicate_rows",
    ),
    ("values", "ValueCheck"): (
        "range", "in_set", "not_in_set", "regex", "not_regex", "like", "length", "email", "phone", "url", "prefix", "suffix",
        "datetime_format", "parseable", "json_schema", "plugin", "monotonic", "checksum", "compare_columns", "row_expression",
        "conditional", "temporal_order",
    ),
    ("statistics", "StatisticCheck"): (
        "min", "max", "mean", "median", "stddev", "sum", "quantile", "mode", "entropy", "weekend_share", "hour_profile", "dow_profile",
        "correlation", "drift", "outliers", "benford", "composite_effect",
    ),
    ("fits", "FitCheck"): ("fit",),
    ("across", "AcrossCheck"): (
        "foreign_key", "orphan_parents", "cardinality", "capacity", "aggregate_match", "row_count_match", "functional_dependency",
        "denial_constraint", "reconcile",
    ),
    ("across", "OperationCheck"): ("row_count", "freshness", "volume_anomaly", "gap", "sql"),
}  # fmt: skip
_HOME_OF = {kind: home for home, kinds in _HOMES.items() for kind in kinds}

_TABLES = "The checks of each table."


class ChecksDocument(Part):
    """Checks of tables."""

    schema_uri: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, alias="$schema", description="Where editors find the schema."
    )
    version: Literal["1.0"] = Field(description="The version of checks documents.")
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(default=None, description="What reports call the document.")
    metadata: dict[str, Scalar] = Field(default={}, description="Any further text about it.")
    tables: Annotated[dict[DataName, NonEmpty[CheckOf]], Field(min_length=1)] = Field(description=_TABLES)

    def __reduce__(self) -> tuple[Any, ...]:
        """As its kinds and its contents: its class is made anew where it is needed."""
        kinds = tuple(sorted({str(getattr(check, "kind", "")) for checks in self.tables.values() for check in checks}))
        return _restored, (type(self) if type(self).__module__ != __name__ else kinds, self.__getstate__())


def _restored(of: type[ChecksDocument] | tuple[str, ...], state: dict[Any, Any]) -> ChecksDocument:
    made = document_of(of) if isinstance(of, tuple) else of
    document = made.__new__(made)
    document.__setstate__(state)
    return document


def document_of(kinds: Iterable[str] | None = None) -> type[ChecksDocument]:
    """The class of documents with checks of these kinds; of any kind where one of them is unknown, or none is named.

    >>> [check.kind for check in document_of(["null"]).model_validate({"version": "1.0", "tables": {"a": [{"kind": "null", "column": "b"}]}}).tables["a"]]
    ['null']
    """
    wanted = frozenset(_HOME_OF if kinds is None else kinds)
    return _document_of(wanted if wanted and wanted <= _HOME_OF.keys() else frozenset(_HOME_OF))


@cache
def _document_of(kinds: frozenset[str]) -> type[ChecksDocument]:
    classes = tuple(made for kind, made in check_classes(kinds).items())
    one: Any = Annotated[Union[classes], Field(discriminator="kind")] if len(classes) > 1 else classes[0]  # noqa: UP007 - of a tuple
    tables: Any = Annotated[dict[DataName, NonEmpty[one]], Field(min_length=1)]
    return create_model("ChecksDocument", __base__=ChecksDocument, __module__=__name__, tables=(tables, Field(description=_TABLES)))


def check_classes(kinds: Iterable[str] | None = None) -> dict[str, type[CheckOf]]:
    """The class of each kind's parameters, in the order of the vocabulary.

    >>> list(check_classes())[:2]
    ['column_exists', 'columns_match']
    """
    wanted = frozenset(_HOME_OF if kinds is None else kinds)
    found: dict[str, type[CheckOf]] = {}
    for module, name in dict.fromkeys(home for kind, home in _HOME_OF.items() if kind in wanted):
        union = getattr(import_module(f"seedbed.model.checks.{module}"), name)
        for made in get_args(union) or (union,):
            (kind,) = get_args(made.model_fields["kind"].annotation)
            found[kind] = made
    return {kind: found[kind] for kind in _HOME_OF if kind in wanted}


def checks_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of checks documents.

    >>> checks_schema()["$id"]
    'urn:seedbed:checks:1.0'
    """
    found = document_of().model_json_schema(by_alias=True)
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
