"""The few shapes that parts plug into: who has them fits, without inheriting anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class TableScan(Protocol):
    """A table that can be read from its first row to its last, again and again, a batch at a time."""

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type, without reading a row."""
        ...

    @property
    def rows(self) -> int:
        """How many rows there are."""
        ...

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row, in order; at most `batch_rows` rows each, of the `columns` only.

        `columns` None means all. A batch of no columns still knows its number of rows.
        """
        ...
