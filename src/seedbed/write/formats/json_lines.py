"""JSON Lines: an object a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.outside.compression import SUFFIXES, packing
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.json_texts import row_texts
from seedbed.write.formats.settings import chosen
from seedbed.write.formats.text_files import PART_ROWS, text_packing, write_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from seedbed.write.targets import SinkOptions


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A row a line, `{"id":1,"name":"Ann"}`. Infinite floats are refused at their row, or null where `lossy`."""

    compression: str = "none"
    lossy: bool = False
    name: ClassVar[str] = "jsonl"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True

    @property
    def suffix(self) -> str:
        """The ending of files."""
        return f".jsonl{SUFFIXES.get(self.compression, '')}"

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"compression": self.compression, "lossy": str(self.lossy)}

    def check(self, table: TableShape) -> None:
        """JSON holds every type; what the text of a value doesn't say of its type, a model says."""

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file.

        Raises:
            DataError: a value is none that JSON has.
        """

        def lines(batch: pa.RecordBatch, start: int) -> pa.StringArray:
            return row_texts(batch, table.name, start, lossy=self.lossy, end="\n")

        with packing(out, self.compression) as stream:
            return write_rows(batches, stream, lines)


def open_format(options: SinkOptions) -> JsonLines:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options"], "JSON Lines")
    said = chosen(options.format_options, {"lossy": ("refuse", "allow")}, "JSON Lines")
    return JsonLines(text_packing(options, "JSON Lines"), said.get("lossy") == "allow")
