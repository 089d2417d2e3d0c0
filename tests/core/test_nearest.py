"""Offering the name that was probably meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.nearest import did_you_mean, nearest, one_of

names = st.text(min_size=1, max_size=20)


@given(names, st.lists(names, max_size=5))
def test_a_known_name_is_nearest_to_itself(name: str, others: list[str]) -> None:
    found = nearest(name, [*others, name])
    assert found is not None
    assert found.casefold() == name.casefold()


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=12), st.integers(0, 11))
def test_one_letter_left_out_is_forgiven(name: str, at: int) -> None:
    at %= len(name)
    assert nearest(name[:at] + name[at + 1 :], [name, "zzzzzzzz"]) == name


def test_a_name_like_none_has_no_offer() -> None:
    assert did_you_mean("zebra", ["customer", "order"]) is None
    assert did_you_mean("zebra", []) is None


def test_thousands_of_names_are_no_burden() -> None:
    assert nearest("t4999", (f"t{number}" for number in range(5000))) is not None


def test_names_in_a_row_are_cut() -> None:
    assert one_of("abc") == "`a`, `b`, `c`"
    assert one_of((str(number) for number in range(20)), most=2) == "`0`, `1` and 18 more"
