"""Where the tasks of a cluster that run in one process make their parts: one maker for all of them, and no more at a time than there are cores."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Sequence
from hashlib import sha256

from seedbed.core.errors import EdgeError
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import default_workers
from seedbed.run.journal import PartDone
from seedbed.run.make import Job, Maker

#: Parts at a time for each core: while one waits for the disk, another is made.
_EACH = 2

#: A disk or a network gets another chance after so many seconds each.
_PAUSES_S = (0.5, 2.0)


class Workshop:
    """Makes the parts of one job; threads share it."""

    def __init__(self, job: Job, parts: Sequence[Part]) -> None:
        cores = default_workers()
        self._maker = Maker(job, lambda: False, threading.Semaphore(cores))
        self._parts = parts
        self._gate = threading.Semaphore(min(_EACH * cores, job.in_flight or _EACH * cores))

    def make(self, number: int) -> PartDone:
        """Make the part of this number, with another try or two where a disk or a network fails.

        Raises:
            EdgeError: it failed again.
        """
        with self._gate:
            for pause_s in _PAUSES_S:
                try:
                    return self._maker.make(self._parts[number])
                except EdgeError:
                    time.sleep(pause_s)
            return self._maker.make(self._parts[number])


_lock = threading.Lock()
_last: dict[bytes, Workshop] = {}


def workshop(sent: bytes) -> Workshop:
    """The workshop for a job and its parts as the leading process pickled them: the same for equal bytes.

    The bytes come with the code of the tasks, from whom they are to obey anyway.
    """
    name = sha256(sent).digest()
    with _lock:
        if name not in _last:
            job, parts = pickle.loads(sent)  # noqa: S301 - see above
            _last.clear()
            _last[name] = Workshop(job, parts)
        return _last[name]
