"""What a table's kind asks for: keys, parents, fan-out, lists of a vocabulary."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from seedbed.model.document import STAGE_COLUMNS, Node
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.scope import Scope


def doubled_nodes(scope: Scope) -> Iterator[Mistake]:
    """A mistake for every table that has the name of an earlier one, or one that some disks take for the same."""
    names: set[str] = set()
    files: dict[str, str] = {}
    for index, node in enumerate(scope.model.nodes):
        earlier = files.setdefault(unicodedata.normalize("NFC", node.id.casefold()), node.id)
        if node.id in names:
            yield Mistake(("nodes", index, "id"), f"there are two tables `{node.id}`", "rename one of them")
        elif earlier != node.id:
            message = f"the tables `{earlier}` and `{node.id}` would share a file on disks that don't tell their names apart"
            yield Mistake(("nodes", index, "id"), message, "rename one of them")
        names.add(node.id)


def node_mistakes(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    """All mistakes about a table as a whole."""
    yield from _doubled_columns(node, path)
    yield from _hidden_columns(scope, node, path)
    yield from _key(scope, node, path)
    yield from _parents(scope, node, path)
    yield from _KINDS[node.kind](node, path)
    yield from _stages(node, path)


def _doubled_columns(node: Node, path: Path) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, column in enumerate(node.columns):
        if column.name in seen:
            yield Mistake((*path, "columns", index, "name"), f"`{node.id}` has two columns `{column.name}`", "rename one of them")
        seen.add(column.name)


def _hidden_columns(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    if scope.model.version != "1.0" and node.columns and all(column.hidden for column in node.columns):
        yield Mistake((*path, "columns"), f"all columns of `{node.id}` are hidden, so nothing of it would be delivered", "show one of them")


def _key(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    for place, name in enumerate(node.primary_key):
        yield from scope.missing_column(node.id, name, (*path, "pk") if isinstance(node.pk, str) else (*path, "pk", place))
    for index, column in enumerate(node.columns):
        key = next((key for key in ("nullable", "null_rate", "null_if") if getattr(column, key)), None)
        if column.name in node.primary_key and key is not None:
            yield Mistake((*path, "columns", index, key), f"`{column.name}` is the primary key, so it has no nulls", f"remove `{key}`")


def _parents(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    for index, parent in enumerate(node.parents):
        here = (*path, "parents", index)
        yield from scope.missing_table(parent, here)
        if parent == node.id:
            yield Mistake(here, f"`{node.id}` is its own parent", "for a tree, look the table's own key up in a column")
        if parent in node.parents[:index]:
            yield Mistake(here, f"the parent `{parent}` is listed twice", "remove one of them")


def _entity(node: Node, path: Path) -> Iterator[Mistake]:
    for key, given in (("parents", node.parents), ("fanout", node.fanout), ("stage_config", node.stage_config)):
        if given:
            yield Mistake(
                (*path, key), f"an entity has no `{key}`; `{node.id}` stands by itself", f"make it a fact, or remove `{key}`", at_key=True
            )


def _fact(node: Node, path: Path) -> Iterator[Mistake]:
    if not node.parents:
        yield Mistake(path, f"the fact `{node.id}` has no parents", "add `parents: [table]`, or make it an entity")
    if node.fanout is None and node.stage_config is None and node.events is None:
        fix = "add `fanout: {distribution: poisson, lambda: 5}`, or a `stage_config`"
        yield Mistake(path, f"the fact `{node.id}` doesn't say how many rows a parent has", fix)
    if node.fanout is not None and node.stage_config is not None:
        message = "`fanout` and `stage_config` both say how many rows a parent has"
        yield Mistake((*path, "fanout"), message, "remove `fanout`: a parent has one row for each stage it reaches", at_key=True)
    if node.rows is not None:
        yield Mistake((*path, "rows"), "the rows of a fact follow from its parents and its fan-out", "remove `rows`", at_key=True)


def _vocab(node: Node, path: Path) -> Iterator[Mistake]:
    lists = {index: column.generator.enum_list.values for index, column in enumerate(node.columns) if column.generator.enum_list}
    if not lists:
        fix = "add a column with `generator: {enum_list: {values: [a, b]}}`"
        yield Mistake(path, f"the vocab `{node.id}` has no list of values", fix)
    sizes = {index: len(values) for index, values in lists.items()}
    first = next(iter(sizes.values()), 0)
    for index, size in sizes.items():
        if size != first:
            here = (*path, "columns", index, "generator", "enum_list", "values")
            yield Mistake(here, f"{size} values, where the first list of `{node.id}` has {first}", "give every list one value a row")
    if node.rows is not None and lists and node.rows != first:
        yield Mistake((*path, "rows"), f"{node.rows} rows, but the lists have {first} values", "remove `rows`")
    for key, given in (("parents", node.parents), ("fanout", node.fanout), ("stage_config", node.stage_config)):
        if given:
            yield Mistake((*path, key), f"a vocab has no `{key}`", f"remove `{key}`", at_key=True)


_KINDS: dict[str, Callable[[Node, Path], Iterator[Mistake]]] = {"entity": _entity, "fact": _fact, "vocab": _vocab}


def _stages(node: Node, path: Path) -> Iterator[Mistake]:
    for index, column in enumerate(node.columns):
        wanted = STAGE_COLUMNS.get(column.name) if node.stage_config is not None else None
        if wanted is not None and column.type is not wanted:
            here = (*path, "columns", index, "type")
            yield Mistake(here, f"`{column.name}` is filled by `stage_config` and has type {wanted.value}", f"write `type: {wanted.value}`")
