"""Two tables of every type, with odd names, and how they are loaded into a database of any kind."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from seedbed.core.digest import column_digests, leaf_digests
from seedbed.core.sinks import Existing, ForeignKey, Part, Sink, TableShape
from seedbed.read.sources import open_tables
from seedbed.write.manifest import Manifest
from seedbed.write.targets import Mode, SinkOptions, open_sink

PARENT, CHILD = 'par "ent`', "child"
ODD = "na me's \"`"
ROWS, CHILDREN = 1000, 2500
MANIFEST = Manifest("world", 1, "fingerprint", True, {}, ()).to_json()

_FIELDS = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False, metadata={"description": "It's the key"}),
        pa.field("x", pa.float64()),
        pa.field(ODD, pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("flag", pa.bool_()),
        pa.field("at", pa.timestamp("us")),
        pa.field("moment", pa.timestamp("us", "UTC")),
        pa.field("day", pa.date32()),
        pa.field("clock", pa.time64("us")),
        pa.field("price", pa.decimal128(18, 2)),
        pa.field("small", pa.decimal128(12, 9)),
        pa.field("code", pa.string(), metadata={"seedbed.type": "uuid"}),
        pa.field("said", pa.string(), metadata={"seedbed.type": "json"}),
        pa.field("raw", pa.binary()),
        pa.field("inner", pa.struct([("a", pa.int64()), ("b b", pa.string()), ("c", pa.list_(pa.float64()))])),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("deep", pa.list_(pa.list_(pa.int64()))),
    ]
)
_TEXTS = ["ä'\"\\\n\t%s{}", None, "", "x,y;z", "\u20ac\U0001f600", "NULL", "\\N", " ends with spaces  "]


def _row(at: int) -> dict[str, Any]:
    there = at % 7 != 6
    moment = dt.datetime(2020, 2, 29, 23, 59, 59, at)  # noqa: DTZ001 - naive, as delivered
    return {
        "id": at - 3,
        "x": [1.5, 1e300, None, 5e-324, 0.1, -1e22, 123456789.125][at % 7],
        ODD: _TEXTS[at % len(_TEXTS)],
        "kind": ["a", "b"][at % 2],
        "flag": [True, None, False][at % 3],
        "at": moment if there else None,
        "moment": moment.replace(tzinfo=dt.UTC) if there else None,
        "day": [dt.date(1969, 12, 31), dt.date(1000, 1, 1), dt.date(9999, 12, 31), None][at % 4],
        "clock": [dt.time(1, 2, 3, 4), dt.time(23, 59, 59, 999_999), None][at % 3],
        "price": [Decimal("-12345.67"), Decimal("0.05"), Decimal("999999999999.99"), None][at % 4],
        "small": [Decimal("0.000000001"), Decimal("-123.000000000"), None][at % 3],
        "code": str(uuid.UUID(int=at * 7919)) if there else None,
        "said": '{"b": 1, "a":1.0}' if there else None,
        "raw": [b"\0\xff'", None, b""][at % 3],
        "inner": {"a": at, "b b": 'q"\\', "c": [0.5, None]} if at % 5 else None,
        "tags": [["a", None, 'b,"'], [], None][at % 3],
        "deep": [[[1], [], None], None][at % 2],
    }


PARENTS = pa.RecordBatch.from_pylist([_row(at) for at in range(ROWS)], schema=_FIELDS)
CHILDREN_ROWS = pa.RecordBatch.from_pylist(
    [{"id": at, "parent": None if at % 9 == 8 else at % ROWS - 3} for at in range(CHILDREN)],
    schema=pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("parent", pa.int64())]),
)
SHAPES = (
    TableShape(PARENT, PARENTS.schema, ROWS, ("id",), (("code",),), description="Those who've children"),
    TableShape(CHILD, CHILDREN_ROWS.schema, CHILDREN, ("id",), foreign_keys=(ForeignKey(("parent",), PARENT, ("id",)),)),
)
BATCHES = {PARENT: PARENTS, CHILD: CHILDREN_ROWS}


def coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with dictionaries of texts, as blocks have them."""
    arrays = [
        array.dictionary_encode() if pa.types.is_string(array.type) and name != "code" else array
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


@dataclass(frozen=True, slots=True)
class Load:
    """Rows to be loaded: the shapes, the rows of each, in so many parts."""

    shapes: Sequence[TableShape] = SHAPES
    batches: Any = None
    parts: int = 3
    request: str = "the request"

    def of(self, shape: TableShape) -> pa.RecordBatch:
        return (self.batches or BATCHES)[shape.name]

    def pieces(self, shape: TableShape) -> list[tuple[Part, pa.RecordBatch]]:
        size = -(-shape.rows // self.parts)
        cuts = [(at, min(shape.rows, at * size), min(shape.rows, (at + 1) * size)) for at in range(self.parts)]
        return [(Part(shape.name, at, self.parts, start, stop), self.of(shape).slice(start, stop - start)) for at, start, stop in cuts]


def taken(shapes: Sequence[TableShape], **batches: pa.RecordBatch) -> Load:
    """A load of some rows of the tables."""
    return Load([replace(shape, rows=batches[shape.name].num_rows) for shape in shapes], batches)


@contextmanager
def opened(url: str, mode: Mode | None = None) -> Iterator[Sink]:
    sink = open_sink(url, SinkOptions(mode=mode))
    try:
        yield sink
    finally:
        sink.close()


def put(sink: Sink, part: Part, shape: TableShape, batch: pa.RecordBatch) -> None:
    rows = [coded(batch.slice(0, 100)), coded(batch.slice(100))]
    sink.write(part, shape, rows, lambda written: f"{part.table}/{part.index}/{written.rows}", nullcontext())


def load(
    url: str, existing: Existing = "refuse", mode: Mode | None = None, what: Load | None = None, stop_after: int | None = None
) -> None:
    """Load all, or stop after some parts."""
    what = what or Load()
    with opened(url, mode) as sink:
        ledger = sink.earlier() if existing in ("resume", "overwrite") else None
        kept = set(ledger.receipts) if ledger and existing == "resume" else set()
        sink.begin(what.shapes, what.request, existing, kept)
        whole = {tuple(receipt.split("/")[:2]) for receipt in kept}
        pieces = [(shape, part, batch) for shape in what.shapes for part, batch in what.pieces(shape)]
        missing = [piece for piece in pieces if (piece[1].table, str(piece[1].index)) not in whole]
        for shape, part, batch in missing[:stop_after]:
            put(sink, part, shape, batch)
        if stop_after is None:
            sink.finish(MANIFEST)
        else:
            sink.pause(MANIFEST)


def names_in(url: str) -> set[str]:
    """Every table that is there."""
    with opened(url) as sink:
        database = sink._database  # type: ignore[attr-defined]
        if not database.is_there():
            return set()
        session = database.connect()
        try:
            found: set[str] = database.tables(session)
        finally:
            session.close()
    return found


def stored(url: str, table: str, schema: pa.Schema) -> list[str]:
    """The content digest of each column as it is read back."""
    opened_tables = open_tables(url, tables=[table])
    with opened_tables:
        scan = opened_tables.tables[table]
        read = pa.Table.from_batches([batch for _, batch in scan.batches()], schema=scan.schema).sort_by("id")
    assert read.column_names == schema.names
    columns = [_as(read[column.name].combine_chunks(), column.type) for column in schema]
    return digests(pa.RecordBatch.from_arrays(columns, schema=schema))


def digests(batch: pa.RecordBatch) -> list[str]:
    return column_digests([leaf_digests(batch)], batch.num_columns)


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """What has no type of its own in a database is kept as JSON."""
    if pa.types.is_nested(kind) and pa.types.is_string(array.type):
        return pa.array([None if text is None else json.loads(text) for text in array.to_pylist()], kind)
    assert array.type == kind, (array.type, kind)
    return array


def rows_of(url: str, table: str) -> list[dict[str, Any]]:
    with open_tables(url, tables=[table]) as tables:
        scan = tables.tables[table]
        return sorted((row for _, batch in scan.batches() for row in batch.to_pylist()), key=lambda row: row["id"])
