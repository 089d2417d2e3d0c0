"""A parser of one JSON value that follows RFC 8259 to the letter and nests without a stack: slow, for what others stumble over.

It tells what is wrong and at which byte, whether a text is wrong or ends too early, and keeps what is nested deeper than tables reach as text.
"""

from __future__ import annotations

import json
import re

from seedbed.read.collect.values import Raw, number_of, object_of

#: Levels of objects and lists that become columns and tables; what is deeper stays JSON text.
DEPTH = 64

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_STRING_SO_FAR = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*(?:\\(?:u[0-9a-fA-F]{0,3})?)?')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_SO_FAR = re.compile(rb"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?)?")
_WORDS: dict[bytes, object] = {b"true": True, b"false": False, b"null": None}


class WrongJsonError(ValueError):
    """A text isn't JSON: why, at which byte of it, and whether it only ends too early."""

    def __init__(self, reason: str, offset: int, *, is_truncated: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.offset, self.is_truncated = reason, offset, is_truncated


class _Parser:
    """The state of one parse: where it is, and the containers that are open (lists, or lists of pairs; None beyond `DEPTH`)."""

    def __init__(self, text: bytes, start: int, nesting: int, keep: int) -> None:
        self.text, self.place, self.nesting, self.keep = text, start, nesting, keep
        self.closers: list[int] = []
        self.open: list[list[object] | None] = []
        self.keys: list[str] = []
        self.raw_from = 0

    def skip(self) -> int:
        """Pass white space; the byte that follows, or -1."""
        self.place = _SPACE.match(self.text, self.place).end()  # type: ignore[union-attr]
        return self.text[self.place] if self.place < len(self.text) else -1

    def wrong(self, wanted: str) -> WrongJsonError:
        """The error at this place."""
        if self.place >= len(self.text):
            return WrongJsonError(f"it ends where {wanted} should come", len(self.text), is_truncated=True)
        sign = self.text[self.place : self.place + 4].decode("utf-8", "replace")[:1]
        return WrongJsonError(f"{sign!r} where {wanted} should come", self.place)

    def string(self) -> str:
        """The text that begins here."""
        found = _STRING.match(self.text, self.place)
        if not found:
            so_far = _STRING_SO_FAR.match(self.text, self.place)
            self.place = so_far.end() if so_far else self.place
            if self.place >= len(self.text):
                raise WrongJsonError("it ends within a text", len(self.text), is_truncated=True)
            raise WrongJsonError("a text has a sign that has to be escaped, or an escape that is none", self.place)
        self.place = found.end()
        text: str = json.loads(found.group())
        return text

    def scalar(self, byte: int) -> object:
        """The text, number or word that begins here."""
        if byte == 0x22:
            return self.string()
        if byte == 0x2D or 0x30 <= byte <= 0x39:
            return self.number()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.place):
                self.place += len(word)
                return value
            rest = self.text[self.place :] if len(self.text) - self.place < len(word) else b""
            if rest and word.startswith(rest):
                raise WrongJsonError("it ends within a word", len(self.text), is_truncated=True)
        raise self.wrong("a value")

    def number(self) -> object:
        found = _NUMBER.match(self.text, self.place)
        so_far = _NUMBER_SO_FAR.match(self.text, self.place)
        if not found or (so_far and so_far.end() > found.end()):
            end = so_far.end() if so_far else self.place
            if end >= len(self.text):
                raise WrongJsonError("it ends within a number", len(self.text), is_truncated=True)
            raise WrongJsonError("a number isn't written as JSON has it", end)
        self.place = found.end()
        return number_of(found.group().decode())

    def opened(self, byte: int) -> None:
        """Go into an object or a list."""
        if len(self.closers) >= self.nesting:
            raise WrongJsonError(f"values are nested more than {self.nesting:,} deep", self.place)
        if len(self.closers) == self.keep:
            self.raw_from = self.place
        self.closers.append(0x7D if byte == 0x7B else 0x5D)
        self.open.append([] if len(self.closers) <= self.keep else None)
        self.place += 1

    def closed(self) -> object:
        """Come out of one; its value."""
        self.place += 1
        closer, items = self.closers.pop(), self.open.pop()
        if items is None:
            return Raw(self.text[self.raw_from : self.place].decode()) if len(self.closers) == self.keep else None
        return object_of(items) if closer == 0x7D else items  # type: ignore[arg-type]

    def key(self) -> None:
        """Read a key and its colon."""
        if self.skip() != 0x22:
            raise self.wrong("a key in double quotes")
        self.keys.append(self.string())
        if self.skip() != 0x3A:
            raise self.wrong("':'")
        self.place += 1

    def put(self, value: object) -> None:
        """Give a value to the container that is open."""
        is_member = self.closers[-1] == 0x7D
        key = self.keys.pop() if is_member else ""
        items = self.open[-1]
        if items is not None:
            items.append((key, value) if is_member else value)


def parsed(text: bytes, start: int = 0, nesting: int = 10_000, keep: int = DEPTH) -> tuple[object, int]:
    """The value that begins at `start` (after white space), and where it ends.

    Objects and lists deeper than `keep` levels come as `Raw` texts.

    Raises:
        WrongJsonError: it isn't one.

    >>> parsed(b' {"a": [1, 2.5]} rest')
    ({'a': [1, 2.5]}, 16)
    >>> parsed(b'{"a": 01}')
    Traceback (most recent call last):
    seedbed.read.collect.strict.WrongJsonError: '1' where ',' or '}' should come
    """
    parser = _Parser(text, start, nesting, keep)
    while True:
        byte = parser.skip()
        if byte in {0x7B, 0x5B}:
            parser.opened(byte)
            if parser.skip() != parser.closers[-1]:
                if byte == 0x7B:
                    parser.key()
                continue
            value = parser.closed()
        else:
            value = parser.scalar(byte)
        is_whole, value = _put_away(parser, value)
        if is_whole:
            return value, parser.place


def _put_away(parser: _Parser, value: object) -> tuple[bool, object]:
    """Put a value where it belongs and close what ends after it; whether the outermost value is whole, and that."""
    while parser.closers:
        parser.put(value)
        byte = parser.skip()
        if byte == 0x2C:
            parser.place += 1
            if parser.closers[-1] == 0x7D:
                parser.key()
            return False, None
        if byte != parser.closers[-1]:
            raise parser.wrong(f"',' or {chr(parser.closers[-1])!r}")
        value = parser.closed()
    return True, value
