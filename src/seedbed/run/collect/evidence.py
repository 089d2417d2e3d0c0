"""What is kept of each column to find keys, in the ledger: each part is read for it once."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from seedbed.read.collect.shapes import TableShape
from seedbed.run.collect.compaction import scan_of
from seedbed.run.collect.contracts import OWN
from seedbed.run.collect.ledger import Ledger
from seedbed.run.collect.values import PartFile
from seedbed.stats.relations.evidence import ColumnEvidence, ValueSketch
from seedbed.stats.relations.found import TableEvidence


def gathered(
    ledger: Ledger, output: Path, shapes: Sequence[TableShape], parts: Sequence[tuple[PartFile, bool]]
) -> dict[str, TableEvidence]:
    """The evidence of all tables that have parts, with those in it that weren't yet; kept in the ledger."""
    kept = ledger.evidence()
    found = {}
    for shape in shapes:
        mine = [(part, seen) for part, seen in parts if part.table == shape.name]
        if mine:
            found[shape.name] = _of_table(ledger, output, shape, mine, kept.get(shape.name, {}))
    return found


def _of_table(
    ledger: Ledger, output: Path, shape: TableShape, parts: Sequence[tuple[PartFile, bool]], kept: Mapping[str, bytes]
) -> TableEvidence:
    schema = own_less(shape.schema())
    columns = {
        field.name: from_bytes(field.name, kept[field.name]) if field.name in kept else ColumnEvidence.of(field.name, field.type)
        for field in schema
    }
    news = [part for part, seen in parts if not seen]
    if news:
        for _, batch in scan_of(output, news, shape.schema()).batches(schema.names):
            for name, column in columns.items():
                column.add(batch.column(name))
        ledger.keep_evidence(shape.name, {name: to_bytes(column) for name, column in columns.items()}, news)
    return TableEvidence(shape.name, sum(part.rows for part, _ in parts), columns)


def own_less(schema: pa.Schema) -> pa.Schema:
    """The columns that hold values of files."""
    return pa.schema([field for field in schema if field.name not in OWN])


def to_bytes(column: ColumnEvidence) -> bytes:
    """A column's evidence as bytes.

    >>> made = ColumnEvidence.of("a", pa.int64())
    >>> made.add(pa.array([3, 1, 3, None]))
    >>> from_bytes("a", to_bytes(made)).distinct, from_bytes("a", to_bytes(made)).low
    (2.0, 1)
    """
    head = json.dumps(
        [
            column.family,
            column.rows,
            column.nulls,
            column.values.is_exact,
            column.low,
            column.high,
            column.longest,
            len(column.values.least),
        ]
    ).encode()
    return head + b"\n" + column.values.least.tobytes() + zlib.compress(column.values.counts.tobytes(), 1)


def from_bytes(name: str, content: bytes) -> ColumnEvidence:
    """A column's evidence from `to_bytes`."""
    head, _, rest = content.partition(b"\n")
    family, rows, nulls, is_exact, low, high, longest, size = json.loads(head)
    least = np.frombuffer(rest, np.int64, size).copy()
    counts = np.frombuffer(zlib.decompress(rest[8 * size :]), np.int64).copy()
    return ColumnEvidence(name, family, rows, nulls, ValueSketch(least, counts, is_exact), low, high, longest)
