"""Excel workbooks: one for each table, split over sheets where a sheet is full; in little memory, whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.core.text import numbers_as_text, string_array, string_scalar, text_bytes
from seedbed.write.formats.excel_cells import Cell, cell_of, cell_texts, marked, refusal
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.losses import Cells, fitting, refuse_types
from seedbed.write.formats.settings import chosen
from seedbed.write.formats.streams import with_schema
from seedbed.write.formats.workbook import SHEET_COLUMNS, SHEET_ROWS, Workbook, letters, sheet_name

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

#: The styles of columns come after the plain one and that of the line of names.
_FIRST_STYLE = 2


@dataclass(frozen=True, slots=True)
class Excel:
    """A sheet has a line of names and 1,048,575 rows; what Excel would change is refused, unless `lossy`."""

    lossy: bool = False
    name: ClassVar[str] = "excel"
    suffix: ClassVar[str] = ".xlsx"
    part_rows: ClassVar[int | None] = None
    takes_codes: ClassVar[bool] = False

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"lossy": str(self.lossy)}

    def check(self, table: TableShape) -> None:
        """Refuse types that Excel doesn't have, unless they become what is nearest, and more columns than a sheet has.

        Raises:
            ModelError: there are some.
        """
        if len(table.schema) > SHEET_COLUMNS:
            message = f"a sheet of Excel has {SHEET_COLUMNS:,} columns, not {len(table.schema):,}"
            raise ModelError(message, where=table.name, fix="write Parquet or CSV")
        if not self.lossy:
            flat = TableShape(table.name, table.schema, table.rows)
            refuse_types(flat, refusal)

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one workbook.

        Raises:
            DataError: a value is beyond what Excel keeps.
        """
        schema, plain = with_schema(table, batches)
        cells = [cell_of(column) for column in schema]
        book = Workbook(out, [cell.look for cell in cells])
        head, pieces = _head(schema), _pieces(plain)
        piece, rows, sheets = next(pieces, None), 0, 0
        while piece is not None or not sheets:
            sheets += 1
            room = SHEET_ROWS - 1
            with book.sheet(sheet_name(table.name, sheets), min(table.rows - rows, room) * len(schema) * 80) as sheet:
                sheet.write(head)
                while piece is not None and room:
                    now, piece = piece.slice(0, room), piece.slice(room) if piece.num_rows > room else None
                    self._write(sheet, table.name, cells, now, SHEET_ROWS - room, rows)
                    rows += now.num_rows
                    room -= now.num_rows
                    piece = piece if piece is not None else next(pieces, None)
        book.finish()
        return rows

    def _write(self, sheet: IO[bytes], table: str, cells: list[Cell], batch: pa.RecordBatch, above: int, start: int) -> None:
        """Write rows below the first `above` lines of a sheet; the first of them is the file's row `start`."""
        numbers = numbers_as_text(np.arange(above + 1, above + 1 + batch.num_rows, dtype=np.uint64))
        pieces: list[pa.Array | pa.Scalar] = [string_scalar('<row r="'), numbers]
        before = '">'
        for at, (cell, column) in enumerate(zip(cells, batch.columns, strict=True)):
            values = cell_texts(column, cell, Cells(table, cell.name, start), lossy=self.lossy)
            opened, closed = f'<c r="{letters(at)}', f'"{cell.attributes(_FIRST_STYLE + at)}>{cell.before}'
            if values.null_count:
                whole = pc.binary_join_element_wise(
                    string_scalar(opened), numbers, string_scalar(closed), values, string_scalar(cell.after), string_scalar("")
                )
                pieces += [string_scalar(before), pc.fill_null(whole, string_scalar(""))]
                before = ""
            else:
                pieces += [string_scalar(before + opened), numbers, string_scalar(closed), values]
                before = cell.after
        rows = pc.binary_join_element_wise(*pieces, string_scalar(before + "</row>\n"), string_scalar(""))
        sheet.write(text_bytes(rows)[1].data)


def _pieces(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from fitting(batch)


def _head(schema: pa.Schema) -> bytes:
    """The line of names."""
    names = marked(string_array(schema.names)).to_pylist() if schema.names else []
    cells = [f'<c r="{letters(at)}1" s="1" t="inlineStr"><is><t xml:space="preserve">{name}</t></is></c>' for at, name in enumerate(names)]
    return f'<row r="1">{"".join(cells)}</row>\n'.encode()


def open_format(options: SinkOptions) -> Excel:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "format_options"], "Excel")
    return Excel(chosen(options.format_options, {"lossy": ("refuse", "allow")}, "Excel").get("lossy") == "allow")
