"""Whole numbers that may have no room in 64 bits: as int64 where all of an array has, else as Python's own in an array of objects.

Most columns declared for 38 digits hold small numbers; they stay as fast as any. Only an array that really holds larger ones is slow.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Wide: TypeAlias = NDArray[Any]

_LIMIT = 2**63


def wide_units(array: pa.Array) -> Wide:
    """The units of Arrow's decimals of any width, 1990 for 19.90; those of a scale below 0 as whole numbers; 0 for null; shape (n,).

    >>> wide_units(pa.array([Decimal("19.90"), None], pa.decimal128(38, 2))).tolist()
    [1990, 0]
    >>> wide_units(pa.array([Decimal(10**30)], pa.decimal256(40, 0))).tolist() == [10**30]
    True
    """
    array = _known(array)
    width = array.type.bit_width // 32
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.zeros(len(array), np.int64)
    if width <= 2:
        stored = np.frombuffer(data, np.int32 if width == 1 else np.int64)[array.offset : array.offset + len(array)].astype(np.int64)
        return scaled_up(stored, max(-array.type.scale, 0))
    words = np.frombuffer(data, np.int64).reshape(-1, width // 2)[array.offset : array.offset + len(array)]
    return scaled_up(_joined(words), max(-array.type.scale, 0))


def unsigned(array: pa.Array) -> Wide:
    """Arrow's whole numbers of 64 bits without sign; 0 for null; shape (n,).

    >>> unsigned(pa.array([3, 2**64 - 1], pa.uint64())).tolist()
    [3, 18446744073709551615]
    """
    array = _known(array)
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.zeros(len(array), np.int64)
    bits = np.frombuffer(data, np.uint64)[array.offset : array.offset + len(array)]
    return bits.astype(object) if int(bits.max()) >= _LIMIT else bits.view(np.int64)


def scaled_up(numbers: Wide, digits: int) -> Wide:
    """The numbers times a power of ten, exactly; shape (n,).

    >>> scaled_up(np.array([5, 10**17]), 2).tolist() == [500, 10**19]
    True
    """
    if digits == 0 or not len(numbers):
        return numbers
    factor = 10**digits
    most = max(-int(numbers.min()), int(numbers.max()))
    if numbers.dtype != object and most * factor < _LIMIT:
        return numbers * np.int64(factor) if factor < _LIMIT else numbers  # only zeros have room then
    found: Wide = numbers.astype(object) * factor
    return found


def units_at(end: float | str, scale: int, *, up: bool) -> int:
    """A number as it is written in units of a scale, the next ones `up` or down where it lies between two.

    >>> units_at(19.999, 2, up=False), units_at("1234567890123456.78", 2, up=True)
    (1999, 123456789012345678)
    """
    with localcontext() as exact:
        exact.prec = 400
        return int(Decimal(str(end)).scaleb(scale).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))


def _known(array: pa.Array) -> pa.Array:
    """The array with 0 in place of nulls, whose bits may be anything."""
    return array.fill_null(0) if array.null_count else array


def _joined(words: NDArray[np.int64]) -> Wide:
    """Whole numbers of several words of 64 bits, the lowest first, shape (n, k)."""
    low = words[:, 0]
    if (words[:, 1:] == (low >> 63)[:, None]).all():
        return low.astype(np.int64)
    found = words[:, -1].astype(object)
    for place in range(words.shape[1] - 2, -1, -1):
        found = found * 2**64 + words[:, place].view(np.uint64).astype(object)
    return found
