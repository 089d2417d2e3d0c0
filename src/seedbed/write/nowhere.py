"""A place that keeps nothing: files are put together and counted, to tell beforehand how large they would be."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from seedbed.core.errors import EdgeError
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Takes files of any size, one piece after the other, and forgets them. Fits `seedbed.core.sinks.Place`."""

    name: str = "nowhere"

    def take(self) -> Callable[[], None]:
        """Nobody else can be here."""
        return lambda: None

    def write(self, path: str, content: bytes | memoryview) -> None:
        """Forget a file."""

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file that forgets what is written to it."""
        del path
        yield cast("BinaryIO", _Forgetting())

    def read(self, path: str) -> bytes | None:
        """Nothing is here."""
        del path
        return None

    def chunks(self, path: str) -> Iterator[bytes]:
        """Nothing is here."""
        raise EdgeError("nothing is kept here", where=path)

    def reader(self, path: str, size: int | None = None) -> io.RawIOBase:
        """Nothing is here."""
        del size
        raise EdgeError("nothing is kept here", where=path)

    def size(self, path: str) -> int | None:
        """Nothing is here."""
        del path
        return None

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Nothing is here."""
        del prefix
        return iter(())

    def remove(self, paths: Iterable[str]) -> None:
        """Nothing is here."""


class _Forgetting(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return memoryview(cast("bytes", data)).nbytes
