"""Tables of counts and ranks follow their laws."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from seedbed.core.counting import bernoulli_table, binomial_table, geometric_source, negative_binomial_table, numbers_table
from seedbed.core.draw import derive_key, draw_bits
from seedbed.core.tables import NumberSource
from seedbed.core.zipf import Zipf
from tests.core.battery import goodness

N = 400_000
ALPHA = 0.001


def negative_binomial(r: float, p: float) -> Callable[[int], float]:
    return lambda k: math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + r * math.log(p) + k * math.log1p(-p))


def binomial(n: int, p: float) -> Callable[[int], float]:
    return lambda k: (
        math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p))
        if k <= n
        else 0.0
    )


def zipf(a: float, n: int) -> Callable[[int], float]:
    whole = math.fsum(k**-a for k in range(1, n + 1))
    return lambda k: k**-a / whole if 1 <= k <= n else 0.0


COUNTS: dict[str, tuple[NumberSource, Callable[[int], float], int]] = {
    "geometric": (geometric_source(0.3), lambda k: 0.3 * 0.7 ** (k - 1), 1),
    "waits": (geometric_source(0.01), lambda k: 0.01 * 0.99 ** (k - 1), 1),
    "negative binomial": (negative_binomial_table(2.5, 0.3), negative_binomial(2.5, 0.3), 0),
    "rare": (negative_binomial_table(0.05, 0.02), negative_binomial(0.05, 0.02), 0),
    "binomial": (binomial_table(10, 0.3), binomial(10, 0.3), 0),
    "many tries": (binomial_table(2_000, 0.97), binomial(2_000, 0.97), 0),
    "zipf": (Zipf(1.1, 1000), zipf(1.1, 1000), 1),
    "flat": (Zipf(0.0, 70_000), zipf(0.0, 70_000), 1),
    "long zipf": (Zipf(0.8, 200_000), zipf(0.8, 200_000), 1),
    "harmonic": (Zipf(1.0, 100_000), zipf(1.0, 100_000), 1),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_follow_their_law(name: str) -> None:
    """Chi-square over counts, each part with at least 20 expected, p >= 0.001 / 10."""
    table, share, first = COUNTS[name]
    last = int(min(table.high, 200_000))
    shares = np.array([share(k) for k in range(first, last + 1)])
    drawn = table.draw(draw_bits(derive_key(42, name), range(N)))
    assert drawn.dtype == np.int64
    assert int(drawn.min()) >= first
    counts = np.bincount(drawn - first, minlength=len(shares))
    parts = np.minimum(np.cumsum(shares * N) // 20, np.sum(shares * N) // 20 - 1).astype(np.int64)
    _, groups = np.unique(parts, return_inverse=True)
    expected = np.bincount(groups, shares * N).astype(np.float64)
    assert goodness(np.bincount(groups, counts).astype(np.int64), expected * (N / expected.sum())) > ALPHA / len(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_shares_and_means_are_those_of_the_law(name: str) -> None:
    table, share, first = COUNTS[name]
    last = int(min(table.high, 200_000))
    numbers = range(first, last + 1)
    assert table.mean_of(lambda k: k) == pytest.approx(math.fsum(k * share(k) for k in numbers), rel=1e-6)
    ends = first + (last - first) // 50, first + (last - first) // 3
    assert table.share_between(*ends) == pytest.approx(math.fsum(share(k) for k in range(ends[0], ends[1] + 1)), abs=1e-9)
    assert table.share_between(-5, first - 1) == 0


@pytest.mark.parametrize("name", COUNTS)
def test_cut_counts_follow_the_cut_law(name: str) -> None:
    """Four counts by chi-square, p >= 0.001 / 10."""
    table, share, first = COUNTS[name]
    at = first if table.high < 1000 else int(table.high) - 4
    n = 40_000
    drawn = table.draw_between(draw_bits(derive_key(1, name), range(n)), np.full(n, at - 0.2), np.full(n, at + 3.4))
    assert set(drawn.tolist()) <= {at, at + 1, at + 2, at + 3}
    shares = np.array([share(k) for k in range(at, at + 4)])
    if shares.min() > 1e-12:
        counts = np.bincount(drawn - at, minlength=4)
        assert goodness(counts, shares / shares.sum() * n) > ALPHA / len(COUNTS)


def test_ends_of_the_parameters_give_one_number() -> None:
    draws = draw_bits(derive_key(1, "ends"), range(1000))
    tables = [
        geometric_source(1.0),
        negative_binomial_table(3.0, 1.0),
        binomial_table(7, 0.0),
        binomial_table(7, 1.0),
        binomial_table(0, 0.5),
        Zipf(2.0, 1),
    ]
    assert [set(table.draw(draws).tolist()) for table in tables] == [{1}, {0}, {0}, {7}, {0}, {1}]
    assert [set(bernoulli_table(p).draw(draws).tolist()) for p in (0.0, 1.0, 0.5)] == [{0}, {1}, {0, 1}]


def test_ranks_go_as_far_as_floats_are_whole() -> None:
    source = Zipf(0.5, 2**53)
    drawn = source.draw(draw_bits(derive_key(1, "far"), range(100_000)))
    assert 1 <= drawn.min() <= drawn.max() <= 2**53
    below = np.array([int((drawn <= 2**53 * share**2).sum()) for share in (0.25, 0.5, 0.75)])
    assert goodness(np.diff(below, prepend=0, append=100_000), np.full(4, 25_000.0)) > ALPHA
    steep = Zipf(100.0, 2**53).draw(draw_bits(derive_key(1, "steep"), range(1000)))
    assert set(steep.tolist()) == {1}


@pytest.mark.parametrize(("r", "p"), [(0.001, 0.0001), (1e9, 1.0), (1e6, 0.9), (10.0, 0.0001)])
def test_extreme_counts_have_their_mean(r: float, p: float) -> None:
    assert negative_binomial_table(r, p).mean_of(lambda k: k) == pytest.approx(r * (1 - p) / p, rel=1e-6)
    assert binomial_table(1_000_000_000, 0.5).mean_of(lambda k: k) == pytest.approx(5e8)


def test_numbers_are_put_in_order_and_those_without_weight_left_out() -> None:
    table = numbers_table(np.array([5.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.0]), whole=True)
    assert table.numbers.tolist() == [1, 5]
    assert table.mean_of(lambda k: k) == pytest.approx(7 / 3)
