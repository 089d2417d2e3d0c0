"""What the links of a node, and the lookups through them, must agree on."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.base import table_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.links import LinkSpec, read_pick
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Unknown, find_reference, link_names, reference_type
from seedbed.model.resolve.scope import TIMES, Scope

_PICKS = "uniform, zipf@1.1, head_tail@{0.8,1.1} or weight:column"

#: What each of these decides alone: which row a row leads to.
_WAYS = ("hierarchy", "capacity", "as_of", "unique_per")


def link_mistakes(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    """All mistakes of a node's links."""
    for name, link in node.links.items():
        here = (*path, "links", name)
        if name in node.parents or node.column(name) is not None:
            what = "a parent" if name in node.parents else "a column"
            yield Mistake(here, f"`{name}` is {what} of `{node.id}` already", "give the link a name of its own", at_key=True)
        yield from scope.missing_table(link.to, (*here, "to"))
        if link.to in scope.nodes:
            yield from _ways(node, link, here)
            yield from _pick(scope, link, here)
            yield from _match(scope, node, link, here)
            yield from _as_of(scope, node, link, here)
            yield from _capacity(scope, link, here)


def _ways(node: Node, link: LinkSpec, path: Path) -> Iterator[Mistake]:
    """Parts that do not go together."""
    if link.to == node.id and link.hierarchy is None:
        message = f"the link leads to `{node.id}` itself, so rows could refer to each other in a circle"
        yield Mistake(path, message, "add `hierarchy: {roots: 1, branching: 6, max_depth: 6}`: a tree has none")
    if link.hierarchy is not None and link.to != node.id:
        fix = f"remove it, or let the link lead to `{node.id}`"
        yield Mistake((*path, "hierarchy"), f"a hierarchy is a tree of one table's own rows; this link leads to `{link.to}`", fix)
    given = [way for way in _WAYS if getattr(link, way) is not None]
    if len(given) > 1 and set(given) != {"capacity", "unique_per"}:
        yield Mistake((*path, given[1]), f"`{given[0]}` and `{given[1]}` both decide which row is taken", "keep one of them", at_key=True)
    if link.pick != "uniform" and given and given != ["unique_per"]:
        yield Mistake((*path, "pick"), f"`{given[0]}` leaves nothing to pick", "remove `pick`", at_key=True)
    if link.match and (link.hierarchy or link.capacity):
        way = "hierarchy" if link.hierarchy else "capacity"
        yield Mistake((*path, "match"), f"`match` and `{way}` cannot be combined", "keep one of them", at_key=True)
    if link.unique_per is not None and link.unique_per != next(iter(node.parents), None):
        fix = f"write `unique_per: {node.parents[0]}`" if node.parents else f"only facts have parents; `{node.id}` is of kind {node.kind}"
        yield Mistake((*path, "unique_per"), f"`{link.unique_per}` is not the parent of `{node.id}`", fix)
    if link.hierarchy is not None and link.null_rate:
        yield Mistake((*path, "null_rate"), "the roots of a hierarchy have no parent, and all others have one", "raise `roots` instead")


def _pick(scope: Scope, link: LinkSpec, path: Path) -> Iterator[Mistake]:
    pick = read_pick(link.pick)
    if pick is None:
        yield Mistake((*path, "pick"), f"`{link.pick}` is no way to pick", f"write {_PICKS}")
    elif pick.column is not None:
        yield from scope.wrong_type(link.to, pick.column, (*path, "pick"), NUMBERS, "a weight")
    elif pick.kind == "head_tail" and not 0 <= pick.numbers[0] <= 1:
        yield Mistake((*path, "pick"), f"the head's share is {pick.numbers[0]:g}", "give a share between 0 and 1")


def _match(scope: Scope, node: Node, link: LinkSpec, path: Path) -> Iterator[Mistake]:
    for theirs, own in link.match.items():
        here = (*path, "match", theirs)
        yield from scope.missing_column(link.to, theirs, here, at_key=True)
        mine = _type_of(scope, node, own)
        if isinstance(mine, Mistake):
            yield Mistake(here, mine.message, mine.fix)
            continue
        other = scope.type(link.to, theirs)
        if mine is not None and other is not None and not other.matches(mine):
            message = f"`{link.to}.{theirs}` is {other.value}, `{own}` is {mine.value}: no row can match"
            yield Mistake(here, message, "match columns of one type")


def _type_of(scope: Scope, node: Node, text: str) -> ColumnType | Mistake | None:
    found = find_reference(scope.model, node, text)
    if isinstance(found, Unknown):
        return None if text.partition(".")[0] in scope.written.get(node.id, ()) else Mistake((), found.message, found.fix)
    kind = reference_type(scope.model, found)
    return kind if isinstance(kind, ColumnType) or kind is None else ColumnType.DECIMAL


def _as_of(scope: Scope, node: Node, link: LinkSpec, path: Path) -> Iterator[Mistake]:
    if link.as_of is None:
        return
    here = (*path, "as_of")
    kind = _type_of(scope, node, link.as_of.at)
    if isinstance(kind, Mistake):
        yield Mistake((*here, "at"), kind.message, kind.fix)
    elif kind is not None and kind not in TIMES:
        yield Mistake((*here, "at"), f"`{link.as_of.at}` is {kind.value}, not a time", "name a date or a datetime")
    for key, name in (("valid_from", link.as_of.valid_from), ("valid_to", link.as_of.valid_to)):
        if name is not None:
            yield from scope.wrong_type(link.to, name, (*here, key), TIMES, "`as_of`")


def _capacity(scope: Scope, link: LinkSpec, path: Path) -> Iterator[Mistake]:
    limit = link.capacity.limit if link.capacity else None
    if isinstance(limit, str):
        yield from scope.wrong_type(link.to, limit, (*path, "capacity", "limit"), {ColumnType.INT}, "a limit")


def lookup_mistakes(node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """Mistakes of a lookup's way: no link of that name, one to another table, or several that it could mean."""
    lookup = column.generator.lookup
    if lookup is None:
        return
    target = table_of(lookup.from_)
    here = (*path, "generator", "lookup")
    if lookup.via is not None and lookup.on is not None:
        yield Mistake((*here, "via"), "`on` and `via` both say which row is read", "keep one of them", at_key=True)
    elif lookup.via is not None:
        yield from _via(node, lookup.via, target, (*here, "via"))
    elif lookup.on is None and target not in node.parents[:2]:
        names = [name for name, link in node.links.items() if link.to == target]
        if len(names) > 1:
            yield Mistake(here, f"{len(names)} links of `{node.id}` lead to `{target}`", f"say which: `via: {names[0]}`")


def _via(node: Node, via: str, target: str, path: Path) -> Iterator[Mistake]:
    known = link_names(node)
    if via not in known:
        fix = did_you_mean(via, known) or (
            f"its links are {one_of(known)}" if known else f"declare it: `links: {{{via}: {{to: {target}}}}}`"
        )
        yield Mistake(path, f"`{node.id}` has no link `{via}`", fix)
    elif (leads := node.links[via].to if via in node.links else via) != target:
        yield Mistake(path, f"the link `{via}` leads to `{leads}`, not to `{target}`", f"read a column of `{leads}`")
