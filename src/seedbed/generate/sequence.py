"""Kernel of `sequence`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Ints
from seedbed.core.permute import Permutation
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.frame import Context, Frame, Kernel, Mask
from seedbed.generate.joins import SequenceIndex
from seedbed.generate.shuffled import shuffle_of, shuffled
from seedbed.model.generators.sequence import Sequence
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """start + step * the number of the row: in the table, among its parent's children, or shuffled."""
    sequence = column.spec.generator.sequence
    assert sequence is not None
    numbers = _plain(sequence) if sequence.is_plain else _numbered(engine, column, sequence)
    return finished(engine, column, lambda frame: as_type(numbers(frame), ColumnType.INT, column), None)


def _plain(sequence: Sequence) -> Kernel:
    start, step = sequence.start, sequence.step

    def numbers(frame: Frame) -> Column:
        rows = frame.rows
        if isinstance(rows, range):
            first = start + rows.start * step
            end = first + len(rows) * step
            if -(2**63) <= end < 2**63:
                return Column(np.arange(first, end, step, dtype=np.int64))
            rows = np.arange(len(rows), dtype=np.int64) + rows.start
        return Column(rows * step + start)

    return numbers


def _numbered(engine: Context, column: ColumnPlan, sequence: Sequence) -> Kernel:
    place: Callable[[Frame], Ints]
    if sequence.per is not None:
        place = lambda frame: engine.children(frame).ordinal  # noqa: E731 - one of two
    else:
        place = shuffled(engine, column, engine.rows(column.table))
    return lambda frame: Column(place(frame) * sequence.step + sequence.start)


class ShuffledIndex:
    """Finds the row of a number of a shuffled sequence by arithmetic."""

    def __init__(self, numbers: SequenceIndex, shuffle: Permutation) -> None:
        self._numbers, self._shuffle = numbers, shuffle

    def find(self, values: Column) -> tuple[Ints, Mask]:
        """The row of each value and whether there is one; shapes (n,)."""
        places, there = self._numbers.find(values)
        return self._shuffle.inverse(np.where(there, places, 0)), there


def sequence_index(engine: Context, column: ColumnPlan) -> SequenceIndex | ShuffledIndex | None:
    """What finds the row of a sequence's number without any data; None where several rows may have it, or modifiers change it."""
    sequence = column.spec.generator.sequence
    if sequence is None or sequence.per is not None or column.spec.modifiers or column.type is not ColumnType.INT:
        return None
    rows = engine.rows(column.table)
    numbers = SequenceIndex(sequence.start, sequence.step, rows)
    return numbers if sequence.order is None else ShuffledIndex(numbers, shuffle_of(engine, column, rows))
