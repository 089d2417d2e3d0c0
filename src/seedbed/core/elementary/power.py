"""Powers of floats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.elementary.exact import Floats, two_product
from seedbed.core.elementary.exponential import exp_block
from seedbed.core.elementary.logarithm import is_plain, log_pair

_HUGE = 1e22  # every larger exponent gives what this one does: 0, 1 or infinity
_PIECE = 8192


def _magnitude(base: Floats, exponent: Floats) -> Floats:
    """The power base ** exponent where base is positive and finite: exp(exponent * ln base), the product as a pair."""
    upper, lower = log_pair(base)
    limited = np.clip(exponent, -_HUGE, _HUGE)
    product, error = two_product(limited, upper)
    error += limited * lower
    return exp_block(product, np.clip(error, -1e-9, 1e-9))  # the error is that small wherever the result is finite and not 0


def _is_odd(y: Floats) -> NDArray[np.bool_]:
    half = y * 0.5
    odd: NDArray[np.bool_] = (np.floor(y) == y) & (np.floor(half) != half)
    return odd


def _special(base: Floats, exponent: Floats) -> Floats:
    """The power |base| ** exponent where |base| is 0 or infinite."""
    shrinks = (base == 0) == (exponent > 0)
    return np.where(shrinks, 0.0, np.inf)


def _pow_block(x: Floats, y: Floats) -> Floats:
    base = np.abs(x)
    plain = is_plain(base)
    made = _magnitude(np.where(plain, base, 1.0), y)
    if plain.all() and (x > 0).all():
        return np.where(np.isnan(y) & (x != 1), np.nan, np.where(x == 1, 1.0, made))
    made = np.where(plain, made, _special(base, y))
    made = np.where(np.signbit(x) & _is_odd(y), -made, made)
    broken = np.isnan(x) | np.isnan(y) | ((x < 0) & (x > -np.inf) & (np.floor(y) != y))
    return np.where((y == 0) | (x == 1), 1.0, np.where(broken, np.nan, made))


def pow(x: ArrayLike, y: ArrayLike) -> Floats:  # noqa: A001 - named like the function everywhere else
    """x**y with broadcasting; error below 0.7 ulp, and exact powers come out exact; the special cases are those of IEEE 754's pow.

    >>> pow([2.0, 9.0, -2.0], [10.0, 0.5, 3.0]).tolist()
    [1024.0, 3.0, -8.0]
    """
    base, exponent = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    flat, flat_y = np.ascontiguousarray(base).reshape(-1), np.ascontiguousarray(exponent).reshape(-1)
    made = np.empty(flat.shape)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, _PIECE):
            part = slice(start, start + _PIECE)
            made[part] = _pow_block(flat[part], flat_y[part])
    return made.reshape(base.shape)
