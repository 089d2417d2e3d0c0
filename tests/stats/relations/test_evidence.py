"""What is kept of columns: the same for any order and any cut, exact while it can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.draw import derive_key, draw_bits
from seedbed.stats.relations.evidence import MOST_VALUES, ValueSketch
from seedbed.stats.relations.names import is_measure, name_fit, says_key, self_fit, words


def sketch(keys: np.ndarray) -> ValueSketch:
    found = ValueSketch()
    found.add(keys)
    return found


def fingerprints(n: int, first: int = 0) -> np.ndarray:
    return draw_bits(derive_key(1, "fingerprints"), range(first, first + n)).view(np.int64)


@given(st.lists(st.lists(st.integers(-50, 50), max_size=30), max_size=6))
def test_any_cut_gives_the_same(pieces: list[list[int]]) -> None:
    whole = sketch(np.array([key for piece in pieces for key in piece], np.int64))
    merged = ValueSketch()
    for piece in reversed(pieces):
        merged.merge(sketch(np.array(piece, np.int64)))
    assert merged.least.tolist() == whole.least.tolist()
    assert merged.counts.tolist() == whole.counts.tolist()


def test_large_sketches_are_the_same_for_any_cut() -> None:
    keys = np.concatenate([fingerprints(200_000), fingerprints(30_000)])
    whole = sketch(keys)
    merged = ValueSketch()
    for piece in np.array_split(keys, 7)[::-1]:
        merged.merge(sketch(piece))
    assert not whole.is_exact
    assert np.array_equal(merged.least, whole.least)
    assert np.array_equal(merged.counts, whole.counts)


def test_large_sets_are_estimated() -> None:
    one, other = sketch(fingerprints(400_000)), sketch(fingerprints(400_000, first=100_000))
    assert len(one.least) == MOST_VALUES
    assert one.distinct == pytest.approx(400_000, rel=0.015)
    assert one.within(other) == pytest.approx(0.75, abs=0.01)
    assert sketch(fingerprints(1_000)).within(one) == 1.0


@pytest.mark.parametrize(
    ("column", "table", "key", "fit"),
    [
        ("customer_id", "customers", "id", 1.0),
        ("customerId", "Customer", "customerId", 1.0),
        ("CUST_ID", "CUSTOMERS", "ID", 0.7),
        ("customerid", "customer", "id", 0.97),
        ("billing_address_id", "addresses", "address_id", 0.9),
        ("product_sku", "items", "sku", 0.88),
        ("created_by", "users", "id", 0.6),
        ("total", "orders", "id", 0.0),
    ],
)
def test_names_fit_as_people_name_things(column: str, table: str, key: str, fit: float) -> None:
    assert name_fit(column, table, key)[0] == fit


def test_names_that_lead_to_their_own_table_are_known() -> None:
    assert self_fit("parent_id", "comments", "id")[0] == 0.9
    assert self_fit("manager_id", "employees", "employee_id")[0] == 0.8


def test_measures_are_told_from_keys() -> None:
    assert [is_measure(name) for name in ("quantity", "unit_price", "order_id", "status")] == [True, True, False, False]
    assert [says_key(name) for name in ("emp_no", "customerid", "paid", "idle")] == [True, True, False, False]
    assert words("Straßen-Nr") == ("straßen", "nr")
