"""What a look at data says about one column of a model, and on what it rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, TypeAlias

import pyarrow as pa

from seedbed.core.block import MOST_DIGITS
from seedbed.core.records import dataclass

#: Part of a model as plain data.
Spec: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A column of a model: its keys with the generator among them, on what they rest, and hidden columns that it reads.

    `withheld` says what of the data's own values was left out, `is_choice` whether its values are listed.
    """

    spec: Spec
    why: str
    hidden: Mapping[str, Made] = field(default_factory=dict)
    withheld: str | None = None

    @property
    def is_choice(self) -> bool:
        """Whether the values are listed."""
        return "choice" in self.spec


def type_of(kind: pa.DataType) -> Spec:
    """The keys that say a column's type in a model.

    >>> type_of(pa.decimal128(10, 2)), type_of(pa.int8())
    ({'type': 'decimal', 'precision': 10, 'scale': 2}, {'type': 'int'})
    """
    if pa.types.is_dictionary(kind):
        return type_of(kind.value_type)
    if pa.types.is_decimal(kind):
        if kind.precision > MOST_DIGITS or not 0 <= kind.scale <= kind.precision:
            return {"type": "float"}
        return {"type": "decimal", "precision": kind.precision, "scale": kind.scale}
    return {"type": _plain(kind)}


def _plain(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind):
        return "int"
    if pa.types.is_floating(kind) or pa.types.is_duration(kind):
        return "float"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "datetime"
    return "time" if pa.types.is_time(kind) else "string"


def shortened(number: float, digits: int = 5) -> float | int:
    """A number with so many digits, a whole one without a point.

    >>> shortened(0.333333333), shortened(52000.00001), shortened(3.0)
    (0.33333, 52000, 3)
    """
    told = float(f"{number:.{digits}g}")
    return int(told) if told.is_integer() and abs(told) < 1e15 else told


def shares(counts: Mapping[Any, int]) -> list[float | int]:
    """How often each of some values comes, as weights that people can read."""
    total = sum(counts.values()) or 1
    return [shortened(count / total, 4) for count in counts.values()]
