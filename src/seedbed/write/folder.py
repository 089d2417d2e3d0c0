"""A local folder as a place for files: written beside their names, sent to the disk, then renamed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

from seedbed.core.errors import EdgeError
from seedbed.core.records import dataclass
from seedbed.write.atomic import UNFINISHED, edge_errors, open_whole, sync_folders, write_whole
from seedbed.write.taking import take_folder

_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder `root`; it is not made here, so that one that vanished is noticed."""

    root: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.root)

    def take(self) -> Callable[[], None]:
        """Hold the folder for this run alone, made where it is missing."""
        lock = take_folder(self.root)
        return (lambda: None) if lock is None else partial(os.close, lock)

    def write(self, path: str, content: bytes | memoryview) -> None:
        """Keep a file, replacing one of that name."""
        self._make_parents(path)
        write_whole(self.root / path, content)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file to write to, bit by bit, that appears when the block ends."""
        self._make_parents(path)
        with open_whole(self.root / path) as file:
            yield cast("BinaryIO", _Told(file, self.root / path))

    def read(self, path: str) -> bytes | None:
        """The whole content of a file; None where there is none."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(self.root / path, error) from error

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a file, a few MB at a time."""
        try:
            with (self.root / path).open("rb", buffering=0) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise _unreadable(self.root / path, error) from error

    def reader(self, path: str, size: int | None = None) -> FileIO:
        """A file to read from any place in it."""
        del size
        try:
            return (self.root / path).open("rb", buffering=0)
        except OSError as error:
            raise _unreadable(self.root / path, error) from error

    def size(self, path: str) -> int | None:
        """The size in bytes of a file; None where there is none."""
        try:
            return (self.root / path).stat().st_size
        except OSError:
            return None

    def paths(self, prefix: str = "") -> Iterator[str]:
        """The paths of all files whose paths begin so, in order."""
        found = []
        start = self.root / prefix.rpartition("/")[0]
        for folder, _, names in os.walk(start):
            found += [(Path(folder) / name).relative_to(self.root).as_posix() for name in names]
        yield from sorted(path for path in found if path.startswith(prefix))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders that become empty."""
        parents = set()
        for path in paths:
            file = self.root / path
            with edge_errors(file):
                file.unlink(missing_ok=True)
            parents |= {parent for parent in file.parents if parent != self.root and parent.is_relative_to(self.root)}
        for parent in sorted(parents, key=lambda folder: -len(folder.parts)):
            with suppress(OSError):
                parent.rmdir()

    def sync(self, paths: Iterable[str] = ()) -> None:
        """Send the names of these files to the disk, then those in the folder itself."""
        parents = {parent for path in paths for parent in (self.root / path).parents if parent.is_relative_to(self.root)}
        sync_folders(sorted(parents | {self.root}))

    def _make_parents(self, path: str) -> None:
        """Make the folders that a file is in, but not the root."""
        parents = [parent for parent in (self.root / path).parents if parent != self.root and parent.is_relative_to(self.root)]
        for parent in reversed(parents):
            with edge_errors(parent):
                parent.mkdir(exist_ok=True)


@dataclass(frozen=True, slots=True)
class _Told:
    """A file whose failures are told as ours."""

    file: BinaryIO
    path: Path

    def write(self, data: bytes | memoryview) -> int:
        """Write some bytes, not necessarily all."""
        with edge_errors(self.path):
            return self.file.write(data)


def is_unfinished(path: str) -> bool:
    """Whether a file is one that was being written when a run ended."""
    name = path.rpartition("/")[2]
    return name.startswith(".") and name.endswith(UNFINISHED)


def _unreadable(path: Path, error: OSError) -> EdgeError:
    return EdgeError(f"cannot read: {error.strerror or error}", where=str(path), fix="look at the disk and the folder, then run again")
