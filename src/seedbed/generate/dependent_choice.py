"""Kernels of choices whose list another column names, and of those whose values stand in a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.block import Column
from seedbed.core.compute import encoded
from seedbed.core.draw import Ints, below
from seedbed.core.errors import DataError
from seedbed.core.tables import WeightedIndex
from seedbed.generate.conversion import from_arrow, items
from seedbed.generate.frame import Context, Frame, Kernel, coded, codes_of, take
from seedbed.generate.pool_key import file_keys
from seedbed.model.generators.choice import Choice
from seedbed.model.references import Reference, find_reference
from seedbed.model.resolve.values import spelt
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import item_weights


def by_column(engine: Context, column: ColumnPlan, choice: Choice) -> Kernel:
    """One of the items that the table lists for the value of another column; every list has the draws of its rows."""
    reference = find_reference(engine.plan.model, engine.plan.table(column.table).node, choice.by or "")
    assert isinstance(reference, Reference)  # the plan refuses others
    entries = choice.entries
    listed = items(tuple(value for _, values, _ in entries for value in values), column.spec.value_type)
    starts = np.cumsum([0, *(len(values) for _, values, _ in entries)])
    indexes = [WeightedIndex.of(np.ones(len(values)) if weights is None else np.array(weights)) for _, values, weights in entries]
    key = engine.key(column.table, column.name, "value")

    def chosen(frame: Frame) -> Column:
        lists = _lists_of(frame.read(reference), choice, frame, column)
        bits = frame.bits(key)
        places = np.zeros(len(frame), dtype=np.int32)
        for number, index in enumerate(indexes):
            rows = np.flatnonzero(lists == number)
            places[rows] = index.draw(bits[rows]) + np.int32(starts[number])
        return _taken(listed, places)

    return chosen


def _lists_of(by: Column, choice: Choice, frame: Frame, column: ColumnPlan) -> NDArray[np.int64]:
    """The number of each row's list, shape (n,).

    Raises:
        DataError: a row's value has no list, and there is none for others.
    """
    numbers = {value: number for number, (value, _, _) in enumerate(choice.entries)}
    others = numbers.get(None, -1)
    values, codes = _coded(by.data)
    lists = np.array([*(numbers.get(spelt(value), others) for value in values), others], dtype=np.int64)
    found: Ints = lists.take(codes if by.valid is None else np.where(by.valid, codes, len(values)))
    if (found < 0).any():
        place = int(np.argmax(found < 0))
        row, shown = int(frame.rows[place]), "null" if by.valid is not None and not by.valid[place] else f"`{values[int(codes[place])]}`"
        raise DataError(
            f"`{choice.by}` is {shown}, which the table of {column.ref} has no list for",
            where=f"{column.table}[{row}].{column.name}",
            fix="add it to `table`, or give an `else`",
        )
    return found


def _coded(data: Any) -> tuple[list[Any], Ints]:
    """The distinct values and the place of each row's among them."""
    if isinstance(data, np.ndarray):
        values, places = np.unique(data, return_inverse=True)
        return values.tolist(), places.astype(np.int64)
    coded = data if isinstance(data, pa.DictionaryArray) else encoded(data)
    return coded.dictionary.to_pylist(), codes_of(coded).astype(np.int64)


def _taken(listed: Any, places: NDArray[np.int32]) -> Column:
    if isinstance(listed, pa.StringArray):
        return Column(coded(places, listed))
    return take(Column(listed), places.astype(np.int64))


def from_file(engine: Context, column: ColumnPlan, choice: Choice) -> Kernel:
    """One of the values of a file's column, each row of the file by its weight."""
    assert choice.from_file is not None
    values_key, weights_key = file_keys(choice.from_file, column.type)
    pool = engine.pools[values_key]
    listed = pool if column.type.is_text else from_arrow(pool)
    weights = item_weights(choice, len(pool)) if weights_key is None else from_arrow(engine.pools[weights_key])
    index = None if weights is None else WeightedIndex.of(weights)
    key = engine.key(column.table, column.name, "value")

    def chosen(frame: Frame) -> Column:
        bits = frame.bits(key)
        return _taken(listed, below(bits, len(pool)).astype(np.int32) if index is None else index.draw(bits))

    return chosen
