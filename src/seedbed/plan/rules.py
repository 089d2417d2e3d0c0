"""Rules: what is wrong with them, and which of them can be made true."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.expression import ExpressionError, parse
from seedbed.core.expression.tree import Call, Name
from seedbed.model.constraints import Inequality, Rule
from seedbed.model.document import Model
from seedbed.model.places import Mistake, Path
from seedbed.plan.formulas import condition_mistakes

_COMPARISONS = ("<", "<=", ">", ">=")


def rule_mistakes(model: Model) -> list[Mistake]:
    """Expressions that cannot be read or are no conditions, and rules that nothing can make true."""
    found: list[Mistake] = []
    for index, rule in enumerate(model.constraints.rules):
        node, path = model.node(rule.table), ("constraints", "rules", index)
        if node is None:
            continue
        wrong = condition_mistakes(model, node, rule.expr, (*path, "expr"), "a rule")
        found += wrong
        if rule.mode == "enforce" and not wrong and _as_inequality(model, rule) is None:
            message = f"`{rule.expr}` cannot be made true: only a comparison of two columns of `{rule.table}` can"
            fix = "write `mode: check`, and compute the columns so that it holds; or use `inequalities` and `ranges`"
            found.append(Mistake((*path, "mode"), message, fix))
    return found


def enforced(model: Model) -> Iterator[tuple[Path, Inequality]]:
    """The rules that are made true, as inequalities, and where they stand."""
    for index, rule in enumerate(model.constraints.rules):
        found = _as_inequality(model, rule) if rule.mode == "enforce" else None
        if found is not None:
            yield ("constraints", "rules", index, "expr"), found


def _as_inequality(model: Model, rule: Rule) -> Inequality | None:
    """The inequality that a rule says, where it is one of two columns of its table."""
    node = model.node(rule.table)
    try:
        steps = parse(rule.expr).steps
    except ExpressionError:
        return None
    if len(steps) != 3 or node is None:
        return None
    left, right, call = steps
    if not (isinstance(left, Name) and isinstance(right, Name) and isinstance(call, Call) and call.operation in _COMPARISONS):
        return None
    if node.column(left.name) is None or node.column(right.name) is None:
        return None
    sides = {"left": f"{rule.table}.{left.name}", "op": call.operation, "right": f"{rule.table}.{right.name}"}
    return Inequality.model_validate(sides)
