"""A file for what has no room in memory; it is gone when the run ends, however that may be."""

from __future__ import annotations

import os
import tempfile
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import EdgeError

_FIX = "make room where temporary files are (TMPDIR), or leave out `--low-memory`"


class ShelfFile:
    """Numbers of 64 bits in a temporary file without a name."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `__exit__`
        except OSError as error:
            raise EdgeError(f"no temporary file can be made: {error.strerror or error}", where=tempfile.gettempdir(), fix=_FIX) from error
        self._rows = 0
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def append(self, keys: NDArray[np.int64]) -> int:
        """Put numbers behind all others; the place of the first.

        Raises:
            EdgeError: the disk is full, or failed.
        """
        data = memoryview(np.ascontiguousarray(keys).tobytes())
        with self._lock:
            start = self._rows
            try:
                done = 0
                while done < len(data):
                    done += os.pwrite(self._file.fileno(), data[done:], start * 8 + done)
            except OSError as error:
                raise EdgeError(f"writing failed: {error.strerror or error}", where=tempfile.gettempdir(), fix=_FIX) from error
            self._rows += len(keys)
            return start

    def read(self, start: int, count: int) -> NDArray[np.int64]:
        """So many numbers from a place on.

        Raises:
            EdgeError: the disk failed.
        """
        try:
            data = os.pread(self._file.fileno(), count * 8, start * 8)
        except OSError as error:
            raise EdgeError(f"reading failed: {error.strerror or error}", where=tempfile.gettempdir(), fix=_FIX) from error
        return np.frombuffer(data, np.int64)


__all__ = ["ShelfFile"]
