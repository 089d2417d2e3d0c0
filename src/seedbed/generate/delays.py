"""Moments that follow another by a drawn delay."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Floats, Ints, Key, draw_bits, row_numbers
from seedbed.core.timegrid import DAY, Grid
from seedbed.generate.columns import ends_before_cast
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.model.references import Reference
from seedbed.plan.distributions import distribution_source
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import delay_unit, grid_of


def delayed(engine: Context, column: ColumnPlan, after: Reference, key: Key) -> Kernel:
    """`after` and a delay, on the nearest point of the grid that the column's limits allow; null where `after` is.

    A delay that leads beyond the limits is drawn again from what the limits leave of its distribution.
    """
    series = column.spec.generator.datetime_series
    assert series is not None
    assert series.delay is not None
    source, unit_us = distribution_source(series.delay), delay_unit(series.unit)
    least, most = series.delay.clamp or (None, None)
    grid = grid_of(engine.plan.model.timeframe, column.spec, series)
    scale = DAY if column.type is ColumnType.DATE else 1

    def drawn(frame: Frame) -> Column:
        found = frame.read(after)
        start = found.data * scale
        low, high = ends_before_cast(frame, column)
        low, high = np.maximum(np.maximum(low, start), grid.first), np.minimum(high, grid.last)
        delays = source.draw(frame.bits(key)).astype(np.float64)
        delays = np.clip(delays, -np.inf if least is None else least, np.inf if most is None else most)
        shortest, longest = (low - start) / unit_us, (high - start) / unit_us
        bad = np.flatnonzero((delays < shortest) | (delays > longest))
        if len(bad):
            bits = draw_bits(key, row_numbers(frame.rows)[bad], 1)
            bottom = shortest[bad]
            delays[bad] = source.draw_between(bits, bottom, np.maximum(longest[bad], bottom))
        return Column(_nearest(grid, start + np.rint(delays * unit_us).astype(np.int64), low, high), found.valid)

    return drawn


def _nearest(grid: Grid, moments: Ints, low: Floats, high: Floats) -> Ints:
    """The point of the grid in [low, high] that is nearest to each moment; where there is none, the nearest moment in there."""
    below = np.maximum(grid.floor(moments), 0)
    above = np.minimum(below + 1, grid.count - 1)
    index = np.where(grid.at(above) - moments <= moments - grid.at(below), above, below)
    bottom, top = np.ceil(low).astype(np.int64), np.floor(high).astype(np.int64)
    first, last = grid.ceil(bottom), grid.floor(top)
    points = grid.at(np.clip(np.minimum(np.maximum(index, first), last), 0, grid.count - 1))
    return np.where(first <= last, points, np.maximum(np.minimum(moments, top), bottom))
