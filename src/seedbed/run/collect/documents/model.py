"""`model.yaml`: a model read off the tables, which grows more like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.read.collect.decide import Decisions
from seedbed.read.collect.shapes import ID, PARENT, POSITION, RESCUED, TableShape
from seedbed.run.collect.compaction import read_part
from seedbed.run.collect.values import PartFile
from seedbed.run.infer import infer
from seedbed.run.relations import Hints, Relations

#: The tables are held in memory, so they may have this many bytes of Parquet.
MOST_BYTES = 256 << 20


def model_text(output: Path, decisions: Decisions, parts: Sequence[PartFile], relations: Relations) -> str | None:
    """The model as YAML; None where there is nothing to read it off.

    Rows are given in the order of their numbers, so the order of collecting is nothing.

    Raises:
        DataError: the tables are too large.
    """
    if not parts:
        return None
    if sum(part.size for part in parts) > MOST_BYTES:
        fix = f"leave out --model, and give `seedbed infer {output}` the time and memory it wants"
        raise DataError("the tables are too large to read a model off them here", where=str(output), fix=fix)
    tables = {shape.name: rows for shape in decisions.tables if (rows := _rows(output, shape, parts, decisions)) is not None}
    tables = {name: rows.drop_columns(sorted(_carried(name, relations) & set(rows.column_names))) for name, rows in tables.items()}
    return infer(tables, hints=_hints(relations, tables), name="collected").text


def _rows(output: Path, shape: TableShape, parts: Sequence[PartFile], decisions: Decisions) -> pa.Table | None:
    found = [read_part(output, part, decisions) for part in parts if part.table == shape.name]
    if not found:
        return None
    return pa.concat_tables(found).sort_by(ID).drop_columns(RESCUED)


def _carried(table: str, relations: Relations) -> set[str]:
    """The columns of its own that a table can do without: rows with a key of their own merely came in the file or record they stood in."""
    alone = {name for name, key in relations.keys.items() if ID not in key.columns}
    needed = {one.to_table for one in relations.references if one.columns == (PARENT,) and one.table not in alone}
    gone = {PARENT, POSITION} if table in alone else set()
    return gone | ({ID} if table in alone and table not in needed else set())


def _hints(relations: Relations, tables: Mapping[str, pa.Table]) -> Hints:
    """What was found already goes before what would be."""
    own = [
        (table, (name,)) for table in tables for name in (ID, PARENT) if _has(tables, table, (name,))
    ]  # numbers of rows: they lead where they are made to, nowhere else
    never = tuple((*one, other, (ID,)) for one in own for other in tables if _has(tables, other, (ID,)) and one != (other, (ID,)))
    edges = [(one.table, one.columns, one.to_table, one.to_columns) for one in relations.references]
    return Hints(
        {table: key.columns for table, key in relations.keys.items() if table in tables},
        tuple(edge for edge in edges if _has(tables, *edge[:2]) and _has(tables, *edge[2:])),
        never,
    )


def _has(tables: Mapping[str, pa.Table], table: str, columns: Sequence[str]) -> bool:
    return table in tables and set(columns) <= set(tables[table].column_names)
