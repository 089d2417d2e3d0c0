"""Everything that one pass keeps of a table: each column, numbers beside each other, and a sample of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import numpy as np
import pyarrow as pa

from seedbed.stats.association import CoMoments
from seedbed.stats.column import ColumnSummary
from seedbed.stats.counts import EXACT
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.sample import SIZE, RowSample
from seedbed.stats.values import kind_of

#: Values that all columns together count exactly, cells of the sample, and cells read at once: limits for tables of thousands of columns.
_EXACT, _SAMPLED, _READ = 10_000_000, 20_000_000, 16_000_000

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
        width = max(len(schema), 1)
        exact = max(2_000, min(EXACT, _EXACT // width))
        columns = {field.name: ColumnSummary.within(field.name, field.type, exact) for field in schema}
        return cls(columns, tuple(numeric[:MOST_NUMERIC]), RowSample(max(1_000, min(SIZE, _SAMPLED // width))))

    @property
    def batch_rows(self) -> int:
        """How many rows are taken in at once at most: fewer in wide tables."""
        return max(1_000, min(65_536, _READ // max(len(self.columns), 1)))

    def add(self, first: int, batch: pa.RecordBatch) -> None:
        """Take in the rows from number `first` on."""
        for work in self.works(first, batch):
            work()

    def works(self, first: int, batch: pa.RecordBatch, parts: int = 1) -> list[Callable[[], None]]:
        """What must be done to take in the rows from number `first` on: pieces of work that may be done at the same time."""
        self.rows += batch.num_rows
        if not batch.num_rows:
            return []
        columns = list(self.columns.values())
        shares = [partial(_add, columns[part::parts], batch) for part in range(parts)]
        return [*shares, partial(self.sample.add, first, batch), partial(self._correlate, batch)]

    def _correlate(self, batch: pa.RecordBatch) -> None:
        if len(self.numeric) > 1:
            self._join(CoMoments.of(np.column_stack([numbers_of(batch.column(name)) for name in self.numeric])))

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


def _add(columns: Sequence[ColumnSummary], batch: pa.RecordBatch) -> None:
    for column in columns:
        column.add(batch.column(column.name))
