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
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)

#: How often the layout is laid out again until it stays; once is enough for all but strange comments.
_MOST_PASSES = 4


class _TextsOnly(VersionedResolver):
    """Every unquoted scalar is a text and stays as it is written: `0x1f`, `1e3`, `NO`."""

    @property
    def versioned_resolver(self) -> dict[str, Any]:
        """No scalar means anything else than its text."""
        return {}


def relaid(text: str, name: str, width: int) -> str:
    """A YAML document in our layout, with its comments.

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
    characters = list(text)
    for event in events(text, name):
        if type(event).__name__ == "ScalarEvent":
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in {"|", ">"}:
                start = text.find("\n", start, end) % (len(text) + 1)
            characters[start:end] = ["x" if character != "\n" else "\n" for character in characters[start:end]]
    return Counter(found.group().rstrip() for found in _COMMENT.finditer("".join(characters)))


def _pass(text: str, name: str, width: int) -> str:
    yaml = _yaml(width)
    try:
        return _dumped(yaml, yaml.load(text))
    except (YAMLError, ValueError, TypeError, AttributeError, IndexError, AssertionError, NotImplementedError) as error:
        message = "the comments of this document can't be laid out"
        raise ModelError(message, where=name, fix="put comments on lines of their own, above keys") from error


def _yaml(width: int) -> YAML:
    yaml = YAML(typ="rt")
    yaml.Resolver = _TextsOnly
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
