"""The names of a model, and what references to them may lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seedbed.core.block import NUMBERS, ColumnType, ValueType
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.model.base import column_of, table_of
from seedbed.model.document import STAGE_COLUMNS, ColumnSpec, Model, Node
from seedbed.model.places import Mistake, Path

TIMES = frozenset({ColumnType.DATETIME, ColumnType.DATE})

__all__ = ["NUMBERS", "STAGE_COLUMNS", "TIMES", "Scope", "did_you_mean_of_type"]

#: Stands for a name that is written so wrongly that any reference may mean it.
UNREADABLE = "?"

#: Names of tables and columns that the document has, though they may be too wrong to be in the model.
Names = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Tables and columns of a model by name; of doubled ones the first."""

    model: Model
    nodes: Mapping[str, Node]
    specs: Mapping[tuple[str, str], ColumnSpec]
    written: Names

    @classmethod
    def of(cls, model: Model, written: Names) -> Scope:
        """The names of a model; `written` are those of the document it was read from."""
        nodes: dict[str, Node] = {}
        for node in model.nodes:
            nodes.setdefault(node.id, node)
        specs = {(node.id, column.name): column for node in nodes.values() for column in reversed(node.columns)}
        doubled = {node.id for node in model.nodes if nodes[node.id] is not node}
        return cls(model, nodes, specs, {**written, **{name: _all_columns(model, name) for name in doubled}})

    def spec(self, table: str, column: str) -> ColumnSpec | None:
        """A column, if the model has it."""
        return self.specs.get((table, column))

    def type(self, table: str, column: str) -> ColumnType | None:
        """The type of a column, if it is known."""
        spec = self.spec(table, column)
        if spec is not None:
            return spec.type
        node = self.nodes.get(table)
        return STAGE_COLUMNS.get(column) if node is not None and node.stage_config is not None else None

    def value_type(self, ref: str) -> ValueType | None:
        """The type of a `table.column`, that of decimals with their scale, if it is known."""
        spec = self.spec(table_of(ref), column_of(ref))
        return self.ref_type(ref) if spec is None else spec.value_type

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in order; those of stages last."""
        node = self.nodes.get(table)
        if node is None:
            return []
        filled = [name for name in STAGE_COLUMNS if node.stage_config is not None]
        return list(dict.fromkeys([*(column.name for column in node.columns), *filled]))

    def children(self, table: str) -> list[Node]:
        """The facts whose rows belong to this table's: their first parent is it."""
        return [node for node in self.model.nodes if node.parents[:1] == (table,)]

    def missing_table(self, table: str, path: Path) -> Iterator[Mistake]:
        """A mistake if there is no such table."""
        if table not in self.nodes and table not in self.written and UNREADABLE not in self.written:
            fix = did_you_mean(table, self.nodes) or f"tables: {one_of(self.nodes)}"
            yield Mistake(path, f"there is no table `{table}`", fix)

    def missing_column(self, table: str, column: str, path: Path, *, at_key: bool = False) -> Iterator[Mistake]:
        """A mistake if the table, which is there, has no such column."""
        lost = self.written.get(table, frozenset())
        if table not in self.nodes or column in lost or UNREADABLE in lost or (lost and column in STAGE_COLUMNS):
            return
        known = self.columns(table)
        if column not in known:
            fix = did_you_mean(column, known) or f"columns of `{table}`: {one_of(known)}"
            yield Mistake(path, f"`{table}` has no column `{column}`", fix, at_key=at_key)

    def missing_ref(self, ref: str, path: Path) -> Iterator[Mistake]:
        """A mistake if a `table.column` leads nowhere."""
        yield from self.missing_table(table_of(ref), path)
        yield from self.missing_column(table_of(ref), column_of(ref), path)

    def ref_type(self, ref: str) -> ColumnType | None:
        """The type of a `table.column`, if it is known."""
        return self.type(table_of(ref), column_of(ref))

    def wrong_type(self, table: str, column: str, path: Path, wanted: Iterable[ColumnType], what: str) -> Iterator[Mistake]:
        """Mistakes if a column is missing or of another type than it must be; `what` says what uses it."""
        yield from self.missing_column(table, column, path)
        found, types = self.type(table, column), list(wanted)
        if found is not None and found not in types:
            names = " or ".join(kind.value for kind in ColumnType if kind in types)
            fix = did_you_mean_of_type(self, table, types)
            yield Mistake(path, f"{what} needs a column of type {names}; `{table}.{column}` is {found.value}", fix)


def _all_columns(model: Model, table: str) -> frozenset[str]:
    return frozenset(column.name for node in model.nodes if node.id == table for column in node.columns)


def did_you_mean_of_type(scope: Scope, table: str, types: Iterable[ColumnType]) -> str | None:
    """The columns of a table that have one of the types, as a remedy."""
    wanted = set(types)
    fitting = [name for name in scope.columns(table) if scope.type(table, name) in wanted]
    return f"`{table}` has {one_of(fitting)}" if fitting else None
