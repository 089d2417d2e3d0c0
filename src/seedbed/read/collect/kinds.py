"""The names of the types that columns are given, and Arrow's for them."""

from __future__ import annotations

import pyarrow as pa

_PLAIN = {
    "null": pa.null(),
    "bool": pa.bool_(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "json": pa.string(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamp_utc": pa.timestamp("us", "UTC"),
}


def arrow_type(kind: str) -> pa.DataType:
    """Arrow's type of a kind of column.

    >>> str(arrow_type("list<decimal(38,2)>"))
    'list<item: decimal128(38, 2)>'
    """
    if kind.startswith("list<"):
        return pa.list_(arrow_type(kind[5:-1]))
    if kind.startswith("decimal("):
        precision, scale = kind[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _PLAIN[kind]
