"""One file on its way out: hashed as it goes, in few large writes, without keeping a processor waiting for the disk."""

from __future__ import annotations

import hashlib
import io
import sys
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from seedbed.core.sinks import Place, WrittenFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer

#: So much is collected before it is written; a file of no more goes out in one piece.
_CHUNK_BYTES = 1 << 23


class Outgoing(io.RawIOBase):
    """What a format writes the bytes of one file to, from one thread, while it holds one of `turns`; the turn is let go for each write.

    What is written must not be changed afterwards. `seal` when all is written, then `commit` without a turn; or `abandon`.
    """

    def __init__(self, place: Place, path: str, turns: AbstractContextManager[object]) -> None:
        self._place, self._path, self._turns = place, path, turns
        self._waiting: list[bytes | bytearray | memoryview] = []
        self._waiting_bytes = self._bytes = 0
        self._sha = hashlib.sha256()
        self._open: AbstractContextManager[BinaryIO] | None = None
        self._stream: BinaryIO | None = None

    def writable(self) -> bool:
        """It is all one can do with it."""
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self._bytes

    def write(self, data: ReadableBuffer, /) -> int:
        """Take some bytes; all of them."""
        if self._waiting_bytes >= _CHUNK_BYTES:
            self._send()
        view = memoryview(data).cast("B")
        if view.nbytes >= _CHUNK_BYTES:
            self._waiting.append(view)
        elif self._waiting and isinstance(last := self._waiting[-1], bytearray):
            last += view
        else:
            self._waiting.append(bytearray(view))
        self._waiting_bytes += view.nbytes
        self._bytes += view.nbytes
        return view.nbytes

    def seal(self) -> None:
        """All has been written: hash what hasn't been."""
        for piece in self._waiting:
            self._sha.update(piece)

    def commit(self, rows: int) -> WrittenFile:
        """Let the file appear."""
        if self._open is None:
            self._place.write(self._path, memoryview(self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)))
        else:
            assert self._stream is not None
            _write_all(self._stream, self._waiting)
            closing, self._open = self._open, None
            closing.__exit__(None, None, None)
        self._waiting = []
        return WrittenFile(self._path, rows, self._bytes, self._sha.hexdigest())

    def abandon(self) -> None:
        """Leave nothing; to be called while the exception that ended it is being handled."""
        self._waiting = []
        if self._open is not None:
            closing, self._open = self._open, None
            _leave(closing)

    def _send(self) -> None:
        """Write what is waiting; the turn is another's meanwhile."""
        for piece in self._waiting:
            self._sha.update(piece)
        with _without(self._turns):
            if self._open is None:
                opening = self._place.open(self._path)
                self._stream = opening.__enter__()
                self._open = opening
            assert self._stream is not None
            _write_all(self._stream, self._waiting)
        self._waiting, self._waiting_bytes = [], 0


def _write_all(stream: BinaryIO, pieces: list[Any]) -> None:
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[stream.write(rest) :]


def _leave(context: AbstractContextManager[Any]) -> None:
    """End a block by the exception that is being handled, which goes on elsewhere."""
    kind, error, trace = sys.exc_info()
    error = error or InterruptedError("abandoned")
    try:
        context.__exit__(kind or type(error), error, trace)
    except BaseException as raised:  # noqa: BLE001 - it is the one that ended the block, or what came of tidying up after it
        del raised


@contextmanager
def _without(turns: AbstractContextManager[object]) -> Iterator[None]:
    """Let a turn go for the time of the block."""
    turns.__exit__(None, None, None)
    try:
        yield
    finally:
        turns.__enter__()
