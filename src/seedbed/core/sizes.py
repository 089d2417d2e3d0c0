"""Numbers of bytes as people write them: `500MB`, `2G`, `1.5GiB`."""

from __future__ import annotations

import re

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
_SIZE = re.compile(r"([0-9][0-9_]{0,18})(?:\.([0-9]{1,6}))? ?([KMGT]?I?)B?")


def size_of(text: str) -> int:
    """A number of bytes: digits and a unit; MB are millions, MiB are 2^20.

    Raises:
        ValueError: it is none.

    >>> size_of("500MB"), size_of("2G"), size_of("1.5 GiB")
    (500000000, 2000000000, 1610612736)
    """
    found = _SIZE.fullmatch(text.strip().upper())
    if not found or found[3] not in _UNITS:
        message = f"`{text}` is no size"
        raise ValueError(message)
    places: str = found[2] or ""
    scale: int = 10 ** len(places)
    return int(found[1].replace("_", "") + places) * _UNITS[found[3]] // scale


def size_text(size: float) -> str:
    """A size for people.

    >>> size_text(1_234_567)
    '1.2 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
