"""Whether the list of faults is exactly the difference of dirty and clean tables, whole columns at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seedbed.generate.quality.delivery import Delivery
from seedbed.generate.quality.values import differing, escaped, plain, text_of

Ints = NDArray[np.int64]
BLOCK = 65_536


def assert_explained(made: Delivery) -> dict[str, int]:
    """Fail unless clean tables and the list give the delivered tables cell by cell; how many rows of the list tell of each table."""
    truth_name = made.plan.ground_truth
    assert truth_name is not None
    truth = _all(made, truth_name)
    told = {}
    for table in made.plan.tables:
        mine = truth.filter(pc.equal(truth["table"], pa.scalar(table.name)))
        told[table.name] = mine.num_rows
        _assert_table(made, table.name, mine)
    return told


def _all(made: Delivery, name: str) -> pa.Table:
    rows = made.rows(name)
    blocks = [made.block(name, start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]
    return pa.Table.from_batches(blocks, made.schema(name))


def _clean(made: Delivery, name: str) -> pa.Table:
    rows = made.clean.rows(name)
    blocks = [made.clean.block(name, start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]
    return pa.Table.from_batches(blocks, made.clean.schema(name))


def _assert_table(made: Delivery, name: str, truth: pa.Table) -> None:
    dirty, clean = _all(made, name), _clean(made, name)
    moves = _of(truth, "move")
    copies = _of(truth, "insert", whole=True)
    assert np.array_equal(np.sort(_ints(copies, "row")), np.arange(clean.num_rows, dirty.num_rows))
    order = _order(clean.num_rows, _ints(moves, "clean_row"), _ints(moves, "row"))
    originals = _ints(copies, "clean_row")[np.argsort(_ints(copies, "row"))]
    for field in dirty.schema:
        before, after = _texts(clean[field.name]), _texts(dirty[field.name], field)
        raw = before if not _is_spelt(field) else escaped(before.cast(pa.binary()))
        changes, edits = (_of(_in(truth, field.name), op) for op in ("change", "insert"))
        for entries in (changes, edits):
            assert plain(entries["clean"]).equals(before.take(pa.array(_ints(entries, "clean_row"))))
        changed = _written(raw, changes, "clean_row")
        expected = _written(changed.take(pa.array(np.concatenate([order, originals]))), edits, "row")
        assert expected.equals(after), f"{name}.{field.name}"


def _order(rows: int, gone: Ints, put: Ints) -> Ints:
    """Which clean row comes at each place: those that are moved where they are put, the others in their order."""
    stays, free = np.ones(rows, dtype=np.bool_), np.ones(rows, dtype=np.bool_)
    stays[gone], free[put] = False, False
    order = np.empty(rows, dtype=np.int64)
    order[put] = gone
    order[free] = np.flatnonzero(stays)
    return order


def _written(values: pa.Array, entries: pa.Table, where: str) -> pa.Array:
    """Texts with the dirty ones written over, each of which must be another."""
    rows, dirty = _ints(entries, where), plain(entries["dirty"])
    assert len(np.unique(rows)) == len(rows)
    assert differing(values.take(pa.array(rows)), dirty).all()
    index = np.arange(len(values))
    index[rows] = len(values) + np.arange(len(rows))
    return pa.concat_arrays([values, dirty]).take(pa.array(index))


def _is_spelt(field: pa.Field) -> bool:
    return bool(pa.types.is_binary(field.type)) and b"seedbed.clean_type" in (field.metadata or {})


def _texts(values: pa.ChunkedArray, field: pa.Field | None = None) -> pa.Array:
    found = plain(values)
    return escaped(found) if field is not None and _is_spelt(field) else text_of(found)


def _of(truth: pa.Table, op: str, *, whole: bool = False) -> pa.Table:
    found = truth.filter(pc.equal(truth["op"], pa.scalar(op)))
    return found.filter(pc.is_null(found["column"])) if whole else found


def _in(truth: pa.Table, column: str) -> pa.Table:
    return truth.filter(pc.equal(truth["column"], pa.scalar(column)))


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name]).astype(np.int64)
