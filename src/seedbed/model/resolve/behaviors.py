"""Segments, vintages and stages: the columns they name, the segments they speak of, shares that agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.document import Node
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.columns import listed_values
from seedbed.model.resolve.scope import NUMBERS, TIMES, Scope
from seedbed.model.resolve.states import machine_mistakes
from seedbed.model.resolve.values import spelt

if TYPE_CHECKING:
    from seedbed.model.behaviors import SegmentBehavior, VintageBehavior

#: How far a share may be from the one that weights give; more than rounding to three digits.
_NEAR = 0.001


def behavior_mistakes(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    """All mistakes of a table's behaviours."""
    if node.segment_behavior is not None:
        yield from _segments(scope, node, node.segment_behavior, (*path, "segment_behavior"))
    if node.vintage_behavior is not None:
        yield from _vintages(scope, node, node.vintage_behavior, (*path, "vintage_behavior"))
    if node.stage_config is not None and node.stage_config.segment_variation:
        yield from _stage_segments(scope, node, (*path, "stage_config", "segment_variation"))
    if node.state_transition_model is not None:
        yield from machine_mistakes(scope, node, node.state_transition_model, (*path, "state_transition_model"))


def _segments(scope: Scope, node: Node, behavior: SegmentBehavior, path: Path) -> Iterator[Mistake]:
    yield from scope.missing_column(node.id, behavior.segment_column, (*path, "segment_column"))
    yield from _known_segments(scope, node.id, behavior.segment_column, behavior.behaviors, (*path, "behaviors"))
    yield from _shares(scope, node, behavior, (*path, "behaviors"))
    yield from _applies_to(scope, node, behavior.applies_to_columns, (*path, "applies_to_columns"))
    for segment, special in behavior.behaviors.items():
        here = (*path, "behaviors", segment)
        if special.value_multiplier is not None and not behavior.applies_to_columns:
            fix = "add `applies_to_columns`, the numeric columns to scale"
            yield Mistake((*here, "value_multiplier"), "no column is scaled by `value_multiplier`", fix, at_key=True)
        if special.fanout_multiplier is not None:
            yield from _needs_children(scope, node, (*here, "fanout_multiplier"))


def segment_values(scope: Scope, table: str, column: str) -> list[str] | None:
    """The values of a segment column as texts, where the model lists them."""
    spec = scope.spec(table, column)
    if spec is None or spec.modifiers or scope.written:
        return None
    choice = spec.generator.choice
    if choice is not None:
        found = choice.choices or (listed_values(scope, choice.choices_ref) if choice.choices_ref else None)
    else:
        found = listed_values(scope, f"{table}.{column}")
    return None if found is None else [spelt(value) for value in found]


def _known_segments(scope: Scope, table: str, column: str, named: Iterable[str], path: Path) -> Iterator[Mistake]:
    known = segment_values(scope, table, column)
    listed = frozenset(known or ())
    for segment in named if known is not None else ():
        if known is not None and segment not in listed:
            fix = did_you_mean(segment, known) or f"its values: {one_of(known)}"
            yield Mistake((*path, segment), f"`{table}.{column}` has no value `{segment}`", fix, at_key=True)


def _shares(scope: Scope, node: Node, behavior: SegmentBehavior, path: Path) -> Iterator[Mistake]:
    """`base_probability` gives the weights where the column has none, and repeats them where it has."""
    given = {segment: special.base_probability for segment, special in behavior.behaviors.items() if special.base_probability is not None}
    if not given:
        return
    total = math.fsum(given.values())
    values = segment_values(scope, node.id, behavior.segment_column)
    spec = scope.spec(node.id, behavior.segment_column)
    choice = spec.generator.choice if spec is not None else None
    if total > 1 + _NEAR:
        yield Mistake(path, f"the base probabilities add up to {total:g}", "make them add up to at most 1")
    elif values is not None and set(values) <= set(given) and abs(total - 1) > _NEAR:
        yield Mistake(path, f"every segment has a base probability, and together they are {total:g}", "make them add up to 1")
    if choice is not None and choice.weights is not None and values is not None and len(values) == len(choice.weights):
        yield from _disagreeing(given, values, choice.weights, path)


