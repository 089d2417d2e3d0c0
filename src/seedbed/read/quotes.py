"""Whether the quotes of a CSV file stand where a writer puts them: at the start and the end of values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_QUOTE = ord('"')


class QuoteWatch:
    r"""Sees the bytes of a CSV file piece by piece.

    A parser that forgives takes what follows an unclosed quote for text, up to the next quote, and drops rows without a word. `is_odd`
    says that some quote is at no start and no end of a value, or the last one is open: then it takes a strict look.

    >>> watch = QuoteWatch(",")
    >>> watch.see(b'a,"b ""c"" d"\r\n'); watch.is_odd
    False
    >>> watch.see(b'1,"x\n2,"y"\n'); watch.is_odd
    True
    """

    __slots__ = ("_ends", "_is_inside", "_is_odd", "_last")

    def __init__(self, delimiter: str) -> None:
        self._ends = np.zeros(256, np.bool_)
        self._ends[[_QUOTE, ord("\n"), ord("\r"), ord(delimiter)]] = True
        self._is_inside = False
        self._is_odd = False
        self._last = ord("\n")  # the byte before the next piece

    @property
    def is_odd(self) -> bool:
        """Whether the quotes seen so far could be broken."""
        return self._is_odd or self._is_inside

    def see(self, data: bytes) -> None:
        """Take in the next bytes."""
        if self._is_odd or not data:
            return
        signs = np.frombuffer(data, np.uint8)
        if self._last == _QUOTE and not self._is_inside and not self._ends[signs[0]]:
            self._is_odd = True  # the last piece ended with a closing quote
            return
        places = np.flatnonzero(signs == _QUOTE)
        if len(places):
            self._see_quotes(signs, places)
        self._last = int(signs[-1])

    def _see_quotes(self, signs: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
        first = 1 if self._is_inside else 0
        opening, closing = places[first::2], places[1 - first :: 2]
        before = np.where(opening > 0, signs[np.maximum(opening - 1, 0)], np.uint8(self._last))
        after = signs[closing[closing < len(signs) - 1] + 1]
        self._is_odd = not bool(self._ends[before].all() and self._ends[after].all())
        self._is_inside ^= bool(len(places) % 2)
