"""Runs that are killed, stopped or starved, as whole processes: no half file, and going on gives what one run gives."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import seedbed
from tests.run.shop import digests, names, write_model

CUSTOMERS = 1_000_000  # about four million orders, ten parts


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), customers=CUSTOMERS)


@pytest.fixture(scope="module")
def wanted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "out"
    seedbed.generate(model, out)
    found = digests(out)
    shutil.rmtree(out)
    return found


def command(model: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "seedbed", "generate", str(model), "-o", str(out), *options]


def go_on(model: Path, out: Path, *options: str) -> None:
    subprocess.run(command(model, out, "--resume", *options), check=True, capture_output=True, timeout=120)


def kill_after(seconds: float, words: list[str]) -> None:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


def kill_and_go_on(model: Path, out: Path, moments: list[float], *options: str) -> None:
    """Kill a run again and again, then let it end."""
    for seconds in moments:
        kill_after(seconds, command(model, out, "--resume", *options))
    go_on(model, out, *options)
    assert not [name for name in names(out) if name.endswith((".unfinished", "journal"))]
    assert seedbed.verify(out).ok


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [(), ("--executor", "processes"), ("--format", "csv"), ("--partition-by", "customer=kind"), ("--format", "delta")],
    ids=["threads", "processes", "csv", "folders", "delta"],
)
def test_a_killed_run_goes_on_to_the_same_contents(model: Path, wanted: dict[str, str], tmp_path: Path, options: tuple[str, ...]) -> None:
    kill_and_go_on(model, tmp_path, [0.6, 0.5, 0.7, 0.8], *options)
    assert digests(tmp_path) == wanted


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(40))
def test_a_run_killed_at_any_moment_goes_on_to_the_same_contents(model: Path, wanted: dict[str, str], tmp_path: Path, turn: int) -> None:
    options = [(), ("--format", "csv"), ("--partition-by", "customer=kind"), ("--format", "delta")][turn % 4]
    kill_and_go_on(model, tmp_path, [0.3 + (turn * 37 % 40) / 40, 0.3 + (turn * 11 % 40) / 40], *options)
    assert digests(tmp_path) == wanted


def wait_for_a_part(out: Path) -> None:
    for _ in range(2_000):
        if list(out.rglob("part-*.parquet")):
            return
        time.sleep(0.005)
    pytest.fail("no part came in ten seconds")


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_an_interrupted_run_leaves_whole_parts_only(
    model: Path, wanted: dict[str, str], tmp_path: Path, how: signal.Signals, executor: str
) -> None:
    words = command(model, tmp_path, "--executor", executor)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    wait_for_a_part(tmp_path)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # a terminal sends it to workers, too
    else:
        process.send_signal(how)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told.decode()
    assert b"--resume" in told
    assert b"Traceback" not in told
    assert not [name for name in names(tmp_path) if name.endswith(".unfinished")]
    go_on(model, tmp_path)
    assert digests(tmp_path) == wanted


def starved(model: Path, out: Path, prepare: Callable[[], None] | None, *options: str) -> subprocess.CompletedProcess[str]:
    words = command(model, out, *options)
    return subprocess.run(words, preexec_fn=prepare, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_files_that_may_not_grow_end_the_run_with_whole_parts(model: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))  # customers fit, parts of orders don't

    done = starved(model, tmp_path, limit, "--workers", "1", "--tables", "status,order")
    assert done.returncode == 3, done.stderr
    assert "--resume" in done.stderr
    assert not [name for name in names(tmp_path) if name.endswith((".unfinished", "part-00000.parquet"))]
    go_on(model, tmp_path, "--tables", "status,order")
    assert digests(tmp_path).items() <= wanted.items()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.slow
def test_a_full_disk_keeps_whole_parts_and_goes_on_when_there_is_room(model: Path, wanted: dict[str, str], small_disk: Path) -> None:
    out = small_disk / "out"
    done = starved(model, out, None)
    assert done.returncode == 3, done.stderr
    assert "free some space" in done.stderr
    whole = [name for name in names(out) if name.endswith(".parquet")]
    assert whole
    assert not [name for name in names(out) if name.endswith(".unfinished")]
    assert starved(model, out, None, "--resume").returncode == 3
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    go_on(model, out)
    assert digests(out) == wanted
