"""Laws without an elementary quantile, gamma and beta: integrated once, from their densities.

The logarithm of a gamma value, and the logit of a beta value, have densities whose logarithm is concave with straight ends. So a
few thousand panels hold all of the mass, shares are cumulated from both ends, and between two panels the logarithm of the share
is all but a line. Nothing but exp and log is needed, for shapes from 0.001 to 10^9.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from seedbed.core.draw import Floats
from seedbed.core.elementary import exp, expm1, log, log1p
from seedbed.core.records import dataclass

_PANELS = 256  # in the distance over which the density first falls by a factor of e, or up to e^2
_DROP = 64.0  # the mass beyond e^-64 of the density's peak is that of a straight end
_REACH = 65  # such distances: a concave logarithm falls by 1 or more in each
_FAR = 1e9  # panels


@dataclass(frozen=True)
class Concave:
    """The law of g(t), g rising, where t has a density whose logarithm is concave; `log_density` may lack a constant.

    `mode` is where that density is greatest, `value` is g and `place` its inverse.
    """

    log_density: Callable[[Floats], Floats]
    mode: float
    value: Callable[[Floats], Floats]
    place: Callable[[Floats], Floats]

    def lower(self, shares: Floats) -> Floats:
        """The values below which these shares lie."""
        places, logs, _ = self._table
        return self.value(_interpolated(log(shares), logs, places))

    def upper(self, shares: Floats) -> Floats:
        """The values above which these shares lie."""
        places, _, logs = self._table
        return self.value(_interpolated(log(shares), logs[::-1], places[::-1]))

    def below(self, values: Floats) -> Floats:
        """The share below each value."""
        places, logs, _ = self._table
        return np.minimum(exp(_interpolated(self.place(values), places, logs)), 1.0)

    def above(self, values: Floats) -> Floats:
        """The share above each value."""
        places, _, logs = self._table
        return np.minimum(exp(_interpolated(self.place(values), places, logs)), 1.0)

    @cached_property
    def _table(self) -> tuple[Floats, Floats, Floats]:
        """Places, and the logarithms of the shares below and above each; all rising places, shape (n,)."""
        left, right = self._side(-1.0), self._side(1.0)
        places = np.concatenate([self.mode - left[::-1], [self.mode], self.mode + right])
        density = self._relative(places)
        middle = self._relative((places[1:] + places[:-1]) * 0.5)
        parts = (density[1:] + density[:-1] + 4.0 * middle) * (np.diff(places) / 6.0)  # Simpson's rule
        ends = (
            _straight_end(density[0], density[1], places[1] - places[0]),
            _straight_end(density[-1], density[-2], places[-1] - places[-2]),
        )
        below = np.cumsum(np.concatenate([[ends[0]], parts]))
        above = np.cumsum(np.concatenate([[ends[1]], parts[::-1]]))[::-1]
        whole = below[-1] + ends[1]
        return places, log(below / whole), log(above / whole)

    def _relative(self, places: Floats) -> Floats:
        peak = self.log_density(np.array([self.mode]))[0]
        return exp(self.log_density(places) - peak)

    def _side(self, sign: float) -> Floats:
        """How far the ends of panels are from the mode, rising, up to where the density is e^-64 of its peak."""
        distances = np.ldexp(1.0, np.arange(-80, 80))
        peak = self.log_density(np.array([self.mode]))[0]
        drops = peak - self.log_density(self.mode + sign * distances)
        step = distances[int(np.argmax(drops >= 1.0))] / _PANELS
        found = step * np.arange(1, _REACH * _PANELS + 1)
        drops = peak - self.log_density(self.mode + sign * found)
        kept: Floats = found[: int(np.argmax(drops >= _DROP)) + 1]
        return kept


def gamma_law(shape: float, scale: float) -> Concave:
    """The gamma law: t = ln(value / scale) has the log density shape * t - e^t.

    >>> float(gamma_law(1.0, 2.0).upper(np.array([0.5]))[0])  # exponential: 2 ln 2 = 1.3862943611..
    1.38629...
    """
    mode = float(log(shape))

    def log_density(places: Floats) -> Floats:
        apart = places - mode
        return shape * (apart - expm1(apart))

    return Concave(log_density, mode, lambda places: scale * exp(places), lambda values: log(np.maximum(values, 0.0) / scale))


def beta_law(alpha: float, beta: float) -> Concave:
    """The beta law: t = ln(value / (1 - value)) has the log density alpha * ln(value) + beta * ln(1 - value)."""

    def log_density(places: Floats) -> Floats:
        return -(alpha * _softplus(-places) + beta * _softplus(places))

    def place(values: Floats) -> Floats:
        inside = np.clip(values, 0.0, 1.0)
        return log(inside) - log1p(-inside)

    return Concave(log_density, float(log(alpha) - log(beta)), lambda places: exp(-_softplus(-places)), place)


def _softplus(x: Floats) -> Floats:
    """ln(1 + e^x)."""
    return np.maximum(x, 0.0) + log1p(exp(-np.abs(x)))


def _straight_end(outer: float, inner: float, width: float) -> float:
    """The mass beyond the outermost panel, whose density goes on as e^(slope * t); 0 where it ends at once."""
    if outer <= 0.0 or inner <= outer:
        return 0.0
    return float(outer * width / float(log(inner / outer)))


def _interpolated(x: Floats, rising: Floats, values: Floats) -> Floats:
    """Values at x between points of a rising axis, in straight lines; beyond them along the outermost line."""
    index = np.clip(np.searchsorted(rising, x, side="right") - 1, 0, len(rising) - 2)
    left = rising[index]
    width = rising[index + 1] - left
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.where(width > 0, (x - left) / width, 1.0), -_FAR, _FAR)
    found: Floats = values[index] + part * (values[index + 1] - values[index])
    return found
