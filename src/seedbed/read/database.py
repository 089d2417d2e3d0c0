"""What all databases have in common: rows that a query gives as Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.outside.addresses import quoted
from seedbed.read.plain import cut
from seedbed.read.scans import chosen


@dataclass(frozen=True, slots=True)
class QueryScan:
    """The rows of a table of a database; fits `TableScan`.

    `expressions` has for each column what stands for it in a query, `relation` the table's name there; `run` gives the rows of a query in
    the database's `dialect`.
    """

    place: str
    schema: pa.Schema
    rows: int
    relation: str
    expressions: Mapping[str, str]
    run: Callable[[str, pa.Schema], Iterator[pa.RecordBatch]]
    dialect: Literal["duckdb", "sqlite", "postgres"]
    order: tuple[str, ...] = ()

    def in_order(self, columns: Sequence[str]) -> QueryScan:
        """The same rows in the order of these columns."""
        return replace(self, order=tuple(columns))

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; the database sends the wanted columns only.

        Raises:
            DataError: there is no such column, or a value is of another type than its column.
            EdgeError: the database can't be reached any more.
        """
        wanted = chosen(self.schema, columns, self.place)
        carriers = wanted if wanted.names else chosen(self.schema, self.schema.names[:1], self.place)
        return cut((batch.select(wanted.names) for batch in self.run(self._query(carriers), carriers)), batch_rows)

    def _query(self, wanted: pa.Schema) -> str:
        values = ", ".join(f"{self.expressions[name]} AS {quoted(name)}" for name in wanted.names)
        order = f" ORDER BY {', '.join(map(quoted, self.order))}" if self.order else ""
        return f"SELECT {values} FROM {self.relation}{order}"  # noqa: S608 - all names are quoted
