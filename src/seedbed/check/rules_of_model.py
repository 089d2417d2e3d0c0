"""The rules of a model as checks: what each name of a rule's expression means in stored tables."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.check.check import Check, Promise
from seedbed.check.rules import Depth, Gathered, Holds, Read, RuleCheck, Source
from seedbed.check.values import RowCheck
from seedbed.core.expression import compile_expression, parse
from seedbed.model.base import column_of
from seedbed.model.constraints import Rule
from seedbed.model.document import Model, Node
from seedbed.model.references import Reference, find_reference, plan_link, reference_type
from seedbed.plan.formulas import types_in
from seedbed.plan.links import node_links


def rule_check(model: Model, rule: Rule, number: int) -> Check | str:
    """The check of a rule, or why it cannot be judged on stored tables."""
    node = model.node(rule.table)
    assert node is not None
    parsed = parse(rule.expr)
    compiled = compile_expression(parsed, types_in(model, node))
    references = {name: find_reference(model, node, name) for name in parsed.names}
    own = tuple(name for name, found in references.items() if isinstance(found, Reference) and _is_own(found))
    about = Promise(f"{rule.table}.{rule.name or f'rule_{number + 1}'}", "rule", rule.table, own, rule.expr)
    sources: list[Source] = []
    for name, found in references.items():
        assert isinstance(found, Reference)
        source = own_column(model, node, found) if _is_own(found) else _source(model, node, name, found)
        if isinstance(source, str):
            return source
        if source is not None:
            sources.append(source)
    if not sources:
        return RowCheck(about, Holds(compiled, own))
    return RuleCheck(about, compiled, own, tuple(sources))


def promise_of(rule: Rule, number: int) -> Promise:
    """What a rule promises."""
    return Promise(f"{rule.table}.{rule.name or f'rule_{number + 1}'}", "rule", rule.table, (), rule.expr)


def _is_own(reference: Reference) -> bool:
    return reference.link is None and reference.measure is None


def own_column(model: Model, node: Node, reference: Reference) -> str | None:
    """Why a row's own column is not there to be read; None where it is."""
    column = node.column(reference.column)
    if column is None or column.hidden or reference.field is not None:
        return f"`{reference.name}` of `{node.id}` is not delivered"
    return None if reference_type(model, reference) is not None else f"`{reference.name}` has no type"


def _source(model: Model, node: Node, name: str, found: Reference) -> Source | str:
    if found.measure is not None and found.link is None:
        return _of_children(model, node, name, found)
    assert found.link is not None
    target = model.node(node.links[found.link].to if found.link in node.links else found.link)
    assert target is not None
    pairs = stored_key(model, node, found.link, target)
    if pairs is None:
        return f"no stored columns of `{node.id}` tell which row of `{target.id}` its link `{found.link}` leads to"
    own, theirs = tuple(one for one, _ in pairs), tuple(other for _, other in pairs)
    if found.measure == "depth":
        return Depth(name, theirs[0], own[0]) if len(own) == 1 else "the tree's key has several columns"
    if found.measure is not None:
        return Gathered(name, node.id, theirs, own, "", "count_children", reference_type(model, found))  # type: ignore[arg-type]  # int
    return own_column(model, target, found) or Read(name, target.id, own, theirs, found.column)


def _of_children(model: Model, node: Node, name: str, found: Reference) -> Source | str:
    child = model.node(found.table)
    kind = reference_type(model, found)
    assert child is not None
    assert kind is not None
    pairs = stored_key(model, child, node.id, node)
    if pairs is None:
        return f"no stored columns of `{child.id}` tell which row of `{node.id}` it belongs to"
    if found.column and (missing := own_column(model, child, Reference(None, child.id, found.column, found.field))):
        return missing
    own, theirs = tuple(other for _, other in pairs), tuple(one for one, _ in pairs)
    return Gathered(name, child.id, own, theirs, found.column, found.measure or "", kind)


def stored_key(model: Model, node: Node, link: str, target: Node) -> list[tuple[str, str]] | None:
    """The columns of a row that hold the key of the row a link leads to, each with the target's column; None where none do."""
    wanted = plan_link(node, link)
    chosen, _ = node_links(model, node)
    pairs = dict(_looked_up(node, chosen, wanted))
    spec = node.links.get(link)
    for theirs, own in (spec.match if spec is not None else {}).items():
        column = node.column(own)
        if column is not None and not column.hidden:
            pairs.setdefault(theirs, own)
    delivered = {column.name for column in target.columns if not column.hidden}
    keys = [target.primary_key, *((column_of(ref),) for ref in model.constraints.unique_columns if ref.startswith(f"{target.id}."))]
    for key in keys:
        if key and set(key) <= pairs.keys() & delivered:
            return [(pairs[name], name) for name in key]
    return None


def _looked_up(node: Node, chosen: dict[str, str], link: str) -> Iterator[tuple[str, str]]:
    for column in node.columns:
        lookup = column.generator.lookup
        if lookup is not None and chosen.get(column.name) == link and not column.hidden and not column.modifiers and not column.null_if:
            yield column_of(lookup.from_), column.name
