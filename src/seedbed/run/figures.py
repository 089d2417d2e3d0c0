"""What a run took: time, memory, speed. Kept beside the manifest, which equal runs have in common."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any

from seedbed.core.records import dataclass
from seedbed.run.journal import PartDone

if TYPE_CHECKING:
    from seedbed.run.strategy import Strategy


@dataclass(frozen=True, slots=True)
class TableFigures:
    """One table: the parts that this run made, and the seconds of those who made them, added up."""

    rows: int
    size_bytes: int
    parts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Within:
    """How a run kept to a limit: what it was, what the run was expected to take, and what was made at a time."""

    limit_bytes: int
    expected_bytes: int
    block_rows: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows and bytes that this run made, by how many workers, in what time; `peak_memory_bytes` is of the largest process.

    Those of a cluster's machines are not among them. `memory` where the run had a limit.
    """

    rows: int
    size_bytes: int
    seconds: float
    workers: int
    executor: str
    peak_memory_bytes: int | None
    tables: Mapping[str, TableFigures] = field(default_factory=dict)
    memory: Within | None = None

    @property
    def rows_per_second(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def mb_per_second(self) -> float:
        """Millions of bytes a second."""
        return self.size_bytes / 1e6 / self.seconds if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON takes them."""
        speed = {"rows_per_second": round(self.rows_per_second), "mb_per_second": round(self.mb_per_second, 2)}
        tables = {name: {**asdict(table), "seconds": round(table.seconds, 3)} for name, table in self.tables.items()}
        return {**asdict(self), "seconds": round(self.seconds, 3), **speed, "tables": tables}

    def to_json(self) -> str:
        """The figures as a small document."""
        return json.dumps({"seedbed_run": 1, **self.to_dict()}, indent=1) + "\n"


class Gathered:
    """Adds up what parts took, as they become whole."""

    def __init__(self) -> None:
        self._tables: dict[str, TableFigures] = {}

    def add(self, part: PartDone) -> None:
        """One more part that this run made."""
        before = self._tables.get(part.table, TableFigures(0, 0, 0, 0.0))
        self._tables[part.table] = TableFigures(
            before.rows + part.rows, before.size_bytes + part.size_bytes, before.parts + 1, before.seconds + part.seconds
        )

    def in_order(self, names: Iterable[str]) -> dict[str, TableFigures]:
        """What each table took, those of which nothing was made left out."""
        return {name: self._tables[name] for name in names if name in self._tables}


def taken(began: float, tables: Mapping[str, TableFigures], workers: int, executor: str, strategy: Strategy | None = None) -> Figures:
    """The figures of a run that began at `began` and is at its end."""
    rows, size = sum(table.rows for table in tables.values()), sum(table.size_bytes for table in tables.values())
    within = None
    if strategy is not None and strategy.limit_bytes is not None:
        within = Within(strategy.limit_bytes, strategy.memory_bytes, strategy.block_rows, strategy.in_flight)
    return Figures(rows, size, time.perf_counter() - began, workers, executor, peak_memory(), tables, within)


def peak_memory() -> int | None:
    """The most memory that this process, or one it has waited for, held; None where the system doesn't say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    most = max(_own_peak() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, children)
    return most if sys.platform == "darwin" else most * 1024


def _own_peak() -> int | None:
    """In units of 1,024 bytes, where Linux tells: its `ru_maxrss` of a process begins with what the one held that started it."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - no folder of ours
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), None)
    except (OSError, ValueError):
        return None
