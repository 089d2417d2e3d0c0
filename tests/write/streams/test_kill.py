"""Whole runs that are killed: the same command with `--resume` leaves no row out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.write.streams.harness import HARNESSES, Harness

MODEL = {
    "version": "1.0",
    "metadata": {"name": "killed"},
    "timeframe": {"start": "2025-01-01", "end": "2025-12-31"},
    "nodes": [
        {
            "id": "user",
            "kind": "entity",
            "rows": 90_000,
            "pk": "id",
            "columns": [
                {"name": "id", "type": "int", "generator": {"sequence": {"start": 1}}},
                {"name": "share", "type": "float", "generator": {"distribution": {"type": "uniform", "params": {"low": 0, "high": 1}}}},
            ],
        }
    ],
}


def command(model: Path, url: str, state: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "seedbed", "generate", str(model), "--to", url, "--state", str(state), *more]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["redis", "nats", "rabbitmq"])
def test_a_killed_run_goes_on_without_a_row_missing(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server, make = HARNESSES[name]
    stream: Harness = make(request.getfixturevalue(server), f"killed-{name}")
    model, state = tmp_path / "model.json", tmp_path / "run.state"
    model.write_text(json.dumps(MODEL))
    run = subprocess.Popen(command(model, stream.url(), state, "--rate", "40000/s", "--workers", "1"), stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < end and (not state.exists() or state.read_bytes().count(b"\n") < 2):
        time.sleep(0.01)
    time.sleep(0.3)  # into the second part
    os.kill(run.pid, signal.SIGKILL)
    assert run.communicate(timeout=30)[1] == b""
    assert run.returncode == -signal.SIGKILL
    subprocess.run(command(model, stream.url(), state, "--resume"), check=True, capture_output=True, timeout=120)
    found = Counter(message.id.rpartition("/")[2] for message in stream.received(90_000))
    stream.close()
    assert found.keys() == {str(row) for row in range(90_000)}
    if stream.drops_doubles:
        assert set(found.values()) == {1}
