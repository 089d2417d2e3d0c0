"""Runs of models with faults: written, listed, verified; clean on demand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import seedbed
from seedbed.cli.main import main
from seedbed.core.errors import DataError
from seedbed.generate.quality.delivery import Delivery
from seedbed.read.parquet import scan_tables
from seedbed.run.api import Dataset
from seedbed.run.faults import with_faults_told
from seedbed.run.layout import Span
from seedbed.run.verify import checked_files

MODEL = """
version: "2.0"
metadata: {name: clinic}
timeframe: {start: "2024-01-01", end: "2024-12-31", freq: S, tz: Europe/Berlin}
entities:
  patient:
    rows: 70000
    pk: id
    columns:
      id:    {sequence: {}}
      blood: {choice: {choices: [A, B, AB, O]}}
      seen:  {datetime_series: {}}
facts:
  visit:
    parents: [patient]
    fanout: {distribution: poisson, lambda: 1}
    pk: id
    columns:
      id:         {sequence: {}}
      patient_id: {lookup: {from: patient.id}}
      weight:     {distribution: {type: normal, params: {mean: 74, std: 12}, clamp: [35, 180]}, type: decimal}
constraints:
  enum: [{attr: patient.blood, values: [A, B, AB, O]}]
  ranges: [{attr: visit.weight, min: 35, max: 180}]
"""
FAULTS = """
quality_injection:
  ground_truth: injected
  issues:
    - {table: patient, column: blood, kind: invalid_enum, rate: 0.01}
    - {table: patient, column: seen, kind: malformed_timestamp, rate: 0.01}
    - {table: patient, kind: duplicate, rate: 0.01}
    - {table: visit, column: patient_id, kind: orphan_fk, rate: 0.01}
    - {table: visit, column: weight, kind: boundary_violation, rate: 0.01}
    - {table: visit, kind: late_arrival, rate: 0.05, params: {max: P90D}}
"""


def document(folder: Path, text: str = MODEL + FAULTS) -> Path:
    path = folder / "clinic.yaml"
    path.write_text(text)
    return path


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / ".metadata.json").read_text())
    return found


def test_promises_that_faults_break_are_told_and_no_errors(tmp_path: Path) -> None:
    made = seedbed.generate(document(tmp_path), tmp_path / "out", verify="files")
    assert made.report is not None
    broken = {result.id for result in made.report.broken}
    assert made.report.hard_ok
    assert broken == {"patient.types", "patient.pk_unique", "patient.blood.enum", "visit.weight.range", "visit.fk_patient.integrity"}
    assert all(result.tags == ("injected",) and "expected" in (result.reason or "") for result in made.report.broken)


def test_blocks_are_verified_without_the_faults(tmp_path: Path) -> None:
    made = seedbed.generate(document(tmp_path), tmp_path / "out", verify="blocks")
    assert made.report is not None
    assert made.report.ok


def test_the_list_of_faults_is_a_table_of_the_run(tmp_path: Path) -> None:
    path = document(tmp_path)
    data = seedbed.plan(path)
    made = seedbed.generate(path, tmp_path / "out", workers=2, executor="processes")
    assert data.tables == ("patient", "visit", "injected")
    assert [(table.name, table.kind, table.rows) for table in made.tables][-1] == ("injected", "truth", data.rows["injected"])
    for name in data.tables:
        written = pa.concat_tables(
            [pq.read_table(tmp_path / "out" / file.path) for table in made.tables if table.name == name for file in table.files]
        )
        assert written.num_rows == data.rows[name]
        assert written.to_pydict() == data.to_arrow(name).to_pydict()


def test_any_executor_gives_the_same_manifest(tmp_path: Path) -> None:
    path = document(tmp_path)
    seedbed.generate(path, tmp_path / "one", workers=1)
    seedbed.generate(path, tmp_path / "two", workers=2, executor="processes")
    assert manifest(tmp_path / "one") == manifest(tmp_path / "two")


def test_clean_data_are_those_of_the_model_without_faults(tmp_path: Path) -> None:
    seedbed.generate(document(tmp_path), tmp_path / "clean", clean=True)
    seedbed.generate(document(tmp_path, MODEL), tmp_path / "without")
    assert manifest(tmp_path / "clean") == manifest(tmp_path / "without")


def test_a_slice_holds_the_rows_of_the_whole(tmp_path: Path) -> None:
    path = document(tmp_path)
    data = seedbed.plan(path)
    seedbed.generate(path, tmp_path / "out", slices={"patient": (69_990, 70_010), "injected": (5, 9)}, verify="files")
    assert pq.read_table(tmp_path / "out/patient.parquet").to_pydict() == pa.table(data.block("patient", 69_990, 70_010)).to_pydict()
    assert pq.read_table(tmp_path / "out/injected.parquet").to_pydict() == pa.table(data.block("injected", 5, 9)).to_pydict()


def test_files_that_do_not_hold_what_was_made_are_found(tmp_path: Path) -> None:
    data = seedbed.plan(document(tmp_path))
    out = tmp_path / "out"
    seedbed.generate(data, out)
    table = pq.read_table(out / "patient.parquet")
    changed = table.set_column(1, "blood", pa.array(["Q", *table["blood"].to_pylist()[1:]]))
    pq.write_table(changed, out / "patient.parquet")
    with pytest.raises(DataError, match="do not hold what was made"):
        judged(data, out)


def judged(data: Dataset, out: Path) -> None:
    spans = [Span(name, 0, rows) for name, rows in data.rows.items()]
    scans = scan_tables(out, [span.table for span in spans])
    report = checked_files(data.model, out, spans, data.rows)
    with_faults_told(report, data.model, Delivery(data.prepared), spans, scans, 1)


def run(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_line_shows_the_list_and_leaves_it_out_where_clean_data_are_wanted(tmp_path: Path) -> None:
    path = str(document(tmp_path))
    shown = json.loads(run("preview", path, "--json", "--limit", "2"))
    assert list(shown) == ["patient", "visit", "injected"]
    assert list(json.loads(run("preview", path, "--json", "--clean"))) == ["patient", "visit"]
    planned = json.loads(run("plan", path, "--json"))["tables"]
    assert (planned[-1]["name"], planned[-1]["kind"], planned[-1]["rows"]) == ("injected", "truth", shown["injected"]["rows"])
    assert "injected" not in run("generate", path, "--dry-run", "--clean")
    assert "injected" in run("generate", path, "--dry-run-sample", "20")


def test_the_dirty_shop_is_written_with_its_list_of_faults(tmp_path: Path) -> None:
    shop = Path(__file__).parents[2] / "examples" / "shop.yaml"
    made = seedbed.generate(seedbed.load(shop, profile="dirty"), tmp_path / "out", scale=0.05, verify="files")
    assert made.report is not None
    assert made.report.hard_ok
    attributes = pq.read_table(tmp_path / "out" / "product.parquet").column("attributes").combine_chunks()
    assert attributes.null_count > 0  # a struct whose fields are never null
    assert {kind.as_py() for kind in pq.read_table(tmp_path / "out" / "injected.parquet").column("kind")} >= {
        "missing_field",
        "typo",
        "duplicate",
    }
