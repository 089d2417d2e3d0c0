"""Kernel of `lookup`."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.errors import DataError
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.model.base import column_of
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A column of the row that the link leads to."""
    lookup = column.spec.generator.lookup
    assert lookup is not None
    assert column.link is not None
    link, name = engine.plan.table(column.table).link(column.link), column_of(lookup.from_)
    given = engine.column_plan(link.target, name).spec.value_type

    def read(frame: Frame) -> Column:
        linked = frame.link(link.name)
        if link.is_tree and not column.nullable:
            linked = type(linked)(linked.frame, linked.index)  # a root refers to itself
        return as_type(linked.read(name), given, column)

    found = finished(engine, column, read, None)
    return found if column.nullable or link.is_tree or link.kind not in ("join", "declared") else _complete(column, found)


def _complete(column: ColumnPlan, kernel: Kernel) -> Kernel:
    """Refuse rows that found no partner in a column that must not be null."""

    def checked(frame: Frame) -> Column:
        found = kernel(frame)
        if found.valid is not None:
            missing = np.flatnonzero(~found.valid)
            if len(missing):
                row = int(frame.rows[int(missing[0])])
                fix = "make the column nullable, or give the other table a row for every value"
                raise DataError(
                    f"row {row:,} of {column.ref} finds no row to look up", where=f"{column.table}[{row}].{column.name}", fix=fix
                )
        return Column(found.data)

    return checked
