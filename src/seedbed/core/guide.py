"""Searches in rising numbers that are asked often: a table leads near the place, and few steps to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedbed.core.draw import Ints
from seedbed.core.records import dataclass

#: Runs that a table tells apart.
_RUNS = 65_536

#: With more steps than these a search is faster.
_STEPS = 12

#: For fewer values than these a search is faster than making a table.
FEW = 4_096


@dataclass(frozen=True, slots=True)
class Guide:
    """Rising numbers, shape (n,), and for each run of values of the same width the numbers at or below its start."""

    rising: NDArray[np.float64] | NDArray[np.int64]
    width: float | int
    starts: NDArray[np.int32]
    steps: int

    @classmethod
    def of(cls, rising: NDArray[np.float64] | NDArray[np.int64], top: float) -> Guide:
        """Prepare for values from 0 to `top`; of floats, `top` is a power of two, so that runs begin at exact numbers."""
        is_float = rising.dtype == np.float64
        width = top / _RUNS if is_float else int(top) // _RUNS + 1
        begins = np.arange(_RUNS + 1) * width
        begins[-1] = top if is_float else max(int(top), int(begins[-1]))
        places = np.searchsorted(rising, begins, side="right")
        return cls(rising, width, places[:-1].astype(np.int32), int(np.diff(places).max()))

    def places(self, values: NDArray[np.float64] | Ints) -> Ints:
        """How many of the rising numbers are at or below each value, shape (n,): those of `np.searchsorted` to the right.

        >>> Guide.of(np.array([0.0, 0.25, 0.5]), 1.0).places(np.array([0.1, 0.25, 1.0])).tolist()
        [1, 2, 3]
        """
        if len(values) < FEW or self.steps > _STEPS:
            return np.searchsorted(self.rising, values, side="right")
        last = len(self.rising) - 1
        is_float = isinstance(self.width, float)
        run = (values * (1 / self.width) if is_float else values // self.width).astype(np.int64, copy=False)
        found = self.starts.take(run, mode="clip")
        for _ in range(self.steps):
            found += (values >= self.rising.take(found, mode="clip")) & (found <= last)
        places: Ints = found.astype(np.int64)
        return places
