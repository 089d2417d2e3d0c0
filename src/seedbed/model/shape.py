"""Which class of the model stands at a path of a document: for did-you-mean and for the order of keys."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from seedbed.model.later import Later
from seedbed.model.places import Path

_NONE = type(None)

#: The keys that name a part; they stand before its comment.
_NAMING = ("version", "id", "name")


def spelling(name: str, info: FieldInfo) -> tuple[str, ...]:
    """The keys a document may use for a field, the usual one first."""
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(choice for choice in alias.choices if isinstance(choice, str))
    return (alias if isinstance(alias, str) else info.alias or name,)


def keys_of(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    """Every key a document may use in that part, in the class's order; `comment` first."""
    return {key: info for name, info in kind.model_fields.items() for key in spelling(name, info)}


def keys_in_order(annotation: Any) -> list[str]:
    """The keys of a part as its class lists them: what names it first, the comment next."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return []
    keys = list(keys_of(annotation))
    return sorted(keys, key=lambda key: (key not in _NAMING, key != "comment"))


def kind_at(root: Any, data: object, path: Path) -> type[BaseModel] | None:
    """The class of the part at a path, as far as the data around it tells."""
    for step in path:
        root, data = _step(root, data, step)
    chosen = choose(root, data)
    return chosen if isinstance(chosen, type) and issubclass(chosen, BaseModel) else None


def annotation_at(root: Any, data: object, path: Path) -> Any:
    """The annotation of the part at a path, all its alternatives included."""
    for step in path:
        root, data = _step(root, data, step)
    return root


def _step(annotation: Any, data: object, step: str | int) -> tuple[Any, object]:
    part = inside(choose(annotation, data), step)
    if isinstance(data, Mapping):
        return part, data.get(step)
    return part, data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None


def field_at(root: type[BaseModel], data: object, path: Path) -> FieldInfo | None:
    """The field that the last step of a path names, if it names one."""
    kind = kind_at(root, data, path[:-1]) if path else None
    return keys_of(kind).get(str(path[-1])) if kind else None


def tags_at(root: type[BaseModel], data: object, path: Path, *, newer: bool = True) -> list[str]:
    """What the key at the end of a path may say where it decides among several classes; those of later versions only if `newer`."""
    around = annotation_at(root, data, path[:-1])
    infos = [keys_of(option).get(str(path[-1])) for option in _classes(around) if newer or "since" not in vars(option)]
    return [str(value) for info in infos if info and get_origin(info.annotation) is Literal for value in get_args(info.annotation)]


def choose(annotation: Any, value: object) -> Any:
    """The alternative of an annotation that a value was meant for."""
    options = members(annotation)
    if isinstance(value, Mapping):
        classes = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
        classes += [item for option in options if get_origin(option) is tuple for item in _classes(get_args(option)[0])]
        tagged = [kind for kind in classes if _tag_fits(kind, value)]
        maps = [option for option in options if get_origin(option) is dict]
        return next(iter([*tagged, *classes, *maps]), None)
    if isinstance(value, list):
        return next((option for option in options if get_origin(option) is tuple), None)
    return options[0] if options else None


def members(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, without None.

    >>> members(int | None)
    [<class 'int'>]
    """
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return [option for part in get_args(annotation) for option in members(part)]
    if isinstance(annotation, type) and issubclass(annotation, Later):
        return [annotation.loaded()]
    return [] if annotation in {None, _NONE} else [annotation]


def _classes(annotation: Any) -> list[Any]:
    return [option for option in members(annotation) if isinstance(option, type) and issubclass(option, BaseModel)]


def _tag_fits(kind: type[BaseModel], value: Mapping[Any, Any]) -> bool:
    tags = {key: get_args(info.annotation) for key, info in keys_of(kind).items() if get_origin(info.annotation) is Literal}
    single = {key: allowed[0] for key, allowed in tags.items() if len(allowed) == 1}
    return bool(single) and all(value.get(key) == allowed for key, allowed in single.items())


def inside(annotation: Any, step: str | int) -> Any:
    """The annotation of a part's key, or of a list's item."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        info = keys_of(annotation).get(str(step))
        return info.annotation if info else None
    inner = get_args(annotation)
    if get_origin(annotation) is tuple:
        at = step if isinstance(step, int) and len(inner) > step and inner[-1] is not Ellipsis else 0
        return inner[at]
    return inner[1] if get_origin(annotation) is dict else None
