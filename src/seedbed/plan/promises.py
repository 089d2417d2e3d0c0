"""Patterns and enums that the way a column is made does not guarantee."""

from __future__ import annotations

from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model
from seedbed.plan.plan import Finding
from seedbed.plan.provenance import Tables, listed_values, reads

Path = tuple[str | int, ...]


def promise_findings(model: Model, tables: Tables) -> list[Finding]:
    """Patterns and enums that a column's generator does not guarantee: `validate` judges them."""
    found: list[Finding] = []
    for index, rule in enumerate(model.constraints.pattern):
        found += _pattern(tables, rule.attr, rule.regex, ("constraints", "pattern", index))
    for index, enum in enumerate(model.constraints.enum):
        found += _enum(tables, enum.attr, enum.values, enum.enum_ref, ("constraints", "enum", index))
    for node_index, node in enumerate(model.nodes):
        for place, column in enumerate(node.columns):
            path: Path = ("nodes", node_index, "columns", place, "constraints")
            ref = f"{node.id}.{column.name}"
            if column.constraints.pattern:
                found += _pattern(tables, ref, column.constraints.pattern, (*path, "pattern"))
            if column.constraints.enum or column.constraints.enum_ref:
                found += _enum(tables, ref, column.constraints.enum, column.constraints.enum_ref, path)
    return found


def _pattern(tables: Tables, ref: str, regex: str, path: Path) -> list[Finding]:
    values = listed_values(tables, ref)
    fix = "the data is checked with --verify"
    if values is None:
        kind = tables[table_of(ref)].column(column_of(ref)).spec.generator.kind
        return [Finding("info", "pattern-unproven", f"the pattern of {ref} is not guaranteed by its {kind}", path, fix)]
    from seedbed.plan.regexes import unmatched

    missing = unmatched([str(value) for value in values], regex)
    if missing is None:
        return []
    return [
        Finding(
            "warning", "pattern-broken", f"`{missing}`, a value of {ref}, does not match {regex}", path, "change the value, or the pattern"
        )
    ]


def _enum(tables: Tables, ref: str, values: tuple[object, ...] | None, enum_ref: str | None, path: Path) -> list[Finding]:
    if enum_ref is not None and reads(tables, ref, enum_ref, 8):
        return []
    allowed = values if values is not None else listed_values(tables, enum_ref or "")
    given = listed_values(tables, ref)
    if allowed is None or given is None:
        return [
            Finding(
                "info", "enum-unproven", f"the enum of {ref} is not guaranteed by how it is made", path, "the data is checked with --verify"
            )
        ]
    listed = frozenset(allowed)
    extra = next((value for value in given if value not in listed), None)
    if extra is None:
        return []
    return [
        Finding(
            "warning",
            "enum-broken",
            f"`{extra}`, a value of {ref}, is not in its enum",
            path,
            "add it to the enum, or remove it from the choices",
        )
    ]
