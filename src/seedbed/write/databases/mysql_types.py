"""Types of MySQL and MariaDB, and what they can't hold."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from seedbed.outside.addresses import literal
from seedbed.write.databases.dialect import Dialect, tag

_PLAIN: tuple[tuple[Any, str], ...] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_int8, "TINYINT"),
    (pa.types.is_uint8, "TINYINT UNSIGNED"),
    (pa.types.is_int16, "SMALLINT"),
    (pa.types.is_uint16, "SMALLINT UNSIGNED"),
    (pa.types.is_int32, "INT"),
    (pa.types.is_uint32, "INT UNSIGNED"),
    (pa.types.is_int64, "BIGINT"),
    (pa.types.is_uint64, "BIGINT UNSIGNED"),
    (pa.types.is_float32, "FLOAT"),
    (pa.types.is_float64, "DOUBLE"),
    (pa.types.is_date32, "DATE"),
)

#: Texts and bytes of keys must have an end: four columns of 191 characters are the most that a key of InnoDB takes.
_KEY_LENGTH = 191

#: Digits after the point that a decimal may have.
_MOST_SCALE = 30


def column_type(column: pa.Field, is_key: bool) -> str | None:  # noqa: FBT001 - as `Dialect` calls it
    """The type of MySQL and MariaDB that holds a column's values exactly; None where there is none.

    >>> column_type(pa.field("price", pa.decimal128(10, 2)), False), column_type(pa.field("name", pa.string()), True)
    ('DECIMAL(10, 2)', 'VARCHAR(191)')
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text_type(column, is_key=is_key)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return f"VARBINARY({_KEY_LENGTH})" if is_key else "LONGBLOB"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})" if 0 <= kind.scale <= min(kind.precision, _MOST_SCALE) else None
    if pa.types.is_nested(kind):
        return _nested(column, is_key=is_key)
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "TIMESTAMP(6)" if kind.tz else "DATETIME(6)"
    if pa.types.is_time(kind):
        return None if kind.unit == "ns" else "TIME(6)"
    return next((name for fits, name in _PLAIN if fits(kind)), None)


def _text_type(column: pa.Field, *, is_key: bool) -> str:
    if tag(column) == "uuid":
        return "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin"
    return f"VARCHAR({_KEY_LENGTH})" if is_key else "LONGTEXT"


def _nested(column: pa.Field, *, is_key: bool) -> str | None:
    kind = column.type
    if is_key or not (pa.types.is_struct(kind) or pa.types.is_list(kind)):
        return None
    parts = list(kind) if pa.types.is_struct(kind) else [kind.value_field]
    return "LONGTEXT" if all(column_type(part, False) is not None for part in parts) else None  # noqa: FBT003


def _width(column: pa.Field, is_key: bool) -> int:  # noqa: FBT001 - as `Dialect` calls it
    """The bytes of a column that count for the longest row: all of a bounded text, of an endless one only where it is."""
    kind = column_type(column, is_key) or ""
    if kind.startswith("VARCHAR"):
        return 4 * _KEY_LENGTH + 2
    if kind.startswith("VARBINARY"):
        return _KEY_LENGTH + 2
    return 36 if kind.startswith("CHAR") else 12 if kind.startswith("LONG") else 8


#: A column's comment has at most so many characters, a table's twice as many.
COMMENT = 1024

DIALECT = Dialect(
    "MySQL",
    "`",
    column_type,
    "LONGTEXT",
    most_name=64,
    most_columns=1017,
    width=_width,
    most_width=65_535,
    null=" NULL",
    remark=lambda told: f" COMMENT {literal(told[:COMMENT])}",
    notes=" ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
)


def family(kind: str) -> str:
    """What kind of values a type of the catalogue holds.

    >>> family("int(10) unsigned"), family("varchar(20)"), family("datetime(6)")
    ('number', 'text', 'moment')
    """
    name = kind.lower()
    if any(part in name for part in ("text", "char", "enum", "json", "uuid")):
        return "text"
    if any(part in name for part in ("blob", "binary")):
        return "bytes"
    if name.startswith(("datetime", "timestamp")):
        return "moment"
    return name.partition("(")[0] if name.startswith(("date", "time", "year")) else "number"
