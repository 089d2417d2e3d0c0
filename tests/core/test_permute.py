"""The keyed permutation: every value once, back and forth, whatever the size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.draw import derive_key
from seedbed.core.permute import Permutation
from tests.core.battery import gamma_tail, goodness

KEY = derive_key(42, "permute")
GOLDEN = [4, 3, 6, 5, 8, 0, 7, 2, 1, 9]
GOLDEN_LARGE = [901305237216, 122554990983, 441752234965]
GOLDEN_TWEAKED = [0, 8, 3, 1, 7, 4, 2, 5, 6, 9]


def test_every_small_size_is_a_bijection() -> None:
    for size in range(1, 301):
        values = np.arange(size)
        for name in ("a", "b"):
            shuffle = Permutation(derive_key(size, name), size)
            places = shuffle.forward(values)
            assert np.array_equal(np.sort(places), values)
            assert np.array_equal(shuffle.inverse(places), values)


@pytest.mark.parametrize("size", [2**16, 2**16 + 1, 200_003])
def test_large_sizes_are_bijections(size: int) -> None:
    values = np.arange(size)
    places = Permutation(KEY, size).forward(values)
    assert np.array_equal(np.sort(places), values)
    assert np.array_equal(Permutation(KEY, size).inverse(places), values)


@given(st.integers(1, 2**62), st.lists(st.integers(0, 2**62), min_size=1, max_size=50), st.integers(0, 2**64 - 1))
def test_the_inverse_leads_back_from_anywhere(size: int, values: list[int], tweak: int) -> None:
    given = np.array([value % size for value in values], dtype=np.int64)
    tweaks = np.full(len(given), tweak, dtype=np.uint64)
    for extra in (None, tweaks):
        shuffle = Permutation(KEY, size)
        places = shuffle.forward(given, extra)
        assert ((places >= 0) & (places < size)).all()
        assert np.array_equal(shuffle.inverse(places, extra), given)


def test_every_tweak_is_a_permutation_of_its_own() -> None:
    size, count = 50, 200
    values, tweaks = np.tile(np.arange(size), count), np.repeat(np.arange(count), size).astype(np.uint64)
    places = Permutation(KEY, size).forward(values, tweaks).reshape(count, size)
    assert (np.sort(places, axis=1) == np.arange(size)).all()
    assert len(np.unique(places, axis=0)) == count


@pytest.mark.parametrize("size", [3, 5, 6, 7, 12])
def test_no_place_is_favoured(size: int) -> None:
    """Each value goes to each place under equally many of 4,000 keys: p >= 0.001 / 5."""
    n = 4_000
    places = np.array([Permutation(derive_key(number, "place"), size).forward(np.arange(size)) for number in range(n)])
    counts = np.bincount((places + size * np.arange(size)).reshape(-1), minlength=size * size)
    # every key gives each value one place and each place one value: (size - 1)^2 degrees of freedom
    statistic = float(((counts - n / size) ** 2 / (n / size)).sum()) * (size - 1) / size
    assert gamma_tail((size - 1) ** 2 / 2, statistic / 2) > 0.001 / 5


def test_all_orders_are_equally_frequent() -> None:
    """Of the 24 orders of four values; p >= 0.001."""
    orders = np.array([Permutation(derive_key(number, "order"), 4).forward(np.arange(4)) for number in range(4_800)]) @ np.array(
        [64, 16, 4, 1]
    )
    _, counts = np.unique(orders, return_counts=True)
    assert goodness(counts, np.full(24, 200.0)) > 0.001


def test_places_are_the_same_everywhere() -> None:
    """A change here changes unique values of users: it is a breaking change, to be named in the changelog."""
    assert Permutation(KEY, 10).forward(np.arange(10)).tolist() == GOLDEN
    assert Permutation(KEY, 2**40).forward(np.array([0, 1, 2**40 - 1])).tolist() == GOLDEN_LARGE
    assert Permutation(KEY, 10).forward(np.arange(10), np.full(10, 7, dtype=np.uint64)).tolist() == GOLDEN_TWEAKED
