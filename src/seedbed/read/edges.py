"""Errors of disks and of Arrow as ours, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import DataError, EdgeError

_WHOLE = "write it anew, or take a copy that is whole"


@contextmanager
def edge(path: Path, kind: str) -> Iterator[None]:
    """Read a file of some kind (`Arrow file`); what goes wrong is raised as one of ours.

    Raises:
        DataError: it is broken, ends too early, is of another kind, or not in its encoding.
        EdgeError: it vanished, or can't be read.
    """
    where = str(path)
    try:
        yield
    except FileNotFoundError as error:
        raise EdgeError("there is no such file", where=where, fix="check the path, or find out who removed the file") from error
    except PermissionError as error:
        raise EdgeError("reading is not permitted", where=where, fix="give yourself the right to read it") from error
    except UnicodeError as error:
        raise DataError(f"the {kind} is not in the encoding it should be: {error}", where=where, fix="save it in UTF-8") from error
    except pa.ArrowException as error:
        raise DataError(f"this is no whole {kind}: {_first_line(error)}", where=where, fix=_WHOLE) from error
    except OSError as error:
        if error.errno is None:  # pyarrow tells of broken contents by an OSError of its own
            raise DataError(f"the {kind} is broken or ends too early: {_first_line(error)}", where=where, fix=_WHOLE) from error
        raise EdgeError(f"reading failed: {error.strerror or error}", where=where, fix="look at the disk, then run again") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
