"""Finding the row of a table that holds a value."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import Column
from seedbed.core.draw import Ints
from seedbed.generate.frame import Mask


class JoinIndex:
    """Finds the first row that holds a value."""

    def __init__(self, column: Column) -> None:
        self._text: pa.Array | None = None
        if isinstance(column.data, np.ndarray):
            rows = np.arange(len(column)) if column.valid is None else np.flatnonzero(column.valid)
            values = column.data[rows]
            order = np.argsort(values, kind="stable")
            self._rows, self._values = rows[order], values[order]
        else:
            text = column.data.dictionary_decode() if isinstance(column.data, pa.DictionaryArray) else column.data
            self._text = text if column.valid is None else pc.if_else(pa.array(column.valid), text, pa.scalar(None, pa.string()))

    def find(self, values: Column) -> tuple[Ints, Mask]:
        """The row of each value and whether there is one; shapes (n,)."""
        if self._text is not None:
            data = values.data
            text = data.dictionary_decode() if isinstance(data, pa.DictionaryArray) else data
            places = pc.index_in(text, value_set=self._text, skip_nulls=True)
            rows = np.asarray(pc.fill_null(places, pa.scalar(-1, pa.int32()))).astype(np.int64)
            return rows, rows >= 0
        if not len(self._values):
            return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self._values, values.data), len(self._values) - 1)
        return self._rows[place], self._values[place] == values.data


class SequenceIndex:
    """Finds the row of a number of a sequence by arithmetic."""

    def __init__(self, start: int, step: int, rows: int) -> None:
        self._start, self._step, self._count = start, step, rows

    def find(self, values: Column) -> tuple[Ints, Mask]:
        """The row of each value and whether there is one; shapes (n,)."""
        offset = values.data.astype(np.int64) - self._start
        rows = offset // self._step
        return rows, (rows * self._step == offset) & (rows >= 0) & (rows < self._count) & (values.data == values.data.astype(np.int64))
