"""Kernels of `struct` and `list`: values made of values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Ints
from seedbed.generate.columns import finished
from seedbed.generate.conversion import to_arrow
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.generate.nested import inner_kernel
from seedbed.generate.scattered import repeated
from seedbed.model.generators.nested import MOST_ITEMS, ListOf
from seedbed.plan.distributions import distribution_source
from seedbed.plan.nested import InnerColumn, inner_columns
from seedbed.plan.plan import ColumnPlan

Lengths = Callable[[Frame], Ints]


def struct_kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """Several named values in one; each field has draws of its own name."""
    fields = inner_columns(column)
    made = [_values(engine, field) for field in fields]

    def drawn(frame: Frame) -> Column:
        arrays = [values(frame) for values in made]
        kinds = [
            pa.field(str(field.path[-1]), array.type, nullable=field.column.nullable) for field, array in zip(fields, arrays, strict=True)
        ]
        return Column(pa.StructArray.from_arrays(arrays, fields=kinds))

    return finished(engine, column, drawn, None)


def struct_field_kernel(engine: Context, column: ColumnPlan, name: str) -> Kernel:
    """One field of a struct by itself."""
    return inner_kernel(engine, next(field for field in inner_columns(column) if field.path[-1] == name))


def list_kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """Several values of one kind: item j of a row has the draws of (row, j)."""
    spec = column.spec.generator.list
    assert spec is not None
    lengths = _lengths(engine, column, spec)
    (items,) = inner_columns(column)
    values = _values(engine, items)

    def drawn(frame: Frame) -> Column:
        counts = lengths(frame)
        ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        numbers = np.arange(ends[-1], dtype=np.int64) - ends[:-1].repeat(counts)
        made = values(repeated(frame, owners, numbers))
        offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends.astype(np.int32))])
        kind = pa.list_(pa.field("item", made.type, nullable=items.column.nullable))
        return Column(pa.ListArray.from_arrays(offsets, made, type=kind))

    return finished(engine, column, drawn, None)


def _lengths(engine: Context, column: ColumnPlan, spec: ListOf) -> Lengths:
    """How many items each row has, shape (n,)."""
    if isinstance(spec.length, int):
        length = spec.length
        return lambda frame: np.full(len(frame), length, dtype=np.int64)
    source = distribution_source(spec.length, whole=True)
    low, high = spec.length.clamp or (None, None)
    least, most = max(low or 0.0, 0.0), min(MOST_ITEMS if high is None else high, float(MOST_ITEMS))
    key = engine.key(column.table, column.name, "length")

    def drawn(frame: Frame) -> Ints:
        values = source.draw(frame.bits(key)).astype(np.float64)
        return np.rint(np.minimum(np.maximum(values, least), most)).astype(np.int64)

    return drawn


def _values(engine: Context, inner: InnerColumn) -> Callable[[Frame], pa.Array]:
    """The values of a nested generator as Arrow has them."""
    kernel = inner_kernel(engine, inner)
    return lambda frame: to_arrow(kernel(frame), inner.column, encoded=False)
