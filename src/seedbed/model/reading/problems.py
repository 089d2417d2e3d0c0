"""From pydantic's findings to mistakes of the author: one for each, in plain words, with the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import BaseModel, ValidationError

from seedbed.core.nearest import Suggestion, nearest, one_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.generators import KINDS, Generator
from seedbed.model.places import Mistake, Path
from seedbed.model.reading.faults import Fault, faults, grouped
from seedbed.model.reading.wording import expected_of, not_yet, words
from seedbed.model.shape import field_at, keys_of, kind_at, members, tags_at


def mistakes_of(error: ValidationError, root: type[BaseModel], data: object) -> list[Mistake]:
    """Every mistake that pydantic found in the data of a document of class `root`."""
    found = faults(error, data)
    unknown = {fault.path: meant_key(fault, root, data) for fault in found if fault.type == "extra_forbidden"}
    unknown |= {fault.path: fault.context["meant"] for fault in found if fault.context.get("meant")}
    spelt_wrong = {(*path[:-1], meant) for path, meant in unknown.items() if meant}
    return [mistake for group in grouped(found) for mistake in _mistakes(group, root, data, spelt_wrong)]


def _mistakes(group: list[Fault], root: type[BaseModel], data: object, spelt_wrong: set[Path]) -> Iterator[Mistake]:
    group = [_of_version(fault, root, data) for fault in group]
    first = group[0]
    if first.type == "extra_forbidden":
        yield _unknown(first, root, data)
    elif first.type in {"missing", "union_tag_not_found"}:
        path = first.path if first.type == "missing" else (*first.path, str(first.context["discriminator"]).strip("'"))
        if path not in spelt_wrong:
            yield _missing(path, root, data)
    elif first.type == "union_tag_invalid":
        tag = str(first.context["discriminator"]).strip("'")
        yield Mistake((*first.path, tag), *words(group))
    elif first.type == "one_generator" and words(group)[1] is None:
        kinds = [kind for kind in KINDS if kind in _known(Generator, data)]
        yield Mistake(first.path, first.said, f"add one of {one_of(kinds, most=40)}")
    else:
        message, fix = words(group)
        yield Mistake(first.path, message, fix or _example(first, data), at_key=first.at_key)


def _example(fault: Fault, data: object) -> str | None:
    """What a number of rows may look like where a text is none."""
    is_rows = fault.path[-1:] == ("rows",) and isinstance(fault.value, str) and not _is_first(data)
    return "write a number, such as 1000, 50K or 2.5M" if is_rows else None


#: Keys of the language that this version of seedbed does not have yet, by the class they belong to.
LATER: dict[type, frozenset[str]] = {
    Model: frozenset({"stream", "evolution"}),
    Node: frozenset({"lifecycle"}),
    ColumnSpec: frozenset({"llm", "learned"}),
    Generator: frozenset({"llm", "learned"}),
}


def _unknown(fault: Fault, root: type[BaseModel], data: object) -> Mistake:
    key, kind = str(fault.path[-1]), kind_at(root, data, fault.path[:-1])
    if kind is not None and any(key in LATER.get(base, ()) for base in kind.__mro__):
        return Mistake(fault.path, *not_yet(key), at_key=True)
    known = [] if kind is None else [name for name in _known(kind, data) if name != "comment"]
    inside = None if kind is None else _inside(kind, key, data)
    meant, twin = meant_key(fault, root, data), _twin(kind, key, _value(data, fault.path[:-1]))
    if twin is not None:
        return Mistake(fault.path, f"`{key}` is another word for `{twin}`, and both are there", "keep one of them", at_key=True)
    fix = Suggestion(key, meant) if meant else f"put it into `{inside}`" if inside else f"keys here: {one_of(known, most=20)}"
    return Mistake(fault.path, f"unknown key `{key[:80]}`", fix, at_key=True)


def meant_key(fault: Fault, root: type[BaseModel], data: object) -> str | None:
    """The key of that class that an unknown one was meant to be: one that isn't there yet, if possible."""
    kind, around = kind_at(root, data, fault.path[:-1]), _value(data, fault.path[:-1])
    if kind is None:
        return None
    given = around if isinstance(around, Mapping) else {}
    inlined = [] if kind is not ColumnSpec or _is_first(data) else _known(Generator, data)
    return nearest(str(fault.path[-1]), [key for key in [*inlined, *_known(kind, data)] if key not in given])


