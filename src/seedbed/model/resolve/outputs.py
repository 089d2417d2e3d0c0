"""Targets of a model: tables and columns that are there, and no secret that everybody could read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.core.block import ColumnType
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Node
from seedbed.model.outputs import Output, secrets_in
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.scope import Scope

#: What can be in the name of a folder.
_NAMING = (ColumnType.STRING, ColumnType.INT, ColumnType.BOOL, ColumnType.DATE, ColumnType.UUID)


def output_mistakes(scope: Scope, output: Output, path: Path) -> Iterator[Mistake]:
    """All mistakes about one target that the document shows."""
    for what in secrets_in(output.to):
        fix = "write a variable of the environment in its place, such as `${DB_PASSWORD}`: a model is read by many"
        yield Mistake((*path, "to"), f"{what} stands openly in a URL of `outputs`", fix)
    truth = scope.model.quality_injection.ground_truth if scope.model.quality_injection is not None else None
    for place, table in enumerate(output.tables or ()):
        if table != truth:
            yield from scope.missing_table(table, (*path, "tables", place))
    for table, columns in output.partition_by.items():
        here = (*path, "partition_by", table)
        yield from scope.missing_table(table, here)
        yield from partition_mistakes(scope, table, columns, here)
    yield from _keys(scope, output.keys, (*path, "keys"))
    for ref in output.encodings:
        here = (*path, "encodings", ref)
        yield from scope.missing_table(table_of(ref), here)
        yield from scope.missing_column(table_of(ref), column_of(ref), here, at_key=True)


def _keys(scope: Scope, keys: Mapping[str, tuple[str, ...]], path: Path) -> Iterator[Mistake]:
    for table, columns in keys.items():
        yield from scope.missing_table(table, (*path, table))
        for place, name in enumerate(columns):
            yield from scope.missing_column(table, name, (*path, table, place))


def layout_mistakes(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    """Mistakes about the columns that a table's files are laid out by."""
    yield from partition_mistakes(scope, node.id, node.partition_by, (*path, "partition_by"))
    for place, name in enumerate(node.order_by):
        yield from scope.missing_column(node.id, name, (*path, "order_by", place))


def partition_mistakes(scope: Scope, table: str, columns: tuple[str, ...], path: Path) -> Iterator[Mistake]:
    """Mistakes about columns whose values are to be folders."""
    for place, name in enumerate(columns):
        here = (*path, place)
        yield from scope.wrong_type(table, name, here, _NAMING, "`partition_by`")
        spec = scope.spec(table, name)
        if spec is not None and spec.hidden:
            yield Mistake(here, f"`{name}` is hidden, so its values can't be folders", "show it, or leave it out")
        if name in columns[:place]:
            yield Mistake(here, f"`{name}` is listed twice", "remove one of them")
    node = scope.nodes.get(table)
    if columns and node is not None and {column.name for column in node.columns if not column.hidden} <= set(columns):
        yield Mistake(path, f"no column of `{table}` would be left for its files", "leave one out")
