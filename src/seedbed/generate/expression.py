"""Kernel of `expression`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.core.block import Column
from seedbed.core.expression import compile_expression, parse
from seedbed.generate.columns import finished
from seedbed.generate.frame import Frame, Kernel
from seedbed.plan.plan import ColumnPlan

if TYPE_CHECKING:
    from seedbed.generate.engine import Engine


def kernel(engine: Engine, column: ColumnPlan) -> Kernel:
    """A formula over the row's columns."""
    expression = column.spec.generator.expression
    assert expression is not None
    types = {other.name: other.type for other in engine.plan.table(column.table).columns}
    compiled = compile_expression(parse(expression.code), types.get)

    def computed(frame: Frame) -> Column:
        found: Column = compiled.evaluate(frame.column, len(frame))
        return found

    return finished(engine, column, computed, None)
