"""The known name that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

#: Comparing with more names than this takes milliseconds.
MOST_NAMES = 500

#: How alike two names must be, from 0 to 1.
_ALIKE = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where none comes near.

    >>> nearest("custmer", ["order", "customer"])
    'customer'
    >>> nearest("Order", ["order", "customer"])
    'order'
    >>> nearest("xyz", ["order", "customer"]) is None
    True
    """
    from difflib import get_close_matches

    wanted = name.casefold()[:200]
    least, most = len(wanted) * _ALIKE / (2 - _ALIKE), len(wanted) * (2 - _ALIKE) / _ALIKE  # no other length can be alike enough
    names = sorted({other for other in known if least <= len(other) <= most})[:MOST_NAMES]
    folded = {other.casefold(): other for other in reversed(names)}
    found = get_close_matches(wanted, folded, n=1, cutoff=_ALIKE)
    return folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The question that offers the nearest name, or None.

    >>> did_you_mean("custmer", ["order", "customer"])
    'did you mean `customer`?'
    """
    found = nearest(name, known)
    return f"did you mean `{found}`?" if found else None


def one_of(names: Iterable[str], *, most: int = 12) -> str:
    """Names in a row for a message, cut where there are many.

    >>> one_of(["a", "b"])
    '`a`, `b`'
    >>> one_of(["a", "b", "c"], most=2)
    '`a`, `b` and 1 more'
    """
    listed = list(names)
    shown = ", ".join(f"`{name}`" for name in listed[:most])
    return shown if len(listed) <= most else f"{shown} and {len(listed) - most} more"
