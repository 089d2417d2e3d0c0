"""Files that are sent to an object store while they are written, and are there whole or not at all."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.core.errors import ModelError
from seedbed.outside.stores import CHUNK_BYTES, MOST_CHUNKS, Store

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: A file up to this size is sent at once when it is whole: one request, and nothing to clean up after a kill.
WHOLE_BYTES = 2 * CHUNK_BYTES

#: So many chunks wait for the network before whoever writes waits too.
_WAITING = 1


class Upload(io.BufferedIOBase):
    """A binary file to write to, from its start to its end. `commit` makes it appear, `abandon` drops it.

    At most 12 MiB are held back; from then on a thread of its own sends chunks of 6 MiB, of which about four are in memory.
    """

    def __init__(self, store: Store, path: str) -> None:
        super().__init__()
        self._store, self._path = store, path
        self._chunks: list[bytearray] = [bytearray()]
        self._sender: _Sender | None = None

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Take bytes; waits where the network is slower.

        Raises:
            EdgeError: what was sent before failed.
            ModelError: the file is larger than a store takes.
        """
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            if len(self._chunks[-1]) == CHUNK_BYTES:
                self._next()
            room = CHUNK_BYTES - len(self._chunks[-1])
            self._chunks[-1] += rest[:room]
            rest = rest[room:]
        return size

    def _next(self) -> None:
        """Begin another chunk; those that are full are sent once they are too many to be held."""
        if self._sender is None and len(self._chunks) * CHUNK_BYTES >= WHOLE_BYTES:
            self._sender = _Sender(self._store, self._path)
        if self._sender is not None:
            while self._chunks:
                self._sender.send(self._chunks.pop(0))
        self._chunks.append(bytearray())

    def commit(self) -> None:
        """Send the rest and wait until the file is there.

        Raises:
            EdgeError: it can't be.
        """
        if self._sender is None:
            self._store.put(self._path, self._chunks)
        else:
            self._sender.finish(self._chunks.pop())
        self._chunks = [bytearray()]
        self.close()

    def abandon(self) -> None:
        """Drop what was sent."""
        self._chunks = [bytearray()]
        if self._sender is not None:
            self._sender.stop()
        self.close()


class _Abandoned(Exception):  # noqa: N818 - what ends an upload that isn't wanted
    """Nobody wants this file any more."""


class _Sender:
    """A thread that sends chunks as they come."""

    def __init__(self, store: Store, path: str) -> None:
        self._where = f"{store.bucket}/{path}"
        self._chunks: queue.Queue[bytearray | None] = queue.Queue(_WAITING)
        self._count = 0
        self._is_wanted = True
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(store, path), name="seedbed-upload", daemon=True)
        self._thread.start()

    def _run(self, store: Store, path: str) -> None:
        try:
            store.put_stream(path, self._coming())
        except BaseException as error:  # noqa: BLE001 - raised again by who writes
            self._error = error

    def _coming(self) -> Iterator[bytearray]:
        while (chunk := self._chunks.get()) is not None:
            yield chunk
        if not self._is_wanted:
            raise _Abandoned

    def send(self, chunk: bytearray | None) -> None:
        """Let a chunk go, once there is room."""
        self._count += 1
        if self._count > MOST_CHUNKS:
            fix = "choose a format whose tables are written in parts, or compress it"
            raise ModelError(f"a file of more than {MOST_CHUNKS * CHUNK_BYTES >> 30} GiB can't be sent", where=self._where, fix=fix)
        while self._thread.is_alive():
            try:
                self._chunks.put(chunk, timeout=0.1)
            except queue.Full:
                continue
            return
        if chunk is not None and self._error is not None:
            raise self._error

    def finish(self, rest: bytearray) -> None:
        """Let the rest go and wait until the object is there."""
        if rest:
            self.send(rest)
        self.send(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Drop the upload; what the store says of that doesn't matter."""
        self._is_wanted = False
        self.send(None)
        self._thread.join()
