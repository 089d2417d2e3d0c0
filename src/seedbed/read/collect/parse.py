"""The text of a record becomes a value: the standard library's parser where it is right, the strict one for the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

from seedbed.read.collect.strict import DEPTH, WrongJsonError, parsed
from seedbed.read.collect.values import float_of, object_of
from seedbed.read.json_depth import depth_of


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


_DECODER = json.JSONDecoder(parse_float=float_of, parse_constant=_refuse, object_pairs_hook=object_of)


def value_of(text: bytes, nesting: int = 10_000, keep: int = DEPTH) -> object:
    """The value of a text in UTF-8 that is one JSON value; what is deeper than `keep` levels comes as `Raw` text.

    Raises:
        WrongJsonError: it isn't.

    >>> value_of(b'{"a": [1, 1e400]}')
    {'a': [1, '1e400']}
    """
    if text.count(b"{") + text.count(b"[") <= min(keep, nesting) or depth_of(text) <= min(keep, nesting):
        try:
            value: object = _DECODER.decode(text.decode())
        except ValueError:
            pass  # the strict parser says what is wrong, or takes it (numbers of more digits than Python's parser)
        else:
            return value
    value, end = parsed(text, 0, nesting, keep)
    rest = text[end:].lstrip(b" \t\n\r")
    if rest:
        raise WrongJsonError(f"{rest[:1].decode('utf-8', 'replace')!r} after the end of the value", len(text) - len(rest))
    return value


def values_of(text: bytes, nesting: int = 10_000) -> Iterator[tuple[object, int, int]]:
    """The values of a text that has one or some after each other, and where each begins and ends.

    Raises:
        WrongJsonError: there is none, or something else.

    >>> [value for value, _, _ in values_of(b'{"a": 1} {} [2]')]
    [{'a': 1}, {}, [2]]
    """
    try:
        value = value_of(text, nesting)
    except WrongJsonError:
        place = 0
        while place == 0 or text[place:].strip(b" \t\n\r"):
            start = len(text) - len(text[place:].lstrip(b" \t\n\r"))
            if place and text[place - 1] not in b"}]" and start == place:
                raise WrongJsonError("a value right after another", place) from None
            value, place = parsed(text, start, nesting)
            yield value, start, place
    else:
        yield value, 0, len(text)
