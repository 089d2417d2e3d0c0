"""Parquet files: encoded in memory, the columns as their types and tags ask.

What was measured for each encoding is in docs/decisions/0003-parquet-encodings.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
from pyarrow import _parquet

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError, Problem
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape, WrittenFile
from seedbed.write.atomic import write_whole
from seedbed.write.formats.format import ALWAYS
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Compression = Literal["snappy", "zstd", "gzip", "lz4", "none"]
COMPRESSIONS: tuple[Compression, ...] = ("snappy", "zstd", "gzip", "lz4", "none")

#: Compressions that are chosen for small files.
_SMALLEST = ("zstd", "gzip")

#: Tag of a field; `dictionary` says that few values repeat.
ENCODING_TAG = b"seedbed.encoding"

#: Rows of a row group, the least a reader takes or skips at once; two blocks of the engine.
ROW_GROUP_ROWS = 131_072

#: Rows of a file: eight leaves of the digest.
PART_ROWS = 8 * LEAF_ROWS

#: What `--encoding` calls Parquet's encodings; a dictionary is none of its own.
ENCODINGS = {"plain": "PLAIN", "dictionary": None, "delta": "DELTA_BINARY_PACKED", "split": "BYTE_STREAM_SPLIT"} | {
    "delta_length": "DELTA_LENGTH_BYTE_ARRAY",
    "delta_text": "DELTA_BYTE_ARRAY",
}


@dataclass(frozen=True, slots=True)
class Storage:
    """How one column is stored: with a dictionary or one of Parquet's encodings, compressed or not, with the least and greatest value or not."""

    dictionary: bool = False
    encoding: str | None = None
    compression: Compression = "none"
    statistics: bool = True


@dataclass(frozen=True, slots=True)
class ParquetFormat:
    """Parquet with one compression; `encodings` are those asked for, by `table.column`."""

    compression: Compression = "snappy"
    row_group_rows: int = ROW_GROUP_ROWS
    encodings: Mapping[str, str] = field(default_factory=dict)
    name: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        asked = {"encodings": ", ".join(f"{column}={self.encodings[column]}" for column in sorted(self.encodings))}
        rows = {} if self.row_group_rows == ROW_GROUP_ROWS else {"row_group_rows": str(self.row_group_rows)}
        return {"compression": self.compression, **rows, **(asked if self.encodings else {})}

    def check(self, table: TableShape) -> None:
        """Refuse encodings that a column's type doesn't have; every type of ours can be held."""
        asked = _asked(table.name, self.encodings)
        wrong = [problem for name, encoding in asked.items() if (problem := _mistake(table, name, encoding))]
        if wrong:
            raise ModelError.of(wrong)

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file; it is put together in memory."""
        waiting = iter(batches)
        first = next(waiting, None)
        schema = table.schema if first is None else first.schema
        asked = _asked(table.name, self.encodings)
        every = waiting if first is None else _with_first(first, waiting)
        rows, encoded = encode_parquet(
            schema, every, table=table.name, compression=self.compression, row_group_rows=self.row_group_rows, asked=asked
        )
        out.write(encoded)
        return rows


def open_format(options: SinkOptions) -> ParquetFormat:
    """Parquet as the options ask for it."""
    options.only((*ALWAYS, "compression", "row_group_rows", "encodings"), "Parquet")
    compression, rows = options.compression or "snappy", options.row_group_rows
    if compression not in COMPRESSIONS:
        fix = did_you_mean(compression, COMPRESSIONS) or f"one of {one_of(COMPRESSIONS)}"
        raise ModelError(f"Parquet has no compression `{compression}`", where="compression", fix=fix)
    if rows is not None and not 1 <= rows <= PART_ROWS:
        raise ModelError(
            f"a row group can't have {rows:,} rows", where="row_group_rows", fix=f"give 1 to {PART_ROWS:,}, the rows of a file"
        )
    for column, encoding in options.encodings.items():
        if encoding not in ENCODINGS:
            fix = did_you_mean(encoding, ENCODINGS) or f"one of {one_of(ENCODINGS)}"
            raise ModelError(f"Parquet has no encoding `{encoding}`", where=f"encoding of {column}", fix=fix)
    return ParquetFormat(compression, rows or ROW_GROUP_ROWS, dict(options.encodings))


def _asked(table: str, encodings: Mapping[str, str]) -> dict[str, str]:
    """The encodings asked for columns of a table, by the column's name."""
    return {column.partition(".")[2]: encoding for column, encoding in encodings.items() if column.partition(".")[0] == table}


def _mistake(table: TableShape, name: str, encoding: str) -> Problem | None:
    where = f"encoding of {table.name}.{name}"
    leaves = {path: leaf for column in table.schema for path, leaf in leaves_of(column)}
    if name not in leaves:
        return Problem("there is no such column", where, did_you_mean(name, leaves) or f"one of {one_of(leaves)}")
    kind = leaves[name].type
    fitting = [known for known in ENCODINGS if _fits(kind, known)]
    return None if encoding in fitting else Problem(f"{kind} can't be stored as `{encoding}`", where, f"one of {one_of(fitting)}")


