"""Continuous laws whose quantiles elementary functions give."""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Floats
from seedbed.core.elementary import exp, expm1, log, log1p, pow  # noqa: A004 - named like the function everywhere else
from seedbed.core.records import dataclass


@dataclass(frozen=True)
class Weibull:
    """P(value > x) = exp(-(x / scale)^shape); with shape 1 the exponential law."""

    shape: float
    scale: float

    def lower(self, shares: Floats) -> Floats:
        """The values below which these shares lie."""
        return self._value(-log1p(-shares))

    def upper(self, shares: Floats) -> Floats:
        """The values above which these shares lie."""
        return self._value(-log(shares))

    def below(self, values: Floats) -> Floats:
        """The share below each value."""
        return -expm1(-self._hazard(values))

    def above(self, values: Floats) -> Floats:
        """The share above each value."""
        return exp(-self._hazard(values))

    def _value(self, hazard: Floats) -> Floats:
        return self.scale * (hazard if self.shape == 1 else pow(hazard, 1.0 / self.shape))

    def _hazard(self, values: Floats) -> Floats:
        parts = np.maximum(values, 0.0) / self.scale
        return parts if self.shape == 1 else pow(parts, self.shape)


@dataclass(frozen=True)
class Pareto:
    """P(value > x) = (least / x)^alpha, for x from `least` on."""

    alpha: float
    least: float

    def lower(self, shares: Floats) -> Floats:
        """The values below which these shares lie."""
        return self.least * exp(-log1p(-shares) / self.alpha)

    def upper(self, shares: Floats) -> Floats:
        """The values above which these shares lie."""
        return self.least * exp(-log(shares) / self.alpha)

    def below(self, values: Floats) -> Floats:
        """The share below each value."""
        return -expm1(-self._hazard(values))

    def above(self, values: Floats) -> Floats:
        """The share above each value."""
        return exp(-self._hazard(values))

    def _hazard(self, values: Floats) -> Floats:
        return self.alpha * log1p((np.maximum(values, self.least) - self.least) / self.least)


@dataclass(frozen=True)
class Triangular:
    """A density that rises in a line from `low` to `mode`, and falls in one to `high`; low < high."""

    low: float
    mode: float
    high: float

    def lower(self, shares: Floats) -> Floats:
        """The values below which these shares lie."""
        rising, falling = self._halves(shares, 1.0 - shares)
        return np.where(shares <= self._share_of_mode, rising, falling)

    def upper(self, shares: Floats) -> Floats:
        """The values above which these shares lie."""
        rising, falling = self._halves(1.0 - shares, shares)
        return np.where(shares < 1.0 - self._share_of_mode, falling, rising)

    def below(self, values: Floats) -> Floats:
        """The share below each value."""
        return np.where(values <= self.mode, self._rising(values), 1.0 - self._falling(values))

    def above(self, values: Floats) -> Floats:
        """The share above each value."""
        return np.where(values <= self.mode, 1.0 - self._rising(values), self._falling(values))

    @property
    def _width(self) -> float:
        return self.high - self.low

    @property
    def _share_of_mode(self) -> float:
        return (self.mode - self.low) / self._width

    def _halves(self, below: Floats, above: Floats) -> tuple[Floats, Floats]:
        rising = self.low + np.sqrt(below * (self._width * (self.mode - self.low)))
        falling = self.high - np.sqrt(above * (self._width * (self.high - self.mode)))
        return rising, falling

    def _rising(self, values: Floats) -> Floats:
        """The share below values up to the mode."""
        ratio = np.clip(values - self.low, 0.0, self._width) / self._width
        return ratio * ratio / self._share_of_mode if self.mode > self.low else np.zeros(len(values))

    def _falling(self, values: Floats) -> Floats:
        """The share above values from the mode on."""
        ratio = np.clip(self.high - values, 0.0, self._width) / self._width
        return ratio * ratio / (1.0 - self._share_of_mode) if self.high > self.mode else np.zeros(len(values))
