"""Tables in memory: of Arrow, or of any library that hands out Arrow streams (Polars, pandas, DuckDB); none of them is imported."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.arrow_files import arrow_scan
from seedbed.read.plain import cut
from seedbed.read.scans import Part, PartedScan, chosen, parted


@runtime_checkable
class ArrowStream(Protocol):
    """Anything whose rows can be had as Arrow's C stream, also Polars' and pandas' frames."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The stream."""
        ...


@dataclass(frozen=True, slots=True)
class FrameScan:
    """The rows of a frame that hands out a new stream each time; fits `TableScan`."""

    place: str
    frame: Any
    schema: pa.Schema
    rows: int

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row.

        Raises:
            DataError: there is no such column, or the frame can't be handed out.
        """
        wanted = chosen(self.schema, columns, self.place)
        return cut((batch.select(wanted.names) for batch in _stream(self.place, self._with(wanted.names))), batch_rows)

    def _with(self, names: list[str]) -> Any:
        """The frame with some columns, where it can leave out others: to hand out thousands of them takes its time."""
        if not names or len(names) == len(self.schema) or not hasattr(self.frame, "select"):
            return self.frame
        return self.frame.select(names)


def is_table(data: object) -> bool:
    """Whether this is a table in memory: a frame, an Arrow table, batch or reader, or a list of batches."""
    if isinstance(data, ArrowStream | pa.RecordBatch):
        return True
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(batch, pa.RecordBatch) for batch in data)


def frame_table(name: str, data: Any, *, dictionaries: bool = False) -> PartedScan:
    """Look at a table in memory. A reader or a query, which can be read but once (at a time), is written to a temporary file first.

    pandas' index is no column.

    Raises:
        DataError: it is no table, or two columns have one name.
    """
    if isinstance(data, pa.RecordBatch):
        data = [data]
    if isinstance(data, list | tuple):
        data = pa.Table.from_batches(data)
    if not isinstance(data, ArrowStream):
        fix = "call its `.collect()` first" if hasattr(data, "collect") else "give an Arrow table, or a Polars or pandas frame"
        raise DataError(f"`{type(data).__name__}` is no table in memory", where=name, fix=fix)
    is_frame = hasattr(data, "__len__") and not hasattr(data, "fetchall")
    scan = _frame(name, data) if is_frame else _kept(name, _opened(name, data))
    return parted(name, [Part(name, scan)], dictionaries=dictionaries)


def _frame(name: str, data: Any) -> TableScan:
    with _opened(name, data) as reader:
        schema = reader.schema
    columns = [field for field in schema if not _is_index(field.name, schema.metadata)]
    return FrameScan(name, data, pa.schema(columns), len(data))


def _is_index(name: str, notes: Mapping[bytes, bytes] | None) -> bool:
    return name.startswith("__index_level_") and b"pandas" in (notes or {})


def _opened(name: str, data: Any) -> pa.RecordBatchReader:
    try:
        return pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowException, TypeError, ValueError) as error:
        fix = "keep values of one type a column"
        raise DataError(f"the table can't be handed out as Arrow: {error}", where=name, fix=fix) from error


def _stream(name: str, data: Any) -> Iterator[pa.RecordBatch]:
    with _opened(name, data) as reader:
        yield from reader


class _Spool:
    """A temporary Arrow file, which goes when nothing reads it any more."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        folder = tempfile.mkdtemp(prefix="seedbed-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder) / "table.arrow"
        with reader, pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        self.path = path


@dataclass(frozen=True, slots=True)
class _SpoolScan:
    """The rows of a temporary file, which is kept as long as this scan."""

    spool: _Spool
    scan: TableScan

    @property
    def schema(self) -> pa.Schema:
        return self.scan.schema

    @property
    def rows(self) -> int:
        return self.scan.rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        return self.scan.batches(columns, batch_rows)


def _kept(name: str, reader: pa.RecordBatchReader) -> TableScan:
    try:
        spool = _Spool(reader)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"the reader can't be read: {error}", where=name, fix="give a reader that was not read yet, or a table") from error
    return _SpoolScan(spool, arrow_scan(spool.path))
