"""Columns of one table at some rows, each computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import field
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute
from seedbed.core.block import Column, ColumnType
from seedbed.core.clock import Clock
from seedbed.core.draw import Bits, Floats, Ints, Key, Rows, draw_bits, row_numbers
from seedbed.core.records import dataclass
from seedbed.core.text import string_array
from seedbed.core.timegrid import DAY
from seedbed.generate.family import Children, FanIndex
from seedbed.generate.pool_key import Pools
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import ColumnPlan, Plan

Mask = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(slots=True)
class Frame:
    """Rows of a table: what kernels read from. `rows` is a contiguous range, or row numbers of shape (n,)."""

    engine: Context
    table: str
    rows: Rows
    place: Children | None = None
    _columns: dict[str, Column] = field(default_factory=dict)
    _links: dict[str, Linked] = field(default_factory=dict)
    _shared: dict[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Column:
        """The values of a column at these rows."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self.engine.kernel(self.table, name)(self)
        return found

    def link(self, name: str) -> Linked:
        """The rows that a link leads to from these rows."""
        found = self._links.get(name)
        if found is None:
            found = self._links[name] = self.engine.link_kernel(self.table, name)(self)
        return found

    def read(self, reference: str | Reference) -> Column:
        """What a reference means at these rows: a column, `link.column` of the rows that a link leads to, or a field of either."""
        if isinstance(reference, str):
            reference = self._reference(reference)
        if reference.measure is not None:
            return self.engine.measure(self, reference)
        if reference.link is None:
            return self.column(reference.name)
        return self.link(self.engine.plan.table(self.table).link_name(reference.link)).read(reference.name)

    def _reference(self, text: str) -> Reference:
        plan = self.engine.plan
        found = self.engine.once(("reference", self.table, text), lambda: find_reference(plan.model, plan.table(self.table).node, text))
        assert isinstance(found, Reference)  # the plan has seen to it
        return found

    def shared(self, name: str, make: Callable[[], T]) -> T:
        """What several columns are computed from, made when the first asks for it."""
        found = self._shared.get(name)
        if found is None:
            found = self._shared[name] = make()
        return cast("T", found)

    def keep(self, name: str, column: Column) -> None:
        """Have the values of a column from elsewhere: computed before, for these rows."""
        self._columns[name] = column

    def lead(self, name: str, linked: Linked) -> None:
        """Have the rows of a link from elsewhere."""
        self._links[name] = linked

    def bits(self, key: Key, slot: int = 0) -> Bits:
        """64 random bits a row, shape (n,)."""
        return draw_bits(key, self.rows, slot)

    def moments(self, name: str) -> tuple[Ints, Mask | None]:
        """The values of a date or datetime column in microseconds, and which are not null."""
        column = self.column(name)
        is_date = self.engine.column_plan(self.table, name).type is ColumnType.DATE
        return (self.engine.clock.instants(column.data * DAY) if is_date else column.data), column.valid


@dataclass(frozen=True, slots=True)
class Linked:
    """Where rows lead to: row i belongs to `frame`'s row `index[i]` (i itself where None), unless `valid[i]` is false."""

    frame: Frame
    index: Ints | None = None
    valid: Mask | None = None

    def read(self, name: str) -> Column:
        """A column of the rows led to, shape (n,)."""
        column = self.frame.column(name)
        if self.index is not None:
            column = take(column, self.index)
        return column if self.valid is None else Column(column.data, both(column.valid, self.valid))

    @property
    def rows(self) -> Ints:
        """The row numbers led to, shape (n,)."""
        numbers = row_numbers(self.frame.rows)
        return numbers if self.index is None else numbers.take(self.index)


Kernel = Callable[[Frame], Column]
LinkKernel = Callable[[Frame], Linked]
CountKernel = Callable[[Frame], Ints]


class RowFinder(Protocol):
    """Finds the row of a table that holds a value."""

    def find(self, values: Column) -> tuple[Ints, Mask]:
        """The row of each value and whether there is one; shapes (n,)."""


