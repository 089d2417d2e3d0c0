"""The table of each kind of distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from seedbed.core.binned import Binned
from seedbed.core.concave import beta_law, gamma_law
from seedbed.core.counting import bernoulli_table, binomial_table, geometric_source, negative_binomial_table, numbers_table
from seedbed.core.draw import Bits, Floats
from seedbed.core.elementary import exp, normal_quantile
from seedbed.core.laws import Pareto, Triangular, Weibull
from seedbed.core.records import dataclass
from seedbed.core.rounding import on_decimals, rounded
from seedbed.core.smooth import Smooth
from seedbed.core.tables import Constant, EvenFloats, EvenInts, NumberSource, QuantileTable, poisson_table
from seedbed.core.zipf import Zipf
from seedbed.model.generators.distribution import Distribution, Histogram
from seedbed.model.generators.distribution_params import (
    HistogramParams,
    LognormalParams,
    NormalParams,
    TriangularParams,
    UniformParams,
    numbers_in,
)


def distribution_source(spec: Distribution, whole: bool = False) -> NumberSource:  # noqa: FBT001, FBT002
    """What a distribution's numbers are drawn from, rounded to its `decimals`; its clamp is left to who asks.

    `whole` asks for whole numbers of a uniform and of a histogram's bins; those of other kinds are rounded by who asks.
    """
    source = raw_source(spec, whole)
    return source if spec.decimals is None or whole else RoundedSource(source, spec.decimals)


def raw_source(spec: Distribution, whole: bool = False) -> NumberSource:  # noqa: FBT001, FBT002
    """The same, not rounded."""
    return _histogram(spec.params, whole) if isinstance(spec, Histogram) else _cached(spec, whole)


@lru_cache(maxsize=256)
def _cached(spec: Distribution, whole: bool) -> NumberSource:  # noqa: FBT001
    if spec.type == "uniform":
        return _uniform(spec.params, whole)
    return _SOURCES[spec.type](spec.params)


def _uniform(params: UniformParams, whole: bool) -> NumberSource:  # noqa: FBT001
    if whole:
        return EvenInts(math.ceil(params.low), math.floor(params.high))
    return EvenFloats(params.low, params.high) if params.low < params.high else Constant(params.low)


def _normal(params: NormalParams) -> NumberSource:
    if params.std == 0:
        return Constant(params.mean)
    return QuantileTable.of(lambda shares: params.mean + params.std * normal_quantile(shares))


def _lognormal(params: LognormalParams) -> NumberSource:
    if params.sigma == 0:
        return Constant(float(exp(params.mean)))
    return QuantileTable.of(lambda shares: exp(params.mean + params.sigma * normal_quantile(shares)))


def _triangular(params: TriangularParams) -> NumberSource:
    return Smooth(Triangular(params.low, params.mode, params.high)) if params.low < params.high else Constant(params.low)


def _histogram(params: HistogramParams, whole: bool) -> NumberSource:  # noqa: FBT001
    if params.values is not None:
        return _numbers(numbers_in(params.values), tuple(params.values.values()), whole)
    return _bins(params.edges or (), params.weights or (), whole)


@lru_cache(maxsize=64)
def _numbers(numbers: tuple[float, ...], weights: tuple[float, ...], whole: bool) -> NumberSource:  # noqa: FBT001
    return numbers_table(np.array(numbers), np.array(weights), whole=whole)


@lru_cache(maxsize=64)
def _bins(edges: tuple[float, ...], weights: tuple[float, ...], whole: bool) -> NumberSource:  # noqa: FBT001
    return Binned.of(np.array(edges), np.array(weights), whole=whole)


_SOURCES: dict[str, Callable[[Any], NumberSource]] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "poisson": lambda params: poisson_table(params.lambda_),
    "exponential": lambda params: Smooth(Weibull(1.0, params.expected)),
    "gamma": lambda params: Smooth(gamma_law(params.shape, params.scale)),
    "beta": lambda params: Smooth(beta_law(params.alpha, params.beta)),
    "pareto": lambda params: Smooth(Pareto(params.alpha, params.xm)),
    "weibull": lambda params: Smooth(Weibull(params.shape, params.scale)),
    "triangular": _triangular,
    "zipf": lambda params: Zipf(params.a, params.n),
    "geometric": lambda params: geometric_source(params.p),
    "neg_binomial": lambda params: negative_binomial_table(params.r, params.p),
    "binomial": lambda params: binomial_table(params.n, params.p),
    "bernoulli": lambda params: bernoulli_table(params.p),
}


@dataclass(frozen=True)
class FloatSource:
    """A source's numbers as floats, whole ones too."""

    source: NumberSource

    @property
    def low(self) -> float:
        """The smallest number."""
        return self.source.low

    @property
    def high(self) -> float:
        """The largest number."""
        return self.source.high

    def draw(self, bits: Bits) -> Floats:
        """A number for each draw; shape (n,)."""
        return self.source.draw(bits).astype(np.float64, copy=False)

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """A number in [low, high] for each draw."""
        return self.source.draw_between(bits, low, high).astype(np.float64, copy=False)

    def share_between(self, low: float, high: float) -> float:
        """The probability of a number in [low, high]."""
        return self.source.share_between(low, high)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the numbers."""
        return self.source.mean_of(function)


@dataclass(frozen=True)
class RoundedSource:
    """A source's numbers, rounded to so many decimals, halves to even."""

    source: NumberSource
    decimals: int

    @property
    def low(self) -> float:
        """The smallest number."""
        return float(rounded(np.array([self.source.low]), self.decimals)[0])

    @property
    def high(self) -> float:
        """The largest number."""
        return float(rounded(np.array([self.source.high]), self.decimals)[0])

    def draw(self, bits: Bits) -> Floats:
        """A number for each draw; shape (n,)."""
        return rounded(self.source.draw(bits).astype(np.float64, copy=False), self.decimals)

    def draw_between(self, bits: Bits, low: Floats, high: Floats) -> Floats:
        """A number in [low, high] for each draw; where none of so few decimals lies there, one of more."""
        half = 0.5 / float(10**self.decimals)
        first, last = on_decimals(low, self.decimals, up=True), on_decimals(high, self.decimals, up=False)
        found = rounded(self.source.draw_between(bits, first - half, np.maximum(last, first) + half), self.decimals)
        return np.minimum(np.maximum(found, np.minimum(first, high)), np.maximum(last, low))

    def share_between(self, low: float, high: float) -> float:
        """The probability of a number in [low, high], as if it was not rounded."""
        return self.source.share_between(low, high)

    def mean_of(self, function: Callable[[Floats], Floats]) -> float:
        """The expected value of a function of the numbers."""
        return self.source.mean_of(lambda values: function(rounded(values, self.decimals)))
