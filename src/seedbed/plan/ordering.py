"""`order_by`: whether the rows of a table come in the order of some columns, as they are made."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.model.base import column_of
from seedbed.model.document import EVENT_NUMBER, Model
from seedbed.model.places import Mistake
from seedbed.plan.plan import ColumnPlan, TablePlan
from seedbed.plan.provenance import Tables
from seedbed.plan.quality import issues_of


def order_mistakes(model: Model, tables: Tables) -> list[Mistake]:
    """Orders that nothing keeps: rows are made where their number puts them, and are not sorted."""
    found: list[Mistake] = []
    for index, node in enumerate(model.nodes):
        table, path = tables[node.id], ("nodes", index, "order_by")
        if not node.order_by or not set(node.order_by) <= {column.name for column in table.columns}:
            continue
        place = _first_unordered(tables, table)
        if place is not None:
            found.append(
                Mistake((*path, place), f"nothing keeps the rows of `{node.id}` in the order of `{node.order_by[place]}`", _fix(table))
            )
        moved = next(
            (issue for _, issue in issues_of(model, node.id) if issue.effect != "change" or set(issue.columns) & set(node.order_by)), None
        )
        if moved is not None:
            message = f"the fault `{moved.kind}` of `quality_injection` breaks the order of `{node.id}`"
            found.append(Mistake(path, message, "remove `order_by`, or the fault"))
    return found


def order_of(model: Model, tables: Tables, table: TablePlan) -> tuple[str, ...]:
    """Whole-number columns that tell the order of a table's rows, each row's values greater than those before; none where nothing does."""
    delivered = [column for column in table.delivered if column.type is ColumnType.INT]
    if any(issue.effect != "change" or issue.columns for _, issue in issues_of(model, table.name)):
        return ()
    for column in delivered:
        if _grows(column):
            return (column.name,)
    pairs = ((one, other) for one in delivered if _tells_parent(tables, table, one) for other in delivered if _grows_within(table, other))
    return next(((one.name, other.name) for one, other in pairs), ())


def _fix(table: TablePlan) -> str:
    if table.parent is None:
        return "order by a `sequence` that grows with the row, or leave it out and sort where the data is read"
    return f"order by a growing `sequence`, or by the key of `{table.parent}` and then a `sequence: {{per: {table.parent}}}`"


def _first_unordered(tables: Tables, table: TablePlan) -> int | None:
    """The place of the first column of an order that the rows don't keep; None where they keep it all."""
    within = False
    for place, name in enumerate(table.node.order_by):
        column = table.column(name)
        if _grows(column) or (within and _grows_within(table, column)):
            return None  # no two rows share its value, so what follows orders nothing more
        if within or not _tells_parent(tables, table, column):
            return place
        within = True
    return None


def _grows(column: ColumnPlan) -> bool:
    """Whether each row's value is greater than that of the row before."""
    generator = column.spec.generator
    if column.spec.modifiers or column.nullable:
        return False
    if generator.sequence is not None:
        return generator.sequence.is_plain and generator.sequence.step > 0
    if generator.enum_list is not None:
        values = list(generator.enum_list.values)
        return all(isinstance(value, str) for value in values) and values == sorted(set(map(str, values)))
    return False


def _tells_parent(tables: Tables, table: TablePlan, column: ColumnPlan) -> bool:
    """Whether a column grows with the row's parent: children stand together, in the order of their parents."""
    lookup = column.spec.generator.lookup
    if table.parent is None or column.link != "parent" or lookup is None or column.spec.modifiers or column.nullable:
        return False
    return _grows(tables[table.parent].column(column_of(lookup.from_)))


def _grows_within(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether each child's value is greater than that of its parent's child before."""
    generator = column.spec.generator
    if column.spec.modifiers or column.nullable:
        return False
    if generator.sequence is not None:
        return generator.sequence.per == table.parent and generator.sequence.step > 0 and generator.sequence.order is None
    return table.node.events is not None and column.name == EVENT_NUMBER
