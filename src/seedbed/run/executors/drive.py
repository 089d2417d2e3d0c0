"""Hand parts to a pool of workers, and take back those that are whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeAlias

from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Done
from seedbed.run.journal import PartDone

Submit: TypeAlias = Callable[[Part], Future[PartDone]]


def drive(submit: Submit, stop: Callable[[], None], parts: Iterable[Part], done: Done, window: int) -> None:
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
