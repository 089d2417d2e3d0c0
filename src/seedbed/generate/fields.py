"""Kernels of `column.field`: a part of a record or a struct, without the rest of it."""

from __future__ import annotations

from seedbed.generate.frame import Context, Kernel
from seedbed.plan.plan import ColumnPlan


def field_kernel(engine: Context, column: ColumnPlan, field: str) -> Kernel:
    """One field of a column, shape (n,)."""
    if column.spec.generator.record is not None:
        from seedbed.generate.records.kernels import field_kernel as of_record  # loads the tables of places

        return of_record(engine, column, field)
    from seedbed.generate.composed import field_kernel as of_struct

    return of_struct(engine, column, field)
