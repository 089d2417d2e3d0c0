"""Checks of figures: of single columns, of times, of two columns, against distributions and references."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import NonEmpty, NonNegative, Number, Positive, Scalar, Share
from seedbed.model.checks.base import CheckOf, DataName, OfColumn, Statistic


class Min(Statistic):
    """The least value lies within bounds."""

    kind: Literal["min"]


class Max(Statistic):
    """The greatest value lies within bounds."""

    kind: Literal["max"]


class Mean(Statistic):
    """The mean lies within bounds."""

    kind: Literal["mean"]


class Median(Statistic):
    """The median lies within bounds."""

    kind: Literal["median"]


class Stddev(Statistic):
    """The standard deviation (of a sample, n - 1) lies within bounds."""

    kind: Literal["stddev"]


class Sum(Statistic):
    """The sum lies within bounds."""

    kind: Literal["sum"]


class Quantile(Statistic):
    """A quantile lies within bounds."""

    kind: Literal["quantile"]
    q: Share = Field(description="Which one: 0.9 is the value that nine of ten are not above.")


class Mode(OfColumn):
    """The most frequent value is one of a list; of several, the least counts."""

    kind: Literal["mode"]
    counts_rows: ClassVar[bool] = False
    values: NonEmpty[Scalar] = Field(description="What it may be.")


class Entropy(Statistic):
    """The entropy of the values' shares, in bits, lies within bounds."""

    kind: Literal["entropy"]


class WeekendShare(Statistic):
    """The share of moments on Saturdays and Sundays lies within bounds."""

    kind: Literal["weekend_share"]


class Profile(OfColumn):
    """How moments are spread over the hours of the day or the days of the week."""

    counts_rows: ClassVar[bool] = False
    tolerance: Share = Field(default=0.02, description="How far each share may be from the one that is expected.")


class HourProfile(Profile):
    """The share of each hour of the day is near the one that is expected."""

    kind: Literal["hour_profile"]
    shares: Annotated[tuple[NonNegative, ...], Field(strict=False, min_length=24, max_length=24)] = Field(
        description="24 weights, hour 0 first."
    )


class DowProfile(Profile):
    """The share of each day of the week is near the one that is expected."""

    kind: Literal["dow_profile"]
    shares: Annotated[tuple[NonNegative, ...], Field(strict=False, min_length=7, max_length=7)] = Field(
        description="7 weights, Monday first."
    )


class Correlation(CheckOf):
    """Pearson's correlation of two columns lies within bounds."""

    kind: Literal["correlation"]
    counts_rows: ClassVar[bool] = False
    columns: Annotated[tuple[DataName, ...], Field(strict=False, min_length=2, max_length=2)]
    min: Annotated[Number, Field(ge=-1, le=1)] = -1.0
    max: Annotated[Number, Field(ge=-1, le=1)] = 1.0


class Drift(OfColumn):
    """How far the values are from those of a reference: another column of the data, or shares that are written down."""

    kind: Literal["drift"]
    counts_rows: ClassVar[bool] = False
    method: Literal["ks", "chi2", "psi", "kl", "js", "wasserstein"] = Field(
        default="psi",
        description="The distance; chi2 is Cramer's V of the two samples, wasserstein is in standard deviations of the reference.",
    )
    max: NonNegative = Field(description="The greatest distance allowed.")
    reference: Annotated[str, Field(pattern=r"^[^.]+\.[^.]+$", max_length=600)] | None = Field(
        default=None, description="`table.column` of the data to compare with."
    )
    shares: dict[str, NonNegative] | None = Field(default=None, description="The weight of each value that is expected.")
    edges: NonEmpty[Number] | None = Field(default=None, description="Numbers: rising edges of bins, with `weights`.")
    weights: NonEmpty[NonNegative] | None = Field(default=None, description="Numbers: the weight of each bin, one fewer than edges.")

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        bins = self.edges is not None and self.weights is not None
        if [self.reference is not None, self.shares is not None, bins].count(True) != 1 or (self.edges is None) != (self.weights is None):
            message = "drift needs one of `reference`, `shares`, or `edges` with `weights`"
            raise PydanticCustomError("plugin", "{said}", {"said": message, "fix": "give one of them"})
        if self.edges is not None and self.weights is not None and len(self.edges) != len(self.weights) + 1:
            raise PydanticCustomError("plugin", "{said}", {"said": "`weights` has not one fewer than `edges`", "fix": "give one a bin"})
        return self


class Outliers(OfColumn):
    """No value lies far from the others."""

    kind: Literal["outliers"]
    method: Literal["iqr", "zscore", "mad", "isolation_forest"] = "iqr"
    limit: Positive | None = Field(
        default=None, description="iqr: 1.5 ranges between the quartiles; zscore: 3 deviations; mad: 3.5; isolation_forest: a score of 0.6."
    )


class Benford(OfColumn):
    """The leading digits of the numbers are spread as Benford's law says: the mean absolute deviation of their shares is small."""

    kind: Literal["benford"]
    counts_rows: ClassVar[bool] = False
    max: Share = Field(default=0.015, description="The greatest deviation; 0.015 is the border of conformity (Nigrini, 2012).")


class CompositeEffectCheck(CheckOf):
    """The means of a metric in the combinations of several influences are near the products of their lifts."""

    kind: Literal["composite_effect"]
    counts_rows: ClassVar[bool] = False
    metric: DataName
    lifts: Annotated[dict[DataName, dict[str, Positive]], Field(min_length=1)] = Field(
        description="For each column the lift of each of its values; others have 1."
    )
    mae: NonNegative = Field(default=0.05, description="The greatest mean absolute error of lifts.")
    mape: NonNegative = Field(default=0.1, description="The greatest mean relative error of lifts.")


StatisticCheck = (
    Min | Max | Mean | Median | Stddev | Sum | Quantile | Mode | Entropy | WeekendShare | HourProfile | DowProfile | Correlation | Drift
    | Outliers | Benford | CompositeEffectCheck
)  # fmt: skip
