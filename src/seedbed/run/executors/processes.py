"""Make parts by processes of this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.core.errors import EdgeError
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.drive import Submit, drive
from seedbed.run.journal import PartDone
from seedbed.run.make import Job, Maker

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.synchronize import Event as SharedEvent


def make(job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts, each worker one at a time."""
    workers = crew.at_most(len(parts))
    with _processes(job, workers) as (submit, stop):
        drive(submit, stop, parts, done, 2 * workers)


@contextmanager
def _processes(job: Job, workers: int) -> Iterator[tuple[Submit, Callable[[], None]]]:
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    stopping = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker, initargs=(job, stopping))
    try:
        yield (lambda part: _submit(pool, part)), stopping.set
    except BrokenProcessPool as error:
        fix = "look whether memory ran out, then run again with --resume, with fewer --workers or with --executor threads"
        raise EdgeError("a worker process died", where="--executor processes", fix=fix) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, part: Part) -> Future[PartDone]:
    """Submit a part, which may start a worker: Ctrl-C is held back meanwhile, and a worker inherits that it never hears of it."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(_make_in_worker, part)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_make_in_worker, part)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_maker: list[Maker] = []


def _begin_worker(job: Job, stopping: SharedEvent) -> None:
    """Set a worker process up: Ctrl-C is the parent's to handle, and without the parent there is nothing to do."""
    import signal

    from seedbed.run.memory import keep_memory
    from seedbed.run.sparing import spare_memory

    if job.in_flight is None:
        keep_memory()
    else:
        spare_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _maker[:] = [Maker(job, stopping.is_set)]


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make_in_worker(part: Part) -> PartDone:
    return _maker[0].make(part)
