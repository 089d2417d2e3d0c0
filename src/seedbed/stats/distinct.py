"""How many different values there are, of any number in 16 KiB."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.hashing import Keys

#: Bits that choose a register; the error is 1.04 / sqrt(2^14) = 0.8 %.
_BITS = 14
_REGISTERS = 1 << _BITS

#: Bits of a fingerprint whose leading zeros count: they fit a float exactly.
_REST = 50
_MASK = np.uint64((1 << _REST) - 1)

#: One standard error of an estimate.
RELATIVE_ERROR = 1.04 / math.sqrt(_REGISTERS)


def _none() -> NDArray[np.uint8]:
    return np.zeros(_REGISTERS, np.uint8)


@dataclass(slots=True)
class DistinctSketch:
    """A HyperLogLog over fingerprints of 64 bits; the same for any order and any cut.

    Source of the estimate: Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6.
    """

    registers: NDArray[np.uint8] = field(default_factory=_none)

    def add(self, keys: Keys) -> None:
        """Take in fingerprints, shape (n,)."""
        words = keys.view(np.uint64)
        place = (words >> np.uint64(64 - _BITS)).astype(np.intp)
        _, exponents = np.frexp((words & _MASK).astype(np.float64))
        zeros = (_REST - exponents + 1).astype(np.uint8)
        np.maximum.at(self.registers, place, zeros)

    def merge(self, other: Self) -> None:
        """Take in another's values."""
        np.maximum(self.registers, other.registers, out=self.registers)

    @property
    def estimate(self) -> float:
        """About how many different values there were."""
        histogram = np.bincount(self.registers, minlength=_REST + 2)
        z = _REGISTERS * _tau(1 - histogram[_REST + 1] / _REGISTERS)
        for count in histogram[_REST:0:-1].tolist():
            z = 0.5 * (z + count)
        z += _REGISTERS * _sigma(histogram[0] / _REGISTERS)
        return _REGISTERS**2 / (2 * math.log(2)) / z if math.isfinite(z) else 0.0


def _sigma(x: float) -> float:
    if x == 1:
        return math.inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x, before = x * x, z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in {0.0, 1.0}:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x, before = math.sqrt(x), z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
