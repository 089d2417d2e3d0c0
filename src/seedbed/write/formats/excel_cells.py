"""What stands in the cells of Excel: numbers of 15 to 17 digits, days since 1900, texts of XML; and what can't stand there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.core.text import text_bytes
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells, integers, is_list, present, refuse_long_decimals
from seedbed.write.formats.spelling import exact_texts, float_texts, is_bytes, spelled, with_nulls
from seedbed.write.formats.workbook import CELL_UNITS, Look

#: Whole numbers beyond this are not all among floats, and Excel has no other numbers.
_WHOLE = 2**53

#: Days between 1899-12-30, from which Excel's numbers count, and 1970. Before 1900-03-01 they are off by one: Excel has a 29 February 1900.
_EPOCH, _FIRST = 25_569, -25_508
_DAY_US, _DAY_MS = 86_400_000_000, 86_400_000

#: The least float that isn't a denormal, which Excel takes for zero.
_LEAST = 2.2250738585072014e-308


@dataclass(frozen=True, slots=True)
class Cell:
    """How a column's values stand in cells: as `number`, `truth` or `text`, between which tags, and how they look."""

    name: str
    kind: str
    look: Look

    @property
    def before(self) -> str:
        """What stands before the value."""
        return '<is><t xml:space="preserve">' if self.kind == "text" else "<v>"

    @property
    def after(self) -> str:
        """What stands behind the value, to the cell's end."""
        return "</t></is></c>" if self.kind == "text" else "</v></c>"

    def attributes(self, style: int) -> str:
        """What a cell says of itself."""
        if self.kind == "number":
            return f' s="{style}"' if self.look.number_format else ""
        return ' t="inlineStr"' if self.kind == "text" else ' t="b"'


def refusal(column: pa.Field) -> str | None:
    """Why Excel can't hold a column as it is, None where it can."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        return "Excel has no time zones"
    if pa.types.is_nested(kind) or is_bytes(kind):
        return f"Excel has no cells of type {kind}"
    return None


def cell_of(column: pa.Field) -> Cell:
    """How a column's values stand in cells."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return Cell(column.name, "truth", Look())
    if pa.types.is_timestamp(kind):
        return Cell(column.name, "number", Look("yyyy\\-mm\\-dd\\ hh:mm:ss.000", 24))
    if pa.types.is_date(kind):
        return Cell(column.name, "number", Look("yyyy\\-mm\\-dd", 11))
    if pa.types.is_time(kind):
        return Cell(column.name, "number", Look("hh:mm:ss.000", 13))
    if pa.types.is_decimal(kind):
        return Cell(column.name, "number", Look("0." + "0" * kind.scale if kind.scale > 0 else "0"))
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return Cell(column.name, "number" if is_number else "text", Look())


def cell_texts(array: pa.Array, cell: Cell, cells: Cells, *, lossy: bool) -> pa.StringArray:
    """Each value as it stands between the tags of its cell, null where there is to be none; shape (n,).

    Raises:
        DataError: Excel would change a value, and that is not `lossy`; a text is too long.
    """
    kind = array.type
    if cell.kind == "text":
        return _texts(array, cells, lossy=lossy)
    if pa.types.is_boolean(kind):
        return pc.cast(pc.cast(array, pa.int8()), pa.string())
    if pa.types.is_floating(kind):
        return _floats(array, cells, lossy=lossy)
    if pa.types.is_decimal(kind):
        if not lossy:
            refuse_long_decimals(array, cells, "Excel")
        return exact_texts(array)
    if pa.types.is_integer(kind):
        if not lossy:
            numbers = integers(array)
            cells.refuse(present(array) & ((numbers > _WHOLE) | (numbers < -_WHOLE)), "Excel keeps no whole numbers beyond 2^53")
        return pc.cast(array, pa.string())
    return _moments(array, cells, lossy=lossy)


