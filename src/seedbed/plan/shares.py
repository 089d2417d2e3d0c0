"""How often a column has each of its values, and how often a condition over them is true, as far as a model alone tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from seedbed.core.block import ColumnType
from seedbed.model.base import Scalar
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.references import Reference, find_reference
from seedbed.model.resolve.values import spelt
from seedbed.plan.sources import item_weights

#: A step of a condition as this reads it: a value, the shares of a column's values, the probability that it is true, or nothing.
_Read: TypeAlias = str | dict[str, float] | float | None


def value_shares(model: Model, table: str, column: str) -> dict[str, float] | None:
    """The probability of each value, as keys of maps spell it; None where the model does not list them with weights."""
    node = model.node(table)
    spec = node.column(column) if node is not None else None
    return None if spec is None or spec.may_be_null else present_shares(model, table, column)


def present_shares(model: Model, table: str, column: str) -> dict[str, float] | None:
    """The same among the values that are not null, where chance alone makes the others null."""
    node = model.node(table)
    spec = node.column(column) if node is not None else None
    if node is None or spec is None or spec.modifiers or spec.null_if is not None:
        return None
    generator = spec.generator
    if generator.constant is not None and generator.constant.value is not None:
        return {spelt(generator.constant.value): 1.0}
    if generator.distribution is not None and spec.type is ColumnType.BOOL:
        share = float(getattr(generator.distribution.params, "p", 0.5))
        return {"true": share, "false": 1.0 - share}
    if generator.choice is None or generator.choice.choices is None:
        return None
    choices = generator.choice.choices
    weights = _segment_weights(node, spec, choices)
    if weights is None:
        given = item_weights(generator.choice, len(choices))
        weights = [1.0] * len(choices) if given is None else given.tolist()
    found: dict[str, float] = {}
    for value, weight in zip(choices, weights, strict=True):
        found[spelt(value)] = found.get(spelt(value), 0.0) + weight / sum(weights)
    return found


def _segment_weights(node: Node, spec: ColumnSpec, choices: Sequence[Scalar]) -> list[float] | None:
    """The weights that a segment behaviour gives: a segment's share is split among its equal items, the other items share the rest."""
    behavior, choice = node.segment_behavior, spec.generator.choice
    if (
        behavior is None
        or behavior.segment_column != spec.name
        or choice is None
        or choice.weights is not None
        or choice.weights_kind is not None
    ):
        return None
    shares = {name: one.base_probability for name, one in behavior.behaviors.items() if one.base_probability is not None}
    if not shares:
        return None
    names = [spelt(value) for value in choices]
    others = sum(name not in shares for name in names)
    rest = max(0.0, 1.0 - sum(shares.values()))
    return [shares[name] / names.count(name) if name in shares else rest / others for name in names]


def true_share(model: Model, node: Node, code: str) -> float:
    """The probability that a condition over a row is true, its columns taken as independent; 1 where the model does not tell."""
    from seedbed.core.expression import parse
    from seedbed.core.expression.tree import Call, Literal, Step, walk

    def visit(step: Step, arguments: list[_Read]) -> _Read:
        if isinstance(step, Literal):
            return spelt(step.value) if isinstance(step.value, bool | int | float | str) else None
        if isinstance(step, Call):
            return _combined(step.operation, arguments)
        found = find_reference(model, node, step.name)
        is_column = isinstance(found, Reference) and found.field is None
        return value_shares(model, found.table, found.column) if isinstance(found, Reference) and is_column else None

    share = _truth(walk(parse(code).steps, visit))
    return 1.0 if share is None else share


def _combined(operation: str, arguments: list[_Read]) -> _Read:
    if operation in ("==", "!="):
        one, other = sorted(arguments, key=lambda argument: isinstance(argument, str))
        if not (isinstance(one, dict) and isinstance(other, str)):
            return None
        equal = one.get(other, 0.0)
        return equal if operation == "==" else 1.0 - equal
    shares = [_truth(argument) for argument in arguments]
    known = [share for share in shares if share is not None]
    if len(known) < len(shares) or operation not in ("not", "and", "or"):
        return None
    if operation == "not":
        return 1.0 - known[0]
    return known[0] * known[1] if operation == "and" else known[0] + known[1] - known[0] * known[1]


def _truth(read: _Read) -> float | None:
    """The probability that what was read is true."""
    if isinstance(read, dict):
        return read.get("true", 0.0) if read.keys() <= {"true", "false"} else None
    return read if isinstance(read, float) else None
