"""A data contract in the making, and the contract of a checks document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seedbed.model.checks.base import CheckOf, OfColumn
from seedbed.model.checks.document import ChecksDocument
from seedbed.model.odcs.rules import COUNTED

API_VERSION = "v3.1.0"

Clauses = dict[str, Any]

_LOGICAL = {
    "string": "string", "uuid": "string", "json": "string", "date": "date", "datetime": "timestamp", "time": "time", "number": "number",
    "float": "number", "decimal": "number", "int": "integer", "struct": "object", "list": "array", "bool": "boolean",
}  # fmt: skip

#: What a rule of the library can say of a check; a check that says more is written as seedbed's own.
_TELLABLE = frozenset({"kind", "id", "description", "severity", "threshold", "dimension", "tags"})


@dataclass(slots=True)
class Draft:
    """Objects of a contract, by table, and their properties, by column; each is made when it is first named."""

    objects: dict[str, Clauses] = field(default_factory=dict)

    def object(self, table: str) -> Clauses:
        """A table."""
        return self.objects.setdefault(table, {"name": table, "logicalType": "object", "properties": {}})

    def property(self, table: str, column: str) -> Clauses:
        """A column."""
        found: Clauses = self.object(table)["properties"].setdefault(column, {"name": column})
        return found

    def rule(self, table: str, column: str | None, rule: Clauses) -> None:
        """Add a quality rule to a column, or to the table."""
        owner = self.object(table) if column is None else self.property(table, column)
        owner.setdefault("quality", []).append(rule)

    def contract(self, name: str) -> Clauses:
        """The whole contract; its version is that of the data, which starts with 1."""
        objects = [{**one, "properties": list(one["properties"].values())} for one in self.objects.values()]
        for one in objects:
            if not one["properties"]:
                del one["properties"]
        head = {"apiVersion": API_VERSION, "kind": "DataContract", "id": name, "name": name, "version": "1.0.0", "status": "active"}
        return {**head, "schema": objects}


def logical_type(name: str) -> str | None:
    """The standard's word for a type of ours; None where it has none.

    >>> logical_type("datetime"), logical_type("bytes")
    ('timestamp', None)
    """
    return _LOGICAL.get(name)


def contract_of_checks(document: ChecksDocument, name: str) -> Clauses:
    """A contract of ODCS 3.1 that asks for the same checks: by metrics of its library where it has them, else as rules of seedbed's own."""
    draft = Draft()
    for table, checks in document.tables.items():
        draft.object(table)
        for check in checks:
            _write(draft, table, check)
    return draft.contract(document.name or name)


def plain_spec(check: CheckOf) -> Clauses:
    """A check as a document has it, without what it doesn't say."""
    found: Clauses = check.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return found


def _write(draft: Draft, table: str, check: CheckOf) -> None:
    spec = plain_spec(check)
    columns = check.each if isinstance(check, OfColumn) else (None,)
    known = _LIBRARY.get(spec["kind"])
    single = columns[0] if len(columns) == 1 else None
    said = known(spec) if known is not None and set(spec) - _TELLABLE <= _OWN_KEYS[spec["kind"]] and len(columns) == 1 else None
    if said is None:
        draft.rule(table, single, {"type": "custom", "engine": "seedbed", "implementation": spec})
        return
    column = single or (spec.get("column") if isinstance(spec.get("column"), str) else None)
    draft.rule(table, column, {**said, **_told(spec)})


def _told(spec: Clauses) -> Clauses:
    names = {"id": "name", "description": "description", "severity": "severity", "dimension": "dimension", "tags": "tags"}
    return {theirs: spec[ours] for ours, theirs in names.items() if ours in spec}


def _limit(spec: Clauses) -> Clauses:
    most = spec.get("threshold", 0)
    if isinstance(most, float):
        return {"mustBeLessOrEqualTo": most * 100, "unit": "percent"}
    return {"mustBeLessOrEqualTo": most} if most else {"mustBe": 0}


def _exactly(spec: Clauses, rule: Clauses) -> Clauses | None:
    """The rule, unless a share is not the same again when it is a hundredth of its percents."""
    most = spec.get("threshold")
    return rule if not isinstance(most, float) or most * 100 / 100 == most else None


def _not_null(spec: Clauses) -> Clauses | None:
    return _exactly(spec, {"metric": "nullValues", **_limit(spec)})


def _missing(spec: Clauses) -> Clauses | None:
    listed = {"arguments": {"missingValues": [None, *spec["values"]]}} if "values" in spec else {}
    return _exactly(spec, {"metric": "missingValues", **listed, **_limit(spec)})


def _in_set(spec: Clauses) -> Clauses | None:
    return _exactly(spec, {"metric": "invalidValues", "arguments": {"validValues": spec["values"]}, **_limit(spec)})


def _regex(spec: Clauses) -> Clauses | None:
    return _exactly(spec, {"metric": "invalidValues", "arguments": {"pattern": spec["regex"]}, **_limit(spec)})


def _unique(spec: Clauses) -> Clauses | None:
    if isinstance(spec.get("column"), list):
        return None
    listed = {"arguments": {"properties": spec["columns"]}} if "columns" in spec else {}
    return _exactly(spec, {"metric": "duplicateValues", **listed, **_limit(spec)})


def _row_count(spec: Clauses) -> Clauses | None:
    low, high = spec.get("min"), spec.get("max")
    if any(end is not None and (end != int(end) or end < 0) for end in (low, high)):
        return None
    if low == high and low:
        return {"metric": "rowCount", "mustBe": low}
    if low and high:
        return {"metric": "rowCount", "mustBeBetween": [low, high]}
    return (
        {"metric": "rowCount", "mustBeGreaterOrEqualTo": low}
        if high is None
        else {"metric": "rowCount", "mustBeLessOrEqualTo": high}
        if low is None
        else None
    )


def _sql(spec: Clauses) -> Clauses | None:
    query: str = spec["query"].strip()
    return (
        None if query != spec["query"] or query.endswith(";") else {"type": "sql", "query": f"{COUNTED[0]}{query}{COUNTED[1]}", "mustBe": 0}
    )


_LIBRARY = {
    "not_null": _not_null,
    "missing": _missing,
    "in_set": _in_set,
    "regex": _regex,
    "unique": _unique,
    "row_count": _row_count,
    "sql": _sql,
}
_OWN_KEYS: dict[str, frozenset[str]] = {
    "not_null": frozenset({"column"}), "missing": frozenset({"column", "values"}), "in_set": frozenset({"column", "values"}),
    "regex": frozenset({"column", "regex"}), "unique": frozenset({"column", "columns"}), "row_count": frozenset({"min", "max"}), "sql": frozenset({"query"}),
}  # fmt: skip
