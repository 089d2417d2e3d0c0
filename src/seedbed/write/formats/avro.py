"""Avro object container files, as Kafka's and Hadoop's tools read them; encoded whole columns at a time."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.core.text import text_bytes
from seedbed.write.formats.avro_rows import is_name, row_bytes, schema_text, varints
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.losses import fitting, refuse_types
from seedbed.write.formats.streams import with_schema
from seedbed.write.formats.text_files import PART_ROWS, packed

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

#: Rows of a block, which a reader unpacks at once.
_BLOCK_ROWS = 8192

_RENAME = "rename the column: letters, digits and `_`, no digit first"


@dataclass(frozen=True, slots=True)
class Avro:
    """A schema, then blocks of rows; every type is kept, with Avro's logical types. Names are what Avro allows."""

    compression: str = "gzip"
    name: ClassVar[str] = "avro"
    suffix: ClassVar[str] = ".avro"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {"compression": self.compression}

    def check(self, table: TableShape) -> None:
        """Refuse names that Avro doesn't have.

        Raises:
            ModelError: there are some.
        """

        def misnamed(column: pa.Field) -> str | None:
            is_item = column.name in ("item", "element")
            return None if is_item or is_name(column.name) else f"Avro has no fields that are called `{column.name}`"

        refuse_types(table, misnamed, _RENAME)

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one file."""
        waiting = iter(batches)
        first = next(waiting, None)
        schema, _ = with_schema(table, [] if first is None else [first])
        text = schema_text(table.name, schema, table.description).encode()
        sync = hashlib.sha256(text).digest()[:16]  # any 16 bytes that rows hardly hold; the same for the same schema
        codec, pack = _CODECS[self.compression]
        out.write(b"Obj\x01" + _map({"avro.schema": text, "avro.codec": codec.encode()}) + sync)
        rows = 0
        for block in _blocks(first, waiting):
            told = pa.RecordBatch.from_arrays(
                block.columns, schema=pa.schema([schema.field(at).with_type(column.type) for at, column in enumerate(block.columns)])
            )
            data = pack(text_bytes(row_bytes(told, table.name, rows))[1].data)
            out.write(_long(block.num_rows) + _long(len(data)))
            out.write(data)
            out.write(sync)
            rows += block.num_rows
        return rows


def _blocks(first: pa.RecordBatch | None, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in [] if first is None else [first]:
        yield from _cut(batch)
    first = None  # its memory is to go when it is written
    for batch in rest:
        yield from _cut(batch)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for piece in fitting(batch):
        for start in range(0, piece.num_rows, _BLOCK_ROWS):
            yield piece.slice(start, _BLOCK_ROWS)


def _long(number: int) -> bytes:
    found: bytes = varints(np.array([number]))[0].as_py()
    return found


def _map(pairs: Mapping[str, bytes]) -> bytes:
    told = b"".join(_long(len(key)) + key.encode() + _long(len(value)) + value for key, value in pairs.items())
    return _long(len(pairs)) + told + b"\x00"


def _deflated(data: memoryview) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _snappy(data: memoryview) -> bytes:
    return bytes(pa.Codec("snappy").compress(data, asbytes=True)) + struct.pack(">I", zlib.crc32(data))


def _zstd(data: memoryview) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


#: What Avro calls each compression, and what packs a block so.
_CODECS: dict[str, tuple[str, Callable[[memoryview], bytes]]] = {
    "none": ("null", bytes),
    "gzip": ("deflate", _deflated),
    "snappy": ("snappy", _snappy),
    "zstd": ("zstandard", _zstd),
    "bz2": ("bzip2", bz2.compress),
    "xz": ("xz", lzma.compress),
}


def open_format(options: SinkOptions) -> Avro:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression"], "Avro")
    return Avro(packed(options, [name for name in _CODECS if name != "none"], "Avro", "gzip"))
