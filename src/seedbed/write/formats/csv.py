"""CSV (RFC 4180): a line of names, then a line a row; nothing between delimiters is null, `""` an empty text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.core.text import join_text, string_array, string_scalar, take_text, text_bytes
from seedbed.outside.compression import SUFFIXES, packing
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells, present, refuse_types
from seedbed.write.formats.settings import YES_NO, chosen
from seedbed.write.formats.spelling import spelled
from seedbed.write.formats.text_files import PART_ROWS, text_packing, write_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seedbed.write.targets import SinkOptions

_OPTIONS: dict[str, tuple[str, ...] | None] = {
    "delimiter": None,
    "header": YES_NO,
    "quotes": ("needed", "all"),
    "null": None,
    "binary": ("base64", "hex"),
    "nested": ("refuse", "json"),
}


@dataclass(frozen=True, slots=True)
class Csv:
    """How CSV is written.

    `quotes` is `needed` (texts that hold the delimiter, a quote or a line end, are empty, or read like null) or `all` (every text).
    `null` stands for nulls, unquoted. Structs and lists are refused, or become texts of JSON.
    """

    compression: str = "none"
    delimiter: str = ","
    header: bool = True
    quotes: str = "needed"
    null: str = ""
    binary: str = "base64"
    nested: str = "refuse"
    name: ClassVar[str] = "csv"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True

    @property
    def suffix(self) -> str:
        """The ending of files."""
        return f".{'tsv' if self.delimiter == chr(9) else 'csv'}{SUFFIXES.get(self.compression, '')}"

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"compression": self.compression} | {name: str(getattr(self, name)) for name in _OPTIONS}

    def check(self, table: TableShape) -> None:
        """Refuse nested columns, unless they become JSON.

        Raises:
            ModelError: there are some.
        """
        if self.nested == "refuse":
            nested = [column for column in table.schema if pa.types.is_nested(column.type)]
            flat = TableShape(table.name, pa.schema(nested), table.rows)
            fix = "write JSON Lines or Parquet, or texts of JSON with --format-option nested=json"
            refuse_types(flat, lambda column: f"CSV has no column of type {column.type}" if pa.types.is_nested(column.type) else None, fix)

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file.

        Raises:
            DataError: a year has not four digits.
        """
        with packing(out, self.compression) as stream:
            iterator = iter(batches)
            first = next(iterator, None)
            names = table.schema.names if first is None else first.schema.names
            if self.header:
                stream.write(self._header(names))
            return write_rows(_again(first, iterator), stream, lambda batch, start: self._lines(batch, table.name, start))

    def _header(self, names: Sequence[str]) -> bytes:
        return (self.delimiter.join(self._quoted(string_array(list(names))).to_pylist()) + "\n").encode()

    def _lines(self, batch: pa.RecordBatch, table: str, start: int) -> pa.StringArray:
        texts = [self._field(column, Cells(table, name, start)) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
        if not texts:
            return take_text(string_array(["\n"]), np.zeros(batch.num_rows, np.int32))
        texts[-1] = join_text(texts[-1], string_scalar("\n"))
        return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, string_scalar(self.delimiter))

    def _field(self, column: pa.Array, cells: Cells) -> pa.StringArray:
        """Each value as it stands between delimiters."""
        kind = column.type
        if pa.types.is_dictionary(kind):
            texts = pc.take(self._field(column.dictionary, cells), column.indices)
        elif pa.types.is_nested(kind):
            texts = pc.if_else(column.is_valid(), self._quoted(json_texts(column, cells)), pa.scalar(None, pa.string()))
        elif pa.types.is_string(kind):
            texts = self._quoted(column)
        else:
            texts = self._guarded(spelled(column, cells, binary=self.binary), kind)
        return pc.fill_null(texts, string_scalar(self.null)) if texts.null_count else texts

    def _guarded(self, texts: pa.StringArray, kind: pa.DataType) -> pa.StringArray:
        """What is no text: quoted only where its spelling may need it, which few do."""
        is_safe = not pa.types.is_binary(kind) and not set(self.delimiter) & set("0123456789+-.:eTZ") and self.null not in _SPELLED
        return texts if is_safe else self._quoted(texts)

    def _quoted(self, texts: pa.StringArray) -> pa.StringArray:
        """Texts in quotes, all or where they need them."""
        if self.quotes == "all":
            doubled = pc.replace_substring(texts, pattern='"', replacement='""')
            return pc.binary_join_element_wise(_QUOTE, doubled, _QUOTE, _EMPTY)
        needed = self._needing(texts)
        if not needed.any():
            return texts
        mask = pa.array(needed)
        doubled = pc.replace_substring(texts.filter(mask), pattern='"', replacement='""')
        return pc.replace_with_mask(texts, mask, join_text(_QUOTE, doubled, _QUOTE))

    def _needing(self, texts: pa.StringArray) -> NDArray[np.bool_]:
        """Which texts can't stand without quotes; shape (n,)."""
        offsets, data = text_bytes(texts)
        needed: NDArray[np.bool_] = offsets[1:] == offsets[:-1]
        special = np.zeros(len(data), np.bool_)
        for sign in (ord(self.delimiter), 34, 10, 13):
            special |= data == sign
        if special.any():
            needed[np.searchsorted(offsets, np.flatnonzero(special), side="right") - 1] = True
        if self.null:
            needed |= np.asarray(pc.fill_null(pc.equal(texts, string_scalar(self.null)), pa.scalar(False)))  # noqa: FBT003 - a value
        return needed & present(texts)


def _again(first: pa.RecordBatch | None, rest: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    if first is not None:
        yield first
        yield from rest


def open_format(options: SinkOptions) -> Csv:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options"], "CSV")
    said: dict[str, Any] = dict(chosen(options.format_options, _OPTIONS, "CSV"))
    delimiter = {"tab": "\t", "\\t": "\t"}.get(said.get("delimiter", ","), said.get("delimiter", ","))
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        fix = "one of , ; | or `tab`, or any other ASCII character but quotes and line ends"
        raise ModelError(f"the delimiter can't be {delimiter!r}", where="format options", fix=fix)
    if set(said.get("null", "")) & {delimiter, '"', "\r", "\n"}:
        raise ModelError("what stands for null can't hold delimiters, quotes or line ends", where="format options", fix="try `NULL`")
    return Csv(text_packing(options, "CSV"), **(said | {"delimiter": delimiter, "header": said.get("header") != "no"}))


_QUOTE, _EMPTY = string_scalar('"'), string_scalar("")
#: What other values than texts may look like, where that is a word.
_SPELLED = frozenset({"nan", "inf", "-inf", "true", "false"})
