"""The numbers that say which distribution of a kind is meant, with the ends within which its tables are right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import Items, NonNegative, Number, Part

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")

#: Scales and positions: their products with any quantile stay finite.
Size = Annotated[float, Field(gt=0, le=1e100, allow_inf_nan=False)]
Shape = Annotated[float, Field(ge=0.001, le=1e9, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = Annotated[float, Field(ge=-1e100, le=1e100, allow_inf_nan=False)]


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


class ExponentialParams(Part):
    """The mean, or the rate."""

    mean: Size | None = Field(default=None, description="The mean: P(value > x) = e^(-x / mean).")
    rate: Annotated[float, Field(ge=1e-100, le=1e100, allow_inf_nan=False)] | None = Field(
        default=None, description="1 / mean: how many in one unit."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.mean is None) == (self.rate is None):
            raise PydanticCustomError("exponential_params", "an exponential takes either `mean` or `rate`", {})
        return self

    @property
    def expected(self) -> float:
        """The mean, however it was given."""
        return self.mean if self.mean is not None else 1.0 / (self.rate or 1.0)


class GammaParams(Part):
    """Shape and scale."""

    shape: Shape = Field(description="The shape k: 1 is exponential, large ones come near to normal.")
    scale: Size = Field(default=1.0, description="The scale: the mean is shape * scale, the variance shape * scale^2.")


class BetaParams(Part):
    """The two shapes."""

    alpha: Shape = Field(description="Pulls towards 1: the mean is alpha / (alpha + beta).")
    beta: Shape = Field(description="Pulls towards 0.")


class ParetoParams(Part):
    """The tail's exponent and the least value."""

    alpha: Annotated[float, Field(ge=0.1, le=1e6, allow_inf_nan=False)] = Field(
        description="P(value > x) = (xm / x)^alpha: the mean is alpha * xm / (alpha - 1), infinite up to 1."
    )
    xm: Size = Field(default=1.0, description="The least value.")


class WeibullParams(Part):
    """Shape and scale."""

    shape: Annotated[float, Field(ge=0.02, le=1e6, allow_inf_nan=False)] = Field(
        description="P(value > x) = e^-((x / scale)^shape): below 1 early failures, above 1 wear."
    )
    scale: Size = Field(default=1.0, description="The value that 63.2 % stay below.")


class TriangularParams(Part):
    """The lowest, the most likely and the highest value."""

    low: Point = Field(description="The lowest value.")
    mode: Point = Field(description="The most likely value: the density rises to it in a line, and falls in one.")
    high: Point = Field(description="The highest value.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high:
            numbers = {"low": f"{self.low:g}", "mode": f"{self.mode:g}", "high": f"{self.high:g}"}
            raise PydanticCustomError("triangle", "`low` ({low}), `mode` ({mode}) and `high` ({high}) must rise", numbers)
        return self


class ZipfParams(Part):
    """The exponent and the number of ranks."""

    a: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = Field(description="Rank k weighs 1 / k^a.")
    n: Annotated[int, Field(ge=1, le=2**53)] = Field(description="The last rank; the first is 1.")


class GeometricParams(Part):
    """The probability of success of each try."""

    p: Annotated[float, Field(ge=1e-12, le=1, allow_inf_nan=False)] = Field(
        description="P(value = k) = p * (1 - p)^(k - 1) for k = 1, 2, ..: the mean is 1 / p."
    )


class NegBinomialParams(Part):
    """How many successes are waited for, and the probability of each."""

    r: Annotated[float, Field(ge=0.001, le=1e9, allow_inf_nan=False)] = Field(description="The successes, whole or not.")
    p: Annotated[float, Field(ge=0.0001, le=1, allow_inf_nan=False)] = Field(
        description="The probability of success: the mean is r * (1 - p) / p, the variance mean / p."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        width = 25.0 * (self.r * (1 - self.p)) ** 0.5 / self.p + 50.0 / self.p
        if width > 2**22:
            context = {"width": f"{width:,.0f}"}
            raise PydanticCustomError("wide_table", "its counts lie {width} apart; at most 4,194,304 can be told apart", context)
        return self


class BinomialParams(Part):
    """How many tries, and the probability of success of each."""

    n: Annotated[int, Field(ge=0, le=1_000_000_000)] = Field(description="The tries.")
    p: Probability = Field(description="The probability of success: the mean is n * p.")


class BernoulliParams(Part):
    """The probability of 1."""

    p: Probability = Field(description="The probability of 1, or of true.")


class HistogramParams(Part):
    """Bins with weights, or values with weights; the weights need not add up to 1."""

    edges: Annotated[tuple[Point, ...], Field(strict=False, min_length=2, max_length=100_001, fail_fast=True)] | None = Field(
        default=None, description="The bins' ends, rising: one more than `weights`. Values in a bin are even, without its upper end."
    )
    weights: Items[NonNegative] | None = Field(default=None, description="The weight of each bin.")
    values: dict[str, NonNegative] | None = Field(
        default=None, description='Numbers and their weights, instead of bins: `{"1": 0.9, "2": 0.1}`.'
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.values is None) == (self.edges is None) or (self.edges is None) != (self.weights is None):
            raise PydanticCustomError("histogram_source", "a histogram takes `edges` with `weights`, or `values`", {})
        if self.edges is not None and self.weights is not None:
            self._check_bins(self.edges, self.weights)
        weighed(self.weights if self.weights is not None else (self.values or {}).values())
        numbers_in(self.values or {})
        return self

    @staticmethod
    def _check_bins(edges: tuple[float, ...], weights: tuple[float, ...]) -> None:
        if len(weights) != len(edges) - 1:
            context = {"edges": len(edges), "bins": len(edges) - 1, "weights": len(weights)}
            raise PydanticCustomError("bins", "{edges} edges make {bins} bins, but there are {weights} weights", context)
        for before, after in pairwise(edges):
            if before >= after:
                raise PydanticCustomError("edges", "the edges must rise; {a} is not below {b}", {"a": f"{before:g}", "b": f"{after:g}"})


def weighed(weights: Iterable[float]) -> None:
    """Refuse weights of which none is above 0."""
    if not any(weights):
        raise PydanticCustomError("no_weight", "no weight is above 0", {})


def numbers_in(values: dict[str, float]) -> tuple[float, ...]:
    """The numbers that the keys of a histogram spell."""
    for text in values:
        if not is_number(text) or abs(float(text)) > 1e100:
            raise PydanticCustomError("histogram_key", "`{text}` is no number of a histogram", {"text": text[:40]})
    found = [float(text) for text in values]
    if len(set(found)) < len(found):
        raise PydanticCustomError("histogram_twice", "two of the keys spell one number", {})
    return tuple(found)


def is_number(text: object) -> bool:
    """Whether a key of a map spells a number.

    >>> is_number("2.5"), is_number("column"), is_number("nan")
    (True, False, False)
    """
    return isinstance(text, str) and len(text) <= 40 and _NUMBER.fullmatch(text) is not None
