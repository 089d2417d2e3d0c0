"""Where files come in: a folder, one file, or a prefix of an object store."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.records import dataclass
from seedbed.run.collect.values import Entry
from seedbed.write.atomic import UNFINISHED

if TYPE_CHECKING:
    from seedbed.outside.places import ObjectPlace

#: What is being written, by the ends of names; hidden files, whose names begin with a dot, aren't looked at either.
UNREADY = (".tmp", ".part", ".partial", UNFINISHED)


#: Bytes of names that are no UTF-8, as Python has them (lone surrogates, which can't be stored) and as they are written here.
_SIGNS = {0xDC00 + byte: 0xEF00 + byte for byte in range(0x80, 0x100)}
_BYTES = {written: byte for byte, written in _SIGNS.items()}


class Inbox(Protocol):
    """Files that come in. Pickled to the workers."""

    @property
    def name(self) -> str:
        """How people call the place."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether files can be moved from here, and are written bit by bit."""
        ...

    def scan(self) -> list[Entry]:
        """All files that are there now, by path."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a small file; OSError or EdgeError where it can't be read."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A file to read from its start to its end."""
        ...

    @contextmanager
    def local(self, path: str) -> Iterator[Path]:
        """The file on a disk, for as long as the block goes."""
        ...


@dataclass(frozen=True, slots=True)
class FolderInbox:
    """The files of a folder; `below` those of its folders too, `only` just one of them."""

    root: Path
    below: bool = False
    only: str | None = None
    beside: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The path."""
        return str(self.root / self.only if self.only else self.root)

    @property
    def is_local(self) -> bool:
        """Yes."""
        return True

    def scan(self) -> list[Entry]:
        """All regular files. A link is followed where it stays in the folder; pipes, sockets and devices are left alone."""
        try:
            found = list(self._only() if self.only else self._below(str(self.root), ""))
        except OSError as error:
            fix = "bring the folder back (or its mount), or check what you may read"
            raise EdgeError(f"the folder can't be read: {error.strerror or error}", where=str(self.root), fix=fix) from error
        return sorted(found, key=lambda entry: entry.path)

    def _only(self) -> Iterator[Entry]:
        assert self.only is not None
        with suppress(FileNotFoundError):
            told = (self.root / self.only).stat()
            if stat.S_ISREG(told.st_mode):
                yield Entry(self.only, told.st_size, told.st_mtime_ns)

    def _below(self, folder: str, prefix: str) -> Iterator[Entry]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name.lower().endswith(UNREADY):
                    continue
                with suppress(FileNotFoundError):  # gone again
                    yield from self._one(entry, f"{prefix}{_written(name)}")

    def _one(self, entry: os.DirEntry[str], path: str) -> Iterator[Entry]:
        if entry.is_symlink() and not self._stays(entry.path):
            return
        if entry.is_dir():
            if self.below and not entry.is_symlink() and Path(entry.path).resolve() not in self.beside:
                yield from self._below(entry.path, f"{path}/")
            return
        told = entry.stat()
        if stat.S_ISREG(told.st_mode):
            yield Entry(path, told.st_size, told.st_mtime_ns)

    def _stays(self, path: str) -> bool:
        try:
            return Path(path).resolve(strict=True).is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # it leads nowhere, or to itself
            return False

    def read(self, path: str) -> bytes:
        """The content."""
        with self.open(path) as file:
            return file.read()

    def open(self, path: str) -> BinaryIO:
        """The file; whoever has put a pipe in its place meanwhile isn't waited for."""
        descriptor = os.open(self.place(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(path)
        return os.fdopen(descriptor, "rb")

    @contextmanager
    def local(self, path: str) -> Iterator[Path]:
        """The file itself."""
        yield self.place(path)

    def place(self, path: str) -> Path:
        """Where a file lies."""
        place = self.root / path
        return place if path.isascii() or os.path.lexists(place) else self.root / path.translate(_BYTES)


@dataclass(frozen=True, slots=True)
class StoreInbox:
    """The objects under a prefix of a store; each appears whole, and its time of writing is the store's."""

    place: ObjectPlace

    @property
    def name(self) -> str:
        """The URL."""
        return self.place.name

    @property
    def is_local(self) -> bool:
        """No."""
        return False

    def scan(self) -> list[Entry]:
        """All objects."""
        found = []
        for one in self.place.store.listed(""):
            name = one.path.rpartition("/")[2]
            if name and not any(part.startswith(".") for part in one.path.split("/")) and not name.lower().endswith(UNREADY):
                found.append(Entry(one.path, one.size, int(one.written.timestamp() * 1e9)))
        return sorted(found, key=lambda entry: entry.path)

    def read(self, path: str) -> bytes:
        """The content."""
        content = self.place.read(path)
        if content is None:
            raise FileNotFoundError(path)
        return content

    def open(self, path: str) -> BinaryIO:
        """The object, fetched a few MB at a time."""
        from seedbed.read.remote import RemoteFile

        return RemoteFile(self.place, path).stream()

    @contextmanager
    def local(self, path: str) -> Iterator[Path]:
        """A copy that goes away with the block."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="seedbed-") as folder:
            copy = Path(folder) / (path.rpartition("/")[2] or "object")
            with self.open(path) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            yield copy


def _written(name: str) -> str:
    """A name that can be stored.

    >>> _written("caf" + chr(0xDCE9)) == "caf" + chr(0xEFE9)
    True
    """
    return name if name.isascii() else name.translate(_SIGNS)


def inbox_of(source: str | Path, *, below: bool = False, beside: tuple[Path, ...] = ()) -> Inbox:
    """The inbox that a path or URL means; `beside` are folders below it that are none of its own.

    Raises:
        ModelError: there is no such folder or file, or it is neither.
    """
    from seedbed.outside.places import is_remote, open_place

    if isinstance(source, str) and is_remote(source):
        return StoreInbox(open_place(source))
    if isinstance(source, str) and "://" in source:
        fix = "give a folder, a file, or s3://, gs:// or az:// and a prefix"
        raise ModelError(f"nothing is collected from `{source.partition('://')[0]}://`", where="INPUT", fix=fix)
    path = Path(source)
    if path.is_dir():
        return FolderInbox(path.resolve(), below, None, beside)
    if path.is_file():
        return FolderInbox(path.resolve().parent, only=path.resolve().name)
    fix = "check the path" if not path.exists() else "give a folder or a file"
    raise ModelError(
        "there is no such folder or file" if not path.exists() else "this is no folder and no file", where=str(source), fix=fix
    )
