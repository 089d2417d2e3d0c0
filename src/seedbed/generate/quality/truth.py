"""The ground truth: a row for every cell that was changed, and every row that was added or moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.draw import Ints
from seedbed.core.records import dataclass
from seedbed.core.text import join_text, string_array, string_scalar
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.quality.changes import clean_column
from seedbed.generate.quality.dirty import DirtyTable
from seedbed.generate.quality.values import escaped, taken, text_of

_REPEATS, _NEAR, _PLAIN = ({"seedbed.encoding": how} for how in ("dictionary", "delta", "plain"))

#: `clean_row` is the number of the row in the clean table, `row` that in the delivered one. `clean` and `dirty` are null where a
#: whole row was added or moved.
SCHEMA = pa.schema(
    [
        pa.field("op", pa.string(), nullable=False, metadata=_REPEATS),
        pa.field("table", pa.string(), nullable=False, metadata=_REPEATS),
        pa.field("key", pa.string(), metadata=_PLAIN),
        pa.field("clean_row", pa.int64(), nullable=False, metadata=_NEAR),
        pa.field("row", pa.int64(), nullable=False, metadata=_NEAR),
        pa.field("column", pa.string(), metadata=_REPEATS),
        pa.field("kind", pa.string(), nullable=False, metadata=_REPEATS),
        pa.field("clean", pa.string(), metadata=_PLAIN),
        pa.field("dirty", pa.string(), metadata=_PLAIN),
    ]
)

Operation = Literal["change", "insert", "move"]

#: Among so many rows a hit is looked at alone; where they lie closer, the whole block is made.
_DENSE = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of the ground truth of one issue and one column (None: of whole rows); all arrays of shape (n,)."""

    op: Operation
    place: int
    kind: str
    column: str | None
    clean_rows: Ints
    rows: Ints
    clean: pa.Array | None = None
    dirty: pa.Array | None = None


def pieces_of(table: DirtyTable, block: int) -> Iterator[Piece]:
    """What the ground truth tells of a block of clean rows, in no order."""
    rows = table.clean_block(block)
    order = table.moves.of(Frame(table.engine, table.name, rows)) if table.moves.issues else None
    hit = [each.rows(table.engine, rows) for each in table.changes.issues]
    chosen = np.unique(np.concatenate([np.zeros(0, np.int64), *hit]))
    frame = Frame(table.engine, table.name, chosen if len(chosen) * _DENSE < len(rows) else rows)
    numbers = chosen if frame.rows is chosen else np.arange(rows.start, rows.stop)
    for each in table.changes.of(frame) if len(chosen) else ():
        found = numbers[each.index]
        at = found if order is None else order.position[found - rows.start] + rows.start
        yield Piece("change", each.hits.place, each.hits.issue.kind, each.column, found, at, each.clean, each.dirty)
    if order is not None:
        for hits in table.moves.issues:
            found = order.moved[order.issue == hits.place]
            yield Piece("move", hits.place, hits.issue.kind, None, found + rows.start, order.position[found] + rows.start)
    yield from _copies(table, block, rows)


def _copies(table: DirtyTable, block: int, rows: range) -> Iterator[Piece]:
    """The copies of a block's rows, and the cells in which they differ."""
    for hits in table.copies.issues:
        found = hits.rows(table.engine, rows)
        starts = table.injected.copy_starts.get(hits.place)
        first = table.starts[hits.place] + (int(starts[block]) if starts is not None else 0)
        at = first + np.arange(len(found))
        yield Piece("insert", hits.place, hits.issue.kind, None, found, at)
        frame = Frame(table.engine, table.name, found)
        columns = table.columns(frame) if len(found) and hits.issue.kind != "duplicate" else {}
        for edited in table.copies.edits(hits, found, columns.__getitem__) if columns else ():
            clean = taken(clean_column(frame, table.engine, edited.column), edited.index)
            yield Piece("insert", hits.place, hits.issue.kind, edited.column, found[edited.index], at[edited.index], clean, edited.dirty)


