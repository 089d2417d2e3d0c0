"""The content digests of a table as it is now, in the order in which its rows were made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core import compute
from seedbed.core.digest import LEAF_ROWS, Digester, type_name
from seedbed.core.shapes import TableScan
from seedbed.read.folders import said
from seedbed.read.nested_texts import nested_values
from seedbed.read.scans import in_order
from seedbed.read.sources import open_tables
from seedbed.write.manifest import TableEntry
from seedbed.write.targets import local_path, scheme_of


class Uncomparable(Exception):  # noqa: N818 - it is no error: there is just nothing to say
    """The values can't be compared, for this reason; `rows` is their number, where it is known."""

    def __init__(self, reason: str, rows: int | None = None) -> None:
        super().__init__(reason)
        self.rows = rows


def contents_of(target: str, table: TableEntry) -> tuple[int, dict[str, str]]:
    """The number of rows of a table, and each column's digest; a column that is gone has none.

    Raises:
        Uncomparable: the order of the rows is not known, or a column comes in a type that can't be told from that which was written.
        SeedbedError: the table can't be read.
    """
    schema = _schema(table)
    digester = Digester(schema, table.start)
    for batch in _parted(Path(local_path(target)), table, schema) if table.partition_by else _whole(target, table, schema):
        digester.add(batch)
    return digester.rows, dict(zip(schema.names, digester.column_digests(), strict=True))


def _whole(target: str, table: TableEntry, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    where = local_path(target) if scheme_of(target) == "file" else target
    with open_tables(where, tables=[table.name], hints={table.name: schema}) as opened:
        scan = opened.tables[table.name]
        for _, batch in (scan if table.files else _ordered(scan, table)).batches(batch_rows=LEAF_ROWS):
            yield _typed(batch, schema)


def _ordered(scan: TableScan, table: TableEntry) -> TableScan:
    """A table of a database in the order in which its rows were made."""
    if table.rows > 1 and not table.order:
        raise Uncomparable("a database keeps no order, and no column tells it", scan.rows)
    ordered = in_order(scan, table.order)
    if ordered is None:
        raise Uncomparable("this database is not read in an order", scan.rows)
    return ordered


def _parted(root: Path, table: TableEntry, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a table in folders, a part at a time, each put back in order."""
    if not table.order:
        raise Uncomparable("folders by values change the order of rows, and no column tells it")
    if not all(file.path.endswith(".parquet") for file in table.files) or not root.is_dir():
        raise Uncomparable("folders by values are put back in order for Parquet in local folders only")
    parts: dict[int, list[str]] = {}
    for file in table.files:
        parts.setdefault(int(re.findall(r"part-(\d+)", file.path)[-1]), []).append(file.path)
    for _, paths in sorted(parts.items()):
        pieces = [piece for path in paths for piece in _piece(root, path, table, schema)]
        together = pa.Table.from_batches(pieces, schema)
        yield from together.sort_by([(name, "ascending") for name in table.order]).to_batches()


def _piece(root: Path, path: str, table: TableEntry, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    from seedbed.read.parquet import scan

    folders = said(root / path, root / table.name)
    for _, batch in scan(root / path).batches():
        arrays = {name: batch.column(name) for name in batch.schema.names}
        told = {name: pa.array([folders[name]], pa.string()) for name in table.partition_by if name in folders}
        arrays |= {name: _repeated(compute.cast(value, schema.field(name).type), len(batch)) for name, value in told.items()}
        yield _typed(pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays)), schema)


def _repeated(value: pa.Array, rows: int) -> pa.Array:
    return pa.repeat(value[0], rows) if value[0].is_valid else pa.nulls(rows, value.type)


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The columns of a batch in the types in which they were written; one that is gone is null."""
    return pa.RecordBatch.from_arrays([_column(batch, column) for column in schema], schema=schema)


def _column(batch: pa.RecordBatch, column: pa.Field) -> pa.Array:
    if column.name not in batch.schema.names:
        return pa.nulls(len(batch), column.type)
    array = batch.column(column.name)
    if pa.types.is_dictionary(array.type):
        array = compute.decoded(array)
    if array.type == column.type:
        return array
    try:
        if pa.types.is_nested(column.type) and pa.types.is_string(array.type):  # so a database without such types keeps it
            return nested_values(array, column.type)
        return compute.cast(array, column.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError) as error:
        message = f"`{column.name}` is read as {type_name(array.type)} where {type_name(column.type)} was written"
        raise Uncomparable(message) from error


def _schema(table: TableEntry) -> pa.Schema:
    return pa.schema([pa.field(column.name, type_of(column.type)) for column in table.columns])


#: Types whose names stand for themselves in Arrow.
_NAMED: dict[str, Any] = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date32[day]": pa.date32(),
    "time64[us]": pa.time64("us"),
    "timestamp[us]": pa.timestamp("us"),
}


def type_of(name: str) -> pa.DataType:
    """The type of a name that a manifest has for it.

    Raises:
        Uncomparable: it is no name of a type that is delivered.

    >>> type_of("decimal128(18, 2)"), type_of("list<struct<a: int64, b: timestamp[us, tz=UTC]>>")
    (Decimal128Type(decimal128(18, 2)), ListType(list<item: struct<a: int64, b: timestamp[us, tz=UTC]>>))
    """
    if name in _NAMED:
        return _NAMED[name]
    if found := re.fullmatch(r"decimal128\((\d+), (\d+)\)", name):
        return pa.decimal128(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"timestamp\[us, tz=([^\]]+)\]", name):
        return pa.timestamp("us", tz=found[1])
    if found := re.fullmatch(r"list<(.*)>", name):
        return pa.list_(type_of(found[1]))
    if found := re.fullmatch(r"struct<(.*)>", name):
        parts = [part.partition(": ") for part in _split(found[1])]
        return pa.struct([pa.field(part, type_of(kind)) for part, _, kind in parts])
    raise Uncomparable(f"`{name}` is no type that this version knows")


def _split(text: str) -> Iterator[str]:
    """The parts of a list with commas, but not those within brackets."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "<([") - (letter in ">)]")
        if letter == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()
