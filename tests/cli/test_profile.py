"""`seedbed profile` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seedbed.cli.main import main
from seedbed.cli.profile_view import sparkline


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    lines = ["id,city,amount", *(f"{n},{'Bonn' if n % 3 else 'Köln'},{n % 50}.5" for n in range(500)), "500,Bonn,99999"]
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "orders.csv"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["profile", *map(str, words)], prog_name="seedbed")


def test_a_file_is_told_column_by_column(orders: Path) -> None:
    done = run(orders)
    assert done.exit_code == 0, done.stderr
    assert "501 rows, 3 columns" in done.stdout
    assert "Bonn 67%" in done.stdout


def test_a_profile_is_json_for_programs(orders: Path) -> None:
    told = json.loads(run(orders, "--json", "--anomalies").stdout)
    assert told["tables"][0]["anomalies"][0]["row"] == 500


def test_pages_json_and_checks_are_written(orders: Path, tmp_path: Path) -> None:
    done = run(orders, "--html", tmp_path / "p.html", "-o", tmp_path / "p.json", "--suggest", tmp_path / "checks.yaml")
    assert done.exit_code == 0
    assert (tmp_path / "p.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "p.json").read_text())["tables"][0]["rows"] == 501
    assert "primary_key" in (tmp_path / "checks.yaml").read_text()


def test_data_are_compared_with_others(orders: Path) -> None:
    done = run(orders, "--compare", orders)
    assert "100.0 of 100" in done.stdout
    assert "exact copies" in done.stdout


def test_a_method_needs_a_search(orders: Path) -> None:
    assert run(orders, "--method", "mad").exit_code == 2
    assert run(orders, "--anomalies", "--method", "mad").exit_code == 0


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert run(tmp_path / "none.csv").exit_code == 3
    assert "no such" in run(tmp_path / "none.csv").stderr


def test_a_line_has_a_bar_for_all_that_is_there() -> None:
    assert sparkline([1, 0, 1_000_000]) == "▁ █"
    assert len(sparkline(range(1, 101))) == 20
    assert sparkline([]) == sparkline([0, 0]) == ""


def test_a_table_that_cannot_be_read_is_told_and_the_exit_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("a\n9223372036854775807\n1\n")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    told = CliRunner().invoke(main, ["profile", str(tmp_path)])
    assert told.exit_code == 1
    assert "1 to 9,223,372,036,854,775,807" in told.stdout
    assert "bad.parquet" in told.output
