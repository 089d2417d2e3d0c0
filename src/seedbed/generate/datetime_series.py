"""Kernel of `datetime_series`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Key, unit
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import TimeTable
from seedbed.generate.ancestry import down_the_tree
from seedbed.generate.columns import finished
from seedbed.generate.delays import delayed
from seedbed.generate.drawing import draw_by_combination
from seedbed.generate.effects import Shocks, shocks
from seedbed.generate.frame import Context, Frame, Kernel, TimeDrawing
from seedbed.generate.processes import poisson, regular
from seedbed.generate.shuffled import shuffled
from seedbed.model.generators.datetime_series import DatetimeSeries
from seedbed.model.modifiers import Effect
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import grid_of, time_source


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A moment on the grid: by the column's weights and whatever shocks or ages re-weight them, by a delay, or in order."""
    series = column.spec.generator.datetime_series
    assert series is not None
    made = _delayed(engine, column, series) if series.delay is not None else _drawn(engine, column, series)
    for bound in column.limits.bounds:
        if bound.link is not None and f"{bound.table}.{bound.column}" == column.ref:
            return down_the_tree(engine, column, bound.link, made)
    return made


def _delayed(engine: Context, column: ColumnPlan, series: DatetimeSeries) -> Kernel:
    model = engine.plan.model
    after = find_reference(model, engine.plan.table(column.table).node, series.after or "")
    assert isinstance(after, Reference)  # the plan refuses others
    drawn = delayed(engine, column, after, engine.key(column.table, column.name, "value"))
    return finished(engine, column, drawn, time_source(model.timeframe, column.spec, series))


def _drawn(engine: Context, column: ColumnPlan, series: DatetimeSeries) -> Kernel:
    key = engine.key(column.table, column.name, "value")
    timeframe, parent = engine.plan.model.timeframe, engine.plan.table(column.table).parent
    if series.process == "regular":
        return finished(engine, column, regular(engine, column, grid_of(timeframe, column.spec, series)), None)
    if column.is_unique:
        grid = grid_of(timeframe, column.spec, series)
        place = shuffled(engine, column, grid.count)
        return finished(engine, column, lambda frame: Column(grid.at(place(frame))), None)
    table = time_source(timeframe, column.spec, series)
    assert table is not None  # the plan refuses weights that are all zero
    if series.process == "poisson" and parent is None:
        rows = engine.rows(column.table)
        return finished(engine, column, poisson(rows, table, key), table)
    effects = [modifier for modifier in column.spec.modifiers if isinstance(modifier, Effect)]
    drawing = engine.drawing(column.table) if column.name == column.time_column else None
    if effects:
        drawn = _shocked(engine, column, effects, key)
    elif drawing is not None:
        drawn = _by_drawing(drawing, key)
    else:
        drawn = _plain(table, key)
    is_staged = engine.plan.table(column.table).node.stage_config is not None and column.name == column.time_column
    if not is_staged and series.process == "iid":
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
