"""Moments of a table's rows that come in order: even ones, and those of a Poisson process.

A Poisson process with so many events has its times like that many even draws, put in order. Those are partial sums of exponential
draws divided by the sum of all. Sums over blocks of rows are drawn at once (Wilson and Hilferty's transformation of the normal,
whose error at 65,536 terms is far below the spacing of the values), so that any row costs no more than its block.
"""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Floats, Ints, Key, draw_bits, row_numbers, unit
from seedbed.core.elementary import log, normal_quantile
from seedbed.core.errors import DataError
from seedbed.core.timegrid import Grid, TimeTable
from seedbed.generate.columns import ends_before_cast
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.plan.plan import ColumnPlan

_BLOCK = 65_536


def regular(engine: Context, column: ColumnPlan, grid: Grid) -> Kernel:
    """The k-th row of a parent, or of the table where it has none, at the k-th point from where the column's limits begin.

    Raises:
        DataError: a parent has more rows than points.
    """
    is_child = engine.plan.table(column.table).parent is not None

    def drawn(frame: Frame) -> Column:
        low, high = ends_before_cast(frame, column)
        number = engine.children(frame).ordinal if is_child else row_numbers(frame.rows)
        first = grid.ceil(np.clip(np.ceil(low), grid.first, grid.last + 1).astype(np.int64))
        last = grid.floor(np.clip(np.floor(high), grid.first - 1, grid.last).astype(np.int64))
        index = first + number
        if (index > last).any():
            raise _no_point(frame, column, int(np.argmax(index > last)), first, last)
        return Column(grid.at(index))

    return drawn


def _no_point(frame: Frame, column: ColumnPlan, place: int, first: Ints, last: Ints) -> DataError:
    row, points = int(frame.rows[place]), max(0, int(last[place] - first[place] + 1))
    return DataError(
        f"row {row:,} of {column.table} finds no point left for {column.ref}: its window holds {points:,}",
        where=f"{column.table}[{row}].{column.name}",
        fix="use a finer `freq`, a wider window, or fewer rows a parent",
    )


def poisson(rows: int, table: TimeTable, key: Key) -> Kernel:
    """The times of `rows` events in order, weighed by a table."""
    sums = _block_sums(rows + 1, key)
    starts = np.concatenate([[0.0], np.cumsum(sums)])
    total = starts[-1]

    def drawn(frame: Frame) -> Column:
        numbers = row_numbers(frame.rows)
        shares = np.empty(len(numbers))
        for block in np.unique(numbers // _BLOCK).tolist():
            picks = np.flatnonzero(numbers // _BLOCK == block)
            inner = np.cumsum(_spacings(block, rows + 1, key))
            inside = inner.take(numbers[picks] - block * _BLOCK) * (sums[block] / inner[-1])
            shares[picks] = (starts[block] + inside) / total
        return Column(table.grid.at(table.at_share(shares)))

    return drawn


def _spacings(block: int, count: int, key: Key) -> Floats:
    """The exponential draws of a block."""
    rows = range(block * _BLOCK, min((block + 1) * _BLOCK, count))
    made: Floats = -log(1.0 - unit(draw_bits(key, rows)))
    return made


def _block_sums(count: int, key: Key) -> Floats:
    """The sum of each block's spacings, shape (blocks,): whole blocks by their distribution, a last one that is short exactly."""
    whole, rest = divmod(count, _BLOCK)
    if whole == 0:
        return np.cumsum(_spacings(0, count, key))[-1:]
    deviates = normal_quantile(np.maximum(unit(draw_bits(key, range(whole), 1)), 2.0**-54))
    root = 1.0 - 1.0 / (9.0 * _BLOCK) + deviates / (3.0 * np.sqrt(float(_BLOCK)))
    sums: Floats = _BLOCK * root * root * root
    return np.append(sums, np.cumsum(_spacings(whole, count, key))[-1]) if rest else sums
