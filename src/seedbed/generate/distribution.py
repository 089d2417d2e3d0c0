"""Kernel of `distribution`."""

from __future__ import annotations

from seedbed.core.block import Column, ColumnType
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import distribution_source


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A number drawn from the distribution's table."""
    distribution = column.spec.generator.distribution
    assert distribution is not None
    source = distribution_source(distribution, column.type is ColumnType.INT)
    key = engine.key(column.table, column.name, "value")

    def drawn(frame: Frame) -> Column:
        return Column(source.draw(frame.bits(key)))

    return finished(engine, column, drawn, source)
