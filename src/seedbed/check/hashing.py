"""Fingerprints of 64 bits, under the name by which checks know them, and the keys of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.hashing import Keys, mixed, pair_keys, text_keys
from seedbed.core.text import string_array

__all__ = ["Keys", "exact_keys", "float_keys", "mixed", "pair_keys", "text_keys", "wide_keys"]


def wide_keys(numbers: NDArray[Any]) -> Keys:
    """Numbers of 64 bits as they are, so that they are those of a narrower column; fingerprints of larger ones."""
    large = (numbers >= 2**63) | (numbers < -(2**63))
    keys = np.where(large, 0, numbers).astype(np.int64)
    keys[large] = text_keys(string_array([str(number) for number in numbers[large].tolist()]))
    return keys


def exact_keys(numbers: NDArray[Any], scale: int) -> Keys:
    """Keys by which equal numbers of any scale are equal: 2.50 is 2.5, and 2.00 is the whole number 2; shape (n,)."""
    units, places = numbers.copy(), np.full(len(numbers), scale)
    for _ in range(scale):
        shorter = (places > 0) & (units % 10 == 0)
        if not shorter.any():
            break
        units[shorter] //= 10
        places[shorter] -= 1
    keys = wide_keys(units) if units.dtype == object else units
    return np.where(places == 0, keys, pair_keys(keys, places.astype(np.int64)))


def float_keys(numbers: NDArray[np.float64]) -> Keys:
    """The bits of floats, with one zero and one NaN."""
    tidy = numbers + 0.0  # -0.0 + 0.0 is 0.0
    tidy[np.isnan(tidy)] = np.nan
    return tidy.view(np.int64)
