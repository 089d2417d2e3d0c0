"""The command line: a listener ends well when it is told to, and says how it went."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.run.collect.folders import fill, table


def test_a_listener_that_is_told_to_end_has_all_in_and_ends_well(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(5))
    command = [
        sys.executable,
        "-m",
        "seedbed",
        "collect",
        str(tmp_path / "in"),
        "-o",
        str(tmp_path / "out"),
        "--watch",
        "--interval",
        "0.05",
    ]
    listener = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not (tmp_path / "out" / "schema_documentation.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    listener.send_signal(signal.SIGTERM)
    said, wrong = listener.communicate(timeout=60)
    assert (listener.returncode, wrong) == (0, "")
    assert json.loads(said)["total_files"] == 5
    assert table(tmp_path / "out", "records").num_rows == 5


def test_a_quarantined_file_is_told_by_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.json").write_text("{]")
    command = [sys.executable, "-m", "seedbed", "collect", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--interval", "0.05"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "not taken  bad.json" in done.stderr) == (1, True)
