"""One layout for every document: comments stay, meaning stays, and laying out twice changes nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from seedbed.core.errors import ModelError
from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.model.document import Model
from seedbed.model.places import Mistake, Path, Places
from seedbed.model.reading import is_json, parse_with_places, read_tree
from seedbed.model.reading.forms import Canonical, authoring, canonical
from seedbed.model.reading.source import FIRST_VERSION
from seedbed.model.reading.text import decode
from seedbed.model.shape import choose, inside, keys_in_order

Language = Literal["yaml", "json"]

#: Tables in maps by their names, as people write them, or in one list, as the classes read them.
Form = Literal["authoring", "canonical"]

#: Where lines of YAML that an author wrote are broken, if they can be.
YAML_WIDTH = 120

#: The longest line; JSON keeps an object on one line up to here if it is no more than three levels high.
WIDTH = 100
_HIGHEST = 3
_INDENT = 2


def format_document(
    text: str | bytes, name: str, *, to: Language | None = None, form: Form | None = None, plugins: Plugins = NO_PLUGINS
) -> str:
    """Lay a YAML or JSON document out; `to` turns one into the other (JSON has no room for comments), `form` one form into the other.

    JSON gets the keys in the order of the model's classes; YAML keeps the author's order, and its comments. The document need not
    be a sound model, only sound YAML or JSON, unless it takes another form: then it is written anew, with its comments,
    and `plugins` are those that it may use.

    Raises:
        ModelError: it can't be read, or can't be laid out without a loss.

    >>> print(format_document('{"nodes":[],"version":"1.0"}', "m.json"), end="")
    {
      "version": "1.0",
      "nodes": []
    }
    """
    whole = decode(text, name)
    data = _sound(whole, name)
    source: Language = "json" if is_json(whole, name) else "yaml"
    target = to or source
    if form is not None and not is_in_form(data, whole, name, form, plugins):
        laid_out = _in_other_form(data, whole, name, form, source, target)
        if not _same(_unordered(data), _unordered(_sound(laid_out, f"m.{target}"))):
            raise ModelError("this document can't take the other form without changing", where=name, fix="leave it as it is")
        return laid_out
    if target == "json":
        laid_out = as_json(data)
    elif source == "yaml":
        from seedbed.model.reading.yaml_layout import relaid

        laid_out = relaid(whole, name, YAML_WIDTH)
    else:
        from seedbed.model.reading.yaml_layout import written

        laid_out = written(in_order(data, Model), WIDTH, stays_on_a_line)
    if not _same(data, _sound(laid_out, f"m.{target}")):
        raise ModelError("this document can't be laid out without changing it", where=name, fix="leave its layout as it is")
    return laid_out


def as_json(data: object) -> str:
    """Data as JSON text in the order of the model's classes."""
    return _lines(in_order(data, Model), 0, 0) + "\n"


def is_in_form(data: object, text: str, name: str, form: Form, plugins: Plugins = NO_PLUGINS) -> bool:
    """Whether a document has that form already.

    Raises:
        ModelError: it is no sound model, or of a version that has only the canonical form.
    """
    model, places = parse_with_places(text, name, plugins=plugins)
    if form == "authoring" and model.version == FIRST_VERSION:
        fix = 'write `version: "2.0"` at the top first'
        raise places.error([Mistake(("version",), "documents of version 1.0 have the canonical form only", fix)])
    return _text_of(data) == _text_of(_in_form(data, form))


def _in_form(data: object, form: Form) -> object:
    whole = canonical(data).data
    return authoring(whole) if form == "authoring" else whole


