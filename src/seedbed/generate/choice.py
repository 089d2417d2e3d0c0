"""Kernels of `choice` and `enum_list`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Floats, below, row_numbers
from seedbed.core.errors import ModelError
from seedbed.core.tables import WeightedIndex
from seedbed.generate.behaviors import by_value
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type, items
from seedbed.generate.dependent_choice import by_column, from_file
from seedbed.generate.frame import Context, Frame, Kernel, coded, take
from seedbed.generate.shuffled import shuffled
from seedbed.model.base import column_of, table_of
from seedbed.model.generators.choice import Choice
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import choice_source, item_weights


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """One of the items, by its weight."""
    choice = column.spec.generator.choice
    assert choice is not None
    if choice.choices_ref is not None:
        return finished(engine, column, _referenced(engine, column, choice), None)
    if choice.choices is None:
        made = by_column if choice.from_file is None else from_file
        return finished(engine, column, made(engine, column, choice), None)
    listed = items(choice.choices, column.spec.value_type)
    weights = _weights(engine, column, choice, Column(listed))
    pick = _picker(engine, column, len(choice.choices), weights)

    def chosen(frame: Frame) -> Column:
        places = pick(frame)
        if isinstance(listed, pa.StringArray):
            return Column(coded(places.astype(np.int32, copy=False), listed))
        return take(Column(listed), places)

    return finished(engine, column, chosen, choice_source(column.spec, choice, weights))


def _picker(engine: Context, column: ColumnPlan, count: int, weights: Floats | None) -> Any:
    if column.is_unique:
        return shuffled(engine, column, count)
    key = engine.key(column.table, column.name, "value")
    if weights is None:
        return lambda frame: below(frame.bits(key), count)
    index = WeightedIndex.of(weights)
    return lambda frame: index.draw(frame.bits(key))


def _weights(engine: Context, column: ColumnPlan, choice: Choice, values: Column) -> Floats | None:
    """The weights of the items: those given, or the base probabilities of a segment behaviour on this column."""
    behavior = engine.plan.table(column.table).node.segment_behavior
    if choice.weights is None and choice.weights_kind is None and behavior is not None and behavior.segment_column == column.name:
        shares = {name: b.base_probability for name, b in behavior.behaviors.items() if b.base_probability is not None}
        return segment_weights(values, shares) if shares else None
    return item_weights(choice, len(values))


def segment_weights(values: Column, shares: dict[str, float]) -> Floats | None:
    """The weight of each item, shape (n,): its segment's share, split among equal items; items of other segments share the rest.

    None where nothing has weight.
    """
    others = by_value(values, dict.fromkeys(shares, 0.0))
    rest = max(0.0, 1.0 - float(np.cumsum(list(shares.values()))[-1]))
    weights: Floats = others * (rest / max(float(np.cumsum(others)[-1]), 1.0))
    segments = by_value(values, {name: place + 2.0 for place, name in enumerate(shares)}).astype(np.int64) - 2  # -1: of no segment
    mine = segments >= 0
    items_of = np.bincount(segments[mine], minlength=len(shares))
    weights[mine] = (np.array(list(shares.values())) / np.maximum(items_of, 1))[segments[mine]]
    return weights if weights.any() else None


def _referenced(engine: Context, column: ColumnPlan, choice: Choice) -> Kernel:
    """One of the values of another table's column that are not null."""
    assert choice.choices_ref is not None
    table, name = table_of(choice.choices_ref), column_of(choice.choices_ref)
    given = engine.column_plan(table, name).spec.value_type
    key = engine.key(column.table, column.name, "value")

    def source() -> tuple[Column, WeightedIndex | None]:
        values = engine.whole(table).column(name)
        if values.valid is not None:
            values = take(Column(values.data), np.flatnonzero(values.valid))
        if not len(values):
            return values, None
        if choice.weights is not None and len(choice.weights) != len(values):
            message = f"{column.ref} has {len(choice.weights)} weights for the {len(values)} values of {choice.choices_ref}"
            raise ModelError(message, fix="give one weight a value, or a weights_kind")
        weights = _weights(engine, column, choice, values)
        return values, None if weights is None else WeightedIndex.of(weights)

    def chosen(frame: Frame) -> Column:
        values, index = engine.once(("choices", column.ref), source)
        if not len(values) and len(frame):
            fix = f"give `{table}` at least one row with a value"
            raise ModelError(f"{column.ref} chooses among {choice.choices_ref}, which has no values", fix=fix)
        bits = frame.bits(key)
        if column.is_unique:
            places = shuffled(engine, column, len(values))(frame)
        else:
            places = below(bits, len(values)) if index is None else index.draw(bits).astype(np.int64)
        return as_type(take(values, places), given, column)

    return chosen


def enum_kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The value of each row's number."""
    values = column.spec.generator.enum_list
    assert values is not None
    listed = items(values.values, column.spec.value_type)

    def numbered(frame: Frame) -> Column:
        rows = row_numbers(frame.rows)
        return Column(coded(rows.astype(np.int32), listed)) if isinstance(listed, pa.StringArray) else take(Column(listed), rows)

    return finished(engine, column, numbered, None)
