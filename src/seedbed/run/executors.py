"""Make parts by threads or by processes: the same files, whoever makes which part in which order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from seedbed.core.errors import EdgeError
from seedbed.run.journal import PartDone
from seedbed.run.layout import Part
from seedbed.run.make import Job, Maker

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.synchronize import Event as SharedEvent

ExecutorName = Literal["threads", "processes"]
EXECUTORS: tuple[ExecutorName, ...] = ("threads", "processes")

#: Threads for each worker: while a part waits for the disk, which may take half as long as making it, the next one is made.
_THREADS = 2

#: Takes each part that is whole, in the thread that called `make_parts`.
Done: TypeAlias = Callable[[PartDone], None]
Submit: TypeAlias = "Callable[[Part], Future[PartDone]]"


def default_workers() -> int:
    """As many as there are cores for this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1


def make_parts(job: Job, parts: Sequence[Part], done: Done, *, workers: int, executor: ExecutorName = "threads") -> None:
    """Make all parts, the first ones first, and hand each to `done` when it is whole.

    When one fails, or the run is interrupted, no further part is begun, those in the making stop at their next block, and those that
    had become whole are still handed to `done`.

    Raises:
        EdgeError: a file cannot be written, or a worker process died.
    """
    workers = max(1, min(workers, len(parts)))
    if executor == "processes":
        with _processes(job, workers) as (submit, stop):
            _drive(submit, stop, parts, done, 2 * workers)
    elif workers == 1:
        _one_by_one(job, parts, done)
    else:
        with _threads(job, workers) as (submit, stop):
            _drive(submit, stop, parts, done, (_THREADS + 1) * workers)


def _one_by_one(job: Job, parts: Iterable[Part], done: Done) -> None:
    maker = Maker(job, lambda: False)
    for part in parts:
        done(maker.make(part))


@contextmanager
def _threads(job: Job, workers: int) -> Iterator[tuple[Submit, Callable[[], None]]]:
    stopping = threading.Event()
    maker = Maker(job, stopping.is_set, threading.Semaphore(workers))
    with ThreadPoolExecutor(_THREADS * workers, thread_name_prefix="seedbed") as pool:
        yield (lambda part: pool.submit(maker.make, part)), stopping.set


def _drive(submit: Submit, stop: Callable[[], None], parts: Iterable[Part], done: Done, window: int) -> None:
    """Keep at most `window` parts submitted, so that a long run's list of futures stays short."""
    waiting: set[Future[PartDone]] = set()
    try:
        for part in parts:
            waiting.add(submit(part))
            if len(waiting) >= window:
                _collect(waiting, done)
        while waiting:
            _collect(waiting, done)
    except BaseException:
        stop()
        for future in waiting:
            future.cancel()
        wait(waiting)
        for future in waiting:
            if not future.cancelled() and future.exception() is None:
                done(future.result())
        raise


def _collect(waiting: set[Future[PartDone]], done: Done) -> None:
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in sorted(finished, key=lambda future: future.exception() is not None):
        result = future.result()
        waiting.discard(future)
        done(result)


# ------------------------------------------------------------------------------------------ processes


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

    keep_memory()
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
