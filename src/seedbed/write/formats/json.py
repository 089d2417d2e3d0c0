"""JSON: one array of objects, a line each."""

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
class JsonArray:
    """The rows of a file as one array, for programs that take no JSON Lines."""

    compression: str = "none"
    lossy: bool = False
    name: ClassVar[str] = "json"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True

    @property
    def suffix(self) -> str:
        """The ending of files."""
        return f".json{SUFFIXES.get(self.compression, '')}"

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
            first, rest = (batch.slice(0, 1), batch.slice(1)) if start == 0 else (batch.slice(0, 0), batch)
            texts = [row_texts(piece, table.name, at, lossy=self.lossy) for piece, at in ((first, start), (rest, start + first.num_rows))]
            return _separated(*texts)

        with packing(out, self.compression) as stream:
            stream.write(b"[")
            rows = write_rows(batches, stream, lines)
            stream.write(b"\n]\n" if rows else b"]\n")
            return rows


def _separated(first: pa.StringArray, rest: pa.StringArray) -> pa.StringArray:
    """Rows, each on a line of its own, with commas before all but the first of the file."""
    import pyarrow as pa

    from seedbed.core.text import join_text, string_scalar

    pieces = [join_text(string_scalar(before), rows) for before, rows in (("\n", first), (",\n", rest)) if len(rows)]
    return pa.concat_arrays(pieces) if len(pieces) > 1 else pieces[0]


def open_format(options: SinkOptions) -> JsonArray:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options"], "JSON")
    said = chosen(options.format_options, {"lossy": ("refuse", "allow")}, "JSON")
    return JsonArray(text_packing(options, "JSON"), said.get("lossy") == "allow")
