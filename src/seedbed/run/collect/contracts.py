"""What a contract says of new tables, columns and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED
from seedbed.read.collect.sketch import Sketch, merge

if TYPE_CHECKING:
    from seedbed.read.collect.decide import Decisions, Plan
    from seedbed.read.collect.shapes import TableShape


def breach(frozen: Decisions, wanted: Decisions) -> str | None:
    """What files want that frozen tables don't have: a table, a column, another type; None where they want nothing.

    Columns that files lack are no breach: they are null.
    """
    known = {table.path: table for table in frozen.tables}
    for table in wanted.tables:
        if table.path not in known:
            return f"a new table `{table.name}` (at {table.path or '/'})"
        found = _news(known[table.path], table)
        if found:
            return found
    return None


#: Columns that every table has of its own, which hold no values of files.
OWN = frozenset({ID, PARENT, POSITION, KEY, RESCUED})


def _news(frozen: TableShape, wanted: TableShape) -> str | None:
    kinds = {column.path: column.kind for column in frozen.columns if column.name not in OWN}
    if wanted.form != frozen.form:
        return f"rows of `{frozen.name}` as {wanted.form}, which are {frozen.form}"
    for column in wanted.columns:
        if column.name in OWN:
            continue
        if column.path not in kinds:
            return f"a new column `{column.name}` of `{frozen.name}`"
        if column.kind != kinds[column.path]:
            return f"`{frozen.name}.{column.name}` as {column.kind}, which is {kinds[column.path]}"
    return None


def known_part(sketch: Sketch, plan: Plan) -> Sketch:
    """What a sketch says of keys that a plan knows: what is left out of the tables is not to make columns later."""
    made = merge([sketch])
    _prune(made, plan)
    return made


def _prune(sketch: Sketch, plan: Plan) -> None:
    if plan.form == "object":
        known = dict(plan.members)
        sketch.members = {key: member for key, member in sketch.members.items() if key in known}
        for key, member in sketch.members.items():
            _prune(member, known[key])
    elif plan.form == "rows" and plan.element is not None:
        for one in (sketch.element, sketch if sketch.members else None):
            if one is not None:
                _prune(one, plan.element)
    elif plan.form == "map" and plan.element is not None:
        for one in (sketch.value, *sketch.members.values()):
            if one is not None:
                _prune(one, plan.element)