def truth_count(table: DirtyTable, block: int) -> int:
    """How many rows of the ground truth tell of a block."""
    return sum(len(piece.rows) for piece in pieces_of(table, block))


def truth_block(table: DirtyTable, block: int) -> pa.RecordBatch:
    """The rows of the ground truth that tell of a block, by clean row, issue and column."""
    pieces = [piece for piece in pieces_of(table, block) if len(piece.rows)]
    if not pieces:
        return _none()
    sizes = [len(piece.rows) for piece in pieces]
    clean_rows = np.concatenate([piece.clean_rows for piece in pieces])
    numbers = np.repeat([piece.place for piece in pieces], sizes)
    columns = ["", *(column.name for column in table.plan.delivered)]
    ranks = np.repeat([columns.index(piece.column or "") for piece in pieces], sizes)
    order = np.lexsort((ranks, numbers, clean_rows))
    arrays = {
        "op": _each([piece.op for piece in pieces], sizes),
        "table": _each([table.name] * len(pieces), sizes),
        "key": _keys(table.engine, table.name, clean_rows),
        "clean_row": _whole(clean_rows),
        "row": _whole(np.concatenate([piece.rows for piece in pieces])),
        "column": _each([piece.column for piece in pieces], sizes),
        "kind": _each([piece.kind for piece in pieces], sizes),
        "clean": pa.concat_arrays([_texts(piece.clean, size) for piece, size in zip(pieces, sizes, strict=True)]),
        "dirty": pa.concat_arrays([_dirty_texts(table, piece, size) for piece, size in zip(pieces, sizes, strict=True)]),
    }
    return pa.RecordBatch.from_arrays([taken(arrays[name], order) for name in SCHEMA.names], schema=SCHEMA)


def _none() -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in SCHEMA], schema=SCHEMA)


def _each(names: list[str | None] | list[str] | list[Operation], sizes: list[int]) -> pa.StringArray:
    """Each name so many times; None as null."""
    table = pa.concat_arrays([string_array([name or "" for name in names]), pa.nulls(1, pa.string())])
    index = [len(names) if name is None else place for place, name in enumerate(names)]
    return taken(table, np.repeat(np.array(index, np.int64), sizes))


def _whole(numbers: Ints) -> pa.Array:
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers, np.int64))])


def _texts(values: pa.Array | None, size: int) -> pa.StringArray:
    return pa.nulls(size, pa.string()) if values is None else text_of(values)


def _dirty_texts(table: DirtyTable, piece: Piece, size: int) -> pa.StringArray:
    is_bytes = piece.column is not None and table.forms[piece.column] == "binary"
    return escaped(piece.dirty) if is_bytes and piece.dirty is not None else _texts(piece.dirty, size)


def _keys(engine: Engine, table: str, rows: Ints) -> pa.StringArray:
    """The primary key of each row as text; of several columns a JSON list of their texts; null where the table has none."""
    names = engine.plan.table(table).node.primary_key
    if not names:
        return pa.nulls(len(rows), pa.string())
    found, back = np.unique(rows, return_inverse=True)
    frame = Frame(engine, table, found)
    texts = [text_of(clean_column(frame, engine, name)) for name in names]
    whole = texts[0] if len(texts) == 1 else _listed([_quoted(each) for each in texts])
    return taken(whole, back.reshape(-1))


def _listed(texts: list[pa.StringArray]) -> pa.StringArray:
    pieces: list[pa.Array] = [string_scalar("[")]
    for place, each in enumerate(texts):
        pieces += [string_scalar(", "), each] if place else [each]
    return join_text(*pieces, string_scalar("]"))


def _quoted(texts: pa.StringArray) -> pa.StringArray:
    """Texts as JSON writes them."""
    if pc.any(pc.match_substring_regex(texts, r'[\\"\x00-\x1f]')).as_py():
        for character, written in [("\\", "\\\\"), ('"', '\\"'), *((chr(code), f"\\u{code:04x}") for code in range(32))]:
            texts = pc.replace_substring(texts, character, written)
    return join_text(string_scalar('"'), texts, string_scalar('"'))
