"""Values on their way through an expression: data, where they are not null, and where there is no value at all."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.block import NUMPY_TYPES, Column, ColumnType, ValueType, column_type
from seedbed.core.expression.buffers import Mask, spread, text_array, without_nulls
from seedbed.core.expression.tree import Constant
from seedbed.core.records import dataclass

Faults = NDArray[np.int8]


class Fault(IntEnum):
    """Why a row has no value; 0 is none.

    Faults travel with the values, so that `if_(n == 0, 0, x / n)` drops those of the branch it does not take.
    """

    DIVISION = 1
    INT_RANGE = 2
    ROOT = 3
    LOGARITHM = 4
    DATE_RANGE = 5
    TEXT_SIZE = 6
    TEXT_TOTAL = 7
    DECIMAL_RANGE = 8


@dataclass(frozen=True, slots=True)
class Value:
    """Values of n rows, or of length 1 for all rows alike.

    `data` is a NumPy array, or an Arrow array without nulls for strings; `valid` None means no nulls; `faults` None means none.
    What `data` holds where a row is null or faulty means nothing.
    """

    type: ValueType
    data: Any
    valid: Mask | None = None
    faults: Faults | None = None

    def __len__(self) -> int:
        return len(self.data)


def constant(value: Constant, type: ValueType) -> Value:  # noqa: A002 - the field's name
    """One value for all rows.

    >>> constant(2, ColumnType.INT).data.tolist()
    [2]
    """
    valid = np.zeros(1, dtype=np.bool_) if value is None else None
    if type == ColumnType.STRING:
        return Value(type, text_array([str(value or "")]), valid)
    return Value(type, np.array([value or 0], dtype=NUMPY_TYPES[column_type(type)]), valid)


def loaded(column: Column, type: ValueType, n: int) -> Value:  # noqa: A002 - the field's name
    """A column of n rows as a value."""
    if len(column) != n:
        raise ValueError(f"a column has {len(column)} rows where {n} are wanted")
    if type != ColumnType.STRING:
        return Value(type, np.asarray(column.data, dtype=NUMPY_TYPES[column_type(type)]), column.valid)
    data, valid = without_nulls(column.data)
    return Value(type, data, both(valid, column.valid))


def delivered(value: Value, n: int) -> Column:
    """A value as a column of n rows."""
    valid = None if value.valid is None else np.broadcast_to(value.valid, (n,))
    if isinstance(value.data, pa.Array):
        return Column(spread(value.data, n), valid)
    return Column(np.broadcast_to(value.data, (n,)), valid)


def both(a: Mask | None, b: Mask | None) -> Mask | None:
    """Where both are valid."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def all_valid(values: Sequence[Value]) -> Mask | None:
    """Where no value is null."""
    valid: Mask | None = None
    for value in values:
        valid = both(valid, value.valid)
    return valid


def first_faults(values: Sequence[Value]) -> Faults | None:
    """Each row's first fault from left to right."""
    faults: Faults | None = None
    for value in values:
        faults = either(faults, value.faults)
    return faults


def either(a: Faults | None, b: Faults | None) -> Faults | None:
    """The fault of a, or else of b."""
    if a is None or b is None:
        return b if a is None else a
    return np.where(a != 0, a, b)


def only_where(faults: Faults | None, mask: Mask) -> Faults | None:
    """The faults of rows that count, None when none is left."""
    if faults is None:
        return None
    kept = np.where(mask, faults, np.int8(0))
    return kept if kept.any() else None


def is_true(value: Value) -> Mask:
    """Where a bool is true, not null."""
    data: Mask = value.data
    return data if value.valid is None else data & value.valid


def is_valid(value: Value) -> Mask:
    """Where a value is not null."""
    return np.ones(1, dtype=np.bool_) if value.valid is None else value.valid


def strict(type: ValueType, data: Any, arguments: Sequence[Value], fault: Fault | None = None, where: Mask | None = None) -> Value:  # noqa: A002
    """A value that is null where an argument is, and faulty where an argument is or where the mask says so."""
    valid, faults = all_valid(arguments), first_faults(arguments)
    if fault is not None and where is not None and where.any():
        found = where if valid is None else where & valid
        if found.any():
            faults = either(faults, np.where(found, np.int8(fault), np.int8(0)))
    return Value(type, data, valid, faults)
