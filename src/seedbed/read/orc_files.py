"""Tables in ORC, a stripe in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.read.edges import edge
from seedbed.read.plain import cut
from seedbed.read.scans import chosen


@dataclass(frozen=True, slots=True)
class OrcScan:
    """The rows of an ORC file; fits `TableScan`."""

    path: Path
    schema: pa.Schema
    rows: int

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; only the wanted columns are read from the disk.

        Raises:
            DataError: the file is broken, or there is no such column.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path))
        return cut(self._read(wanted), batch_rows)

    def _read(self, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        from pyarrow.orc import ORCFile

        carriers = wanted if wanted.names else pa.schema([self.schema.field(0)])
        with edge(self.path, "ORC file"), pa.OSFile(str(self.path)) as source:
            file = ORCFile(source)
            for number in range(file.nstripes):
                batch = file.read_stripe(number, columns=carriers.names)
                arrays = [batch.column(field.name).cast(field.type) for field in wanted]
                yield pa.RecordBatch.from_arrays(arrays, schema=wanted) if wanted.names else batch.select([])


def orc_scan(path: Path, hint: pa.Schema | None = None) -> OrcScan:
    """Look at an ORC file; only its footer is read.

    ORC keeps moments in nanoseconds, so they come so, unless `hint` expects another unit of a column.

    Raises:
        DataError: it is none, or broken.
        EdgeError: it can't be read.
    """
    from pyarrow.orc import ORCFile

    with edge(path, "ORC file"), pa.OSFile(str(path)) as source:
        file = ORCFile(source)
        schema = pa.schema([_expected(field, hint) for field in file.schema])
        rows = int(file.nrows)
    if not schema.names:
        raise DataError("the table has no columns", where=str(path), fix="give a table with columns")
    return OrcScan(path, schema, rows)


def _expected(field: pa.Field, hint: pa.Schema | None) -> pa.Field:
    plain = pa.field(field.name, field.type)
    if hint is None or field.name not in hint.names:
        return plain
    wanted = hint.field(field.name).type
    return plain.with_type(_as(field.type, wanted))


def _as(kind: pa.DataType, wanted: pa.DataType) -> pa.DataType:
    """The type with the units of time that are wanted, where nothing else differs."""
    if pa.types.is_timestamp(kind) and pa.types.is_timestamp(wanted) and (kind.tz is None) == (wanted.tz is None):
        return wanted
    if pa.types.is_struct(kind) and pa.types.is_struct(wanted) and [one.name for one in kind] == [one.name for one in wanted]:
        return pa.struct([(one.name, _as(one.type, other.type)) for one, other in zip(kind, wanted, strict=True)])
    if pa.types.is_list(kind) and pa.types.is_list(wanted):
        return pa.list_(_as(kind.value_type, wanted.value_type))
    return kind
