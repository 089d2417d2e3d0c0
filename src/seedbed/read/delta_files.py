"""Delta tables, in folders and in stores: the files that are in them now, and what their log says of folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.outside.delta import DeltaFile, current
from seedbed.read import parquet
from seedbed.read.plain import plain_schema
from seedbed.read.remote import RemoteFile
from seedbed.read.scans import Part, chosen
from seedbed.read.text_types import convert


@dataclass(frozen=True, slots=True)
class NoRows:
    """A table's columns without a row; fits `TableScan`."""

    schema: pa.Schema
    rows: int = 0

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """No batch."""
        del batch_rows
        chosen(self.schema, columns, "a table without rows")
        return iter(())


def delta_parts(folder: Path | RemoteFile, *, dictionaries: bool = False) -> list[Part]:
    """The current files of a Delta table, after a part without rows that has all columns in the log's order.

    Raises:
        DataError: the log is broken, a file leads out of the folder, or the table needs what isn't followed here.
        EdgeError: it can't be read.
        PluginError: deltalake is not installed.
    """
    schema, files = current(str(folder), folder.place.delta_options if isinstance(folder, RemoteFile) else None)
    plain = plain_schema(schema)
    parts = [Part(str(folder), NoRows(plain))]
    for one in files:
        path = _inside(folder, one)
        said = {name: _scalar(value, plain.field(name).type) for name, value in one.values.items()}
        parts.append(Part(str(path), parquet.scan(path, dictionaries=dictionaries), said))
    return parts


def _inside(folder: Path | RemoteFile, one: DeltaFile) -> parquet.File:
    """Where a file of a table is; whoever writes a log must not choose what else is read."""
    if isinstance(folder, RemoteFile):
        parts = PurePosixPath(one.path).parts
        if not one.path.startswith("/") and ".." not in parts and "://" not in one.path:
            return RemoteFile(folder.place, "/".join((*filter(None, [folder.path]), *parts)), one.size_bytes)
    elif (folder / one.path).resolve().is_relative_to(folder.resolve()):
        return folder / one.path
    raise DataError("a file of this Delta table lies elsewhere", where=f"{folder}/{one.path}", fix="copy its rows to a table of its own")


def _scalar(value: str | None, kind: pa.DataType) -> pa.Scalar:
    return convert(pa.array([value], pa.string()), kind)[0]
