"""Kernel of `aggregate`: values of a row's children added up, counted or compared.

Children are made in chunks and added strictly in their order, so that neither memory nor a float's last bit depends on how the
parents are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.block import Column, ColumnType, DecimalType, ValueType
from seedbed.core.decimals import to_floats
from seedbed.core.draw import Ints
from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.generate.blockwise import blockwise
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.frame import Context, Frame, Kernel, Mask
from seedbed.model.base import column_of, table_of
from seedbed.model.generators.across import Aggregate
from seedbed.plan.plan import ColumnPlan

#: Children that are made at once.
_CHUNK = 65_536

_MOST = np.iinfo(np.int64).max


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A value of each row, computed from its children."""
    aggregate = column.spec.generator.aggregate
    assert aggregate is not None
    children = _Children(engine, table_of(aggregate.of), column_of(aggregate.of), _condition(engine, aggregate))
    make = _OPERATIONS[aggregate.op]

    def computed(frame: Frame) -> Column:
        found, given = make(children, frame)
        return as_type(found, given, column)

    return blockwise(engine, column.table, column.name, finished(engine, column, computed, None))


def over_children(engine: Context, table: str, name: str, operation: str) -> Callable[[Frame], tuple[Column, ValueType]]:
    """The function from a frame to a value of its rows' children in a fact, and its type."""
    children = _Children(engine, table, name, None)
    make = _OPERATIONS[operation]
    return lambda frame: make(children, frame)


def _condition(engine: Context, aggregate: Aggregate) -> Callable[[Frame], Mask] | None:
    if aggregate.where is None:
        return None
    from seedbed.generate.formulas import formula  # only models with expressions need them

    holds = formula(engine, table_of(aggregate.of), aggregate.where, column_of(aggregate.of))

    def counts(frame: Frame) -> Mask:
        found = holds(frame)
        mask: Mask = found.data if found.valid is None else found.data & found.valid
        return mask

    return counts


@dataclass(frozen=True, slots=True)
class _Children:
    """A column of a fact, and which of its rows count."""

    engine: Context
    table: str
    name: str
    counts: Callable[[Frame], Mask] | None

    @property
    def type(self) -> ValueType:
        """The type of the column's values."""
        return self.engine.column_plan(self.table, self.name).spec.value_type

    def chunks(self, parents: Frame, *, all_rows: bool = False) -> Iterator[tuple[Frame, Ints, Mask | None]]:
        """The children of a frame's rows in chunks, the place of each one's parent in the frame, and which count."""
        first, sizes = self.engine.spans(self.table, parents.rows)
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        is_run = bool((first[1:] == first[:-1] + sizes[:-1]).all())
        for start in range(0, total, _CHUNK):
            places = np.arange(start, min(start + _CHUNK, total))
            owners = np.searchsorted(ends, places, side="right")
            rows = range(int(first[0]) + start, int(first[0]) + start + len(places)) if is_run else None
            frame = Frame(self.engine, self.table, rows if rows is not None else first[owners] + places - (ends - sizes)[owners])
            mask = self.counts(frame) if self.counts is not None else None
            if not all_rows:
                valid = frame.column(self.name).valid
                mask = valid if mask is None else mask if valid is None else mask & valid
            yield frame, owners, mask


def _count(children: _Children, parents: Frame) -> tuple[Column, ValueType]:
    return Column(_counted(children, parents)), ColumnType.INT


def _counted(children: _Children, parents: Frame) -> Ints:
    counts = np.zeros(len(parents), dtype=np.int64)
    for _, owners, mask in children.chunks(parents):
        counts += np.bincount(owners if mask is None else owners[mask], minlength=len(parents))
    return counts


