"""What is known of keys beforehand: declared by a database, or said by somebody, whose word goes first."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.core.records import dataclass
from seedbed.read.catalogue import Declared, Reference
from seedbed.run.relations import Hints


@dataclass(frozen=True, slots=True)
class Renamings:
    """The model's names of the data's tables, and of the columns of each."""

    tables: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]

    def table(self, name: str) -> str:
        """A table's name in the model."""
        return self.tables.get(name, name)

    def names(self, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The names of some columns in the model."""
        known = self.columns.get(self.table(table), {})
        return tuple(known.get(column, column) for column in columns)

    def edge(self, reference: Reference) -> Reference:
        """A reference in the model's names."""
        table, columns, goal, goals = reference
        return self.table(table), self.names(table, columns), self.table(goal), self.names(goal, goals)

    @property
    def changed(self) -> list[str]:
        """What has another name than in the data."""
        tables = [f"the table {old!r} is called {new} here" for old, new in self.tables.items() if old != new]
        columns = [
            f"the column {old!r} of {table} is called {new} here"
            for table, names in self.columns.items()
            for old, new in names.items()
            if old != new
        ]
        return tables + columns


def merged(said: Hints, declared: Declared, names: Renamings) -> Hints:
    """Hints out of what a database declares and what somebody says of it."""
    known = set(names.columns)
    told = {names.table(table): names.names(table, columns) for table, columns in said.keys.items()}
    references = [names.edge(edge) for edge in said.references]
    never = tuple(names.edge(edge) for edge in said.never)
    keys = {names.table(table): names.names(table, columns) for table, columns in declared.keys.items()}
    spoken = {edge[:2] for edge in references}
    edges = map(names.edge, declared.references)
    references += [edge for edge in edges if {edge[0], edge[2]} <= known and edge[:2] not in spoken and edge not in never]
    return Hints({table: columns for table, columns in (keys | told).items() if table in known or table in told}, tuple(references), never)
