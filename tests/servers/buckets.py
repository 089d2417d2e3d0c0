"""What servers of object stores have in common: a bucket, and the environment by which clients reach it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from seedbed.outside.unfinished import Key, ask

START_S = 60

#: Of servers that live as long as the tests.
USER, SECRET = "test:tester", "testing"


@dataclass(frozen=True, slots=True)
class Buckets:
    """A server that runs: the URL of an empty bucket, and the environment that leads there.

    `keeps_conditions` says whether it can write an object only where there is none.
    """

    name: str
    url: str
    port: int
    environment: Mapping[str, str]
    keeps_conditions: bool
    process: subprocess.Popen[bytes]


def missing(reason: str) -> NoReturn:
    """Skip for want of a server; in CI, where everything is installed, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def started(name: str, command: list[str], *ports: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a folder of its own, which the command can name by `{folder}`, that listens on all ports; stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"seedbed-{name}-"))
    try:
        with (folder / "log").open("wb") as output:
            said = [part.replace("{folder}", str(folder)) for part in command]
            process = subprocess.Popen(said, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _wait(process, ports, folder / "log", name)
            yield process
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], ports: Sequence[int], log: Path, name: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        if all(map(_listens, ports)):
            return
        time.sleep(0.05)
    pytest.fail(f"{name} did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def s3_environment(port: int) -> dict[str, str]:
    """The variables that lead an S3 client to a port of this machine."""
    endpoint = f"http://127.0.0.1:{port}"
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}


def make_bucket(port: int, bucket: str) -> None:
    """Make a bucket on an S3 server of this machine."""
    ask(Key(USER, SECRET, None, "us-east-1"), "PUT", f"http://127.0.0.1:{port}", f"/{bucket}", {})


def unfinished(port: int, bucket: str) -> int:
    """How many uploads are begun and not ended in a bucket of an S3 server of this machine."""
    page = ask(Key(USER, SECRET, None, "us-east-1"), "GET", f"http://127.0.0.1:{port}", f"/{bucket}", {"uploads": ""})
    return page.count("<UploadId>")
