"""Kinds of checks across tables and across rows."""

# ruff: noqa: DTZ001 - columns have no zone

from __future__ import annotations

import datetime as dt
import operator
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.check.kinds.checking import failing_rows, result_of

CHILD = pa.table({"own": [1, 1, 2, 9, None], "amount": [10, 5, 7, 1, 100]})


def test_references_lead_to_rows() -> None:
    orders = pa.table({"c": [1, 5, None, 5]})
    check = {"kind": "foreign_key", "columns": ["c"], "to": "r", "to_columns": ["id"]}
    assert failing_rows(orders, check, r=pa.table({"id": [1, 2]})) == [1, 3]
    assert failing_rows(orders, check, r=pa.table({"id": [1.0, 5.0]})) == []
    assert result_of(orders, check, r=pa.table({"id": ["1"]})).status == "error"
    assert "the table `r` is not there" in (result_of(orders, check).reason or "")


def test_references_of_several_columns_are_of_whole_keys() -> None:
    table = pa.table({"a": [1, 1, 2, None], "b": ["x", "y", "x", "x"]})
    check = {"kind": "foreign_key", "columns": ["a", "b"], "to": "r"}
    assert failing_rows(table, check, r=pa.table({"b": ["x", "x"], "a": [1, 2]})) == [1]


def parents(**columns: Any) -> pa.Table:
    return pa.table({"id": [1, 2, 3], **columns})


CHILDREN = {"child": "c", "on": {"own": "id"}}


def test_parents_have_children_as_many_as_wanted() -> None:
    assert failing_rows(parents(), {"kind": "orphan_parents", **CHILDREN}, c=CHILD) == [2]
    assert failing_rows(parents(), {"kind": "cardinality", **CHILDREN, "min": 1, "max": 1}, c=CHILD) == [0, 2]
    assert failing_rows(parents(room=[1, 5, 0]), {"kind": "capacity", **CHILDREN, "limit": "room"}, c=CHILD) == [0]
    assert failing_rows(parents(room=[None, 0, 0]), {"kind": "capacity", **CHILDREN, "limit": "room"}, c=CHILD) == [1]


@pytest.mark.parametrize(
    ("measure", "column", "failing"),
    [
        ("sum", [15, 8, 0], [1]),
        ("count", [2, 1, 1], [2]),
        ("min", [5, 7, 3], []),
        ("max", [10, 8, None], [1]),
        ("mean", [7.5, 7.0, 1.0], []),
    ],
)
def test_columns_are_what_children_add_up_to(measure: str, column: list[Any], failing: list[int]) -> None:
    of = {} if measure == "count" else {"of": "amount"}
    check = {"kind": "aggregate_match", **CHILDREN, "column": "total", "measure": measure, **of}
    assert failing_rows(parents(total=column), check, c=CHILD) == failing


def test_sums_of_decimals_are_exact() -> None:
    money = pa.decimal128(10, 2)
    child = pa.table({"own": [1, 1], "amount": pa.array([Decimal("0.10"), Decimal("0.20")], money)})
    check = {"kind": "aggregate_match", **CHILDREN, "column": "total", "of": "amount"}
    assert failing_rows(parents(total=pa.array([Decimal("0.30"), None, Decimal("0.01")], money)), check, c=child) == [2]


def test_tables_have_as_many_rows_as_others() -> None:
    assert result_of(parents(), {"kind": "row_count_match", "to": "c"}, c=CHILD).status == "failed"
    assert result_of(parents(), {"kind": "row_count_match", "to": "c", "factor": 0.6}, c=CHILD).status == "passed"


def test_dependent_columns_agree_in_a_group() -> None:
    table = {"zip": ["1", "1", "2", "2", None], "town": ["a", "b", "c", "c", "z"], "land": ["x", "x", None, None, "y"]}
    assert failing_rows(table, {"kind": "functional_dependency", "columns": ["zip"], "determines": ["town"]}) == [0, 1]
    assert failing_rows(table, {"kind": "functional_dependency", "columns": ["zip"], "determines": ["land"]}) == []


def test_moments_come_after_those_of_the_other_table() -> None:
    table = {"c": [1, 2, 7], "at": [dt.date(2024, 1, 2), dt.date(2024, 1, 2), dt.date(2000, 1, 1)]}
    users = pa.table({"id": [1, 2], "joined": [dt.datetime(2024, 1, 1, 5), dt.datetime(2024, 1, 3)]})
    check = {"kind": "temporal_order", "column": "at", "after": "u.joined", "on": {"c": "id"}}
    assert failing_rows(table, check, u=users) == [1]


def test_two_tables_are_reconciled_key_by_key() -> None:
    other = pa.table({"key": [1, 2, 4], "total": [1.0, 2.05, 4.0], "name": ["a", None, "d"]})
    check = {"kind": "reconcile", "to": "o", "on": {"id": "key"}, "compare": {"amount": "total"}}
    result = result_of(parents(amount=[1.0, 2.0, 3.0]), check, o=other)
    assert (result.failing, [sample.row for sample in result.samples]) == (3, [1, 2])
    assert result_of(parents(amount=[1.0, 2.0, 3.0]), {**check, "tolerance": 0.1}, o=other).failing == 2
    assert result_of(parents(name=["a", None, "c"]), {**check, "compare": {"name": "name"}}, o=other).failing == 2


OPERATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!=": operator.ne}
ROW = st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3))
ORDER = st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(list(OPERATIONS)), st.sampled_from(["x", "y"]))


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.lists(ORDER, min_size=1, max_size=2), st.booleans())
def test_denials_accuse_the_rows_that_a_comparison_of_all_pairs_accuses(
    rows: list[tuple[int, int, int]], orders: list[tuple[str, str, str]], grouped: bool
) -> None:
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate("gxy")})
    records = table.to_pylist()

    def breaks(one: dict[str, int], other: dict[str, int]) -> bool:
        agree = not grouped or one["g"] == other["g"]
        return agree and all(OPERATIONS[op](one[left], other[right]) for left, op, right in orders)

    wanted = [i for i, one in enumerate(records) if any(breaks(one, other) for j, other in enumerate(records) if i != j)]
    predicates = [{"left": left, "op": op, "right": right} for left, op, right in orders]
    check = {"kind": "denial_constraint", "predicates": predicates, **({"equal": ["g"]} if grouped else {})}
    assert failing_rows(table, check) == wanted


def test_denials_leave_nulls_and_nan_out() -> None:
    table = {"x": [1.0, None, float("nan"), 0.5], "k": ["a", "a", "a", "b"]}
    assert failing_rows(table, {"kind": "denial_constraint", "predicates": [{"left": "x", "op": ">"}]}) == [0]
    assert failing_rows(table, {"kind": "denial_constraint", "equal": ["x"], "predicates": [{"left": "k", "op": "!="}]}) == []


def test_large_groups_add_up_over_any_cut() -> None:
    keys = np.arange(9_000) % 300
    table = pa.table({"id": np.arange(300), "n": np.full(300, 30)})
    check = {"kind": "aggregate_match", "child": "c", "on": {"own": "id"}, "column": "n", "measure": "count"}
    assert failing_rows(table, check, c=pa.table({"own": keys})) == []
