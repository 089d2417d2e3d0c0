"""`seedbed simulate`."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from seedbed.cli.main import main


def test_files_are_written_and_the_orders_compared(tmp_path: Path) -> None:
    words = ["simulate", "school", "-o", str(tmp_path / "in"), "--files", "40", "--batch-size-range", "2:5", "--json"]
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert (told["files"], told["comparison"]["dependency"]["is_sound"], told["comparison"]["race"]["is_sound"]) == (40, True, False)
    assert len(list((tmp_path / "in").glob("school_data_*.json"))) == 40


def test_what_is_wrong_is_shown_side_by_side(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["simulate", "school", "-o", str(tmp_path / "in"), "--files", "20", "--order", "race"])
    assert found.exit_code == 0, found.output
    assert "classes over capacity" in found.stdout


def test_a_span_that_is_none_is_refused(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["simulate", "school", "-o", str(tmp_path / "in"), "--batch-size-range", "x"])
    assert found.exit_code == 2
    assert "LOW:HIGH" in found.stderr