def _disagreeing(given: dict[str, float], values: list[str], weights: tuple[float, ...], path: Path) -> Iterator[Mistake]:
    whole = math.fsum(weights)
    listed: dict[str, list[float]] = {}
    for value, weight in zip(values, weights, strict=True):
        listed.setdefault(value, []).append(weight)
    for segment, share in given.items() if whole > 0 else ():
        drawn = math.fsum(listed.get(segment, ())) / whole
        if segment in listed and abs(drawn - share) > _NEAR:
            message = f"a base probability of {share:g}, but the column's weights give `{segment}` {drawn:.4g}"
            yield Mistake((*path, segment, "base_probability"), message, "make them agree, or give only one of the two")


def _applies_to(scope: Scope, node: Node, names: Iterable[str], path: Path) -> Iterator[Mistake]:
    """Numeric columns of the node or of its children, bare or as `table.column`."""
    for index, name in enumerate(names):
        here = (*path, index)
        table, _, column = name.rpartition(".")
        if not table:
            yield from _bare(scope, node, column, here)
        elif _is_no_child(scope, table, node.id):
            fix = f"children of `{node.id}`: {one_of(child.id for child in scope.children(node.id))}"
            yield Mistake(here, f"`{table}` is no child of `{node.id}`", fix if scope.children(node.id) else None)
        else:
            yield from scope.missing_table(table, here)
            yield from scope.wrong_type(table, column, here, NUMBERS, "a multiplier")


def _is_no_child(scope: Scope, table: str, parent: str) -> bool:
    """Whether a table is there, has sound parents, and they are others."""
    if table == parent or table not in scope.nodes or scope.written:
        return False
    parents = scope.nodes[table].parents
    are_sound = scope.nodes[table].kind != "fact" or (bool(parents) and set(parents) <= set(scope.nodes) - {table})
    return are_sound and parent not in parents


def _bare(scope: Scope, node: Node, column: str, path: Path) -> Iterator[Mistake]:
    owners = [node.id, *(child.id for child in scope.children(node.id))]
    owner = next((table for table in owners if column in scope.columns(table) or column in scope.written.get(table, ())), node.id)
    yield from scope.wrong_type(owner, column, path, NUMBERS, "a multiplier")


def _needs_children(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    if not scope.children(node.id) and not scope.written:
        fix = f"add a fact with `parents: [{node.id}]`, or remove it"
        yield Mistake(path, f"no fact has `{node.id}` as its first parent, so there is no fan-out to scale", fix, at_key=True)


def _vintages(scope: Scope, node: Node, behavior: VintageBehavior, path: Path) -> Iterator[Mistake]:
    yield from scope.wrong_type(node.id, behavior.created_at_column, (*path, "created_at_column"), TIMES, "an age")
    for name, multiplier in behavior.age_based_multipliers.items():
        here = (*path, "age_based_multipliers", name)
        if multiplier.applies_to == "fanout":
            yield from _needs_children(scope, node, here)
        else:
            yield from _applies_to(scope, node, multiplier.applies_to, (*here, "applies_to"))


def _stage_segments(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    parent = scope.nodes.get(node.parents[0]) if node.parents else None
    if parent is None or node.stage_config is None or parent.id in scope.written:
        return
    if parent.segment_behavior is None:
        fix = f"add `segment_behavior: {{segment_column: ..}}` to `{parent.id}`, or remove `segment_variation`"
        yield Mistake(path, f"the parent `{parent.id}` has no segments", fix, at_key=True)
        return
    yield from _known_segments(scope, parent.id, parent.segment_behavior.segment_column, node.stage_config.segment_variation, path)
