"""ORC, as Hive and Spark read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.losses import Cells, integers, is_list, present, refuse_types
from seedbed.write.formats.settings import chosen
from seedbed.write.formats.streams import Counted, with_schema
from seedbed.write.formats.text_files import PART_ROWS, packed

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

#: What ORC calls each compression.
_NAMES = {"none": "uncompressed", "snappy": "snappy", "gzip": "zlib", "lz4": "lz4", "zstd": "zstd"}

#: Readers give moments in nanoseconds of 64 bits: 1677-09-21 to 2262-04-11.
_MOST_US = (2**63 - 1) // 1000


@dataclass(frozen=True, slots=True)
class Orc:
    """Stripes of columns. ORC has no times of day: refused, or where `lossy` whole microseconds."""

    compression: str = "zstd"
    lossy: bool = False
    name: ClassVar[str] = "orc"
    suffix: ClassVar[str] = ".orc"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = False

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"compression": self.compression, "lossy": str(self.lossy)}

    def check(self, table: TableShape) -> None:
        """Refuse times of day, unless they become numbers.

        Raises:
            ModelError: there are some.
        """
        if not self.lossy:
            refuse_types(table, lambda column: "ORC has no times of day" if pa.types.is_time(column.type) else None)

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file.

        Raises:
            DataError: a moment lies where readers of ORC can't follow.
        """
        from pyarrow.orc import ORCWriter

        schema, plain = with_schema(table, batches)
        stored = pa.schema([column.with_type(_stored(column.type)) for column in schema])
        rows = 0
        with ORCWriter(pa.PythonFile(Counted(out), mode="w"), compression=_NAMES[self.compression]) as writer:
            if not schema.names:
                return rows
            writer.write(stored.empty_table())
            for batch in plain:
                for column, kept in zip(batch.columns, batch.schema, strict=True):
                    _refuse_far(column, Cells(table.name, kept.name, rows))
                writer.write(pa.Table.from_batches([batch]).cast(stored))
                rows += batch.num_rows
        return rows


def _stored(kind: pa.DataType) -> pa.DataType:
    """The type with whole numbers for times of day."""
    if pa.types.is_time(kind):
        return pa.int64()
    if pa.types.is_struct(kind):
        return pa.struct([part.with_type(_stored(part.type)) for part in kind])
    return pa.list_(kind.value_field.with_type(_stored(kind.value_type))) if is_list(kind) else kind


def _refuse_far(array: pa.Array, cells: Cells) -> None:
    """Refuse moments that nanoseconds of 64 bits don't reach; inside a list or struct the row is not told."""
    if pa.types.is_struct(array.type):
        for part in array.flatten():
            _refuse_far(part, cells)
    elif is_list(array.type):
        _refuse_far(array.flatten(), cells)
    elif pa.types.is_timestamp(array.type):
        ticks = integers(pc.cast(array, pa.timestamp("us", array.type.tz)))
        far = present(array) & ((ticks > _MOST_US) | (ticks < -_MOST_US))
        cells.refuse(far, "readers of ORC know moments from 1677 to 2262 only", "write Parquet or Arrow, which hold any year")


def open_format(options: SinkOptions) -> Orc:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options"], "ORC")
    said = chosen(options.format_options, {"lossy": ("refuse", "allow")}, "ORC")
    return Orc(packed(options, [name for name in _NAMES if name != "none"], "ORC", "zstd"), said.get("lossy") == "allow")
