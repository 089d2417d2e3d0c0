"""Two listeners on one folder, killed again and again: every row is there once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from tests.run.collect.folders import documents, fill, tables

_LISTENER = """
import sys
from seedbed.run.collect import compaction, files
files.BATCH_FILES, compaction.MANY_UNITS = 5, 4
import seedbed
seedbed.collect(sys.argv[1], sys.argv[2], processed_dir=sys.argv[3], interval=0.02, workers=1)
"""


def _listener(tmp_path: Path) -> subprocess.Popen[bytes]:
    places = [str(tmp_path / name) for name in ("in", "out", "done")]
    return subprocess.Popen([sys.executable, "-c", _LISTENER, *places], stderr=subprocess.PIPE)


def _killed(tmp_path: Path, kills: int, *, each: int) -> None:
    """Kill one of two listeners after different times, and start another in its place, while files come in."""
    numbers = count()
    listeners = [_listener(tmp_path) for _ in range(2)]
    for kill in range(kills):
        fill(tmp_path / "in", [next(numbers) for _ in range(each)])
        time.sleep(0.35 + (kill * 37 % 100) / 250)
        victim = listeners[kill % 2]
        victim.send_signal(signal.SIGKILL)
        _, said = victim.communicate()
        assert victim.returncode in (0, -signal.SIGKILL), said.decode()
        listeners[kill % 2] = _listener(tmp_path)
    for listener in listeners:
        _, said = listener.communicate(timeout=120)
        assert listener.returncode == 0, said.decode()
    last = _listener(tmp_path)
    _, said = last.communicate(timeout=120)
    assert last.returncode == 0, said.decode()


def _check(tmp_path: Path, files: int) -> None:
    import seedbed

    fill(tmp_path / "again", range(files))
    seedbed.collect(tmp_path / "again", tmp_path / "whole", interval=0.02, workers=1)
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert documents(tmp_path / "out") == documents(tmp_path / "whole")
    assert not list((tmp_path / "in").iterdir())
    assert len(list((tmp_path / "done").iterdir())) == files


@pytest.mark.slow
def test_five_kills_lose_and_double_no_row(tmp_path: Path) -> None:
    _killed(tmp_path, 5, each=30)
    _check(tmp_path, 150)


@pytest.mark.soak
def test_a_hundred_kills_lose_and_double_no_row(tmp_path: Path) -> None:
    _killed(tmp_path, 100, each=40)
    _check(tmp_path, 4_000)
