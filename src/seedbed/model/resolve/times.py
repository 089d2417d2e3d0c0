"""Moments, windows and grids."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.calendar import parse_datetime, parse_end, parse_time
from seedbed.core.timegrid import parse_frequency
from seedbed.model.document import Timeframe
from seedbed.model.generators.datetime_series import Window
from seedbed.model.places import Mistake, Path

_GRIDS = "grids: S, T or min, H, D, B, W, M, MS, Q, QS, Y, with a whole number before them if wanted"


def moment(text: str, path: Path) -> Iterator[Mistake]:
    """A mistake if a text is no date and no time."""
    try:
        parse_datetime(text)
    except ValueError as error:
        yield Mistake(path, str(error), 'write it like "2024-01-31" or "2024-01-31T12:00:00"')


def time_of_day(text: str, path: Path) -> Iterator[Mistake]:
    """A mistake if a text is no time of day."""
    try:
        parse_time(text)
    except ValueError as error:
        yield Mistake(path, str(error), 'write it like "08:30" or "08:30:00"')


def window(span: Window | Timeframe, path: Path) -> Iterator[Mistake]:
    """Mistakes of a window: no dates, or its end before its start."""
    found = [*moment(span.start, (*path, "start")), *moment(span.end, (*path, "end"))]
    yield from found
    if not found and parse_datetime(span.start) > last_moment(span.end):
        yield Mistake(path, f"`start` ({span.start}) is after `end` ({span.end})", "swap them")


def last_moment(end: str) -> int:
    """The last microsecond of a window that ends so: of the whole day, where it ends with a date."""
    return parse_end(end)


def frequency(text: str | None, path: Path) -> Iterator[Mistake]:
    """A mistake if a text is no grid."""
    try:
        parse_frequency(text or "D")
    except ValueError as error:
        yield Mistake(path, str(error).partition(";")[0], _GRIDS)
