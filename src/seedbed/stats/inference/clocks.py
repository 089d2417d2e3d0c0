"""Times of day: a window and a grid, few times with weights, or a mixture of windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.inference.made import Made, Spec, shares, shortened, type_of
from seedbed.stats.inference.moments import MOST_LISTED, Grid, Times, grid_of, windows
from seedbed.stats.values import DAY_US

#: A time is listed where it comes that often on the average.
_LEAST_REPEATS = 10

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000


def clock_made(column: ColumnSummary, sample: pa.Array) -> Made:
    """What fills a column of times of day, whose numbers are seconds."""
    kind = type_of(column.type)
    numbers = numbers_of(sample)
    moments = (numbers[np.isfinite(numbers)] * _SECOND).astype(np.int64)
    if not len(moments):
        return Made({**kind, "constant": {"value": None}}, "nothing but nulls")
    grid = grid_of(moments, is_day=False) if (moments % DAY_US).any() else Grid("S", _SECOND)
    exact = column.quantiles.exact
    if exact.is_exact and len(exact.values) <= MOST_LISTED and len(exact.values) * _LEAST_REPEATS <= exact.total:
        clocks = [(_EPOCH + timedelta(seconds=value)).time().isoformat() for value in exact.values.tolist()]
        counts = dict(zip(clocks, exact.counts.tolist(), strict=True))
        return Made({**kind, "choice": {"choices": list(counts), "weights": shares(counts)}}, "the times seen, by how often they come")
    cells = column.quantiles.cells()
    edges = np.array([cells.quantile(share) for share in (np.arange(257) / 256).tolist()]) * _SECOND
    low, high = int(float(column.low or 0) * _SECOND), int(float(column.high or 0) * _SECOND)
    times = Times(kind, grid, low, high, column.quantiles.count, np.zeros(0, np.int64), np.zeros(0), None, edges)
    parts = windows(times, grid.step)
    series = [{"weight": shortened(weight, 4), "then": {"datetime_series": _clock_window(a, b, grid)}} for a, b, weight in parts]
    if len(series) <= 1 or _are_even(parts):
        return Made({**kind, "datetime_series": _clock_window(low, high, grid)}, f"between the ends seen, on the grid {grid.freq}")
    return Made({**kind, "mixture": {"variants": series}}, f"windows of as many rows each, on the grid {grid.freq}")


def _are_even(parts: list[tuple[int, int, float]]) -> bool:
    first, last = parts[0][0], parts[-1][1]
    ends = np.array([stop for _, stop, _ in parts], np.float64)
    running = np.cumsum([weight for _, _, weight in parts])
    return bool(np.abs((ends - first) / max(last - first, 1) - running).max() <= 0.05)


def _clock_window(start: int, stop: int, grid: Grid) -> Spec:
    ends = [(_EPOCH + timedelta(microseconds=moment)).time().isoformat() for moment in (start, min(stop, DAY_US - 1))]
    return {"within": {"start": ends[0], "end": ends[1]}, "freq": grid.freq}
