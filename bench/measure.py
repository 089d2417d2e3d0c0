"""One command as a whole process: wall time, CPU, memory, and how busy others kept the machine meanwhile (Linux)."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.02  # the memory of short-lived peaks is seen through VmHWM, so samples may be this far apart


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one process tree cost."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    others_cores: float
    output_bytes: int


class CommandFailedError(Exception):
    """The command did not end with 0; carries the end of what it said."""


def measure(command: Sequence[str], output: Path, environment: Mapping[str, str]) -> Measurement:
    """Run a command to its end and say what it cost; `output` is what it writes.

    CPU seconds are user and system time of the process and of the children it waited for. Peak memory is the largest sum
    over the tree of each process's own high-water mark. `others_cores` is the CPU time that everything else on the
    machine used meanwhile, divided by the wall time: 0.5 means half a core was taken.
    """
    with tempfile.TemporaryFile() as said:
        busy, start = _busy_s(), time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=dict(environment))
        with _Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        others = _busy_s() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise CommandFailedError(said.read().decode(errors="replace")[-2000:])
    cpu = usage.ru_utime + usage.ru_stime
    return Measurement(wall, cpu, max(memory.peak, usage.ru_maxrss * 1024), max(0.0, others - cpu) / wall, folder_bytes(output))


def wait_for_quiet(cores: float, patience_s: float) -> None:
    """Wait until the machine is used by fewer cores than these for half a second, or patience ends."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        busy = _busy_s()
        time.sleep(0.5)
        if (_busy_s() - busy) / 0.5 <= cores:
            return


def folder_bytes(path: Path) -> int:
    """The size of all files in a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _busy_s() -> float:
    """CPU seconds that all cores spent on anything since the start of the machine."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


class _Memory(threading.Thread):
    """Watches the memory of a process and its descendants while it is open."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        marks: dict[int, int] = {}
        while not self._ended.wait(SAMPLE_S):
            alive = _tree(self.pid)
            marks = {pid: max(marks.get(pid, 0), _high_water(pid)) for pid in alive}
            self.peak = max(self.peak, sum(marks.values()))


def _tree(pid: int) -> list[int]:
    """A process and all below it that are alive."""
    try:
        children = " ".join(file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")).split()
    except OSError:
        return []
    return [pid, *(grandchild for child in children for grandchild in _tree(int(child)))]


def _high_water(pid: int) -> int:
    """The most memory a process has held, in bytes; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