def _in_other_form(data: object, text: str, name: str, form: Form, source: Language, target: Language) -> str:
    ordered = in_order(canonical(data).data, Model)
    changed = authoring(ordered) if form == "authoring" else ordered
    if target == "json":
        return _lines(changed, 0, 0) + "\n"
    from seedbed.model.reading.yaml_layout import comments, relaid, written

    laid_out = written(changed, WIDTH, stays_on_a_line)
    if source == "yaml":
        from seedbed.model.reading.yaml_comments import notes, with_notes

        found = notes(text, name, read_tree(text, name).find())
        laid_out = with_notes(laid_out, read_tree(laid_out, "m.yaml").find(), found, _mover(data, changed))
        lost = sorted((comments(text, name) - comments(laid_out, "m.yaml")).elements())
        if lost:
            raise ModelError(f"the comment `{lost[0][:60]}` would be lost", where=name, fix="put it on a line of its own")
    return relaid(laid_out, name, YAML_WIDTH)


def _mover(before: object, after: object) -> Callable[[Path], Path]:
    """Where a part of a document is in its other form, by the author's paths in both."""
    old, new = canonical(before), canonical(after)
    places = {name: place for place, name in enumerate(_table_names(new))}
    moved = {place: places[name] for place, name in enumerate(_table_names(old))}

    def mover(path: Path) -> Path:
        there = old.canonical(path)
        if there[:1] == ("nodes",) and len(there) > 1:
            there = ("nodes", moved[int(there[1])], *there[2:])
        return new.author(there)

    return mover


def _table_names(form: Canonical) -> list[str]:
    assert isinstance(form.data, dict)
    return [node["id"] for node in form.data["nodes"]]


def _unordered(data: object) -> object:
    """The canonical form with its tables in the order of their names: that order means nothing."""
    whole = canonical(data).data
    assert isinstance(whole, dict)
    return {**whole, "nodes": sorted(whole["nodes"], key=lambda node: str(node["id"]))}


def in_order(data: object, annotation: Any) -> object:
    """The data with the keys of every part in the order of its class; keys it doesn't know come last."""
    chosen = choose(annotation, data)
    if isinstance(data, Mapping):
        known = [key for key in keys_in_order(chosen) if key in data]
        return {key: in_order(data[key], inside(chosen, key)) for key in dict.fromkeys([*known, *data])}
    if isinstance(data, list):
        return [in_order(item, inside(chosen, index)) for index, item in enumerate(data)]
    return data


def stays_on_a_line(value: object, room: int) -> bool:
    """Whether a list or object is low and short enough to stand on one line."""
    return _height(value) <= _HIGHEST and len(_on_a_line(value)) <= room


def _sound(text: str, name: str) -> object:
    tree = read_tree(text, name)
    if tree.mistakes:
        raise Places(name, tree.data, tree.find).error(tree.mistakes)
    return tree.data


def _same(a: object, b: object) -> bool:
    """Equal, and 1 is neither true nor 1.0."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def _text_of(data: object) -> str:
    return json.dumps(data)


def _lines(value: object, level: int, before: int) -> str:
    """A value as JSON; `before` characters of its first line are taken by its key."""
    room = WIDTH - level * _INDENT - before - 1  # a comma may follow
    if not isinstance(value, dict | list) or not value or (level > 0 and stays_on_a_line(value, room)):
        return _on_a_line(value)
    pad, end = " " * ((level + 1) * _INDENT), " " * (level * _INDENT)
    if isinstance(value, list) and _height(value) == 1:
        return f"[\n{_filled([_on_a_line(item) for item in value], pad)}\n{end}]"
    if isinstance(value, list):
        body = ",\n".join(pad + _lines(item, level + 1, 0) for item in value)
        return f"[\n{body}\n{end}]"
    keys = {key: _on_a_line(key) for key in value}
    body = ",\n".join(f"{pad}{keys[key]}: {_lines(item, level + 1, len(keys[key]) + 2)}" for key, item in value.items())
    return f"{{\n{body}\n{end}}}"


def _filled(items: list[str], pad: str) -> str:
    """Items side by side, as many on a line as there is room for."""
    lines = [pad + items[0]]
    for item in items[1:]:
        if len(lines[-1]) + len(item) + 3 > WIDTH:
            lines.append(pad + item)
        else:
            lines[-1] += f", {item}"
            continue
        lines[-2] += ","
    return "\n".join(lines)


def _on_a_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _height(value: object) -> int:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return 1 + max(map(_height, parts), default=0)
    return 0
