"""One layout for every document: comments stay, meaning stays, and laying out twice changes nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.model.places import Places
from seedbed.model.reading import is_json, read_tree
from seedbed.model.reading.text import decode
from seedbed.model.shape import choose, inside, keys_in_order

Language = Literal["yaml", "json"]

#: Where lines of YAML that an author wrote are broken, if they can be.
YAML_WIDTH = 120

#: The longest line; JSON keeps an object on one line up to here if it is no more than three levels high.
WIDTH = 100
_HIGHEST = 3
_INDENT = 2


def format_document(text: str | bytes, name: str, *, to: Language | None = None) -> str:
    """Lay a YAML or JSON document out; `to` turns one into the other (JSON has no room for comments).

    JSON gets the keys in the order of the model's classes; YAML keeps the author's order, and its comments. The document need not
    be a sound model, only sound YAML or JSON.

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
