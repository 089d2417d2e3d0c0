"""Parameters of `distribution`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seedbed.model.base import NonNegative, Number, Part

Clamp = Annotated[tuple[Number | None, Number | None], Field(strict=False)]


class NormalParams(Part):
    """Mean and standard deviation."""

    mean: Number
    std: NonNegative


class LognormalParams(Part):
    """Mean and standard deviation of the value's natural logarithm."""

    mean: Annotated[float, Field(ge=-300, le=300, allow_inf_nan=False)]
    sigma: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)]


class UniformParams(Part):
    """The lowest and highest value; for `int` columns both are included."""

    low: Number
    high: Number


class PoissonParams(Part):
    """The expected count."""

    lambda_: Annotated[float, Field(alias="lambda", gt=0, le=1_000_000, allow_inf_nan=False)]


class Normal(Part):
    """The normal distribution."""

    type: Literal["normal"]
    params: NormalParams
    clamp: Clamp | None = None


class Lognormal(Part):
    """The lognormal distribution: exp of a normal one."""

    type: Literal["lognormal"]
    params: LognormalParams
    clamp: Clamp | None = None


class Uniform(Part):
    """The uniform distribution."""

    type: Literal["uniform"]
    params: UniformParams
    clamp: Clamp | None = None


class Poisson(Part):
    """The Poisson distribution."""

    type: Literal["poisson"]
    params: PoissonParams
    clamp: Clamp | None = None


Distribution = Annotated[Normal | Lognormal | Uniform | Poisson, Field(discriminator="type")]
Magnitude = Distribution

