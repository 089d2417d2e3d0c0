"""What one pass keeps of a table: figures, a sample of rows, and what keys are found by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.errors import DataError
from seedbed.core.events import RowsRead, Subscriber
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import column_keys, has_keys
from seedbed.stats.keys import Uniqueness
from seedbed.stats.relations.evidence import ColumnEvidence
from seedbed.stats.relations.found import TableEvidence
from seedbed.stats.table import TableSummary
from seedbed.stats.values import Counts


@dataclass(frozen=True, slots=True)
class Seen:
    """A table after its first pass; `sample` are some of its rows, `numbers` says which; `unique` the columns of which no value comes twice."""

    name: str
    scan: TableScan
    summary: TableSummary
    evidence: TableEvidence
    numbers: Counts
    sample: pa.Table
    unique: frozenset[str]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.summary.rows

    @property
    def is_whole(self) -> bool:
        """Whether the sample has all rows."""
        return self.summary.sample.is_whole

    @property
    def columns(self) -> Mapping[str, ColumnSummary]:
        """Each column's figures."""
        return self.summary.columns

    def values(self, column: str) -> pa.Array:
        """The sample's values of a column."""
        found = self.sample[column].combine_chunks()
        if isinstance(found, pa.ChunkedArray):
            found = found.chunk(0) if found.num_chunks else pa.array([], found.type)
        return pc.decoded(found) if pa.types.is_dictionary(found.type) else found


def seen(name: str, scan: TableScan, events: Subscriber) -> Seen:
    """Read a table once, and once more the columns that may name its rows.

    Raises:
        DataError: it has no columns or no rows.
    """
    if not scan.schema.names:
        raise DataError("the table has no columns", where=name, fix="leave it out with --tables, or give it some")
    summary = TableSummary.of(scan.schema)
    columns = {field.name: ColumnEvidence.of(field.name, field.type) for field in scan.schema}
    for first, batch in scan.batches():
        summary.add(first, batch)
        for column in columns.values():
            column.add(batch.column(column.name))
        events(RowsRead(name, batch.num_rows))
    if not summary.rows:
        raise DataError("the table has no rows, so there is nothing to go by", where=name, fix="leave it out with --tables")
    numbers, sample = summary.sample.table()
    found = Seen(name, scan, summary, TableEvidence(name, summary.rows, columns), numbers.astype(np.int64), sample, frozenset())
    return Seen(name, scan, summary, found.evidence, found.numbers, sample, _unique(found))


def _unique(table: Seen) -> frozenset[str]:
    """The columns without nulls of which no value comes twice, made sure of on all rows."""
    asked = {name: Uniqueness() for name, column in table.columns.items() if _may_be_unique(column)}
    if asked:
        for _, batch in table.scan.batches(list(asked)):
            for name, unique in asked.items():
                unique.add(column_keys(batch.column(name)))
    return frozenset(name for name, unique in asked.items() if unique.holds)


def _may_be_unique(column: ColumnSummary) -> bool:
    if column.nulls or not has_keys(column.type) or column.distinct is None or pa.types.is_floating(column.type) or column.rows < 2:
        return False
    return column.distinct == column.rows if column.distinct_exact else column.distinct > 0.95 * column.rows
