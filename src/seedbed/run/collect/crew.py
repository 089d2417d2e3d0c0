"""Who does the tasks: this process, or several others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.core.errors import SeedbedError
from seedbed.core.records import dataclass
from seedbed.run.collect.collector import Collector, Setting, Stopped
from seedbed.run.collect.values import Taken, Task

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.synchronize import Event as SharedEvent


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that nothing came of: what was said, and whether the collection was merely to end."""

    task: Task
    reason: str
    is_stop: bool = False


class Crew(Protocol):
    """Takes tasks and gives what came of them."""

    @property
    def busy(self) -> int:
        """How many tasks are with the workers."""
        ...

    @property
    def room(self) -> int:
        """How many more may be sent."""
        ...

    def send(self, task: Task) -> None:
        """Let a task be done."""
        ...

    def done(self, timeout_s: float) -> list[Taken | Failed]:
        """What is done by now, waiting at most so long for something.

        Raises:
            SeedbedError: the output can't be written.
        """
        ...

    def close(self) -> None:
        """End the workers."""
        ...


class Here:
    """Tasks are done by this process, one at a time, when they are asked for."""

    def __init__(self, setting: Setting, stopping: Callable[[], bool]) -> None:
        self._collector = Collector(setting, stopping=stopping)
        self._waiting: list[Task] = []

    @property
    def busy(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def room(self) -> int:
        """One at a time."""
        return 1 - len(self._waiting)

    def send(self, task: Task) -> None:
        """Keep it for `done`."""
        self._waiting.append(task)

    def done(self, timeout_s: float) -> list[Taken | Failed]:
        """Do it now."""
        del timeout_s
        if not self._waiting:
            return []
        task = self._waiting.pop()
        return [_tried(self._collector, task)]

    def close(self) -> None:
        """Nothing to end."""


class Processes:
    """Tasks are done by processes; one that dies takes what is with the others along, and all are begun anew."""

    def __init__(self, setting: Setting, workers: int, is_stopped: Callable[[], bool]) -> None:
        self._setting, self._workers, self._is_stopped = setting, workers, is_stopped
        self._going: dict[Future[Taken | Failed], Task] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._stopping: SharedEvent | None = None

    @property
    def busy(self) -> int:
        """How many are with the workers."""
        return len(self._going)

    @property
    def room(self) -> int:
        """One each, and one that waits."""
        return self._workers + 1 - len(self._going)

    def send(self, task: Task) -> None:
        """Hand it to a worker; signals are held back meanwhile, and a worker inherits that it never hears of Ctrl-C."""
        import signal
        from concurrent.futures.process import BrokenProcessPool

        held = {signal.SIGINT, signal.SIGTERM}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, held) if hasattr(signal, "pthread_sigmask") else None
        try:
            pool = self._begun()
            try:
                future = pool.submit(_take, task)
            except BrokenProcessPool:
                self._drop_pool()
                future = self._begun().submit(_take, task)
        finally:
            if before is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._going[future] = task

    def _begun(self) -> ProcessPoolExecutor:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._stopping = context.Event()
            given = (self._setting, self._stopping)
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin, initargs=given)
        return self._pool

    def done(self, timeout_s: float) -> list[Taken | Failed]:
        """What workers have done; of a dead one's tasks, that they failed."""
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        if self._is_stopped() and self._stopping is not None:
            self._stopping.set()
        found: list[Taken | Failed] = []
        ready, _ = wait(self._going, timeout_s, FIRST_COMPLETED)
        is_broken = False
        for future in ready:
            task = self._going.pop(future)
            try:
                found.append(future.result())
            except BrokenProcessPool:
                found.append(Failed(task, "a worker process died over it"))
                is_broken = True
        if is_broken:
            self._drop_pool()
        return found

    def _drop_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        """Let workers end after what they are at, which is dropped."""
        if self._stopping is not None:
            self._stopping.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


_collector: list[Collector] = []


def _begin(setting: Setting, stopping: SharedEvent) -> None:
    """Set a worker up: signals are the parent's to handle, and without the parent there is nothing to do."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _collector[:] = [Collector(setting, stopping=stopping.is_set)]


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _take(task: Task) -> Taken | Failed:
    return _tried(_collector[0], task)


def _tried(collector: Collector, task: Task) -> Taken | Failed:
    """What came of a task. What files do to us is said of them, whatever it is; only what the output does ends the collection."""
    try:
        return collector.take(task)
    except Stopped:
        return Failed(task, "stopped", is_stop=True)
    except SeedbedError:
        raise
    except Exception as error:  # noqa: BLE001 - a file must never end the collection
        return Failed(task, _told(error))


def _told(error: Exception) -> str:
    text = ""
    with suppress(Exception):
        text = str(error).partition("\n")[0][:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def crew_of(setting: Setting, workers: int, is_stopped: Callable[[], bool]) -> Any:
    """So many workers; one is this process."""
    return Here(setting, is_stopped) if workers == 1 else Processes(setting, workers, is_stopped)
