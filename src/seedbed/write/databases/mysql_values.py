"""Rows as MySQL's lists of literals, whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.sinks import TableShape
from seedbed.core.text import string_scalar
from seedbed.write.databases.database import Sent
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells
from seedbed.write.formats.spelling import hex_texts, spelled

#: About so many bytes of Arrow go into one statement: servers take 16 MB and more, and gain nothing beyond one.
_STATEMENT_BYTES = 1 << 19

_FIX = "change the values, or take a database that keeps them, or write files"

_NULL, _EMPTY, _COMMA, _QUOTE = string_scalar("NULL"), string_scalar(""), string_scalar(","), string_scalar("'")
_OPEN, _SHUT = string_scalar("("), string_scalar(")")


def statements(table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]) -> Iterator[Sent]:
    """The rows as lists of rows of literals, each list for one statement; made while one of `turns` is held.

    Raises:
        DataError: a value is none that MySQL holds.
    """
    source, start = iter(batches), 0
    while True:
        with turns:
            batch = next(source, None)
            if batch is None:
                return
            made = [Sent(rows_text(piece, table, start), piece.num_rows, 0) for piece in _pieces(batch)]
        start += batch.num_rows
        for one in made:
            yield Sent(one.content, one.rows, len(one.content))


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows for one statement each; none of no rows."""
    step = max(1, batch.num_rows * _STATEMENT_BYTES // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def rows_text(batch: pa.RecordBatch, table: TableShape, start: int = 0) -> bytes:
    """Rows of literals with commas between them.

    >>> shape = TableShape("t", pa.schema([("id", pa.int64()), ("name", pa.string())]), 2)
    >>> print(rows_text(pa.record_batch([[1, 2], ["it's", None]], schema=shape.schema), shape).decode())
    (1,'it''s'),(2,NULL)
    """
    columns = [literals(array, Cells(table.name, name, start)) for name, array in zip(batch.schema.names, batch.columns, strict=True)]
    inner = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, _COMMA)
    rows = pc.binary_join_element_wise(_OPEN, inner, _SHUT, _EMPTY)
    ends = pa.array(np.array([0, len(rows)], np.int32))
    found: bytes = pc.binary_join(pa.ListArray.from_arrays(ends, rows), _COMMA)[0].as_buffer().to_pybytes()
    return found


def literals(array: pa.Array, cells: Cells) -> pa.StringArray:
    """Each value as MySQL takes it where a backslash is a backslash; shape (n,).

    Raises:
        DataError: a float is infinite, not a number, or a negative zero; a year has not four digits.

    >>> literals(pa.array([0.5, 1e300, None]), Cells("t", "x")).to_pylist()
    ['0.5e0', '1e+300', 'NULL']
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pc.fill_null(pc.take(literals(array.dictionary, cells), array.indices), _NULL)
    texts = _bare(array, cells)
    if not (pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        before = string_scalar("X'") if _is_binary(kind) else _QUOTE
        texts = pc.binary_join_element_wise(before, texts, _QUOTE, _EMPTY)
    return _filled(texts, array)


def _bare(array: pa.Array, cells: Cells) -> pa.StringArray:
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.replace_substring(pc.cast(array, pa.string()), pattern="'", replacement="''")
    if pa.types.is_nested(kind):
        return pc.replace_substring(json_texts(array, cells), pattern="'", replacement="''")
    if pa.types.is_boolean(kind):
        return pc.cast(pc.cast(array, pa.int8()), pa.string())
    if pa.types.is_floating(kind):
        cells.refuse(pc.invert(pc.is_finite(array)), "MySQL has no number that is infinite or not a number", _FIX)
        numbers = np.asarray(pc.fill_null(array, pa.scalar(1.0, kind)))
        cells.refuse((numbers == 0) & np.signbit(numbers), "MySQL drops the sign of zero", _FIX)
        return _floats(array)
    if _is_binary(kind):
        return hex_texts(array)
    if pa.types.is_timestamp(kind) and kind.tz:
        array = pc.cast(array, pa.timestamp("us", "UTC")).view(pa.int64()).view(pa.timestamp("us"))
    return spelled(array, cells)


def _floats(array: pa.Array) -> pa.StringArray:
    """Floats with an exponent: without one, MySQL would take them for decimals, which have at most 65 digits."""
    texts = pc.cast(array, pa.string())
    has_exponent = pc.match_substring(texts, pattern="e")
    return pc.if_else(has_exponent, texts, pc.binary_join_element_wise(texts, string_scalar("e0"), _EMPTY))


def _filled(texts: pa.StringArray, like: pa.Array) -> pa.StringArray:
    """The texts, NULL where there is no value: a nested null has a text of its own."""
    return pc.if_else(like.is_valid(), texts, _NULL) if like.null_count else texts


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
