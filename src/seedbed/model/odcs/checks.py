"""The checks that a data contract asks for. What no check says is listed with the reason, never dropped.

Names of tables and columns are the physical ones where the contract has them. Descriptions, physical types, servers, prices and the
like are no rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.base import Items, Part
from seedbed.model.checks.document import ChecksDocument, document_of
from seedbed.model.odcs.document import Contract, Relationship, SchemaObject, SchemaProperty, SlaProperty
from seedbed.model.odcs.options import option_checks
from seedbed.model.odcs.rules import RuleOf, rule_checks
from seedbed.model.odcs.unsaid import UnsaidError

_TYPES = {
    "string": "string", "date": "date", "timestamp": "datetime", "time": "time", "number": "number", "integer": "int", "object": "struct",
    "array": "list", "boolean": "bool",
}  # fmt: skip
_DURATIONS = {"s", "sec", "second", "seconds", "min", "minute", "minutes", "h", "hour", "hours", "d", "day", "days", "w", "week", "weeks"}


class Unsaid(Part):
    """A rule that no check says: where it stands, and why."""

    id: str
    table: str
    column: str | None = None
    rule: str
    reason: str


class ContractChecks(ChecksDocument):
    """The checks of a contract, and what none of them says."""

    unsaid: Items[Unsaid] = Field(default=(), description="Rules that no check says.")


Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was made of a contract so far."""

    checks: list[Spec]
    unsaid: list[Unsaid]
    table: str

    def take(self, column: str | None, rule: str, name: str | None, specs: Iterator[Spec]) -> None:
        """Keep the checks of a rule, or why it has none."""
        try:
            self.checks.extend(list(specs))
        except UnsaidError as error:
            told = name or ".".join(part for part in (self.table, column, rule) if part)
            self.unsaid.append(Unsaid(id=told, table=self.table, column=column, rule=rule, reason=str(error)))


def checks_of_contract(contract: Contract, name: str) -> ContractChecks:
    """The checks of a contract.

    Raises:
        ModelError: it has no objects, or a rule cannot be.
    """
    if not contract.objects:
        raise ModelError(
            "the contract has no schema: there is nothing to check", where=name, fix="add `schema` with the tables' properties"
        )
    found = {one.table: _of_object(one, contract) for one in contract.objects}
    for sla in contract.sla_properties:
        _take_sla(sla, contract, found)
    unsaid = [each for one in found.values() for each in one.unsaid]
    tables = {table: one.checks for table, one in found.items()}
    told = {"version": "1.0", "tables": _named_apart(tables), "name": contract.name}
    try:
        said = document_of().model_validate({key: value for key, value in told.items() if value is not None})
        return ContractChecks(version="1.0", name=said.name, tables=said.tables, unsaid=tuple(unsaid))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"a rule of the contract cannot be: {first['msg']}", where=f"{name} {place}", fix="mend the rule") from error


def _named_apart(tables: Mapping[str, list[Spec]]) -> dict[str, list[Spec]]:
    """Give checks of one name names of their own, by number."""
    seen: dict[str, int] = {}
    for checks in tables.values():
        for check in checks:
            if (name := check.get("id")) is not None:
                seen[name] = seen.get(name, 0) + 1
                check["id"] = name if seen[name] == 1 else f"{name}_{seen[name]}"
    return dict(tables)


def _of_object(one: SchemaObject, contract: Contract) -> _Found:
    found = _Found([], [], one.table)
    columns = [column.column for column in one.properties]
    found.checks.append(
        {"kind": "column_exists", "column": columns, "severity": "critical"} if columns else {"kind": "column_count", "min": 1}
    )
    if key := _key(one):
        found.checks.append({"kind": "primary_key", "columns": key})
    for column in one.properties:
        _take_property(column, found, contract)
    for place, rule in enumerate(one.quality):
        of = RuleOf(rule, one.table, None, {each.name or "": each.column for each in one.properties})
        found.take(None, f"quality {place + 1}", rule.name, rule_checks(of))
    for relation in one.relationships:
        found.take(None, "relationship", None, _table_reference(relation, one.table, contract))
    return found


def _key(one: SchemaObject) -> list[str]:
    keys = [column for column in one.properties if column.primary_key]
    return [column.column for column in sorted(keys, key=lambda column: column.primary_key_position)]


def _take_property(column: SchemaProperty, found: _Found, contract: Contract) -> None:
    name = column.column
    if column.logical_type is not None:
        found.checks.append({"kind": "type", "column": name, "type": _TYPES[column.logical_type], "severity": "critical"})
    if column.required and not column.primary_key:
        found.checks.append({"kind": "not_null", "column": name})
    if column.unique:
        found.checks.append({"kind": "unique", "column": name})
    for option, value in column.logical_type_options.items():
        found.take(name, f"logicalTypeOptions.{option}", None, option_checks(column, option, value))
    for place, rule in enumerate(column.quality):
        found.take(name, f"quality {place + 1}", rule.name, rule_checks(RuleOf(rule, found.table, name, {})))
    for relation in column.relationships:
        found.take(name, "relationship", None, _own_reference(relation, found, name, contract))
    for inner in [*column.properties, *([column.items] if column.items else [])]:
        if rule_text := _rules_inside(inner):
            found.take(name, f"{inner.name or 'items'}: {rule_text}", None, _never("no check looks into objects and lists"))


