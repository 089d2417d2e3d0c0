"""The tables as they are delivered: the engine's where nothing is wrong with them, those with faults, and the ground truth."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Ints
from seedbed.generate.engine import Engine
from seedbed.generate.injected import Injected
from seedbed.generate.prepared import Prepared
from seedbed.plan.plan import Plan

if TYPE_CHECKING:
    from seedbed.generate.quality.dirty import DirtyTable

#: Blocks of the ground truth that are kept: the parts of a file lie within few.
_KEPT = 8


class Delivery:
    """Makes blocks of a prepared plan as they are delivered. Holds nothing but what it can compute again; safe to share among threads.

    `clean` is the engine that makes the tables without faults.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.clean = Engine(prepared)
        self.plan: Plan = prepared.plan
        self._truth = prepared.plan.ground_truth
        self._injected = prepared.injected or Injected()
        self._tables = self._dirty_tables()
        self._blocks: OrderedDict[tuple[str, int], pa.RecordBatch] = OrderedDict()
        self._lock = threading.Lock()

    def _dirty_tables(self) -> dict[str, DirtyTable]:
        if self._truth is None:
            return {}
        from seedbed.generate.quality.dirty import DirtyTable  # only models with faults need it

        return {name: DirtyTable(self.clean, name, self._injected) for name in self._injected.truths}

    def schema(self, table: str, *, encoded: bool = False) -> pa.Schema:
        """The Arrow schema of a table's blocks; `encoded` has coded strings where the generator codes them."""
        if table == self._truth:
            return _truth().SCHEMA
        dirty = self._tables.get(table)
        return self.clean.schema(table, encoded=encoded) if dirty is None else dirty.schema(encoded=encoded)

    def block(self, table: str, start: int, stop: int, *, encoded: bool = False) -> pa.RecordBatch:
        """Rows [start, stop) of a table as a record batch."""
        if table == self._truth:
            return self._truth_rows(start, stop)
        dirty = self._tables.get(table)
        if dirty is None:
            return self.clean.block(table, start, stop, encoded=encoded)
        return dirty.block(start, stop, encoded=encoded)

    def clean_block(self, table: str, start: int, stop: int) -> pa.RecordBatch | None:
        """What is clean of rows [start, stop): those of the clean table's range; None of the ground truth, and where there are none."""
        rows = self.clean.rows(table) if table != self._truth else 0
        if start >= rows and (start < stop or table == self._truth):
            return None
        return self.clean.block(table, min(start, rows), min(stop, rows), encoded=True)

    def is_dirty(self, table: str) -> bool:
        """Whether a table is the ground truth or may have faults."""
        return table in self._tables or table == self._truth

    def rows(self, table: str) -> int:
        """The number of rows of a table."""
        if table == self._truth:
            return int(self._injected.truth_starts[-1])
        dirty = self._tables.get(table)
        return self.clean.rows(table) if dirty is None else dirty.rows

    def _truth_rows(self, start: int, stop: int) -> pa.RecordBatch:
        parts = list(self._truth_parts(start, stop))
        if len(parts) == 1:
            return parts[0]
        schema = _truth().SCHEMA
        arrays = [pa.concat_arrays([pa.nulls(0, field.type), *(part.column(at) for part in parts)]) for at, field in enumerate(schema)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _truth_parts(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """The rows of the ground truth, block after block of the tables they tell of."""
        starts = self._injected.truth_starts
        for segment in _overlapping(starts, start, stop):
            begin = int(starts[segment])
            found = self._truth_block(*self._segment(segment))
            low, high = max(start - begin, 0), min(stop - begin, len(found))
            yield found.slice(low, high - low)

    def _segment(self, number: int) -> tuple[str, int]:
        """The table and the block that a run of the ground truth tells of."""
        for name, counts in self._injected.truths.items():
            if number < len(counts):
                return name, number
            number -= len(counts)
        raise AssertionError(number)

    def _truth_block(self, table: str, block: int) -> pa.RecordBatch:
        key = (table, block)
        with self._lock:
            kept = self._blocks.get(key)
            if kept is not None:
                self._blocks.move_to_end(key)
                return kept
        found: pa.RecordBatch = _truth().truth_block(self._tables[table], block)
        with self._lock:
            self._blocks[key] = found
            while len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return found


def _truth() -> Any:
    """The module that makes the ground truth; only models with faults need it."""
    return import_module("seedbed.generate.quality.truth")


def _overlapping(starts: Ints, start: int, stop: int) -> list[int]:
    """The runs that hold some of rows [start, stop)."""
    if start >= stop:
        return []
    first, last = (int(np.searchsorted(starts, row, side="right")) - 1 for row in (start, stop - 1))
    return [run for run in range(first, last + 1) if starts[run + 1] > starts[run]]


def delivered_rows(prepared: Prepared) -> dict[str, int]:
    """The number of rows of each table as it is delivered, the ground truth last."""
    delivery = Delivery(prepared)
    found = {table.name: delivery.rows(table.name) for table in prepared.plan.tables}
    quality = prepared.plan.model.quality_injection
    return found if quality is None else {**found, quality.ground_truth: delivery.rows(quality.ground_truth)}
