"""Faults of categories and references: values that are none, that have been renamed, that no row answers to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Ints, below
from seedbed.core.text import join_text, numbers_as_text, string_array, string_scalar
from seedbed.core.uuids import random_uuids
from seedbed.generate.conversion import scalar_text
from seedbed.generate.frame import Context
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.generate.quality.values import numbers_of, of_numbers, taken, where
from seedbed.model.base import Scalar, column_of, table_of
from seedbed.model.quality import CategoryDrift, InvalidEnum, OrphanFk, SwapColumns
from seedbed.plan.quality import known_values, target_of

#: How often another value is drawn where one turns out to be a key; keys are never so dense that it matters.
_TRIES = 4


def _listed(values: Sequence[Scalar], kind: pa.DataType) -> pa.Array:
    """Values of the document as an array of a column's type."""
    if pa.types.is_string(kind):
        return string_array([scalar_text(value) for value in values])
    if pa.types.is_boolean(kind):
        return pc.cast(of_numbers(np.array([int(bool(value)) for value in values], np.int64), pa.int64()), pa.bool_())
    return of_numbers(np.array([int(value) for value in values], np.int64), kind)


def invalid_enum(engine: Context, issue: InvalidEnum) -> Fault:
    """One of the listed values that are wrong here."""
    model = engine.plan.model
    column = engine.column_plan(issue.table, issue.column)
    node = engine.plan.table(issue.table).node
    known = known_values(model, node, column.spec)
    values = [value for value in issue.params.values if value not in known]

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        return (taken(_listed(values, cells.values.type), below(cells.bits(), len(values))),)

    return fault


def category_drift(_: Context, issue: CategoryDrift) -> Fault:
    """Another category for all, or new names for some."""
    to, mapping = issue.params.to, issue.params.mapping or {}

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        kind = cells.values.type
        if to is not None:
            return (taken(_listed([to], kind), np.zeros(len(cells), np.int64)),)
        old = _listed(list(mapping), pa.string())
        names = cells.values if pa.types.is_string(kind) else pc.cast(cells.values, pa.string())
        found = np.asarray(pc.fill_null(pc.index_in(names, value_set=old), pa.scalar(-1, pa.int32()))).astype(np.int64)
        renamed = taken(_listed(list(mapping.values()), kind), np.maximum(found, 0))
        return (where(found >= 0, renamed, cells.values),)

    return fault


def swap_columns(_: Context, issue: SwapColumns) -> Fault:
    """The values of the two columns, exchanged."""
    del issue

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        assert cells.partner is not None
        return cells.partner, cells.values

    return fault


def orphan_fk(engine: Context, issue: OrphanFk) -> Fault:
    """A value that is no key: the next numbers after a sequence, else one that is drawn and looked for among the keys."""
    goal = target_of(engine.plan.model, issue.table, issue.column)
    assert goal is not None  # the plan has seen to it
    target = engine.column_plan(table_of(goal), column_of(goal))
    sequence, rows = target.spec.generator.sequence, engine.rows(target.table)
    is_plain = sequence is not None and not target.spec.modifiers and target.type is ColumnType.INT

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        if is_plain and sequence is not None and pa.types.is_integer(cells.values.type):
            return (of_numbers(_after(sequence.start, sequence.step, rows, below(cells.bits(), 1_000_000)), pa.int64()),)
        index = engine.join_index(target.table, target.name)
        made = cells.values
        for slot in range(_TRIES):
            is_key = index.find(_column(made))[1]
            if not is_key.any():
                break
            made = where(is_key, _drawn(cells, target.type, slot), made)
        is_key = index.find(_column(made))[1]
        return (where(is_key, cells.values, made),)

    return fault


def _after(start: int, step: int, rows: int, ahead: Ints) -> Ints:
    """Numbers beyond all of a sequence, on its far side; on the near side where that passes 64 bits."""
    beyond = start + step * (rows + 1_000_000)
    if abs(beyond) < 2**63:
        return start + step * (rows + ahead)
    return start - step * (1 + ahead)


def _column(values: pa.Array) -> Column:
    return Column(numbers_of(values) if pa.types.is_integer(values.type) else values)


def _drawn(cells: Cells, kind: ColumnType, slot: int) -> pa.Array:
    """Values that hardly are keys: large numbers, random UUIDs, texts with a number behind them."""
    bits = cells.bits(2 * slot)
    if pa.types.is_integer(cells.values.type):
        return of_numbers((bits >> np.uint64(12)).astype(np.int64), pa.int64())
    if kind is ColumnType.UUID:
        return random_uuids(bits, cells.bits(2 * slot + 1))
    return join_text(cells.values, string_scalar("-"), numbers_as_text(bits >> np.uint64(44)))
