"""Batch pools: jobs that are killed, called back or left behind, on a real Slurm and a real HTCondor."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import seedbed
from tests.run.executors.reaching import PATIENCE_S, parted, reached
from tests.run.shop import digests, names

POOLS = ["slurm", "condor"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parted(tmp_path_factory.mktemp("model"), customers=300_000)


@pytest.fixture(scope="module")
def wanted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[str]]:
    out = tmp_path_factory.mktemp("whole")
    seedbed.generate(model, out)
    return digests(out), names(out)


def jobs_of(folder: Path) -> list[int]:
    """The processes of this machine that work for a folder of jobs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"seedbed.run.executors.worker" in words and os.fsencode(folder) in words:
            found.append(int(path.parent.name))
    return found


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def has_part(jobs: Path) -> bool:
    return any(path.stat().st_size for path in jobs.glob("done/*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLS)
def test_a_job_that_is_killed_is_tried_again(
    name: str, model: Path, wanted: tuple[dict[str, str], list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    out, jobs = tmp_path / "out", tmp_path / "out.jobs"
    run = reached(request, name).start(model, out, "--pool-option", "jobs=2")
    wait_for(lambda: bool(jobs_of(jobs)))
    os.kill(jobs_of(jobs)[0], signal.SIGKILL)
    _, said = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0, said
    assert (digests(out), names(out)) == wanted
    assert not jobs.exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLS)
def test_ctrl_c_calls_the_jobs_back_and_the_run_goes_on(
    name: str, model: Path, wanted: tuple[dict[str, str], list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    out, jobs = tmp_path / "out", tmp_path / "out.jobs"
    cluster = reached(request, name)
    run = cluster.start(model, out)
    wait_for(lambda: has_part(jobs) or run.poll() is not None)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 130
    assert not jobs_of(jobs)
    assert not (jobs / "job.bin").exists()
    assert (jobs / "log").is_dir()
    cluster.generate(model, out, "--resume")
    assert (digests(out), names(out)) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLS)
def test_a_run_whose_leader_was_killed_goes_on(
    name: str, model: Path, wanted: tuple[dict[str, str], list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    out, jobs = tmp_path / "out", tmp_path / "out.jobs"
    cluster = reached(request, name)
    run = cluster.start(model, out)
    wait_for(lambda: has_part(jobs) or run.poll() is not None)
    run.kill()
    run.communicate(timeout=PATIENCE_S)
    assert run.returncode == -signal.SIGKILL
    cluster.generate(model, out, "--resume")
    assert (digests(out), names(out)) == wanted
    assert not jobs.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reason"), [("slurm", "FAILED"), ("condor", "nowhere/python")])
def test_jobs_that_cannot_start_are_told_of_with_the_reason(
    name: str, reason: str, model: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    options = ("--pool-option", "python=/nowhere/python", "--pool-option", "retries=0", "--rows", "customer=10")
    done = reached(request, name).tried(model, tmp_path / "out", *options)
    assert done.returncode == 3
    assert "are missing" in done.stderr
    assert reason in done.stderr
    assert "--resume" in done.stderr
