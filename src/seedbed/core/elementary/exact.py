"""Sums and products of floats together with what rounding took from them, and work in pieces that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal, localcontext

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

DIGITS = 60  # of the decimal constants: float64 has 16, a pair of float64 32
_PIECE = 8192  # values: 64 KiB an array, so that the dozen arrays of one kernel stay in the second-level cache
_UPPER_BITS = np.int64(-1 << 27)  # keeps the upper 26 of the 53 bits of a significand


def in_pieces(kernel: Callable[[Floats], Floats], values: ArrayLike) -> Floats:
    """Apply a kernel of (m,) -> (m,) piece by piece to values of any shape."""
    array = np.asarray(values, dtype=np.float64)
    flat = np.ascontiguousarray(array).reshape(-1)
    made = np.empty(flat.shape)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, _PIECE):
            made[start : start + _PIECE] = kernel(flat[start : start + _PIECE])
    return made.reshape(array.shape)


def two_sum(a: Floats, b: Floats) -> Pair:
    """The rounded sum and its error, exactly (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def fast_two_sum(a: Floats, b: Floats) -> Pair:
    """The rounded sum and its error, exactly, where |a| >= |b| or a is 0 (Dekker)."""
    total = a + b
    return total, b - (total - a)


def halves(a: Floats) -> Pair:
    """Split into a part of 26 bits and the rest, whose products are exact."""
    upper = (a.view(np.int64) & _UPPER_BITS).view(np.float64)
    return upper, a - upper


def two_product(a: Floats, b: Floats) -> Pair:
    """The rounded product and its error, exactly where nothing under- or overflows (Dekker)."""
    product = a * b
    (a1, a2), (b1, b2) = halves(a), halves(b)
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def split_constant(value: Decimal, bits: int) -> tuple[float, float]:
    """Split into a multiple of 2**-bits and the rest, each a float64.

    >>> split_constant(Decimal("0.7"), 1)
    (0.5, 0.2)
    """
    with localcontext() as context:
        context.prec = DIGITS
        upper = (value * 2**bits).to_integral_value(rounding=ROUND_FLOOR) / 2**bits
        return float(upper), float(value - upper)
