"""What a sink must know of a table: its keys, references and descriptions, as far as the rows that are delivered keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seedbed.core.sinks import ForeignKey, TableShape
from seedbed.model.base import column_of, table_of
from seedbed.plan.keys import key_through
from seedbed.plan.plan import Plan, TablePlan
from seedbed.plan.quality import issues_of

if TYPE_CHECKING:
    import pyarrow as pa

#: Faults that leave every key as it is: they change other cells, or move rows.
_COPYING = frozenset({"duplicate", "near_duplicate"})

Columns = tuple[str, ...]


def table_shape(plan: Plan, name: str, schema: pa.Schema, rows: int) -> TableShape:
    """The shape of a table that is delivered with `schema`; its foreign keys may refer to tables that are not asked for.

    Keys that are hidden, or that faults on purpose break, are none.
    """
    if name == plan.ground_truth:
        return TableShape(name, schema, rows, description="The faults that were put into the other tables on purpose.")
    table = plan.table(name)
    key = table.node.primary_key
    unique = tuple(columns for columns in _unique(plan, table) if set(columns) != set(key) and _holds(plan, table, columns))
    return TableShape(
        name,
        schema,
        rows,
        key if key and _holds(plan, table, key) else (),
        unique,
        tuple(_foreign_keys(plan, table)),
        partition_by=table.node.partition_by,
        description=table.node.description,
    )


def in_order_of_need(shapes: Iterable[TableShape]) -> list[TableShape]:
    """The tables so that each comes after those it refers to; those of a circle stay in their order."""
    waiting, found = list(shapes), list[TableShape]()
    while waiting:
        names = {shape.name for shape in waiting}
        free = [shape for shape in waiting if not ({key.table for key in shape.foreign_keys} - {shape.name}) & names]
        found += free or waiting[:1]
        waiting = [shape for shape in waiting if shape not in found]
    return found


def _unique(plan: Plan, table: TablePlan) -> Iterator[Columns]:
    """The sets of columns that never come twice together."""
    single = dict.fromkeys(column.name for column in table.columns if column.is_unique)
    yield from ((name,) for name in single)
    for refs in plan.model.constraints.unique_sets:
        if table_of(refs[0]) == table.name:
            yield tuple(map(column_of, refs))


def _holds(plan: Plan, table: TablePlan, columns: Columns) -> bool:
    """Whether what is unique in the clean rows is delivered so: nothing is hidden, changed or copied."""
    if not set(columns) <= {column.name for column in table.delivered}:
        return False
    issues = [issue for _, issue in issues_of(plan.model, table.name)]
    return not any(issue.kind in _COPYING or set(columns) & set(issue.columns) for issue in issues)


def _foreign_keys(plan: Plan, table: TablePlan) -> Iterator[ForeignKey]:
    found = dict.fromkeys((*_declared(plan, table), *_looked_up(table), *_through_links(plan, table)))
    for key in found:
        if _is_kept(plan, table, key) and not any(_is_part(key, other) for other in found):
            yield key


def _declared(plan: Plan, table: TablePlan) -> Iterator[ForeignKey]:
    for key in plan.model.constraints.foreign_keys:
        if table_of(key.sources[0]) == table.name:
            yield _ordered(map(column_of, key.sources), table_of(key.goals[0]), map(column_of, key.goals))


def _looked_up(table: TablePlan) -> Iterator[ForeignKey]:
    """Columns that refer by themselves."""
    for column in table.columns:
        if column.references is not None:
            yield ForeignKey((column.name,), table_of(column.references), (column_of(column.references),))


def _through_links(plan: Plan, table: TablePlan) -> Iterator[ForeignKey]:
    """Links by which all columns of a composite key are read from one row."""
    tables = {each.name: each for each in plan.tables}
    for link in table.links:
        goals = tables[link.target].node.primary_key
        if len(goals) > 1:
            own = key_through(plan.model, tables, table, link, goals)
            if own is not None:
                yield _ordered(own, link.target, goals)


def _ordered(own: Iterable[str], target: str, goals: Iterable[str]) -> ForeignKey:
    return ForeignKey(tuple(own), target, tuple(goals))


def _is_kept(plan: Plan, table: TablePlan, key: ForeignKey) -> bool:
    """Whether the delivered rows keep a reference, and what it refers to is a key that is kept, too."""
    target = plan.table(key.table)
    keys = [set(target.node.primary_key), *map(set, _unique(plan, target))]
    changed = {column for _, issue in issues_of(plan.model, table.name) for column in issue.columns}
    delivered = {column.name for column in table.delivered}
    return set(key.references) in keys and _holds(plan, target, key.references) and set(key.columns) <= delivered - changed


def _is_part(key: ForeignKey, other: ForeignKey) -> bool:
    """Whether the columns of a key are some of those of another to the same table, which says more."""
    return key.table == other.table and set(key.columns) < set(other.columns)
