"""The JSON text of each slot of a node."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from seedbed.read.collect.node import Lists, Node, Objects, key_order
from seedbed.read.collect.parse import value_of
from seedbed.read.collect.values import text_of, written

_WRITERS: dict[str, Callable[[object], str]] = {
    "bools": lambda value: "true" if value else "false",
    "ints": str,
    "doubles": json.dumps,
    "strings": lambda value: text_of(str(value)),
    "numbers": str,
    "raws": str,
}


def texts_of(node: Node) -> list[str | None]:
    """The JSON text of each slot, members in the order of their keys; None for one that is missing.

    >>> from seedbed.read.collect.build import build
    >>> texts_of(build([1, None, {"a": ["é", 0.5]}, {}]))
    ['1', 'null', '{"a":["é",0.5]}', '{}']
    """
    found: list[str | None] = [None] * node.length
    if node.nulls is not None:
        for place in np.flatnonzero(node.nulls).tolist():
            found[place] = "null"
    for lane, array in (node.scalars or {}).items():
        write = _WRITERS[lane]
        for place, value in enumerate(array.to_pylist()):
            if value is not None:
                found[place] = write(value)
    for part in (node.objects, node.lists):
        if part is not None:
            texts = _object_texts(part, node.length) if isinstance(part, Objects) else _list_texts(part)
            places = range(node.length) if part.mask is None else np.flatnonzero(part.mask).tolist()
            for place, text in zip(places, texts, strict=True):
                found[place] = text
    return found


def _object_texts(objects: Objects, length: int) -> list[str]:
    count = length if objects.mask is None else int(np.count_nonzero(objects.mask))
    members: list[list[str]] = [[] for _ in range(count)]
    for key, member in sorted(objects.members.items()):
        _add_members(members, text_of(key), member)
    if objects.entries is not None:
        entries = objects.entries
        owners = np.repeat(np.arange(count), np.diff(entries.offsets))
        names, order = [text_of(name) for name in entries.names], key_order(entries, owners)
        earlier, texts = _earlier(entries.values), texts_of(entries.values)
        for place, owner, code in zip(order.tolist(), owners[order].tolist(), entries.codes[order].tolist(), strict=True):
            members[owner] += [f"{names[code]}:{one}" for one in (*earlier.get(place, ()), texts[place])]
    return ["{" + ",".join(one) + "}" for one in members]


def _add_members(members: list[list[str]], name: str, member: Node) -> None:
    earlier = _earlier(member)
    for place, text in enumerate(texts_of(member)):
        if text is not None:
            if place in earlier:
                members[place] += [f"{name}:{one}" for one in earlier[place]]
            members[place].append(f"{name}:{text}")


def _earlier(node: Node) -> dict[int, list[str]]:
    """The texts of the values that the same key had before, by the slot."""
    if node.earlier is None:
        return {}
    found = {}
    for place, text in enumerate(node.earlier.to_pylist()):
        if text is not None:
            values = value_of(text.encode())
            assert isinstance(values, list)
            found[place] = [written(value) for value in values]
    return found


def _list_texts(lists: Lists) -> list[str]:
    elements = [text or "null" for text in texts_of(lists.element)]
    bounds = lists.offsets.tolist()
    return ["[" + ",".join(elements[start:end]) + "]" for start, end in pairwise(bounds)]
