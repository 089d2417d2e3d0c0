"""Faults of texts: slips of the keyboard, case, blanks, the wrong encoding, a missing end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.draw import Bits, Ints, below
from seedbed.core.text import string_array
from seedbed.generate.frame import Context, Mask
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.generate.quality.characters import Bytes, Characters, Piece, among, joined, piece, single
from seedbed.generate.quality.values import differing, taken, where
from seedbed.model.quality import Case, Typo, Whitespace

_BLANKS = [b" ", b" ", b" ", b" ", b"  ", b"  ", b"\t", "\u00a0".encode()]
_SWAP, _DROP, _DOUBLE, _REPLACE = range(4)


def typo(_: Context, issue: Typo) -> Fault:
    """`edits` slips, one after the other."""

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = cells.values
        for edit in range(issue.params.edits):
            texts = slipped(texts, cells.bits(2 * edit), cells.bits(2 * edit + 1))
        return (texts,)

    return fault


def slipped(texts: pa.StringArray, kinds: Bits, places: Bits) -> pa.StringArray:
    """Texts without nulls with one slip each: two characters swapped, one left out, doubled or replaced; empty texts stay.

    The two draws of shape (n,) say what slips and where.
    """
    characters = Characters.of(texts)
    has_any = characters.counts > 0
    if not has_any.all():
        made = slipped(taken(texts, np.flatnonzero(has_any)), kinds[has_any], places[has_any])
        order = np.where(has_any, np.cumsum(has_any) - 1, len(made))
        return taken(pa.concat_arrays([made, string_array([""])]), order)
    counts = characters.counts
    at = below(places, counts.view(np.uint64))
    following = np.minimum(at + 1, counts)
    what = below(kinds, 4)
    one, other = characters.byte(at), characters.byte(np.minimum(following, counts - 1))
    can_swap = (following < counts) & ((one != other) | (one >= 0x80))
    what = np.where((what == _SWAP) & ~can_swap, _DOUBLE, what)
    what = np.where((what == _DROP) & (counts == 1), _DOUBLE, what)
    return joined(_pieces(characters, what, at, following, _other_character(one, kinds)), pa.string())


def _pieces(texts: Characters, what: Ints, at: Ints, following: Ints, letters: Bytes) -> list[Piece]:
    """Head, what stands between, and tail."""
    none, n = np.zeros(len(at), np.int64), texts.counts
    swaps, doubles, replaces = what == _SWAP, what == _DOUBLE, what == _REPLACE
    after = np.minimum(following + 1, n)
    head = piece(texts, none, np.where(doubles, following, at))
    later = piece(texts, np.where(swaps, following, at), np.where(swaps, after, at))
    letter = single(letters)
    letter = Piece(letter.data, letter.start, letter.start + replaces)
    this = piece(texts, at, np.where(swaps | doubles, following, at))
    tail = piece(texts, np.where(swaps, after, following), n)
    return [head, later, letter, this, tail]


def _other_character(given: Bytes, bits: Bits) -> Bytes:
    """A digit for a digit, a letter of its case for a letter, any small letter for the rest; never the same one."""
    steps = (bits & np.uint64(0xFFFFFF)).astype(np.int64)
    code = given.astype(np.int64)
    digit = 48 + (code - 48 + 1 + steps % 9) % 10
    letter = 97 + (code - 97 + 1 + steps % 25) % 26
    capital = 65 + (code - 65 + 1 + steps % 25) % 26
    kinds: list[Mask] = [(code >= 48) & (code < 58), (code >= 97) & (code < 123), (code >= 65) & (code < 91)]
    return np.select(kinds, [digit, letter, capital], 97 + steps % 26).astype(np.uint8)


def case(_: Context, issue: Case) -> Fault:
    """All letters in one case: the one that is wanted, or either; the other where that changes nothing."""
    wanted = issue.params.to

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        upper, lower = pc.utf8_upper(cells.values), pc.utf8_lower(cells.values)
        if wanted is not None:
            return (upper if wanted == "upper" else lower,)
        first: Mask = (cells.bits() >> np.uint64(63)) == 1
        first &= differing(cells.values, upper)
        first |= ~differing(cells.values, lower)
        return (where(first, upper, lower),)

    return fault


def whitespace(_: Context, issue: Whitespace) -> Fault:
    """A blank before, after or within the text."""
    places = np.array([("leading", "trailing", "inside").index(place) for place in dict.fromkeys(issue.params.places)])

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = Characters.of(cells.values)
        chosen = places[below(cells.bits(), len(places))]
        inside = np.where(texts.counts > 1, 1 + below(cells.bits(1), np.maximum(texts.counts - 1, 1).view(np.uint64)), texts.counts)
        at = np.select([chosen == 0, chosen == 1], [np.zeros(len(cells), np.int64), texts.counts], inside)
        none = np.zeros(len(cells), np.int64)
        blank = among(_BLANKS, below(cells.bits(2), len(_BLANKS)))
        return (joined([piece(texts, none, at), blank, piece(texts, at, texts.counts)], pa.string()),)

    return fault


def encoding(_: Context, issue: Any) -> Fault:
    """One character becomes a letter of Latin-1, which no UTF-8 has alone; an empty text stays."""
    del issue

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = Characters.of(cells.values)
        at = below(cells.bits(), np.maximum(texts.counts, 1).view(np.uint64))
        after = np.minimum(at + 1, texts.counts)
        letters = single((0xE0 + below(cells.bits(1), 23)).astype(np.uint8))
        letters = Piece(letters.data, letters.start, letters.start + (texts.counts > 0))
        none = np.zeros(len(cells), np.int64)
        return (joined([piece(texts, none, at), letters, piece(texts, after, texts.counts)], pa.binary()),)

    return fault


def truncation(_: Context, issue: Any) -> Fault:
    """Only the first characters stay: at most `length`, or any number but all and none."""
    length = issue.params.length

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = Characters.of(cells.values)
        if length is not None:
            kept = np.minimum(texts.counts, length)
        else:
            kept = np.where(texts.counts > 1, 1 + below(cells.bits(), np.maximum(texts.counts - 1, 1).view(np.uint64)), texts.counts)
        return (joined([piece(texts, np.zeros(len(cells), np.int64), kept)], pa.string()),)

    return fault
