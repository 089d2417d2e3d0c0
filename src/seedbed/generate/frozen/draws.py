"""Choices out of 64-bit draws, in exact integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Bits = Callable[[int], NDArray[np.uint64]]
"""Gives the 64-bit draws of n rows, shape (n,), for a slot 0, 1, 2, ...; the same slot always gives the same draws."""

Index = NDArray[np.int32]

_32 = np.uint64(32)
_1 = np.uint64(1)


def choice(draws: NDArray[np.uint64], count: int) -> Index:
    """An index in [0, count) out of the upper half of each draw, shape (n,); count is below 2**31.

    >>> choice(np.array([0, 2**63, 2**64 - 1], np.uint64), 10).tolist()
    [0, 5, 9]
    """
    return ((draws >> _32) * np.uint64(count) >> _32).astype(np.int32)


def choice_by_bit(draws: NDArray[np.uint64], counts: tuple[int, int], bit: NDArray[np.uint64]) -> Index:
    """An index in two lists put end to end: in the first where `bit` is 0, in the second where it is 1; shape (n,).

    The topmost bit of the draws is left out, since `bit` is mostly taken from it.

    >>> draws = np.array([0, 2**63, 2**64 - 1], np.uint64)
    >>> choice_by_bit(draws, (3, 5), top_bit(draws)).tolist()
    [0, 3, 7]
    """
    size = np.array(counts, np.uint64)[bit]
    start = np.array([0, counts[0]], np.int32)[bit]
    return ((draws << _1 >> _32) * size >> _32).astype(np.int32) + start


def top_bit(draws: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The topmost bit of each draw, shape (n,)."""
    return draws >> np.uint64(63)


def remembered(bits: Bits) -> Bits:
    """The same draws, each slot computed once."""
    known: dict[int, NDArray[np.uint64]] = {}

    def draws(slot: int) -> NDArray[np.uint64]:
        if slot not in known:
            known[slot] = bits(slot)
        return known[slot]

    return draws
