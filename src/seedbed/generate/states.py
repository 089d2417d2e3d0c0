"""Kernels of the columns that a state machine fills: those of its table, and those of its table of events."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.text import string_array
from seedbed.generate.conversion import convert
from seedbed.generate.frame import Context, Frame, Kernel, coded
from seedbed.generate.walks import Walk, Walked
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The state a row has reached, or when; in tables of events its number too."""
    table, is_event = engine.plan.table(column.table), column.stage in ("event", "event time", "event number")
    walk = Walk(engine, (table.parent or "") if is_event else column.table)
    names = string_array(list(walk.machine.names))

    def walked(frame: Frame) -> Walked:
        if not is_event:
            return walk.to_the_end(frame)
        place = engine.children(frame)
        parents = Frame(engine, walk.table, place.parents)
        return frame.shared("walk", lambda: walk.to_state(parents, place.local, place.ordinal))

    def filled(frame: Frame) -> Column:
        if column.stage == "event number":
            return Column(engine.children(frame).ordinal + 1)
        found = walked(frame)
        made = (
            Column(found.time)
            if column.stage in ("state time", "event time")
            else Column(coded(found.state.astype(np.int32, copy=False), names))
        )
        return convert(made, column)

    return filled
