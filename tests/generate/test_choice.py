"""Weights of choices among many values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.block import Column
from seedbed.core.text import string_array
from seedbed.generate.choice import segment_weights


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12), st.dictionaries(st.sampled_from("abcdxy"), st.floats(0, 0.2), min_size=1)
)
def test_a_segments_share_is_split_among_its_items_and_the_rest_among_the_others(values: list[str], shares: dict[str, float]) -> None:
    rest = 1 - sum(shares.values())
    others = max(1, sum(value not in shares for value in values))
    expected = [shares[value] / values.count(value) if value in shares else rest / others for value in values]
    found = segment_weights(Column(string_array(values)), shares)
    assert np.zeros(len(values)) == pytest.approx(expected) if found is None else found == pytest.approx(expected)


def test_a_column_may_have_as_many_segments_as_values() -> None:
    names = [f"v{number}" for number in range(30_000)]
    found = segment_weights(Column(string_array(names)), {name: (place % 7) / 1e6 for place, name in enumerate(names)})
    assert found is not None
    assert found.tolist() == [(place % 7) / 1e6 for place in range(len(names))]
