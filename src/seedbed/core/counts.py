"""Numbers of rows as people write them: `50K`, `2.5M`, `1_000`."""

from __future__ import annotations

import re

_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_COUNT = re.compile(r"([0-9][0-9_,]{0,20})(?:\.([0-9]{1,9}))?([KMG]?)")

#: How a number of rows is written as a text, in the words of JSON Schema; `count_of` also takes commas.
COUNT_PATTERN = r"^[0-9][0-9_]{0,20}(\.[0-9]{1,9})?[kKmMgG]?$"

#: More rows than this no table can have.
MOST_COUNT = 2**48


def count_of(text: str) -> int:
    """A number of rows: digits, with `_` or `,` between them and K, M or G behind them if wanted; 2.5M is 2,500,000.

    Raises:
        ValueError: it is none, it isn't whole, or it is more than 2^48.

    >>> count_of("10K"), count_of("1_000"), count_of("2.5M")
    (10000, 1000, 2500000)
    """
    found = _COUNT.fullmatch(text.strip().upper())
    if not found:
        message = f"`{text}` is no number of rows"
        raise ValueError(message)
    places: str = found[2] or ""
    scale: int = 10 ** len(places)
    rows, rest = divmod(int(re.sub("[_,]", "", found[1]) + places) * _UNITS[found[3]], scale)
    if rest:
        message = f"`{text}` is no whole number of rows"
        raise ValueError(message)
    if rows > MOST_COUNT:
        message = f"{rows:,} rows are too many; at most 2^48"
        raise ValueError(message)
    return rows
