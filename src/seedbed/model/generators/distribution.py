"""Parameters of `distribution`: one class a kind."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from seedbed.model.base import SINCE_2, NonNegative, Number, Part
from seedbed.model.generators.distribution_params import (
    BernoulliParams,
    BetaParams,
    BinomialParams,
    ExponentialParams,
    GammaParams,
    GeometricParams,
    HistogramParams,
    LognormalParams,
    NegBinomialParams,
    NormalParams,
    ParetoParams,
    PoissonParams,
    TriangularParams,
    UniformParams,
    WeibullParams,
    ZipfParams,
    is_number,
)
from seedbed.model.later import Tagged

Clamp = Annotated[tuple[Number | None, Number | None], Field(strict=False)]


class _Kind(Part):
    """What all kinds have; `type` and `params` stand here first so that they come before the others."""

    type: str
    params: Part
    clamp: Clamp | None = Field(default=None, description="`[least, greatest]`, after modifiers and behaviours; either may be null.")
    decimals: Annotated[int, Field(ge=0, le=15)] | None = Field(
        default=None, description="Digits after the point, halves to even; the last thing done.", json_schema_extra=SINCE_2
    )


class Normal(_Kind):
    """The normal distribution."""

    type: Literal["normal"]
    params: NormalParams


class Lognormal(_Kind):
    """The lognormal distribution: exp of a normal one."""

    type: Literal["lognormal"]
    params: LognormalParams


class Uniform(_Kind):
    """The uniform distribution."""

    type: Literal["uniform"]
    params: UniformParams


class Poisson(_Kind):
    """The Poisson distribution."""

    type: Literal["poisson"]
    params: PoissonParams


class Exponential(_Kind):
    """The exponential distribution: waiting times."""

    since: ClassVar[str] = "2.0"
    type: Literal["exponential"]
    params: ExponentialParams


class Gamma(_Kind):
    """The gamma distribution: sums of waiting times."""

    since: ClassVar[str] = "2.0"
    type: Literal["gamma"]
    params: GammaParams


class Beta(_Kind):
    """The beta distribution: shares between 0 and 1."""

    since: ClassVar[str] = "2.0"
    type: Literal["beta"]
    params: BetaParams


class Pareto(_Kind):
    """The Pareto distribution: sizes without a typical one."""

    since: ClassVar[str] = "2.0"
    type: Literal["pareto"]
    params: ParetoParams


class Weibull(_Kind):
    """The Weibull distribution: lifetimes."""

    since: ClassVar[str] = "2.0"
    type: Literal["weibull"]
    params: WeibullParams


class Triangular(_Kind):
    """The triangular distribution: a guess of three numbers."""

    since: ClassVar[str] = "2.0"
    type: Literal["triangular"]
    params: TriangularParams


class Zipf(_Kind):
    """Zipf's law: ranks, the first the most frequent."""

    since: ClassVar[str] = "2.0"
    type: Literal["zipf"]
    params: ZipfParams


class Geometric(_Kind):
    """The geometric distribution: tries up to the first success, from 1."""

    since: ClassVar[str] = "2.0"
    type: Literal["geometric"]
    params: GeometricParams


class NegBinomial(_Kind):
    """The negative binomial distribution: failures before the r-th success, from 0; counts wider than Poisson's."""

    since: ClassVar[str] = "2.0"
    type: Literal["neg_binomial"]
    params: NegBinomialParams


class Binomial(_Kind):
    """The binomial distribution: successes of n tries."""

    since: ClassVar[str] = "2.0"
    type: Literal["binomial"]
    params: BinomialParams


class Bernoulli(_Kind):
    """1 with a probability, else 0; true and false in `bool` columns."""

    since: ClassVar[str] = "2.0"
    type: Literal["bernoulli"]
    params: BernoulliParams


def bare_histogram(params: object) -> object:
    """A map of numbers to weights as the `values` of a histogram; anything else as it is."""
    is_bare = isinstance(params, dict) and bool(params) and all(is_number(key) for key in params)
    return {"values": params} if is_bare else params


class Histogram(_Kind):
    """A distribution as measured: bins with weights, or values with weights."""

    since: ClassVar[str] = "2.0"
    type: Literal["histogram"]
    params: Annotated[HistogramParams, BeforeValidator(bare_histogram, json_schema_input_type=HistogramParams | dict[str, NonNegative])]


Distribution = Annotated[
    Normal
    | Lognormal
    | Uniform
    | Poisson
    | Exponential
    | Gamma
    | Beta
    | Pareto
    | Weibull
    | Triangular
    | Zipf
    | Geometric
    | NegBinomial
    | Binomial
    | Bernoulli
    | Histogram,
    Tagged("type"),
]
Magnitude = Distribution
