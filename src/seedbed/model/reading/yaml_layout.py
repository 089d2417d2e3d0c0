"""Writing YAML: a document again with its comments, or data for the first time."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from seedbed.core.errors import ModelError
from seedbed.model.reading.yaml_text import events, resolve_plain

#: Texts that readers of YAML 1.1 take for booleans, times or numbers; quotes make them texts to everyone.
_MISREAD = re.compile(
    r"(?i)y|n|yes|no|on|off|[-+]?[0-9][0-9_,:.eE+-]*|0[xob][0-9a-f_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|=|<<|[-+]?\.(inf|nan)"
)
#: Texts that need no quotes wherever they stand.
_CLEAR = re.compile(r"""\w[\w ./()<>=*+^$%@~;-]*""")
COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)

#: How often the layout is laid out again until it stays; once is enough for all but strange comments.
_MOST_PASSES = 4

#: More columns than any line has.
_NO_WIDTH = 1 << 30


class _TextsOnly(VersionedResolver):
    """Every unquoted scalar is a text and stays as it is written: `0x1f`, `1e3`, `NO`."""

    @property
    def versioned_resolver(self) -> dict[str, Any]:
        """No scalar means anything else than its text."""
        return {}


class _Emitter(RoundTripEmitter):
    """Breaks lines between the items of a list or object, never within a text."""

    def process_scalar(self) -> None:
        """Write a scalar; one of several lines keeps them."""
        width, self.best_width = self.best_width, _NO_WIDTH
        try:
            super().process_scalar()
        finally:
            self.best_width = width


def relaid(text: str, name: str, width: int) -> str:
    """A YAML document in our layout, with its comments: those on lines of their own move with the line they are about.

    Raises:
        ModelError: a comment stands where it would be lost.
    """
    before = text
    for _ in range(_MOST_PASSES):
        after = _pass(before, name, width)
        if after == before:
            break
        before = after
    lost = list((comments(text, name) - comments(after, name)).elements())
    if lost:
        line = text[: text.index(lost[0])].count("\n") + 1
        fix = "put it on a line of its own, above the key it is about"
        raise ModelError(f"the comment `{lost[0][:60]}` stands where it would be lost", where=f"{name}:{line}", fix=fix)
    return after


def written(data: object, width: int, stays_on_a_line: Callable[[object, int], bool]) -> str:
    """Data as YAML; what is short stands on one line, in brackets."""
    return _dumped(_yaml(width), _dressed(data, 0, width, stays_on_a_line))


def comments(text: str, name: str) -> Counter[str]:
    """The comments of a document, each with how often it is there."""
    return Counter(found.group().rstrip() for found in COMMENT.finditer(masked(text, name)))


def masked(text: str, name: str) -> str:
    """The same lines with an x for each character of a scalar: what is left is structure and comments."""
    characters = list(text)
    for event in events(text, name):
        if type(event).__name__ == "ScalarEvent":
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in {"|", ">"}:
                start = text.find("\n", start, end) % (len(text) + 1)
            characters[start:end] = ["x" if character != "\n" else "\n" for character in characters[start:end]]
    return "".join(characters)


def _aligned(text: str, before: str, name: str) -> str:
    """A document laid out, its comments indented as the lines they were aligned with before; no line ends in a space."""
    lines, shape = text.split("\n"), masked(text, name).split("\n")
    now, then = _around_comments(shape), _around_comments(masked(before, name).split("\n"))
    if len(now) == len(then):
        for (at, places), (_, (own, *others)) in zip(now, then, strict=True):
            column = next((new for new, old in zip(places[1:], others, strict=False) if old == own), None)
            lines[at] = lines[at] if column is None else " " * column + lines[at].lstrip()
    return "\n".join(line.rstrip() if shape[at].endswith(" ") else line for at, line in enumerate(lines))


def _around_comments(shape: list[str]) -> list[tuple[int, list[int | None]]]:
    """Each comment on a line of its own: its line's number, and how far it, the next line, the last one and all open levels are indented."""
    found: list[tuple[int, list[int | None]]] = []
    levels: list[int] = []
    waiting: list[list[int | None]] = []
    for at, line in enumerate(shape):
        indent = len(line) - len(line.lstrip(" "))
        if line.lstrip().startswith("#"):
            waiting.append([indent, None, levels[-1] if levels else None, *levels])
            found.append((at, waiting[-1]))
        elif line.strip():
            for places in waiting:
                places[1] = indent
            waiting.clear()
            while levels and levels[-1] >= indent:
                levels.pop()
            levels.append(indent)
    return found


def _pass(text: str, name: str, width: int) -> str:
    yaml = _yaml(width)
    try:
        return _aligned(_dumped(yaml, yaml.load(text)), text, name)
    except (YAMLError, ValueError, TypeError, AttributeError, IndexError, AssertionError, NotImplementedError) as error:
        message = "the comments of this document can't be laid out"
        raise ModelError(message, where=name, fix="put comments on lines of their own, above keys") from error


def _yaml(width: int) -> YAML:
    yaml = YAML(typ="rt")
    yaml.Resolver = _TextsOnly
    yaml.Emitter = _Emitter
    yaml.preserve_quotes = True
    yaml.width = width
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(yaml: YAML, value: object) -> str:
    stream = io.StringIO()
    yaml.dump(value, stream)
    text = "\n".join(line.rstrip() if not line.strip() else line for line in stream.getvalue().split("\n"))
    return text.strip("\n") + "\n"


def _dressed(value: object, level: int, width: int, stays: Callable[[object, int], bool]) -> object:
    """Data as ruamel's own kinds, which say how they are written."""
    if isinstance(value, dict):
        return _styled(
            CommentedMap({_key(key): _dressed(part, level + 1, width, stays) for key, part in value.items()}), value, level, width, stays
        )
    if isinstance(value, list):
        return _styled(CommentedSeq([_dressed(part, level + 1, width, stays) for part in value]), value, level, width, stays)
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _styled(dressed: Any, value: object, level: int, width: int, stays: Callable[[object, int], bool]) -> Any:
    if level > 0 and stays(value, width - 4 * level):
        dressed.fa.set_flow_style()
    return dressed


def _key(key: str) -> str:
    """A key, which is always a text: in quotes only where it couldn't be read otherwise."""
    return key if _CLEAR.fullmatch(key) and not key.endswith(" ") else DoubleQuotedScalarString(key)


def _text(value: str) -> str:
    """A text, in quotes where it would be taken for something else."""
    is_clear = (
        _CLEAR.fullmatch(value) and not value.endswith(" ") and isinstance(resolve_plain(value), str) and not _MISREAD.fullmatch(value)
    )
    return value if is_clear else DoubleQuotedScalarString(value)
