"""The bytes of a document that somebody names, or what keeps them from being read."""

from __future__ import annotations

import errno
from pathlib import Path

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import nearest, one_of
from seedbed.model.reading.text import MOST_BYTES

#: What the names of model documents end in.
ENDINGS = (".yaml", ".yml", ".json")


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a document: all of them, or one more than a document may have.

    Raises:
        ModelError: there is no such file, it is a directory, or it may not be read.
        EdgeError: the disk failed.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ModelError("there is no such file", where=str(path), fix=_neighbour(Path(path))) from error
    except IsADirectoryError as error:
        raise ModelError("this is a directory, not a model", where=str(path), fix=_inside(Path(path))) from error
    except PermissionError as error:
        raise ModelError("the file may not be read", where=str(path), fix=f"allow it: chmod u+r {path}") from error
    except NotADirectoryError as error:
        raise ModelError("a part of this path is a file, not a directory", where=str(path), fix="check the path") from error
    except ValueError as error:
        raise ModelError(f"this is no path: {error}", where=repr(str(path)), fix="check the path") from error
    except OSError as error:
        raise _of_the_system(error, path) from error


def _of_the_system(error: OSError, path: str | Path) -> ModelError | EdgeError:
    said = error.strerror or str(error)
    if error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
        return ModelError(said[:1].lower() + said[1:], where=f"{str(path)[:80]}…", fix="check the path")
    return EdgeError(f"reading failed: {said}", where=str(path), fix="try again, or copy the file elsewhere")


def _neighbour(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no directory {path.parent} either"
    here = _documents(path.parent)
    found = nearest(path.name, here)
    if found:
        return f"did you mean `{path.parent / found}`?"
    return f"models there: {one_of(here)}" if here else f"there is no model in {path.parent.resolve().name}"


def _inside(path: Path) -> str:
    here = _documents(path)
    return f"name a file in it: {one_of(str(path / name) for name in here)}" if here else "name a YAML or JSON file"


def _documents(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in ENDINGS)
    except OSError:
        return []
