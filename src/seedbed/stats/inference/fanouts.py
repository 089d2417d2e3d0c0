"""How many children the rows of a table have, as a model says it."""

from __future__ import annotations

import math

import numpy as np

from seedbed.stats.inference.made import Spec, shortened
from seedbed.stats.values import Counts, Floats

#: Numbers of children that a histogram lists.
_MOST_LISTED = 48

_NEAR, _CHANCE = 0.01, 1.2


def fanout_made(counts: Counts) -> tuple[Spec, str]:
    """The fan-out of parents that have so many children each, shape (n,), and on what that rests.

    >>> fanout_made(np.array([2, 2, 2]))[0], fanout_made(np.array([0, 1, 0, 0]))[0]
    ({'distribution': 'fixed', 'params': {'n': 2}}, {'distribution': 'fixed', 'params': {'p': 0.25}})
    """
    low, high, mean = int(counts.min()), int(counts.max()), float(counts.mean())
    if low == high:
        return {"distribution": "fixed", "params": {"n": low}}, f"each has {low}"
    if high == 1:
        return {"distribution": "fixed", "params": {"p": shortened(mean)}}, f"{mean:.1%} have one, the others none"
    limit = _NEAR + _CHANCE / len(counts) ** 0.5
    if high <= 100_000 and _distance(counts, _poisson(mean, high)) <= limit:
        return {"distribution": "poisson", "lambda": shortened(mean), "max": high}, f"Poisson, {mean:.4g} in the mean"
    even = np.where(np.arange(high + 1) >= low, 1.0 / (high - low + 1), 0.0) if high <= 100_000 else np.zeros(1)
    if len(even) == high + 1 and _distance(counts, even) <= limit:
        return {"distribution": "uniform", "min": low, "max": high}, f"{low} to {high}, all alike"
    return {"distribution": "histogram", "params": numbers_by_weight(counts)}, f"as counted: {low} to {high}, {mean:.4g} in the mean"


def numbers_by_weight(counts: Counts) -> dict[str, float | int]:
    """Numbers and their weights; of many, those in the middle of parts that are alike.

    >>> numbers_by_weight(np.array([0, 1, 1, 2]))
    {'0': 0.25, '1': 0.5, '2': 0.25}
    """
    values, times = np.unique(counts, return_counts=True)
    if len(values) > _MOST_LISTED:
        ranked = np.sort(counts)
        at = ((np.arange(_MOST_LISTED) + 0.5) / _MOST_LISTED * len(ranked)).astype(np.int64)
        values, times = np.unique(ranked[at], return_counts=True)
    total = float(times.sum())
    return {str(value): shortened(count / total, 4) for value, count in zip(values.tolist(), times.tolist(), strict=True)}


def _poisson(mean: float, high: int) -> Floats:
    return np.array([math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(high + 1)])


def _distance(counts: Counts, chances: Floats) -> float:
    seen = np.bincount(counts, minlength=len(chances)) / len(counts)
    return float(np.abs(np.cumsum(seen) - np.cumsum(chances)).max())


def is_random_pick(counts: Counts) -> bool:
    """Whether rows that are referred to so often, shape (n,), are picked at random: their counts are those of a Poisson law."""
    mean = float(counts.mean())
    if mean <= 0:
        return True
    chance = 3.0 * (2.0 / max(len(counts) - 1, 1)) ** 0.5  # three standard errors of the index of dispersion
    return bool(abs(float(counts.var()) / mean - 1.0) <= max(0.15, chance))


def is_evenly_shared(counts: Counts) -> bool:
    """Whether they are referred to more evenly than chance does, so that a limit shows."""
    mean = float(counts.mean())
    return mean > 0 and bool(float(counts.var()) / mean < 0.6)
