"""A limit of rows a second that all workers of one machine share."""

from __future__ import annotations

import os
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from seedbed.core.errors import EdgeError, ModelError

Now = Callable[[], float]

#: The moment from which the next rows may go, in the seconds of the machine's monotonic clock.
_MOMENT = struct.Struct("<d")


class Rate:
    """Lets `rows_per_s` rows go in a second, over all threads and processes that hold a copy.

    What is kept is one moment: when the rows that were let go so far are paid for (the token bucket in its form as a virtual clock). It
    stands in a small file under a lock, so that copies in other processes of the machine see it; `now` is a monotonic clock.
    """

    def __init__(self, rows_per_s: float, now: Now = time.monotonic) -> None:
        """Make the limit.

        Raises:
            ModelError: the rate is not above 0.
        """
        if not rows_per_s > 0:
            raise ModelError(f"a rate of {rows_per_s:g} rows a second sends nothing", where="--rate", fix="a rate above 0, such as 5000/s")
        self.rows_per_s = rows_per_s
        self._now = now
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._moment = 0.0

    def wait_s(self, rows: int) -> float:
        """Book the next `rows` rows; how long to wait before they may go.

        >>> rate = Rate(100, now=lambda: 0.0)
        >>> rate.wait_s(10), rate.wait_s(10), rate.wait_s(1)
        (0.0, 0.1, 0.2)
        """
        now = self._now()
        with self._lock, self._shared() as moment:
            start = max(moment[0], now)
            moment[0] = start + rows / self.rows_per_s
        return start - now

    def share(self) -> None:
        """Let copies in other processes count along, from now on until `close`."""
        if _locks() is not None and self._path is None:
            descriptor, name = tempfile.mkstemp(prefix="seedbed-rate-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MOMENT.pack(self._moment))
            self._path = Path(name)

    def close(self) -> None:
        """Remove what is shared."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    @contextmanager
    def _shared(self) -> Iterator[list[float]]:
        """The moment, to be read and changed while nobody else does."""
        if self._path is None:
            held = [self._moment]
            yield held
            self._moment = held[0]
            return
        try:
            file = self._path.open("r+b", buffering=0)
        except OSError as error:
            fix = "leave --rate out, or send from one machine"
            raise EdgeError("a rate holds on one machine only, while its run lasts", where="--rate", fix=fix) from error
        with file:
            fcntl = _locks()
            assert fcntl is not None
            fcntl.flock(file, fcntl.LOCK_EX)
            held = list(_MOMENT.unpack(file.read(_MOMENT.size)))
            yield held
            file.seek(0)
            file.write(_MOMENT.pack(held[0]))

    def __getstate__(self) -> tuple[float, Now, Path | None]:
        if self._path is None:
            fix = "send with --executor threads"
            raise ModelError("processes can't share a rate here", where="--rate", fix=fix)
        return self.rows_per_s, self._now, self._path

    def __setstate__(self, state: tuple[float, Now, Path | None]) -> None:
        self.rows_per_s, self._now, self._path = state
        self._lock = threading.Lock()
        self._moment = 0.0


def _locks() -> ModuleType | None:
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        return None
    return fcntl
