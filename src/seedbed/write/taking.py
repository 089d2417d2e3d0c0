"""Taking a local folder for one run: made where it is missing, locked until the process ends."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from seedbed.core.errors import EdgeError, ModelError
from seedbed.write.atomic import edge_errors

#: What says that a folder may not be written to at all: a wrong request. What fails later is the disk.
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def take_folder(root: Path) -> int | None:
    """A lock on the folder, which is made where it is missing; None where there are no such locks.

    Raises:
        ModelError: the path is a file or no path at all, another run is in the folder, or it may not be made.
        EdgeError: the disk failed.
    """
    is_new = _make_folder(root)
    try:
        return _lock(root)
    except BaseException:
        if is_new:
            with suppress(OSError):
                root.rmdir()
        raise


def is_folder(root: Path) -> bool:
    """Whether a folder is there; a path that can't be is none."""
    return os.path.isdir(root)  # noqa: PTH112 - Path.is_dir raises where a name is too long


def forbidden(root: Path | str, error: OSError) -> ModelError:
    """The folder may not be written to."""
    return ModelError(f"this folder may not be written to: {error.strerror}", where=str(root), fix="choose another with -o, or allow it")


def _make_folder(root: Path) -> bool:
    """Whether the folder is new: it was made now."""
    try:
        is_new = not root.exists()
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ModelError("a file stands where the output folder should be", where=str(root), fix="choose another with -o") from error
    except OSError as error:
        if error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}:
            raise ModelError(
                f"this is no path for a folder: {error.strerror}", where=str(root)[:200], fix="choose another with -o"
            ) from error
        raise forbidden(root, error) if error.errno in FORBIDDEN else _broken(root, error) from error
    return is_new


def _broken(root: Path, error: OSError) -> EdgeError:
    return EdgeError(f"cannot make the folder: {error.strerror}", where=str(root), fix="look at the disk, then run again")


def _lock(root: Path) -> int | None:
    """Hold the folder itself by a lock that ends with the process."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        return None
    with edge_errors(root):
        descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            os.close(descriptor)
            raise ModelError(
                "another run is writing to this folder", where=str(root), fix="wait for it, or choose another with -o"
            ) from error
    return descriptor
