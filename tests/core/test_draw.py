"""Addressed draws: the same bits for the same address, on any machine and in any cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.draw import Bits, Key, below, derive_key, draw_bits, draw_bits_keyed, row_count, row_numbers, unit
from tests.core.battery import goodness

KEY = derive_key(42, "user", "age", "value")
NAMES = st.lists(st.text(max_size=3), max_size=4)
WORDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


def words(values: list[int]) -> Bits:
    return np.array(values, dtype=np.uint64)


# A change here changes every byte of every data set: it is a breaking change, to be named in the changelog.
GOLDEN_KEY = "03e71b63d363a37be7d427b01e99c6ba"
GOLDEN_ROWS = ["0x343f40b19baadc85", "0x4060b764c9037cc4", "0x79d312d78983c325"]
GOLDEN_FAR = ["0x3d5b696a0b3fd29a", "0x2cbd09168771bfae", "0xe4a439efdfe5f21"]


@given(st.integers(), NAMES, st.integers(), NAMES)
def test_keys_differ_unless_seed_and_names_are_equal(seed: int, names: list[str], other: int, others: list[str]) -> None:
    assert (derive_key(seed, *names) == derive_key(other, *others)) == ((seed, names) == (other, others))


def test_no_key_begins_another() -> None:
    paths = [names for n in range(4) for names in itertools.product(["", "a", "ab", "b"], repeat=n)]
    assert len({derive_key(1, *names) for names in paths}) == len(paths)


def test_keys_and_bits_are_the_same_everywhere() -> None:
    assert derive_key(42, "user", "age", "value").hex == "5c395413c3429af9777001fe20b87bed"
    assert derive_key(-1).hex == GOLDEN_KEY
    assert [hex(int(word)) for word in draw_bits(KEY, range(3))] == GOLDEN_ROWS
    assert [hex(int(word)) for word in draw_bits(KEY, np.array([0, 2**40, 2**62]), 7)] == GOLDEN_FAR


@given(st.integers(0, 2**62), st.integers(0, 300), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 1000))
def test_ranges_and_arrays_of_rows_draw_alike(start: int, n: int, k0: int, k1: int, slot: int) -> None:
    key, rows = Key(k0, k1), range(start, start + n)
    bits = draw_bits(key, rows, slot)
    assert np.array_equal(bits, draw_bits(key, row_numbers(rows), slot))
    assert np.array_equal(bits, draw_bits_keyed(key, rows, np.full(n, slot, dtype=np.uint64)))
    assert row_count(rows) == n


def test_long_ranges_draw_like_their_parts() -> None:
    n = (1 << 20) + 5  # beyond the buffers that a thread keeps
    whole = draw_bits(KEY, range(n))
    assert np.array_equal(whole[70_000:70_100], draw_bits(KEY, range(70_000, 70_100)))
    assert np.array_equal(whole[-5:], draw_bits(KEY, range(n - 5, n)))


def test_no_two_rows_or_slots_draw_the_same_word() -> None:
    assert len(np.unique(np.concatenate([draw_bits(KEY, range(50_000), slot) for slot in range(4)]))) == 200_000


def test_units_lie_from_0_to_below_1() -> None:
    assert unit(words([0, 2**64 - 1, 2**63])).tolist() == [0.0, 1 - 2**-53, 0.5]


@given(WORDS, st.integers(1, 2**64 - 1))
def test_below_is_the_exact_product_to_within_one(values: list[int], limit: int) -> None:
    found = below(words(values), limit).view(np.uint64).tolist()
    exact = [value * limit >> 64 for value in values]
    assert all(0 <= a < limit and b - 1 <= a <= b for a, b in zip(found, exact, strict=True))
    assert limit < 2**16 or found == exact


@given(WORDS, st.data())
def test_a_limit_gives_the_same_alone_and_among_others(values: list[int], data: st.DataObject) -> None:
    near = st.sampled_from([1, 2**16, 2**31, 2**32, 2**48, 2**63]).flatmap(lambda n: st.integers(max(n - 3, 1), n + 3))
    limits = data.draw(st.lists(near, min_size=len(values), max_size=len(values)))
    mixed = below(words(values), words(limits)).tolist()
    assert mixed == [below(words([value]), limit).item() for value, limit in zip(values, limits, strict=True)]


@pytest.mark.parametrize("limit", [2, 7, 1000, 65_535, 65_536, 3 << 29, (1 << 31) - 1, 3 << 40, (1 << 63) + 5])
@pytest.mark.parametrize("residues", [3, 8, 10])
def test_no_part_of_what_lies_below_is_favoured(limit: int, residues: int) -> None:
    """Remainders, and thirds, eighths and tenths, come as often as they should at p >= 0.001 / 54 tests."""
    n = 200_000
    found = below(draw_bits(derive_key(limit, "below"), range(n)), limit).view(np.uint64)
    weights = np.array([(limit + residues - 1 - part) // residues for part in range(residues)], dtype=float)
    shown = weights > 0
    counts = np.bincount((found % np.uint64(residues)).astype(np.int64), minlength=residues)
    assert goodness(counts[shown], weights[shown] / weights.sum() * n) > 0.001 / 54
    if limit >= residues * 100:
        tops = np.array([-(-limit * part // residues) for part in range(1, residues + 1)], dtype=np.uint64)
        parts = np.bincount(np.searchsorted(tops, found, side="right"), minlength=residues)
        assert goodness(parts, np.diff(tops.astype(float), prepend=0.0) / limit * n) > 0.001 / 54
