r"""A regular expression -> its tree.

Literals, classes, `. \w \d \s` and their opposites, escapes, groups, alternation, `? * + {n} {m,n} {m,}` and anchors at the ends. In
texts that are made, the classes mean printable ASCII; where texts are judged, they mean what they mean in RE2. A lazy quantifier has
the same language as a plain one. Look-around, back-references, `\b` and flags are refused: they have no such language, or another.
"""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.core.language.characters import ANYTHING, DIGITS, NEWLINE, PRINTABLE, SPACES, SURROGATES, WORD, Characters
from seedbed.core.language.errors import LanguageError
from seedbed.core.language.tree import EMPTY, Anchor, Chars, Concat, Either, Repeat, Tree
from seedbed.core.records import dataclass

#: Groups within each other, and how often something is repeated, at most (RE2's own limit is the same).
MOST_DEEP, MOST_REPEATS = 50, 1_000

_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_SETS = {"d": DIGITS, "w": WORD, "s": SPACES}
_BOUNDARIES = "use anchors at the ends only, and write out what stands between"
_REFUSED = {
    "b": ("word boundaries are not known here", _BOUNDARIES),
    "B": ("word boundaries are not known here", _BOUNDARIES),
    **dict.fromkeys("AZz", ("write `^` and `$` for the ends", None)),
    **dict.fromkeys("123456789", ("a back-reference has no regular language", "write out the text it repeats, or use a template")),
}
_GROUPS = {
    "(?=": "look-around",
    "(?!": "look-around",
    "(?<=": "look-around",
    "(?<!": "look-around",
    "(?P=": "a back-reference",
}


def parse(text: str, *, judged: bool = False) -> Tree:
    """The tree of a regular expression; anchors remain in it.

    `judged`: classes hold all characters that RE2 lets them match, not printable ASCII alone.

    Raises:
        LanguageError: it is none, or asks for what is not a regular language; with the character.

    >>> parse("[ab]").members.ranges
    ((97, 98),)
    """
    half = next((place for place, character in enumerate(text) if 0xD800 <= ord(character) <= 0xDFFF), None)
    if half is not None:
        raise LanguageError("half of a character's UTF-16", offset=half, fix="write the whole character")
    parser = _Parser(text, judged)
    tree = parser.alternatives(0)
    if parser.at < len(text):
        raise LanguageError("`)` closes no group", offset=parser.at, fix=r"write `\)` for the character")
    return tree


