"""Which columns are kept by blocks: those that cost much and are read from other tables, again and again."""

from __future__ import annotations

from seedbed.model.modifiers import Effect
from seedbed.plan.dependencies import dependencies
from seedbed.plan.plan import ColumnPlan, Plan, TablePlan

#: Generators that fill a row in several steps.
_COSTLY = frozenset({"case", "mixture", "split"})


def kept_columns(plan: Plan) -> frozenset[str]:
    """The columns, `table.column`, to be kept; aggregates keep themselves."""
    by_ref = {column.ref: (table, column) for table in plan.tables for column in table.columns}
    read: set[str] = set()
    for name, sources in dependencies(plan.model, list(plan.tables)).items():
        own = by_ref[name][0].name if name in by_ref else None
        read.update(ref for ref in sources if ref in by_ref and by_ref[ref][0].name != own)
    return frozenset(ref for ref in read if _is_costly(plan, *by_ref[ref]))


def _is_costly(plan: Plan, table: TablePlan, column: ColumnPlan) -> bool:
    if column.stage or column.spec.generator.kind in _COSTLY:
        return not column.stage  # walks through states keep themselves
    if any(isinstance(modifier, Effect) for modifier in column.spec.modifiers) or column.limits.bounds:
        return True
    series = column.spec.generator.datetime_series
    if series is None:
        return False
    by_ages = table.parent is not None and plan.table(table.parent).node.vintage_behavior is not None
    is_redrawn = column.name == table.time_column and (by_ages or bool(table.node.modifiers))
    return is_redrawn or series.delay is not None or series.process != "iid"
