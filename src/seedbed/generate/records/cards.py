"""Fields of payment cards: the brand decides how the number begins, its length and the length of the security code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.calendar import civil_from_days
from seedbed.core.draw import Bits, below
from seedbed.core.tables import WeightedIndex
from seedbed.core.text import fixed_width, join_text, string_array, string_scalar, take_text
from seedbed.generate.frozen.emails import folded_parts
from seedbed.generate.native.methods import credit_card_number, credit_card_security_code
from seedbed.generate.native.ranked import Ranked
from seedbed.generate.records.drawn import Drawn, Field
from seedbed.generate.records.persons import person_parts

#: Brands by Faker's names of them, what cards call them, and how many of 100 cards are of it (rounded, by hand).
_BRANDS = (("visa16", "Visa", 52), ("mastercard", "Mastercard", 33), ("amex", "American Express", 8), ("discover", "Discover", 4),
           ("jcb16", "JCB", 2), ("diners", "Diners Club", 1))  # fmt: skip
_NAMES = string_array([name for _, name, _ in _BRANDS])
_WEIGHTS = WeightedIndex.of(np.array([float(share) for _, _, share in _BRANDS]))

#: A card is valid for so many months after the model's last one, at most.
_MONTHS = 48


def _brand_index(drawn: Drawn) -> NDArray[np.int32]:
    return _WEIGHTS.draw(drawn.bits("brand", 0)).astype(np.int32)


def _brand(drawn: Drawn) -> pa.StringArray:
    return take_text(_NAMES, _brand_index(drawn))


@cache
def _numbers(place: int) -> Ranked:
    return credit_card_number(_BRANDS[place][0])


@cache
def _codes(place: int) -> Ranked:
    return credit_card_security_code(_BRANDS[place][0])


def _by_brand(drawn: Drawn, ranked_of: Callable[[int], Ranked], purpose: str) -> pa.StringArray:
    """Texts of a brand's own kind, each brand's rows made together."""
    brands = _brand_index(drawn)
    order = np.argsort(brands, kind="stable")
    ends = np.searchsorted(brands[order], np.arange(len(_BRANDS) + 1))
    made = [_drawn_of(ranked_of(i), drawn, purpose, order[ends[i] : ends[i + 1]]) for i in range(len(_BRANDS))]
    back = np.empty(drawn.n, np.int32)
    back[order] = np.arange(drawn.n, dtype=np.int32)
    return take_text(pa.concat_arrays(made), back)


def _drawn_of(ranked: Ranked, drawn: Drawn, purpose: str, rows: NDArray[np.int64]) -> pa.StringArray:
    words: list[Bits] = [below(drawn.bits(purpose, slot)[rows], radix).view(np.uint64) for slot, radix in enumerate(ranked.radices)]
    return ranked.make(words)


def _number(drawn: Drawn) -> pa.StringArray:
    return _by_brand(drawn, _numbers, "number")


def _cvv(drawn: Drawn) -> pa.StringArray:
    return _by_brand(drawn, _codes, "code")


def _expiry(drawn: Drawn) -> pa.StringArray:
    """Month and year as `04/27`, after the model's timeframe."""
    year, month, _ = civil_from_days([drawn.end])
    months = int(year[0]) * 12 + int(month[0]) - 1 + 1 + below(drawn.bits("expiry", 0), _MONTHS)
    digits = np.stack([months % 12 + 1, months // 12 % 100], axis=1)
    text = np.full((drawn.n, 5), ord("/"), np.uint8)
    for place, column in ((0, 0), (3, 1)):
        text[:, place] = digits[:, column] // 10 + ord("0")
        text[:, place + 1] = digits[:, column] % 10 + ord("0")
    return fixed_width(text)


def _holder(drawn: Drawn) -> pa.StringArray:
    """A name as cards have it, in capital ASCII letters."""
    first, last = folded_parts(drawn.home.tables, person_parts(drawn))
    return pc.ascii_upper(join_text(first, string_scalar(" "), last))


CARD_FIELDS: dict[str, Field] = {"brand": _brand, "number": _number, "expiry": _expiry, "cvv": _cvv, "holder": _holder}
