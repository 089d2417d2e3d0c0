"""Rounding to decimals, as an operation on whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Floats, Ints
from seedbed.core.records import dataclass
from seedbed.core.rounding import on_decimals, rounded

_NEARLY_HALF = 0.5 - 2.0**-40  # a whole half may be rounded away


@dataclass(frozen=True, slots=True)
class Rounded:
    """value rounded to so many decimals, halves to even."""

    decimals: int

    def apply(self, values: NDArray[Any], picks: Ints | None = None) -> NDArray[Any]:  # noqa: ARG002 - the same for all rows
        """Round."""
        return rounded(values.astype(np.float64, copy=False), self.decimals)

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:  # noqa: ARG002 - the same for all rows
        """What is rounded to a number within them."""
        nearly = _NEARLY_HALF / float(10**self.decimals)
        return on_decimals(low, self.decimals, up=True) - nearly, on_decimals(high, self.decimals, up=False) + nearly
