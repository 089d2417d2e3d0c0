"""A distribution as a staircase of shares: what data are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np

from seedbed.core.draw import Floats
from seedbed.core.smooth import Smooth
from seedbed.core.tables import Constant, EvenFloats, NumberSource, QuantileTable, WeightedNumbers
from seedbed.model.generators.distribution import Distribution
from seedbed.plan.distributions import raw_source

#: The least and the greatest value there may be.
Ends: TypeAlias = tuple[float | None, float | None]

_STEPS = 4096
_PLACES = 2048  # of tables without quantiles: each asks for its share by itself


def expected_shares(
    spec: Distribution,
    *,
    whole: bool,
    decimals: int | None = None,
    clamps: Iterable[Ends] = (),
    within: Ends = (None, None),
) -> tuple[Floats, Floats]:
    """Rising numbers, and the share of values up to each, shape (n,): about 1/2048 apart but where a single value weighs more.

    `whole` says that the column holds whole numbers, `decimals` that it rounds to so many. Values beyond the distribution's own clamp,
    and then beyond each of `clamps`, are moved to its ends; those beyond `within` are drawn again.
    """
    source = raw_source(spec, whole)
    places, shares = _places(source)
    step = 1.0 if whole else 0.0 if decimals is None else 1.0 / float(10**decimals)
    moves = [ends for ends in (spec.clamp or (None, None), *clamps) if ends != (None, None)]
    if shares is None:
        ends = [end for pair in (*moves, within) for end in pair if end is not None]
        places = np.unique(np.concatenate([places, ends, np.nextafter(ends, -np.inf)]))
        places = np.unique((np.floor(places / step + 0.5) + 0.5) * step) if step else places  # so far up is rounded to a value
        shares = _below(source, places)
    for low, high in moves:
        places, shares = _clamped(places, shares, (low, high), step / 2)
    return places, shares if within == (None, None) else _drawn_within(places, shares, within, step)


def _places(source: NumberSource) -> tuple[Floats, Floats | None]:
    """Where to compare; with the shares where single numbers have them."""
    even = np.arange(1, _STEPS) / _STEPS
    if isinstance(source, Smooth):
        half = even[: _STEPS // 2]
        return np.concatenate([source.law.lower(half), source.law.upper(half)[-2::-1]]), None
    if isinstance(source, QuantileTable):
        return source.knots, None
    if isinstance(source, EvenFloats):
        return source.low + even * (source.high - source.low), None
    if isinstance(source, WeightedNumbers | Constant):
        return _listed(source)
    width = source.high - source.low
    finer = (
        width * np.ldexp(1.0, -(np.arange(_PLACES) // 32)) * (np.arange(_PLACES) % 32 + 32) / 64
    )  # 32 places an octave towards the low end
    return np.unique(source.low + np.floor(np.append(finer, np.linspace(0.0, width, _PLACES)))), None


def _listed(source: WeightedNumbers | Constant) -> tuple[Floats, Floats]:
    if isinstance(source, Constant):
        return np.array([source.value]), np.ones(1)
    shares = np.cumsum(source.index.shares)
    kept = np.unique(np.searchsorted(shares, np.arange(1, 16 * _STEPS) / (16 * _STEPS))) if len(shares) > 16 * _STEPS else slice(None)
    return source.numbers.astype(np.float64)[kept], shares[kept]


def _below(source: NumberSource, places: Floats) -> Floats:
    if isinstance(source, Smooth):
        return source.law.below(places)
    if isinstance(source, QuantileTable):
        return source.share_below(places)
    return np.array([source.share_between(-np.inf, place) for place in places.tolist()])


def _drawn_within(places: Floats, shares: Floats, within: Ends, step: float) -> Floats:
    """The shares where values beyond an end are drawn again until they lie within; shape (n,)."""
    low, high = within
    upto = np.concatenate([[0.0], shares])
    below = 0.0 if low is None else float(upto[np.searchsorted(places, _on_grid(low, step, np.ceil), side="left")])
    top = (
        1.0 if high is None else float(upto[np.searchsorted(places, _on_grid(high, step, np.floor) + step / 2 * (1 + 1e-9), side="right")])
    )
    return np.clip((shares - below) / max(top - below, np.finfo(np.float64).tiny), 0.0, 1.0)


def _on_grid(end: float, step: float, towards: Callable[[float], float]) -> float:
    """The nearest value of a grid that lies within an end."""
    return end if not step else float(towards(round(end / step, 6))) * step


def _clamped(places: Floats, shares: Floats, clamp: Ends, half: float) -> tuple[Floats, Floats]:
    """The same where values beyond an end are moved to it; `half` a step above a value is still rounded to it."""
    low, high = clamp
    if low is not None:
        at_low = float(np.concatenate([[0.0], shares])[int(np.searchsorted(places, low + half, side="right"))])
        kept = places > low
        places = np.concatenate([[np.nextafter(low, -np.inf), low], places[kept]])
        shares = np.concatenate([[0.0, at_low], shares[kept]])
    if high is not None:
        kept = places < high
        places, shares = np.append(places[kept], high), np.append(shares[kept], 1.0)
    return places, shares
