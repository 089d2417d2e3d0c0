"""Keys and references of collected tables: those that hold because of how the tables are made, and those that are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from seedbed.read.collect.node import flags_of
from seedbed.read.collect.shapes import ID, PARENT, TableShape
from seedbed.read.parquet import ParquetScan
from seedbed.run.collect.compaction import scan_of
from seedbed.run.collect.evidence import own_less
from seedbed.run.collect.values import PartFile
from seedbed.run.relations import Hints, Relations, relations_of
from seedbed.stats.fingerprints import column_keys
from seedbed.stats.relations.evidence import family_of
from seedbed.stats.relations.found import PrimaryKey, Relation, TableEvidence

#: Rows of a table that combinations of columns are looked at in first.
_SAMPLE = 20_000

#: Families of types that columns of keys are of.
_PARTS = ("whole", "text", "moment")

_MADE = ("made so: rows of a list or map belong to the row that it stood in",)


def relations_in(
    output: Path, tables: Sequence[TableShape], parts: Sequence[PartFile], evidence: Mapping[str, TableEvidence], hints: Hints
) -> Relations:
    """The keys and references among tables that have rows; tables without a key of their own have `_id`."""
    shapes = sorted((table for table in tables if table.name in evidence), key=lambda table: table.name)
    scans = {
        shape.name: replace(
            scan_of(output, (part for part in parts if part.table == shape.name), shape.schema()), schema=own_less(shape.schema())
        )
        for shape in shapes
    }
    scans = {name: scan for name, scan in scans.items() if scan.schema.names}
    told = {name: evidence[name] for name in scans}
    found = relations_of(scans, _those_of(hints, scans), told, lru_cache(lambda table, column: _sample(scans[table], column)))
    keys = {
        shape.name: found.keys.get(shape.name) or PrimaryKey(shape.name, (ID,), 1.0, 1.0, ("made so: a row's number",)) for shape in shapes
    }
    made = [
        Relation(shape.name, (PARENT,), shape.parent, (ID,), 1.0, 1.0, "many-to-one", False, _MADE)  # noqa: FBT003
        for shape in shapes
        if shape.parent is not None and shape.parent in evidence
    ]
    return Relations(
        keys, tuple(sorted((*made, *found.references), key=lambda one: (one.table, one.columns, one.to_table, one.to_columns)))
    )


def _sample(scan: ParquetScan, column: str) -> pa.RecordBatch:
    """Rows with some of the values of a column, chosen by their fingerprints: the same whatever the order of rows; all of small tables."""
    bound = -(2**63) + 2**64 // max(1, scan.rows // _SAMPLE) - 1
    chosen = []
    scan = replace(scan, schema=pa.schema([field for field in scan.schema if family_of(field.type) in _PARTS]))
    for _, batch in scan.batches(scan.schema.names):
        values = batch.column(column)
        kept = np.flatnonzero((column_keys(values) <= bound) & flags_of(values))
        chosen.append(batch.take(pa.array(kept)))
    table = pa.Table.from_batches(chosen, scan.schema).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], scan.schema)


def _those_of(hints: Hints, scans: Mapping[str, object]) -> Hints:
    """The hints on tables that are there by now: others may come."""
    return Hints(
        {table: columns for table, columns in hints.keys.items() if table in scans},
        tuple(edge for edge in hints.references if edge[0] in scans and edge[2] in scans),
        hints.never,
    )
