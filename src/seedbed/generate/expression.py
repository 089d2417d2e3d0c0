"""Kernel of `expression`."""

from __future__ import annotations

from seedbed.core.expression import infer, parse
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.formulas import formula
from seedbed.generate.frame import Context, Kernel
from seedbed.plan.formulas import types_in
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A formula over the row's columns."""
    expression = column.spec.generator.expression
    assert expression is not None
    model, node = engine.plan.model, engine.plan.table(column.table).node
    given = infer(parse(expression.code), types_in(model, node))
    computed = formula(engine, column.table, expression.code, column.name)
    return finished(engine, column, lambda frame: as_type(computed(frame), given, column), None)
