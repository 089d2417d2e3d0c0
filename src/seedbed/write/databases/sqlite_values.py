"""Types of SQLite, and rows as values of Python, which it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import units_of
from seedbed.core.sinks import TableShape
from seedbed.write.databases.database import Sent
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells, present
from seedbed.write.formats.spelling import spelled

#: SQLite keeps decimals as floats, which tell numbers of up to 15 digits apart.
_MOST_DIGITS = 15

_FIX = "change the values, or take a database that has such a type, or write files"


def column_type(column: pa.Field, _is_key: bool) -> str | None:  # noqa: FBT001 - as `Dialect` calls it
    """The type by which SQLite keeps a column's values as they are; None where it can't.

    >>> column_type(pa.field("price", pa.decimal128(10, 2)), False), column_type(pa.field("at", pa.timestamp("us")), False)
    ('DECIMAL(10, 2)', 'DATETIME')
    """
    kind = column.type
    if pa.types.is_integer(kind):
        return None if pa.types.is_uint64(kind) else "INTEGER"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return "DOUBLE"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})" if 0 <= kind.scale <= kind.precision <= MOST_DIGITS else None
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "BLOB"
    if pa.types.is_struct(kind) or pa.types.is_list(kind):
        return "TEXT" if all(column_type(part, False) is not None for part in _parts(kind)) else None  # noqa: FBT003
    return _text(kind)


def _parts(kind: pa.DataType) -> list[pa.Field]:
    return list(kind) if pa.types.is_struct(kind) else [kind.value_field]


def _text(kind: pa.DataType) -> str | None:
    """The type of what is kept as text; moments in a form that SQLite's own functions read."""
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "TIMESTAMPTZ" if kind.tz else "DATETIME"
    if pa.types.is_time(kind):
        return None if kind.unit == "ns" else "TIME"
    if pa.types.is_date32(kind):
        return "DATE"
    return "TEXT" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None


def affinity(declared: str) -> str:
    """How SQLite keeps values in a column, by its declared type.

    Source: https://www.sqlite.org/datatype3.html, section 3.1.

    >>> affinity("VARCHAR(20)"), affinity("bigint"), affinity("DATE"), affinity("")
    ('text', 'integer', 'numeric', 'blob')
    """
    name = declared.upper()
    if "INT" in name:
        return "integer"
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if "BLOB" in name or not name:
        return "blob"
    return "real" if any(part in name for part in ("REAL", "FLOA", "DOUB")) else "numeric"


def sent(table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]) -> Iterator[Sent]:
    """The rows column by column, made while one of `turns` is held.

    Raises:
        DataError: a value is none that SQLite keeps.
    """
    source, start = iter(batches), 0
    while True:
        with turns:
            batch = next(source, None)
            if batch is None:
                return
            named = zip(batch.schema.names, batch.columns, strict=True)
            columns = [values(array, Cells(table.name, name, start)) for name, array in named]
        start += batch.num_rows
        yield Sent(columns, batch.num_rows, batch.nbytes)


def values(array: pa.Array, cells: Cells) -> list[Any]:
    """Each value as SQLite takes it; shape (n,).

    Raises:
        DataError: a number is none that SQLite keeps.

    >>> values(pa.array(["19.90", None]).cast(pa.decimal128(10, 2)), Cells("t", "price"))
    [19.9, None]
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        texts = values(array.dictionary, cells)
        return [None if code is None else texts[code] for code in array.indices.to_pylist()]
    if pa.types.is_floating(kind):
        return _floats(array, cells)
    if pa.types.is_decimal(kind):
        return _decimals(array, cells)
    if pa.types.is_boolean(kind):
        return _plain(pc.cast(array, pa.int8()))
    if pa.types.is_nested(kind):
        texts = json_texts(array, cells)
        return _plain(pc.if_else(array.is_valid(), texts, pa.scalar(None, pa.string())) if array.null_count else texts)
    if pa.types.is_timestamp(kind):
        return _plain(pc.replace_substring(spelled(array, cells), pattern="T", replacement=" "))
    is_own = pa.types.is_integer(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return _plain(array if is_own else spelled(array, cells))


def _plain(array: pa.Array) -> list[Any]:
    found: list[Any] = array.to_numpy().tolist() if not array.null_count and pa.types.is_integer(array.type) else array.to_pylist()
    return found


def _floats(array: pa.Array, cells: Cells) -> list[Any]:
    cells.refuse(pc.is_nan(array), "SQLite takes a number that is none for null", _FIX)
    numbers = np.asarray(pc.fill_null(array, pa.scalar(0.0, array.type)))
    cells.refuse((numbers == 0) & np.signbit(numbers), "SQLite drops the sign of zero", _FIX)
    found: list[Any] = numbers.tolist() if not array.null_count else array.to_pylist()
    return found


def _decimals(array: pa.Array, cells: Cells) -> list[Any]:
    units = np.where(present(array), units_of(array), 0)
    wide = np.abs(units) >= 10**_MOST_DIGITS
    cells.refuse(wide, f"SQLite keeps {_MOST_DIGITS} digits of a decimal", _FIX)
    numbers: list[Any] = (units / 10.0**array.type.scale if array.type.scale else units).tolist()
    if not array.null_count:
        return numbers
    return [number if there else None for number, there in zip(numbers, present(array).tolist(), strict=True)]
