"""The words of an expression's text."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from math import isinf

from seedbed.core.expression.errors import ExpressionError
from seedbed.core.records import dataclass

MAX_CHARACTERS = 10_000
INT_DIGITS = 19  # of 2**63


class Kind(StrEnum):
    """What a word is."""

    INT = "int"
    FLOAT = "float"
    STRING = "string"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its value (for a symbol or a name the text itself) and the character it begins at."""

    kind: Kind
    value: int | float | str
    offset: int


# Longer symbols before their own beginnings.
_SYMBOLS = ("**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "<", ">", "(", ")", ",")
_REFUSED = {
    "&&": ("`&&` is not an operator here", "write `and`"),
    "||": ("`||` is not an operator here", "write `or`, and `+` or concat(...) to join texts"),
    "<<": ("`<<` is not an operator here", "multiply by a power of two"),
    ">>": ("`>>` is not an operator here", "divide by a power of two with `//`"),
    "<>": ("`<>` is not an operator here", "write `!=`"),
    ":=": ("names can't be assigned here", "write the value in place"),
    "&": ("`&` is not an operator here", "write `and`"),
    "|": ("`|` is not an operator here", "write `or`"),
    "~": ("`~` is not an operator here", "write `not`"),
    "^": ("`^` is not an operator here", "write `**` for a power, `!=` for one or the other"),
    "!": ("`!` is not an operator here", "write `not`, or `!=`"),
    "=": ("`=` does not compare", "write `==`"),
    "?": ("`? :` is not an operator here", "write if_(condition, a, b)"),
    ":": ("`:` has no meaning here", "write if_(condition, a, b) for a choice, substr(s, start, length) for a slice"),
    ";": ("`;` has no meaning here", "an expression is one value; write it alone"),
    "[": ("subscripts and lists are not part of expressions", "write substr(s, start, length) for a part of a text"),
    "]": ("subscripts and lists are not part of expressions", "write substr(s, start, length) for a part of a text"),
    "{": ("braces are not part of expressions", "join texts with concat(...)"),
    "}": ("braces are not part of expressions", "join texts with concat(...)"),
    "`": ("backquotes are not part of expressions", "write the column's name without them"),
    "@": ("`@` is not an operator here", "multiply with `*`"),
    ".": ("attributes can't be read", "write `link.column` for a column of a linked row, functions as name(x)"),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def tokens(text: str) -> list[Token]:
    """Cut a text into words, the last of kind END.

    Raises:
        ExpressionError: a character or a word is no part of the language, or the text is too long.

    >>> [token.value for token in tokens("price*1.5")][:3]
    ['price', '*', 1.5]
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"the expression has {len(text):,} characters, more than {MAX_CHARACTERS:,}", offset=MAX_CHARACTERS, fix="split it into columns"
        )
    return list(_words(text))


def _words(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        character = text[at]
        if character in " \t\r\n":
            at += 1
            continue
        token, at = _word(text, at, character)
        yield token
    yield Token(Kind.END, "", len(text))


def _word(text: str, at: int, character: str) -> tuple[Token, int]:
    if _is_digit(character) or (character == "." and _is_digit(text[at + 1 : at + 2])):
        return _number(text, at)
    if character in "'\"":
        return _string(text, at)
    if character.isidentifier():
        return _name(text, at)
    return _symbol(text, at)


def _is_digit(character: str) -> bool:
    return character != "" and character in "0123456789"


def _digits_end(text: str, at: int) -> int:
    while _is_digit(text[at : at + 1]):
        at += 1
    return at


def _number(text: str, start: int) -> tuple[Token, int]:
    end = _digits_end(text, start)
    is_float = False
    if text[end : end + 1] == ".":
        is_float, end = True, _digits_end(text, end + 1)
    if text[end : end + 1] in ("e", "E"):
        sign = end + 1 + (text[end + 1 : end + 2] in ("+", "-"))
        if _is_digit(text[sign : sign + 1]):
            is_float, end = True, _digits_end(text, sign)
    if text[end : end + 1] == "." or _continues_name(text[end : end + 1]):
        raise ExpressionError(f"`{text[start : end + 1][-20:]}` is not a number", offset=start, fix="write numbers as 1000, 0.5 or 1e6")
    word = text[start:end]
    return (_float(word, start) if is_float else _int(word, start)), end


def _int(word: str, offset: int) -> Token:
    if len(word) > 1 and word[0] == "0":
        raise ExpressionError(f"the number {word[:20]} begins with 0", offset=offset, fix="leave the zero out, or quote a text")
    if len(word) > INT_DIGITS or int(word) > 2**63:
        raise ExpressionError("a whole number passes 64 bits", offset=offset, fix="write it as a float, like 1e20")
    return Token(Kind.INT, int(word), offset)


def _float(word: str, offset: int) -> Token:
    value = float(word)
    if isinf(value):
        raise ExpressionError("a number passes the range of floats, 1.8e308", offset=offset, fix="write a smaller one")
    return Token(Kind.FLOAT, value, offset)


def _continues_name(character: str) -> bool:
    return character != "" and ("_" + character).isidentifier()


def _name(text: str, start: int) -> tuple[Token, int]:
    """A name, or several joined by dots without blanks."""
    end = start
    while True:
        part = end
        while _continues_name(text[end : end + 1]):
            end += 1
        _refuse_hidden(text[part:end], part)
        if not (text[end : end + 1] == "." and text[end + 1 : end + 2].isidentifier()):
            break
        end += 1
    if text[end : end + 1] in ("'", '"'):
        raise ExpressionError(f"`{text[start:end]}` stands before a text", offset=start, fix="leave it out; join texts with concat(...)")
    return Token(Kind.NAME, text[start:end], start), end


def _refuse_hidden(part: str, offset: int) -> None:
    if part.startswith("__"):
        raise ExpressionError(f"`{part[:40]}` can't be read: names that begin with two underscores are no columns", offset=offset)


def _string(text: str, start: int) -> tuple[Token, int]:
    quote, at = text[start], start + 1
    made: list[str] = []
    while at < len(text) and text[at] != quote:
        if text[at] == "\\":
            character, at = _escape(text, at)
        else:
            character, at = text[at], at + 1
        made.append(_unicode(character, at - 1))
    if at >= len(text):
        raise ExpressionError("a text has no closing quote", offset=start, fix=f"end it with {quote}")
    if text[at + 1 : at + 2] in ("'", '"') or _continues_name(text[at + 1 : at + 2]):
        raise ExpressionError("a text is followed by a text or a word", offset=at + 1, fix="join texts with `+` or concat(...)")
    return Token(Kind.STRING, "".join(made), start), at + 1


def _unicode(character: str, offset: int) -> str:
    if "\ud800" <= character <= "\udfff":
        raise ExpressionError("a text holds half a character (a lone surrogate)", offset=offset)
    return character


def _escape(text: str, at: int) -> tuple[str, int]:
    follows = text[at + 1 : at + 2]
    if follows in _ESCAPES:
        return _ESCAPES[follows], at + 2
    code = text[at + 2 : at + 6]
    if follows == "u" and len(code) == 4 and all(c in "0123456789abcdefABCDEF" for c in code):
        return chr(int(code, 16)), at + 6
    raise ExpressionError(
        f"`\\{follows}` is not an escape", offset=at, fix=r"write \\ for a backslash; \n \t \r \' \" and \u0041 are known"
    )


def _symbol(text: str, at: int) -> tuple[Token, int]:
    for length in (2, 1):
        word = text[at : at + length]
        if word in _SYMBOLS:
            return Token(Kind.SYMBOL, word, at), at + length
        if word in _REFUSED:
            message, fix = _REFUSED[word]
            raise ExpressionError(message, offset=at, fix=fix)
    raise ExpressionError(f"the character {text[at]!r} has no meaning here", offset=at, fix="quote a text: 'like this'")
