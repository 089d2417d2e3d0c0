"""Kernel of `sequence`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column, ColumnType
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
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
            end = first + len(rows) * step
            if -(2**63) <= end < 2**63:
                return Column(np.arange(first, end, step, dtype=np.int64))
            rows = np.arange(len(rows), dtype=np.int64) + rows.start
        return Column(rows * step + start)

    return finished(engine, column, lambda frame: as_type(numbers(frame), ColumnType.INT, column), None)
