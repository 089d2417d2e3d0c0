"""Data and rules as an adversary would write them: every check ends in a result of its own, the others go on, nothing raises."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import seedbed
from seedbed.check.outcome import MOST_SHOWN, CheckResult
from seedbed.check.results import Report
from seedbed.core.errors import ModelError
from seedbed.core.hashing import text_keys
from seedbed.testing import assert_valid

GOOD = {"kind": "not_null", "column": "a"}
TABLE = pa.table({"a": [1, 2, 3, 4], "z": [0, 1, 2, 0], "s": ["a", "b" * 50, "", "ü"]})


def report_of(table: pa.Table, *checks: dict[str, Any]) -> Report:
    return seedbed.validate({"t": table}, {"version": "1.0", "tables": {"t": [*checks, GOOD]}}, workers=1)


def result_of(table: pa.Table, check: dict[str, Any]) -> CheckResult:
    """The result of a check, beside which another one is judged as ever."""
    report = report_of(table, check)
    assert report.results[-1].status == "passed"
    return report.results[0]


@pytest.mark.parametrize("regex", ["(?<=a)b", "(?=x)", "(?!b)", "[", "(?P<n>", r"\1", "a{100000}", "((a{100}){100}){100}", "(?>a)"])
def test_an_expression_that_no_engine_takes_is_an_error_of_its_own(regex: str) -> None:
    for kind in ("regex", "not_regex"):
        result = result_of(TABLE, {"kind": kind, "column": "s", "regex": regex})
        assert result.status == "error"
        assert "no regular expression of RE2" in (result.reason or "")


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)*$", "(x+x+)+y", "x*" * 100])
def test_an_expression_that_would_never_end_elsewhere_takes_a_moment(regex: str) -> None:
    table = pa.table({"a": [1], "s": ["a" * 100_000 + "!"]})
    assert result_of(table, {"kind": "regex", "column": "s", "regex": regex}).status in ("passed", "failed")


@pytest.mark.parametrize("expr", ["a / z > 0", "a % z == 0", "a / 0 == 1", "length(s) / z > 0"])
def test_division_by_zero_ends_no_run(expr: str) -> None:
    result = result_of(TABLE, {"kind": "row_expression", "expr": expr})
    assert result.status in ("passed", "failed", "error")
    assert result.status != "error" or result.reason


def test_whole_numbers_that_run_over_are_an_error_of_the_check() -> None:
    table = pa.table({"a": [1, 1], "n": [2**62, 2**63 - 1]})
    assert result_of(table, {"kind": "row_expression", "expr": "n * n > 0"}).status == "error"


@pytest.mark.parametrize(
    "check",
    [
        {"kind": "range", "column": "s", "min": 1},
        {"kind": "range", "column": "a", "min": "2024-01-01"},
        {"kind": "unique", "column": "l"},
        {"kind": "entropy", "column": "l", "min": 0},
        {"kind": "mean", "column": "l", "min": 0},
        {"kind": "regex", "column": "a", "regex": "x"},
        {"kind": "unique", "column": "nope"},
        {"kind": "foreign_key", "columns": ["a"], "to": "nowhere"},
        {"kind": "row_expression", "expr": "nope > 1"},
        {"kind": "row_expression", "expr": "s > 1"},
        {"kind": "functional_dependency", "columns": ["l"], "determines": ["a"]},
        {"kind": "freshness", "column": "s", "max_age": "1 day"},
        {"kind": "sql", "query": "DROP TABLE t"},
        {"kind": "datetime_format", "column": "s", "format": "%Y-%Q"},
        {"kind": "datetime_format", "column": "s", "format": "%"},
    ],
)
def test_what_does_not_fit_is_an_error_with_its_reason(check: dict[str, Any]) -> None:
    result = result_of(TABLE.append_column("l", pa.array([[1], [], None, [2]])), check)
    assert result.status == "error"
    assert result.reason
    assert "holds no value" not in result.reason


def test_nan_is_a_key_like_any_other() -> None:
    floats = pa.table({"a": [1, 2, 3], "x": [math.nan, math.nan, 1.0]})
    assert result_of(floats, {"kind": "unique", "column": "x"}).failing == 2
    assert result_of(floats, {"kind": "primary_key", "columns": ["x"]}).status == "failed"


def test_a_table_that_cannot_be_read_says_why_in_each_of_its_checks(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "good.parquet")
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "u.csv").write_text('a,b\n1,"x\n2,y\n')
    tables = {name: [{"kind": "not_null", "column": "a"}, {"kind": "row_count", "min": 1}] for name in ("t", "u", "good")}
    report = seedbed.validate(tmp_path, {"version": "1.0", "tables": tables})
    by_table = {name: [result for result in report.results if result.table == name] for name in tables}
    assert {result.status for result in by_table["good"]} == {"passed"}
    assert all(result.status == "error" and "no whole Parquet file" in (result.reason or "") for result in by_table["t"])
    assert all(result.status == "error" and "u.csv:2" in (result.reason or "") for result in by_table["u"])


def test_a_file_without_a_byte_is_told_as_empty(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b"")
    report = seedbed.validate(tmp_path, {"version": "1.0", "tables": {"t": [GOOD]}})
    assert "neither rows nor columns" in (report.results[0].reason or "")


def test_a_value_of_megabytes_is_shown_by_its_beginning() -> None:
    table = pa.table({"a": [1, 2], "s": ["x" * 5_000_000, "y"], "b": [b"\xff" * 5_000_000, b""]})
    for column in ("s", "b"):
        check = {"kind": "not_null", "column": column, "where": "a == 1"} if column == "b" else {"kind": "length", "column": "s", "max": 3}
        result = result_of(table, check if column == "s" else {"kind": "null", "column": "b"})
        shown = dict(result.samples[0].values)[column]
        assert isinstance(shown, str)
        assert len(shown) < MOST_SHOWN + 50
        assert "characters)" in shown
    assert len(json.dumps(result.to_dict())) < 10_000


def test_long_texts_are_told_apart() -> None:
    texts = ["x" * 5_000, "x" * 5_000 + "y", "x" * 4_999 + "y", "x" * 5_000, "short"]
    keys = text_keys(pa.array(texts)).tolist()
    assert len(set(keys)) == 4
    assert keys[0] == keys[3] == text_keys(pa.array(texts).slice(3, 1)).tolist()[0]


@pytest.mark.parametrize("threshold", [math.nan, math.inf, -1, 100.5])
def test_a_threshold_that_no_score_reaches_is_refused(threshold: float) -> None:
    with pytest.raises(ModelError, match="threshold from 0 to 100"):
        seedbed.validate({"t": TABLE}, {"version": "1.0", "tables": {"t": [GOOD]}}, threshold=threshold)


def test_a_model_that_does_not_fit_gives_errors_and_no_exception() -> None:
    data = {"user": pa.table({"id": ["x"], "age": ["old"], "country": [5]}), "event": pa.table({"other": [1]})}
    report = seedbed.validate(data, "examples/users_events.json")
    assert not report.accepted
    assert {result.status for result in report.results} <= {"passed", "failed", "error", "skipped"}
    assert any("the model says" in (result.reason or "") for result in report.results)
    with pytest.raises(AssertionError, match="user"):
        assert_valid(data, "examples/users_events.json")


@pytest.mark.parametrize("data", [{}, {"t": pa.table({})}, {"t": TABLE.slice(0, 0)}, {"other": TABLE}])
def test_nothing_to_look_at_is_an_error_of_the_check(data: dict[str, pa.Table]) -> None:
    report = seedbed.validate(data, {"version": "1.0", "tables": {"t": [GOOD]}})
    assert [result.status for result in report.results] == ["error"]
    assert report.results[0].reason


def test_a_table_of_thousands_of_columns_is_checked_column_by_column() -> None:
    columns = {f"c{place}": [place, None, place] for place in range(1_500)}
    checks = [{"kind": "unique" if place % 2 else "not_null", "column": f"c{place}"} for place in range(1_500)]
    report = seedbed.validate({"t": pa.table(columns)}, {"version": "1.0", "tables": {"t": checks}})
    assert (report.count.failed, report.count.error) == (1_500, 0)
