"""Pairs of columns of which one is never before the other, and what makes new pairs like them."""

from __future__ import annotations

import numpy as np

from seedbed.stats.values import DAY_US, Counts, Floats

#: So many rows show an order that is no chance.
ENOUGH = 50

#: Stretches of time in which moments that an order kept away are estimated.
_CELLS = 200

#: Rows that must have been able to lie in a stretch, so that it tells something.
_LEAST = 8


def never_before(left: Floats, right: Floats) -> bool:
    """Whether no value on the right is below the one on the left, though both reach over the same numbers; NaN says nothing.

    >>> never_before(np.arange(100.0), np.arange(100.0) + 5), never_before(np.arange(100.0), np.arange(100.0) + 500)
    (True, False)
    """
    both = np.isfinite(left) & np.isfinite(right)
    if int(both.sum()) < ENOUGH or (left[both] > right[both]).any():
        return False
    return bool(right[both].min() < left[both].max()) and bool((left[both] != right[both]).any())


def untruncated(left: Counts, right: Counts, first: int, last: int) -> Floats:
    """How many of `right` there would be on each day from `first` to `last` if `left`, which comes before each, kept none away.

    The product-limit estimator for data cut off on the left, in stretches of time. Drawing from it what isn't before `left` gives `right`
    again. Source: Lynden-Bell, "A method of allowing for known observational selection", MNRAS 155 (1971).
    """
    days = last - first + 1
    width = -(-days // _CELLS)
    cells = -(-days // width)
    begun = np.clip((left // DAY_US - first) // width, 0, cells - 1)
    came = np.clip((right // DAY_US - first) // width, 0, cells - 1)
    events = np.bincount(came, minlength=cells).astype(np.float64)
    entered = np.bincount(begun, minlength=cells).astype(np.float64)
    gone = np.concatenate([[0.0], np.cumsum(events)[:-1]])
    waiting = np.cumsum(entered) - 0.5 * entered - gone + 0.5 * np.bincount(begun[begun == came], minlength=cells)
    hazard = events / np.maximum(np.maximum(waiting, events), _LEAST)
    hazard[-1] = 1.0
    left_over = np.concatenate([[1.0], np.cumprod(1.0 - np.minimum(hazard, 0.999))[:-1]])
    mass = left_over * hazard
    spread = np.repeat(mass, width)[:days]
    sizes = np.full(cells, float(width))
    sizes[-1] = days - width * (cells - 1)
    return np.asarray(spread / np.repeat(sizes, width)[:days] * len(right))


def gaps_are_free(left: Counts, right: Counts, first: int, density: Floats) -> bool:
    """Whether drawing `right` by the days' density, not before `left`, gives gaps like those that are there."""
    running = np.concatenate([[0.0], np.cumsum(density)]) / max(float(density.sum()), 1e-12)
    places = (np.arange(len(running)) + first) * float(DAY_US)
    below = np.interp(left.astype(np.float64), places, running)
    level = _even(len(left))
    drawn = np.interp(below + level * (1.0 - below), running, places)
    return apart(drawn - left, (right - left).astype(np.float64)) <= 0.12


def after_delays(left: Counts, delays: Floats, last: float) -> Floats:
    """Moments that follow `left` by delays drawn anew, none beyond `last`, shape (n,)."""
    order = np.argsort(_even(len(left)), kind="stable")
    found = left + delays[order]
    for turn in (1, 2, 3, 4, 5, 6):
        late = found > last
        if not late.any():
            break
        found = np.where(late, left + np.roll(delays[order], turn * 97), found)
    return np.minimum(found, last)


def apart(one: Floats, other: Floats) -> float:
    """The Kolmogorov-Smirnov distance between two sets of numbers.

    >>> apart(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    0.5
    """
    places = np.union1d(one, other)
    first = np.searchsorted(np.sort(one), places, side="right") / len(one)
    second = np.searchsorted(np.sort(other), places, side="right") / len(other)
    return float(np.abs(first - second).max())


def _even(count: int) -> Floats:
    """Numbers that lie evenly in [0, 1), in an order that looks random: multiples of the golden ratio's fraction."""
    return np.asarray((np.arange(count) + 0.5) * 0.6180339887498949 % 1.0)
