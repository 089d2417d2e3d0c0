"""Sail, a Spark Connect engine in Rust, by its own package: a server process with as many workers as there are cores."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.clusters import missing, stop, wait_for
from tests.servers.postgres import free_port


def listens(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The URL of a Sail server; skipped where the package is missing, except in CI."""
    if importlib.util.find_spec("pysail") is None or importlib.util.find_spec("pyspark") is None:
        missing("pysail is not installed (pip install pysail pyspark-client)")
    folder = Path(tempfile.mkdtemp(prefix="seedbed-sail-"))
    try:
        yield from running(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spark_master(sail: str) -> dict[str, str]:
    """The variables of the environment that lead there."""
    return {"SPARK_MASTER": sail}


def running(folder: Path) -> Iterator[str]:
    """Start a server, and stop it at the end."""
    port, log = free_port(), folder / "log"
    command = [sys.executable, "-m", "pysail", "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env={**os.environ, "RUST_LOG": "warn"}, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        wait_for("Sail", lambda: listens(port), [server], log)
        yield f"sc://127.0.0.1:{port}"
    finally:
        stop(server)
