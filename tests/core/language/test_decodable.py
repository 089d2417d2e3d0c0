"""Whether a joined text tells one of its parts: checked against all texts of small languages."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.language import bounded, is_decodable, parse, strings_of, whole

SMALL = st.sampled_from(["a", "a?", "(a|b)", "(a|ab)", "[ab]{1,2}", "b*", "(aa|b)?", "-", "(a|-)"])


def texts(regex: str) -> list[str]:
    found = strings_of(bounded(whole(parse(regex)), 2))
    made: list[str] = found.unrank(np.arange(found.size, dtype=np.uint64)).to_pylist()
    return made


@given(st.lists(SMALL, min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_equal_texts_have_the_part_in_common(parts: list[str], place: int) -> None:
    place = min(place, len(parts) - 1)
    known: dict[str, set[str]] = {}
    for pieces in product(*map(texts, parts)):
        known.setdefault("".join(pieces), set()).add(pieces[place])
    if is_decodable([bounded(whole(parse(part)), 2) for part in parts], place):
        assert all(len(found) == 1 for found in known.values())


@pytest.mark.parametrize(
    ("parts", "place", "expected"),
    [
        (["[a-z0-9]*", "-", "[0-9]+"], 2, True),
        (["[a-z0-9]*", "[0-9]+"], 1, False),
        (["[a-z]*", "[0-9]+", "[a-z]*"], 1, True),
        ([".*", "-", "[0-9]+", "@", "[a-z.]+"], 2, True),
        ([".*", "-", "[0-9]+", "@", ".*"], 2, False),
        ([".{3}", "[0-9]+", "x?"], 1, True),
        (["[0-9]{1,6}", "[0-9]{4}"], 0, True),
    ],
)
def test_separators_and_widths_set_a_part_apart(parts: list[str], place: int, expected: bool) -> None:
    assert is_decodable([whole(parse(part)) for part in parts], place) is expected