@dataclass(slots=True)
class _Parser:
    text: str
    judged: bool
    at: int = 0

    @property
    def next(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def alternatives(self, depth: int) -> Tree:
        """Everything up to the end or a `)`."""
        if depth > MOST_DEEP:
            raise LanguageError(f"more than {MOST_DEEP} groups within each other", offset=self.at, fix="write it flatter")
        parts = [self._sequence(depth)]
        while self.next == "|":
            self.at += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _sequence(self, depth: int) -> Tree:
        parts = []
        while self.next and self.next not in "|)":
            parts.append(self._repeated(depth))
        return parts[0] if len(parts) == 1 else Concat(tuple(parts))

    def _repeated(self, depth: int) -> Tree:
        part = self._item(depth)
        start = self.at
        bounds = self._quantifier()
        if bounds is None:
            return part
        if isinstance(part, Anchor):
            raise LanguageError("an anchor can't be repeated", offset=start, fix="remove the quantifier")
        if self.next == "?":  # lazy: the same texts
            self.at += 1
        if self.next and self.next in "?*+":
            raise LanguageError(f"`{self.next}` repeats a repetition", offset=self.at, fix="put the repetition in a group")
        return Repeat(part, *bounds, offset=start)

    def _quantifier(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if self.next in simple:
            self.at += 1
            return simple[self.text[self.at - 1]]
        if self.next != "{":
            return None
        end = self.text.find("}", self.at)
        inner = self.text[self.at + 1 : end] if end >= 0 else ""
        low, comma, high = inner.partition(",")
        if not _is_count(low) or (comma and high and not _is_count(high)):
            raise LanguageError("`{` begins no count such as `{3}`, `{1,3}` or `{2,}`", offset=self.at, fix=r"write `\{` for the character")
        least, most = int(low), None if comma and not high else int(high or low)
        if most is not None and least > most:
            raise LanguageError(f"`{{{inner}}}` has a least above its most", offset=self.at, fix="swap them")
        if max(least, most or 0) > MOST_REPEATS:
            raise LanguageError(f"`{{{inner}}}` repeats more than {MOST_REPEATS:,} times", offset=self.at, fix="give a smaller count")
        self.at = end + 1
        return least, most

    def _item(self, depth: int) -> Tree:
        character, start = self.next, self.at
        self.at += 1
        if character == "(":
            return self._group(depth, start)
        if character == "[":
            return Chars(self._class(start))
        if character in "^$":
            return Anchor(character == "^", start)
        if character == ".":
            return Chars(ANYTHING - NEWLINE if self.judged else PRINTABLE)
        if character in "?*+{":
            raise LanguageError(f"`{character}` repeats nothing", offset=start, fix=f"write `\\{character}` for the character")
        return Chars(self._escape(start) if character == "\\" else Characters.of(character))

    def _group(self, depth: int, start: int) -> Tree:
        for opening, what in _GROUPS.items():
            if self.text.startswith(opening, start):
                raise LanguageError(f"{what} has no place in a regular language", offset=start, fix="write out what may stand there")
        if self.text.startswith("(?:", start):
            self.at = start + 3
        elif self.text.startswith("(?P<", start) and ">" in self.text[start:]:
            self.at = self.text.index(">", start) + 1
        elif self.next == "?":
            raise LanguageError("flags are not known here", offset=start, fix="write both cases as a class: `[aA]`")
        inner = self.alternatives(depth + 1)
        if self.next != ")":
            raise LanguageError("`(` is not closed", offset=start, fix=r"add `)`, or write `\(` for the character")
        self.at += 1
        return inner

    def _escape(self, start: int) -> Characters:
        """What follows a backslash at `start`: a set, or one character."""
        letter = self.next
        self.at += 1
        if not letter:
            raise LanguageError("a backslash ends it", offset=start, fix=r"write `\\` for the character")
        if letter in _REFUSED:
            message, fix = _REFUSED[letter]
            raise LanguageError(f"`\\{letter}`: {message}", offset=start, fix=fix)
        if letter in "dwsDWS":
            return self._set(letter)
        if letter in _CONTROL:
            return Characters.of(_CONTROL[letter])
        if (
            letter == "x"
            and len(code := self.text[self.at : self.at + 2]) == 2
            and all(digit in "0123456789abcdefABCDEF" for digit in code)
        ):
            self.at += 2
            return Characters.of(chr(int(code, 16)))
        if letter.isalnum() or not letter.isascii():
            raise LanguageError(f"`\\{letter}` is not known here", offset=start, fix=r"known are \d \w \s \D \W \S \t \n \r \f \v \xHH")
        return Characters.of(letter)

    def _set(self, letter: str) -> Characters:
        named = _SETS[letter.lower()]
        if self.judged:
            return ANYTHING - named if letter.isupper() else named
        return PRINTABLE - named if letter.isupper() else Characters.of(" ") if letter == "s" else named

    def _class(self, start: int) -> Characters:
        is_negated = self.next == "^"
        self.at += is_negated
        found: list[tuple[int, int]] = []
        first = self.at
        while self.next != "]" or self.at == first:
            if not self.next:
                raise LanguageError("`[` is not closed", offset=start, fix=r"add `]`, or write `\[` for the character")
            found += self._member(start).ranges
        self.at += 1
        members = Characters.joined(found) - SURROGATES
        if is_negated:
            members = (ANYTHING if self.judged else PRINTABLE) - members
        if not members.ranges:
            raise LanguageError("the class holds no printable ASCII character", offset=start, fix="list what it should hold")
        return members

    def _member(self, start: int) -> Characters:
        """A character, a range or a set within a class."""
        if self.text.startswith("[:", self.at):
            raise LanguageError("classes such as `[:alpha:]` are not known here", offset=self.at, fix="write `[A-Za-z]`")
        low, at = self._single(), self.at
        if self.next != "-" or self.text[at + 1 : at + 2] in ("]", ""):
            return low
        self.at += 1
        high = self._single()
        if len(low) != 1 or len(high) != 1 or low.ranges[0] > high.ranges[0]:
            raise LanguageError(
                f"`{self.text[start : self.at]}` holds a range that has no order", offset=at, fix=r"write `\-` for the character"
            )
        return Characters(((low.ranges[0][0], high.ranges[0][0]),))

    def _single(self) -> Characters:
        character, start = self.next, self.at
        self.at += 1
        return self._escape(start) if character == "\\" else Characters.of(character)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a whole expression, and whether it is bound to the ends of the text."""

    body: Tree
    starts: bool
    ends: bool


def branches(tree: Tree) -> list[Branch]:
    """The alternatives of a whole expression, without their anchors.

    Raises:
        LanguageError: an anchor stands anywhere but at an end of an alternative.

    >>> [(branch.starts, branch.ends) for branch in branches(parse("^a|b$"))]
    [(True, False), (False, True)]
    """
    found = []
    for part in tree.parts if isinstance(tree, Either) else (tree,):
        parts = list(part.parts) if isinstance(part, Concat) else [part]
        starts, ends = False, False
        while parts and isinstance(parts[0], Anchor) and parts[0].is_start:
            starts, parts = True, parts[1:]
        while parts and isinstance(parts[-1], Anchor) and not parts[-1].is_start:
            ends, parts = True, parts[:-1]
        if isinstance(part, Either) or (len(parts) == 1 and isinstance(parts[0], Either) and not (starts or ends)):
            found += branches(parts[0])
            continue
        _refuse_anchors(parts)
        found.append(Branch(parts[0] if len(parts) == 1 else Concat(tuple(parts)), starts, ends))
    return found


def whole(tree: Tree) -> Tree:
    """The tree without the anchors at its ends: the texts that it matches from end to end."""
    bodies = tuple(branch.body for branch in branches(tree))
    return bodies[0] if len(bodies) == 1 else Either(bodies) if bodies else EMPTY


def _refuse_anchors(parts: Iterable[Tree]) -> None:
    for part in parts:
        if isinstance(part, Anchor):
            sign = "^" if part.is_start else "$"
            fix = f"move it to the {'start' if part.is_start else 'end'}, or write `\\{sign}` for the character"
            raise LanguageError(f"`{sign}` stands in the middle", offset=part.offset, fix=fix)
        if isinstance(part, Concat | Either):
            _refuse_anchors(part.parts)
        if isinstance(part, Repeat):
            _refuse_anchors([part.part])
