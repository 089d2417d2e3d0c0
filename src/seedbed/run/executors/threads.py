"""Make parts by threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.drive import Submit, drive
from seedbed.run.journal import PartDone
from seedbed.run.make import Job, Maker

#: Threads for each worker: while a part waits for the disk, which may take half as long as making it, the next one is made.
_THREADS = 2


def make(job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts; one worker does without threads."""
    workers = crew.at_most(len(parts))
    at_once = min(_THREADS * workers, job.in_flight or _THREADS * workers)
    if workers == 1 or at_once == 1:
        _one_by_one(job, parts, done)
        return
    with _threads(job, workers, at_once) as (submit, stop):
        drive(submit, stop, parts, done, (_THREADS + 1) * workers)


def _one_by_one(job: Job, parts: Iterable[Part], done: Done) -> None:
    maker = Maker(job, lambda: False)
    for part in parts:
        done(maker.make(part))


@contextmanager
def _threads(job: Job, workers: int, at_once: int) -> Iterator[tuple[Submit, Callable[[], None]]]:
    stopping = threading.Event()
    maker = Maker(job, stopping.is_set, threading.Semaphore(workers))

    with ThreadPoolExecutor(at_once, thread_name_prefix="seedbed") as pool:

        def submit(part: Part) -> Future[PartDone]:
            return pool.submit(maker.make, part)

        yield submit, stopping.set
