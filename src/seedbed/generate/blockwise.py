"""Columns that cost much and are read by others: computed by whole blocks of rows, and the last blocks kept."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Ints, row_numbers
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.frame import Context, Frame, Kernel, take

#: Blocks of a column that are kept: 4,194,304 rows.
_KEPT = 64

#: Rows that lie further apart are computed by themselves.
_DENSE = 8


class Blocks:
    """The blocks of one column that were computed last; threads that ask for the same one wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Column] = OrderedDict()
        self._making: dict[int, threading.Lock] = {}

    def get(self, engine: Context, table: str, kernel: Kernel, number: int) -> Column:
        """All values of block `number`."""
        with self._lock:
            found = self._kept.get(number)
            if found is not None:
                self._kept.move_to_end(number)
                return found
            making = self._making.setdefault(number, threading.Lock())
        with making:
            found = self._kept.get(number)
            if found is None:
                rows = range(number * PARENT_BLOCK, min((number + 1) * PARENT_BLOCK, engine.rows(table)))
                found = kernel(Frame(engine, table, rows))
                with self._lock:
                    self._kept[number] = found
                    self._making.pop(number, None)
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
            return found


def blockwise(engine: Context, table: str, name: str, kernel: Kernel) -> Kernel:
    """The same kernel, which computes each block of 65,536 rows once where rows lie close together."""
    blocks = engine.once(("blocks", table, name), Blocks)

    def kept(frame: Frame) -> Column:
        n = len(frame)
        if not n or type(frame) is not Frame:
            return kernel(frame)
        rows = frame.rows
        first, last = (rows[0], rows[-1]) if isinstance(rows, range) else (int(rows.min()), int(rows.max()))
        if (last - first + 1) > _DENSE * n and n < PARENT_BLOCK:
            return kernel(frame)
        numbers = range(first // PARENT_BLOCK, last // PARENT_BLOCK + 1)
        if isinstance(rows, range):
            return joined([_part(blocks.get(engine, table, kernel, number), number, rows) for number in numbers])
        return _gathered(blocks, engine, table, kernel, row_numbers(rows))

    return kept


def _part(column: Column, number: int, rows: range) -> Column:
    """The rows of a block that are asked for."""
    start = number * PARENT_BLOCK
    low, high = max(rows.start - start, 0), min(rows.stop - start, len(column))
    if (low, high) == (0, len(column)):
        return column
    data = column.data[low:high] if isinstance(column.data, np.ndarray) else column.data.slice(low, high - low)
    return Column(data, None if column.valid is None else column.valid[low:high])


def _gathered(blocks: Blocks, engine: Context, table: str, kernel: Kernel, rows: Ints) -> Column:
    numbers = rows // PARENT_BLOCK
    order = np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers[order], return_index=True)
    parts = [
        take(blocks.get(engine, table, kernel, number), rows[picks] - number * PARENT_BLOCK)
        for number, picks in zip(found.tolist(), np.split(order, starts[1:]), strict=True)
    ]
    back = np.empty(len(rows), dtype=np.int64)
    back[order] = np.arange(len(rows))
    return take(joined(parts), back)


def joined(parts: list[Column]) -> Column:
    """Columns one after the other."""
    if len(parts) == 1:
        return parts[0]
    data = [part.data for part in parts]
    valid = [part.valid for part in parts]
    whole = np.concatenate(data) if isinstance(data[0], np.ndarray) else _arrow(data)
    if all(mask is None for mask in valid):
        return Column(whole)
    masks = [np.ones(len(part), dtype=np.bool_) if mask is None else mask for part, mask in zip(parts, valid, strict=True)]
    return Column(whole, np.concatenate(masks))


def _arrow(arrays: list[pa.Array]) -> pa.Array:
    if isinstance(arrays[0], pa.DictionaryArray):
        arrays = pa.chunked_array(arrays).unify_dictionaries().chunks
    return pa.concat_arrays(arrays)
