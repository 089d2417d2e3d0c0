"""The command line: verbs, exit codes, and where words go."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from seedbed.cli.demo import examples
from seedbed.cli.generators import EXAMPLES, MODIFIER_EXAMPLES, kinds
from seedbed.cli.main import VERBS, main
from seedbed.cli.show import show_table
from seedbed.core.counts import count_of
from seedbed.core.version import __version__
from seedbed.model.document import ColumnSpec
from seedbed.model.generators import KINDS
from tests.run.shop import digests, document, names, write_model

AUTHORED = Path(__file__).parents[1] / "model" / "authored.yaml"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path, customers=50)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="seedbed")


def answer(*words: str | Path) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


# ----------------------------------------------------------------------------------------------- verbs


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_explained_where_it_is_listed(verb: str) -> None:
    command = main.get_command(click.Context(main), verb)
    assert command is not None
    assert command.help
    assert run(verb, "--help").exit_code == 0
    assert f"{verb} " in run("--help").stdout
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"seedbed {__version__}\n"


def test_an_unknown_verb_gets_its_nearest() -> None:
    done = run("genrate")
    assert done.exit_code == 2
    assert "did you mean `generate`?" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell: str) -> None:
    assert "_SEEDBED_COMPLETE" in run("completion", shell).stdout


# -------------------------------------------------------------------------------------------- generate


def test_generate_makes_files_and_tells_them(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("generate", model, "-o", out, "--verify")
    assert done.exit_code == 0, done.stderr
    assert names(out) == [".metadata.json", "customer.parquet", "order.parquet", "status.parquet"]
    assert "customer" in done.stdout
    assert "checks hold" in done.stdout
    assert done.stderr == ""


def test_generate_says_what_the_plan_doubts(tmp_path: Path) -> None:
    rules = [{"attr": "order.customer", "max": 40}, *({"attr": "order.amount", "min": 8 + place / 10} for place in range(6))]
    doubtful = write_model(tmp_path, customers=50, constraints={"ranges": rules})
    done = run("generate", doubtful, "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert "warning: 87.5% of the values of order.amount lie outside" in done.stderr
    assert f"2 more; `seedbed lint {doubtful}` says where" in done.stderr
    found = answer("generate", doubtful, "-o", tmp_path / "json")
    assert len(found["warnings"]) == 7
    assert found["warnings"][-1].startswith("the range of order.customer is not guaranteed")


def test_generate_answers_in_json(model: Path, tmp_path: Path) -> None:
    found = answer("generate", model, "-o", tmp_path / "out", "--seed", "7", "--rows", "customer=1K", "--verify=blocks")
    assert (found["ok"], found["seed"], found["tables"][0]["rows"]) == (True, 7, 1000)
    assert {table["name"]: table["digest"] for table in found["tables"]} == digests(tmp_path / "out")
    assert found["checks"]["ok"]


@pytest.mark.parametrize(
    "words", [("--verify", "MODEL"), ("MODEL", "--verify"), ("--verify", "files", "MODEL"), ("--verify=blocks", "MODEL")]
)
def test_verify_may_stand_anywhere(model: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("generate", *(str(model) if word == "MODEL" else word for word in words), "-o", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert "checks hold" in done.stdout


def test_options_reach_the_run(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = (
        "--slice",
        "order=10:20",
        "--tables",
        "status",
        "--workers",
        "1",
        "--compression",
        "zstd",
        "--format",
        "parquet",
        "--scale",
        "2",
    )
    found = answer("generate", model, "-o", out, *words)
    assert {table["name"]: (table["start"], table["rows"]) for table in found["tables"]} == {"order": (10, 10), "status": (0, 2)}
    assert run("generate", model, "-o", out).exit_code == 2
    assert answer("generate", model, "-o", out, *words, "--resume")["kept_rows"] == 12
    assert answer("generate", model, "-o", out, "--overwrite", "--executor", "threads")["kept_rows"] == 0


def test_a_dry_run_writes_nothing(model: Path, tmp_path: Path) -> None:
    before = names(tmp_path)
    done = run("generate", model, "-o", tmp_path / "out", "--dry-run")
    assert done.exit_code == 0
    assert "nothing was written" in done.stdout
    assert names(tmp_path) == before
    assert not (tmp_path / "out").exists()
    assert re.search(r"^  total +[0-9,]+ ", done.stdout, re.MULTILINE)


def test_a_dry_run_samples_and_checks(model: Path) -> None:
    found = answer("generate", model, "--dry-run-sample", "3", "--seed", "9")
    first = answer("preview", model, "--limit", "3", "--seed", "9")
    assert found["samples"] == {name: table["first"] for name, table in first.items()}
    assert found["checks"]["ok"]
    done = run("generate", model, "--dry-run-sample", "3")
    assert "checks hold" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-o", "out", "--rows", "customer"),
        ("-o", "out", "--rows", "customer=many"),
        ("-o", "out", "--rows", "customer=999999G"),
        ("-o", "out", "--slice", "order=5"),
        ("-o", "out", "--slice", "order=5:x"),
        ("-o", "out", "--slice", "order=5:6", "--slice", "order=7:8"),
        ("-o", "out", "--rows", "customer=5", "--rows", "customer=6"),
        ("-o", "out", "--tables", ","),
        ("-o", "out", "--tables", "custmer"),
        ("-o", "out", "--scale", "0"),
        ("-o", "out", "--seed", "-1"),
        ("-o", "out", "--workers", "0"),
        ("-o", "out", "--verify=never"),
        ("-o", "out", "--overwrite", "--resume"),
    ],
    ids=" ".join,
)
def test_wrong_words_are_refused_and_write_nothing(model: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with contextlib.chdir(empty):
        done = run("generate", model, *words)
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr
        assert "Traceback" not in done.stderr
        assert not list(Path().iterdir())


@pytest.mark.parametrize(
    "words", [("generate", "m.json", "--mode", "x"), ("plan", "m.json", "--nonsense"), ("generate", "m.json", "--seed", "x")]
)
def test_wrong_words_are_told_in_json_where_asked(words: tuple[str, ...]) -> None:
    done = run(*words, "--json")
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert (told["ok"], told["exit_code"]) == (False, 2)
    assert f"seedbed {words[0]} --help" in told["problems"][0]["fix"]


def test_names_are_completed() -> None:
    def completed(verb: str, beginning: str) -> list[str]:
        return [item.value for item in ShellComplete(main, {}, "seedbed", "_SEEDBED_COMPLETE").get_completions([verb], beginning)]

    assert completed("generators", "ch") == ["choice"]
    assert completed("demo", "users") == ["users_events"]


def test_numbers_of_rows_are_read() -> None:
    assert [count_of(text) for text in ("0", "10k", "2M", "1_000", "1,000")] == [0, 10_000, 2_000_000, 1_000, 1_000]


def test_a_broken_promise_is_exit_code_1(tmp_path: Path) -> None:
    path = write_model(tmp_path, customers=50, constraints={"pattern": [{"attr": "customer.kind", "regex": "^n"}]})
    done = run("generate", path, "-o", tmp_path / "out", "--verify")
    assert done.exit_code == 1
    assert "customer.kind.pattern" in done.stderr
    assert not (tmp_path / "out").exists()
    told = run("generate", path, "-o", tmp_path / "out", "--verify", "--json")
    assert json.loads(told.stdout)["problems"][0]["where"] == "customer.kind.pattern"
    assert run("generate", path, "--dry-run-sample", "40").exit_code == 1


def test_a_defect_is_told_as_one(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("seedbed.run.generate.generate", fails)
    done = run("generate", model, "-o", tmp_path / "out")
    assert done.exit_code == 70
    assert "defect of seedbed" in done.stderr


# ----------------------------------------------------------------------------- preview, plan, lint, fmt


def test_preview_shows_the_rows_that_generate_writes(model: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    run("generate", model, "-o", tmp_path / "out", "--seed", "3")
    found = answer("preview", model, "--table", "order", "--limit", "4", "--seed", "3")
    assert list(found) == ["order"]
    assert found["order"]["first"] == pq.read_table(tmp_path / "out" / "order.parquet").slice(0, 4).to_pylist()
    assert "order: 4 of" in run("preview", model, "--table", "order", "--limit", "4").stdout
    assert run("preview", model, "--table", "ordr").exit_code == 2


def test_plan_tells_tables_links_and_order(model: Path) -> None:
    found = answer("plan", model, "--scale", "2")
    assert [(table["name"], table["rows"]) for table in found["tables"]] == [("customer", 100), ("order", 415), ("status", 2)]
    assert found["tables"][1]["links"][0]["to"] == "customer"
    assert "order.customer" in found["column_order"]
    assert "order.customer <- customer." in run("plan", model).stdout


def test_plan_expects_the_rows_of_tables_too_large_to_count(model: Path) -> None:
    found = answer("plan", model, "--rows", "customer=6000000")
    assert [table["rows"] for table in found["tables"]] == [6_000_000, None, 2]
    assert "~24,000,000" in run("plan", model, "--rows", "customer=6000000").stdout


def weekend(share: float) -> dict[str, Any]:
    found = document(customers=50)
    series = {"within": "timeframe", "freq": "H"}
    found["nodes"][1]["columns"].append({"name": "at", "type": "datetime", "generator": {"datetime_series": series}})
    found["targets"] = {"weekend_share": {"table": "order", "timestamp": "at", "min": share, "max": 0.95}}
    return found


def test_warnings_are_errors_under_strict(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(weekend(0.9), indent=1))
    for verb in ("lint", "plan"):
        done = run(verb, path)
        assert done.exit_code == 0, done.stderr
        assert "warning: " in done.stdout
        assert f"{path}:" in done.stdout
        assert run(verb, path, "--strict").exit_code == 2
        assert run(verb, path, "--strict", "--json").exit_code == 2
    path.write_text(json.dumps(weekend(0.1)))
    assert run("lint", path, "--strict").exit_code == 0


def test_lint_tells_all_problems_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text('version: "1.0"\nmetadata: {name: x}\ntimeframe: {strt: "2024-01-01", end: "2024-12-31"}\nnodes: []\n')
    done = run("lint", path)
    assert done.exit_code == 2
    assert f"{path}:3:" in done.stderr
    assert f"{path}:4:" in done.stderr
    assert "did you mean `start`" in done.stderr
    problems = json.loads(run("lint", path, "--json").stdout)["problems"]
    assert len(problems) >= 2
    assert all(problem["where"].startswith(str(path)) for problem in problems)


def test_a_missing_or_unreadable_model_is_exit_code_2(tmp_path: Path) -> None:
    for verb in ("lint", "plan", "preview", "fmt"):
        for path in (tmp_path / "no.yaml", tmp_path):
            done = run(verb, path)
            assert done.exit_code == 2
            assert done.stderr.startswith("error: ")


def test_fmt_prints_checks_and_writes(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text('nodes:   []   # none\nversion:    "1.0"\n')
    before = path.read_text()
    printed = run("fmt", path).stdout
    assert "# none" in printed
    assert run("fmt", "--check", path).exit_code == 1
    assert path.read_text() == before
    assert run("fmt", "--write", path).exit_code == 0
    assert path.read_text() == printed
    assert run("fmt", "--check", path).exit_code == 0
    assert json.loads(run("fmt", "--to", "json", path).stdout)["version"] == "1.0"
    assert run("fmt", "--write", "--check", path).exit_code == 2


def test_schema_is_printed_or_written(tmp_path: Path) -> None:
    found = json.loads(run("schema").stdout)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    run("schema", "-o", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text()) == found


def test_each_version_and_form_has_its_schema() -> None:
    def title(*words: str) -> str:
        return str(json.loads(run("schema", *words).stdout)["title"])

    assert title() == "seedbed model 2.0 as people write it"
    assert title("--form", "canonical") == "seedbed model 2.0"
    assert title("--version", "1.0") == "seedbed model 1.0"
    assert run("schema", "--version", "1.0", "--form", "authoring").exit_code == 2


def test_one_form_becomes_the_other(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(AUTHORED.read_text())
    assert run("fmt", "--check", "--authoring", path).exit_code == 0
    assert run("fmt", "--check", "--canonical", path).exit_code == 1
    run("fmt", "--write", "--canonical", path)
    listed = path.read_text()
    assert "nodes:" in listed
    assert run("fmt", "--check", "--canonical", path).exit_code == 0
    run("fmt", "--write", "--authoring", path)
    assert "entities:" in path.read_text()
    assert run("fmt", "--canonical", path).stdout == listed


def test_a_profile_is_applied_by_every_verb_that_reads_a_model(tmp_path: Path) -> None:
    assert answer("plan", AUTHORED, "--profile", "small")["tables"][1]["rows"] == 1
    assert answer("preview", AUTHORED, "--profile", "small", "--scale", "1")["user"]["rows"] == 7
    assert run("lint", AUTHORED, "--profile", "small").exit_code == 0
    assert answer("generate", AUTHORED, "-o", tmp_path / "out", "--profile", "small", "--scale", "100")["tables"][1]["rows"] == 700
    assert run("generate", AUTHORED, "--dry-run", "--profile", "smal").exit_code == 2


# ------------------------------------------------------------------------------------------ generators


def test_every_kind_has_parameters_and_an_example_that_is_sound() -> None:
    from seedbed.model.reading import read_tree

    found = kinds()
    assert [kind.name for kind in found if kind.family == "generator"] == list(KINDS)
    assert {kind.name for kind in found if kind.family == "modifier"} == set(MODIFIER_EXAMPLES)
    for kind in found:
        assert kind.parameters
        example = read_tree(kind.example, "example.yaml").data
        parts: dict[str, Any] = {"generator": {"sequence": {}}}
        parts |= {"generator": example} if kind.family == "generator" else {"modifiers": [example]}
        ColumnSpec.model_validate({"name": "c", "type": "float", **parts})


def test_generators_lists_and_shows() -> None:
    assert all(kind in run("generators").stdout for kind in KINDS)
    assert "params.sigma" in run("generators", "distribution").stdout
    assert len(answer("generators")) == len(EXAMPLES) + len(MODIFIER_EXAMPLES)
    done = run("generators", "distribtion")
    assert done.exit_code == 2
    assert "did you mean `distribution`" in done.stderr


# ------------------------------------------------------------------------------------------------ demo


def test_demo_grows_an_example_and_may_be_repeated(tmp_path: Path) -> None:
    if "shop" not in examples():
        pytest.skip("the examples are not here")
    with contextlib.chdir(tmp_path):
        for _ in range(2):
            done = run("demo")
            assert done.exit_code == 0, done.stderr
            assert "checks hold" in done.stdout
        assert len(names(Path("out/shop"))) == 13
    assert run("demo", "shpo").exit_code == 2
    assert "shop" in run("demo", "--list").stdout
    assert set(answer("demo", "--list")) == set(examples())


# --------------------------------------------------------------------------------- as a process of its own


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "seedbed", *map(str, words)]


def test_a_reader_that_has_had_enough_is_no_error(model: Path) -> None:
    process = subprocess.Popen(command("preview", model, "--limit", "100000"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


def test_output_that_finds_no_room_is_exit_code_3(model: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command("preview", model), stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (3, b"error: the output cannot be written: No space left on device\n")


def on_a_terminal(words: list[str], **environment: str) -> str:
    """What a process writes to a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        words, stdout=child, stderr=child, env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment}
    )
    os.close(child)
    told = b""
    while select.select([parent], [], [], 60)[0]:
        try:
            piece = os.read(parent, 65_536)
        except OSError:  # the terminal is closed
            break
        told += piece
    os.close(parent)
    assert process.wait(60) == 0, told.decode()
    return told.decode()


