"""Files that are there whole or not at all: written beside their name, sent to the disk, then renamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from seedbed.core.errors import EdgeError

#: The end of the name of a file that is being written; such a file is never read, and the next run sweeps it away.
UNFINISHED = ".unfinished"


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file beside `path` and rename it; a kill or a loss of power at any moment leaves the old file or the new one.

    Raises:
        EdgeError: the folder is gone, the disk full, or writing not allowed; nothing is left.
    """
    with open_whole(path) as file, edge_errors(path):
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path`, unbuffered, that is sent to the disk and renamed when the block ends; when it raises, nothing is left.

    Two that write the same file at a time, on two machines, don't get into each other's way: the last to end gives the name to its own.

    Raises:
        EdgeError: the folder is gone, the disk full, or writing not allowed.
    """
    beside = unfinished_name(path)
    with edge_errors(path):
        try:
            file = beside.open("xb", buffering=0)
        except FileExistsError:  # of another worker, or left by one that was killed
            beside = unfinished_name(path.with_name(f"{path.name}.{os.urandom(4).hex()}"))
            file = beside.open("xb", buffering=0)
    try:
        with file:
            yield cast("BinaryIO", file)
            with edge_errors(path):
                os.fsync(file.fileno())
        with edge_errors(path):
            beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sync_folders(folders: Iterable[Path]) -> None:
    """Send the names in folders to the disk, so that files renamed there keep their names over a loss of power.

    Where a system or a file system has no such thing, nothing is done.

    Raises:
        EdgeError: a folder is gone, or the disk failed.
    """
    for folder in folders if os.name == "posix" else ():
        with edge_errors(folder):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            except OSError as error:
                if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                    raise
            finally:
                os.close(descriptor)


def unfinished_name(path: Path) -> Path:
    """Where a file is written before it gets its name.

    >>> unfinished_name(Path("out/user.parquet")).name
    '.user.parquet.unfinished'
    """
    return path.with_name(f".{path.name}{UNFINISHED}")


@contextmanager
def edge_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says about `path` into an error that names the remedy."""
    try:
        yield
    except OSError as error:
        raise EdgeError(f"cannot write: {error.strerror or error}", where=str(path), fix=_REMEDIES.get(error.errno or 0, _ANY)) from error


_ANY = "look at the disk and the folder, then run again with --resume"
_ROOM = "free some space, then run again with --resume"
_REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "raise the limit of the size of files, then run again with --resume",
    errno.ENOENT: "the folder has vanished: bring it back (or its mount), then run again with --resume",
    errno.EACCES: "allow writing there, or choose another folder with -o",
    errno.EPERM: "allow writing there, or choose another folder with -o",
    errno.EROFS: "the file system is read-only: choose another folder with -o",
}
