"""What the values of a column can be: a lowest, a highest, whether null; and arithmetic on such bounds.

Bounds of int, decimal (units), date (days), datetime and time (microseconds) and bool (0, 1) are exact integers; those of floats hold for the rounded results
that kernels give; those of strings count characters. An interval may be wider than what occurs, never narrower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil, floor, inf, isnan, nextafter

from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.calendar import DAY_US, FIRST_DAY, LAST_DAY
from seedbed.core.records import dataclass

INT_MIN, INT_MAX = -(2**63), 2**63 - 1

_WIDEST: dict[ColumnType, tuple[float, float]] = {
    ColumnType.INT: (INT_MIN, INT_MAX),
    ColumnType.FLOAT: (-inf, inf),
    ColumnType.BOOL: (0, 1),
    ColumnType.DATE: (FIRST_DAY, LAST_DAY),
    ColumnType.DATETIME: (FIRST_DAY * DAY_US, (LAST_DAY + 1) * DAY_US - 1),
    ColumnType.TIME: (0, DAY_US - 1),
    ColumnType.STRING: (0, inf),
}


def _widest(kind: ValueType) -> tuple[float, float]:
    return (INT_MIN, INT_MAX) if isinstance(kind, DecimalType) else _WIDEST[kind]


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from `low` to `high`, both included; `low` above `high` means that there are none but nulls.

    `is_whole` tells floats that are whole numbers, as ints turned into floats are.

    >>> Interval(1, 5, type=ColumnType.INT).contains(0)
    False
    """

    low: float
    high: float
    nullable: bool = False
    type: ValueType = ColumnType.FLOAT
    is_whole: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there are no values but nulls."""
        return self.low > self.high

    @property
    def is_single(self) -> bool:
        """Whether there is exactly one value, and no null."""
        return self.low == self.high and not self.nullable

    @property
    def is_known(self) -> bool:
        """Whether both ends are narrower than the type's own."""
        low, high = _widest(self.type)
        return low < self.low and self.high < high

    @property
    def is_integral(self) -> bool:
        """Whether all values are whole numbers."""
        return self.is_whole or self.type != ColumnType.FLOAT

    def contains(self, value: float) -> bool:
        """Whether the value may occur."""
        return self.low <= value <= self.high

    def within(self, low: float, high: float) -> Interval:
        """The part between low and high."""
        return replace(self, low=max(self.low, low), high=min(self.high, high))


def widest(type: ValueType, *, nullable: bool = True) -> Interval:  # noqa: A002 - the field's name
    """All values of a type.

    >>> widest(ColumnType.BOOL).high
    1
    """
    low, high = _widest(type)
    return Interval(low, high, nullable, type)


def settled(interval: Interval) -> Interval:
    """The same, no wider than its type, and with whole numbers as ends where all values are whole.

    >>> settled(Interval(-inf, 2.5, type=ColumnType.BOOL)).low
    0
    """
    low, high = _widest(interval.type)
    made = interval.within(low, high)
    if made.is_empty or interval.type in {ColumnType.FLOAT, ColumnType.STRING}:
        return made
    return replace(made, low=ceil(made.low), high=floor(made.high))


def nothing(type: ValueType) -> Interval:  # noqa: A002 - the field's name
    """Only null."""
    return Interval(inf, -inf, nullable=True, type=type)


def hull(intervals: Iterable[Interval]) -> Interval:
    """The narrowest interval around several of one type.

    >>> hull([Interval(1, 2), Interval(5, 6)])
    Interval(low=1, high=6, nullable=False, type=<ColumnType.FLOAT: 'float'>, is_whole=False)
    """
    parts = list(intervals)
    return Interval(
        min(part.low for part in parts),
        max(part.high for part in parts),
        any(part.nullable for part in parts),
        parts[0].type,
        all(part.is_whole for part in parts),
    )


def corners(a: Interval, b: Interval, function: Callable[[float, float], float]) -> tuple[float, float]:
    """The lowest and highest value of a function that is monotone in each argument."""
    values = [function(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return (-inf, inf) if any(isnan(value) for value in values) else (min(values), max(values))


def product(x: float, y: float) -> float:
    """The product x * y, where 0 * infinity is 0: an open end is never reached."""
    return 0 if x == 0 or y == 0 else x * y


def widened(low: float, high: float, steps: int = 2) -> tuple[float, float]:
    """Bounds moved outward by some units in the last place, for functions that round."""
    for _ in range(steps):
        low, high = nextafter(low, -inf), nextafter(high, inf)
    return low, high
