"""Patterns and enums: those that the way a column is made guarantees, and the others.

In 1.0 the others are told, and `validate` judges them; 2.0 refuses them.
"""

from __future__ import annotations

from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model
from seedbed.model.places import Mistake
from seedbed.model.resolve.values import held
from seedbed.plan.plan import Finding
from seedbed.plan.provenance import Tables, listed_values, reads

Path = tuple[str | int, ...]

_VERIFY = "the data is checked with --verify"


def promise_findings(model: Model, tables: Tables) -> list[Finding]:
    """Patterns and enums that a column's generator does not guarantee."""
    found: list[Finding] = []
    for index, rule in enumerate(model.constraints.pattern):
        found += _pattern(model, tables, rule.attr, rule.regex, ("constraints", "pattern", index))
    for index, enum in enumerate(model.constraints.enum):
        found += _enum(tables, enum.attr, enum.values, enum.enum_ref, ("constraints", "enum", index))
    for node_index, node in enumerate(model.nodes):
        for place, column in enumerate(node.columns):
            path: Path = ("nodes", node_index, "columns", place, "constraints")
            ref = f"{node.id}.{column.name}"
            if column.constraints.pattern:
                found += _pattern(model, tables, ref, column.constraints.pattern, (*path, "pattern"))
            if column.constraints.enum or column.constraints.enum_ref:
                found += _enum(tables, ref, column.constraints.enum, column.constraints.enum_ref, path)
    return found


def promise_mistakes(model: Model, tables: Tables) -> list[Mistake]:
    """The same as mistakes, for versions that refuse what they can't guarantee."""
    return [Mistake(finding.path, finding.message, _REMEDIES[finding.code]) for finding in promise_findings(model, tables)]


_REMEDIES = {
    "pattern-unproven": "fill it by `pattern: {regex: ...}` with a regex whose texts all match, or remove the constraint",
    "pattern-broken": "change the value, or the pattern",
    "enum-unproven": "fill it by a `choice` among those values, or remove the constraint",
    "enum-broken": "add it to the enum, or remove it from the choices",
}


def _pattern(model: Model, tables: Tables, ref: str, regex: str, path: Path) -> list[Finding]:
    values = listed_values(tables, ref)
    if values is not None:
        return _listed_pattern(ref, [str(value) for value in values], regex, path)
    from seedbed.plan.texts import always_match  # only models with patterns need languages

    if always_match(model, tables, ref, regex):
        return []
    kind = tables[table_of(ref)].column(column_of(ref)).spec.generator.kind
    return [Finding("info", "pattern-unproven", f"the pattern of {ref} is not guaranteed by its {kind}", path, _VERIFY)]


def _listed_pattern(ref: str, values: list[str], regex: str, path: Path) -> list[Finding]:
    from seedbed.plan.regexes import unmatched

    missing = unmatched(values, regex)
    if missing is None:
        return []
    message = f"`{missing}`, a value of {ref}, does not match {regex}"
    return [Finding("warning", "pattern-broken", message, path, _REMEDIES["pattern-broken"])]


def _enum(tables: Tables, ref: str, values: tuple[object, ...] | None, enum_ref: str | None, path: Path) -> list[Finding]:
    if enum_ref is not None and reads(tables, ref, enum_ref, 8):
        return []
    allowed = values if values is not None else listed_values(tables, enum_ref or "")
    given = listed_values(tables, ref)
    if allowed is None or given is None:
        return [Finding("info", "enum-unproven", f"the enum of {ref} is not guaranteed by how it is made", path, _VERIFY)]
    kind = tables[table_of(ref)].column(column_of(ref)).spec.value_type
    listed = frozenset(held(value, kind) for value in allowed)
    extra = next((value for value in given if held(value, kind) not in listed), None)
    if extra is None:
        return []
    return [Finding("warning", "enum-broken", f"`{extra}`, a value of {ref}, is not in its enum", path, _REMEDIES["enum-broken"])]
