"""Kinds of checks about whole rows, keys and schemas."""

# ruff: noqa: DTZ001 - columns have no zone

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from tests.check.kinds.checking import failing_rows, report_of, result_of

PEOPLE = pa.table({"id": [1, 2, 2, None], "name": ["Ada", None, "", "N/A"], "age": [30, 17, None, 200]})


def test_nulls_are_counted_as_wanted() -> None:
    assert failing_rows(PEOPLE, {"kind": "not_null", "column": "name"}) == [1]
    assert failing_rows(PEOPLE, {"kind": "null", "column": "name"}) == [0, 2, 3]
    assert failing_rows(PEOPLE, {"kind": "missing", "column": "name"}) == [1, 2, 3]
    assert failing_rows(PEOPLE, {"kind": "missing", "column": "age", "values": [200]}) == [2, 3]
    assert failing_rows(PEOPLE, {"kind": "row_complete"}) == [1, 2, 3]
    assert failing_rows(PEOPLE, {"kind": "row_complete", "columns": ["id", "age"]}) == [2, 3]
    assert result_of(PEOPLE, {"kind": "null_share", "column": "id", "max": 0.25}).observed == 0.25


def test_a_key_is_unique_and_never_null() -> None:
    unique, known = report_of({"t": PEOPLE}, {"t": [{"kind": "primary_key", "columns": ["id"]}]}).results
    assert (unique.id, unique.failing, unique.severity) == ("t.pk_unique", 2, "critical")
    assert (known.id, known.failing) == ("t.pk_not_null", 1)
    assert known.samples[0].values == (("id", None),)


def test_every_member_of_a_group_is_accused() -> None:
    assert failing_rows({"x": ["a", "b", "a", None, None, "a"]}, {"kind": "unique", "column": "x"}) == [0, 2, 5]
    pairs = {"x": [1, 1, 1, None], "y": ["a", "b", "a", "a"]}
    assert failing_rows(pairs, {"kind": "unique", "columns": ["x", "y"]}) == [0, 2]
    assert failing_rows({"x": pa.array([2**64 - 1, 5, 2**64 - 1], pa.uint64())}, {"kind": "unique", "column": "x"}) == [0, 2]
    moments = pa.array([1_000, 1_001, 1_000], pa.timestamp("ns"))
    assert failing_rows({"x": moments}, {"kind": "unique", "column": "x"}) == [0, 2]


def test_duplicate_rows_count_nulls_as_equal() -> None:
    assert failing_rows({"x": [1, None, None, 2], "y": ["a", None, None, "a"]}, {"kind": "duplicate_rows"}) == [1, 2]
    assert failing_rows({"x": [1, None, 0]}, {"kind": "duplicate_rows"}) == []


def test_distinct_values_are_counted_exactly() -> None:
    values = {"x": ["a", "b", "a", None]}
    assert result_of(values, {"kind": "distinct_count", "column": "x", "min": 2, "max": 2}).observed == 2
    assert result_of(values, {"kind": "distinct_share", "column": "x", "min": 0.5}).observed == pytest.approx(2 / 3)
    assert failing_rows({"x": [1, 2], "y": [1, 3], "z": [2, 3]}, {"kind": "unique_within_row", "columns": ["x", "y", "z"]}) == [0, 1]


@pytest.mark.parametrize(
    ("check", "status"),
    [
        ({"kind": "column_exists", "column": "age"}, "passed"),
        ({"kind": "column_exists", "column": "ages"}, "failed"),
        ({"kind": "columns_match", "columns": ["age", "id", "name"]}, "passed"),
        ({"kind": "columns_match", "columns": ["age", "id", "name"], "ordered": True}, "failed"),
        ({"kind": "columns_match", "columns": ["age"], "extra": True}, "passed"),
        ({"kind": "column_count", "min": 4}, "failed"),
        ({"kind": "type", "column": "age", "type": "int"}, "passed"),
        ({"kind": "type", "column": "age", "type": "int64"}, "passed"),
        ({"kind": "type", "column": "age", "type": "int32"}, "failed"),
        ({"kind": "type", "column": "age", "type": "integr"}, "error"),
        ({"kind": "nullable", "column": "age", "nullable": False}, "failed"),
        ({"kind": "schema_match", "types": {"id": "int", "name": "string", "age": "number"}}, "passed"),
        ({"kind": "schema_match", "types": {"id": "float", "name": "string"}}, "failed"),
    ],
)
def test_schemas_are_compared_without_reading_rows(check: dict[str, Any], status: str) -> None:
    assert result_of(PEOPLE, check).status == status
    assert result_of(PEOPLE.slice(0, 0), check).status == status


