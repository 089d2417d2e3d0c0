"""Arithmetic of int64 that never wraps around unseen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedbed.core.expression.buffers import Mask
from seedbed.core.interval import INT_MAX, INT_MIN

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Checked = tuple[Integers, Mask | None]  # the values, and where they passed the range (None: nowhere)

_LIMIT = 2.0**63


def _extent(values: Integers) -> tuple[int, int]:
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def _fits(*values: int) -> bool:
    return all(INT_MIN <= value <= INT_MAX for value in values)


def add(a: Integers, b: Integers) -> Checked:
    """The sum a + b; the bounds of this block prove most blocks right without a look at each row."""
    (a1, a2), (b1, b2) = _extent(a), _extent(b)
    total = a + b
    return total, None if _fits(a1 + b1, a2 + b2) else ((a ^ total) & (b ^ total)) < 0


def subtract(a: Integers, b: Integers) -> Checked:
    """The difference a - b."""
    (a1, a2), (b1, b2) = _extent(a), _extent(b)
    rest = a - b
    return rest, None if _fits(a1 - b2, a2 - b1) else ((a ^ b) & (a ^ rest)) < 0


def multiply(a: Integers, b: Integers) -> Checked:
    """The product a * b; where the bounds don't prove it, division takes it back."""
    (a1, a2), (b1, b2) = _extent(a), _extent(b)
    made = a * b
    if _fits(a1 * b1, a1 * b2, a2 * b1, a2 * b2):
        return made, None
    divisor = np.where((a == 0) | (a == -1), 1, a)
    wraps = (made // divisor != b) & (a != 0) & (a != -1)
    return made, wraps | ((a == -1) & (b == INT_MIN))


def floor_divide(a: Integers, b: Integers) -> Checked:
    """The quotient a // b toward minus infinity; b is nowhere 0."""
    return a // b, (a == INT_MIN) & (b == -1)


def from_floats(values: Floats) -> Checked:
    """Whole floats as int64."""
    passes = ~((values >= -_LIMIT) & (values < _LIMIT))
    if passes.any():
        return np.where(passes, 0.0, values).astype(np.int64), passes
    return values.astype(np.int64), None
