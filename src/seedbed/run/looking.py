"""Reading a table while what was read before is looked at, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np

Work: TypeAlias = Callable[[], None]


class Crew:
    """Threads that do pieces of work; those of one batch at the same time, those of the next one when all are done."""

    def __init__(self, pool: ThreadPoolExecutor, size: int) -> None:
        self.size = size
        self._pool = pool
        self._open: list[Future[None]] = []

    def do(self, works: Iterable[Work]) -> None:
        """Begin with the work on a batch when that on the one before is done."""
        self.wait()
        self._open = [self._pool.submit(_quietly, work) for work in works]

    def wait(self) -> None:
        """Wait until all work is done; what went wrong with any of it is raised."""
        done, self._open = self._open, []
        for future in done:
            future.result()


def _quietly(work: Work) -> None:
    with np.errstate(all="ignore"):  # what is too vast for a float is told as unknown
        work()


@contextmanager
def crew() -> Iterator[Crew]:
    """A crew with a thread for each core; at the end all its work is done."""
    size = max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)
    with ThreadPoolExecutor(size, "seedbed-look") as pool:
        found = Crew(pool, size)
        yield found
        found.wait()
