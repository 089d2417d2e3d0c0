r"""Regular expressions of RE2 that PostgreSQL reads with the same meaning.

Taken: literals, `.`, classes, `\d \w \s` and their opposites, escaped marks, groups, alternatives, `^`, `$`, `\A`, `\z`, and counts up to 255.
What the two read differently is written out: PostgreSQL's `.` is also a line end, its `\d`, `\w` and `\s` depend on the locale.
Everything else is refused, and its rows are streamed.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator

from seedbed.check.sql.dialect import UnsayableError

_MOST_COUNT = 255  # PostgreSQL's own limit
_SETS = {"d": "0-9", "w": "0-9A-Za-z_", "s": "\t\n\f\r "}
_CHARS = {"t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_ENDS = {"A": "^", "z": "$"}
_SPECIAL = frozenset(r"\^$.|?*+()[]{}")
_IN_CLASS = frozenset("\\]^[-")


def postgres_regex(regex: str) -> str:
    r"""The same expression as PostgreSQL reads it.

    Raises:
        UnsayableError: the two might read it differently.

    >>> postgres_regex(r"^[a-z]+\d{2}$")
    '^[a-z]+[0-9]{2}$'
    """
    return "".join(_Reader(regex).pieces())


class _Reader:
    """Reads an expression from its first character to its last."""

    def __init__(self, regex: str) -> None:
        self._text = regex
        self._at = 0
        self._depth = 0
        self._readers: dict[str, Callable[[], str]] = {"(": self._group, "[": self._class, "\\": self._escape}

    def pieces(self) -> Iterator[str]:
        """Each part as PostgreSQL has it."""
        is_branch_empty, can_count = True, False
        while self._at < len(self._text):
            char = self._take()
            if char in "|)":
                if is_branch_empty:
                    raise self._refusal("an empty alternative")
                self._close(char)
                is_branch_empty, can_count = char == "|", char == ")"
                yield char
            elif char in "*+?{":
                if not can_count:
                    raise self._refusal(f"`{char}` here")
                can_count = False
                yield self._count(char)
            else:
                piece = self._piece(char)
                can_count = piece not in {"(", "(?:", "^", "$"}
                is_branch_empty = char == "("
                yield piece
        if is_branch_empty or self._depth:
            raise self._refusal("an empty alternative or an open group")

    def _piece(self, char: str) -> str:
        if char in self._readers:
            return self._readers[char]()
        if char == ".":
            return "[^\n]"
        if char in "^$":
            return char
        if char in _SPECIAL:
            raise self._refusal(f"`{char}`")
        return char

    def _refusal(self, what: str) -> UnsayableError:
        return UnsayableError(f"{what} in the regular expression `{self._text}` at {self._at}")

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise self._refusal("an end too soon")
        self._at += 1
        return self._text[self._at - 1]

    def _close(self, char: str) -> None:
        if char == ")":
            self._depth -= 1
            if self._depth < 0:
                raise self._refusal("`)`")

    def _group(self) -> str:
        self._depth += 1
        if not self._text.startswith("?", self._at):
            return "("
        if not self._text.startswith("?:", self._at):
            raise self._refusal("`(?`")
        self._at += 2
        return "(?:"

    def _count(self, char: str) -> str:
        counted = char
        if char == "{":
            end = self._text.find("}", self._at)
            ends = self._text[self._at : end].split(",")
            numbers = [part for part in ends if part.isascii() and part.isdigit()]
            is_read = end > 0 and len(ends) <= 2 and ends[0] in numbers and (ends[-1] in numbers or not ends[-1])
            if not is_read or any(int(part) > _MOST_COUNT for part in numbers) or (len(numbers) == 2 and int(numbers[0]) > int(numbers[1])):
                raise self._refusal("a count")
            counted = "{" + ",".join(ends) + "}"
            self._at = end + 1
        if self._text.startswith("?", self._at):  # as few as possible: whether it is found stays the same
            self._at += 1
        return counted

    def _escape(self) -> str:
        char = self._take()
        if char in _ENDS:
            return _ENDS[char]
        if char.lower() in _SETS:
            return f"[^{_SETS[char.lower()]}]" if char.isupper() else f"[{_SETS[char]}]"
        return self._marked(self._escaped(char), _SPECIAL)

    def _escaped(self, char: str) -> str:
        if char in _CHARS:
            return _CHARS[char]
        if char in string.punctuation:
            return char
        raise self._refusal(f"`\\{char}`")

    @staticmethod
    def _marked(char: str, special: frozenset[str]) -> str:
        return f"\\{char}" if char in special else char

    def _class(self) -> str:
        opened = "["
        if self._text.startswith("^", self._at):
            self._at += 1
            opened = "[^"
        items: list[str] = []
        while (char := self._take()) != "]" or not items:
            items.append(self._item(char))
        return opened + "".join(items) + "]"

    def _item(self, char: str) -> str:
        if char == "[" and self._text.startswith((":", ".", "="), self._at):
            raise self._refusal("a named class")
        if char == "\\":
            following = self._take()
            if following in _SETS:
                return _SETS[following]
            char = self._escaped(following)
        is_range = self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at)
        if not is_range:
            return self._marked(char, _IN_CLASS)
        self._at += 1
        last = self._take()
        if last == "\\":
            last = self._escaped(self._take())
        if last == "[" or not (char.isascii() and last.isascii()) or char > last:
            raise self._refusal("a range")
        return f"{self._marked(char, _IN_CLASS)}-{self._marked(last, _IN_CLASS)}"
