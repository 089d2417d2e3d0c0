"""(prepared plan, table, rows) -> block: any rows, in any order, from any thread."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Ints, Key, Rows
from seedbed.core.registry import GENERATOR_KERNELS, load
from seedbed.generate.blockwise import blockwise
from seedbed.generate.conversion import to_arrow
from seedbed.generate.drawing import Drawing, drawing_of
from seedbed.generate.family import Children, FanIndex
from seedbed.generate.fanout import children, count_kernel, spans
from seedbed.generate.frame import CountKernel, Frame, Kernel, Linked, LinkKernel, RowFinder
from seedbed.generate.joins import JoinIndex
from seedbed.generate.kept import kept_columns
from seedbed.generate.links import link_kernel
from seedbed.generate.pool_key import Pools
from seedbed.generate.prepared import Prepared
from seedbed.generate.schema import table_schema
from seedbed.generate.sequence import sequence_index
from seedbed.model.references import Reference
from seedbed.plan.plan import ColumnPlan, Plan
from seedbed.plan.sources import clock_of, window_of

T = TypeVar("T")

#: A table of so many rows is kept in memory when others look up random rows of it; larger ones are computed where needed.
WHOLE_ROWS = 262_144

#: Cumulated fan-outs that are kept: 64 blocks of 65,536 parents, half a megabyte each.
_KEPT_OFFSETS = 64


#: Calls that lead from a column to one that it is computed from, at most; chains up to `_SHALLOW` fit into Python's own limit.
_CALLS, _SHALLOW = 20, 32


class Engine:
    """Makes blocks of a prepared plan. Holds nothing but what it can compute again; safe to share among threads."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.plan: Plan = prepared.plan
        self.window = window_of(prepared.plan.model.timeframe)
        self.clock = clock_of(prepared.plan.model.timeframe)
        self._kernels: dict[tuple[str, str], Kernel] = {}
        self._links: dict[tuple[str, str], LinkKernel] = {}
        self._counts: dict[str, CountKernel] = {}
        self._once: dict[Hashable, Any] = {}
        self._offsets: OrderedDict[tuple[str, int], Ints] = OrderedDict()
        self._lock = threading.RLock()
        if self.plan.depth > _SHALLOW:  # a column asks for those it is computed from
            sys.setrecursionlimit(max(sys.getrecursionlimit(), _SHALLOW * _CALLS + self.plan.depth * _CALLS))

    def schema(self, table: str, *, encoded: bool = False) -> pa.Schema:
        """The Arrow schema of a table's blocks; `encoded` has coded strings where the generator codes them."""
        return cast("pa.Schema", self.once(("schema", table, encoded), lambda: table_schema(self, table, encoded=encoded)))

    def block(self, table: str, start: int, stop: int, *, encoded: bool = False) -> pa.RecordBatch:
        """Rows [start, stop) of a table as a record batch."""
        frame = Frame(self, table, range(start, stop))
        columns = [to_arrow(frame.column(column.name), column, encoded=encoded) for column in self.plan.table(table).delivered]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema(table, encoded=encoded))

    @property
    def pools(self) -> Pools:
        """The values of each pool."""
        return self.prepared.pools

    def rows(self, table: str) -> int:
        """The number of rows of a table."""
        return self.prepared.rows[table]

    def key(self, table: str, *purpose: str) -> Key:
        """The key of a stream of draws."""
        return self.plan.key(table, *purpose)

    def column_plan(self, table: str, name: str) -> ColumnPlan:
        """The plan of a column."""
        return self.once(("plan", table, name), lambda: self.plan.table(table).column(name))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made when first asked for and kept."""
        found = self._once.get(key, self)
        if found is self:
            with self._lock:
                found = self._once.get(key, self)
                if found is self:
                    found = self._once[key] = make()
        return cast("T", found)

    def kernel(self, table: str, name: str) -> Kernel:
        """The kernel of a column."""
        found = self._kernels.get((table, name))
        if found is None:
            found = self._kernels[table, name] = self._make_kernel(table, name)
        return found

    def _make_kernel(self, table: str, name: str) -> Kernel:
        name, _, part = name.partition(".")
        column = self.column_plan(table, name)
        if part:
            return cast("Kernel", load("seedbed.generate.fields:field_kernel")(self, column, part))
        filled = "seedbed.generate.stages:kernel" if column.stage in ("name", "index") else "seedbed.generate.states:kernel"
        place = filled if column.stage else GENERATOR_KERNELS[column.spec.generator.kind]
        kernel = cast("Kernel", load(place)(self, column))
        is_kept = column.ref in self.once("kept", lambda: kept_columns(self.plan))
        return blockwise(self, table, name, kernel) if is_kept else kernel

    def link_kernel(self, table: str, name: str) -> LinkKernel:
        """The kernel of a link."""
        found = self._links.get((table, name))
        if found is None:
            found = self._links[table, name] = link_kernel(self, table, self.plan.table(table).link(name))
        return found

    def count_kernel(self, table: str) -> CountKernel:
        """How many children each parent has in a fact."""
        found = self._counts.get(table)
        if found is None:
            found = self._counts[table] = count_kernel(self, table)
        return found

    def drawing(self, table: str) -> Drawing | None:
        """How the times of a fact are drawn where shocks or ages decide."""
        return self.once(("drawing", table), lambda: drawing_of(self, table))

    def fan_index(self, table: str) -> FanIndex:
        """The fan-out index of a fact."""
        return self.prepared.fans[table]

    def fan_offsets(self, table: str, block: int) -> Ints:
        """The first child of each parent of a block, counted from the block's first; shape (parents + 1,)."""
        key = (table, block)
        with self._lock:
            found = self._offsets.get(key)
            if found is not None:
                self._offsets.move_to_end(key)
                return found
        plan = self.plan.table(table)
        counts = self.count_kernel(table)(Frame(self, plan.parent or "", self.fan_index(table).block(block)))
        found = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        with self._lock:
            self._offsets[key] = found
            while len(self._offsets) > _KEPT_OFFSETS:
                self._offsets.popitem(last=False)
        return found

    def spans(self, table: str, parents: Rows) -> tuple[Ints, Ints]:
        """The first child in a fact of each of some parents, and how many there are; shapes (n,)."""
        return spans(self, table, parents)

    def measure(self, frame: Frame, reference: Reference) -> Column:
        """A number that rows have by their links: how deep they lie, how many children they have."""
        key = ("measure", frame.table, reference)
        kernel: Kernel = self.once(key, lambda: load("seedbed.generate.measures:kernel")(self, frame.table, reference))
        return kernel(frame)

    def children(self, frame: Frame) -> Children:
        """The parents of a fact's rows."""
        if frame.place is None:
            frame.place = children(self, frame.table, frame.rows)
        return frame.place

    def whole(self, table: str) -> Frame:
        """All rows of a table; columns are computed once and kept."""
        return cast("Frame", self.once(("whole", table), lambda: WholeFrame(self, table, range(self.rows(table)))))

    def at(self, table: str, rows: Ints) -> Linked:
        """Any rows of a table, shape (n,): taken from memory where the table is small, computed where it is large."""
        if self.rows(table) <= WHOLE_ROWS:
            return Linked(self.whole(table), rows)
        return Linked(Frame(self, table, rows))

    def join_index(self, table: str, column: str) -> RowFinder:
        """What finds the row of a table that holds a value."""
        return self.once(("join", table, column), lambda: self._join_index(table, column))

    def _join_index(self, table: str, column: str) -> RowFinder:
        found = sequence_index(self, self.plan.table(table).column(column))
        return found if found is not None else JoinIndex(self.whole(table).column(column))


class WholeFrame(Frame):
    """A frame that several threads share: one computes, the others wait."""

    __slots__ = ()

    def column(self, name: str) -> Any:
        """The values of a column at all rows."""
        found = self._columns.get(name)
        if found is None:
            found = self.engine.once(("column", self.table, name), lambda: Frame.column(self, name))
        return found
