"""Keys of several columns: whether the way their columns are made keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.model.base import column_of, table_of
from seedbed.model.constraints import ForeignKey
from seedbed.model.document import Model, Node
from seedbed.model.places import Mistake
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import ColumnPlan, Link, TablePlan
from seedbed.plan.provenance import Tables


def key_mistakes(model: Model, tables: Tables) -> list[Mistake]:
    """Primary keys, unique sets and foreign keys of several columns that nothing guarantees."""
    found: list[Mistake] = []
    for index, node in enumerate(model.nodes):
        if len(node.primary_key) > 1 and node.events is None:  # a table of events numbers them itself
            found += _unique(tables, tables[node.id], node.primary_key, ("nodes", index, "pk"), "primary key")
    for index, unique in enumerate(model.constraints.unique):
        if isinstance(unique, tuple) and len(unique) > 1:
            table = tables[table_of(unique[0])]
            found += _unique(tables, table, tuple(map(column_of, unique)), ("constraints", "unique", index), "combination")
    for index, key in enumerate(model.constraints.foreign_keys):
        if len(key.sources) > 1:
            found += _foreign(model, tables, key, ("constraints", "foreign_keys", index))
    return found


def _unique(tables: Tables, table: TablePlan, names: tuple[str, ...], path: tuple[str | int, ...], what: str) -> Iterator[Mistake]:
    if not set(names) <= {column.name for column in table.columns}:
        return  # which is told
    columns = [table.column(name) for name in names]
    if any(column.is_unique for column in columns) or differ_together(tables, table, columns):
        return
    listed = f"({', '.join(names)})"
    fix = "let it hold the parent's key and a number that restarts for each parent: `sequence: {per: PARENT}`; or a link with `unique_per`"
    yield Mistake(path, f"nothing keeps the {what} {listed} of `{table.name}` from coming twice", fix)


def differ_together(tables: Tables, table: TablePlan, columns: list[ColumnPlan]) -> bool:
    """Whether no two rows share the values of all these columns, because some tell the parent and another is different for each of its children."""
    if table.parent is None or not _tells_row(tables, columns, "parent", table.parent):
        return False
    return any(_counts(table, column) for column in columns) or any(
        _tells_row(tables, columns, link.name, link.target) for link in table.links if _takes_once(table, link)
    )


def _tells_row(tables: Tables, columns: list[ColumnPlan], link: str, target: str) -> bool:
    """Whether rows that a link leads to different rows of `target` never share the values of these columns: they hold a key of it."""
    lookups = (column.spec.generator.lookup for column in columns if column.link == link and not column.spec.modifiers)
    read = {column_of(lookup.from_) for lookup in lookups if lookup is not None and table_of(lookup.from_) == target}
    key = tables[target].node.primary_key
    return any(tables[target].column(name).is_unique for name in read) or (bool(key) and read.issuperset(key))


def _counts(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether no two children of a parent share the column's value, as it numbers them."""
    generator = column.spec.generator
    if column.spec.modifiers:
        return False
    if generator.sequence is not None:
        return generator.sequence.per in (None, table.parent)
    return generator.datetime_series is not None and generator.datetime_series.process == "regular"


def _takes_once(table: TablePlan, link: Link) -> bool:
    """Whether a link leads no two children of a parent to the same row."""
    return link.kind == "partner" or (link.spec is not None and link.spec.unique_per == table.parent)


def _foreign(model: Model, tables: Tables, key: ForeignKey, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    """Refuse a foreign key whose columns are not read from one row, or matched with it."""
    source, target = tables[table_of(key.sources[0])], tables[table_of(key.goals[0])]
    goals = tuple(map(column_of, key.goals))
    if not {*goals} <= {column.name for column in target.columns} or not {*map(column_of, key.sources)} <= {c.name for c in source.columns}:
        return
    if set(goals) != set(target.node.primary_key) and set(key.goals) not in map(set, model.constraints.unique_sets):
        fix = f"list it under `unique`, or refer to the primary key ({', '.join(target.node.primary_key)})"
        yield Mistake((*path, "to"), f"({', '.join(goals)}) is not unique in `{target.name}`, so it cannot be referred to", fix)
        return
    pairs = [(column_of(own), column_of(goal)) for own, goal in zip(key.sources, key.goals, strict=True)]
    if any(_keeps(model, tables, source, link, pairs) for link in source.links if link.target == target.name):
        return
    listed = ", ".join(own for own, _ in pairs)
    fix = (
        f"read them through one link: `links: {{x: {{to: {target.name}, match: {{..}}}}}}` and `lookup: {{from: {key.goals[-1]}, via: x}}`"
    )
    yield Mistake((*path, "from"), f"({listed}) of `{source.name}` are not read from one row of `{target.name}`", fix)


def _keeps(model: Model, tables: Tables, table: TablePlan, link: Link, pairs: list[tuple[str, str]]) -> bool:
    """Whether each column is read through the link from its partner, or is what the link matches it with."""
    return all(_same(model, tables, table, link, own, goal) for own, goal in pairs)


def key_through(model: Model, tables: Tables, table: TablePlan, link: Link, goals: tuple[str, ...]) -> tuple[str, ...] | None:
    """The columns of a table that hold, row by row, the columns `goals` of the row that a link leads to; None where some is missing."""
    own = [next((c.name for c in table.delivered if _same(model, tables, table, link, c.name, goal)), None) for goal in goals]
    found = tuple(name for name in own if name is not None)
    return found if len(found) == len(goals) else None


def _same(model: Model, tables: Tables, table: TablePlan, link: Link, own: str, goal: str) -> bool:
    column = table.column(own)
    lookup = column.spec.generator.lookup
    if column.spec.modifiers:
        return False
    if lookup is not None and column.link == link.name and column_of(lookup.from_) == goal:
        return True
    matched = link.spec.match.get(goal) if link.spec is not None else None
    if matched is not None and _reads_alike(model, table.node, matched, own):
        return True
    return link.kind == "parent" and lookup is not None and _reads_through(tables, table, link, lookup.from_, goal)


def _reads_through(tables: Tables, table: TablePlan, link: Link, read: str, goal: str) -> bool:
    """Whether a parent's column is looked up in just what this row looks up itself: its grandparent's key, both ways."""
    above = tables[link.target].column(goal).spec.generator.lookup
    return above is not None and above.from_ == read and table.parent == link.target


def _reads_alike(model: Model, node: Node, matched: str, own: str) -> bool:
    """Whether a reference reads what a column holds: that column itself, or what it looks up."""
    found = find_reference(model, node, matched)
    column = node.column(own)
    if not isinstance(found, Reference) or column is None:
        return False
    if found.link is None:
        return found.name == own
    lookup = column.generator.lookup
    return lookup is not None and lookup.from_ == f"{found.table}.{found.column}" and (lookup.via or found.table) == found.link
