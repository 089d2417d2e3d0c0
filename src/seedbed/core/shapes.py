"""The few shapes that parts plug into: who has them fits, without inheriting anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

#: Reads a stretch of a table: its batches, each with the number of its first row.
Piece: TypeAlias = "Callable[[], Iterator[tuple[int, pa.RecordBatch]]]"


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


@runtime_checkable
class InPieces(Protocol):
    """A scan whose stretches can be read by several threads at the same time."""

    def pieces(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[Piece]:
        """Every stretch in order; together they give the same batches as `batches`."""
        ...


def pieces_of(scan: TableScan, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[Piece]:
    """The stretches of a scan; where it has none, one a batch, which is read when the stretch is asked for."""
    if isinstance(scan, InPieces):
        yield from scan.pieces(columns, batch_rows)
        return
    for start, batch in scan.batches(columns, batch_rows):
        yield partial(iter, ((start, batch),))
