"""The natural logarithm, as a pair of floats (about 67 bits) for powers, rounded to one for all else."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.elementary.exact import (
    DIGITS,
    Floats,
    Pair,
    fast_two_sum,
    halves,
    in_pieces,
    split_constant,
    two_sum,
)
from seedbed.core.elementary.tables import NEGATIVE_LOGARITHMS, unpacked
from seedbed.core.records import dataclass

_FIRST = 181 / 256  # the lowest significand: bins then run over [0.707, 1.414), and 1.0 is the edge of one
_STEPS = 128
_WIDTH = 45  # bits of a significand below the bin's number: 52 - 7
_SHORT = 512  # inverses are multiples of 1/512, so that their products with half a significand are exact
_UPPER = 42  # bits after the point of the exact part of a logarithm
_FIRST_BITS = np.array(_FIRST).view(np.int64).item()
_SMALLEST = 2.0**-1022
_TERMS = tuple((-1) ** (n + 1) / n for n in range(10, 2, -1))  # of ln(1 + r) over r**3; the next is below 2**-73 |r|


@dataclass(frozen=True, slots=True)
class _Table:
    """Of every bin: a short inverse of its middle, and that inverse's -ln as an exact part and the rest; shapes (128,)."""

    inverse: Floats
    upper: Floats
    lower: Floats
    ln2: tuple[float, float]


def _inverse(bin_number: int) -> float:
    """The bin's inverse; exactly 1 beside 1.0, where the logarithm must keep all its digits."""
    edges = np.array([_FIRST_BITS + (bin_number + i << _WIDTH) for i in (0, 1)], dtype=np.int64).view(np.float64)
    if 1.0 in edges:
        return 1.0
    return round(_SHORT * 2 / float(edges[0] + edges[1])) / _SHORT


@cache
def _table() -> _Table:
    upper, lower = unpacked(NEGATIVE_LOGARITHMS)
    with localcontext() as context:
        context.prec = DIGITS
        ln2 = split_constant(Decimal(2).ln(), _UPPER)
    return _Table(inverses(), upper, lower, ln2)


def inverses() -> Floats:
    """The short inverse of every bin's middle, shape (128,)."""
    return np.array([_inverse(j) for j in range(_STEPS)])


def _reduced(x: Floats) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Write x as 2**k * m: k, the bin of m, and m in [0.707, 1.414)."""
    bits = x.view(np.int64)
    above = bits - _FIRST_BITS
    k = above >> 52
    return k.astype(np.float64), (above >> _WIDTH) & (_STEPS - 1), (bits - (k << 52)).view(np.float64)


def _ratio(significand: Floats, inverse: Floats) -> Pair:
    """The value of significand * inverse - 1, exactly, as a pair."""
    upper, lower = halves(significand)
    upper *= inverse
    upper -= 1.0
    lower *= inverse
    return two_sum(upper, lower)


def _square(r: Floats) -> Pair:
    upper, lower = halves(r)
    square = r * r
    return square, ((upper * upper - square) + 2 * upper * lower) + lower * lower


def _series(r: Floats) -> Floats:
    """r**3/3 - r**4/4 + ... - r**10/10."""
    series: Floats = r * _TERMS[0]
    for term in _TERMS[1:]:
        series += term
        series *= r
    series *= r * r
    return series


def log_parts(x: Floats) -> Pair:
    """The natural logarithm as a pair whose sum is right to about 67 bits; shapes (m,); every x positive, normal and finite."""
    k, bins, significand = _reduced(x)
    table = _table()
    r, r_low = _ratio(significand, table.inverse.take(bins))
    coarse = k * table.ln2[0] + table.upper.take(bins)  # exact: multiples of 2**-42 below 2**11
    low = k * table.ln2[1] + table.lower.take(bins)
    total, error = fast_two_sum(coarse, r)
    low += error
    square, square_low = _square(r)
    total, error = fast_two_sum(total, square * -0.5)
    low += error
    low += r_low - r * r_low - 0.5 * square_low
    low += _series(r)
    return fast_two_sum(total, low)


def log_pair(x: Floats) -> Pair:
    """The natural logarithm as a pair, for any positive finite x; subnormal numbers are scaled first."""
    small = x < _SMALLEST
    if not small.any():
        return log_parts(x)
    upper, lower = log_parts(np.where(small, x * 2.0**54, x))
    ln2 = _table().ln2
    moved, error = fast_two_sum(upper, np.where(small, -54 * ln2[0], 0.0))
    return fast_two_sum(moved, error + lower + np.where(small, -54 * ln2[1], 0.0))


def is_plain(x: Floats) -> NDArray[np.bool_]:
    """Where x is positive and finite: not zero, negative, infinite or NaN."""
    plain: NDArray[np.bool_] = (x > 0) & (x < np.inf)
    return plain


def _log_block(x: Floats) -> Floats:
    plain = is_plain(x)
    if plain.all():
        return log_pair(x)[0]
    made = log_pair(np.where(plain, x, 1.0))[0]
    return np.where(plain, made, np.where(x == 0, -np.inf, np.where(x == np.inf, np.inf, np.nan)))


def log(x: ArrayLike) -> Floats:
    """The natural logarithm; error below 0.6 ulp; -inf at 0, NaN below.

    >>> log([1.0, 2.0, 0.0]).tolist()
    [0.0, 0.6931471805599453, -inf]
    """
    return in_pieces(_log_block, x)


def _log1p_block(x: Floats) -> Floats:
    plain = is_plain(1.0 + x)
    total, error = two_sum(np.ones_like(x), np.where(plain, x, 0.0))
    upper, lower = log_pair(total)
    made = upper + (lower + error / total)
    special = np.where(x == -1, -np.inf, np.where(x == np.inf, np.inf, np.nan))
    return np.where(x == 0, x, np.where(plain, made, special))


def log1p(x: ArrayLike) -> Floats:
    """ln(1 + x) without the loss near 0; error below 2 ulp; -inf at -1, NaN below.

    >>> log1p(1e-20).item()
    1e-20
    """
    return in_pieces(_log1p_block, x)
