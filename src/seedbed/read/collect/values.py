"""JSON values in Python that lose nothing: numbers by their value, keys that come twice, texts of what tables can't hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring, encode_basestring_ascii

_LOW, _HIGH = -(2**63), 2**63 - 1
#: Whole numbers of more digits aren't written out: no decimal type holds them.
_MOST_DIGITS = 38
#: A text of so many signs has at most 15 digits, and a double keeps each of those.
_SHORT = 16


class Number(str):
    """The text of a number that neither 64 bits nor a double hold."""

    __slots__ = ()


class Raw(str):
    """A JSON text that stands for its value."""

    __slots__ = ()


class Doubled(dict[str, object]):
    """An object some of whose keys came more than once: the last value counts, `earlier` has those before it, in order."""

    __slots__ = ("earlier",)

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        super().__init__()
        self.earlier: dict[str, list[object]] = {}
        for key, value in pairs:
            if key in self:
                self.earlier.setdefault(key, []).append(self[key])
            self[key] = value

    def pairs(self) -> Iterable[tuple[str, object]]:
        """All members."""
        for key, value in self.items():
            for before in self.earlier.get(key, ()):
                yield key, before
            yield key, value


def number_of(text: str) -> int | float | Number:
    """The number that a JSON text says, exactly: whole and of 64 bits, or a double, or else its text.

    >>> number_of("5.0"), number_of("0.1"), number_of("1e400"), number_of("1e20"), number_of("0.30000000000000004")
    (5, 0.1, '1e400', '100000000000000000000', 0.30000000000000004)
    """
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of a billion billion
        return Number(text)
    if not exact:
        return 0
    if exact.adjusted() < _MOST_DIGITS and (exact.as_tuple().exponent >= 0 or exact == exact.to_integral_value()):  # type: ignore[operator]
        return whole_of(int(exact))
    double = float(text)
    return double if Decimal(repr(double)) == exact else Number(text)


def whole_of(value: int) -> int | float | Number:
    """A whole number as the lane that holds it wants it."""
    if _LOW <= value <= _HIGH:
        return value
    if abs(value) < 10**_MOST_DIGITS:
        return Number(value)
    try:
        double = float(value)
    except OverflowError:
        return Number(digits_of(value))
    return double if Decimal(repr(double)) == value else Number(digits_of(value))


def digits_of(value: int) -> str:
    """The digits of a whole number of any length; Python's own limit is on texts."""
    return str(Decimal(value)) if abs(value) < 10**_MOST_DIGITS else format(Decimal(value), "f")


def float_of(text: str) -> int | float | Number:
    """A number whose text has a point or an exponent: what the standard library's parser calls.

    >>> float_of("2.50"), float_of("1e3")
    (2.5, 1000)
    """
    if len(text) <= _SHORT and "e" not in text and "E" not in text:
        return float(text)
    return number_of(text)


def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of its members."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(pairs)


def text_of(text: str) -> str:
    """The JSON text of a text; lone surrogates are escaped, all else stands as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return encode_basestring_ascii(text)
    return encode_basestring(text)


def written(value: object) -> str:
    """The JSON text of a value, with nothing lost.

    >>> written({"a": [1, None, Number("1e400"), "x"], "b": {}})
    '{"a":[1,null,1e400,"x"],"b":{}}'
    """
    if isinstance(value, Raw | Number):
        return str(value)
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, dict):
        pairs = value.pairs() if isinstance(value, Doubled) else value.items()
        return "{" + ",".join(f"{text_of(key)}:{written(one)}" for key, one in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return digits_of(value) if type(value) is int else json.dumps(value)
