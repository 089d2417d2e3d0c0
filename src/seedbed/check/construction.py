"""What a model's rows keep by the way they are made, beyond what its constraints say: numbers of children, limits of links, splits and
aggregates, rows that match, paths through states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seedbed.check.check import Check, Promise
from seedbed.check.groups import ChildrenCheck, GroupsOf, What
from seedbed.check.paths import PathCheck
from seedbed.check.rules_of_model import rule_check, stored_key
from seedbed.check.unjudged import Skipped
from seedbed.core.block import NUMBERS, ColumnType, scale_of
from seedbed.model.base import column_of, table_of
from seedbed.model.constraints import Rule
from seedbed.model.document import EVENT_NUMBER, ColumnSpec, Model, Node
from seedbed.model.states import StateTransitionModel
from seedbed.plan.children import MOST_CHILDREN, children_bounds


def construction_checks(model: Model, node: Node) -> Iterator[Check]:
    """The checks of one table of a model."""
    yield from _fanout(model, node)
    yield from _links(model, node)
    for column in node.columns:
        if column.hidden or column.modifiers or column.null_if or column.null_rate or column.nullable:
            continue
        if column.generator.aggregate is not None:
            yield from _aggregate(model, node, column)
        if column.generator.split is not None:
            yield from _split(model, node, column)
    if node.events is not None:
        yield from _path(node, node.events)


def _keys(model: Model, node: Node, link: str, target: Node) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The columns of a row that hold the key of the row a link leads to, and the target's; None where they are of two types."""
    pairs = stored_key(model, node, link, target)
    if not pairs:
        return None
    own, theirs = tuple(one for one, _ in pairs), tuple(other for _, other in pairs)
    for one, other in pairs:
        here, there = node.column(one), target.column(other)
        if here is None or there is None or here.value_type != there.value_type:
            return None
    return own, theirs


def _fanout(model: Model, node: Node) -> Iterator[Check]:
    """No parent has fewer or more children than its fan-out can give."""
    parent = model.node(node.parents[0]) if node.fanout is not None and node.parents else None
    if parent is None or node.fanout is None or node.stage_config is not None:
        return
    is_scaled = bool(parent.segment_behavior or parent.vintage_behavior or node.modifiers)
    low, high = children_bounds(node.fanout, is_scaled=is_scaled)
    keys = _keys(model, node, parent.id, parent)
    if keys is None or (low == 0 and high >= MOST_CHILDREN):
        return
    ends = f"{low:,} to {high:,}" if high < MOST_CHILDREN else f"at least {low:,}"
    about = Promise(f"{parent.id}.{node.id}.fanout", "cardinality", parent.id, keys[1], f"{ends} rows of {node.id}")
    children, parents = GroupsOf(node.id, keys[0]), GroupsOf(parent.id, keys[1])
    yield ChildrenCheck(about, children, parents, "cardinality", low or None, None if high >= MOST_CHILDREN else high)


def _links(model: Model, node: Node) -> Iterator[Check]:
    for name, link in node.links.items():
        target = model.node(link.to)
        if target is None:
            continue
        keys = _keys(model, node, name, target)
        if link.capacity is not None and keys is not None:
            yield _capacity(node, target, name, link.capacity.limit, keys)
        for theirs, own in link.match.items():
            yield from _rule(model, node, f"{name}.{theirs} == {own}", f"{name}_match_{theirs}", "match")
        if link.as_of is not None:
            yield from _rule(model, node, f"{name}.{link.as_of.valid_from} <= {link.as_of.at}", f"{name}_as_of_from", "match")
            if link.as_of.valid_to is not None:
                yield from _rule(model, node, f"{link.as_of.at} < {name}.{link.as_of.valid_to}", f"{name}_as_of_to", "match")


def _capacity(node: Node, target: Node, name: str, limit: int | str, keys: tuple[tuple[str, ...], tuple[str, ...]]) -> Check:
    about = Promise(f"{target.id}.{node.id}_{name}.capacity", "capacity", target.id, keys[1], f"at most {limit} rows of {node.id}")
    children = GroupsOf(node.id, keys[0])
    if isinstance(limit, int):
        return ChildrenCheck(about, children, GroupsOf(target.id, keys[1]), "cardinality", None, limit)
    column = target.column(limit)
    if column is None or column.hidden or column.type is not ColumnType.INT:
        return Skipped(about, f"`{target.id}.{limit}` is not among the data")
    return ChildrenCheck(about, children, GroupsOf(target.id, keys[1], ("min",), (limit,)), "capacity", limit=limit)


