"""DataFrames of Spark are checked where their rows are, with what any other engine says of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import seedbed
from seedbed.core.errors import EdgeError, ModelError
from seedbed.run.executors.spark import _session

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(sail: str) -> Iterator[Any]:
    with _session(sail) as found:
        yield found


def told(report: Any) -> dict[str, tuple[object, ...]]:
    return {one.id: (one.status, one.rows, one.failing) for one in report.results}


@pytest.mark.parametrize("example", ["users_events.json", "school.yaml", "shop.yaml"])
def test_spark_finds_what_is_found_in_files(example: str, session: Any, tmp_path: Path) -> None:
    model = Path("examples") / example
    seedbed.generate(model, tmp_path / "out", scale=0.05)
    names = seedbed.plan(model).tables
    paths = {name: tmp_path / "out" / (f"{name}.parquet" if (tmp_path / "out" / f"{name}.parquet").exists() else name) for name in names}
    frames = {name: session.read.parquet(str(path)).repartition(3) for name, path in paths.items()}
    found, expected = seedbed.validate(frames, model), seedbed.validate(tmp_path / "out", model)
    assert found.rows == expected.rows
    again = {one.id for one in found.results if one.status == "error" and ("again" in str(one.reason) or "once more" in str(one.reason))}
    differing = {
        name: (one, told(expected)[name]) for name, one in told(found).items() if name not in again and one != told(expected)[name]
    }
    assert differing == {}
    assert len(again) <= 4  # those that follow rows from table to table


def test_rows_that_fail_are_counted_over_all_tasks(session: Any) -> None:
    rows = pa.table({"id": [n % 900 for n in range(1000)], "age": [n % 130 for n in range(1000)], "mail": ["a@b.example", "nobody"] * 500})
    checks = [
        {"kind": "unique", "column": "id"},
        {"kind": "range", "column": "age", "max": 120},
        {"kind": "regex", "column": "mail", "regex": "@"},
        {"kind": "mean", "column": "age", "min": 60, "max": 70},
        {"kind": "monotonic", "column": "age"},
    ]
    document = {"version": "1.0", "tables": {"t": checks}}
    frames = {"t": session.createDataFrame(rows).repartition(4)}
    found, expected = told(seedbed.validate(frames, document)), told(seedbed.validate({"t": rows}, document))
    order = next(name for name in found if "monotonic" in name)
    assert found.pop(order)[0] == "skipped"
    expected.pop(order)
    assert found == expected


def test_an_empty_frame_is_a_table_without_rows(session: Any) -> None:
    rows = pa.table({"id": pa.array([], pa.int64())})
    document = {"version": "1.0", "tables": {"t": [{"kind": "row_count", "min": 1}, {"kind": "not_null", "column": "gone"}]}}
    found = seedbed.validate({"t": session.createDataFrame(rows, "id bigint")}, document)
    assert [one.status for one in found.results] == [one.status for one in seedbed.validate({"t": rows}, document).results]


def test_what_fails_in_spark_is_told(session: Any) -> None:
    def failing(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                raise ValueError("no such luck")
            yield batch

    document = {"version": "1.0", "tables": {"t": [{"kind": "not_null", "column": "id"}]}}
    with pytest.raises(EdgeError, match=r"Spark says: .*no such luck"):
        seedbed.validate({"t": session.range(3).mapInArrow(failing, "id bigint")}, document)


def test_what_needs_rows_here_is_refused(session: Any, tmp_path: Path) -> None:
    frame = session.createDataFrame(pa.table({"id": [1]}))
    document = {"version": "1.0", "tables": {"t": [{"kind": "not_null", "column": "id"}]}}
    with pytest.raises(ModelError, match="where they are"):
        seedbed.validate({"t": frame}, document, quarantine=tmp_path / "q")
    with pytest.raises(ModelError, match="`u` is no DataFrame"):
        seedbed.validate({"t": frame, "u": pa.table({"id": [1]})}, document)
