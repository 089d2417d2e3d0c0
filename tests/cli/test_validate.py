"""`seedbed validate`: words, exit codes and files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seedbed.cli.main import main

CHECKS = "version: '1.0'\ntables:\n  user:\n    - {kind: primary_key, columns: [id]}\n    - {kind: range, column: age, min: 18}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checks.yaml").write_text(CHECKS)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "user.csv").write_text("id,age\n1,34\n2,17\n")
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["validate", *map(str, words)])
    return found.exit_code, found.output


def test_data_that_breaks_a_promise_ends_with_1(folder: Path) -> None:
    code, told = run(folder / "checks.yaml", "-d", folder / "data")
    assert code == 1
    assert "user.age.range" in told
    assert "row 1: id=2, age=17" in told
    assert "2 of 3 checks passed, 1 failed; score" in told


def test_sound_data_ends_with_0(folder: Path) -> None:
    (folder / "data" / "user.csv").write_text("id,age\n1,34\n2,18\n")
    code, told = run(folder / "checks.yaml", "-d", folder / "data", "--all")
    assert (code, "user.pk_unique" in told) == (0, True)


def test_a_request_that_cannot_be_ends_with_2(folder: Path) -> None:
    assert run(folder / "nothing.yaml", "-d", folder / "data")[0] == 2
    assert run(folder / "checks.yaml", "-d", folder / "data", "--table", "usr")[0] == 2
    assert run(folder / "checks.yaml", "-d", folder / "data", "--threshold", "101")[0] == 2


def test_programs_get_json_and_files(folder: Path) -> None:
    code, told = run(folder / "checks.yaml", "-d", folder / "data", "--json", "-o", folder / "r.json", "--quarantine", folder / "q")
    found = json.loads(told)
    assert (code, found["accepted"], found["counts"]["failed"]) == (1, False, 1)
    assert json.loads((folder / "r.json").read_text()) == found
    assert sorted(path.name for path in (folder / "q").iterdir()) == ["failed", "passed"]


def test_the_schema_of_checks_documents_is_printed() -> None:
    found = CliRunner().invoke(main, ["schema", "--checks"])
    assert json.loads(found.output)["$id"] == "urn:seedbed:checks:1.0"


def test_what_can_not_be_read_is_told_in_full_and_the_rest_is_judged(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("a\n1\n")
    (tmp_path / "bad.csv").write_text('a,b\n1,"x\n2,y\n')
    rules = tmp_path / "checks.json"
    rules.write_text(
        '{"version": "1.0", "tables": {"good": [{"kind": "not_null", "column": "a"}], "bad": [{"kind": "not_null", "column": "a"}]}}'
    )
    told = CliRunner().invoke(main, ["validate", str(rules), "-d", str(tmp_path)])
    assert told.exit_code == 1
    assert "bad.csv:2: the quotes of this row are broken" in told.stdout
    assert "fix: close each quote" in told.stdout
    assert "1 of 2 checks passed, 1 errors" in told.stdout


def test_no_value_steers_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": "\\u001b[2J\\u0007"}\n')
    rules = tmp_path / "checks.json"
    rules.write_text('{"version": "1.0", "tables": {"t": [{"kind": "regex", "column": "a", "regex": "^x$"}]}}')
    told = CliRunner().invoke(main, ["validate", str(rules), "-d", str(tmp_path)])
    assert "\x1b" not in told.stdout
    assert "\x07" not in told.stdout
