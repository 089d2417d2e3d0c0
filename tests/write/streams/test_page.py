"""The commands of docs/streams.md, each run against the broker that it is about."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.write.streams.harness import HARNESSES

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "streams.md"
COMMANDS = re.findall(r"^```sh\nseedbed (.*)\n```$", PAGE.read_text(), re.MULTILINE)
SCHEMES = {"kafka": "kafka", "redis": "redis", "nats": "nats", "amqp": "rabbitmq", "mqtt": "mqtt", "http": "http"}


def test_every_broker_has_an_example() -> None:
    assert {command.partition("://")[0].rpartition('"')[2] for command in COMMANDS} == set(SCHEMES)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_runs(command: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address = next(word for word in shlex.split(command) if "://" in word)
    server = request.getfixturevalue(HARNESSES[SCHEMES[address.partition("://")[0]]][0])
    here = re.match(r"[a-z]+://[^/?]*", server.url())
    assert here is not None
    there = re.sub(r"^[a-z]+://[^/?]*", lambda _: here[0], address)
    words = [there if word == address else word for word in shlex.split(command)]
    if "--rate" in words:
        words += ["--tables", "branch,employee"]  # it would take a minute
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        [sys.executable, "-m", "seedbed", *words, "--rows", "customer=50"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
