"""Tables in Arrow's own formats: files (`.arrow`, `.feather`) and streams (`.arrows`); the first bytes tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.read.edges import edge
from seedbed.read.plain import cut
from seedbed.read.scans import chosen

_FILE, _FEATHER_1 = b"ARROW1", b"FEA1"


@dataclass(frozen=True, slots=True)
class ArrowScan:
    """The rows of an Arrow file or stream, a record batch of it in memory at a time; fits `TableScan`."""

    path: Path
    schema: pa.Schema
    rows: int
    is_stream: bool

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; of a file only the wanted columns are read from the disk.

        Raises:
            DataError: the file is broken, or there is no such column.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path)).names
        carriers = wanted or self.schema.names[:1]
        read = _read(self.path, [self.schema.get_field_index(name) for name in carriers], is_stream=self.is_stream)
        return cut((batch.select(wanted) for batch in read), batch_rows)


def arrow_scan(path: Path) -> ArrowScan:
    """Look at an Arrow file or stream: its schema, and how many rows its batches have.

    Raises:
        DataError: it is none, or broken, or ends too early.
        EdgeError: it can't be read.
    """
    with edge(path, "Arrow file"), pa.OSFile(str(path)) as file:
        start = file.read(6)
        if start.startswith(_FEATHER_1):
            raise DataError("this is a Feather file of the first version", where=str(path), fix="write it anew as version 2")
        is_stream = start != _FILE
        file.seek(0)
        with (pa.ipc.open_stream if is_stream else pa.ipc.open_file)(file) as reader:
            schema = reader.schema.remove_metadata()
    if not schema.names:
        raise DataError("the table has no columns", where=str(path), fix="give a table with columns")
    narrow = min(range(len(schema)), key=lambda at: (pa.types.is_nested(schema.field(at).type), _width(schema.field(at).type)))
    rows = sum(batch.num_rows for batch in _read(path, [narrow], is_stream=is_stream))
    return ArrowScan(path, schema, rows, is_stream)


def _width(kind: pa.DataType) -> int:
    try:
        return int(kind.bit_width)
    except ValueError:  # texts and the like have none
        return 1 << 10


def _read(path: Path, columns: Sequence[int], *, is_stream: bool) -> Iterator[pa.RecordBatch]:
    options = pa.ipc.IpcReadOptions(included_fields=sorted(columns))
    with edge(path, "Arrow file"), pa.OSFile(str(path)) as file:
        if is_stream:
            with pa.ipc.open_stream(file, options=options) as reader:
                yield from reader
            return
        with pa.ipc.open_file(file, options=options) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
