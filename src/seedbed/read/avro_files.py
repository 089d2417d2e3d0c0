"""Tables in Avro's container files, through fastavro, a block in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError, PluginError
from seedbed.read.edges import edge
from seedbed.read.plain import cut
from seedbed.read.scans import chosen

_WHOLE = "write it anew, or take a copy that is whole"


@dataclass(frozen=True, slots=True)
class AvroScan:
    """The rows of an Avro file; fits `TableScan`."""

    path: Path
    schema: pa.Schema
    rows: int

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row.

        Raises:
            DataError: the file is broken, or there is no such column.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path))
        return cut(self._read(wanted, batch_rows), batch_rows)

    def _read(self, wanted: pa.Schema, batch_rows: int) -> Iterator[pa.RecordBatch]:
        carriers = wanted if wanted.names else pa.schema([self.schema.field(0)])
        with _blocks(self.path) as blocks:
            waiting: list[dict[str, Any]] = []
            for block in blocks:
                waiting.extend(block)
                if len(waiting) >= batch_rows:
                    yield _batch(waiting, carriers).select(wanted.names)
                    waiting = []
            if waiting:
                yield _batch(waiting, carriers).select(wanted.names)


def avro_scan(path: Path) -> AvroScan:
    """Look at an Avro file: its schema, and how many rows its blocks have.

    Raises:
        DataError: it is none, or broken, or holds what isn't read here (a union of several types, a map, ...).
        EdgeError: it can't be read.
        PluginError: fastavro is not installed.
    """
    with _blocks(path) as blocks:
        schema = pa.schema([_field(str(path), field) for field in _record(path, blocks.writer_schema)["fields"]])
        rows = sum(block.num_records for block in blocks)
    if not schema.names:
        raise DataError("the table has no columns", where=str(path), fix="give a table with columns")
    return AvroScan(path, schema, rows)


@contextmanager
def _blocks(path: Path) -> Iterator[Any]:
    try:
        import fastavro
    except ImportError as error:
        raise PluginError("Avro files need fastavro, which is not installed", where=str(path), fix="pip install 'seedbed[avro]'") from error
    with edge(path, "Avro file"), path.open("rb") as file:
        try:
            yield fastavro.block_reader(file)
        except (ValueError, EOFError, LookupError, TypeError, OverflowError) as error:
            raise DataError(f"this is no Avro file that can be read: {error}", where=str(path), fix=_WHOLE) from error


def _batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _record(path: Path, schema: Any) -> Any:
    if not isinstance(schema, Mapping) or schema.get("type") != "record":
        raise DataError("the rows of this Avro file are no records", where=str(path), fix="write records, a field for each column")
    return schema


def _field(where: str, field: Mapping[str, Any]) -> pa.Field:
    kind, nullable = _branch(field["type"])
    return pa.field(field["name"], _type(f"{where}: {field['name']}", kind), nullable)


def _branch(kind: Any) -> tuple[Any, bool]:
    """The type, and whether there may be nulls; a union of more than that is given back as it is."""
    if not isinstance(kind, list):
        return kind, False
    others = [one for one in kind if one != "null"]
    return (others[0] if len(others) == 1 else kind), "null" in kind


def _type(where: str, kind: Any) -> pa.DataType:
    name = kind["type"] if isinstance(kind, Mapping) else kind
    logical = kind.get("logicalType") if isinstance(kind, Mapping) else None
    if logical == "decimal":
        return pa.decimal128(kind["precision"], kind.get("scale", 0))
    if isinstance(logical, str) and logical in _LOGICAL:
        return _LOGICAL[logical]
    if name == "record":
        return pa.struct([_field(where, field) for field in kind["fields"]])
    if name == "array":
        item, nullable = _branch(kind["items"])
        return pa.list_(pa.field("item", _type(where, item), nullable))
    if isinstance(name, str) and name in _PLAIN:
        return _PLAIN[name]
    raise DataError(
        f"Avro's type {name if isinstance(name, str) else 'union'} is not read", where=where, fix="write the column as another type"
    )


_LOGICAL = {
    "date": pa.date32(),
    "time-millis": pa.time64("us"),
    "time-micros": pa.time64("us"),
    "local-timestamp-millis": pa.timestamp("us"),
    "local-timestamp-micros": pa.timestamp("us"),
    "timestamp-millis": pa.timestamp("us", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
}
_PLAIN = {
    "boolean": pa.bool_(),
    "int": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "fixed": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
}
