"""Everything that one pass keeps of a table: each column, numbers beside each other, and a sample of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pyarrow as pa

from seedbed.stats.association import CoMoments
from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.sample import RowSample
from seedbed.stats.values import kind_of

#: At most so many columns of numbers are correlated on all rows.
MOST_NUMERIC = 60


@dataclass(slots=True)
class TableSummary:
    """One pass over a table.

    >>> told = TableSummary.of(pa.schema([("age", pa.int64())]))
    >>> told.add(0, pa.record_batch({"age": [30, 40, 50]}))
    >>> told.columns["age"].moments.mean
    40.0
    """

    columns: dict[str, ColumnSummary]
    numeric: tuple[str, ...]
    sample: RowSample = field(default_factory=RowSample)
    together: CoMoments | None = None
    rows: int = 0

    @classmethod
    def of(cls, schema: pa.Schema) -> Self:
        """Nothing seen yet of a table with these columns."""
        numeric = [field.name for field in schema if kind_of(field.type) in {"number", "moment"}]
        columns = {field.name: ColumnSummary(field.name, field.type) for field in schema}
        return cls(columns, tuple(numeric[:MOST_NUMERIC]))

    def add(self, first: int, batch: pa.RecordBatch) -> None:
        """Take in the rows from number `first` on."""
        self.rows += batch.num_rows
        if not batch.num_rows:
            return
        for name, column in self.columns.items():
            column.add(batch.column(name))
        self.sample.add(first, batch)
        if len(self.numeric) > 1:
            found = CoMoments.of(np.column_stack([numbers_of(batch.column(name)) for name in self.numeric]))
            self._join(found)

    def merge(self, other: Self) -> None:
        """Take in other rows of the same table."""
        self.rows += other.rows
        for name, column in self.columns.items():
            column.merge(other.columns[name])
        self.sample.merge(other.sample)
        if other.together is not None:
            self._join(other.together)

    def _join(self, found: CoMoments) -> None:
        if self.together is None:
            self.together = found
        else:
            self.together.merge(found)
