"""A column's batch as summaries take it: numbers, moments or texts without nulls."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.records import dataclass

Numbers: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

#: What a column holds: `moment` are days and timestamps, `other` is what no summary looks into (lists, structs, bytes).
Kind: TypeAlias = Literal["number", "flag", "moment", "text", "other"]

DAY_US = 86_400_000_000
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}


@dataclass(frozen=True, slots=True)
class Values:
    """A batch of a column: `numbers` (int64, uint64 or float64; moments as microseconds) or `texts`, without nulls, NaN and infinities."""

    rows: int
    nulls: int
    nans: int = 0
    infinite: int = 0
    numbers: Numbers | None = None
    texts: pa.StringArray | None = None


def kind_of(kind: pa.DataType) -> Kind:
    """What a column of this Arrow type holds.

    >>> kind_of(pa.int32()), kind_of(pa.date32()), kind_of(pa.list_(pa.int8()))
    ('number', 'moment', 'other')
    """
    if pa.types.is_dictionary(kind):
        return kind_of(kind.value_type)
    if pa.types.is_boolean(kind):
        return "flag"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        return "number"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "moment"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "other"


def values_of(column: pa.Array) -> Values:
    """A batch of a column without its nulls, NaN and infinities, which are counted.

    Times of day and durations become seconds, decimals floats.

    >>> values_of(pa.array([1.5, None, float("nan")]))
    Values(rows=3, nulls=1, nans=1, infinite=0, numbers=array([1.5]), texts=None)
    """
    rows, nulls = len(column), column.null_count
    if pa.types.is_null(column.type):
        return Values(rows, rows)
    if pa.types.is_dictionary(column.type):
        column = pc.decoded(column)
        nulls = column.null_count
    kind = kind_of(column.type)
    if kind == "other":
        return Values(rows, nulls)
    valid = column.drop_null() if nulls else column
    if kind == "text":
        return Values(rows, nulls, texts=valid if pa.types.is_string(valid.type) else pc.cast(valid, pa.string()))
    numbers = _numbers(valid)
    if numbers.dtype != np.float64:
        return Values(rows, nulls, numbers=numbers)
    finite = np.isfinite(numbers)
    if finite.all():
        return Values(rows, nulls, numbers=numbers + 0.0)  # one zero, not two
    nans = int(np.isnan(numbers).sum())
    return Values(rows, nulls, nans, rows - nulls - nans - int(finite.sum()), numbers=numbers[finite] + 0.0)


def _numbers(valid: pa.Array) -> Numbers:
    """Numbers of an Arrow array without nulls."""
    kind = valid.type
    if pa.types.is_boolean(kind):
        return np.asarray(pc.cast(valid, pa.uint8()).to_numpy(), np.int64)
    if pa.types.is_date(kind):
        return np.asarray(pc.cast(valid, pa.date32()).view(pa.int32()).to_numpy(), np.int64) * DAY_US
    if pa.types.is_timestamp(kind):
        return _in_microseconds(np.asarray(valid.view(pa.int64()).to_numpy()), kind.unit)
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        width = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        ticks: Numbers = valid.view(width).to_numpy().astype(np.float64)
        return ticks / {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
    if pa.types.is_uint64(kind):
        found: Numbers = valid.to_numpy()
        return found.astype(np.int64) if len(found) == 0 or int(found.max()) < 2**63 else found
    target = pa.int64() if pa.types.is_integer(kind) else pa.float64()
    return np.asarray(pc.cast(valid, target).to_numpy(zero_copy_only=False))


def _in_microseconds(ticks: Numbers, unit: str) -> Numbers:
    return ticks // 1_000 if unit == "ns" else ticks * _PER_UNIT[unit]
