"""Whether an aggregate can find nothing to be made of, and so be null."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model, Node
from seedbed.model.places import Mistake
from seedbed.plan.children import children_bounds
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.provenance import Tables, may_be_null

_NEVER_NULL = ("sum", "count")


def aggregate_mistakes(model: Model, tables: Tables, column: ColumnPlan, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    """Refuse an aggregate that is null for some row of a column without nulls."""
    params = column.spec.generator.aggregate
    if params is None or params.op in _NEVER_NULL or column.nullable:
        return
    child, parent = model.node(table_of(params.of)), model.node(column.table)
    assert child is not None
    assert parent is not None
    read = tables[child.id].column(column_of(params.of))
    here, lenient = (*path, "generator", "aggregate"), "make the column nullable"
    if params.where is not None:
        yield Mistake(here, f"the {params.op} of no children is null, and `where` leaves it none", lenient)
    elif may_be_null(tables, read):
        yield Mistake(here, f"the {params.op} of nulls is null, and {read.ref} may be null in every child", lenient)
    elif (why := _may_have_none(child, parent)) is not None:
        yield Mistake(here, f"the {params.op} of no children is null, and {why[0]}", f"{lenient}, or {why[1]}")


def _may_have_none(child: Node, parent: Node) -> tuple[str, str] | None:
    """Why a parent may have no children, and what would give it some; None where each has one at least."""
    if child.events is not None:  # the first state is an event as well
        return None
    segments = parent.segment_behavior
    ages = parent.vintage_behavior.age_based_multipliers.values() if parent.vintage_behavior else ()
    stopped = segments is not None and any(behavior.fanout_multiplier == 0 for behavior in segments.behaviors.values())
    if stopped or child.modifiers or any(age.applies_to == "fanout" for age in ages):
        return "behaviours and shocks may leave a parent none", f"let none of them act on the fan-out of `{child.id}`"
    fewest = 0 if child.fanout is None else children_bounds(child.fanout, is_scaled=segments is not None)[0]
    return None if fewest > 0 else ("a parent may have no children", f"give the fan-out of `{child.id}` a `min` of 1")
