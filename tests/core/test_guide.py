"""A guide finds what a search finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.guide import Guide

TOP = 5_000_000


@given(count=st.integers(1, 3_000), seed=st.integers(0, 2**32), is_skewed=st.booleans())
def test_shares_are_found_as_by_a_search(count: int, seed: int, is_skewed: bool) -> None:
    random = np.random.default_rng(seed)
    rising = np.sort(random.random(count) ** (9 if is_skewed else 1))
    rising[-1] = 1.0
    values = np.concatenate([random.random(5_000), rising, np.nextafter(rising, 0), [0.0, 1.0]])
    assert (Guide.of(rising, 1.0).places(values) == np.searchsorted(rising, values, side="right")).all()


@given(count=st.integers(1, 3_000), seed=st.integers(0, 2**32), top=st.sampled_from([1, 700, 65_536, TOP]))
def test_whole_numbers_are_found_as_by_a_search(count: int, seed: int, top: int) -> None:
    random = np.random.default_rng(seed)
    rising = np.unique(random.integers(0, top, count))
    values = np.concatenate([random.integers(0, top + 1, 5_000), rising, np.maximum(rising - 1, 0), [0, top]])
    assert (Guide.of(rising, top).places(values) == np.searchsorted(rising, values, side="right")).all()
