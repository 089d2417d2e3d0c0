"""What a run took: time, memory, speed. Kept beside the manifest, which equal runs have in common."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict

from seedbed.core.records import dataclass
from seedbed.write.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows and bytes that this run made, by how many workers, in what time; `peak_memory_bytes` is of the largest process."""

    rows: int
    size_bytes: int
    seconds: float
    workers: int
    executor: str
    peak_memory_bytes: int | None

    @property
    def rows_per_second(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def mb_per_second(self) -> float:
        """Millions of bytes a second."""
        return self.size_bytes / 1e6 / self.seconds if self.seconds else 0.0

    def to_json(self) -> str:
        """The figures as a small document."""
        speed = {"rows_per_second": round(self.rows_per_second), "mb_per_second": round(self.mb_per_second, 2)}
        return json.dumps({"seedbed_run": 1, **asdict(self), "seconds": round(self.seconds, 3), **speed}, indent=1) + "\n"


def taken(began: float, manifest: Manifest, kept_rows: int, workers: int, executor: str) -> Figures:
    """The figures of a run that began at `began` and is at its end."""
    rows = sum(table.rows for table in manifest.tables)
    size = sum(table.size_bytes for table in manifest.tables)
    made = rows - kept_rows
    share = made / rows if rows else 1.0
    return Figures(made, round(size * share), time.perf_counter() - began, workers, executor, _peak_memory())


def _peak_memory() -> int | None:
    """The most memory that this process, or one it has waited for, held; None where the system doesn't say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most if sys.platform == "darwin" else most * 1024
