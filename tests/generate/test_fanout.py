"""Every child row has one parent: contiguous, countable, found again from any row."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.generate.engine import Engine
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.frame import Frame
from tests.growing import Document, entity, even, fact, grown, numbers, poisson

FANOUTS: dict[str, Document] = {
    "rare": poisson(0.02),  # most parents, at borders of blocks too, have no child
    "few": poisson(0.6),
    "some": even(0, 3),
    "always": even(1, 2),
}
PARENTS = 3 * PARENT_BLOCK + 1_000


@cache
def families() -> Engine:
    return grown(entity("parent", PARENTS), *(fact(name, "parent", fanout) for name, fanout in FANOUTS.items()))


@cache
def plain_owners(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The parent's row of each child's, counted without an index."""
    counts = families().count_kernel(name)(Frame(families(), "parent", range(PARENTS)))
    return np.repeat(np.arange(PARENTS), counts)


@pytest.mark.parametrize("name", FANOUTS)
def test_the_index_counts_every_child(name: str) -> None:
    assert families().rows(name) == len(plain_owners(name))


@given(st.sampled_from(list(FANOUTS)), st.data())
def test_any_rows_find_their_parents(name: str, data: st.DataObject) -> None:
    owners = plain_owners(name)
    start = data.draw(st.integers(0, len(owners)))
    stop = data.draw(st.integers(start, len(owners)))
    place = families().children(Frame(families(), name, range(start, stop)))
    parents = np.asarray(place.parents)[place.local] if stop > start else np.zeros(0)
    assert np.array_equal(parents, owners[start:stop])
    first = np.searchsorted(owners, owners[start:stop])
    assert np.array_equal(place.ordinal, np.arange(start, stop) - first)
    assert np.array_equal(place.first[place.local], first)


@given(st.sampled_from(list(FANOUTS)), st.data())
def test_scattered_rows_find_their_parents(name: str, data: st.DataObject) -> None:
    owners = plain_owners(name)
    picks = np.array(data.draw(st.lists(st.integers(0, len(owners) - 1), max_size=30)), dtype=np.int64)
    place = families().children(Frame(families(), name, picks))
    assert np.array_equal(np.asarray(place.parents)[place.local], owners[picks])
    assert np.array_equal(place.first, np.searchsorted(owners, owners[picks]))


@pytest.mark.parametrize("name", FANOUTS)
def test_references_name_the_parent_of_every_row(name: str) -> None:
    assert np.array_equal(numbers(families(), f"{name}.parent_id"), plain_owners(name) + 1)
