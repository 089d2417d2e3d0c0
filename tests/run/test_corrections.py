"""Corrections are small, safe and shown; what is not sure stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import seedbed
from seedbed.cli.main import main
from seedbed.run.corrections import corrections_of

YAML = """\
version: "2.0"
metadata: {name: wrong}   # a comment that stays
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  customer:
    rows: 10
    pk: custmer_id          # misspelt
    columns:
      customer_id: {sequence: {}}
      country: {choice: {choises: [DE, FR]}}
      age: {distribution: {type: uniform, params: {low: 1, high: 90}}, type: int}
      twice:
        expression: {code: "age * 2"}
        nulable: false
facts:
  order:
    parents: [customer]
    fanout: {distribution: poison, lambda: 2}
    columns:
      customer_id: {lookup: {from: custommer.customer_id}}
constraints:
  ranges: [{attr: customer.twice, min: 0, max: 100}]
"""


def test_names_that_are_nearly_right_are_corrected_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(YAML)
    found = corrections_of(path)
    wanted = YAML
    for old, new in (
        ("custmer_id ", "customer_id "),
        ("choises", "choices"),
        ("nulable", "nullable"),
        ("poison", "poisson"),
        ("custommer", "customer"),
    ):
        wanted = wanted.replace(old, new)
    wanted = wanted.replace("        expression:", "        modifiers: [{transform: clamp, args: {min: 0, max: 100}}]\n        expression:")
    assert found.after == wanted
    assert path.read_text() == YAML
    seedbed.plan(seedbed.loads(found.after, "right.yaml"))


def test_the_command_writes_and_shows_the_change(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(YAML)
    shown = CliRunner().invoke(main, ["lint", str(path), "--diff"])
    assert shown.exit_code == 2
    assert path.read_text() == YAML
    fixed = CliRunner().invoke(main, ["lint", str(path), "--fix"])
    assert fixed.exit_code == 0, fixed.output
    assert "+    pk: customer_id          # misspelt" in fixed.output
    again = CliRunner().invoke(main, ["lint", str(path), "--fix"])
    assert "nothing to correct" in again.output


def test_json_is_corrected_in_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(
        '{"version": "1.0", "metadata": {"name": "m"}, "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},\n'
        ' "nodes": [{"id": "t", "kind": "entity", "pk": "id", "columns": [\n'
        '   {"name": "id", "type": "int", "generator": {"sequense": {}}},\n'
        '   {"name": "a", "type": "int", "generator": {"distribution": {"type": "uniform", "params": {"low": 0, "high": 9}}}},\n'
        '   {"name": "b", "type": "int", "generator": {"expression": {"code": "a * 2"}}}]}],\n'
        ' "constraints": {"ranges": [{"attr": "t.b", "min": 1, "max": 9}]}}\n'
    )
    found = corrections_of(path)
    assert '"sequence": {}' in found.after
    assert '{"modifiers": [{"transform": "clamp", "args": {"min": 1, "max": 9}}], "name": "b"' in found.after
    seedbed.plan(seedbed.loads(found.after, "right.json"))


@pytest.mark.parametrize("old", ["customer_id: {sequence: {}}", "rows: 10"])
def test_what_has_no_sure_correction_stays(tmp_path: Path, old: str) -> None:
    path = tmp_path / "wrong.yaml"
    right = corrections_of_text(tmp_path, YAML)
    text = right.replace(old, old.replace("sequence", "zzz").replace("rows", "qqqq"), 1)
    path.write_text(text)
    assert corrections_of(path).after == text


def test_a_name_that_could_be_two_is_left_to_the_author(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    text = (
        corrections_of_text(tmp_path, YAML)
        .replace("age * 2", "aga * 2")
        .replace("      age: {", "      ago: {constant: {value: 1}}\n      age: {")
    )
    path.write_text(text)
    assert corrections_of(path).after == text


def corrections_of_text(folder: Path, text: str) -> str:
    path = folder / "model.yaml"
    path.write_text(text)
    return corrections_of(path).after
