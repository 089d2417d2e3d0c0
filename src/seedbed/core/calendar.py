"""The civil calendar on whole arrays: days since 1970 to year, month and day, and back; ISO texts to microseconds.

The proleptic Gregorian calendar, in integer arithmetic only. Counting years from 1 March puts the leap day last, so that months
before a day follow from one linear formula.

Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]

DAY_US = 86_400_000_000  # microseconds
HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
SECOND_US = 1_000_000
FIRST_DAY = -719_162  # 0001-01-01
LAST_DAY = 2_932_896  # 9999-12-31
_ERA_DAYS = 146_097  # in 400 years
_EPOCH_SHIFT = 719_468  # days from 0000-03-01 to 1970-01-01

_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?"
_ZONE = r"(?P<zone>Z|z|(?P<sign>[+-])(?P<zone_hour>\d\d)(?::?(?P<zone_minute>\d\d))?)?"
_CLOCK = re.compile(_TIME, re.ASCII)
_ISO = re.compile(rf"{_DATE}(?:[Tt ]{_TIME}{_ZONE})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def civil_from_days(days: ArrayLike) -> tuple[Integers, Integers, Integers]:
    """Year, month (1-12) and day (1-31) of days since 1970-01-01; any shape.

    >>> [part.tolist() for part in civil_from_days([0, 19782])]
    [[1970, 2024], [1, 2], [1, 29]]
    """
    shifted = np.asarray(days, dtype=np.int64) + _EPOCH_SHIFT
    era = shifted // _ERA_DAYS
    of_era = shifted - era * _ERA_DAYS
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * of_year + 2) // 153  # 0 is March
    day = of_year - (153 * month + 2) // 5 + 1
    is_next_year = month >= 10
    return year_of_era + era * 400 + is_next_year, month + 3 - 12 * is_next_year, day


def days_from_civil(year: ArrayLike, month: ArrayLike, day: ArrayLike) -> Integers:
    """Days since 1970-01-01 of years, months (1-12) and days (1-31), which broadcast.

    >>> days_from_civil(2024, 2, 29).item()
    19782
    """
    months = np.asarray(month, dtype=np.int64)
    years = np.asarray(year, dtype=np.int64) - (months <= 2)
    era = years // 400
    year_of_era = years - era * 400
    of_year = (153 * (months + np.where(months > 2, -3, 9)) + 2) // 5 + np.asarray(day, dtype=np.int64) - 1
    made: Integers = era * _ERA_DAYS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - _EPOCH_SHIFT
    return made


def day_of_week(days: ArrayLike) -> Integers:
    """The day of the week of days since 1970-01-01 (a Thursday): 0 is Monday, 6 Sunday.

    >>> day_of_week([0, 4]).tolist()
    [3, 0]
    """
    made: Integers = (np.asarray(days, dtype=np.int64) + 3) % 7
    return made


def is_date_only(text: str) -> bool:
    """Whether an ISO text has no time of day; its being a real date is `parse_datetime`'s to judge.

    >>> is_date_only("2024-02-29"), is_date_only("2024-02-29T00:00")
    (True, False)
    """
    found = _ISO.fullmatch(text)
    return found is not None and found["hour"] is None


def has_offset(text: str) -> bool:
    """Whether an ISO text says how far it is from UTC.

    >>> has_offset("2024-02-29T12:00Z"), has_offset("2024-02-29")
    (True, False)
    """
    found = _ISO.fullmatch(text)
    return found is not None and bool(found["zone"])


def parse_datetime(text: str) -> int:
    """Microseconds since 1970 of `2024-02-29`, `2024-02-29 12:30` or `2024-02-29T12:30:05.25+02:00`; an offset is taken off (UTC).

    Raises:
        ValueError: the text has another form, or there is no such day or time.

    >>> parse_datetime("1970-01-01T01:00:00+01:00"), parse_datetime("1970-01-02")
    (0, 86400000000)
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date like 2024-02-29 or a time like 2024-02-29T12:30:00")
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    fraction = int((found["fraction"] or "").ljust(6, "0"))
    try:
        local = datetime(int(found["year"]), int(found["month"]), int(found["day"]), hour, minute, second, fraction, _zone(found))
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time: {error}") from error
    return (local - _EPOCH) // timedelta(microseconds=1)


def parse_end(text: str) -> int:
    """The last microsecond that an ISO text names as an end: of its whole day where it has no time of day.

    Raises:
        ValueError: as `parse_datetime`.

    >>> parse_end("1970-01-01"), parse_end("1970-01-01T00:00")
    (86399999999, 0)
    """
    return parse_datetime(text) + (DAY_US - 1 if is_date_only(text) else 0)


def parse_time(text: str) -> int:
    """Microseconds since midnight of `08:30`, `08:30:00` or `08:30:00.25`.

    Raises:
        ValueError: the text has another form, or there is no such time of day.

    >>> parse_time("00:01"), parse_time("23:59:59.5")
    (60000000, 86399500000)
    """
    found = _CLOCK.fullmatch(text)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second")) if found else (24, 0, 0)
    if found is None or hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} is not a time of day like 08:30 or 08:30:00")
    return hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + int((found["fraction"] or "").ljust(6, "0"))


def _zone(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    hours, minutes = int(found["zone_hour"]), int(found["zone_minute"] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("an offset is below 24 hours")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if found["sign"] == "-" else offset)
