"""The exponential function: a table of 2**(j/128) and a short polynomial."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.elementary.exact import DIGITS, Floats, Pair, in_pieces, split_constant, two_sum
from seedbed.core.elementary.tables import POWERS_OF_TWO, unpacked

_STEPS = 128  # entries of the table; a power of two
_SHIFT = 1.5 * 2**52  # adding it rounds to an integer and leaves that integer in the lowest bits
_SAFE = (-708.0, 709.0)  # the range whose results are finite and normal
_BEYOND = 800.0  # exp(800) is infinite and exp(-800) is 0
_SERIES = (1 / 120, 1 / 24, 1 / 6, 1 / 2)  # exp(r) - 1 - r over r**2; the next term is below 2**-60 for |r| <= ln 2 / 256
_NEAR = 0.25
_NEAR_SERIES = tuple(1 / factorial(n) for n in range(14, 1, -1))  # of exp(x) - 1 - x over x; the next term is below 2**-60 |x|


@cache
def _constants() -> tuple[float, float, float]:
    """128 / ln 2, and ln 2 / 128 as a multiple of 2**-42 (35 bits, so that its product with 18 bits is exact) and the rest."""
    with localcontext() as context:
        context.prec = DIGITS
        step = Decimal(2).ln() / _STEPS
        return (float(1 / step), *split_constant(step, 42))


@cache
def _table() -> Pair:
    """2**(j/128) for j = 0..127, correctly rounded, and what rounding took from it; shapes (128,) and (128,)."""
    return unpacked(POWERS_OF_TWO)


def _reduced(x: Floats, low: Floats | None) -> tuple[NDArray[np.int64], Floats]:
    """Write x (+ low) as k * ln 2 / 128 + r with |r| <= ln 2 / 256: k, in the low bits of an integer, and r."""
    inverse, upper, lower = _constants()
    shifted = x * inverse
    shifted += _SHIFT
    whole = shifted - _SHIFT
    rest = whole * upper
    np.subtract(x, rest, out=rest)
    whole *= lower
    rest -= whole
    if low is not None:
        rest += low
    return shifted.view(np.int64), rest


def _small_expm1(r: Floats) -> Floats:
    """exp(r) - 1 for |r| <= ln 2 / 256."""
    series = r * _SERIES[0]
    for coefficient in _SERIES[1:]:
        series += coefficient
        series *= r
    series *= r
    series += r
    return series


def _power_of_two(exponent: NDArray[np.int64]) -> Floats:
    return ((exponent + 1023) << 52).view(np.float64)


def _exponent(k: NDArray[np.int64]) -> NDArray[np.int64]:
    """The power of two in k steps: the low 51 bits of the shifted float hold k, in two's complement."""
    return (k << 13) >> 20


def _significand(k: NDArray[np.int64], rest: Floats) -> Floats:
    """The value of 2**(j/128) * exp(rest): what rounding took from the table is added to the smaller part."""
    table, tail = _table()
    steps = k & (_STEPS - 1)
    base = table.take(steps)
    made = _small_expm1(rest)
    made *= base
    made += tail.take(steps)
    made += base
    return made


def exp_block(x: Floats, low: Floats | None = None) -> Floats:
    """exp(x + low) of one piece, shapes (m,); |low| must be far below 1."""
    if x.size and x.min() >= _SAFE[0] and x.max() <= _SAFE[1]:
        return _exp_normal(x, low)
    return _exp_any(x, low)


def _exp_normal(x: Floats, low: Floats | None) -> Floats:
    k, rest = _reduced(x, low)
    made = _significand(k, rest)
    k >>= 7
    k <<= 52  # the bits of the shift's own exponent fall off the end
    bits = made.view(np.int64)
    bits += k
    return made


def _exp_any(x: Floats, low: Floats | None) -> Floats:
    k, rest = _reduced(np.clip(x, -_BEYOND, _BEYOND), low)
    made = _significand(k, rest)
    exponent = _exponent(k)
    half = exponent >> 1  # two exact steps and one rounding also reach the subnormal results
    made = made * _power_of_two(half) * _power_of_two(exponent - half)
    made[np.isnan(x)] = np.nan
    return made


def exp(x: ArrayLike) -> Floats:
    """e**x; error below 0.7 ulp, subnormal results included; inf above 709.78, 0 below -745.13.

    >>> exp([0.0, 1.0]).tolist()
    [1.0, 2.718281828459045]
    """
    return in_pieces(exp_block, x)


def _expm1_block(x: Floats) -> Floats:
    is_near = np.abs(x) < _NEAR
    made = np.where(is_near, _expm1_near(np.where(is_near, x, 0.0)), _expm1_apart(np.clip(x, -50.0, _SAFE[1])))
    return np.where(x <= _SAFE[1], made, exp_block(x))


def _expm1_near(x: Floats) -> Floats:
    series = x * _NEAR_SERIES[0]
    for coefficient in _NEAR_SERIES[1:]:
        series += coefficient
        series *= x
    series *= x
    return np.where(x == 0, x, x + series)  # keeps the sign of -0.0


def _expm1_apart(x: Floats) -> Floats:
    """The table's value less 1, exactly, and the small rest."""
    k, rest = _reduced(x, None)
    steps = k & (_STEPS - 1)
    table, tail = _table()
    scale = _power_of_two(_exponent(k))
    base = table.take(steps) * scale
    less_one, error = two_sum(base, np.full_like(base, -1.0))
    return less_one + (error + (tail.take(steps) * scale + base * _small_expm1(rest)))


def expm1(x: ArrayLike) -> Floats:
    """e**x - 1 without the loss near 0; error below 2 ulp.

    >>> expm1(1e-20).item()
    1e-20
    """
    return in_pieces(_expm1_block, x)
