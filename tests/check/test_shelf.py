from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.check import keyset, shelf
from seedbed.check.hashing import Keys
from seedbed.check.keyset import KeySet
from seedbed.run.shelf import ShelfFile

keys = st.one_of(st.integers(-40, 40), st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**62 + step for step in range(9)]))
batches = st.lists(st.lists(keys, max_size=20), max_size=8)


@pytest.fixture(autouse=True, scope="module")
def _little_memory() -> Iterator[None]:
    """Bounds so low that a few keys are put on the shelf."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyset, "_SMALL_WINDOW", 4)
        patch.setattr(keyset, "_BYTES_A_KEY", 1)
        patch.setattr(keyset, "_PIECE", 8)
        patch.setattr(shelf, "_PIECE", 8)
        patch.setattr(shelf, "_STEP", 2)
        yield


def made(parts: list[list[int]], on: ShelfFile | None, *, counts_repeats: bool) -> KeySet:
    found = KeySet(counts_repeats=counts_repeats, shelf=on)
    for part in parts:
        found.add(np.array(part, np.int64))
    return found


@given(parts=batches, others=batches, asked=st.lists(keys, max_size=20))
def test_keys_on_a_shelf_are_those_in_memory(parts: list[list[int]], others: list[list[int]], asked: list[int]) -> None:
    with ShelfFile() as on:
        for counts_repeats in (True, False):
            there, here = (made(parts, where, counts_repeats=counts_repeats) for where in (on, None))
            assert there.distinct == here.distinct
            assert there.repeated.tolist() == here.repeated.tolist()
            assert there.has(np.array(asked, np.int64)).tolist() == here.has(np.array(asked, np.int64)).tolist()
        targets = [made(others, where, counts_repeats=False) for where in (on, None)]
        assert there.missing_from(targets[0]).tolist() == here.missing_from(targets[1]).tolist()


@given(parts=batches, more=batches)
def test_sets_on_shelves_merge_and_grow_after_they_were_asked(parts: list[list[int]], more: list[list[int]]) -> None:
    with ShelfFile() as on:
        there, here = (made(parts, where, counts_repeats=True) for where in (on, None))
        assert there.distinct == here.distinct
        for one, where in ((there, on), (here, None)):
            one.merge(made(more, where, counts_repeats=True))
        assert there.repeated.tolist() == here.repeated.tolist()
        assert (there.rows, there.distinct, there.members) == (here.rows, here.distinct, here.members)


@given(rows=st.lists(keys, max_size=60, unique=True), low=keys, high=keys)
def test_a_run_gives_the_keys_between_two(rows: list[int], low: int, high: int) -> None:
    rising: Keys = np.array(sorted(rows), np.int64)
    with ShelfFile() as on:
        on.append(np.array([7, 7], np.int64))
        run = shelf.shelved(on, [rising[:9], rising[9:]])
        assert run.between(low, high).tolist() == [key for key in rising.tolist() if low <= key < high]
        assert np.concatenate([*run.pieces(), np.zeros(0, np.int64)]).tolist() == rising.tolist()
