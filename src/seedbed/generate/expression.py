"""Kernel of `expression`."""

from __future__ import annotations

from seedbed.generate.columns import finished
from seedbed.generate.formulas import formula
from seedbed.generate.frame import Context, Kernel
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A formula over the row's columns."""
    expression = column.spec.generator.expression
    assert expression is not None
    return finished(engine, column, formula(engine, column.table, expression.code, column.name), None)
