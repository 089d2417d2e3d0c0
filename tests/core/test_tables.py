"""Tables give what their distributions say: by Kolmogorov-Smirnov and chi-square at fixed seeds, and exactly where cut."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core.draw import Bits, Floats, derive_key, draw_bits
from seedbed.core.elementary import exp, log, normal_cdf, normal_quantile
from seedbed.core.tables import (
    Constant,
    EvenFloats,
    EvenInts,
    NumberSource,
    QuantileTable,
    WeightedIndex,
    WeightedNumbers,
    poisson_table,
)
from tests.core.battery import goodness, kolmogorov

N = 1_000_000
ALPHA = 0.001  # the chance that a test of a right table fails; seeds are fixed
TOP = 2**64 - 1


def bits(name: str, n: int = N) -> Bits:
    return draw_bits(derive_key(42, name), range(n))


def distance(values: Floats, cdf: Callable[[Floats], Floats]) -> float:
    """The Kolmogorov-Smirnov distance of values from a distribution function."""
    shares = cdf(np.sort(values))
    steps = np.arange(len(values) + 1) / len(values)
    return float(max((steps[1:] - shares).max(), (shares - steps[:-1]).max()))


def normal(mean: float, std: float) -> QuantileTable:
    return QuantileTable.of(lambda shares: mean + std * normal_quantile(shares))


def lognormal(mean: float, sigma: float) -> QuantileTable:
    return QuantileTable.of(lambda shares: exp(mean + sigma * normal_quantile(shares)))


CONTINUOUS: dict[str, tuple[NumberSource, Callable[[Floats], Floats]]] = {
    "normal": (normal(0.0, 1.0), normal_cdf),
    "shifted normal": (normal(-50.0, 20.0), lambda x: normal_cdf((x + 50) / 20)),
    "lognormal": (lognormal(3.0, 1.0), lambda x: normal_cdf(log(x) - 3)),
    "wide lognormal": (lognormal(0.0, 5.0), lambda x: normal_cdf(log(x) / 5)),
    "uniform": (EvenFloats(-3.0, 8.0), lambda x: np.clip((x + 3) / 11, 0.0, 1.0)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_their_distribution(name: str) -> None:
    """Kolmogorov-Smirnov at a million draws, p >= 0.001 / 5."""
    source, cdf = CONTINUOUS[name]
    assert kolmogorov(distance(source.draw(bits(name)), cdf), N) > ALPHA / len(CONTINUOUS)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_whole_numbers_follow_their_distribution(name: str) -> None:
    """Rounded draws by chi-square over whole numbers, p >= 0.001 / 5."""
    source, cdf = CONTINUOUS[name]
    whole = np.rint(source.draw(bits(name)))
    edges = np.unique(np.rint(np.quantile(whole, np.linspace(0.02, 0.98, 49)))) + 0.5
    edges = edges[cdf(edges) < 1]
    shares = np.diff(cdf(edges), prepend=0.0, append=1.0)
    counts = np.bincount(np.searchsorted(edges, whole), minlength=len(shares))
    assert goodness(counts, shares * N) > ALPHA / len(CONTINUOUS)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_rare_values_are_as_rare_as_they_should(name: str) -> None:
    """The outermost 2^-8 .. 2^-13 on both sides, which tables cut finer; chi-square, p >= 0.001 / 5."""
    source, cdf = CONTINUOUS[name]
    shares = cdf(source.draw(bits(f"tails of {name}")))
    edges = 2.0 ** -np.arange(13, 7, -1)
    edges = np.concatenate([edges, 1 - edges[::-1]])
    counts = np.bincount(np.searchsorted(edges, shares), minlength=len(edges) + 1)
    assert goodness(counts, np.diff(edges, prepend=0, append=1) * N) > ALPHA / len(CONTINUOUS)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_extreme_draws_give_the_outermost_values(name: str) -> None:
    source, _ = CONTINUOUS[name]
    lowest, highest = source.draw(np.array([0, TOP], dtype=np.uint64))
    assert lowest == source.low
    assert source.low < highest <= source.high
    assert highest > source.high - (source.high - source.low) * 0.5


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize(("bottom", "top"), [(0.1, 0.3), (0.0, 0.002), (0.9, 0.99999), (0.49999, 0.50001)])
def test_cut_draws_stay_within_and_follow_the_cut_distribution(name: str, bottom: float, top: float) -> None:
    """Kolmogorov-Smirnov at 100,000 draws, p >= 0.001 / 20; tables are right to 2 * 10^-5 of the whole."""
    source, cdf = CONTINUOUS[name]
    draws = bits(f"{name} {bottom}", 100_000)
    low, high = np.quantile(source.draw(bits(name, 200_000)), [bottom, top])
    cut = source.draw_between(draws, np.full(len(draws), low), np.full(len(draws), high))
    assert low <= cut.min()
    assert cut.max() <= high
    below, above = cdf(np.array([low, high]))
    assert source.share_between(low, high) == pytest.approx(above - below, abs=2e-5)
    found = distance(cut, lambda x: (cdf(x) - below) / (above - below)) - 2e-5 / (above - below)
    assert kolmogorov(found, len(draws)) > ALPHA / 20


@pytest.mark.parametrize("name", CONTINUOUS)
def test_where_there_is_no_mass_cut_draws_are_still_within(name: str) -> None:
    source, _ = CONTINUOUS[name]
    draws = bits("nothing", 1000)
    far = np.full(1000, source.high + 10.0)
    found = source.draw_between(draws, far, far + 1)
    assert ((found >= far) & (found <= far + 1)).all()
    assert source.share_between(source.high + 1, source.high + 2) == 0
    assert source.share_between(-math.inf, math.inf) == 1


@pytest.mark.parametrize(
    ("source", "mean", "square"),
    [
        (normal(3.0, 2.0), 3.0, 13.0),
        (lognormal(0.5, 0.8), math.exp(0.5 + 0.32), math.exp(1 + 4 * 0.32)),
        (EvenFloats(2.0, 5.0), 3.5, 13.0),
        (EvenInts(-3, 6), 1.5, 10.5),
        (EvenInts(0, 999_999), 499_999.5, 999_999 * 1_999_999 / 6),
        (Constant(4.0), 4.0, 16.0),
        (poisson_table(7.5), 7.5, 7.5**2 + 7.5),
    ],
)
def test_expected_values_are_right(source: NumberSource, mean: float, square: float) -> None:
    assert source.mean_of(lambda values: values) == pytest.approx(mean, rel=1e-4)
    assert source.mean_of(lambda values: values * values) == pytest.approx(square, rel=1e-3)
    assert isinstance(source, QuantileTable) or source.mean_of(lambda values: values) == pytest.approx(mean, rel=1e-9)


def test_a_constant_is_constant() -> None:
    source = Constant(2.5)
    assert (source.low, source.high) == (2.5, 2.5)
    assert (source.draw(bits("c", 5)) == 2.5).all()
    assert source.draw_between(bits("c", 2), np.array([1.0, 3.0]), np.array([2.0, 9.0])).tolist() == [2.0, 3.0]
    assert (source.share_between(2, 3), source.share_between(3, 4)) == (1, 0)


def test_a_table_of_one_value_is_in_or_out() -> None:
    flat = QuantileTable(np.full(3, 7.0), np.array([0.0, 0.5, 1.0]))
    assert (flat.share_between(6, 8), flat.share_between(8, 9)) == (1, 0)
    assert EvenFloats(7.0, 7.0).share_between(6, 8) == 1


@pytest.mark.parametrize(("first", "last"), [(0, 0), (-5, 5), (0, 10**6 - 1), (-(2**62), 2**62)])
def test_whole_numbers_are_equally_frequent(first: int, last: int) -> None:
    """Ten parts by chi-square, p >= 0.001 / 4."""
    source, n = EvenInts(first, last), 200_000
    found = source.draw(bits(f"{first}", n))
    assert int(found.min()) >= first
    assert int(found.max()) <= last
    parts = min(10, last - first + 1)
    edges = [first + (last - first + 1) * part // parts for part in range(1, parts)]
    expected = np.diff(np.array([first, *edges, last + 1], dtype=object)).astype(float)
    counts = np.bincount(np.searchsorted(np.array(edges, dtype=np.int64), found, side="right"), minlength=parts)
    assert parts == 1 or goodness(counts, expected / expected.sum() * n) > ALPHA / 4


@given(st.integers(-50, 50), st.integers(0, 30), st.integers(-60, 60), st.integers(0, 30))
def test_cut_whole_numbers_are_whole_and_within(first: int, size: int, low: int, width: int) -> None:
    source = EvenInts(first, first + size)
    at, to = max(first, low), min(first + size, low + width)
    if at > to:
        assert source.share_between(low, low + width) == 0
        return
    draws = draw_bits(derive_key(1, "cut"), range(2000))
    found = source.draw_between(draws, np.full(2000, low - 0.3), np.full(2000, low + width + 0.3))
    assert set(found.tolist()) <= set(range(at, to + 1))
    assert to - at > 20 or set(found.tolist()) == set(range(at, to + 1))
    assert source.share_between(low, low + width) == pytest.approx((to - at + 1) / (size + 1))


def poisson_shares(mean: float) -> tuple[int, NDArray[np.float64]]:
    """The first count that matters, and the probabilities from it on."""
    reach = int(12 * math.sqrt(mean) + 30)
    first = max(0, int(mean) - reach)
    return first, np.array([math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(first, int(mean) + reach)])


@pytest.mark.parametrize("mean", [0.1, 0.9999, 3.0, 120.0, 1e5])
def test_poisson_counts_follow_poissons_law(mean: float) -> None:
    """Chi-square over counts, each part with at least 20 expected, p >= 0.001 / 5."""
    table, n = poisson_table(mean), 400_000
    first, shares = poisson_shares(mean)
    counts = np.bincount(table.draw(bits(f"poisson {mean}", n)) - first, minlength=len(shares))
    parts = np.minimum(np.cumsum(shares * n) // 20, np.sum(shares * n) // 20 - 1).astype(np.int64)
    _, groups = np.unique(parts, return_inverse=True)
    assert goodness(np.bincount(groups, counts).astype(np.int64), np.bincount(groups, shares * n).astype(np.float64)) > ALPHA / 5
    middle = (first + len(shares) // 3, first + len(shares) // 2)
    assert table.share_between(*middle) == pytest.approx(shares[middle[0] - first : middle[1] - first + 1].sum(), abs=1e-9)


@pytest.mark.parametrize("mean", [1e-9, 0.5, 1.0, 17.3, 1e6])
def test_poisson_tables_hold_all_the_weight(mean: float) -> None:
    table = poisson_table(mean)
    assert table.mean_of(lambda k: k) == pytest.approx(mean, rel=1e-9)
    assert table.mean_of(lambda k: (k - mean) ** 2) == pytest.approx(mean, rel=1e-6)
    assert table.low >= 0


WEIGHTS = st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.5, 1e-9, 1e12]), min_size=1, max_size=60).filter(any)


@given(WEIGHTS, st.lists(st.integers(0, TOP), max_size=50))
def test_items_without_weight_are_never_drawn(weights: list[float], words: list[int]) -> None:
    index = WeightedIndex.of(np.array(weights))
    draws = np.concatenate([np.array([0, TOP, *words], dtype=np.uint64), index.upper, index.upper - np.uint64(1)])
    assert all(weights[item] > 0 for item in index.draw(draws).tolist())
    ends = np.zeros(len(draws), dtype=np.int64), np.full(len(draws), len(weights) - 1)
    assert all(weights[item] > 0 for item in index.draw_between(draws, *ends).tolist())


@pytest.mark.parametrize(
    "weights",
    [
        np.array([3.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0]),
        1.0 / np.arange(1, 1001) ** 1.2,
        np.concatenate([np.full(200, 0.8 / 200), 0.2 / np.arange(1, 801) / np.sum(1 / np.arange(1, 801))]),
        np.arange(70_000) % 3 * 1.0,
    ],
    ids=["with zeros", "zipf", "head and tail", "many"],
)
def test_items_are_drawn_by_their_weights(weights: NDArray[np.float64]) -> None:
    """Chi-square over all items with weight, p >= 0.001 / 4."""
    index = WeightedIndex.of(weights)
    counts = np.bincount(index.draw(bits(f"items {len(weights)}")), minlength=len(weights))
    assert index.size == len(weights)
    assert (counts[weights == 0] == 0).all()
    shown = weights > 0
    assert goodness(counts[shown], weights[shown] / weights.sum() * N) > ALPHA / 4
    assert index.shares == pytest.approx(weights / weights.sum(), abs=1e-12)


@given(WEIGHTS, st.data())
def test_the_guide_finds_what_a_search_finds(weights: list[float], data: st.DataObject) -> None:
    index = WeightedIndex.of(np.array(weights))
    draws = np.array(data.draw(st.lists(st.integers(0, TOP - 1), min_size=1, max_size=50)), dtype=np.uint64)
    assert np.array_equal(index.draw(draws), np.searchsorted(index.upper, draws, side="right"))


@given(WEIGHTS, st.data())
def test_cut_items_lie_within_and_have_weight_where_some_has(weights: list[float], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(weights) - 1))
    last = data.draw(st.integers(first, len(weights) - 1))
    index = WeightedIndex.of(np.array(weights))
    draws = draw_bits(derive_key(3, "cut items"), range(200))
    found = index.draw_between(draws, np.full(200, first), np.full(200, last))
    assert ((found >= first) & (found <= last)).all()
    inside = weights[first : last + 1]
    if max(inside) > 1e-12 * sum(weights):
        assert all(weights[item] > 0 for item in found.tolist())


def test_cut_items_follow_their_weights() -> None:
    """Items 2..5 of eight, and evenly where no item has weight; chi-square, p >= 0.001 / 2."""
    weights = np.array([1.0, 5.0, 2.0, 0.0, 3.0, 1.0, 9.0, 0.0])
    draws, n = bits("cut weights", 100_000), 100_000
    found = WeightedIndex.of(weights).draw_between(draws, np.full(n, 2), np.full(n, 5))
    assert goodness(np.bincount(found, minlength=6)[[2, 4, 5]], np.array([2, 3, 1]) / 6 * n) > ALPHA / 2
    empty = WeightedIndex.of(np.array([1.0, 0.0, 0.0, 0.0, 1.0])).draw_between(draws, np.full(n, 1), np.full(n, 3))
    assert goodness(np.bincount(empty, minlength=4)[1:], np.full(3, n / 3)) > ALPHA / 2


def test_cut_numbers_are_listed_numbers() -> None:
    numbers = WeightedNumbers(np.array([1.0, 2.5, 4.0, 8.0]), WeightedIndex.of(np.array([1.0, 1.0, 0.0, 2.0])))
    draws = bits("listed", 1000)
    assert (numbers.low, numbers.high) == (1.0, 8.0)
    assert set(numbers.draw_between(draws, np.full(1000, 2.0), np.full(1000, 9.0)).tolist()) == {2.5, 8.0}
    assert set(numbers.draw_between(draws, np.full(1000, 3.0), np.full(1000, 5.0)).tolist()) == {4.0}  # without weight, but within
    assert set(numbers.draw_between(draws, np.full(1000, 5.0), np.full(1000, 6.0)).tolist()) == {8.0}  # the nearest above
    assert numbers.share_between(2, 4) == pytest.approx(0.25)
    assert set(numbers.draw(draws).tolist()) == {1.0, 2.5, 8.0}
