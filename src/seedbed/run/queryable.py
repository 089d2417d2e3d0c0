"""Tables of a database: their rows in plain types, with the queries that they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.scans import LazyScan, PartedScan

if TYPE_CHECKING:
    from seedbed.check.sql.dialect import Dialect

#: `sql` asks databases what SQL can say and streams the rest, `stream` asks nothing, `auto` asks servers, whose rows cross a network.
Engine: TypeAlias = Literal["auto", "stream", "sql"]


@dataclass(frozen=True, slots=True)
class DatabaseScan:
    """A table of a database: its rows in plain types, and the queries that it answers."""

    scan: TableScan
    expressions: Mapping[str, str]
    run: Callable[[str, pa.Schema], Iterator[pa.RecordBatch]]
    relation: str
    dialect: Dialect

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type."""
        return self.scan.schema

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.scan.rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row."""
        return self.scan.batches(columns, batch_rows)


def queryable(scan: TableScan) -> TableScan:
    """The scan with the queries that it answers, if it is of a database."""
    from seedbed.read.database import QueryScan

    inner: TableScan = scan.opened if isinstance(scan, LazyScan) else scan
    if isinstance(inner, PartedScan) and len(inner.parts) == 1:
        inner = inner.parts[0].scan
    if not isinstance(inner, QueryScan):
        return scan
    return DatabaseScan(scan, inner.expressions, inner.run, inner.relation, inner.dialect)