def test_columns_are_compared_row_by_row() -> None:
    table = {"a": [1, 2, None, 3], "b": [1.0, 1.0, 1.0, float("nan")], "s": ["a", "b", "c", "d"], "u": ["a", "a", "d", None]}
    assert failing_rows(table, {"kind": "compare_columns", "left": "a", "op": "<=", "right": "b"}) == [1, 3]
    assert failing_rows(table, {"kind": "compare_columns", "left": "s", "op": "==", "right": "u"}) == [1, 2]
    assert result_of(table, {"kind": "compare_columns", "left": "a", "op": "<", "right": "s"}).status == "error"


def test_expressions_are_true_or_null() -> None:
    assert failing_rows(PEOPLE, {"kind": "row_expression", "expr": "age < 100 and age > id"}) == [3]
    assert failing_rows(PEOPLE, {"kind": "conditional", "if": "name == 'Ada'", "then": "age > 40"}) == [0]
    divided = result_of(PEOPLE, {"kind": "row_expression", "expr": "1 / (id - 1) > 0"})
    assert (divided.status, "divides by zero" in (divided.reason or "")) == ("error", True)
    assert "no column `agee`" in (result_of(PEOPLE, {"kind": "row_expression", "expr": "agee > 1"}).reason or "")
    assert "not true or false" in (result_of(PEOPLE, {"kind": "row_expression", "expr": "age + 1"}).reason or "")


def test_moments_follow_each_other_in_a_row() -> None:
    day = dt.date(2024, 1, 1)
    table = {"a": [day, day, None], "b": pa.array([dt.datetime(2024, 1, 1, 5), dt.datetime(2023, 12, 31), dt.datetime(2024, 1, 1)])}
    assert failing_rows(table, {"kind": "temporal_order", "columns": ["a", "b"]}) == [1]


def test_where_limits_any_check_to_some_rows() -> None:
    assert failing_rows(PEOPLE, {"kind": "range", "column": "age", "max": 100, "where": "id == 1"}) == []
    assert failing_rows(PEOPLE, {"kind": "unique", "column": "id", "where": "age < 100"}) == []
    mean = result_of(PEOPLE, {"kind": "mean", "column": "age", "max": 100, "where": "age < 100"})
    assert (mean.observed, mean.rows, mean.where) == (23.5, 2, "age < 100")


def test_a_threshold_allows_a_count_or_a_share_of_failing_rows() -> None:
    check = {"kind": "not_null", "column": "name"}
    assert result_of(PEOPLE, {**check, "threshold": 1}).status == "passed"
    assert result_of(PEOPLE, {**check, "threshold": 0.2}).status == "failed"
    assert result_of(PEOPLE, {**check, "threshold": 0.25}).failing == 1


def test_an_empty_table_passes_no_check_of_rows() -> None:
    empty = PEOPLE.slice(0, 0)
    for check in ({"kind": "not_null", "column": "name"}, {"kind": "unique", "column": "id"}, {"kind": "mean", "column": "age", "max": 1}):
        result = result_of(empty, check)
        assert (result.status, result.reason) == ("error", "the table is empty")
    assert result_of(empty, {"kind": "row_count", "max": 0}).status == "passed"


def test_what_is_missing_is_an_error_of_its_own_and_the_others_go_on() -> None:
    checks: list[dict[str, Any]] = [
        {"kind": "not_null", "column": ["nmae", "id"]},
        {"kind": "not_null", "column": "nmae"},
        {"kind": "not_null", "column": "age"},
    ]
    report = report_of({"t": PEOPLE}, {"t": checks, "gone": [{"kind": "row_count", "min": 1}]})
    assert [result.status for result in report.results] == ["error", "failed", "error", "failed", "error"]
    assert report.results[0].reason == "there is no column `nmae` in `t`; did you mean `name`?"
    assert "the table `gone` is not there" in (report.results[4].reason or "")


def test_common_fields_reach_the_result() -> None:
    fields = {"id": "mine", "severity": "info", "description": "why", "dimension": "timeliness", "tags": ["a"], "owner": "me", "sample": 0}
    result = result_of(PEOPLE, {"kind": "range", "column": "age", "max": 1, **fields})
    assert (result.id, result.severity, result.description, result.dimension) == ("mine", "info", "why", "timeliness")
    assert (result.tags, result.owner, result.samples, result.failing) == (("a",), "me", (), 3)
    assert result.query == 'SELECT * FROM "t" WHERE "age" > 1'
