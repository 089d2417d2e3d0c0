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
        """Whether values of the `given` type can be delivered as this one: text takes all but times, numbers take numbers.

        >>> ColumnType.FLOAT.takes(ColumnType.INT), ColumnType.INT.takes(ColumnType.DATE)
        (True, False)
        """
        times = (ColumnType.DATE, ColumnType.DATETIME)
        return self.matches(given) or (self is ColumnType.STRING and given not in times)

    def matches(self, other: ColumnType) -> bool:
        """Whether values of the two types can be equal: they are of one type, or both numbers.

        >>> ColumnType.FLOAT.matches(ColumnType.INT), ColumnType.DATE.matches(ColumnType.DATETIME)
        (True, False)
        """
        numbers = (ColumnType.INT, ColumnType.FLOAT)
        return other is self or (other in numbers and self in numbers)


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
