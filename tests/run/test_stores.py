"""Whole runs into object stores, as processes: killed, cut off, refused; what is there is whole, and going on ends it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.outside.leases import LOCK
from seedbed.outside.places import ObjectPlace, open_place
from tests.servers.buckets import Buckets, unfinished
from tests.servers.s3 import moto

MODEL = Path(__file__).parents[2] / "examples/users_events.json"
USERS = 120_000  # a million events: two parts of them, in CSV large enough to go in pieces


@pytest.fixture(params=["s3", "azure", "gcs", "swift"])
def server(request: pytest.FixtureRequest) -> Buckets:
    found: Buckets = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(server: Buckets, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    return reached(server, monkeypatch)


@pytest.fixture
def emulated(s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    return reached(s3, monkeypatch)


def reached(server: Buckets, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return open_place(f"{server.url}/run/{secrets.token_hex(4)}")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "seedbed", *words]


def generate(place: ObjectPlace, *options: str, users: int = 1000) -> list[str]:
    return command("generate", str(MODEL), "--to", place.name, "--rows", f"user={users}", *options)


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def kill_after(seconds: float, words: list[str]) -> None:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


def manifest(place: ObjectPlace) -> dict[str, object]:
    said: dict[str, object] = json.loads(place.read(".metadata.json") or b"{}")
    return said


@pytest.mark.slow
def test_a_run_killed_again_and_again_ends_as_one_that_was_not(server: Buckets, place: ObjectPlace) -> None:
    options = ("--format", "csv")
    undisturbed = open_place(f"{place.name}-whole")
    whole = run(generate(undisturbed, *options, users=USERS))
    assert whole.returncode == 0, whole.stderr
    for seconds in (0.9, 1.2, 1.5):
        kill_after(seconds, generate(place, "--resume", *options, users=USERS))
    last = run(generate(place, "--resume", *options, users=USERS))
    assert last.returncode == 0, last.stderr
    assert manifest(place) == manifest(undisturbed)
    assert dict(place.sizes()).keys() == dict(undisturbed.sizes()).keys()
    assert not [path for path in place.paths() if path.startswith(".seedbed/")]
    assert place.read(LOCK) is None
    for path in ("user.csv", "event/part-00000.csv", "event/part-00001.csv"):
        assert b"".join(place.chunks(path)) == b"".join(undisturbed.chunks(path))
    if place.name.startswith("s3"):
        assert unfinished(server.port, place.store.bucket.name) == 0


def test_what_a_store_holds_is_validated_profiled_verified_and_not_overwritten(place: ObjectPlace) -> None:
    made = run(generate(place))
    assert made.returncode == 0, made.stderr
    for words in (command("validate", str(MODEL), "-d", place.name), command("profile", place.name), command("verify", place.name)):
        done = run(words)
        assert done.returncode == 0, done.stdout + done.stderr
    again = run(generate(place))
    assert again.returncode == 2
    assert "not empty" in again.stderr
    assert run(generate(place, "--overwrite", "--format", "jsonl", "--compression", "gzip")).returncode == 0
    assert sorted(place.paths()) == [".metadata.json", ".run.json", "event.jsonl.gz", "user.jsonl.gz"]


@pytest.mark.parametrize("server", ["s3", "azure"], indirect=True)
def test_delta_tables_are_written_by_one_commit_and_read_back(place: ObjectPlace) -> None:
    made = run(generate(place, "--format", "delta", "--partition-by", "event=event_type"))
    assert made.returncode == 0, made.stderr
    assert "event/_delta_log/00000000000000000000.json" in set(place.paths())
    for words in (
        command("validate", str(MODEL), "-d", place.name),
        command("verify", place.name),
        command("profile", f"{place.name}/event"),
    ):
        done = run(words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_delta_table_in_a_store_without_conditions_is_refused(swift: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(generate(reached(swift, monkeypatch), "--format", "delta"))
    assert done.returncode == 3
    assert "Delta table" in done.stderr


def test_files_are_the_same_as_in_a_folder(emulated: ObjectPlace, tmp_path: Path) -> None:
    options = ("--partition-by", "event=event_type", "--executor", "processes")
    assert (done := run(generate(emulated, *options))).returncode == 0, done.stderr
    assert run(command("generate", str(MODEL), "-o", str(tmp_path / "out"), "--rows", "user=1000", *options)).returncode == 0
    local = {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert set(emulated.paths()) == local.keys()
    for name, path in local.items():
        if name != ".run.json":
            assert emulated.read(name) == path.read_bytes()


def test_a_place_that_another_run_holds_is_left_alone(emulated: ObjectPlace) -> None:
    release = emulated.take()
    done = run(generate(emulated))
    release()
    assert done.returncode == 2
    assert "another run is writing here" in done.stderr
    assert list(emulated.paths()) == []


def test_a_run_into_nowhere_says_so(emulated: ObjectPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    del emulated
    done = run(command("generate", str(MODEL), "--to", "s3://absent/x"))
    assert done.returncode == 3
    assert "there is no bucket `absent`" in done.stderr
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("AWS_ENDPOINT_URL", "ftp://127.0.0.1")
    done = run(command("generate", str(MODEL), "--to", "s3://absent/x"))
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_server_that_ends_midway_ends_the_run_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto("midway") as server:
        place = reached(server, monkeypatch)
        process = subprocess.Popen(generate(place, users=400_000), stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not list(place.paths("event/")):
            pass
        server.process.kill()
        _, told = process.communicate(timeout=150)
        assert process.returncode == 3, told
        assert "can't be reached" in told
        assert os.environ["AWS_SECRET_ACCESS_KEY"] not in told