def _known(kind: type[BaseModel], data: object) -> list[str]:
    """The keys of a class that documents of the data's version have."""
    if not _is_first(data):
        return list(keys_of(kind))
    extras = {key: info.json_schema_extra for key, info in keys_of(kind).items()}
    return [key for key, extra in extras.items() if not (isinstance(extra, dict) and "since" in extra)]


def _of_version(fault: Fault, root: type[BaseModel], data: object) -> Fault:
    """The finding without values that the document's version does not have."""
    if fault.type == "union_tag_invalid" and _is_first(data):
        tags = tags_at(root, data, (*fault.path, str(fault.context["discriminator"]).strip("'")), newer=False)
        return replace(fault, context={**fault.context, "expected_tags": ", ".join(f"'{tag}'" for tag in tags)})
    kind = kind_at(root, data, fault.path[:-1]) if fault.type == "enum" and _is_first(data) else None
    listed: Mapping[str, frozenset[str]] = getattr(kind, "since_values", {})
    info = keys_of(kind).get(str(fault.path[-1])) if kind is not None else None
    newer = next((values for name, values in listed.items() if kind is not None and kind.model_fields[name] is info), frozenset[str]())
    known = [word for word in re.findall(r"'([^']*)'", str(fault.context.get("expected"))) if word not in newer]
    return replace(fault, context={**fault.context, "expected": ", ".join(f"'{word}'" for word in known)}) if newer else fault


def _is_first(data: object) -> bool:
    return isinstance(data, Mapping) and data.get("version") == "1.0"


def _twin(kind: type[BaseModel] | None, key: str, around: object) -> str | None:
    """The other spelling of a key's field that is there as well."""
    info = keys_of(kind).get(key) if kind is not None else None
    if kind is None or info is None or not isinstance(around, Mapping):
        return None
    return next((other for other, same in keys_of(kind).items() if same is info and other != key and other in around), None)


def _inside(kind: type[BaseModel], key: str, data: object) -> str | None:
    """The key of `kind` whose object knows the key."""
    for name, info in keys_of(kind).items():
        if name not in _known(kind, data):
            continue
        classes = [option for option in members(info.annotation) if isinstance(option, type) and issubclass(option, BaseModel)]
        if any(key in keys_of(option) for option in classes if key != "comment"):
            return name
    return None


def _missing(path: Path, root: type[BaseModel], data: object) -> Mistake:
    key, around = path[-1], _value(data, path[:-1])
    if isinstance(key, int):
        return Mistake(path[:-1], f"item {key + 1} is missing", "write both ends, such as `[0, 100]`; `null` leaves an end open")
    kind, info = kind_at(root, data, path[:-1]), field_at(root, data, path)
    known = set(keys_of(kind)) if kind else {key}
    strange = [name for name in around if isinstance(name, str) and name not in known] if isinstance(around, Mapping) else []
    instead = nearest(key, strange)
    if instead:
        return Mistake(path, f"`{key}` is missing", f"did you mean it by `{instead}`?")
    listed = tags_at(root, data, path, newer=not _is_first(data))
    wanted = f", one of {one_of(listed)}" if len(listed) > 1 else f", {expected_of(info.annotation)}" if info else ""
    return Mistake(path, f"`{key}` is missing", f"add `{key}`{wanted}")


def _value(data: object, path: Path) -> object:
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    return data