def _rules_inside(inner: SchemaProperty) -> str:
    """The rules of a nested property, its own ones and those further in."""
    own = [word for word in ("required", "unique", "quality", "relationships", "logical_type_options") if getattr(inner, word)]
    further = [_rules_inside(each) for each in [*inner.properties, *([inner.items] if inner.items else [])]]
    return ", ".join(part for part in [*own, *further] if part)


def _never(reason: str) -> Iterator[Spec]:
    yield from _refused(reason)


def _refused(reason: str) -> list[Spec]:
    raise UnsaidError(reason)


def _own_reference(relation: Relationship, found: _Found, column: str, contract: Contract) -> Iterator[Spec]:
    """The foreign key of a property."""
    if relation.from_ is not None:
        raise UnsaidError("`from` has no place in a relationship of a property")
    yield from _reference(relation, found.table, [(found.table, column)], contract)


def _table_reference(relation: Relationship, table: str, contract: Contract) -> Iterator[Spec]:
    """The foreign key of an object."""
    if relation.from_ is None:
        raise UnsaidError("`from` is missing")
    yield from _reference(relation, table, [_place(ref, contract) for ref in _listed(relation.from_)], contract)


def _reference(relation: Relationship, table: str, sources: list[tuple[str, str]], contract: Contract) -> Iterator[Spec]:
    if relation.type not in (None, "foreignKey"):
        raise UnsaidError(f"relationships of type {relation.type} are not checked")
    goals = [_place(ref, contract) for ref in _listed(relation.to)]
    if len(sources) != len(goals) or len({goal[0] for goal in goals}) > 1 or {source[0] for source in sources} != {table}:
        raise UnsaidError("`from` and `to` are not columns of this table and as many of one other")
    told = {"description": relation.description} if relation.description else {}
    columns = {"columns": [column for _, column in sources], "to": goals[0][0], "to_columns": [column for _, column in goals]}
    yield {"kind": "foreign_key", **columns, **told}


def _listed(refs: Any) -> Iterable[str]:
    return (refs,) if isinstance(refs, str) else refs


def _place(ref: str, contract: Contract) -> tuple[str, str]:
    """The table and column that a reference means: `orders.id`, or `schema/orders_id/properties/id_id`."""
    if "#" in ref or "://" in ref or ref.endswith((".yaml", ".yml")):
        raise UnsaidError(f"`{ref}` is in another contract")
    parts = ref.strip("/").split("/")
    if len(parts) == 4 and parts[0] == "schema" and parts[2] == "properties":
        wanted = (parts[1], parts[3])
        pairs = (((one.id, column.id), (one.table, column.column)) for one in contract.objects for column in one.properties)
    else:
        first, _, rest = ref.partition(".")
        wanted = (first, rest)
        pairs = (((one.name, column.name), (one.table, column.column)) for one in contract.objects for column in one.properties)
    for names, found in pairs:
        if names == wanted:
            return found
    raise UnsaidError(f"`{ref}` is no property of this contract, or one within another")


def _take_sla(sla: SlaProperty, contract: Contract, found: Mapping[str, _Found]) -> None:
    element = sla.element or contract.sla_default_element
    tables = [one.table for one in contract.objects]
    for part in (element or tables[0]).split(","):
        name = part.strip().partition(".")[0]
        table = next((one.table for one in contract.objects if name in (one.name, one.table)), tables[0])
        found[table].take(None, f"sla {sla.property}", None, _freshness(sla, part.strip(), contract))


def _freshness(sla: SlaProperty, element: str, contract: Contract) -> Iterator[Spec]:
    """How old the newest moment may be."""
    if sla.property not in ("freshness", "latency"):
        raise UnsaidError("an agreement about the service: the rows don't tell")
    if "." not in element:
        raise UnsaidError("`element` names no column")
    _, column = _place(element, contract)
    unit = (sla.unit or "").strip().lower()
    if unit not in _DURATIONS or isinstance(sla.value, bool) or not isinstance(sla.value, int | float) or sla.value <= 0:
        raise UnsaidError(f"`{sla.value} {sla.unit}` is no duration in seconds, minutes, hours, days or weeks")
    yield {
        "kind": "freshness",
        "column": column,
        "max_age": f"{sla.value} {unit}",
        **({"description": sla.description} if sla.description else {}),
    }
