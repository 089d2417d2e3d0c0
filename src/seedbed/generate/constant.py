"""Kernel of `constant`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.block import NUMPY_TYPES, Column, ColumnType
from seedbed.core.text import bytes_array, string_array
from seedbed.generate.columns import finished
from seedbed.generate.conversion import items
from seedbed.generate.frame import Context, Frame, Kernel, coded, take
from seedbed.plan.plan import ColumnPlan


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The same value in every row, or null."""
    constant = column.spec.generator.constant
    assert constant is not None
    is_null = constant.value is None
    listed: Any = _any_value(column.type) if constant.value is None else items((constant.value,), column.spec.value_type)

    def repeated(frame: Frame) -> Column:
        n = len(frame)
        valid = np.zeros(n, np.bool_) if is_null else None
        if isinstance(listed, pa.StringArray):
            return Column(coded(np.zeros(n, np.int32), listed), valid)
        return Column(take(Column(listed), np.zeros(n, np.int64)).data, valid)

    return finished(engine, column, repeated, None)


def _any_value(kind: ColumnType) -> Any:
    """Some value of a type, of which nothing is seen."""
    if kind is ColumnType.BYTES:
        return bytes_array([b""])
    return string_array([""]) if kind.is_text else np.zeros(1, NUMPY_TYPES[kind])
