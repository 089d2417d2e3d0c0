"""Which single values a column of a type can hold."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from json import loads

from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType, ValueType
from seedbed.core.calendar import parse_datetime, parse_time
from seedbed.core.decimals import parsed_units
from seedbed.model.base import Scalar
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.scope import TIMES

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

#: A block of longer texts would take gigabytes.
MOST_CHARACTERS = 10_000

#: More wrong values of one list than these say nothing new.
_MOST_SAID = 3


def fits(value: Scalar, kind: ValueType) -> bool:
    """Whether a column of the type can hold the value as it is written: a decimal exactly, UUIDs, times, JSON and bytes (Base64) as text.

    >>> fits(1, ColumnType.FLOAT), fits("2024-01-31", ColumnType.DATE), fits(True, ColumnType.INT)
    (True, True, False)
    """
    if isinstance(kind, DecimalType) or kind is ColumnType.DECIMAL:
        scale = kind.scale if isinstance(kind, DecimalType) else MOST_DIGITS
        return not isinstance(value, bool) and parsed_units(value, scale) is not None
    if kind is ColumnType.BOOL:
        return isinstance(value, bool)
    if kind in _PARSED:
        return isinstance(value, str) and _parses(value, _PARSED[kind])
    if kind.is_nested:
        return False
    if kind is ColumnType.STRING:
        return isinstance(value, str)
    if kind in TIMES:
        return isinstance(value, str) and is_moment(value)
    if isinstance(value, bool | str):
        return False
    return kind is ColumnType.FLOAT or (isinstance(value, int) and _SMALLEST <= value <= _LARGEST)


def _uuid(text: str) -> None:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueError(text)


_PARSED: dict[ColumnType, Callable[[str], object]] = {
    ColumnType.TIME: parse_time,
    ColumnType.UUID: _uuid,
    ColumnType.JSON: loads,
    ColumnType.BYTES: lambda text: b64decode(text, validate=True),
}


def _parses(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_moment(text: str) -> bool:
    """Whether a text is a date or a date with time."""
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def held(value: object, kind: ValueType) -> object:
    """What a written value is once it is read: two spellings of one decimal, time or UUID are equal.

    >>> held("5", DecimalType(2)) == held(5.0, DecimalType(2)), held("08:30", ColumnType.TIME) == held("08:30:00", ColumnType.TIME)
    (True, True)
    """
    if isinstance(kind, DecimalType):
        return parsed_units(str(value), kind.scale)
    if kind is ColumnType.TIME:
        return parse_time(str(value))
    return str(value).lower() if kind is ColumnType.UUID else value


def spelt(value: Scalar) -> str:
    """A value as text, the way keys of maps spell it.

    >>> spelt(True), spelt(3), spelt("a")
    ('true', '3', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def wrong_values(values: Iterable[tuple[str | int, Scalar]], kind: ValueType, path: Path) -> Iterator[Mistake]:
    """Mistakes for values that a column of the type can't hold: the first few of them."""
    said = 0
    for key, value in values:
        if not fits(value, kind):
            said += 1
            yield Mistake((*path, key), f"{_shown(value)} is no {kind.value}", _fix(value, kind))
        elif isinstance(value, str) and len(value) > MOST_CHARACTERS:
            said += 1
            yield Mistake((*path, key), f"a text of {len(value):,} characters", f"values have at most {MOST_CHARACTERS:,} characters")
        if said == _MOST_SAID:
            return


def _shown(value: Scalar) -> str:
    return f'the text "{value[:60]}"' if isinstance(value, str) else spelt(value)[:60]


_WRITTEN = {
    ColumnType.TIME: '"08:30" or "08:30:00"',
    ColumnType.UUID: '"6f1c2b1e-0d6c-4b57-9a44-0c9d3a5f7e21"',
    ColumnType.JSON: """'{"size": 3}', as a text""",
    ColumnType.BYTES: '"c2VlZA==", as Base64',
}


def _fix(value: Scalar, kind: ValueType) -> str | None:
    if isinstance(kind, DecimalType):
        return f"give a number with at most {kind.scale} digits after the point, or raise the column's `scale`"
    if kind in _WRITTEN:
        return f"write it like {_WRITTEN[kind]}"
    if kind.is_nested:
        return f"fill the column by `{kind.value}`"
    if kind is ColumnType.STRING:
        return f'put it in quotes: "{spelt(value)[:60]}"'
    if kind in TIMES:
        return 'write it like "2024-01-31" or "2024-01-31T12:00:00"'
    if kind is ColumnType.INT and isinstance(value, float):
        return "make the column a float, or the value whole"
    if kind is ColumnType.INT and isinstance(value, int) and not isinstance(value, bool):
        return "whole numbers lie between -2^63 and 2^63 - 1"
    return "make the column a string, or give values of its type"
