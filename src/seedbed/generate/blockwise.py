"""What costs much and is read again and again: computed by whole blocks of rows, and the last blocks kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Ints, row_numbers
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.frame import Context, Frame, Kernel, take

#: Blocks that are kept: 1,048,576 rows, so that memory stays the same however large a table is.
_KEPT = 16

#: Rows that lie further apart are computed by themselves.
_DENSE = 8

#: Columns that are computed together.
Columns = tuple[Column, ...]
Maker = Callable[[Frame], Columns]


class Blocks:
    """The blocks that were computed last; threads that ask for the same one wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Columns] = OrderedDict()
        self._making: dict[int, threading.Lock] = {}

    def has(self, number: int) -> bool:
        """Whether a block is there."""
        return number in self._kept

    def get(self, engine: Context, table: str, make: Maker, number: int) -> Columns:
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
                found = make(Frame(engine, table, _rows_of(engine, table, number)))
                with self._lock:
                    self._kept[number] = found
                    self._making.pop(number, None)
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
            return found


def _rows_of(engine: Context, table: str, number: int) -> range:
    return range(number * PARENT_BLOCK, min((number + 1) * PARENT_BLOCK, engine.rows(table)))


def blockwise(engine: Context, table: str, name: str, kernel: Kernel) -> Kernel:
    """The same kernel, which computes each block of 65,536 rows once where rows lie close together."""
    together = computed_together(engine, table, name, lambda frame: (kernel(frame),))
    return lambda frame: together(frame)[0]


def computed_together(engine: Context, table: str, name: str, make: Maker) -> Maker:
    """The same for several columns that one computation gives."""
    blocks = engine.once(("blocks", table, name), Blocks)

    def kept(frame: Frame) -> Columns:
        n = len(frame)
        if not n or type(frame) is not Frame:
            return make(frame)
        rows = frame.rows
        first, last = (rows[0], rows[-1]) if isinstance(rows, range) else (int(rows.min()), int(rows.max()))
        if (last - first + 1) > _DENSE * n and n < PARENT_BLOCK:
            return make(frame)
        numbers = range(first // PARENT_BLOCK, last // PARENT_BLOCK + 1)
        if n * _DENSE < len(_rows_of(engine, table, numbers[0])) and not all(map(blocks.has, numbers)):
            return make(frame)  # a few rows cost a few rows
        if isinstance(rows, range):
            parts = [tuple(_part(one, number, rows) for one in blocks.get(engine, table, make, number)) for number in numbers]
            return tuple(joined(list(columns)) for columns in zip(*parts, strict=True))
        return _gathered(blocks, engine, table, make, row_numbers(rows))

    return kept


def _part(column: Column, number: int, rows: range) -> Column:
    """The rows of a block that are asked for."""
    start = number * PARENT_BLOCK
    low, high = max(rows.start - start, 0), min(rows.stop - start, len(column))
    if (low, high) == (0, len(column)):
        return column
    data = column.data[low:high] if isinstance(column.data, np.ndarray) else column.data.slice(low, high - low)
    return Column(data, None if column.valid is None else column.valid[low:high])


def _gathered(blocks: Blocks, engine: Context, table: str, make: Maker, rows: Ints) -> Columns:
    """Rows in any order: those of one block together, then put back into their order where it was another."""
    numbers = rows // PARENT_BLOCK
    in_order = bool((numbers[1:] >= numbers[:-1]).all())
    order = None if in_order else np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers if order is None else numbers[order], return_index=True)
    picked = np.split(rows if order is None else rows[order], starts[1:])
    parts = [
        tuple(take(one, some - number * PARENT_BLOCK) for one in blocks.get(engine, table, make, number))
        for number, some in zip(found.tolist(), picked, strict=True)
    ]
    together = tuple(joined(list(columns)) for columns in zip(*parts, strict=True))
    if order is None:
        return together
    back = np.empty(len(rows), dtype=np.int64)
    back[order] = np.arange(len(rows))
    return tuple(take(column, back) for column in together)


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
