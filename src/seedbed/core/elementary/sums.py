"""Sums in one order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def sequential_sum(values: ArrayLike) -> float:
    """Add floats strictly from first to last, so that no vector width or NumPy version changes the result; 0.0 for none.

    >>> sequential_sum([0.1] * 10)
    0.9999999999999999
    """
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    return float(np.cumsum(flat)[-1]) if flat.size else 0.0
