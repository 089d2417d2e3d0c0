"""Write src/seedbed/core/holidays.txt from the rules below: `.venv/bin/python tools/write_holidays.py`. A test says when it is due.

Public holidays of whole countries, 1990 to 2050, by the laws in force in July 2025 for the years to come. Regional holidays are left
out, and so are half days and days off that a government grants once, other than those listed. Substitute days (a Monday for a holiday
on a Sunday) are in where the whole country has them by law, beside the day itself; days where that differs by state are not.

Notes: AU is what all states share (with the Monday for Australia Day since 1994). CA is the federal list. CH is what all cantons keep.
GB is England and Wales. US is the federal list with the days on which it is observed. NL has Liberation Day every fifth year, when most
have the day off. MX is article 74 of the labour law. ES leaves the days out that regions may replace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src" / "seedbed" / "core" / "holidays.txt"
YEARS = range(1990, 2051)
MON, THU, FRI, SAT, SUN = 0, 3, 4, 5, 6

Days = Iterator[date]


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).

    >>> easter(2024)
    datetime.date(2024, 3, 31)
    """
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)


def moved(year: int, *days: int) -> Days:
    """Days counted from Easter Sunday: -2 Good Friday, 1 Easter Monday, 39 Ascension, 50 Whit Monday, 60 Corpus Christi."""
    return (easter(year) + timedelta(number) for number in days)


