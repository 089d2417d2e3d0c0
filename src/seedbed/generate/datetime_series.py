"""Kernel of `datetime_series`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Key, unit
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import TimeTable
from seedbed.generate.columns import finished
from seedbed.generate.drawing import draw_by_combination
from seedbed.generate.effects import Shocks, shocks
from seedbed.generate.frame import Context, Frame, Kernel, TimeDrawing
from seedbed.model.modifiers import Effect
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import time_source


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A moment on the grid, by the column's weights and whatever shocks or ages re-weight them."""
    series = column.spec.generator.datetime_series
    assert series is not None
    key = engine.key(column.table, column.name, "value")
    table = time_source(engine.plan.model.timeframe, column.spec, series)
    assert table is not None  # the plan refuses weights that are all zero
    effects = [modifier for modifier in column.spec.modifiers if isinstance(modifier, Effect)]
    drawing = engine.drawing(column.table) if column.name == column.time_column else None
    if effects:
        drawn = _shocked(engine, column, effects, key)
    elif drawing is not None:
        drawn = _by_drawing(drawing, key)
    else:
        drawn = _plain(table, key)
    if engine.plan.table(column.table).node.stage_config is None or column.name != column.time_column:
        return finished(engine, column, drawn, table)
    if any(bound.link is None for bound in column.limits.bounds):  # bounds of their own row must not change places
        return finished(engine, column, _sorted_in_parent(engine, column.table, drawn), table)
    return _sorted_in_parent(engine, column.table, finished(engine, column, drawn, table))


def _plain(table: TimeTable, key: Key) -> Kernel:
    return lambda frame: Column(table.draw(frame.bits(key)))


def _by_drawing(drawing: TimeDrawing, key: Key) -> Kernel:
    def drawn(frame: Frame) -> Column:
        bits = frame.bits(key)
        return Column(drawing.draw(frame, unit(bits), bits))

    return drawn


def _shocked(engine: Context, column: ColumnPlan, effects: list[Effect], key: Key) -> Kernel:
    """Times re-weighted by effect tables, for everyone or for each combination of their groups."""
    series = column.spec.generator.datetime_series
    assert series is not None

    def make_table(found: Shocks, combination: tuple[int, ...]) -> TimeTable:
        table = time_source(engine.plan.model.timeframe, column.spec, series, found.functions(combination))
        if table is None:
            names = ", ".join(f"`{effect.args.effect_table}`" for effect in effects)
            raise ModelError(f"the shocks of {names} leave no moment for {column.ref}", fix="give the effect's map a `default` above 0")
        return table

    def drawn(frame: Frame) -> Column:
        found = engine.once(("shocks", column.ref), lambda: shocks(engine, effects, 1.0))
        places, combinations = found.combinations(frame)

        def table_of(combination: tuple[int, ...]) -> TimeTable:
            return engine.once(("shocked", column.ref, combination), lambda: make_table(found, combination))

        return Column(draw_by_combination(table_of, combinations, places, frame.bits(key)))

    return drawn


def _sorted_in_parent(engine: Context, table: str, drawn: Kernel) -> Kernel:
    """The times of one parent's rows in rising order: row j gets the j-th of all its siblings' draws."""

    def in_order(frame: Frame) -> Column:
        place = engine.children(frame)
        counts = place.counts
        rows = np.repeat(place.first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(int(counts.sum()))
        siblings = drawn(Frame(engine, table, rows))
        owner = np.repeat(np.arange(len(counts)), counts)
        order = np.lexsort((siblings.data, owner))
        begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
        own = begins.take(place.local) + place.ordinal
        return Column(siblings.data[order].take(own), None if siblings.valid is None else siblings.valid.take(own))

    return in_order
