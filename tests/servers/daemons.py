"""What servers of tests have in common: found or skipped, started on a free port, waited for, stopped by their process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

START_S = 60.0


def program(name: str, package: str) -> str:
    """The path of a program; the test is skipped where the package is missing, except in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/lib/rabbitmq/bin")
    if found is None:
        reason = f"{name} is not installed (Debian, Ubuntu: apt-get install {package})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A short-lived folder."""
    path = Path(tempfile.mkdtemp(prefix=f"seedbed-{name}-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass
class Daemon:
    """A server process that can be killed and started again with the same data."""

    command: Sequence[str | Path]
    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        with (self.folder / "log").open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        end = time.monotonic() + START_S
        ready = self.is_ready or self._answers
        while not ready():
            if time.monotonic() > end or self._process.poll() is not None:
                self.kill()
                pytest.fail(f"{self.command[0]} did not start:\n{self.log}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it at once, with what it started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def end(self) -> None:
        """Ask it to end, which lets it write down what it has."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(20)

    def pause(self) -> None:
        """Let it hang: connections stay, nothing answers."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)
