"""Rows as Avro, in its single-object encoding: a mark, the fingerprint of the schema, then the row in binary (specification 1.11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.write.atomic import edge_errors, write_whole

if TYPE_CHECKING:
    import pyarrow as pa

_MARK = b"\xc3\x01"

#: What the parsing canonical form keeps of a type, in its order.
_KEPT = ("name", "type", "fields", "symbols", "items", "values", "size")

#: The polynomial of CRC-64-AVRO, which is also where it begins.
_EMPTY = 0xC15D213AA4D7A795


@dataclass(frozen=True, slots=True)
class AvroRows:
    """A row is one object of Avro; readers find its schema by the fingerprint, in the files that `schemas=FOLDER` asks for."""

    name: str = "avro"
    content_type: str = "application/vnd.apache.avro+binary"
    has_schemas: bool = True

    def check(self, table: TableShape) -> None:
        """Refuse names that Avro doesn't have.

        Raises:
            ModelError: there are some.
        """
        from seedbed.write.formats.avro import Avro

        Avro().check(table)

    def encode(self, table: TableShape, batch: pa.RecordBatch, first: int) -> list[bytes]:
        """Each row as an object, shape (n,).

        Raises:
            DataError: there is a null in a column that has none.
        """
        import pyarrow as pa

        from seedbed.core import compute
        from seedbed.core.text import bytes_array
        from seedbed.write.formats.avro_rows import row_bytes

        fields = [field.with_type(column.type) for field, column in zip(table.schema, batch.columns, strict=True)]
        told = pa.RecordBatch.from_arrays(batch.columns, schema=pa.schema(fields))
        start, nothing = bytes_array([_MARK + fingerprint(_schema(table)), b""])
        objects = compute.binary_join_element_wise(start, row_bytes(told, table.name, first), nothing)
        return list(objects.to_pylist())

    def write_schemas(self, tables: Sequence[TableShape], folder: Path) -> None:
        """Write `TABLE.avsc` for each table.

        Raises:
            EdgeError: the disk failed.
        """
        with edge_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for table in tables:
            write_whole(folder / f"{table.name}.avsc", f"{_schema(table)}\n".encode())


def _schema(table: TableShape) -> str:
    from seedbed.write.formats.avro_rows import schema_text

    return schema_text(table.name, table.schema, table.description)


@lru_cache(maxsize=256)
def fingerprint(schema: str) -> bytes:
    """CRC-64-AVRO of a schema's parsing canonical form, the lowest byte first.

    >>> fingerprint('"int"').hex()
    '8f5c393f1ad57572'
    """
    table = _crc_table()
    found = _EMPTY
    for octet in json.dumps(canonical(json.loads(schema)), ensure_ascii=False, separators=(",", ":")).encode():
        found = (found >> 8) ^ table[(found ^ octet) & 0xFF]
    return found.to_bytes(8, "little")


@lru_cache(maxsize=1)
def _crc_table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = (entry >> 1) ^ (_EMPTY if entry & 1 else 0)  # noqa: PLW2901 - eight steps of one register
        entries.append(entry)
    return tuple(entries)


def canonical(schema: Any) -> Any:
    """A schema without what readers' bytes don't depend on, in the one order that its fingerprint is about.

    >>> canonical({"type": "record", "name": "t", "doc": "!", "fields": [{"name": "at", "type": {"type": "long", "logicalType": "time-micros"}}]})
    {'name': 't', 'type': 'record', 'fields': [{'name': 'at', 'type': 'long'}]}
    """
    if isinstance(schema, list):
        return [canonical(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: canonical(schema[name]) for name in _KEPT if name in schema}
    return kept["type"] if kept.keys() == {"type"} else kept
