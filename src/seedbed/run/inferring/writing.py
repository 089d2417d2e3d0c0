"""A model as YAML that people read and change: short values on one line, a comment where a choice rests on something."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seedbed.run.inferring.context import Table
from seedbed.stats.inference.made import Spec

#: Lines are broken beyond so many characters; comments stand behind what they are about while they fit.
_WIDTH = 132

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./+@|-]*[A-Za-z0-9_./+|]|[A-Za-z_]")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"])


def yaml_of(document: Spec, tables: Mapping[str, Table], heading: Sequence[str]) -> str:
    """The document, with the comments of its tables, under a heading of comments."""
    lines = [f"# {line}" for line in heading]
    for key, value in document.items():
        if key in {"vocabs", "entities", "facts"}:
            lines += ["", f"{key}:"]
            for name, node in value.items():
                lines += _node(name, node, tables[name])
        elif key == "constraints":
            lines += ["", "constraints:"]
            for kind, rules in value.items():
                lines += [f"  {kind}:", *(f"    - {flow(rule)}" for rule in rules)]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "\n".join([*lines, ""])


def _node(name: str, node: Spec, table: Table) -> Iterator[str]:
    yield f"  {scalar(name)}:{_comment(table.notes.get(''))}"
    for key, value in node.items():
        if key == "columns":
            yield "    columns:"
            for column, spec in value.items():
                made = table.columns.get(column)
                why = made.why if made is not None else table.notes.get(column)
                if made is not None and made.withheld:
                    why = f"{why}; {made.withheld} withheld"
                yield from _entry(scalar(column), spec, why, 6)
        elif key == "links":
            yield "    links:"
            for link, spec in value.items():
                yield from _entry(scalar(link), spec, table.notes.get(f"links.{link}"), 6)
        else:
            yield from _entry(key, value, table.notes.get(key), 4)


def _comment(text: str | None) -> str:
    return f" # {' '.join(text.split())}" if text else ""


def _entry(key: str, value: Any, why: str | None, indent: int) -> Iterator[str]:
    """A key and its value: on one line where they fit, else a level deeper."""
    line = f"{' ' * indent}{key}: {flow(value)}"
    if len(line) + len(_comment(why)) <= _WIDTH:
        yield line + _comment(why)
    elif len(line) <= _WIDTH:
        yield f"{' ' * indent}{_comment(why).strip()}"
        yield line
    else:
        yield f"{' ' * indent}{key}:{_comment(why)}"
        yield from _deeper(value, indent + 2)


def _deeper(value: Any, indent: int) -> Iterator[str]:
    space = " " * indent
    if isinstance(value, Mapping):
        for key, part in value.items():
            line = f"{space}{scalar(key)}: {flow(part)}"
            if len(line) <= _WIDTH or not isinstance(part, Mapping | list):
                yield line
            elif isinstance(part, list) and not any(isinstance(item, Mapping | list) for item in part):
                yield from _wrapped(f"{space}{scalar(key)}: [", [scalar(item) for item in part], indent + 2)
            else:
                yield f"{space}{scalar(key)}:"
                yield from _deeper(part, indent + 2)
    else:
        for item in value:
            yield f"{space}- {flow(item)}"


def _wrapped(start: str, items: Sequence[str], indent: int) -> Iterator[str]:
    """A list of scalars over several lines."""
    line = start
    for at, item in enumerate(items):
        piece = item + ("]" if at == len(items) - 1 else ", ")
        if len(line) + len(piece) > _WIDTH and line.strip():
            yield line.rstrip()
            line = " " * indent
        line += piece
    yield line


def flow(value: Any) -> str:
    """A value on one line.

    >>> flow({"choices": ["DE", "NO", 1.5], "by": None})
    '{choices: [DE, "NO", 1.5], by: null}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A text, number, flag or null; texts in quotes where they could be taken for something else."""
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) is not None and value.lower() not in _WORDS and "  " not in value and value.isascii()
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
