"""From a file, a text or plain data to a model; and where the parts of models that were read stand."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Mapping
from pathlib import Path

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.model.places import Marks, Mistake, Places
from seedbed.model.places import Path as Steps
from seedbed.model.reading import Examined, examine, examine_tree
from seedbed.model.reading.text import MOST_LEVELS
from seedbed.model.reading.tree import Tree
from seedbed.read.document_bytes import read_bytes
from seedbed.read.plugins import Installed


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
