"""Targets of a run: folders, databases and several at once, as the command line, Python or the model says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seedbed
from seedbed.cli.main import main
from seedbed.core.events import Event, PartMade
from seedbed.run.targets import with_variables
from seedbed.write.notes import JOURNAL, RUN
from tests.run.shop import digests, document, manifest, names, write_model
from tests.servers.mariadb import MariaDB
from tests.write.databases.conftest import in_mariadb


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path, customers=1000)


def authored(folder: Path, outputs: list[dict[str, Any]], **node: Any) -> Path:
    found = document(customers=1000, version="2.0", outputs=outputs)
    found["nodes"][0] |= node
    (folder / "m.json").write_text(json.dumps(found))
    return folder / "m.json"


def test_several_targets_get_the_same_rows(model: Path, tmp_path: Path) -> None:
    result = seedbed.generate(model, tmp_path / "a", to=[tmp_path / "b", f"file://{tmp_path}/c", f"sqlite:///{tmp_path}/d.db"])
    assert [Path(each.place).name for each in (result, *result.further)] == ["a", "b", "c", "d.db"]
    assert len({tuple(table.digest for table in each.tables) for each in (result, *result.further)}) == 1
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")


@pytest.mark.parametrize("form", ["csv", "jsonl", "arrow"])
def test_formats_do_not_change_contents(model: Path, tmp_path: Path, form: str) -> None:
    seedbed.generate(model, tmp_path / "plain")
    seedbed.generate(model, tmp_path / form, format=form)
    assert digests(tmp_path / "plain") == digests(tmp_path / form)
    assert names(tmp_path / form) == [".metadata.json", f"customer.{form}", f"order.{form}", f"status.{form}"]


def test_a_run_tells_what_it_took(model: Path, tmp_path: Path) -> None:
    result = seedbed.generate(model, tmp_path / "out", workers=1)
    told = json.loads((tmp_path / "out" / RUN).read_text())
    assert (told["rows"], told["workers"], told["executor"]) == (result.rows, 1, "threads")
    assert told["size_bytes"] == result.size_bytes == result.figures.size_bytes
    assert told["peak_memory_bytes"] > 10_000_000
    assert told["rows_per_second"] > 0


# ---------------------------------------------------------------------------------------- the model's


def test_the_model_says_where_to_when_nobody_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACE", "here")
    outputs: list[dict[str, Any]] = [
        {"to": "out/${PLACE}", "format": "csv", "tables": ["status"]},
        {"to": "out/all", "compression": "zstd"},
    ]
    path = authored(tmp_path, outputs, partition_by=["kind"])
    seedbed.generate(path)
    assert names(tmp_path / "out" / "here") == [".metadata.json", "status.csv"]
    assert "customer/kind=new/part-00000.parquet" in names(tmp_path / "out" / "all")
    assert manifest(tmp_path / "out" / "all").request["settings"]["partition_by customer"] == "kind"
    seedbed.generate(path, tmp_path / "elsewhere", format="csv", partition_by={"customer": []})
    assert "customer.csv" in names(tmp_path / "elsewhere")
    with pytest.raises(seedbed.ModelError, match="`compression` can't be given"):
        seedbed.generate(path, compression="snappy", overwrite=True)
    with pytest.raises(seedbed.ModelError, match="not empty"):
        seedbed.generate(path)
    assert seedbed.generate(path, resume=True).further[0].kept_rows > 0


def test_a_model_without_targets_needs_to_be_told(model: Path) -> None:
    with pytest.raises(seedbed.ModelError, match="nothing says where to"):
        seedbed.generate(model)


def test_missing_variables_are_told_and_passwords_are_not() -> None:
    with pytest.raises(seedbed.ModelError, match="no variable `HUSH_HUSH`"):
        with_variables("postgresql://ann:${HUSH_HUSH}@host/db", {})
    assert with_variables("out/plain", {}) == "out/plain"
    assert with_variables("http://${H}/?t=${T}", {"H": "a.b", "T": "c"}) == "http://a.b/?t=c"


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("postgressql://ann:hush@host/db", "did you mean `postgresql`?"),
        ("pulsar://ann:hush@host/t", "no Pulsar broker"),
        ("file://elsewhere/x", "another machine"),
        ("postgresql://ann:pa@hush@host/db", "special characters of a password"),
        ("mysql://ann:hu/hush@host/db", "special characters of a password"),
        ("sqlite:///a.db?cache=1&password=hush", "leave it out"),
        ("sqlite://a.db", "three slashes"),
        ("duckdb:///a.duckdb?shema=x", "it may say `schema`"),
    ],
)
def test_targets_that_can_not_be_are_refused_without_their_password(model: Path, to: str, message: str) -> None:
    done = CliRunner().invoke(main, ["generate", str(model), "--to", to])
    assert done.exit_code == 2
    assert message in done.stderr
    assert "hush" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "cvs"},
        {"mode": "add"},
        {"mode": "append"},
        {"mode": "append", "overwrite": True},
        {"rate": 5.0},
        {"partition_by": {"custmer": ["kind"]}},
        {"partition_by": {"order": ["amount"]}},
        {"encodings": {"ordr.id": "plain"}},
        {"encodings": {"order.id": "plain"}, "tables": ["customer"]},
        {"format": "delta", "format_options": {"delta.colour": "red"}},
        {"colour": "red"},
        {"format": "csv", "row_group_rows": 100},
        {"format": "csv", "verify": "files"},
        {"partition_by": {"customer": ["kind"]}, "verify": "files"},
    ],
    ids=str,
)
def test_wrong_options_write_nothing(model: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(seedbed.ModelError):
        seedbed.generate(model, tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["out", "to"])
def test_an_empty_text_is_no_place(model: Path, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(seedbed.ModelError, match="empty text"):
        seedbed.generate(model, **{where: ""})  # type: ignore[arg-type]  # one of the two


def test_blocks_are_verified_whatever_the_format(model: Path, tmp_path: Path) -> None:
    report = seedbed.generate(model, tmp_path / "out", format="csv", verify="blocks").report
    assert report is not None
    assert report.ok


def test_the_command_line_knows_all_options_of_sinks(model: Path, tmp_path: Path) -> None:
    words = ["--partition-by", "customer=kind", "--row-group-rows", "1000", "--encoding", "order.id=plain", "--compression", "zstd"]
    done = CliRunner().invoke(main, ["generate", str(model), "--to", str(tmp_path / "out"), *words, "--json"])
    assert done.exit_code == 0, done.stderr
    settings = manifest(tmp_path / "out").request["settings"]
    assert settings == {
        "format": "parquet",
        "compression": "zstd",
        "row_group_rows": "1000",
        "encodings": "order.id=plain",
        "partition_by customer": "kind",
    }


@pytest.mark.parametrize("how", [{}, {"partition_by": {"_order": ["_day"]}}], ids=["file", "folders"])
def test_names_with_an_underscore_first_are_read_again(tmp_path: Path, how: dict[str, Any]) -> None:
    found = document(customers=20)
    found["nodes"][1]["id"] = "_order"
    found["nodes"][1]["columns"].append({"name": "_day", "type": "string", "generator": {"choice": {"choices": ["mon", "tue"]}}})
    made = seedbed.generate(seedbed.loads(json.dumps(found), "m.json"), tmp_path / "out", **how)
    assert seedbed.verify(tmp_path / "out").ok
    report = seedbed.validate(tmp_path / "out", seedbed.loads(json.dumps(found), "m.json"))
    assert report.ok
    assert report.rows["_order"] == made.tables[1].rows


# ------------------------------------------------------------------------------------ ends and goes on


@pytest.mark.parametrize("how", [{"format": "csv"}, {"partition_by": {"customer": ["kind"], "order": ["day"]}}], ids=["csv", "folders"])
def test_any_layout_is_gone_on_with(tmp_path: Path, how: dict[str, Any]) -> None:
    found = document(customers=200_000)
    days = {"choice": {"choices": ["mon", "tue"]}}
    found["nodes"][1]["columns"].append({"name": "day", "type": "string", "generator": days})
    path = tmp_path / "m.json"
    path.write_text(json.dumps(found))
    seedbed.generate(path, tmp_path / "whole", **how)

    class Stop(Exception):  # noqa: N818 - whatever ends a run
        """The run ends here."""

    def stop(event: Event) -> None:
        if isinstance(event, PartMade) and event.table == "order":
            raise Stop

    with pytest.raises(Stop):
        seedbed.generate(path, tmp_path / "out", events=stop, workers=1, **how)
    assert (tmp_path / "out" / JOURNAL).exists()
    assert seedbed.generate(path, tmp_path / "out", resume=True, **how).kept_rows > 0
    for name in names(tmp_path / "whole"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert names(tmp_path / "out") == names(tmp_path / "whole")
    with pytest.raises(seedbed.ModelError, match="was another"):
        seedbed.generate(path, tmp_path / "out", resume=True)
    assert seedbed.verify(tmp_path / "out").ok


def test_a_database_of_a_narrow_character_set_takes_any_names(tmp_path: Path, mariadb: MariaDB) -> None:
    in_mariadb(mariadb, "CREATE OR REPLACE DATABASE narrow CHARACTER SET latin1")
    found = document(customers=20)
    found["nodes"][2] |= {"id": "größe_日本"}
    path = tmp_path / "m.json"
    path.write_text(json.dumps(found))
    seedbed.generate(path, to=mariadb.url("narrow"))
    assert seedbed.verify(mariadb.url("narrow")).ok
