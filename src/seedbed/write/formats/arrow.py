"""Arrow's own format (IPC): files that are read by mapping them into memory, or streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.settings import chosen
from seedbed.write.formats.streams import Counted, with_schema
from seedbed.write.formats.text_files import PART_ROWS, packed

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions


@dataclass(frozen=True, slots=True)
class ArrowIpc:
    """Every type as it is, with its zone, its description and its tags; `stream` is without a list of batches at the end."""

    compression: str = "none"
    stream: bool = False
    name: ClassVar[str] = "arrow"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = False

    @property
    def suffix(self) -> str:
        """The ending of files."""
        return ".arrows" if self.stream else ".arrow"

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"compression": self.compression, "layout": "stream" if self.stream else "file"}

    def check(self, table: TableShape) -> None:
        """Arrow holds every type."""

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file, a record batch for each."""
        schema, plain = with_schema(table, batches)
        options = pa.ipc.IpcWriteOptions(compression=None if self.compression == "none" else self.compression, use_threads=False)
        opening = pa.ipc.new_stream if self.stream else pa.ipc.new_file
        rows = 0
        with opening(pa.PythonFile(Counted(out), mode="w"), schema, options=options) as writer:
            for batch in plain:
                writer.write_batch(batch)
                rows += batch.num_rows
        return rows


def open_format(options: SinkOptions) -> ArrowIpc:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options"], "Arrow")
    said = chosen(options.format_options, {"layout": ("file", "stream")}, "Arrow")
    return ArrowIpc(packed(options, ("zstd", "lz4"), "Arrow"), said.get("layout") == "stream")
