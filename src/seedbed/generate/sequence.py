"""Kernel of `sequence`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """start + row * step."""
    sequence = column.spec.generator.sequence
    assert sequence is not None
    start, step = sequence.start, sequence.step

    def numbers(frame: Frame) -> Column:
        rows = frame.rows
        if isinstance(rows, range):
            first = start + rows.start * step
            return Column(np.arange(first, first + len(rows) * step, step, dtype=np.int64))
        return Column(rows * step + start)

    return finished(engine, column, numbers, None)
