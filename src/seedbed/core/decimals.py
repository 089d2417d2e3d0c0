"""Exact decimals on whole arrays: int64 units of 10^-scale, so that 19.90 is 1990 units of scale 2.

At most 18 digits, which all fit into 64 bits. Nothing here goes through floats except where floats come in or go out.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.text import join_text, numbers_as_text, string_array

Units: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

_LIMIT = 2.0**63


def parsed_units(value: float | str, scale: int) -> int | None:
    """A number written out as units, exactly; None where it is none, has more digits after the point, or more than 18 in all.

    A float counts as the shortest digits that give it back.

    >>> parsed_units(19.9, 2), parsed_units("0.5", 2), parsed_units(0.125, 2)
    (1990, 50, None)
    """
    try:
        units = Decimal(str(value)).scaleb(scale)
        whole = int(units)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if units == whole and abs(whole) < 10**MOST_DIGITS else None


def on_grid(value: float, scale: int, *, up: bool, strict: bool = False) -> float:
    """The nearest decimal of a scale at a number or beyond it: `up` or down, `strict` never the number itself.

    >>> on_grid(19.999, 2, up=False), on_grid(19.9, 2, up=True), on_grid(19.9, 2, up=False, strict=True)
    (19.99, 19.9, 19.89)
    """
    exact = Decimal(repr(float(value))).scaleb(scale)
    units = int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))
    if strict and units == exact:
        units += 1 if up else -1
    return float(Decimal(units).scaleb(-scale))


def rescaled(units: Units, before: int, after: int) -> tuple[Units, Mask | None]:
    """Units of another scale, halves to even where digits go; and where they pass 64 bits (None: nowhere); shape (n,).

    >>> rescaled(np.array([125, 135, -125]), 2, 1)[0].tolist()
    [12, 14, -12]
    """
    if after == before:
        return units, None
    if after > before:
        factor = 10 ** (after - before)
        most = (2**63 - 1) // factor
        made: Units = units * np.int64(factor) if factor < 2**63 else np.zeros_like(units)
        passes = (units > most) | (units < -most)
        return made, passes if passes.any() else None
    step = 10 ** (before - after)
    if step >= 2**63:
        return np.zeros_like(units), None
    whole = units // step
    rest = units - whole * step
    return whole + ((rest > step // 2) | ((rest == step // 2) & (whole % 2 == 1))), None


def from_floats(values: Floats, scale: int) -> tuple[Units, Mask | None]:
    """Floats as units: value * 10^scale, rounded half to even; and where they pass 64 bits (None: nowhere); shape (n,).

    >>> from_floats(np.array([0.125, 19.9, 2.675]), 2)[0].tolist()
    [12, 1990, 268]
    """
    with np.errstate(over="ignore"):  # what is infinite passes as well
        scaled = np.rint(values * float(10**scale))
    passes = ~((scaled >= -_LIMIT) & (scaled < _LIMIT))
    if passes.any():
        return np.where(passes, 0.0, scaled).astype(np.int64), passes
    return scaled.astype(np.int64), None


def to_floats(units: Units, scale: int) -> Floats:
    """The float nearest to each decimal of at most 15 digits; shape (n,).

    >>> to_floats(np.array([1990]), 2).tolist()
    [19.9]
    """
    return units / float(10**scale)


def decimal_texts(units: Units, scale: int) -> pa.StringArray:
    """Decimals as text, with all digits of their scale; shape (n,).

    >>> decimal_texts(np.array([1990, -5, 0]), 2).to_pylist()
    ['19.90', '-0.05', '0.00']
    """
    sizes = np.abs(units).view(np.uint64)  # the least int64 has no positive twin, but an unsigned one
    signs = pc.take(_SIGNS, _int8((units < 0).astype(np.int8)))
    if scale == 0:
        return join_text(signs, numbers_as_text(sizes))
    unit = np.uint64(10**scale)
    fractions = pc.utf8_lpad(numbers_as_text(sizes % unit), width=scale, padding="0")
    return join_text(signs, numbers_as_text(sizes // unit), _POINT, fractions)


_SIGNS = string_array(["", "-"])
_POINT = string_array(["."])[0]


def _int8(values: NDArray[np.int8]) -> pa.Array:
    return pa.Array.from_buffers(pa.int8(), len(values), [None, pa.py_buffer(values)])


def decimal_array(units: Units, precision: int, scale: int, bitmap: pa.Buffer | None = None) -> pa.Decimal128Array:
    """Units as Arrow's decimals of 128 bits; shape (n,); `bitmap` says which are not null.

    >>> decimal_array(np.array([-5, 1990]), 18, 2).to_pylist()
    [Decimal('-0.05'), Decimal('19.90')]
    """
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [bitmap, pa.py_buffer(words)])


def units_of(array: pa.Array) -> Units:
    """The units of Arrow's decimals, whatever their width; where there is a null, anything; shape (n,).

    Raises:
        TypeError: they have more than 18 digits.
    """
    if array.type.precision > MOST_DIGITS:
        message = f"decimals of {array.type.precision} digits have no units of 64 bits"
        raise TypeError(message)
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.zeros(len(array), dtype=np.int64)
    width = array.type.bit_width // 32  # words of 32 bits: the lowest come first
    stored = np.int32 if width == 1 else np.int64
    step = max(width // 2, 1)
    words = np.frombuffer(data, dtype=stored)[array.offset * step : (array.offset + len(array)) * step : step]
    return words.astype(np.int64)
