"""Kernel of `expression`."""

from __future__ import annotations

from seedbed.core.block import Column
from seedbed.core.errors import DataError
from seedbed.core.expression import RowError, compile_expression, parse
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A formula over the row's columns."""
    expression = column.spec.generator.expression
    assert expression is not None
    types = {other.name: other.type for other in engine.plan.table(column.table).columns}
    compiled = compile_expression(parse(expression.code), types.get)

    def computed(frame: Frame) -> Column:
        try:
            found: Column = compiled.evaluate(frame.column, len(frame))
        except RowError as error:
            row = int(frame.rows[error.index])
            (problem,) = error.problems
            raise DataError(problem.message, where=f"{column.table}[{row}].{column.name}", fix=problem.fix) from error
        return found

    return finished(engine, column, computed, None)
