"""Continuous laws give what their formulas say: in the middle, far out in their tails, and where they are cut."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.binned import Binned
from seedbed.core.concave import beta_law, gamma_law
from seedbed.core.draw import Bits, Floats, derive_key, draw_bits
from seedbed.core.laws import Pareto, Triangular, Weibull
from seedbed.core.rounding import on_decimals, rounded
from seedbed.core.smooth import Floored, Smooth
from tests.core.battery import gamma_tail, goodness, kolmogorov

N = 400_000
ALPHA = 0.001  # the chance that a test of a right law fails; seeds are fixed
TOP = 2**64 - 1
RIGHT = 5e-6  # how far the integrated laws may be from their formulas

Above = Callable[[float], float]


def beta_above(a: int, b: int) -> Above:
    """P(value > x) for whole shapes: fewer than a of a + b - 1 even values lie below x."""
    n = a + b - 1
    return lambda x: math.fsum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a))


LAWS: dict[str, tuple[Smooth, Above]] = {
    "exponential": (Smooth(Weibull(1.0, 3.0)), lambda x: math.exp(-x / 3)),
    "weibull": (Smooth(Weibull(1.7, 10.0)), lambda x: math.exp(-((x / 10) ** 1.7))),
    "early failures": (Smooth(Weibull(0.4, 1.0)), lambda x: math.exp(-(x**0.4))),
    "pareto": (Smooth(Pareto(1.3, 2.0)), lambda x: (2 / x) ** 1.3),
    "heavy pareto": (Smooth(Pareto(0.3, 1.0)), lambda x: x**-0.3),
    "triangular": (Smooth(Triangular(-1.0, 0.0, 4.0)), lambda x: 1 - (x + 1) ** 2 / 5 if x <= 0 else (4 - x) ** 2 / 20),
    "gamma": (Smooth(gamma_law(2.5, 3.0)), lambda x: gamma_tail(2.5, x / 3)),
    "steep gamma": (Smooth(gamma_law(0.3, 1.0)), lambda x: gamma_tail(0.3, x)),
    "wide gamma": (Smooth(gamma_law(400.0, 1.0)), lambda x: gamma_tail(400.0, x)),
    "beta": (Smooth(beta_law(2.0, 5.0)), beta_above(2, 5)),
    "even beta": (Smooth(beta_law(1.0, 1.0)), lambda x: 1 - x),
}


def bits(name: str, n: int = N) -> Bits:
    return draw_bits(derive_key(42, name), range(n))


def shares_above(above: Above, values: Floats) -> Floats:
    return np.array([above(x) for x in values.tolist()])


def distance(values: Floats, above: Above, points: int = 4000) -> float:
    """The Kolmogorov-Smirnov distance at so many of the sorted values."""
    ordered, places = np.sort(values), np.linspace(0, len(values) - 1, points).astype(np.int64)
    shares = 1 - shares_above(above, ordered[places])
    return float(max(np.abs((places + 1) / len(values) - shares).max(), np.abs(shares - places / len(values)).max()))


@pytest.mark.parametrize("name", LAWS)
def test_draws_follow_their_law(name: str) -> None:
    """Kolmogorov-Smirnov at 400,000 draws, p >= 0.001 / 11."""
    source, above = LAWS[name]
    assert kolmogorov(distance(source.draw(bits(name)), above), N) > ALPHA / len(LAWS)


@pytest.mark.parametrize("name", LAWS)
def test_rare_values_are_as_rare_as_they_should(name: str) -> None:
    """The outermost 2^-6 .. 2^-14 on both sides by chi-square, p >= 0.001 / 11."""
    source, above = LAWS[name]
    edges = np.ldexp(1.0, -np.arange(14, 4, -1))
    law = source.law
    at = np.concatenate([law.lower(edges), law.upper(edges[::-1])])
    expected = -np.diff(shares_above(above, at), prepend=1.0, append=0.0)
    counts = np.bincount(np.searchsorted(at, source.draw(bits(f"tails of {name}"))), minlength=len(at) + 1)
    assert goodness(counts, expected * N) > ALPHA / len(LAWS)


@pytest.mark.parametrize("name", LAWS)
def test_the_far_tail_is_exact(name: str) -> None:
    """Down to the quantile of 2^-50, which no table reaches, the share above a value is what the formula says."""
    source, above = LAWS[name]
    shares = 2.0 ** -np.arange(1.0, 51.0, 7)
    values = source.law.upper(shares)
    known = shares_above(above, values)
    clear = known > 1e-12 if name in ("even beta", "triangular") else known > 0
    assert known[clear] == pytest.approx(shares[clear], rel=2e-3)
    assert source.law.above(values)[clear] == pytest.approx(shares[clear], rel=2e-3)
    assert source.law.below(source.law.lower(shares)) == pytest.approx(shares, rel=2e-3)


@pytest.mark.parametrize("name", LAWS)
def test_extreme_draws_are_finite_and_in_order(name: str) -> None:
    source, _ = LAWS[name]
    found = source.draw(np.array([0, 1 << 40, 1 << 57, 1 << 63, TOP - (1 << 57), TOP - (1 << 40), TOP], dtype=np.uint64))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()
    assert (found[0], found[-1]) == (source.low, source.high)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("bottom", "top"), [(0.1, 0.3), (0.0, 0.002), (0.4, 0.999), (0.99, 0.99999), (0.999999999, 1.0)])
def test_cut_draws_stay_within_and_follow_the_cut_law(name: str, bottom: float, top: float) -> None:
    """Kolmogorov-Smirnov at 40,000 draws, p >= 0.001 / 55; integrated laws are right to 5 * 10^-6."""
    source, above = LAWS[name]
    n = 40_000
    low = (
        source.low
        if bottom == 0
        else float((source.law.lower if bottom < 0.5 else source.law.upper)(np.array([min(bottom, 1 - bottom)]))[0])
    )
    high = np.inf if top == 1 else float((source.law.lower if top < 0.5 else source.law.upper)(np.array([min(top, 1 - top)]))[0])
    cut = source.draw_between(bits(f"{name} {bottom}", n), np.full(n, low), np.full(n, high))
    assert low <= cut.min()
    assert cut.max() <= high
    first, last = above(low), above(high) if high < np.inf else 0.0
    assert source.share_between(low, high) == pytest.approx(first - last, abs=RIGHT, rel=2e-3)
    if name not in ("even beta", "triangular") or bottom < 0.99999:  # the formula itself has no more digits there
        found = distance(cut, lambda x: (above(x) - last) / (first - last)) - 2e-3
        assert kolmogorov(max(found, 0.0), n) > ALPHA / 55


@pytest.mark.parametrize("name", LAWS)
def test_where_there_is_no_mass_cut_draws_are_still_within(name: str) -> None:
    source, _ = LAWS[name]
    far = np.full(100, -30.0)
    found = source.draw_between(bits("nothing", 100), far, far + 1)
    assert ((found >= far) & (found <= far + 1)).all()
    assert source.share_between(-30.0, -29.0) == 0
    assert source.share_between(-math.inf, math.inf) == 1


@pytest.mark.parametrize("shape", [0.001, 0.05, 1.0, 7.0, 1e4, 1e9])
def test_gamma_laws_of_any_shape_have_their_mean_and_variance(shape: float) -> None:
    source = Smooth(gamma_law(shape, 2.0))
    mean = source.mean_of(lambda x: x)
    assert mean == pytest.approx(2 * shape, rel=2e-4)
    assert source.mean_of(lambda x: (x - mean) ** 2) == pytest.approx(4 * shape, rel=2e-4)


@pytest.mark.parametrize(("a", "b"), [(0.001, 0.001), (0.001, 1e9), (0.5, 0.5), (3.0, 1.0), (1e6, 3.0), (1e9, 1e9)])
def test_beta_laws_of_any_shapes_have_their_mean_and_variance(a: float, b: float) -> None:
    source = Smooth(beta_law(a, b))
    mean = source.mean_of(lambda x: x)
    assert mean == pytest.approx(a / (a + b), rel=2e-4)
    assert source.mean_of(lambda x: (x - mean) ** 2) == pytest.approx(a * b / (a + b) ** 2 / (a + b + 1), rel=2e-4)


@pytest.mark.parametrize("law", [Weibull(0.02, 1e100), Weibull(1e6, 1e-100), Pareto(0.1, 1e100), Pareto(1e6, 1.0), gamma_law(0.001, 1e100)])
def test_extreme_parameters_give_finite_values(law: Weibull | Pareto) -> None:
    drawn = Smooth(law).draw(np.concatenate([bits("extreme", 10_000), np.array([0, TOP], dtype=np.uint64)]))
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()


def test_rare_successes_come_after_geometric_waits() -> None:
    """p = 0.00001: Kolmogorov-Smirnov at 400,000 draws, p >= 0.001."""
    source = Floored(Smooth(Weibull(1.0, -1 / math.log1p(-1e-5))), 1)
    drawn = source.draw(bits("rare"))
    assert drawn.min() >= 1
    assert kolmogorov(distance(drawn.astype(np.float64), lambda k: (1 - 1e-5) ** k), N) > ALPHA
    assert source.mean_of(lambda k: k) == pytest.approx(1e5, rel=1e-4)
    cut = source.draw_between(bits("cut", 1000), np.full(1000, 10.5), np.full(1000, 12.9))
    assert set(cut.tolist()) == {11, 12}
    assert source.share_between(1, 3) == pytest.approx(3e-5, rel=1e-4)


@pytest.mark.parametrize("whole", [False, True])
def test_bins_are_filled_by_their_weights(whole: bool) -> None:
    """Chi-square over even parts of each bin, p >= 0.001 / 4."""
    source = Binned.of(np.array([-5.0, 0.0, 10.0, 20.0, 100.0]), np.array([0.0, 3.0, 0.0, 1.0]), whole=whole)
    drawn = source.draw(bits("bins")).astype(np.float64)
    assert (drawn.min() >= 0, drawn.max() < 100) == (True, True)
    edges = np.array([0, 5, 10, 20, 60, 100])
    counts = np.histogram(drawn, edges)[0]
    assert counts[2] == 0
    assert goodness(counts[[0, 1, 3, 4]], np.array([3, 3, 1, 1]) / 8 * N) > ALPHA / 4
    cut = source.draw_between(bits("cut bins", 40_000), np.full(40_000, 4.5), np.full(40_000, 59.5))
    assert (cut.min() >= 4.5, cut.max() <= 59.5) == (True, True)
    kept = [5, 40] if whole else [5.5, 39.5]
    shares = np.array([kept[0] * 0.3, kept[1] / 80])
    low, high = int((cut < 10).sum()), int((cut >= 20).sum())
    assert low + high == len(cut)
    assert goodness(np.array([low, high]), shares / shares.sum() * len(cut)) > ALPHA / 4
    assert source.share_between(4.5, 59.5) == pytest.approx(shares.sum() / 4)
    assert source.mean_of(lambda x: x) == pytest.approx(drawn.mean(), rel=0.01)


@given(st.floats(-1e15, 1e15), st.integers(0, 15))
def test_rounding_gives_the_nearest_decimal(value: float, decimals: int) -> None:
    found = float(rounded(np.array([value]), decimals)[0])
    assert found == float(f"{found:.{decimals}f}") or abs(value) * 10**decimals >= 2**52
    assert abs(found - value) <= 0.5000001 / 10**decimals + abs(value) * 2.0**-51
    up, down = (float(on_decimals(np.array([value]), decimals, up=up)[0]) for up in (True, False))
    assert down <= value <= up
