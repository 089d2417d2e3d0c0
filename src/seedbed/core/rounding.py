"""Floats rounded to decimals, half to even."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

#: Decimals that can be asked for.
MOST_DECIMALS = 15
_POWERS_OF_TEN = tuple(float(10**digits) for digits in range(MOST_DECIMALS + 1))  # exact: below 2**53
_WHOLE_FROM = 2.0**52  # floats from here on have no decimals


def rounded(values: Floats, decimals: int) -> Floats:
    """Round half to even at a decimal: scale by 10**decimals, round, scale back, each step a rounded IEEE operation.

    So 0.125 gives 0.12, and 2.675 (whose float is a little less) gives 2.68, for 267.5 is what scaling it rounds to: as in the
    expressions' `round`, and in columns of decimals. What is given is the float nearest to that decimal.

    >>> rounded(np.array([0.125, 2.675, -0.001]), 2).tolist()
    [0.12, 2.68, 0.0]
    """
    scale = _POWERS_OF_TEN[decimals]
    with np.errstate(over="ignore"):
        scaled = values * scale
    made = np.rint(scaled) / scale + 0.0
    return np.where(np.abs(scaled) < _WHOLE_FROM, made, values)


def on_decimals(values: Floats, decimals: int, *, up: bool) -> Floats:
    """The least numbers of so many decimals that are not below the values; with `up` false the greatest not above them.

    >>> on_decimals(np.array([0.1, 0.101, -np.inf]), 2, up=True).tolist()
    [0.1, 0.11, -inf]
    """
    found = rounded(values, decimals)
    step = 1.0 / _POWERS_OF_TEN[decimals]
    if up:
        return np.where(found < values, rounded(found + step, decimals), found)
    return np.where(found > values, rounded(found - step, decimals), found)
