"""YAML with positions, by the rules of YAML 1.2: `on`, `yes` and `NO` are texts; anchors, tags and doubled keys are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.places import Mark, Marks, Mistake, Path
from seedbed.model.reading.text import MOST_LEVELS, line_and_column
from seedbed.model.reading.tree import Tree

#: YAML is read at some 400 KB a second; a model as long as this has some 20,000 lines.
MOST_CHARACTERS = 2**20

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_DIGITS = 4_000

_NO_ANCHORS = "write the part out where it is needed"

#: What the scanner says, what it means here, and the remedy.
_MEANINGS = (
    ("character '\\t'", "a tab where YAML wants spaces", "indent with spaces"),
    ("mapping values are not allowed", "a `: ` where no key can be", "put text that holds `: ` in quotes, and check the indentation"),
    ("but found '<block mapping start>'", "this line is indented unlike the lines it belongs to", "line keys of one object up"),
    ("but found '?'", "a key in the middle of a list", "line keys of one object up, and indent lists below their key"),
    ("but found '-'", "a list item in the middle of an object", "indent lists below their key"),
    ("expected <block end>", "this line is indented unlike the lines it belongs to", "line keys of one object up"),
    ("found unexpected end of stream", "a quoted text is never closed", "close the quotes"),
    ("found unknown escape character", "an escape that YAML doesn't know", "use single quotes, where a backslash is a backslash"),
    ("but got '<stream end>'", "a bracket is never closed", "close it"),
    ("expected ',' or", "a comma or a closing bracket is missing", "put one before this place"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`"),
    ("that cannot start any token", "no value can start with this character", "put the text in quotes"),
)


def read_yaml(text: str, name: str) -> Tree:
    """Read YAML text into plain data with positions.

    Raises:
        ModelError: it is not YAML, too long, or too deep; with the place.

    >>> read_yaml("on: NO", "m.yaml").data
    {'on': 'NO'}
    """
    if len(text) > MOST_CHARACTERS:
        raise ModelError(
            f"the document is larger than {MOST_CHARACTERS // 2**20} MiB, the most that is read as YAML",
            where=name,
            fix="long lists of values belong into a vocab table or a file; JSON may have 4 MiB",
        )
    builder = _Builder(name)
    for event in events(text, name):
        builder.take(event)
    return Tree(builder.root, lambda: builder.marks, tuple(builder.mistakes))


def resolve_plain(text: str) -> object:
    """What an unquoted scalar means in the core schema of YAML 1.2.

    >>> [resolve_plain(text) for text in ("1", "1.5", "0x1f", "true", "yes", "~")]
    [1, 1.5, 31, True, 'yes', None]
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return _whole(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _whole(text: str) -> int:
    if text.startswith(("0o", "0x")):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return int(text)


def events(text: str, name: str) -> Iterator[Any]:
    """The parser's events; every failure of it becomes ours."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    line = 1
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.end_mark.line + 1
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(error, name) from error
    except ReaderError as error:
        line, column = line_and_column(text, error.position)
        message = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise ModelError(message, where=f"{name}:{line}:{column}", fix="remove it, or write it as an escape in double quotes") from error
    except (YAMLError, ValueError, OverflowError, IndexError, AttributeError, TypeError) as error:
        fix = "put texts in plain quotes; escapes end at \\U0010FFFF"
        raise ModelError("not YAML: the text from here on can't be read", where=f"{name}:{line}:1", fix=fix) from error


def _syntax_error(error: Any, name: str) -> ModelError:
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    message, fix = next(((f"not YAML: {means}", fix) for says, means, fix in _MEANINGS if says in said), (f"not YAML: {said}", None))
    marks = [error.problem_mark, error.context_mark]
    mark = next(filter(None, reversed(marks) if "never closed" in message else marks), None)
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    return ModelError(message, where=where, fix=fix)


@dataclass(slots=True)
class _Frame:
    """An open list or object, and where its next item goes."""

    path: Path
    data: dict[str, object] | list[object]
    key: str | None = None
    skipped: bool = False

    def here(self) -> Path:
        """The path of the item that comes next."""
        return (*self.path, len(self.data) if isinstance(self.data, list) else self.key or "")

    def wants_key(self) -> bool:
        """Whether the next scalar is a key."""
        return isinstance(self.data, dict) and self.key is None

    def put(self, value: object) -> None:
        """Give the item that comes next its value; the first of two equal keys wins."""
        if isinstance(self.data, list):
            self.data.append(value)
            return
        if not self.skipped and self.key is not None:
            self.data[self.key] = value
        self.key, self.skipped = None, False


@dataclass(slots=True)
class _Builder:
    """Plain data from events, without recursion."""

    name: str
    root: object = None
    marks: Marks = field(default_factory=Marks)
    mistakes: list[Mistake] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0

    def take(self, event: Any) -> None:
        """Handle one event of the parser."""
        handle = _HANDLERS.get(type(event).__name__)
        if handle is not None:
            handle(self, event, (event.start_mark.line + 1, event.start_mark.column + 1))

    def document(self, event: Any, mark: Mark) -> None:
        """A document starts: only one may."""
        self.documents += 1
        if self.documents > 1:
            raise ModelError("a second document in one file", where=self._at(mark), fix="keep one model in a file; remove the `---`")
        if getattr(event, "version", None) or getattr(event, "tags", None):
            self._mistake("a `%` directive; YAML 1.2 is always meant", "remove the line", mark)

    def alias(self, event: Any, mark: Mark) -> None:
        """An alias stands for another part: refused, as a few lines of them could stand for gigabytes."""
        self._mistake(f"the alias `*{event.anchor}`; aliases are not read", _NO_ANCHORS, mark)
        self._place(None, mark)

    def scalar(self, event: Any, mark: Mark) -> None:
        """A text, number, boolean or null; or a key."""
        self._refuse_properties(event, mark)
        value = self._whole_characters(event.value, mark)
        if self.stack and self.stack[-1].wants_key():
            self._key(value, mark, is_plain=event.style is None)
        else:
            self._place(self._resolved(value, mark) if event.style is None else value, mark)

    def start(self, event: Any, mark: Mark) -> None:
        """A list or an object starts."""
        self._refuse_properties(event, mark)
        if len(self.stack) >= MOST_LEVELS:
            raise ModelError(f"more than {MOST_LEVELS} levels of nesting", where=self._at(mark), fix="a model needs about a dozen")
        if self.stack and self.stack[-1].wants_key():
            raise ModelError("a list or an object as a key", where=self._at(mark), fix="put text with brackets in quotes; keys are texts")
        path = self._here()
        self._mark(path, mark)
        data: dict[str, object] | list[object] = [] if type(event).__name__ == "SequenceStartEvent" else {}
        self.stack.append(_Frame(path, data))

    def end(self, _event: Any, _mark: Mark) -> None:
        """A list or an object ends."""
        self._put(self.stack.pop().data)

    def _key(self, key: str, mark: Mark, *, is_plain: bool) -> None:
        frame = self.stack[-1]
        if is_plain and key in {"<<", "", "~"}:
            wrong = ("a merge key `<<`", _NO_ANCHORS) if key == "<<" else ("an empty key", "give the key a name")
            self.mistakes.append(Mistake(frame.path, *wrong, mark=mark))
            frame.skipped = True
        frame.key = key
        if not frame.skipped and key in frame.data:
            self._mistake(f"the key `{key[:80]}` is there twice", "keep one of them", mark, at_key=True)
            frame.skipped = True
        if not frame.skipped:
            self.marks.keys[frame.here()] = mark

    def _whole_characters(self, text: str, mark: Mark) -> str:
        """The text with escaped surrogate pairs made one character, as JSON writes them."""
        if not _SURROGATE.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            raise ModelError("half a surrogate pair is no character", where=self._at(mark), fix="remove it") from error

    def _resolved(self, text: str, mark: Mark) -> object:
        if _NOT_FINITE.fullmatch(text):
            self._mistake(f"{text} is no finite number", "give a finite number, or put the text in quotes", mark)
            return None
        if len(text) >= _MOST_DIGITS and _INT.fullmatch(text):
            self._mistake(f"a whole number of {len(text)} digits", "whole numbers lie between -2^63 and 2^63 - 1", mark)
            return None
        return resolve_plain(text)

    def _refuse_properties(self, event: Any, mark: Mark) -> None:
        if event.anchor is not None:
            self._mistake(f"the anchor `&{event.anchor}`; anchors are not read", _NO_ANCHORS, mark)
        if event.tag is not None:
            self._mistake(f"the tag `{event.tag}`; tags are not read", "remove it; quotes make a text", mark)

    def _place(self, value: object, mark: Mark) -> None:
        if self.stack and self.stack[-1].wants_key():
            self.stack[-1].key, self.stack[-1].skipped = "", True
            return
        self._mark(self._here(), mark)
        self._put(value)

    def _put(self, value: object) -> None:
        if self.stack:
            self.stack[-1].put(value)
        else:
            self.root = value

    def _here(self) -> Path:
        return self.stack[-1].here() if self.stack else ()

    def _mark(self, path: Path, mark: Mark) -> None:
        if not any(frame.skipped for frame in self.stack):
            self.marks.values[path] = mark

    def _mistake(self, message: str, fix: str, mark: Mark, *, at_key: bool = False) -> None:
        self.mistakes.append(Mistake(self._here(), message, fix, at_key=at_key, mark=mark))

    def _at(self, mark: Mark) -> str:
        return f"{self.name}:{mark[0]}:{mark[1]}"


_HANDLERS: dict[str, Callable[[_Builder, Any, Mark], None]] = {
    "DocumentStartEvent": _Builder.document,
    "AliasEvent": _Builder.alias,
    "ScalarEvent": _Builder.scalar,
    "SequenceStartEvent": _Builder.start,
    "MappingStartEvent": _Builder.start,
    "SequenceEndEvent": _Builder.end,
    "MappingEndEvent": _Builder.end,
}
