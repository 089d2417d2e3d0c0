"""A generator inside another, as the column it would be."""

from __future__ import annotations

from seedbed.model.document import ColumnConstraints, ColumnSpec
from seedbed.model.generators.nested import Nested


def inner_spec(column: ColumnSpec, nested: Nested) -> ColumnSpec:
    """The column that a nested generator would be by itself: of its own type, or the outer column's; nothing comes after it."""
    changes: dict[str, object] = {
        "generator": nested.generator,
        "modifiers": (),
        "constraints": ColumnConstraints(),
        "null_if": None,
        "unique": False,
    }
    if nested.inner is None:
        changes |= {"nullable": column.may_be_null, "null_rate": None}
    else:
        inner = nested.inner
        changes |= {"declared_type": inner.type, "precision": inner.precision, "scale": inner.scale}
        changes |= {"nullable": bool(inner.null_rate), "null_rate": inner.null_rate or None}
    return column.model_copy(update=changes)
