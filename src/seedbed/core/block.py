"""Values of columns and the rows they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

type_names = ("int", "float", "string", "bool", "datetime", "date")


class ColumnType(StrEnum):
    """What the values of a column are, and how an engine holds them.

    int: int64; float: float64; bool: bool; datetime: int64 microseconds since 1970 (naive);
    date: int64 days since 1970; string: an Arrow string array, or one with a dictionary of int32 codes.
    """

    INT = "int"
    FLOAT = "float"
    STRING = "string"
    BOOL = "bool"
    DATETIME = "datetime"
    DATE = "date"

    def takes(self, given: ColumnType) -> bool:
        """Whether values of the `given` type can be delivered as this one: text takes all, numbers take numbers.

        >>> ColumnType.FLOAT.takes(ColumnType.INT), ColumnType.INT.takes(ColumnType.DATE)
        (True, False)
        """
        numbers = (ColumnType.INT, ColumnType.FLOAT)
        return given is self or self is ColumnType.STRING or (given in numbers and self in numbers)


NUMPY_TYPES: dict[ColumnType, type[np.generic]] = {
    ColumnType.INT: np.int64,
    ColumnType.FLOAT: np.float64,
    ColumnType.BOOL: np.bool_,
    ColumnType.DATETIME: np.int64,
    ColumnType.DATE: np.int64,
}


@dataclass(frozen=True, slots=True)
class Column:
    """Values of n rows: a NumPy array of shape (n,), or an Arrow array for strings; `valid` None means no nulls."""

    data: NDArray[Any] | pa.Array
    valid: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.data)
