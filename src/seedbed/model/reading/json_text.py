"""JSON with positions: the fast parser of the standard library, and a second look only when something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field
from functools import cache
from typing import NoReturn

from seedbed.core.errors import ModelError, Problem
from seedbed.core.records import dataclass
from seedbed.model.places import Mark, Marks, Mistake, Path
from seedbed.model.reading.text import MOST_LEVELS
from seedbed.model.reading.tree import Tree

#: A text, a bracket, a separator, or anything else up to the next of them.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Longer whole numbers are refused by Python itself, and fit no column.
_MOST_DIGITS = 4_000

_REMEDIES = (
    ("Expecting property name", "keys stand in double quotes, and no comma stands before `}`"),
    ("Illegal trailing comma", "remove the comma before the closing bracket"),
    ("Expecting ',' delimiter", "a comma or a closing bracket is missing before this place"),
    ("Expecting ':' delimiter", "a colon stands between a key and its value"),
    ("Expecting value", "a value is missing or not JSON: texts stand in double quotes, and JSON has no comments"),
    ("Unterminated string", "close the text with a double quote"),
    ("Invalid control character", "write line breaks and tabs inside texts as `\\n` and `\\t`"),
    ("Invalid \\escape", "write a backslash as `\\\\`"),
    ("Extra data", "one document has one top object; remove what follows it"),
)


class _SecondLookError(Exception):
    """The fast parser met something that only the slow one can place."""


def read_json(text: str, name: str) -> Tree:
    """Read JSON text strictly: no key twice, no NaN, no half characters, at most 64 levels.

    Raises:
        ModelError: it is not JSON, or too deep; with the place.

    >>> read_json('{"a": [1, 2.5]}', "m.json").data
    {'a': [1, 2.5]}
    """
    look = cache(lambda: scan(text))
    mistakes: tuple[Mistake, ...] = ()
    try:
        data = _fast(text)
    except json.JSONDecodeError as error:
        _refuse_deep(look(), name)
        raise _syntax_error(error, name) from error
    except (_SecondLookError, ValueError, RecursionError):
        _refuse_deep(look(), name)
        _refuse_surrogates(look(), name)
        mistakes = tuple(look().mistakes)
        data = _lenient(text)
    return Tree(data, lambda: look().marks, mistakes)


def _fast(text: str) -> object:
    data: object = json.loads(text, object_pairs_hook=_distinct, parse_constant=_constant)
    if text.count("{") + text.count("[") > MOST_LEVELS and _deeper_than(data, MOST_LEVELS):
        raise _SecondLookError
    if "\\ud" in text.lower() and _SURROGATE.search(json.dumps(data, ensure_ascii=False)):
        raise _SecondLookError
    return data


def _lenient(text: str) -> object:
    """Data to look for further mistakes in: later keys win, constants are None, long numbers 0."""
    return json.loads(text, parse_constant=lambda _: None, parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else 0)


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _SecondLookError
    return found


def _constant(_: str) -> NoReturn:
    raise _SecondLookError


def _deeper_than(data: object, most: int) -> bool:
    level = [data]
    for _ in range(most):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return False
    return any(isinstance(part, dict | list) for part in level)


def _parts(whole: object) -> Iterator[object]:
    if isinstance(whole, dict):
        return iter(whole.values())
    return iter(whole) if isinstance(whole, list) else iter(())


def _syntax_error(error: json.JSONDecodeError, name: str) -> ModelError:
    fix = next((remedy for start, remedy in _REMEDIES if error.msg.startswith(start)), None)
    message = error.msg[:1].lower() + error.msg[1:]
    return ModelError(f"not JSON: {message}", where=f"{name}:{error.lineno}:{error.colno}", fix=fix)


def _refuse_deep(seen: Scan, name: str) -> None:
    if seen.too_deep is not None:
        line, column = seen.too_deep
        raise ModelError(f"more than {MOST_LEVELS} levels of nesting", where=f"{name}:{line}:{column}", fix="a model needs about a dozen")


def _refuse_surrogates(seen: Scan, name: str) -> None:
    if seen.surrogates:
        fix = "write both halves, such as `\\ud83d\\ude00`, or remove it"
        problems = [Problem("half a surrogate pair is no character", f"{name}:{line}:{column}", fix) for line, column in seen.surrogates]
        raise ModelError.of(problems)


@dataclass(slots=True)
class Scan:
    """What a look at every token found; `too_deep` is the first bracket beyond the deepest level."""

    marks: Marks = field(default_factory=Marks)
    mistakes: list[Mistake] = field(default_factory=list)
    surrogates: list[Mark] = field(default_factory=list)
    too_deep: Mark | None = None


@dataclass(slots=True)
class _Frame:
    """An open list or object: where the next item goes."""

    path: Path
    is_list: bool
    keys: set[str] = field(default_factory=set)
    index: int = 0
    key: str | None = None

    def here(self) -> Path:
        """The path of the item that comes next."""
        return (*self.path, self.index if self.is_list else self.key or "")


def scan(text: str) -> Scan:
    """Place every key and value of a JSON text; stops where it is too deep, forgives what is no JSON.

    >>> scan('{"a": [true]}').marks.values[("a", 0)]
    (1, 8)
    """
    seen, stack, starts = Scan(), [_Frame((), is_list=True)], _Lines(text)
    for token in _TOKEN.finditer(text):
        _take(token.group(), starts.mark(token.start()), stack, seen)
        if seen.too_deep is not None or not stack:
            break
    return seen


class _Lines:
    """Line and column of rising offsets."""

    def __init__(self, text: str) -> None:
        self.text, self.line, self.start, self.offset = text, 1, 0, 0

    def mark(self, offset: int) -> Mark:
        """Line and column of an offset that is not below the one asked before."""
        passed = self.text.count("\n", self.offset, offset)
        if passed:
            self.line += passed
            self.start = self.text.rindex("\n", self.offset, offset) + 1
        self.offset = offset
        return self.line, offset - self.start + 1


def _take(token: str, mark: Mark, stack: list[_Frame], seen: Scan) -> None:
    frame = stack[-1]
    if token in {"}", "]"}:
        stack.pop()
        _next(stack)
    elif token in {":", ","}:
        return
    elif not frame.is_list and frame.key is None:
        _key(token, mark, frame, seen)
    else:
        _value(token, mark, stack, seen)


def _key(token: str, mark: Mark, frame: _Frame, seen: Scan) -> None:
    frame.key = _text(token)
    path = frame.here()
    if frame.key in frame.keys:
        seen.mistakes.append(Mistake(path, f"the key `{frame.key}` is there twice", "keep one of them", at_key=True, mark=mark))
    if _SURROGATE.search(frame.key):
        seen.surrogates.append(mark)
    frame.keys.add(frame.key)
    seen.marks.keys[path] = mark


def _value(token: str, mark: Mark, stack: list[_Frame], seen: Scan) -> None:
    path = _path(stack)
    seen.marks.values[path] = mark
    if token in {"{", "["}:
        stack.append(_Frame(path, is_list=token[0] == "["))
        if len(stack) - 1 > MOST_LEVELS:
            seen.too_deep = mark
        return
    if token[0] == '"' and _SURROGATE.search(_text(token)):
        seen.surrogates.append(mark)
    wrong = _wrong(token)
    if wrong:
        seen.mistakes.append(Mistake(path, *wrong, mark=mark))
    _next(stack)


def _path(stack: list[_Frame]) -> Path:
    return stack[-1].here() if len(stack) > 1 else ()


def _next(stack: list[_Frame]) -> None:
    if stack:
        stack[-1].index += 1
        stack[-1].key = None


def _wrong(token: str) -> tuple[str, str] | None:
    if token in {"NaN", "Infinity", "-Infinity"}:
        return f"{token} is no JSON number", "give a finite number"
    if len(token) >= _MOST_DIGITS and token.lstrip("-").isdigit():
        return f"a whole number of {len(token)} digits", "whole numbers lie between -2^63 and 2^63 - 1"
    return None


def _text(token: str) -> str:
    try:
        value: object = json.loads(token)
    except ValueError:
        return token
    return value if isinstance(value, str) else token
