"""Public holidays of 22 countries from 1990 to 2050, from a table that ships with the package.

`tools/write_holidays.py` makes the table and says by which rules.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from seedbed.core.calendar import days_from_civil

#: The years that the table holds.
FIRST_YEAR, LAST_YEAR = 1990, 2050


@lru_cache(maxsize=1)
def _table() -> dict[str, NDArray[np.int64]]:
    found: dict[str, list[NDArray[np.int64]]] = {}
    for line in files("seedbed.core").joinpath("holidays.txt").read_text("ascii").splitlines():
        if not line.startswith("#"):
            code, year, *days = line.split()
            numbers = np.array([int(day) for day in days], dtype=np.int64)
            found.setdefault(code, []).append(days_from_civil(int(year), numbers // 100, numbers % 100))
    return {code: np.concatenate(years) for code, years in found.items()}


def calendars() -> tuple[str, ...]:
    """The countries whose holidays are known, by their ISO code.

    >>> calendars()[:4]
    ('AT', 'AU', 'BE', 'BR')
    """
    return tuple(_table())


def holidays(code: str) -> NDArray[np.int64]:
    """The holidays of a country as days since 1970, rising; KeyError where the country is not known.

    >>> len(holidays("DE")) // 61
    9
    """
    return _table()[code]


def is_holiday(days: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each day is among the rising days `found`; shape (n,)."""
    place = np.minimum(np.searchsorted(found, days), len(found) - 1)
    same: NDArray[np.bool_] = found[place] == days
    return same