def _rule(model: Model, node: Node, code: str, name: str, kind: str) -> Iterator[Check]:
    """An expression that is true in every row; where stored tables don't tell, it is skipped."""
    found = rule_check(model, Rule(table=node.id, expr=code), 0)
    about = Promise(f"{node.id}.{name}", kind, node.id, (), code)
    if isinstance(found, str):
        yield Skipped(about, found)
    else:
        yield replace(found, about=replace(about, columns=found.about.columns))  # type: ignore[type-var]  # checks are dataclasses


def _aggregate(model: Model, node: Node, column: ColumnSpec) -> Iterator[Check]:
    spec = column.generator.aggregate
    child = model.node(table_of(spec.of)) if spec is not None else None
    of = child.column(column_of(spec.of)) if child is not None and spec is not None else None
    if spec is None or child is None or of is None:
        return
    about = Promise(f"{node.id}.{column.name}.aggregate_match", "aggregate_match", node.id, (column.name,), f"{spec.op}({spec.of})")
    keys = _keys(model, child, node.id, node)
    reason = _unsaid(spec.op, spec.where, of, column) or (
        "no stored columns tell which row the children belong to" if keys is None else None
    )
    if reason is not None or keys is None:
        yield Skipped(about, reason or "")
        return
    what: tuple[What, ...] = () if spec.op == "count" else (_WHAT[spec.op],)
    children = GroupsOf(child.id, keys[0], what, None if spec.op == "count" else (of.name,))
    parents = GroupsOf(node.id, keys[1], ("min",), (column.name,))
    scales = (1.0 if spec.op == "count" else float(10 ** scale_of(of.value_type)), float(10 ** scale_of(column.value_type)))
    slack = 0.5 / scales[1] if spec.op == "mean" or scales[0] != scales[1] else 0.0
    yield ChildrenCheck(about, children, parents, "aggregate", limit=column.name, measure=spec.op, tolerance=slack, scale=scales)


_WHAT: dict[str, What] = {"sum": "sum", "mean": "sum", "min": "min", "max": "max"}


def _unsaid(op: str, where: str | None, of: ColumnSpec, column: ColumnSpec) -> str | None:
    """Why stored tables don't tell what an aggregate is."""
    if op in ("first", "last"):
        return "the order of the children is not stored"
    if where is not None:
        return "only some children count"
    if of.hidden:
        return f"`{of.name}` is not among the data"
    if op == "count":
        return f"nulls of `{of.name}` don't count" if of.may_be_null else None
    numbers = NUMBERS | {ColumnType.BOOL}
    return None if of.type in numbers and column.type in numbers else "only numbers are added up"


def _split(model: Model, node: Node, column: ColumnSpec) -> Iterator[Check]:
    spec = column.generator.split
    parent = model.node(node.parents[0]) if node.parents else None
    if spec is None or parent is None:
        return
    link, _, name = spec.total.rpartition(".")
    total = parent.column(name)
    about = Promise(f"{parent.id}.{name}.split_{node.id}", "aggregate_match", parent.id, (name,), f"sum({node.id}.{column.name})")
    keys = _keys(model, node, parent.id, parent)
    if link not in ("parent", parent.id) or total is None or total.hidden or keys is None:
        yield Skipped(about, "stored tables don't tell the total of each row")
        return
    scales = (float(10 ** scale_of(column.value_type)), float(10 ** scale_of(total.value_type)))
    children = GroupsOf(node.id, keys[0], ("sum",), (column.name,))
    parents = GroupsOf(parent.id, keys[1], ("min",), (name,))
    yield ChildrenCheck(about, children, parents, "aggregate", limit=name, measure="sum", scale=scales, needs_children=True)


def _path(node: Node, machine: StateTransitionModel) -> Iterator[Check]:
    """Every transition is one that the machine allows, from its initial state on."""
    keys = tuple(name for name in node.primary_key if name != EVENT_NUMBER)
    columns = (*keys, EVENT_NUMBER, machine.state_column)
    about = Promise(f"{node.id}.{machine.state_column}.path", "state_path", node.id, columns, f"a path from {machine.initial_state}")
    allowed = tuple((state, after) for state, spec in machine.states.items() for after, share in spec.next_states.items() if share > 0)
    yield PathCheck(about, keys, EVENT_NUMBER, machine.state_column, machine.initial_state, allowed)


def reachable(machine: StateTransitionModel) -> tuple[str, ...]:
    """The states that a row can reach, in the document's order."""
    found, waiting = {machine.initial_state}, [machine.initial_state]
    while waiting:
        state = machine.states.get(waiting.pop())
        after = {name for name, share in state.next_states.items() if share > 0} - found if state is not None else set()
        found |= after
        waiting += after
    return tuple(name for name in machine.states if name in found)