def test_a_terminal_gets_a_bar_and_a_drawn_table(tmp_path: Path) -> None:
    path = write_model(tmp_path, customers=300_000)
    told = on_a_terminal(command("generate", path, "-o", tmp_path / "out", "--verify"))
    assert "rows/s" in told
    assert "checked" in told
    assert "┃" in told
    assert "\x1b[1m" in told or "\x1b[3" in told


def test_a_narrow_terminal_loses_no_column_and_no_letter(model: Path) -> None:
    told = on_a_terminal(command("preview", model), COLUMNS="40")
    assert "…" not in told
    for name, rows in answer("preview", model).items():
        assert name in told
        assert all(f" {column} " in re.sub(r"\x1b\[[0-9;]*m", "", told) for column in rows["first"][0])
    assert "datetime_series" in on_a_terminal(command("generators"), COLUMNS="80")


def test_columns_stay_straight_behind_wide_letters(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("names", ("name", "at"), [("長谷川", "1"), ("abcdef", "2"), ("e\u0301", "3")])
    assert capsys.readouterr().out == "names\n  name    at\n  長谷川  1\n  abcdef  2\n  e\u0301       3\n"


def test_no_color_is_kept(model: Path, tmp_path: Path) -> None:
    told = on_a_terminal(command("generate", model, "-o", tmp_path / "out"), NO_COLOR="1")
    assert not [code for code in range(30, 38) if f"\x1b[{code}m" in told or f";{code}m" in told]


def test_data_cannot_steer_a_terminal(tmp_path: Path) -> None:
    found = document(customers=3)
    found["nodes"][2]["columns"][0]["generator"]["enum_list"]["values"] = ["\x1b[31mred"]
    path = tmp_path / "m.json"
    path.write_text(json.dumps(found))
    assert "\x1b[31m" not in run("preview", path).stdout
    assert "\x1b[31m" not in on_a_terminal(command("preview", path))
