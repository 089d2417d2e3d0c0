"""Which link each lookup reads through."""

from __future__ import annotations

from dataclasses import replace

from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.generators.lookup import Lookup
from seedbed.model.references import plan_link
from seedbed.plan.plan import Link


def node_links(model: Model, node: Node) -> tuple[dict[str, str], tuple[Link, ...]]:
    """The link of each lookup column, by the column's name, and all links of the node."""
    chosen: dict[str, Link] = {}
    unique = {column_of(ref) for ref in model.constraints.unique_columns if table_of(ref) == node.id} | ({node.key} if node.key else set())
    for column in node.columns:
        if column.generator.lookup is not None:
            chosen[column.name] = _link(model, node, column, distinct=column.unique or column.name in unique)
    for name, link in list(chosen.items()):
        if link.kind == "join":
            chosen[name] = replace(link, via=_same_row(node, chosen, link) if is_unique(model, link) else None)
    links = {link.name: link for link in (*_parent_links(node), *declared_links(node), *chosen.values())}
    return {name: link.name for name, link in chosen.items()}, tuple(links.values())


def parent_column(node: Node, parent: Node | None, local: str) -> str | None:
    """The first parent's column that a node's effect reads: one it looks up as `local`, or one of that name; None where there is none."""
    if parent is None:
        return None
    own = node.column(local)
    lookup = own.generator.lookup if own else None
    if lookup is not None and table_of(lookup.from_) == parent.id and (lookup.on is None or _joins_parent(node, parent, lookup.on)):
        return column_of(lookup.from_)
    return local if own is None and parent.column(local) is not None else None


def _joins_parent(node: Node, parent: Node, on: dict[str, str]) -> bool:
    """Whether a join goes by the column that looks up the parent's key."""
    ((one, other),) = on.items()
    for remote, local in ((one, other), (other, one)):
        key = node.column(local)
        lookup = key.generator.lookup if key else None
        if remote == parent.key and lookup is not None and lookup.on is None and lookup.from_ == f"{parent.id}.{parent.key}":
            return True
    return False


def is_unique(model: Model, join: Link) -> bool:
    """Whether at most one row of a join's target has a given value."""
    other = model.node(join.target)
    column = other.column(join.remote or "") if other is not None else None
    if other is None or column is None:
        return False
    return column.unique or other.key == join.remote or f"{join.target}.{join.remote}" in model.constraints.unique_columns


def declared_links(node: Node) -> tuple[Link, ...]:
    """The links that a node declares."""
    return tuple(Link(plan_link(node, name), "declared", spec.to, spec=spec) for name, spec in node.links.items())


def _declared(node: Node, lookup: Lookup) -> Link | None:
    """The declared link that a lookup goes through: the one it names, or the only one to its table that is no parent's."""
    target = table_of(lookup.from_)
    for link, name in zip(declared_links(node), node.links, strict=True):
        if name == lookup.via or (lookup.via is None and link.target == target and target not in node.parents[:2]):
            return link
    return None


def _parent_links(node: Node) -> tuple[Link, ...]:
    if node.kind != "fact":
        return ()
    return tuple(Link(kind, kind, parent) for kind, parent in zip(("parent", "partner"), node.parents, strict=False))  # type: ignore[arg-type]  # the two names are kinds


def _link(model: Model, node: Node, column: ColumnSpec, *, distinct: bool) -> Link:
    lookup = column.generator.lookup
    assert lookup is not None
    target = table_of(lookup.from_)
    if lookup.on is not None:
        remote, local = join_columns(model, node, target, lookup.on)
        return Link(f"join:{column.name}", "join", target, local, remote)
    declared = _declared(node, lookup)
    if declared is not None:
        return declared
    if target == node.id:
        return Link(f"tree:{column.name}", "tree", target)
    if node.kind == "fact" and target in node.parents[:2]:
        kind = "parent" if target == node.parents[0] else "partner"
        return Link(kind, kind, target)  # type: ignore[arg-type]  # one of the two kinds above
    kind = "distinct" if distinct else "random"
    return Link(f"{kind}:{column.name}", kind, target)  # type: ignore[arg-type]  # one of the two kinds above


def join_columns(model: Model, node: Node, target: str, on: dict[str, str]) -> tuple[str, str]:
    """The (remote, local) columns of `{remote: local}`, or of `{local: remote}` where only that makes sense."""
    (key, value), *_ = on.items()
    other = model.node(target)
    assert other is not None
    if other.column(key) is not None and node.column(value) is not None:
        return key, value
    return value, key


def _same_row(node: Node, chosen: dict[str, Link], join: Link) -> str | None:
    """The link whose row a join finds again: its local column is itself a lookup of the join's remote column."""
    if join.local is None or join.local not in chosen:
        return None
    link, column = chosen[join.local], node.column(join.local)
    assert column is not None
    assert column.generator.lookup is not None
    reads_key = column.generator.lookup.from_ == f"{join.target}.{join.remote}"
    return link.name if reads_key and link.target == join.target and not column.modifiers else None
