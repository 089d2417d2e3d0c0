"""Parameters of `distribution`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seedbed.model.base import NonNegative, Number, Part

Clamp = Annotated[tuple[Number | None, Number | None], Field(strict=False)]


class NormalParams(Part):
    """Mean and standard deviation."""

    mean: Number = Field(description="The mean.")
    std: NonNegative = Field(description="The standard deviation.")


class LognormalParams(Part):
    """Mean and standard deviation of the value's natural logarithm."""

    mean: Annotated[float, Field(ge=-300, le=300, allow_inf_nan=False)] = Field(
        description="The mean of the logarithm: the median is e^mean."
    )
    sigma: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)] = Field(description="The standard deviation of the logarithm.")


class UniformParams(Part):
    """The lowest and highest value; for `int` columns both are included."""

    low: Number = Field(description="The lowest value.")
    high: Number = Field(description="The highest value; for `float` columns it is not reached.")


class PoissonParams(Part):
    """The expected count."""

    lambda_: Annotated[float, Field(alias="lambda", gt=0, le=1_000_000, allow_inf_nan=False)] = Field(
        alias="lambda", description="The expected count."
    )


class Normal(Part):
    """The normal distribution."""

    type: Literal["normal"]
    params: NormalParams
    clamp: Clamp | None = Field(default=None, description="`[least, greatest]`, after modifiers and behaviours; either may be null.")


class Lognormal(Part):
    """The lognormal distribution: exp of a normal one."""

    type: Literal["lognormal"]
    params: LognormalParams
    clamp: Clamp | None = Field(default=None, description="`[least, greatest]`, after modifiers and behaviours; either may be null.")


class Uniform(Part):
    """The uniform distribution."""

    type: Literal["uniform"]
    params: UniformParams
    clamp: Clamp | None = Field(default=None, description="`[least, greatest]`, after modifiers and behaviours; either may be null.")


class Poisson(Part):
    """The Poisson distribution."""

    type: Literal["poisson"]
    params: PoissonParams
    clamp: Clamp | None = Field(default=None, description="`[least, greatest]`, after modifiers and behaviours; either may be null.")


Distribution = Annotated[Normal | Lognormal | Uniform | Poisson, Field(discriminator="type")]
Magnitude = Distribution
