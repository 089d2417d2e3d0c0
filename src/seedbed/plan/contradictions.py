"""What columns and behaviours ask for that has no meaning: it is refused, never read and ignored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from seedbed.core.block import ColumnType
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model, Node
from seedbed.model.generators.choice import Choice
from seedbed.model.modifiers import Effect, MapValues, Seasonality
from seedbed.model.places import Mistake
from seedbed.plan.plan import ColumnPlan, TablePlan
from seedbed.plan.provenance import Tables
from seedbed.plan.sources import item_weights
from seedbed.plan.support import number_of

if TYPE_CHECKING:
    from seedbed.model.behaviors import SegmentBehavior

Path = tuple[str | int, ...]

_TIMES = (ColumnType.DATE, ColumnType.DATETIME)

#: How far a share may be from the one that weights give; more than rounding to three digits.
_NEAR = 0.001


def contradictions(model: Model, tables: Tables) -> list[Mistake]:
    """Everything in columns and behaviours that would be ignored, or cannot be told apart from nonsense."""
    found: list[Mistake] = []
    for index, node in enumerate(model.nodes):
        if node.segment_behavior is not None:
            found += _shares(node, node.segment_behavior, ("nodes", index, "segment_behavior", "behaviors"))
        for place, column in enumerate(tables[node.id].columns):
            if not column.stage:
                path: Path = ("nodes", index, "columns", place)
                found += [*_reference(tables, column, path), *_modifiers(column, path), *_factors(tables[node.id], column, path)]
    return found


def _shares(node: Node, behavior: SegmentBehavior, path: Path) -> list[Mistake]:
    """Base probabilities give the weights of a choice, or agree with those it has."""
    given = {name: special.base_probability for name, special in behavior.behaviors.items() if special.base_probability is not None}
    spec = node.column(behavior.segment_column)
    if not given or spec is None:
        return []
    where: Path = (*path, next(iter(given)), "base_probability")
    choice = spec.generator.choice
    if choice is None:
        message = f"`{node.id}.{spec.name}` is filled by a {spec.generator.kind}, so a base probability does not decide its shares"
        return [Mistake(where, message, "remove it, or make the column a choice")]
    if choice.weights_kind is None:
        return []
    if choice.choices is None:
        return [Mistake(where, "`weights_kind` and a base probability both give the weights", "keep one of them")]
    return _disagreeing(choice, choice.choices, given, path)


def _disagreeing(choice: Choice, choices: tuple[object, ...], given: dict[str, float], path: Path) -> list[Mistake]:
    weights = item_weights(choice, len(choices))
    listed = [1.0] * len(choices) if weights is None else weights.tolist()
    of_item: dict[str, list[float]] = {}
    for item, weight in zip(choices, listed, strict=True):
        of_item.setdefault(_spelt(item), []).append(weight)
    whole, found = math.fsum(listed), []
    for name, share in given.items():
        drawn = math.fsum(of_item.get(name, ())) / whole
        if abs(drawn - share) > _NEAR:
            message = f"a base probability of {share:g}, but `{choice.weights_kind}` gives `{name}` {drawn:.4g}"
            found.append(Mistake((*path, name, "base_probability"), message, "make them agree, or give only one of the two"))
    return found


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reference(tables: Tables, column: ColumnPlan, path: Path) -> list[Mistake]:
    choice = column.spec.generator.choice
    if choice is None or choice.choices_ref is None:
        return []
    source = tables[table_of(choice.choices_ref)].column(column_of(choice.choices_ref))
    if column.type.takes(source.type):
        return []
    message = f"{source.ref} is of type {source.type}, {column.ref} of type {column.type}"
    return [Mistake((*path, "generator", "choice", "choices_ref"), message, f"set the column's type to {source.type}")]


def _modifiers(column: ColumnPlan, path: Path) -> list[Mistake]:
    """Weights for times that are not drawn, and keys of maps that no value is."""
    found = []
    for place, modifier in enumerate(column.spec.modifiers):
        where: Path = (*path, "modifiers", place)
        is_weight = isinstance(modifier, Seasonality | Effect) and column.type in _TIMES
        if is_weight and column.spec.generator.datetime_series is None:
            message = f"{column.ref} is filled by a {column.spec.generator.kind}, so `{modifier.transform}` cannot decide how it is drawn"
            found.append(Mistake(where, message, "draw the column by `datetime_series`, or remove the modifier"))
        if isinstance(modifier, MapValues):
            unknown = [key for key in modifier.args.mapping if not _is_value(key, column.type)]
            found += [
                Mistake(
                    (*where, "args", "mapping", key), f"`{key}` is no {column.type}, so it is never replaced", "correct it, or remove it"
                )
                for key in unknown[:3]
            ]
    return found


def _is_value(text: str, kind: ColumnType) -> bool:
    """Whether a key of a map, which is always text, spells a value of a type."""
    if kind.is_text:
        return True
    if kind is ColumnType.BOOL:
        return text in ("true", "false")
    if kind in _TIMES or kind is ColumnType.TIME:
        return number_of(text, kind) is not None
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _factors(table: TablePlan, column: ColumnPlan, path: Path) -> list[Mistake]:
    """Behaviours of parents need a way to the parent, and ages a time at which to look."""
    for factor in column.factors:
        if factor.link is not None and factor.table not in table.node.parents[:2]:
            message = (
                f"rows of `{table.name}` do not tell which `{factor.table}` they belong to, so its behaviour cannot scale {column.ref}"
            )
            return [Mistake(path, message, f"list `{factor.table}` as the first or second parent")]
        if factor.kind == "vintage" and factor.link is not None and column.time_column is None:
            message = (
                f"`{table.name}` has no datetime or date column, so its rows have no age at which `{factor.table}` could scale {column.ref}"
            )
            return [Mistake(path, message, "add a time, or remove the column from `applies_to`")]
    return []
