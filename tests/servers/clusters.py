"""What clusters of tests have in common: skip where a part is missing, wait until they answer, stop by pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

START_S = 60


def missing(reason: str) -> NoReturn:
    """Skip for want of a component; in CI, where everything is installed, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def program(name: str) -> str | None:
    """A program, also where it is not on the PATH of those who aren't root."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")


def wait_for(name: str, is_up: Callable[[], bool], processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    """Wait until a server answers; fail with its log where it ends or takes too long."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and all(process.poll() is None for process in processes):
        if is_up():
            return
        time.sleep(0.05)
    said = log.read_text(errors="replace")[-4000:] if log.exists() else ""
    pytest.fail(f"{name} did not start:\n{said}")


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End a process: politely, then at once."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
