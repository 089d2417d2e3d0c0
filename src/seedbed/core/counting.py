"""Distributions of counts as tables of weights: binomial, negative binomial, geometric, Bernoulli, listed numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from seedbed.core.draw import Floats
from seedbed.core.elementary import log1p
from seedbed.core.laws import Weibull
from seedbed.core.smooth import Floored, Smooth
from seedbed.core.tables import NumberSource, WeightedIndex, WeightedNumbers

_LEAST_WEIGHT = 2.0**-70  # of the greatest: draws have 53 bits
_FIRST_CHUNK = 1024
_RAREST = 1e-4  # below it, a geometric table would have half a million counts and more

Ratios = Callable[[Floats], Floats]


@lru_cache(maxsize=256)
def binomial_table(n: int, p: float) -> WeightedNumbers:
    """Successes of n tries.

    >>> round(binomial_table(10, 0.3).mean_of(lambda k: k), 9)
    3.0
    """
    if p in (0.0, 1.0):
        return _single(n if p else 0)
    odds = p / (1.0 - p)
    mode = min(int((n + 1) * p), n)
    return _outward(mode, 0, n, lambda k: (n - k) / (k + 1.0) * odds)


@lru_cache(maxsize=256)
def negative_binomial_table(r: float, p: float) -> WeightedNumbers:
    """Failures before the r-th success.

    >>> round(negative_binomial_table(2.5, 0.5).mean_of(lambda k: k), 9)
    2.5
    """
    if p == 1.0:
        return _single(0)
    mode = int((r - 1.0) * (1.0 - p) / p) if r > 1 else 0
    return _outward(mode, 0, None, lambda k: (k + r) / (k + 1.0) * (1.0 - p))


@lru_cache(maxsize=256)
def geometric_source(p: float) -> NumberSource:
    """Tries up to the first success, from 1.

    >>> round(geometric_source(0.25).mean_of(lambda k: k), 9)
    4.0
    """
    if p == 1.0:
        return _single(1)
    if p < _RAREST:
        return Floored(Smooth(Weibull(1.0, -1.0 / float(log1p(-p)))), 1)
    return _outward(1, 1, None, lambda k: np.full(len(k), 1.0 - p))


def bernoulli_table(p: float) -> WeightedNumbers:
    """1 with the probability p, else 0."""
    return _single(int(p)) if p in (0.0, 1.0) else WeightedNumbers(np.array([0, 1]), WeightedIndex.of(np.array([1.0 - p, p])))


def numbers_table(numbers: Floats, weights: Floats, *, whole: bool) -> WeightedNumbers:
    """Numbers with weights in any order; those without weight are left out."""
    order = np.argsort(numbers, kind="stable")
    order = order[weights[order] > 0]
    listed = numbers[order]
    return WeightedNumbers(listed.astype(np.int64) if whole else listed, WeightedIndex.of(weights[order]))


def _single(number: int) -> WeightedNumbers:
    return WeightedNumbers(np.array([number]), WeightedIndex.of(np.ones(1)))


def _outward(mode: int, least: int, most: int | None, ratios: Ratios) -> WeightedNumbers:
    """Whole numbers from the likeliest outwards until 2^-70 of its weight; `ratios` gives weight(k + 1) / weight(k) at each k."""
    up = _run(
        lambda first, size: ratios(np.arange(mode + first, mode + first + size, dtype=np.float64)), None if most is None else most - mode
    )
    down = _run(lambda first, size: 1.0 / ratios(np.arange(mode - 1 - first, mode - 1 - first - size, -1, dtype=np.float64)), mode - least)
    first = mode - len(down)
    weights = np.concatenate([down[::-1], [1.0], up])
    return WeightedNumbers(np.arange(first, first + len(weights), dtype=np.int64), WeightedIndex.of(weights))


def _run(ratios: Callable[[int, int], Floats], most: int | None) -> Floats:
    """Weights one after another, at most `most`, until one is below 2^-70."""
    chunks: list[Floats] = []
    last, done, size = 1.0, 0, _FIRST_CHUNK
    while last > _LEAST_WEIGHT and (most is None or done < most):
        size = size if most is None else min(size, most - done)
        chunks.append(np.cumprod(np.concatenate([[last], ratios(done, size)]))[1:])
        last, done, size = float(chunks[-1][-1]), done + size, size * 2
    weights = np.concatenate(chunks) if chunks else np.zeros(0)
    return weights[weights > _LEAST_WEIGHT]
