"""Which named distribution numbers follow, judged by how far they are from it and not by a p-value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from seedbed.core.elementary import exp, log, normal_cdf
from seedbed.core.laws import Pareto, Weibull
from seedbed.core.records import dataclass
from seedbed.stats.special import gamma_above
from seedbed.stats.values import Floats

Shares = Callable[[Floats], Floats]

#: Counts above that are no longer compared with distributions of counts.
_MOST_COUNT = 2_000


@dataclass(frozen=True, slots=True)
class Fit:
    """A distribution with the parameters that fit best, and the Kolmogorov-Smirnov distance from it; it fits up to `limit`."""

    name: str
    params: tuple[tuple[str, float], ...]
    distance: float
    limit: float

    @property
    def fits(self) -> bool:
        """Whether the numbers are near enough."""
        return self.distance <= self.limit


def limit_of(n: int) -> float:
    """How far n numbers may be from a distribution that they are said to follow: an effect of 0.02, and chance at 1 %.

    >>> round(limit_of(10_000), 4)
    0.0363
    """
    return 0.02 + 1.63 / math.sqrt(n)


def distance(numbers: Floats, shares: Shares, *, whole: bool = False) -> float:
    """The Kolmogorov-Smirnov distance of numbers, shape (n,), from a distribution given by its share up to a value.

    >>> distance(np.array([0.125, 0.375, 0.625, 0.875]), lambda x: x)
    0.125
    """
    values, counts = np.unique(numbers, return_counts=True)
    after = np.cumsum(counts) / len(numbers)
    expected = shares(values)
    if whole:
        return float(np.abs(after - expected).max())
    return float(max(np.abs(after - expected).max(), np.abs(after - counts / len(numbers) - expected).max()))


def best_fits(numbers: Floats) -> list[Fit]:
    """Every distribution that can be fitted to numbers, shape (n,), the nearest first; none below 30 numbers or where all are equal."""
    if len(numbers) < 30 or numbers.min() == numbers.max():
        return []
    whole = bool((numbers == np.floor(numbers)).all()) and numbers.max() - numbers.min() < 10_000
    with np.errstate(all="ignore"):
        found = [
            Fit(name, params, distance(numbers, shares, whole=whole), limit_of(len(numbers)))
            for name, params, shares in (*_for_whole(numbers, whole=whole), *_for_any(numbers), *_for_positive(numbers))
        ]
    return sorted((fit for fit in found if math.isfinite(fit.distance)), key=lambda fit: fit.distance)


_Family = tuple[str, tuple[tuple[str, float], ...], Shares]


def _for_any(x: Floats) -> Iterator[_Family]:
    low, high, mean, deviation = float(x.min()), float(x.max()), float(x.mean()), float(x.std(ddof=1))
    is_whole = bool((x == np.floor(x)).all())
    step, half = (1.0, 0.5) if is_whole else (0.0, 0.0)  # a whole number stands for those that round to it
    yield "uniform", (("min", low), ("max", high)), lambda v: np.clip((v - low + step) / (high - low + step), 0.0, 1.0)
    yield "normal", (("mean", mean), ("stddev", deviation)), lambda v: normal_cdf((v + half - mean) / deviation)


def _for_positive(x: Floats) -> Iterator[_Family]:
    low, mean = float(x.min()), float(x.mean())
    if low >= 0 and mean > 0:
        yield "exponential", (("rate", 1 / mean),), Weibull(1.0, mean).below
    if low <= 0:
        return
    logs = log(x)
    mu, sigma = float(logs.mean()), float(logs.std(ddof=1))
    yield "lognormal", (("mu", mu), ("sigma", sigma)), lambda v: normal_cdf((log(v) - mu) / sigma)
    yield _gamma(x, mean, math.log(mean) - mu)
    yield _weibull(x, logs)
    alpha = len(x) / float((logs - math.log(low)).sum())
    yield "pareto", (("alpha", alpha), ("min", low)), Pareto(alpha, low).below


def _gamma(x: Floats, mean: float, gap: float) -> _Family:
    """By Minka's closed form, "Estimating a gamma distribution", 2002, within 1.5 % of the greatest likelihood."""
    del x
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    scale = mean / shape

    def shares(values: Floats) -> Floats:
        grid = np.linspace(0.0, float(values.max()) / scale, 500)  # finer than the distance that is asked for
        known = np.array([1.0 - gamma_above(shape, place) for place in grid.tolist()])
        return np.asarray(np.interp(values / scale, grid, known))

    return "gamma", (("shape", shape), ("scale", scale)), shares


def _weibull(x: Floats, logs: Floats) -> _Family:
    """By Newton's steps on the likelihood of the shape, from that of the logarithms' deviation."""
    shape = math.pi / math.sqrt(6) / float(logs.std(ddof=1))
    mean_log = float(logs.mean())
    scaled = logs - float(logs.max())  # so that no power is too large
    for _ in range(20):
        powers = exp(shape * scaled)
        s0, s1, s2 = float(powers.sum()), float((powers * scaled).sum()), float((powers * scaled * scaled).sum())
        value = s1 / s0 - 1 / shape - (mean_log - float(logs.max()))
        slope = s2 / s0 - (s1 / s0) ** 2 + 1 / shape**2
        step = value / slope
        shape = max(shape - step, shape / 4)
        if abs(step) < 1e-9 * shape:
            break
    scale = math.exp(float(logs.max()) + math.log(s0 / len(x)) / shape)
    return "weibull", (("shape", shape), ("scale", scale)), Weibull(shape, scale).below


def _for_whole(x: Floats, *, whole: bool) -> Iterator[_Family]:
    """Distributions of counts, where the mean and the variance may be theirs."""
    mean, high = float(x.mean()), int(x.max())
    if not whole or x.min() < 0 or high > _MOST_COUNT or mean <= 0:
        return
    ratio = float(x.var(ddof=1)) / mean
    if 0.5 < ratio < 2:
        yield "poisson", (("lambda", mean),), _steps([math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(high + 1)])
    if x.min() >= 1 and 0.3 < ratio / max(mean - 1, 1e-9) < 3:
        p = 1 / mean
        yield "geometric", (("p", p),), _steps([0.0, *(p * (1 - p) ** k for k in range(high))])


def _steps(chances: list[float]) -> Shares:
    total: Floats = np.cumsum(chances)

    def shares(values: Floats) -> Floats:
        found: Floats = total[values.astype(np.int64)]
        return found

    return shares
