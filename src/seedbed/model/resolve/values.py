"""Which single values a column of a type can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedbed.core.block import ColumnType
from seedbed.core.calendar import parse_datetime
from seedbed.model.base import Scalar
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.scope import TIMES

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

#: A block of longer texts would take gigabytes.
MOST_CHARACTERS = 10_000

#: More wrong values of one list than these say nothing new.
_MOST_SAID = 3


def fits(value: Scalar, kind: ColumnType) -> bool:
    """Whether a column of the type can hold the value as it is written.

    >>> fits(1, ColumnType.FLOAT), fits("2024-01-31", ColumnType.DATE), fits(True, ColumnType.INT)
    (True, True, False)
    """
    if kind is ColumnType.BOOL:
        return isinstance(value, bool)
    if kind is ColumnType.STRING:
        return isinstance(value, str)
    if kind in TIMES:
        return isinstance(value, str) and is_moment(value)
    if isinstance(value, bool | str):
        return False
    return kind is ColumnType.FLOAT or (isinstance(value, int) and _SMALLEST <= value <= _LARGEST)


def is_moment(text: str) -> bool:
    """Whether a text is a date or a date with time."""
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def spelt(value: Scalar) -> str:
    """A value as text, the way keys of maps spell it.

    >>> spelt(True), spelt(3), spelt("a")
    ('true', '3', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def wrong_values(values: Iterable[tuple[str | int, Scalar]], kind: ColumnType, path: Path) -> Iterator[Mistake]:
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


def _fix(value: Scalar, kind: ColumnType) -> str | None:
    if kind is ColumnType.STRING:
        return f'put it in quotes: "{spelt(value)[:60]}"'
    if kind in TIMES:
        return 'write it like "2024-01-31" or "2024-01-31T12:00:00"'
    if kind is ColumnType.INT and isinstance(value, float):
        return "make the column a float, or the value whole"
    if kind is ColumnType.INT and isinstance(value, int) and not isinstance(value, bool):
        return "whole numbers lie between -2^63 and 2^63 - 1"
    return "make the column a string, or give values of its type"
