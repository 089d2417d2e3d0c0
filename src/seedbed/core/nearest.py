"""The known name that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

#: Comparing with more names than this takes milliseconds.
MOST_NAMES = 500

#: How alike two names must be, from 0 to 1.
_ALIKE = 0.6

#: How much more alike than any other a name must be to be surely meant.
_CLEARLY = 0.12


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


class Suggestion(str):
    """A remedy that offers one name for another: `wrong` stands in the document, `right` was probably meant.

    `is_sure` where no other known name comes near.
    """

    __slots__ = ("is_sure", "right", "wrong")
    right: str
    wrong: str
    is_sure: bool

    def __new__(cls, wrong: str, right: str, is_sure: bool = True) -> Self:  # noqa: FBT001, FBT002 - as it is pickled
        """The question that offers the right name."""
        made = super().__new__(cls, f"did you mean `{right}`?")
        made.wrong, made.right, made.is_sure = wrong, right, is_sure
        return made

    def __reduce__(self) -> tuple[type[Suggestion], tuple[str, str, bool]]:
        return type(self), (self.wrong, self.right, self.is_sure)


def did_you_mean(name: str, known: Iterable[str]) -> Suggestion | None:
    """The question that offers the nearest name, or None.

    >>> did_you_mean("custmer", ["order", "customer"])
    'did you mean `customer`?'
    """
    names = list(known)
    found = nearest(name, names)
    return Suggestion(name, found, _is_alone(name, found, names)) if found else None


def _is_alone(name: str, found: str, known: Iterable[str]) -> bool:
    """Whether the nearest name is much nearer than any other."""
    from difflib import SequenceMatcher

    rival = nearest(name, [other for other in known if other != found])
    if rival is None:
        return True
    near, far = (SequenceMatcher(None, name.casefold(), other.casefold()).ratio() for other in (found, rival))
    return near - far >= _CLEARLY


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