class TimeDrawing(Protocol):
    """How the times of a fact's rows are drawn where shocks or ages decide."""

    def multiplier(self, parents: Frame) -> Floats:
        """What is left of each parent's expected number of children, shape (n,)."""

    def draw(self, frame: Frame, u: Floats, bits: Bits) -> Ints:
        """A moment for each child row, shape (n,)."""


class Context(Protocol):
    """What kernels may ask of the engine that runs them."""

    plan: Plan
    window: tuple[int, int]
    clock: Clock

    @property
    def pools(self) -> Pools:
        """The values of each pool."""

    def rows(self, table: str) -> int:
        """The number of rows of a table."""

    def key(self, table: str, *purpose: str) -> Key:
        """The key of a stream of draws."""

    def column_plan(self, table: str, name: str) -> ColumnPlan:
        """The plan of a column."""

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made when first asked for and kept."""

    def kernel(self, table: str, name: str) -> Kernel:
        """The kernel of a column."""

    def link_kernel(self, table: str, name: str) -> LinkKernel:
        """The kernel of a link."""

    def count_kernel(self, table: str) -> CountKernel:
        """How many children each parent has in a fact."""

    def drawing(self, table: str) -> TimeDrawing | None:
        """How the times of a fact are drawn where shocks or ages decide."""

    def fan_index(self, table: str) -> FanIndex:
        """The fan-out index of a fact."""

    def fan_offsets(self, table: str, block: int) -> Ints:
        """The first child of each parent of a block, counted from the block's first; shape (parents + 1,)."""

    def measure(self, frame: Frame, reference: Reference) -> Column:
        """A number that rows have by their links: how deep they lie, how many children they have."""

    def spans(self, table: str, parents: Rows) -> tuple[Ints, Ints]:
        """The first child in a fact of each of some parents, and how many there are; shapes (n,)."""

    def children(self, frame: Frame) -> Children:
        """The parents of a fact's rows."""

    def whole(self, table: str) -> Frame:
        """All rows of a table; columns are computed once and kept."""

    def at(self, table: str, rows: Ints) -> Linked:
        """Any rows of a table, shape (n,)."""

    def join_index(self, table: str, column: str) -> RowFinder:
        """What finds the row of a table that holds a value."""


def take(column: Column, index: Ints) -> Column:
    """The values at the given places, shape (n,); of an empty column nothing but nulls."""
    if not len(column) and len(index):
        return Column(blanks(column.data, len(index)), np.zeros(len(index), dtype=np.bool_))
    valid = None if column.valid is None else column.valid.take(index)
    if isinstance(column.data, np.ndarray):
        return Column(column.data.take(index), valid)
    if isinstance(column.data, pa.DictionaryArray):
        codes = codes_of(column.data).take(index)
        return Column(coded(codes, column.data.dictionary), valid)
    return Column(compute.take(column.data, integers(index)), valid)


def blanks(like: NDArray[Any] | pa.Array, n: int) -> NDArray[Any] | pa.Array:
    """So many zeros or empty strings of the same type; of bytes, structs and lists nulls."""
    if isinstance(like, np.ndarray):
        return np.zeros(n, dtype=like.dtype)
    if not isinstance(like, pa.DictionaryArray) and not pa.types.is_string(like.type):
        return pa.nulls(n, like.type)
    empty = string_array([""])
    return (
        coded(np.zeros(n, dtype=np.int32), empty)
        if isinstance(like, pa.DictionaryArray)
        else compute.take(empty, integers(np.zeros(n, np.int64)))
    )


def both(a: Mask | None, b: Mask | None) -> Mask | None:
    """What is valid in both; None where everything is."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def integers(values: Ints) -> pa.Array:
    """An Arrow array of int64 over the same memory."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def coded(codes: NDArray[np.int32], dictionary: pa.Array) -> pa.DictionaryArray:
    """Strings as codes into a dictionary, over the same memory."""
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(np.ascontiguousarray(codes))])
    return pa.DictionaryArray.from_arrays(indices, dictionary, safe=False)


def codes_of(array: pa.DictionaryArray) -> NDArray[np.int32]:
    """The codes of an array made by `coded`, shape (n,)."""
    indices = array.indices
    codes: NDArray[np.int32] = np.frombuffer(indices.buffers()[1], dtype=np.int32)[indices.offset : indices.offset + len(indices)]
    return codes
