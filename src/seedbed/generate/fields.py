"""Kernels of a part of a column: a field of a record or a struct, computed without the others."""

from __future__ import annotations

from seedbed.generate.composed import struct_field_kernel
from seedbed.generate.frame import Context, Kernel
from seedbed.generate.records import field_kernel as record_field_kernel
from seedbed.plan.plan import ColumnPlan


def field_kernel(engine: Context, column: ColumnPlan, field: str) -> Kernel:
    """The kernel of `column.field`."""
    if column.spec.generator.record is not None:
        return record_field_kernel(engine, column, field)
    return struct_field_kernel(engine, column, field)
