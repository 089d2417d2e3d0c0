"""Kernels of the columns that a funnel fills: `stage_name` and `stage_index`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.text import string_array
from seedbed.generate.conversion import convert
from seedbed.generate.frame import Context, Frame, Kernel, coded
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The stage of each row: its number among its parent's rows, from 0, or the name listed there."""
    config = engine.plan.table(column.table).node.stage_config
    assert config is not None
    names = string_array([stage.stage_name for stage in config.stages])

    def stage(frame: Frame) -> Column:
        ordinal = engine.children(frame).ordinal
        found = Column(coded(ordinal.astype(np.int32), names)) if column.stage == "name" else Column(ordinal)
        return convert(found, column)

    return stage
