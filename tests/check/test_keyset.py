from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.check.keyset import KeySet

keys = st.one_of(st.integers(-50, 50), st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**40 + step for step in range(5)]))
batches = st.lists(st.lists(keys, max_size=12), max_size=8)


def made(parts: list[list[int]], *, counts_repeats: bool = True) -> KeySet:
    found = KeySet(counts_repeats=counts_repeats)
    for part in parts:
        found.add(np.array(part, np.int64))
    return found


@given(parts=batches, ask=st.booleans())
def test_a_key_set_knows_what_a_counter_knows(parts: list[list[int]], ask: bool) -> None:
    found = KeySet(counts_repeats=True)
    for part in parts:
        found.add(np.array(part, np.int64))
        if ask:
            assert found.distinct >= 0  # asking in between changes nothing
    counted = Counter(key for part in parts for key in part)
    repeated = sorted(key for key, count in counted.items() if count > 1)
    assert found.rows == counted.total()
    assert found.distinct == len(counted)
    assert found.repeated.tolist() == repeated
    assert found.members == sum(counted[key] for key in repeated)


@given(parts=batches, cut=st.integers(0, 8))
def test_merged_sets_are_the_set_of_both(parts: list[list[int]], cut: int) -> None:
    first, second = made(parts[:cut]), made(parts[cut:])
    first.merge(second)
    whole = made(parts)
    assert (first.rows, first.distinct, first.members) == (whole.rows, whole.distinct, whole.members)
    assert first.repeated.tolist() == whole.repeated.tolist()


@given(left=batches, right=batches, counts_repeats=st.booleans())
def test_what_is_missing_from_another_set_is_named(left: list[list[int]], right: list[list[int]], counts_repeats: bool) -> None:
    one, other = made(left, counts_repeats=counts_repeats), made(right)
    mine, theirs = {key for part in left for key in part}, {key for part in right for key in part}
    assert one.missing_from(other).tolist() == sorted(mine - theirs)
    asked = np.array(sorted(mine | theirs), np.int64)
    assert other.has(asked).tolist() == [key in theirs for key in asked.tolist()]


@pytest.mark.parametrize("step", [1, -1, 7, 10_000])
@pytest.mark.parametrize("counts_repeats", [True, False])
def test_many_keys_in_any_order(step: int, counts_repeats: bool) -> None:
    whole = np.random.default_rng(5).permutation(300_000) * step
    found = KeySet(counts_repeats=counts_repeats)
    for part in np.array_split(whole, 40):
        found.add(part)
    other = KeySet(counts_repeats=counts_repeats)
    other.add(whole[:100_000])
    other.merge(found)
    assert (found.distinct, other.distinct, other.rows) == (300_000, 300_000, 400_000)
    assert len(other.repeated) == (100_000 if counts_repeats else 0)


@pytest.mark.slow
def test_far_keys_without_repeats_stay_few() -> None:
    found = KeySet(counts_repeats=False)
    spread = np.arange(1000) * 2**50
    for _ in range(4000):
        found.add(spread)
    assert found.distinct == 1000
    assert sum(map(len, found._far)) == 1000
