"""Objects of a store in the place of paths, as the readers of files take them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from seedbed.core.records import dataclass

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from seedbed.outside.places import ObjectPlace


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """An object, in the place of a path: with a name that tells its format, and to be opened."""

    place: ObjectPlace
    path: str
    size: int = 0

    def __str__(self) -> str:
        return f"{self.place.name}/{self.path}".rstrip("/")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """Its name without the last ending."""
        return PurePosixPath(self.path).stem

    @property
    def suffix(self) -> str:
        """The last ending of its name."""
        return PurePosixPath(self.path).suffix

    @property
    def parent(self) -> PurePosixPath:
        """What stands before its name."""
        return PurePosixPath(self.path).parent

    def with_suffix(self, suffix: str) -> PurePosixPath:
        """Its path with another ending."""
        return PurePosixPath(self.path).with_suffix(suffix)

    def relative_to(self, folder: RemoteFile) -> PurePosixPath:
        """Its path from a folder on."""
        return PurePosixPath(self.path).relative_to(folder.path)

    def open(self) -> BinaryIO:
        """The object to read from anywhere in it; each read is one request."""
        return cast("BinaryIO", self.place.reader(self.path, self.size))

    def stream(self) -> BinaryIO:
        """The object to read once from its start; what comes next is fetched meanwhile."""
        return cast("BinaryIO", _Stream(self.place.chunks(self.path)))


class _Stream(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes: all for -1, else so many unless the end comes before."""
        parts: list[memoryview] = []
        wanted = -1 if size is None else size
        while wanted:
            if not self._left:
                self._left = memoryview(next(self._chunks, b""))
                if not self._left:
                    break
            some = self._left if wanted < 0 else self._left[:wanted]
            self._left = self._left[len(some) :]
            wanted -= len(some) if wanted > 0 else 0
            parts.append(some)
        return b"".join(parts)

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer."""
        into = memoryview(buffer).cast("B")
        got = self.read(len(into))
        into[: len(got)] = got
        return len(got)

    def close(self) -> None:
        """Fetch no more."""
        if not self.closed:
            closing = getattr(self._chunks, "close", None)
            if closing is not None:
                closing()
        super().close()


def anywhere(path: object) -> object:
    """What Arrow reads a file from that it needs parts of: the path, or the object."""
    return path.open() if isinstance(path, RemoteFile) else path


def from_the_start(path: object) -> BinaryIO | None:
    """What a file is read from that is read from its start to its end; None where that is the path itself."""
    return path.stream() if isinstance(path, RemoteFile) else None
