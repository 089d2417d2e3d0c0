"""From a file, a text or plain data to a model; and where the parts of models that were read stand."""

from __future__ import annotations

import datetime as dt
import errno
import weakref
from collections.abc import Mapping
from pathlib import Path

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import nearest, one_of
from seedbed.model.document import Model
from seedbed.model.places import Marks, Mistake, Places
from seedbed.model.places import Path as Steps
from seedbed.model.reading import Examined, examine, examine_tree
from seedbed.model.reading.text import MOST_BYTES, MOST_LEVELS
from seedbed.model.reading.tree import Tree
from seedbed.read.plugins import Installed

#: What the names of model documents end in.
ENDINGS = (".yaml", ".yml", ".json")


def load_document(path: str | Path, *, profile: str | None = None) -> tuple[Model, Places]:
    """Read the model in a file, with the overrides of a profile if wanted, and where its parts stand.

    Raises:
        ModelError: there is no such file, it may not be read, or its content is wrong.
        EdgeError: the disk failed.
    """
    found = examine_document(path, profile=profile)
    return remembered(found), found.places


def examine_document(source: str | Path | Mapping[str, object], *, profile: str | None = None) -> Examined:
    """Judge the document in a file, or one that is plain data already, by itself.

    Raises:
        ModelError: there is no such file, it may not be read, it is no document at all, or has no such profile.
        EdgeError: the disk failed.
    """
    if isinstance(source, Mapping):
        return examine_data(source, profile=profile)
    return examine(read_bytes(source), str(source), profile=profile, plugins=Installed())


def examine_data(data: Mapping[str, object], *, profile: str | None = None) -> Examined:
    """Judge a document that is plain data: objects, lists, texts, numbers, true, false and None.

    Raises:
        ModelError: it is nested too deep or has too many parts.
    """
    mistakes: list[Mistake] = []
    plain = _plain(data, (), mistakes)
    return examine_tree(Tree(plain, Marks, tuple(mistakes)), "", profile=profile, plugins=Installed())


def _plain(value: object, path: Steps, mistakes: list[Mistake]) -> object:
    """The value as a reader would give it; what no document can hold is a mistake and None."""
    if len(path) > MOST_LEVELS:
        raise ModelError(f"more than {MOST_LEVELS} lists and objects in one another", where="the model", fix="models are not that deep")
    if isinstance(value, Mapping):
        return {str(key): _plain(part, (*path, str(key)), mistakes) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part, (*path, index), mistakes) for index, part in enumerate(value)]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    fix = f'write it as text: "{value.isoformat()}"' if isinstance(value, dt.date) else "give a text, number, true, false, list or object"
    mistakes.append(Mistake(path, f"a model holds no {type(value).__name__}", fix))
    return None


_places: dict[int, tuple[weakref.ref[Model], Places]] = {}


def remembered(found: Examined) -> Model:
    """The model that was read; as long as it lives, `places_of` knows where its parts stand.

    Raises:
        ModelError: there are mistakes.
    """
    model, name = found.require(), id(found.model)
    _places[name] = weakref.ref(model, lambda _: _places.pop(name, None)), found.places
    return model


def places_of(model: Model) -> Places | None:
    """Where the parts of this very model stand; None where no document was read for it."""
    reference, places = _places.get(id(model), (None, None))
    return places if reference is not None and reference() is model else None


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
