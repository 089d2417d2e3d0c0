"""Checks against a distribution of the model's own language."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from seedbed.model.base import Share
from seedbed.model.checks.base import OfColumn
from seedbed.model.generators.distribution import Distribution


class Fit(OfColumn):
    """The values follow a distribution: the Kolmogorov-Smirnov distance is at most 0.02 + 1.63 / sqrt(n)."""

    kind: Literal["fit"]
    counts_rows: ClassVar[bool] = False
    distribution: Distribution = Field(description="The distribution, as a model writes it.")
    max: Annotated[Share, Field(gt=0)] | None = Field(default=None, description="Another greatest distance.")


FitCheck: TypeAlias = Fit
