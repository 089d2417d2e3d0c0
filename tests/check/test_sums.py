from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.check.sums import ExactSums

floats = st.floats(allow_nan=False, allow_infinity=False)
ints = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize("values", [floats, ints], ids=["floats", "ints"])
@given(data=st.data())
def test_sums_are_exact_whatever_the_cut(values: st.SearchStrategy[float], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(st.integers(0, 2), values), max_size=30))
    cut = data.draw(st.integers(0, 30))
    parts = [ExactSums(3), ExactSums(3)]
    for sums, part in zip(parts, (rows[:cut], rows[cut:]), strict=True):
        groups, numbers = np.array([group for group, _ in part], np.int64), [value for _, value in part]
        is_float = bool(rows) and isinstance(rows[0][1], float)
        sums.add(groups, np.array(numbers, np.float64) if is_float else np.array(numbers, np.int64))
    parts[0].merge(parts[1])
    for group in range(3):
        assert parts[0].total(group) == sum((Fraction(value) for other, value in rows if other == group), Fraction(0))
        assert parts[0].counts[group] == sum(other == group for other, _ in rows)


def test_what_is_not_finite_is_counted_apart() -> None:
    sums = ExactSums(1)
    sums.add(np.zeros(4, np.int64), np.array([1.0, np.nan, np.inf, -np.inf]))
    assert (sums.not_finite, float(sums.total(0)), int(sums.counts[0])) == (3, 1.0, 1)


def test_more_rows_than_a_piece_are_exact() -> None:
    sums = ExactSums(1)
    sums.add(np.zeros(2_500_000, np.int64), np.full(2_500_000, 2**62 + 1))
    assert sums.total(0) == 2_500_000 * (2**62 + 1)


@given(
    numbers=st.lists(
        st.floats(allow_nan=False, allow_infinity=False) | st.floats(0.01, 1e4) | st.sampled_from([0.0, -0.0, 5e-324]), max_size=40
    )
)
def test_sums_of_one_group_are_exact(numbers: list[float]) -> None:
    sums = ExactSums(1)
    sums.add_all(np.array(numbers, np.float64))
    assert sums.total(0) == sum(map(Fraction, numbers), Fraction(0))
    assert sums.counts.tolist() == [len(numbers)]


def test_numbers_that_are_not_finite_are_counted_apart() -> None:
    sums = ExactSums(1)
    sums.add_all(np.array([1.5, np.nan, np.inf]))
    assert (sums.not_finite, sums.counts.tolist(), sums.total(0)) == (2, [1], Fraction(3, 2))