def _sum(children: _Children, parents: Frame) -> tuple[Column, ValueType]:
    kind = children.type
    given = ColumnType.INT if kind is ColumnType.BOOL else kind
    totals = np.zeros(len(parents), dtype=np.float64 if kind is ColumnType.FLOAT else np.int64)
    reach = np.zeros(len(parents), dtype=np.float64)
    for frame, owners, mask in children.chunks(parents):
        values, owners = _counting(frame.column(children.name), owners, mask)  # noqa: PLW2901 - those that count
        with np.errstate(over="ignore"):  # an infinite sum is refused below
            np.add.at(totals, owners, values.astype(totals.dtype, copy=False))
        if totals.dtype == np.int64 and len(values) and float(np.abs(values.astype(np.float64)).max()) * _CHUNK > 2.0**40:
            np.add.at(reach, owners, np.abs(values.astype(np.float64)))
    if (reach > 2.0**62).any() or not np.isfinite(totals).all():
        row = int(parents.rows[int(np.argmax((reach > 2.0**62) | ~np.isfinite(totals)))])
        message = f"the sum of {children.table}.{children.name} over the children of row {row:,} passes the range of its type"
        raise DataError(message, where=f"{parents.table}[{row}]", fix="sum smaller numbers")
    return Column(totals), given


def _mean(children: _Children, parents: Frame) -> tuple[Column, ValueType]:
    sums, given = _sum(children, parents)
    counts = _counted(children, parents)
    totals = to_floats(sums.data, given.scale) if isinstance(given, DecimalType) else sums.data.astype(np.float64)
    return Column(totals / np.maximum(counts, 1), _where_any(counts > 0)), ColumnType.FLOAT


def _extreme(children: _Children, parents: Frame, *, least: bool) -> tuple[Column, ValueType]:
    is_float = children.type is ColumnType.FLOAT
    worst: Any = np.inf if is_float else _MOST
    found = np.full(len(parents), worst if least else -worst, dtype=np.float64 if is_float else np.int64)
    for frame, owners, mask in children.chunks(parents):
        values, owners = _counting(frame.column(children.name), owners, mask)  # noqa: PLW2901 - those that count
        (np.minimum if least else np.maximum).at(found, owners, values.astype(found.dtype, copy=False))
    known = _counted(children, parents) > 0
    return Column(np.where(known, found, 0).astype(found.dtype), _where_any(known)), children.type


def _end(children: _Children, parents: Frame, *, first: bool) -> tuple[Column, ValueType]:
    rows = np.full(len(parents), _MOST if first else -1, dtype=np.int64)
    if children.counts is None:
        starts, sizes = children.engine.spans(children.table, parents.rows)
        known = sizes > 0
        rows = np.where(known, starts if first else starts + sizes - 1, 0)
    else:
        for frame, owners, mask in children.chunks(parents, all_rows=True):
            numbers, owners = _counting(Column(np.asarray(frame.rows, dtype=np.int64)), owners, mask)  # noqa: PLW2901 - those that count
            (np.minimum if first else np.maximum).at(rows, owners, numbers)
        known = (rows >= 0) & (rows < _MOST)
        rows = np.where(known, rows, 0)
    found = children.engine.at(children.table, rows[known]).read(children.name)
    return _spread(found, known), children.type


def _spread(column: Column, known: Mask) -> Column:
    """Values put at the places that are known; the others are null."""
    if known.all():
        return column
    from seedbed.generate.frame import take

    place = np.maximum(np.cumsum(known) - 1, 0)
    if not len(column):
        return Column(take(column, np.zeros(len(known), dtype=np.int64)).data, known)
    spread = take(column, place)
    return Column(spread.data, known if spread.valid is None else known & spread.valid)


def _counting(column: Column, owners: Ints, mask: Mask | None) -> tuple[NDArray[Any], Ints]:
    values: NDArray[Any] = column.data
    return (values, owners) if mask is None else (values[mask], owners[mask])


def _where_any(known: Mask) -> Mask | None:
    return None if known.all() else known


_OPERATIONS: dict[str, Callable[[_Children, Frame], tuple[Column, ValueType]]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "min": lambda children, parents: _extreme(children, parents, least=True),
    "max": lambda children, parents: _extreme(children, parents, least=False),
    "first": lambda children, parents: _end(children, parents, first=True),
    "last": lambda children, parents: _end(children, parents, first=False),
}
