"""What a row can read beside its own columns: `column`, `record.field`, `link.column` and `link.record.field`.

And what it has by its links: `depth(link)` in a hierarchy, `count_children(table or link)`, `sum(child.column)` and the like.
"""

from __future__ import annotations

from seedbed.core.block import ColumnType, ValueType
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.model.document import ColumnSpec, Model, Node


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of the row, or of the row that `link` leads to; `field` is a part of it where it is a record or a struct.

    link: the author's name of a link, or the name of a parent; table: whose column it is; measure: the function that takes it.
    """

    link: str | None
    table: str
    column: str
    field: str | None = None
    measure: str | None = None

    @property
    def name(self) -> str:
        """`column` or `column.field`, as frames know it."""
        return self.column if self.field is None else f"{self.column}.{self.field}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A reference that leads nowhere: what is wrong, and a remedy."""

    message: str
    fix: str


def find_reference(model: Model, node: Node, text: str) -> Reference | Unknown:
    """What `text` means in a row of `node`."""
    if text.endswith(")"):
        return _measure(model, node, *text[:-1].split("(", 1))
    first, _, rest = text.partition(".")
    column = node.column(first)
    if column is not None and (not rest or target_of(node, first) is None):
        return _of_column(node, None, text)
    target = model.node(target_of(node, first) or "")
    if target is None:
        return _unknown(model, node, first, rest)
    if not rest:
        fix = f"write `{first}.column`, with a column of `{target.id}`"
        return Unknown(f"`{first}` leads to rows of `{target.id}`; it is no value", fix)
    return _of_column(target, first, rest)


def target_of(node: Node, name: str) -> str | None:
    """The table that a link or a parent of that name leads to."""
    link = node.links.get(name)
    if link is not None:
        return link.to
    return name if name in node.parents else None


def link_names(node: Node) -> tuple[str, ...]:
    """All that a row of the node can read through: its links, then its parents."""
    return tuple(dict.fromkeys((*node.links, *node.parents)))


def plan_link(node: Node, name: str) -> str:
    """The name that plans know a link by."""
    if name in node.links:
        return f"link:{name}"
    return "parent" if node.parents.index(name) == 0 else "partner"


def may_lead_nowhere(node: Node, name: str) -> bool:
    """Whether some rows have no row at the end of a link: what is read through it may be null."""
    link = node.links.get(name)
    if link is None:
        return False
    is_full = link.capacity is not None and link.capacity.on_full == "null"
    return link.hierarchy is not None or link.null_rate > 0 or is_full or link.as_of is not None


def reference_type(model: Model, reference: Reference) -> ValueType | None:
    """The type of what a reference reads; None where it is not known."""
    if reference.measure in ("depth", "count_children", "count"):
        return ColumnType.INT
    node = model.node(reference.table)
    column = node.column(reference.column) if node is not None else None
    if column is None:
        return None
    if reference.measure == "mean":
        return ColumnType.FLOAT
    if reference.measure == "sum" and column.declared_type is ColumnType.BOOL:
        return ColumnType.INT
    if reference.field is None:
        return column.value_type if column.declared_type is not None else None
    return field_types(column).get(reference.field)


def field_types(column: ColumnSpec) -> dict[str, ValueType]:
    """The parts of a record or a struct; empty for other columns."""
    generator = column.generator
    if generator.record is not None:
        return {**generator.record.field_types}
    if generator.struct is not None:
        return dict(generator.struct.field_types)
    return {}


def _measure(model: Model, node: Node, measure: str, of: str) -> Reference | Unknown:
    """`depth` and `count_children` of a hierarchy, or of a table whose rows belong to this node's, and what is computed from those."""
    link = node.links.get(of)
    if measure == "depth" or (measure == "count_children" and link is not None):
        if link is None or link.hierarchy is None:
            trees = [name for name, each in node.links.items() if each.hierarchy is not None]
            return Unknown(
                f"`{of}` is no hierarchy of `{node.id}`", f"it has {one_of(trees)}" if trees else "declare a link with `hierarchy`"
            )
        return Reference(of, node.id, "", measure=measure)
    table, _, name = of.partition(".")
    child = model.node(table)
    children = [each.id for each in model.nodes if each.parents[:1] == (node.id,)]
    if child is None or child.id not in children:
        fix = did_you_mean(table, children) or (
            f"its children are {one_of(children)}" if children else "no table has it as its first parent"
        )
        return Unknown(f"`{table}` is no child of `{node.id}`", fix)
    if measure == "count_children":
        return (
            Unknown(f"`{measure}` counts rows, not `{of}`", f"write `{measure}({table})`")
            if name
            else Reference(None, table, "", measure=measure)
        )
    if not name:
        return Unknown(f"`{measure}` needs a column", f"write `{measure}({table}.column)`")
    found = _of_column(child, None, name)
    return found if isinstance(found, Unknown) else Reference(None, table, found.column, found.field, measure)


def _of_column(node: Node, link: str | None, text: str) -> Reference | Unknown:
    name, _, field = text.partition(".")
    column = node.column(name)
    if column is None:
        known = [column.name for column in node.columns]
        return Unknown(f"`{node.id}` has no column `{name}`", did_you_mean(name, known) or f"columns of `{node.id}`: {one_of(known)}")
    if field:
        parts = field_types(column)
        if field not in parts:
            fix = did_you_mean(field, parts) or (f"its fields are {one_of(parts)}" if parts else "only records and structs have fields")
            return Unknown(f"`{name}` has no field `{field}`", fix)
    return Reference(link, node.id, name, field or None)


def _unknown(model: Model, node: Node, first: str, rest: str) -> Unknown:
    known = [column.name for column in node.columns]
    owner = next((name for name in link_names(node) if _has(model, target_of(node, name), first)), None)
    if not rest and owner is not None and did_you_mean(first, known) is None:
        fix = f"`{owner}` has one: write `{owner}.{first}`" if model.version != "1.0" else _lookup_fix(node, owner, first)
        return Unknown(f"`{node.id}` has no column `{first}`", fix)
    if not rest:
        return Unknown(f"`{node.id}` has no column `{first}`", did_you_mean(first, known) or f"its columns are {one_of(known)}")
    names = link_names(node)
    near = did_you_mean(first, [*names, *known])
    if model.node(first) is not None and first not in names:
        fix = f"declare it: `links: {{{first}: {{to: {first}}}}}`" if near is None else near
        return Unknown(f"no link of `{node.id}` leads to `{first}`", fix)
    return Unknown(f"`{node.id}` has no link, parent or record `{first}`", near or f"it has {one_of([*names, *known])}")


def _has(model: Model, table: str | None, column: str) -> bool:
    node = model.node(table) if table is not None else None
    return node is not None and node.column(column) is not None


def _lookup_fix(node: Node, owner: str, column: str) -> str:
    return f"`{owner}` has one: add a column to `{node.id}` that looks it up, `lookup: {{from: {owner}.{column}}}`"
