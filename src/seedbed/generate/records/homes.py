"""Where records are at home: the cities of a country, their regions, postcodes, coordinates and time zones.

Countries whose language has frozen tables have their large cities; every other country has its capital, and takes names and
streets from the locale that `faker` gives it. The lists are text files beside this one, written from public facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass
from seedbed.core.tables import WeightedIndex
from seedbed.core.text import string_array
from seedbed.generate.frozen.tables import LocaleTables, locale_of_country, locale_tables

Ints = NDArray[np.int64]

#: How far from a city's centre a point lies at most, and from a capital's, in millionths of a degree (about 5 and 1 km).
_CITY_REACH, _CAPITAL_REACH = 50_000, 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """A country in one of its languages, with its cities; arrays are of shape (cities,), coordinates in millionths of a degree.

    code and long_code are the country's ISO codes, name is in its own language (in English where it has no frozen tables);
    `is_own` says whether the tables are the country's own.
    """

    code: str
    long_code: str
    name: str
    locale: str
    is_own: bool
    city: pa.StringArray
    region: pa.StringArray
    region_code: pa.StringArray
    time_zone: pa.StringArray
    postcodes: tuple[str, ...]
    latitude: Ints
    longitude: Ints
    index: WeightedIndex
    reach: int

    @property
    def tables(self) -> LocaleTables:
        """The names, streets and formats of its locale."""
        return locale_tables(self.locale)


def home_of(text: str) -> Home | None:
    """The home that a locale, an ISO code of two or three letters or a country's name means; None where none is known.

    >>> home = home_of("AUT")
    >>> home.locale, home.name, home.city[0].as_py()
    ('de_AT', 'Österreich', 'Wien')
    >>> home_of("Kenya").city[0].as_py(), home_of("Atlantis")
    ('Nairobi', None)
    """
    return _homes().get(text.strip().replace("-", "_").casefold())


def home_names() -> tuple[str, ...]:
    """The two-letter codes of all countries that have a home, sorted.

    >>> len(home_names()) > 230
    True
    """
    return tuple(sorted({home.code for home in _homes().values()}))


def read_lines(name: str) -> Iterator[str]:
    """The lines of a list beside this file, without comments."""
    for line in files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line


@cache
def country_box(code: str) -> tuple[float, float, float, float] | None:
    """South, west, north and east of a country's main land in degrees; None where only its capital is known.

    >>> country_box("DE")
    (47.2, 5.8, 55.1, 15.1)
    """
    for line in read_lines("places"):
        if line.startswith("@") and line.split()[1] == code:
            south, west, north, east = (float(end) for end in line.split()[5:])
            return south, west, north, east
    return None


@cache
def _homes() -> dict[str, Home]:
    """Every home by all that means it, in lower case; a country of several languages by code means its usual one."""
    found: dict[str, Home] = {}
    for home, english in [*_with_cities(), *_with_capitals()]:
        if home.is_own:
            found[home.locale.casefold()] = home
        if home.is_own and locale_of_country(home.code) != home.locale:
            continue
        for name in (home.code, home.long_code, home.name, english):
            found.setdefault(name.casefold(), home)
    return found


def _with_cities() -> Iterator[tuple[Home, str]]:
    sections: list[tuple[str, list[str]]] = []
    for line in read_lines("places"):
        if line.startswith("@"):
            sections.append((line[1:], []))
        else:
            sections[-1][1].append(line)
    for head, lines in sections:
        locale, code, long_code, english, zone, *_ = head.split()
        yield _city_home(locale, code, long_code, zone, [line.split("|") for line in lines]), english.replace("_", " ")


def _city_home(locale: str, code: str, long_code: str, zone: str, rows: list[list[str]]) -> Home:
    return Home(
        code=code,
        long_code=long_code,
        name=locale_tables(locale).texts["current_country"],
        locale=locale,
        is_own=True,
        city=string_array([row[0] for row in rows]),
        region=string_array([row[1] for row in rows]),
        region_code=string_array([row[2] for row in rows]),
        time_zone=string_array([row[7] if len(row) > 7 else zone for row in rows]),
        postcodes=tuple(row[3] for row in rows),
        latitude=_millionths(row[4] for row in rows),
        longitude=_millionths(row[5] for row in rows),
        index=WeightedIndex.of(np.array([float(row[6]) for row in rows])),
        reach=_CITY_REACH,
    )


def _with_capitals() -> Iterator[tuple[Home, str]]:
    for line in read_lines("capitals"):
        code, long_code, name, city, latitude, longitude, zone = line.split("|")
        yield _capital_home(code, long_code, name, (city, latitude, longitude, zone)), name


def _capital_home(code: str, long_code: str, name: str, capital: tuple[str, str, str, str]) -> Home:
    city, latitude, longitude, zone = capital
    return Home(
        code=code,
        long_code=long_code,
        name=name,
        locale=locale_of_country(code) or "en_US",
        is_own=False,
        city=string_array([city]),
        region=string_array([""]),
        region_code=string_array([""]),
        time_zone=string_array([zone]),
        postcodes=("",),
        latitude=_millionths([latitude]),
        longitude=_millionths([longitude]),
        index=WeightedIndex.of(np.ones(1)),
        reach=_CAPITAL_REACH,
    )


def _millionths(texts: Iterator[str] | list[str]) -> Ints:
    """Degrees with two decimals as whole millionths: exact."""
    return np.array([int(text.replace(".", "")) * 10_000 for text in texts], dtype=np.int64)
