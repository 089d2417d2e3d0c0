"""Spark Connect: what is refused before anything begins, and what is told of tasks that fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import seedbed
from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.run.executors import Crew, make_parts
from seedbed.run.executors import spark as executor
from seedbed.run.journal import PartDone
from tests.run.executors.reaching import job_of, parted
from tests.servers.postgres import free_port


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return parted(tmp_path, customers=10)


def test_spark_needs_a_master(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="sc://host:port"):
        seedbed.generate(model, tmp_path / "out", executor="spark")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("master", ["spark://host:7077", "local[2]", "sc://", "sc://host:port"])
def test_only_spark_connect_is_a_master(model: Path, tmp_path: Path, master: str) -> None:
    with pytest.raises(ModelError, match="Connect"):
        seedbed.generate(model, tmp_path / "out", executor="spark", master=master)


def test_threads_have_no_master(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--executor spark"):
        seedbed.generate(model, tmp_path / "out", master="sc://host")


def test_blocks_of_other_machines_are_not_verified(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--verify=files"):
        seedbed.generate(model, tmp_path / "out", executor="spark", master="sc://host", verify="blocks")


def test_an_unknown_setting_is_refused_with_its_nearest(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tasks"):
        seedbed.generate(model, tmp_path / "out", executor="spark", master="sc://host", pool_options={"task": "2"})


def test_a_server_that_is_not_there_is_told_at_once_without_its_token(model: Path, tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no Spark Connect server answers") as caught:
        seedbed.generate(model, tmp_path / "out", executor="spark", master=f"sc://127.0.0.1:{free_port()}/;token=secret")
    assert "secret" not in str(caught.value)


@pytest.mark.slow
def test_another_seedbed_where_the_tasks_run_is_refused(model: Path, tmp_path: Path, sail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "__version__", "0.0.0")
    with pytest.raises(PluginError, match=r"and 0\.0\.0 here"):
        seedbed.generate(model, tmp_path / "out", executor="spark", master=sail)


@pytest.mark.slow
def test_a_task_that_fails_is_told_with_its_cause(model: Path, tmp_path: Path, sail: str) -> None:
    out = tmp_path / "out"
    job, parts = job_of(model, out)
    shutil.rmtree(out)
    done: list[PartDone] = []
    with pytest.raises(EdgeError, match="the folder has vanished") as caught:
        make_parts(job, parts, done.append, Crew(master=sail), "spark")
    assert str(out) in str(caught.value)
    assert not done


@pytest.mark.slow
def test_a_part_that_is_made_twice_holds_the_same(tmp_path: Path, sail: str) -> None:
    job, parts = job_of(parted(tmp_path, customers=300_000), tmp_path / "out")
    done: list[PartDone] = []
    for crew in (Crew(2, sail), Crew(master=sail)):
        make_parts(job, parts, done.append, crew, "spark")
    assert len(done) == 2 * len(parts)
    assert {(part.table, part.index, part.leaves) for part in done[: len(parts)]} == {
        (part.table, part.index, part.leaves) for part in done[len(parts) :]
    }
    assert sorted(path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()) == ["", *[".parquet"] * len(parts)]
