"""Kernel of `distribution`."""

from __future__ import annotations

from seedbed.core.block import Column, ColumnType
from seedbed.core.tables import EvenInts
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.generate.shuffled import shuffled
from seedbed.plan.distributions import FloatSource, raw_source
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A number drawn from the distribution's table; its `decimals` come last of all."""
    distribution = column.spec.generator.distribution
    assert distribution is not None
    source = raw_source(distribution, column.type is ColumnType.INT)
    if column.is_unique:
        assert isinstance(source, EvenInts)  # the plan refuses others
        first, place = source.first, shuffled(engine, column, source.last - source.first + 1)
        return finished(engine, column, lambda frame: Column(place(frame) + first), None)
    if column.type is ColumnType.DECIMAL:  # whole numbers would be units of its scale
        source = FloatSource(source)
    key = engine.key(column.table, column.name, "value")

    def drawn(frame: Frame) -> Column:
        return Column(source.draw(frame.bits(key)))

    return finished(engine, column, drawn, source)
