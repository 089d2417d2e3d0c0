r"""Templates: text with parts in braces -> pieces.

`{column}`, `{link.column}` and `{record.field}` are what the row reads, `{row}` the number of the row from 1 on, `{regex:[A-Z]{3}}` a
text of a regular expression. Filters follow behind `|`: `{person.first_name|ascii|lower}`; numbers are filled up with zeros to a width:
`{row:06d}`. `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, get_args

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass

FilterName = Literal["ascii", "lower", "upper", "title"]

#: What may follow `|`.
FILTERS: tuple[FilterName, ...] = get_args(FilterName)

#: Numbers are filled up to so many digits at most: no whole number of 64 bits has more.
MOST_DIGITS = 19

_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*){0,2}")
_WIDTH = re.compile(r"0([0-9]{1,2})d?")


@dataclass(frozen=True, slots=True)
class Plain:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class RowNumber:
    """The number of the row, from 1 on, with so many digits at least."""

    digits: int = 1


@dataclass(frozen=True, slots=True)
class Value:
    """What the row reads; `digits` is the least number of them, 0 where nothing is said; `offset` is the character, from 0."""

    reference: str
    filters: tuple[FilterName, ...] = ()
    digits: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text of a regular expression, whose first character is at `offset`."""

    regex: str
    offset: int = 0


Piece: TypeAlias = Plain | RowNumber | Value | Drawn


class TemplateError(ModelError):
    """A template that cannot be read; `offset` is the character, from 0.

    >>> TemplateError("`{` is not closed", offset=4).offset
    4
    """

    def __init__(self, message: str, *, offset: int = 0, fix: str | None = None) -> None:
        super().__init__(message, where=f"character {offset + 1} of the template", fix=fix)
        self.message, self.offset, self.fix = message, offset, fix

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.message, self.offset, self.fix))


def _rebuilt(message: str, offset: int, fix: str | None) -> TemplateError:
    return TemplateError(message, offset=offset, fix=fix)


def parse_template(text: str) -> tuple[Piece, ...]:
    """The pieces of a template, in order.

    Raises:
        TemplateError: a brace without its partner, an unknown filter, a part that means nothing.

    >>> parse_template("{name|lower}-{row}")
    (Value(reference='name', filters=('lower',), digits=0, offset=1), Plain(text='-'), RowNumber(digits=1))
    """
    found: list[Piece] = []
    plain: list[str] = []
    at = 0
    while at < len(text):
        if text[at] not in "{}" or text[at : at + 2] in ("{{", "}}"):
            plain.append(text[at])
            at += 1 if text[at] not in "{}" else 2
            continue
        if text[at] == "}":
            raise TemplateError("`}` closes nothing", offset=at, fix="write `}}` for the character")
        end = _closing(text, at)
        found += [Plain("".join(plain))] if plain else []
        plain = []
        found.append(_piece(text[at + 1 : end], at + 1))
        at = end + 1
    return (*found, *([Plain("".join(plain))] if plain else []))


def _closing(text: str, start: int) -> int:
    """Where the brace at `start` is closed; within a regular expression, braces are counted and escapes skipped."""
    depth, at = 0, start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise TemplateError("`{` is not closed", offset=start, fix="add `}`, or write `{{` for the character")


def _piece(inner: str, offset: int) -> Piece:
    if inner.startswith("regex:"):
        return Drawn(inner.removeprefix("regex:"), offset + len("regex:"))
    head, *filters = inner.split("|")
    name, colon, width = head.partition(":")
    digits = _digits(width, offset + len(name) + 1) if colon else 0
    if name == "row":
        if filters:
            raise TemplateError("`{row}` is a number: it takes no filter", offset=offset, fix="write `{row}` or `{row:06d}`")
        return RowNumber(max(digits, 1))
    if _REFERENCE.fullmatch(name) is None:
        known = "a column, `link.column`, `record.field`, `row` or `regex:...`"
        raise TemplateError(f"`{{{inner}}}` is no part of a template", offset=offset, fix=f"write {known}, or `{{{{` for the character")
    if digits and filters:
        raise TemplateError(
            f"`{{{inner}}}` has a width and filters", offset=offset, fix="keep the width for numbers, the filters for texts"
        )
    return Value(name, tuple(_filter(each, offset) for each in filters), digits, offset)


def _digits(text: str, offset: int) -> int:
    match = _WIDTH.fullmatch(text)
    digits = int(match.group(1)) if match else 0
    if not 1 <= digits <= MOST_DIGITS:
        raise TemplateError(f"`:{text}` is no width of 1 to {MOST_DIGITS} digits", offset=offset, fix="write `:06d` for six digits")
    return digits


def _filter(text: str, offset: int) -> FilterName:
    for known in FILTERS:
        if text == known:
            return known
    raise TemplateError(f"there is no filter `{text}`", offset=offset, fix=did_you_mean(text, FILTERS) or f"filters: {one_of(FILTERS)}")