def _fits(kind: pa.DataType, encoding: str) -> bool:
    """Whether Parquet has an encoding for a type; decimals of ours are whole numbers in the file."""
    if encoding == "plain" or (encoding == "dictionary" and not pa.types.is_boolean(kind)):
        return True
    if encoding in ("delta_length", "delta_text"):
        return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))
    is_whole = pa.types.is_integer(kind) or pa.types.is_temporal(kind) or pa.types.is_decimal(kind)
    return bool(is_whole or pa.types.is_floating(kind)) if encoding == "split" else bool(is_whole and encoding == "delta")


def _with_first(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    del first  # its memory is to go when it is written
    yield from others


def write_parquet(
    path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, table: str, compression: Compression = "snappy"
) -> WrittenFile:
    """Write batches as one Parquet file that is either there whole or not at all.

    String columns may come with a dictionary; they are read back as plain strings.

    Raises:
        EdgeError: the folder is gone, the disk full, or writing not allowed.
    """
    rows, encoded = encode_parquet(schema, batches, table=table, compression=compression)
    write_whole(path, encoded)
    return WrittenFile(path.name, rows, len(encoded), hashlib.sha256(encoded).hexdigest())


def encode_parquet(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    table: str,
    compression: Compression = "snappy",
    row_group_rows: int = ROW_GROUP_ROWS,
    asked: Mapping[str, str] | None = None,
) -> tuple[int, memoryview]:
    """The number of rows and the bytes of a Parquet file of these batches; costs 20 to 40 ns a row of five columns.

    `asked` are encodings by the column's path, in place of what its type and tags ask for.
    """
    rows = 0
    sink = pa.BufferOutputStream()
    with closing(_writer(sink, schema, compression, asked or {})) as writer:
        writer.add_key_value_metadata({"seedbed.table": table})
        for group in _row_groups(batches, schema, row_group_rows):
            writer.write_table(group, row_group_size=row_group_rows)
            rows += group.num_rows
    return rows, memoryview(sink.getvalue())


def _writer(sink: pa.BufferOutputStream, schema: pa.Schema, compression: Compression, asked: Mapping[str, str]) -> Any:
    """Arrow's own writer, as `pyarrow.parquet` calls it: that module brings all file systems with it, 7 ms of every start."""
    return _parquet.ParquetWriter(
        sink,
        schema,
        **_options(schema, compression, asked),
        use_deprecated_int96_timestamps=False,
        use_compliant_nested_type=True,
        data_page_version="1.0",
        writer_engine_version="V2",
    )


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A file that is written batch by batch by `write_batch`, for tables of any size; it is whole once it is closed."""
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, schema, write_page_checksum=True)


def footer_of(file: object) -> pq.FileMetaData:
    """What the end of a Parquet file says of it; `file` is one that can be read from anywhere."""
    import pyarrow.parquet as pq

    return pq.read_metadata(file)


def _row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    """The batches in tables of `size` rows, the last one what is left."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    mended = _Dictionaries()
    for batch in batches:
        waiting.append(mended.without_repeats(batch))
        rows += len(batch)
        while rows >= size:
            together = pa.Table.from_batches(waiting, schema)
            yield together.slice(0, size)
            rows -= size
            waiting = together.slice(size).to_batches() if rows else []
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


class _Dictionaries:
    """Takes words that a dictionary has twice out of it.

    Arrow makes room for all words of a dictionary, writes each once, and leaves in the rest whatever the memory held before: files would
    differ from run to run, and tell what they must not.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[pa.Array, pa.DictionaryArray | None]] = {}

    def without_repeats(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with dictionaries whose words all differ."""
        if not any(pa.types.is_dictionary(kind) for kind in batch.schema.types):
            return batch
        columns = [self._mended(column) if pa.types.is_dictionary(column.type) else column for column in batch.columns]
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _mended(self, column: pa.DictionaryArray) -> pa.DictionaryArray:
        words = column.dictionary
        place = words.buffers()[-1].address if words.buffers()[-1] is not None else 0
        known = self._known.get(place)
        if known is None or len(known[0]) != len(words) or known[0].offset != words.offset:
            coded = pc.encoded(words)
            known = self._known[place] = (
                words,
                coded if len(coded.dictionary) < len(words) else None,
            )  # holding the words keeps their place
        coded = known[1]
        return column if coded is None else pa.DictionaryArray.from_arrays(coded.indices.take(column.indices), coded.dictionary, safe=False)


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
    if pa.types.is_boolean(kind) or (pa.types.is_decimal(kind) and kind.precision > MOST_DIGITS):
        return Storage(compression=compression)
    if text or repeats:
        return Storage(dictionary=bool(repeats), compression=compression, statistics=not text)
    if pa.types.is_floating(kind):
        return Storage(encoding=None if compression == "none" else "BYTE_STREAM_SPLIT", compression=compression)
    if (pa.types.is_timestamp(kind) or pa.types.is_time(kind)) and compression not in _SMALLEST:
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


def _options(schema: pa.Schema, compression: Compression, asked: Mapping[str, str] | None = None) -> dict[str, Any]:
    stored = {path: storage_of(leaf, compression) for column in schema for path, leaf in leaves_of(column)}
    for path, encoding in (asked or {}).items():
        stored[path] = replace(stored[path], dictionary=encoding == "dictionary", encoding=ENCODINGS[encoding], compression=compression)
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