def fixed(year: int, *days: tuple[int, int]) -> Days:
    """Days of (month, day)."""
    return (date(year, month, day) for month, day in days)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The n-th weekday of a month, the last for -1."""
    if number < 0:
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        return end - timedelta((end.weekday() - weekday) % 7)
    return weekday_from(date(year, month, 1), weekday) + timedelta(7 * (number - 1))


def weekday_from(day: date, weekday: int) -> date:
    """The first such weekday at or after a day."""
    return day + timedelta((weekday - day.weekday()) % 7)


def once(year: int, *days: str) -> Days:
    """Single days, as ISO texts."""
    return (found for text in days if (found := date.fromisoformat(text)).year == year)


def austria(year: int) -> Days:
    yield from fixed(year, (1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26))
    yield from moved(year, 1, 39, 50, 60)


def australia(year: int) -> Days:
    yield from fixed(year, (1, 1), (1, 26), (4, 25), (12, 25), (12, 26))
    yield from moved(year, -2, 1)
    if year >= 1994 and date(year, 1, 26).weekday() >= SAT:
        yield weekday_from(date(year, 1, 26), MON)
    yield from once(year, "2022-09-22")


def belgium(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
    yield from moved(year, 1, 39, 50)


def brazil(year: int) -> Days:
    yield from fixed(year, (1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25))
    yield from moved(year, -2)
    if year >= 2024:
        yield date(year, 11, 20)


def canada(year: int) -> Days:
    yield from fixed(year, (1, 1), (7, 1), (11, 11), (12, 25), (12, 26))
    yield from moved(year, -2)
    yield weekday_from(date(year, 5, 18), MON)
    yield nth(year, 9, MON, 1)
    yield nth(year, 10, MON, 2)
    if year >= 2021:
        yield date(year, 9, 30)


def switzerland(year: int) -> Days:
    yield from fixed(year, (1, 1), (12, 25))
    yield from moved(year, 39)
    if year >= 1994:
        yield date(year, 8, 1)


def czechia(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (7, 5), (10, 28), (12, 24), (12, 25), (12, 26))
    yield from moved(year, 1)
    yield date(year, 5, 8 if year >= 1992 else 9)
    yield date(year, 7, 6)
    if year >= 2000:
        yield from fixed(year, (9, 28), (11, 17))
    if year >= 2016:
        yield from moved(year, -2)


def germany(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
    yield from moved(year, -2, 1, 39, 50)
    if year <= 1994:  # Repentance Day, the Wednesday before 23 November
        yield weekday_from(date(year, 11, 16), 2)
    yield from once(year, "1990-06-17", "2017-10-31")


def denmark(year: int) -> Days:
    yield from fixed(year, (1, 1), (12, 25), (12, 26))
    yield from moved(year, -3, -2, 0, 1, 39, 49, 50)
    if year <= 2023:
        yield from moved(year, 26)


def spain(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25))
    yield from moved(year, -2)


def finland(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (12, 6), (12, 25), (12, 26))
    yield from moved(year, -2, 0, 1, 49)
    yield weekday_from(date(year, 6, 20), SAT)
    yield weekday_from(date(year, 10, 31), SAT)
    if year >= 1991:
        yield date(year, 1, 6)
        yield from moved(year, 39)
    else:
        yield weekday_from(date(year, 1, 6), SAT)
        yield from moved(year, 34)


def france(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    yield from moved(year, 1, 39, 50)


def britain(year: int) -> Days:
    for month, days in ((1, (1,)), (12, (25, 26))):
        taken = [date(year, month, day) for day in days]
        yield from taken
        for day in taken:
            if day.weekday() >= SAT:  # the next weekday that is no holiday itself
                free = day
                while free.weekday() >= SAT or free in taken:
                    free += timedelta(1)
                taken.append(free)
                yield free
    yield from moved(year, -2, 1)
    if year not in (1995, 2020):
        yield nth(year, 5, MON, 1)
    if year not in (2002, 2012, 2022):
        yield nth(year, 5, MON, -1)
    yield nth(year, 8, MON, -1)
    yield from once(year, "1995-05-08", "1999-12-31", "2002-06-03", "2002-06-04", "2011-04-29", "2012-06-04", "2012-06-05")
    yield from once(year, "2020-05-08", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08")


def ireland(year: int) -> Days:
    yield from fixed(year, (1, 1), (3, 17), (12, 25), (12, 26))
    yield from moved(year, 1)
    yield from (nth(year, month, MON, number) for month, number in ((6, 1), (8, 1), (10, -1)))
    if year >= 1994:
        yield nth(year, 5, MON, 1)
    if year >= 2023:
        first = date(year, 2, 1)
        yield first if first.weekday() == FRI else nth(year, 2, MON, 1)
    yield from once(year, "1999-12-31", "2022-03-18")


def italy(year: int) -> Days:
    yield from fixed(year, (1, 1), (1, 6), (4, 25), (5, 1), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
    yield from moved(year, 0, 1)
    if year >= 2001:
        yield date(year, 6, 2)
    yield from once(year, "2011-03-17")


def mexico(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (9, 16), (12, 25))
    if year >= 2006:
        yield from (nth(year, month, MON, number) for month, number in ((2, 1), (3, 3), (11, 3)))
    else:
        yield from fixed(year, (2, 5), (3, 21), (11, 20))
    if year % 6 == 2:  # the new president takes office
        yield date(year, 10, 1) if year >= 2024 else date(year, 12, 1)


def netherlands(year: int) -> Days:
    yield from fixed(year, (1, 1), (12, 25), (12, 26))
    yield from moved(year, 0, 1, 39, 49, 50)
    birthday = date(year, 4, 30) if year <= 2013 else date(year, 4, 27)
    yield birthday - timedelta(birthday.weekday() == SUN)
    if year % 5 == 0:
        yield date(year, 5, 5)


def norway(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    yield from moved(year, -3, -2, 0, 1, 39, 49, 50)


def poland(year: int) -> Days:
    yield from fixed(year, (1, 1), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26))
    yield from moved(year, 0, 1, 49, 60)
    if year >= 2011:
        yield date(year, 1, 6)
    if year >= 2025:
        yield date(year, 12, 24)
    yield from once(year, "2018-11-12")


def portugal(year: int) -> Days:
    yield from fixed(year, (1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (12, 8), (12, 25))
    yield from moved(year, -2, 0)
    if not 2013 <= year <= 2015:
        yield from fixed(year, (10, 5), (11, 1), (12, 1))
        yield from moved(year, 60)


def sweden(year: int) -> Days:
    yield from fixed(year, (1, 1), (1, 6), (5, 1), (12, 25), (12, 26))
    yield from moved(year, -2, 0, 1, 39, 49)
    yield weekday_from(date(year, 6, 20), SAT)
    yield weekday_from(date(year, 10, 31), SAT)
    if year >= 2005:
        yield date(year, 6, 6)
    else:
        yield from moved(year, 50)


def america(year: int) -> Days:
    days = [*fixed(year, (1, 1), (7, 4), (11, 11), (12, 25)), *([date(year, 6, 19)] if year >= 2021 else [])]
    for day in (*days, date(year + 1, 1, 1)):  # a New Year's Day on a Saturday is observed the day before
        yield day
        yield day - timedelta(day.weekday() == SAT) + timedelta(day.weekday() == SUN)
    yield from (nth(year, month, MON, number) for month, number in ((1, 3), (2, 3), (5, -1), (9, 1), (10, 2)))
    yield nth(year, 11, THU, 4)


CALENDARS: dict[str, Callable[[int], Days]] = {
    "AT": austria,
    "AU": australia,
    "BE": belgium,
    "BR": brazil,
    "CA": canada,
    "CH": switzerland,
    "CZ": czechia,
    "DE": germany,
    "DK": denmark,
    "ES": spain,
    "FI": finland,
    "FR": france,
    "GB": britain,
    "IE": ireland,
    "IT": italy,
    "MX": mexico,
    "NL": netherlands,
    "NO": norway,
    "PL": poland,
    "PT": portugal,
    "SE": sweden,
    "US": america,
}


def lines() -> Iterator[str]:
    """A line a country and year: `DE 2024 0101 0329 ...`."""
    for code, rule in CALENDARS.items():
        for year in YEARS:
            days = sorted({day for day in rule(year) if day.year == year})
            yield f"{code} {year} {' '.join(day.strftime('%m%d') for day in days)}"


def table() -> str:
    """The whole file."""
    return "\n".join(["# Public holidays by country and year, made by tools/write_holidays.py.", *lines(), ""])


if __name__ == "__main__":
    TABLE.write_text(table())
