"""What a document of an earlier version uses though only later ones have it.

The classes say it: a field by `json_schema_extra={"since": "2.0"}`, a class by `since: ClassVar[str] = "2.0"`, values of a field by
`since_values = {field: values}`, and lists where there was a single value by `since_lists = {field: 1}`, or 2 for lists among the items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from pydantic import BaseModel

from seedbed.model.document import Model
from seedbed.model.places import Mistake, Path


def too_new(model: Model) -> Iterator[Mistake]:
    """A mistake for each key, kind and value of the document that its version does not have."""
    if model.version == "1.0":
        yield from _within(model, ())


def _within(value: object, path: Path) -> Iterator[Mistake]:
    if isinstance(value, BaseModel):
        yield from _part(value, path)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _within(part, (*path, key))
    elif isinstance(value, tuple):
        for place, part in enumerate(value):
            yield from _within(part, (*path, place))


def _part(part: BaseModel, path: Path) -> Iterator[Mistake]:
    """What is too new in a part; of a part that is so as a whole nothing else is said."""
    kind = type(part)
    if "since" in vars(kind):
        yield Mistake(path, *needs_version(f"`{named(part)}`", vars(kind)["since"]))
        return
    values: Mapping[str, AbstractSet[object]] = getattr(kind, "since_values", {})
    lists: Mapping[str, int] = getattr(kind, "since_lists", {})
    for name in part.model_fields_set:
        info = kind.model_fields.get(name)
        if info is None:
            continue
        here, value = (*path, info.alias or name), getattr(part, name)
        since = info.json_schema_extra.get("since") if isinstance(info.json_schema_extra, dict) else None
        if since is not None:
            yield Mistake(here, *needs_version(f"`{here[-1]}`", str(since)), at_key=True)
        elif name in values and isinstance(value, str) and value in values[name]:
            yield Mistake(here, *needs_version(f"`{value}`"))
        elif name in lists and (found := _list_at(value, lists[name])) is not None:
            yield Mistake((*here, *found), *needs_version(f"a list in `{here[-1]}`"))
        else:
            yield from _within(value, here)


def _list_at(value: object, depth: int) -> Path | None:
    """Where there is a list that deep: 1 for the value itself, 2 for its items."""
    if not isinstance(value, tuple):
        return None
    return () if depth == 1 else next(((place,) for place, item in enumerate(value) if isinstance(item, tuple)), None)


def named(part: BaseModel) -> str:
    """How the author calls a part that is one of several: by its tag."""
    return next(
        (str(getattr(part, tag)) for tag in ("transform", "type", "kind", "distribution") if hasattr(part, tag)), type(part).__name__
    )


def needs_version(what: str, version: str = "2.0") -> tuple[str, str]:
    """The message and the remedy where an earlier version does not have something.

    >>> needs_version("`links`")
    ('`links` needs version 2.0', 'write `version: "2.0"` at the top, or remove it')
    """
    return f"{what} needs version {version}", f'write `version: "{version}"` at the top, or remove it'
