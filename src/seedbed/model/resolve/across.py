"""What `aggregate`, `split` and `process` ask of the tables they reach into."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.nearest import one_of
from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.generators.across import Aggregate, Process, Split
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Unknown, find_reference
from seedbed.model.resolve.scope import TIMES, Scope

_COMPARED = NUMBERS | TIMES | {ColumnType.TIME}


def aggregate_mistakes(scope: Scope, node: Node, _column: ColumnSpec, params: Aggregate, path: Path) -> Iterator[Mistake]:
    """Mistakes of an aggregate: of a table that is no child, of or of values that cannot be added."""
    table, name = table_of(params.of), column_of(params.of)
    yield from scope.missing_ref(params.of, (*path, "of"))
    child = scope.nodes.get(table)
    if child is None:
        return
    if child.parents[:1] != (node.id,):
        yield Mistake((*path, "of"), _no_child(node, child), _children_of(scope, node))
        return
    kind = scope.type(table, name)
    allowed = {"sum": NUMBERS | {ColumnType.BOOL}, "mean": NUMBERS, "min": _COMPARED, "max": _COMPARED}.get(params.op)
    if kind is not None and allowed is not None and kind not in allowed:
        yield Mistake((*path, "op"), f"`{params.of}` is {kind.value}, which has no {params.op}", "use `count`, `first` or `last`")


def _no_child(node: Node, child: Node) -> str:
    if node.id in child.parents:
        return f"`{child.id}` has `{node.id}` as its second parent: which of its rows belong together is known from the first only"
    if any(link.to == node.id for link in child.links.values()):
        return f"rows of `{child.id}` pick rows of `{node.id}` at random: which ones pick a row is not known from it"
    return f"`{child.id}` is no child of `{node.id}`: its rows do not belong to rows of it"


def _children_of(scope: Scope, node: Node) -> str:
    children = [child.id for child in scope.children(node.id)]
    if children:
        return f"children of `{node.id}` are {one_of(children)}"
    return f"give a fact `parents: [{node.id}]`, or compute the number from a table that has it as its first parent"


def split_mistakes(scope: Scope, node: Node, column: ColumnSpec, params: Split, path: Path) -> Iterator[Mistake]:
    """Mistakes of a split: no total of the parent, one that is null or a float, or parts of another scale."""
    here = (*path, "total")
    parent = node.parents[0] if node.parents else None
    if parent is None:
        yield Mistake(here, f"`{node.id}` has no parent whose total it could split", "make it a fact with `parents` and a fan-out")
        return
    found = find_reference(scope.model, node, params.total)
    if isinstance(found, Unknown):
        yield Mistake(here, found.message, found.fix)
        return
    if found.link != parent:
        yield Mistake(here, f"`{params.total}` is no column of the parent `{parent}`", f"write `{parent}.column`")
        return
    total = scope.spec(found.table, found.column)
    if total is None:
        return
    ref = f"{found.table}.{found.column}"
    if total.type not in (ColumnType.INT, ColumnType.DECIMAL):
        fix = f"make `{ref}` a decimal: `type: decimal, scale: 2`"
        yield Mistake(here, f"`{ref}` is {total.type.value}; parts add up exactly only to whole numbers and decimals", fix)
    elif total.may_be_null:
        yield Mistake(here, f"`{ref}` may be null, and nothing adds up to null", f"let `{ref}` never be null")
    elif column.type not in (ColumnType.INT, ColumnType.DECIMAL) or _scale(column) < _scale(total):
        kind = f"{total.type.value}, scale: {_scale(total)}" if total.type is ColumnType.DECIMAL else "int"
        yield Mistake(
            (*path[:-2], "type"), f"parts of `{ref}` do not fit into a column of type {column.type.value}", f"write `type: {kind}`"
        )
    if column.may_be_null:
        yield Mistake(here, f"`{column.name}` may be null, so the parts would not add up", "let it never be null")
    if column.modifiers:
        yield Mistake((*path[:-2], "modifiers"), "a part that is changed no longer adds up", "remove the modifiers, or change the total")


def _scale(column: ColumnSpec) -> int:
    return column.digits[1] if column.type is ColumnType.DECIMAL else 0


def process_mistakes(_scope: Scope, node: Node, column: ColumnSpec, params: Process, path: Path) -> Iterator[Mistake]:
    """Mistakes of a process: a series per something that is no parent, or of something that is no number."""
    parent = next(iter(node.parents), None)
    if params.per is not None and params.per != parent:
        fix = f"write `per: {parent}`, or leave it out for one series over the table" if parent else "leave it out"
        yield Mistake((*path, "per"), f"`{params.per}` is not the parent of `{node.id}`", fix)
    if column.type not in NUMBERS:
        yield Mistake(
            (*path[:-2], "type"), f"a process gives numbers, not {column.type.value}", "make the column a float, a decimal or an int"
        )
    if params.kind == "gbm" and params.params.start is not None and params.params.start <= 0:
        yield Mistake((*path, "params", "start"), "a geometric series starts above 0", "give a start such as 100")
