"""Kernel of `plugin`."""

from __future__ import annotations

from seedbed.core.block import Column
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.generate.plugged import call_of, generated
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The values that an installed package makes."""
    part = column.spec.generator.plugin
    assert part is not None
    kind = part.args.type
    assert kind is not None
    call = call_of(part.args, engine.key(column.table, column.name, "value"), column)

    def drawn(frame: Frame) -> Column:
        return as_type(generated(call, frame, kind, nullable=column.nullable), kind, column)

    return finished(engine, column, drawn, None)
