"""The frozen tables: names, streets, cities, jobs and the like of every locale, read from one Arrow file.

The file is made once by `scripts/make_frozen_tables.py` and ships with the package, so that the same model gives the
same names whatever else is installed. It is mapped into memory; a locale is read when first asked for (about 1 ms).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass

TABLES_FILE = Path(__file__).with_name("tables.arrow")
TABLES_SHA256 = "2dd32a4950130a1f115fc3f375280d43fb6f1653cb644916e2d55b390022768d"


@dataclass(frozen=True, slots=True, eq=False)
class LocaleTables:
    """What names and addresses of one locale are made of.

    lists: strings to choose from, sorted and without duplicates, by name (`last`, `city`, `job`, ...);
    formats: digits and letters to fill in (`#` 0-9, `%` 1-9, `$` 2-9, `?` A-Z, `^` and `~` letters of postcodes);
    templates: lists, formats and templates in braces, joined; texts: single strings.
    """

    locale: str
    lists: Mapping[str, pa.StringArray]
    formats: Mapping[str, tuple[str, ...]]
    templates: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What belongs to no locale: countries by any of their names, country codes, the spelling of letters in ASCII."""

    locale_by_country: Mapping[str, str]
    country_codes: tuple[str, ...]
    fallback: tuple[str, ...]
    fold: tuple[str, ...]


def locales() -> tuple[str, ...]:
    """The locales that have frozen tables, sorted.

    >>> "de_DE" in locales()
    True
    """
    return _locales()


def locale_tables(locale: str) -> LocaleTables:
    """The tables of a locale such as `de_DE` (or `de-DE`).

    Raises:
        ModelError: no tables are frozen for it.

    >>> locale_tables("fr_FR").texts["current_country"]
    'France'
    """
    return _read_locale(locale.replace("-", "_"))


def locale_of_country(value: str) -> str | None:
    """The frozen locale for a country's ISO code (two or three letters), English name, or a locale; None if unknown.

    A country none of whose official languages is frozen gets `en_US`; `fallback_countries` names them.

    >>> locale_of_country("DE"), locale_of_country("bra"), locale_of_country("South Korea"), locale_of_country("de_AT")
    ('de_DE', 'pt_BR', 'ko_KR', 'de_AT')
    """
    text = value.strip().replace("-", "_") if len(value) == 5 else value.strip()
    return text if text in _locales() else _shared().locale_by_country.get(text.casefold())


def country_codes() -> tuple[str, ...]:
    """The two-letter codes of all countries, sorted.

    >>> country_codes()[:3]
    ('AD', 'AE', 'AF')
    """
    return _shared().country_codes


def fallback_countries() -> tuple[str, ...]:
    """The countries (two letters) that get English names, since no frozen locale speaks an official language of theirs."""
    return _shared().fallback


def ascii_fold() -> tuple[str, ...]:
    """How the letters U+0080 to U+052F and U+1E00 to U+1EFF are spelt in an e-mail, in this order."""
    return _shared().fold


def tables_hash() -> str:
    """SHA-256 of the file as it lies on disk, in hex; equal to `TABLES_SHA256` unless someone changed it."""
    return hashlib.sha256(TABLES_FILE.read_bytes()).hexdigest()


@cache
def _locales() -> tuple[str, ...]:
    with pa.memory_map(str(TABLES_FILE)) as source:
        metadata = pa.ipc.open_file(source).schema.metadata
    return tuple(metadata[b"locales"].decode().split(","))


@cache
def _read_locale(locale: str) -> LocaleTables:
    if locale not in _locales():
        fix = did_you_mean(locale, _locales()) or f"use one of {one_of(_locales(), most=50)}"
        raise ModelError(f"locale `{locale}` has no frozen tables", fix=fix)
    rows = _read(1 + _locales().index(locale))
    return LocaleTables(
        locale=locale,
        lists={name: values for kind, name, values in rows if kind == "list"},
        formats={name: tuple(values.to_pylist()) for kind, name, values in rows if kind == "format"},
        templates={name: tuple(values.to_pylist()) for kind, name, values in rows if kind == "template"},
        texts={name: values[0].as_py() for kind, name, values in rows if kind == "text"},
    )


@cache
def _shared() -> _Shared:
    rows = _read(0)
    countries = {key.casefold(): name for kind, name, values in rows if kind == "country" for key in values.to_pylist()}
    lists = {name: tuple(values.to_pylist()) for kind, name, values in rows if kind == "list"}
    return _Shared(countries, lists["country_code"], lists["fallback"], lists["fold"])


def _read(number: int) -> list[tuple[str, str, Any]]:
    """Rows (kind, name, strings) of one record batch; the strings stay in the mapped file."""
    batch = pa.ipc.open_file(pa.memory_map(str(TABLES_FILE))).get_batch(number)
    kinds, names, values = batch.columns
    ends = values.offsets.to_pylist()
    strings = values.values
    return [(kinds[i].as_py(), names[i].as_py(), strings.slice(ends[i], ends[i + 1] - ends[i])) for i in range(len(batch))]
