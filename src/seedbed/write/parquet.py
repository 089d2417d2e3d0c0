"""Parquet files: encoded in memory, hashed, written beside their name and renamed when whole.

What was measured for each encoding is in docs/decisions/0003-parquet-encodings.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from pyarrow import _parquet

from seedbed.core.records import dataclass
from seedbed.write.atomic import write_whole

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Compression = Literal["snappy", "zstd", "none"]
COMPRESSIONS: tuple[Compression, ...] = ("snappy", "zstd", "none")

#: Tag of a field; `dictionary` says that few values repeat.
ENCODING_TAG = b"seedbed.encoding"

#: Rows of a row group, the least a reader takes or skips at once; two blocks of the engine.
ROW_GROUP_ROWS = 131_072


@dataclass(frozen=True, slots=True)
class Storage:
    """How one column is stored: with a dictionary or one of Parquet's encodings, compressed or not, with the least and greatest value or not."""

    dictionary: bool = False
    encoding: str | None = None
    compression: Compression = "none"
    statistics: bool = True


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is whole: its rows, its size and the SHA-256 of its bytes."""

    rows: int
    size_bytes: int
    sha256: str


def write_parquet(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    table: str,
    compression: Compression = "snappy",
    turns: AbstractContextManager[object] | None = None,
) -> WrittenFile:
    """Write batches as one Parquet file that is either there whole or not at all.

    String columns may come with a dictionary; they are read back as plain strings. `turns` is held while the batches are made and
    encoded, and let go while the file goes to the disk.

    Raises:
        EdgeError: the folder is gone, the disk full, or writing not allowed.
    """
    with turns or nullcontext():
        rows, encoded = encode_parquet(schema, batches, table=table, compression=compression)
        sha256 = hashlib.sha256(encoded).hexdigest()
    write_whole(path, encoded)
    return WrittenFile(rows, len(encoded), sha256)


def encode_parquet(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, table: str, compression: Compression = "snappy"
) -> tuple[int, memoryview]:
    """The number of rows and the bytes of a Parquet file of these batches; costs 20 to 40 ns a row of five columns."""
    rows = 0
    sink = pa.BufferOutputStream()
    with closing(_writer(sink, schema, compression)) as writer:
        writer.add_key_value_metadata({"seedbed.table": table})
        for group in _row_groups(batches, schema):
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows, memoryview(sink.getvalue())


def _writer(sink: pa.BufferOutputStream, schema: pa.Schema, compression: Compression) -> Any:
    """Arrow's own writer, as `pyarrow.parquet` calls it: that module brings all file systems with it, 7 ms of every start."""
    return _parquet.ParquetWriter(
        sink,
        schema,
        **_options(schema, compression),
        use_deprecated_int96_timestamps=False,
        use_compliant_nested_type=True,
        data_page_version="1.0",
        writer_engine_version="V2",
    )


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A file that is written batch by batch by `write_batch`, for tables of any size; it is whole once it is closed."""
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, schema, write_page_checksum=True)


def _row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        if rows >= ROW_GROUP_ROWS:
            yield pa.Table.from_batches(waiting, schema)
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


def storage_of(column: pa.Field, compression: Compression) -> Storage:
    """How a column is stored: a dictionary where its tag or its array says that few values repeat, else by its type.

    Whole numbers and dates are kept as differences. Moments spread at random would shrink by a quarter only and take twice as
    long, so they are kept as they are, unless the smallest file is wanted; times of day too. Floats have their bytes split into streams.
    Decimals of up to 18 digits are whole numbers in the file. Of a struct or list this is asked for each of its leaves.

    >>> storage_of(pa.field("id", pa.int64()), "snappy").encoding
    'DELTA_BINARY_PACKED'
    """
    kind = column.type
    text = bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_binary(kind))
    repeats = pa.types.is_dictionary(kind) or (column.metadata or {}).get(ENCODING_TAG) == b"dictionary"
    if pa.types.is_boolean(kind):
        return Storage(compression=compression)
    if text or repeats:
        return Storage(dictionary=bool(repeats), compression=compression, statistics=not text)
    if pa.types.is_floating(kind):
        return Storage(encoding=None if compression == "none" else "BYTE_STREAM_SPLIT", compression=compression)
    if (pa.types.is_timestamp(kind) or pa.types.is_time(kind)) and compression != "zstd":
        return Storage()
    return Storage(encoding="DELTA_BINARY_PACKED", compression=compression)


def leaves_of(column: pa.Field, path: str = "") -> Iterator[tuple[str, pa.Field]]:
    """The columns that Parquet keeps for a field, by their paths: those of a struct's fields, of a list's elements, else itself.

    >>> [path for path, _ in leaves_of(pa.field("a", pa.list_(pa.struct({"b": pa.int64(), "c": pa.string()}))))]
    ['a.list.element.b', 'a.list.element.c']
    """
    here = f"{path}{column.name}"
    if pa.types.is_struct(column.type):
        for part in column.type:
            yield from leaves_of(part, f"{here}.")
    elif pa.types.is_list(column.type):
        yield from leaves_of(column.type.value_field.with_name("element"), f"{here}.list.")
    else:
        yield here, column


def _options(schema: pa.Schema, compression: Compression) -> dict[str, Any]:
    stored = {path: storage_of(leaf, compression) for column in schema for path, leaf in leaves_of(column)}
    return {
        "version": "2.6",
        "compression": {name: storage.compression for name, storage in stored.items()},
        "use_dictionary": [name for name, storage in stored.items() if storage.dictionary],
        "column_encoding": {name: storage.encoding for name, storage in stored.items() if storage.encoding} or None,
        "write_statistics": [name for name, storage in stored.items() if storage.statistics],
        "write_page_checksum": True,
        "store_schema": False,
        "store_decimal_as_integer": True,
        "write_batch_size": 65_536,
    }
