"""What writers of libraries want of a stream and of batches, given to them: a stream that knows where it stands, a schema before the rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from seedbed.core import compute

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from seedbed.core.sinks import TableShape


class Counted(io.RawIOBase):
    """Passes all bytes on and counts them; closing it closes nothing else."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._bytes = out, 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """How many bytes have been written."""
        return self._bytes

    def write(self, data: ReadableBuffer, /) -> int:
        """Pass bytes on."""
        size = memoryview(data).nbytes
        self._out.write(data)
        self._bytes += size
        return size


def with_schema(table: TableShape, batches: Iterable[pa.RecordBatch]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The fields that come, as the table has them, and the batches in them, codes written out; all fields where no batch comes."""
    waiting = iter(batches)
    first = next(waiting, None)
    if first is None:
        return table.schema, waiting
    schema = pa.schema([table.schema.field(name) for name in first.schema.names])
    return schema, _plain(first, waiting, schema)


def _plain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    yield plain_batch(first, schema)
    del first  # its memory is to go when it is written
    for batch in rest:
        yield plain_batch(batch, schema)


def plain_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with its texts written out, in the fields of a schema."""
    arrays = [compute.decoded(array) if pa.types.is_dictionary(array.type) else array for array in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