def _floats(array: pa.Array, cells: Cells, *, lossy: bool) -> pa.StringArray:
    numbers = np.asarray(array.fill_null(0.0))
    finite = np.isfinite(numbers)
    if not lossy:
        cells.refuse(~finite, "Excel has no number that is infinite or not a number")
        cells.refuse((np.abs(numbers) < _LEAST) & (numbers != 0), "Excel takes a number so near zero for zero")
    return float_texts(array if finite.all() else pc.if_else(pa.array(finite), array, pa.scalar(None, array.type)))


def _moments(array: pa.Array, cells: Cells, *, lossy: bool) -> pa.StringArray:
    """Days since 1899-12-30, with a fraction for the time of day."""
    there = present(array)
    if pa.types.is_date(array.type):
        days = np.where(there, integers(pc.cast(array, pa.date32())), 0)
        _refuse_early(there & (days < _FIRST), cells)
        return with_nulls(pc.cast(pa.array(days.astype(np.int64) + _EPOCH), pa.string()), array)
    is_time = pa.types.is_time(array.type)
    ticks = np.where(there, integers(pc.cast(array, pa.time64("us") if is_time else pa.timestamp("us", array.type.tz))), 0)
    _refuse_early(there & (ticks < (0 if is_time else _FIRST * _DAY_US)), cells)
    if not lossy:
        cells.refuse(ticks % 1000 != 0, "Excel keeps milliseconds of a time, not microseconds")
    # A float holds milliseconds of all days exactly; the division is rounded once, and undone by readers.
    serial = (ticks / 1000 + (0 if is_time else _EPOCH * _DAY_MS)) / _DAY_MS
    return with_nulls(float_texts(pa.array(serial)), array)


def _refuse_early(rows: NDArray[np.bool_], cells: Cells) -> None:
    cells.refuse(rows, "Excel counts days from 1 March 1900 on (before it they are off by one)", "keep days from 1900-03-01 on")


def _texts(array: pa.Array, cells: Cells, *, lossy: bool) -> pa.StringArray:
    if pa.types.is_struct(array.type) or is_list(array.type):
        texts = with_nulls(json_texts(array, cells, lossy=lossy), array)
    else:
        texts = spelled(array, cells)
    lengths = pc.fill_null(pc.binary_length(texts), pa.scalar(1, pa.int32()))
    if not lossy:
        cells.refuse(pc.equal(lengths, pa.scalar(0, pa.int32())), "an empty text and no text are the same to most readers of Excel files")
    if (text_bytes(texts)[1] == 0xEF).any():  # what begins the two signs that are none in XML
        for sign in "\ufffe\uffff":
            cells.refuse(pc.match_substring(texts, pattern=sign), f"XML, and so Excel, has no character U+{ord(sign):04X}", "leave it out")
    for row in np.flatnonzero(np.asarray(lengths) > CELL_UNITS).tolist():
        if len(texts[row].as_py().encode("utf-16-le")) // 2 > CELL_UNITS:
            cells.fail(row, f"a cell of Excel holds {CELL_UNITS:,} characters", "write Parquet or CSV, or keep the text shorter")
    return marked(texts)


def marked(texts: pa.StringArray) -> pa.StringArray:
    r"""Texts as they stand in XML; what XML can't hold is written as Excel writes it; shape (n,).

    >>> print(*marked(pa.array(["a<b & c", "bell\x07", "_x0041_"])).to_pylist(), sep="  ")
    a&lt;b &amp; c  bell_x0007_  _x005F_x0041_
    """
    data = text_bytes(texts)[1]
    for sign, instead in (("_x", "_x005F_x"), ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if (data == ord(sign[0])).any():
            texts = pc.replace_substring(texts, pattern=sign, replacement=instead)
    if (data < 32).any():
        found = set(np.flatnonzero(np.bincount(data[data < 32], minlength=32)).tolist()) - {9, 10}
        for code in sorted(found):
            texts = pc.replace_substring(texts, pattern=chr(code), replacement=f"_x{code:04X}_")
    return texts
