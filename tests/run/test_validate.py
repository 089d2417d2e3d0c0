"""Validating data of any origin: from the files to the report, quarantine, saved state and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import seedbed
from seedbed.core.errors import DataError, ModelError
from seedbed.run.reports import write_reports
from seedbed.testing import assert_valid

USERS = pa.table({"id": [1, 2, 2, 4], "age": [34, 17, None, 51]})
CHECKS: dict[str, Any] = {
    "version": "1.0",
    "tables": {
        "user": [
            {"kind": "primary_key", "columns": ["id"]},
            {"kind": "range", "column": "age", "min": 18},
            {"kind": "mean", "column": "age", "max": 40, "severity": "warning"},
        ]
    },
}
EXAMPLE = Path(__file__).parents[2] / "examples" / "users_events.json"


def statuses(report: seedbed.Report) -> dict[str, str]:
    return {result.id: result.status for result in report.results}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    seedbed.generate(str(EXAMPLE), folder, rows={"user": 300}, overwrite=True)
    return folder


def test_an_example_is_valid_by_its_own_model(made: Path) -> None:
    report = assert_valid(made, EXAMPLE)
    assert (report.score, report.extra) == (100.0, ())
    assert report.of("user.event.fanout").status == "passed"
    assert report.of("event.fanout_mean").severity == "warning"


def test_frames_and_files_give_the_same_results(tmp_path: Path) -> None:
    wanted = {"user.pk_unique": "failed", "user.pk_not_null": "passed", "user.age.range": "failed", "user.age.mean": "passed"}
    assert statuses(seedbed.validate({"user": USERS}, CHECKS)) == wanted
    pq.write_table(USERS, tmp_path / "user.parquet")
    assert statuses(seedbed.validate(tmp_path, CHECKS)) == wanted
    csv = tmp_path / "csv"
    csv.mkdir()
    (csv / "user.csv").write_text("id,age\n1,34\n2,17\n2,\n4,51\n")
    (csv / "other.csv").write_text("a\n1\n")
    report = seedbed.validate(csv, CHECKS)
    assert statuses(report) == wanted
    assert report.extra == ("other",)


def test_rules_come_from_files_and_mistakes_have_places(tmp_path: Path) -> None:
    path = tmp_path / "checks.yaml"
    path.write_text("version: '1.0'\ntables:\n  user:\n    - {kind: not_null, column: age}\n")
    report = seedbed.validate({"user": USERS}, path)
    assert (report.origin.rules, report.origin.data) == (str(path), "memory")
    path.write_text("version: '1.0'\ntables:\n  user:\n    - {kind: not_nul, column: age}\n")
    with pytest.raises(ModelError, match=r"checks\.yaml:4:\d+ tables\.user\[0\]\.kind.*\n.*did you mean `not_null`"):
        seedbed.validate({"user": USERS}, path)


def test_failing_rows_are_set_apart_and_the_others_pass_on(tmp_path: Path) -> None:
    seedbed.validate({"user": USERS}, CHECKS, quarantine=tmp_path)
    failed = pq.read_table(tmp_path / "failed" / "user.parquet").to_pylist()
    assert [(row["id"], row["_failed_checks"]) for row in failed] == [
        (2, ["user.pk_unique", "user.age.range"]),
        (2, ["user.pk_unique"]),
    ]
    assert pq.read_table(tmp_path / "passed" / "user.parquet").to_pylist() == [{"id": 1, "age": 34}, {"id": 4, "age": 51}]


def test_checks_may_leave_their_rows_out_of_quarantine(tmp_path: Path) -> None:
    checks = {"version": "1.0", "tables": {"user": [{"kind": "range", "column": "age", "min": 18, "quarantine": False}]}}
    seedbed.validate({"user": USERS}, checks, quarantine=tmp_path)
    assert pq.read_table(tmp_path / "failed" / "user.parquet").num_rows == 0
    assert pq.read_table(tmp_path / "passed" / "user.parquet").num_rows == 4


EVERY_SUMMARY = [
    {"kind": "unique", "column": "id"},
    {"kind": "range", "column": "age", "max": 60},
    {"kind": "monotonic", "column": "id"},
    {"kind": "median", "column": "age", "max": 80},
    {"kind": "mean", "column": "age", "max": 80},
    {"kind": "stddev", "column": "age", "max": 80},
    {"kind": "mode", "column": "city", "values": ["Bonn"]},
    {"kind": "entropy", "column": "city", "min": 0.5},
    {"kind": "functional_dependency", "columns": ["city"], "determines": ["age"]},
    {"kind": "correlation", "columns": ["id", "age"]},
    {"kind": "not_null", "column": "city", "where": "age > 20"},
    {"kind": "distinct_count", "column": "city", "max": 9},
]


def test_parts_of_the_data_add_up_in_a_saved_state(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2, 3, 4, 2, 6], "age": [20, 61, 30, 70, 30, 44], "city": ["Bonn", "Köln", "Bonn", None, None, "Bonn"]})
    checks = {"version": "1.0", "tables": {"user": EVERY_SUMMARY}}
    state = tmp_path / "state.json"
    seedbed.validate({"user": table.slice(0, 4)}, checks, state=state)
    added = seedbed.validate({"user": table.slice(4)}, checks, state=state)
    whole = seedbed.validate({"user": table}, checks)
    assert statuses(added) == statuses(whole)
    assert added.rows == {"user": 6}
    assert [result.observed for result in added.results[3:8]] == [result.observed for result in whole.results[3:8]]
    assert added.of("user.age.range").failing == 2
    assert [sample.row for sample in added.of("user.id.monotonic").samples] == []
    assert json.loads(state.read_text())["format"] == "seedbed.state/1"


def test_a_state_of_other_checks_or_a_broken_one_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    seedbed.validate({"user": USERS}, CHECKS, state=state)
    other = {"version": "1.0", "tables": {"user": [{"kind": "not_null", "column": "age"}]}}
    with pytest.raises(DataError, match="saved by other checks"):
        seedbed.validate({"user": USERS}, other, state=state)
    state.write_text('{"format": "seedbed.state/1", "rows": {}, "states": {"x": 1')
    with pytest.raises(DataError, match="no state of a checker"):
        seedbed.validate({"user": USERS}, CHECKS, state=state)
    with pytest.raises(ModelError, match="can't be set apart"):
        seedbed.validate({"user": USERS}, CHECKS, state=state, quarantine=tmp_path)


def test_a_run_stops_behind_the_first_table_that_breaks_a_hard_promise() -> None:
    checks = {"version": "1.0", "tables": {**CHECKS["tables"], "zoo": [{"kind": "row_count", "min": 1}]}}
    report = seedbed.validate({"user": USERS, "zoo": USERS}, checks, fail_fast=True)
    assert statuses(report)["zoo.row_count"] == "skipped"
    assert seedbed.validate({"user": USERS, "zoo": USERS}, checks).of("zoo.row_count").passed


def test_only_some_tables_are_checked_where_that_is_asked() -> None:
    checks = {"version": "1.0", "tables": {**CHECKS["tables"], "zoo": [{"kind": "row_count", "min": 1}]}}
    assert [result.table for result in seedbed.validate({"user": USERS, "zoo": USERS}, checks, tables=["zoo"]).results] == ["zoo"]
    with pytest.raises(ModelError, match="did you mean `user`"):
        seedbed.validate({"user": USERS}, checks, tables=["users"])


def test_a_broken_file_is_an_error_of_its_own_checks(tmp_path: Path) -> None:
    pq.write_table(USERS, tmp_path / "user.parquet")
    whole = (tmp_path / "user.parquet").read_bytes()
    (tmp_path / "zoo.parquet").write_bytes(whole[: len(whole) // 2])
    checks = {"version": "1.0", "tables": {**CHECKS["tables"], "zoo": [{"kind": "row_count", "min": 1}]}}
    report = seedbed.validate(tmp_path, checks)
    assert report.of("zoo.row_count").status == "error"
    assert report.of("user.age.range").status == "failed"


def test_the_score_weighs_by_severity_and_is_capped_by_critical_failures() -> None:
    report = seedbed.validate({"user": USERS}, CHECKS, threshold=40)
    assert report.score == 49.0
    assert not report.accepted
    mild = {"version": "1.0", "tables": {"user": [{"kind": "range", "column": "age", "min": 18, "severity": "warning"}]}}
    report = seedbed.validate({"user": USERS}, mild, threshold=75)
    assert (report.score, report.accepted, report.hard_ok, report.ok) == (75.0, True, True, False)


def test_asserting_shows_the_failing_rows() -> None:
    with pytest.raises(AssertionError, match=r"user\.age\.range failed: 1 of 4 rows; expected at least 18\n\s+row 1: id=2, age=17"):
        assert_valid({"user": USERS}, CHECKS)


def test_reports_are_written_in_every_form(tmp_path: Path) -> None:
    report = seedbed.validate({"user": USERS}, CHECKS)
    names = {"output": "r.json", "html": "r.html", "markdown": "r.md", "junit": "r.xml", "report_dir": "d", "history": "h.parquet"}
    for _ in range(2):
        write_reports(report, {key: tmp_path / name for key, name in names.items()})
    assert json.loads((tmp_path / "r.json").read_text())["scores"]["overall"] == 49.0
    assert json.loads((tmp_path / "d" / "data_quality_report.json").read_text())["format"] == "seedbed.report/1"
    assert "user.age.range" in (tmp_path / "r.html").read_text()
    assert pq.read_table(tmp_path / "h.parquet").num_rows == 2 * (1 + len(report.results))
    pq.write_table(USERS, tmp_path / "h.parquet")
    with pytest.raises(DataError, match="no history of checks"):
        write_reports(report, {"history": tmp_path / "h.parquet"})


def test_queries_run_in_the_database_for_reading_only(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, age INTEGER)")
        connection.executemany("INSERT INTO user VALUES (?, ?)", [(1, 34), (2, 17)])
    connection.close()
    checks = {
        "version": "1.0",
        "tables": {
            "user": [
                {"kind": "primary_key", "columns": ["id"]},
                {"kind": "sql", "query": "SELECT * FROM user WHERE age < 18"},
                {"kind": "sql", "query": "SELECT * FROM gone"},
                {"kind": "sql", "query": "DELETE FROM user"},
            ]
        },
    }
    report = seedbed.validate(f"sqlite:///{path}", checks)
    assert (report.of("user.sql").failing, report.of("user.sql").samples[0].values) == (1, (("id", 2),))
    assert [report.of(name).status for name in ("user.sql_2", "user.sql_3")] == ["error", "error"]
    assert report.rows == {"user": 2}


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_low_memory_tells_the_same(tmp_path: Path, ending: str) -> None:
    words = [f"key {number % 1_700_000:,}" for number in range(1_800_000)]
    table = pa.table({"id": words, "age": [number % 90 for number in range(len(words))]})
    if ending == "csv":
        pacsv.write_csv(table.slice(0, 50_000), tmp_path / "user.csv")
    else:
        pq.write_table(table, tmp_path / "user.parquet", row_group_size=100_000)
    usual, sparing = (seedbed.validate(tmp_path, CHECKS, low_memory=low_memory) for low_memory in (False, True))
    assert sparing.results == usual.results
    assert sparing.rows == usual.rows
    assert sparing.of("user.pk_unique").failing == (0 if ending == "csv" else 200_000)
    with pytest.raises(ModelError, match="state"):
        seedbed.validate(tmp_path, CHECKS, low_memory=True, state=tmp_path / "state.json")


def test_queries_are_left_out_where_nobody_reads_them() -> None:
    told, short = (seedbed.validate({"user": USERS}, CHECKS, queries=queries) for queries in (True, False))
    assert told.of("user.age.range").query is not None
    assert [result.status for result in short.results] == [result.status for result in told.results]
