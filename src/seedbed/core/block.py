"""Values of columns and the rows they belong to."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass

#: The most digits a decimal has, and how many of them follow the point where nothing else is said.
MOST_DIGITS, USUAL_SCALE = 18, 2


class ColumnType(StrEnum):
    """What the values of a column are, and how an engine holds them.

    int: int64; float: float64; bool: bool; datetime: int64 microseconds since 1970 (naive);
    date: int64 days since 1970; string: an Arrow string array, or one with a dictionary of int32 codes;
    decimal: int64 units of 10^-scale; time: int64 microseconds since midnight; uuid and json: as string;
    bytes, struct, list: an Arrow array of that type.
    """

    INT = "int"
    FLOAT = "float"
    STRING = "string"
    BOOL = "bool"
    DATETIME = "datetime"
    DATE = "date"
    DECIMAL = "decimal"
    TIME = "time"
    UUID = "uuid"
    JSON = "json"
    BYTES = "bytes"
    STRUCT = "struct"
    LIST = "list"

    def takes(self, given: ColumnType) -> bool:
        """Whether values of the `given` type can be delivered as this one: text takes all but times, numbers take numbers.

        Texts can become UUIDs, JSON and bytes (their UTF-8).

        >>> ColumnType.FLOAT.takes(ColumnType.INT), ColumnType.INT.takes(ColumnType.DATE)
        (True, False)
        """
        if self is ColumnType.STRING:
            return given not in _NEVER_TEXT
        return self.matches(given) or (self in _FROM_TEXT and given is ColumnType.STRING)

    def matches(self, other: ColumnType) -> bool:
        """Whether values of the two types can be equal: they are of one type, both numbers, or a text and a UUID.

        >>> ColumnType.FLOAT.matches(ColumnType.INT), ColumnType.DATE.matches(ColumnType.DATETIME)
        (True, False)
        """
        return other is self or {self, other} <= NUMBERS or {self, other} == {ColumnType.STRING, ColumnType.UUID}

    @property
    def is_text(self) -> bool:
        """Whether an engine holds the values as text."""
        return self in TEXTS

    @property
    def is_nested(self) -> bool:
        """Whether a value is made of values."""
        return self in (ColumnType.STRUCT, ColumnType.LIST)


#: Types that are numbers, that are held as text, and that a model of version 1.0 does not have.
NUMBERS = frozenset({ColumnType.INT, ColumnType.FLOAT, ColumnType.DECIMAL})
TEXTS = frozenset({ColumnType.STRING, ColumnType.UUID, ColumnType.JSON})
SINCE_2_TYPES = frozenset(
    {
        ColumnType.DECIMAL,
        ColumnType.TIME,
        ColumnType.UUID,
        ColumnType.JSON,
        ColumnType.BYTES,
        ColumnType.STRUCT,
        ColumnType.LIST,
    }
)
_FROM_TEXT = frozenset({ColumnType.UUID, ColumnType.JSON, ColumnType.BYTES})
_NEVER_TEXT = frozenset({ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME, ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST})


@dataclass(frozen=True, slots=True)
class DecimalType:
    """The type of decimals of a scale: exact numbers, held as int64 units of 10^-scale.

    >>> DecimalType(2).value
    'decimal(2)'
    """

    scale: int

    @property
    def value(self) -> str:
        """The type's name."""
        return f"decimal({self.scale})"

    def __str__(self) -> str:
        return self.value


#: A type as far as values must be known to compute with them: that of decimals has a scale.
ValueType: TypeAlias = ColumnType | DecimalType


def column_type(kind: ValueType) -> ColumnType:
    """The type of a column that holds values of a type.

    >>> column_type(DecimalType(2)).value
    'decimal'
    """
    return ColumnType.DECIMAL if isinstance(kind, DecimalType) else kind


def scale_of(kind: ValueType) -> int:
    """The digits after the point of values held as whole units; 0 for all but decimals."""
    return kind.scale if isinstance(kind, DecimalType) else 0


NUMPY_TYPES: dict[ColumnType, type[np.generic]] = {
    ColumnType.INT: np.int64,
    ColumnType.FLOAT: np.float64,
    ColumnType.BOOL: np.bool_,
    ColumnType.DATETIME: np.int64,
    ColumnType.DATE: np.int64,
    ColumnType.DECIMAL: np.int64,
    ColumnType.TIME: np.int64,
}


@dataclass(frozen=True, slots=True)
class Column:
    """Values of n rows: a NumPy array of shape (n,), or an Arrow array for strings; `valid` None means no nulls."""

    data: NDArray[Any] | pa.Array
    valid: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.data)
