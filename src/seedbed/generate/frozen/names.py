"""Names of persons: which first, middle and last name a row has, and their text.

The parts of a name are indexes, so that a name and an e-mail made of the same draws agree.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass
from seedbed.core.text import join_taken, join_text, string_scalar, take_text
from seedbed.generate.frozen.draws import Bits, Index, choice, choice_by_bit, top_bit
from seedbed.generate.frozen.tables import LocaleTables

FIRST_SLOT, LAST_SLOT, MIDDLE_SLOT = 0, 1, 2


class Sex(Enum):
    """Whose names: a woman's, a man's, or of either by half."""

    FEMALE = 0
    MALE = 1
    ANY = None


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of n names, indexes of shape (n,) into `part_texts`; None where a method leaves a part out."""

    first: Index | None = None
    last: Index | None = None
    middle: Index | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PartTexts:
    """All texts of one part of a name, women's first; `counts` says how many are women's and men's, None if they share all."""

    texts: pa.StringArray
    folded: pa.StringArray | None
    counts: tuple[int, int] | None


@cache
def part_texts(tables: LocaleTables, part: str) -> PartTexts:
    """The texts of `first`, `last` or `middle`, and as an e-mail spells them."""
    lists = tables.lists
    if part in lists:
        return PartTexts(lists[part], lists.get(f"{part}_ascii"), None)
    female, male = lists[f"{part}_female"], lists[f"{part}_male"]
    folded = [lists[name] for name in (f"{part}_female_ascii", f"{part}_male_ascii") if name in lists]
    return PartTexts(pa.concat_arrays([female, male]), pa.concat_arrays(folded) if folded else None, (len(female), len(male)))


def name_parts(tables: LocaleTables, bits: Bits, n: int, sex: Sex = Sex.ANY) -> NameParts:
    """Draw the parts of n names: slot 0 decides the sex and the first name, 1 the last name, 2 a middle name if the locale has it.

    >>> from seedbed.generate.frozen import locale_tables
    >>> parts = name_parts(locale_tables("de_DE"), lambda slot: np.array([2**62], np.uint64), 1)
    >>> name_text(locale_tables("de_DE"), parts).to_pylist()
    ['Jeannine Gunpf']
    """
    draws = bits(FIRST_SLOT)
    bit = _sex_bits(draws, sex, n)
    middle = _part(tables, "middle", bits(MIDDLE_SLOT), bit) if "{middle}" in tables.templates["name"][0] else None
    return NameParts(_part(tables, "first", draws, bit), _part(tables, "last", bits(LAST_SLOT), bit), middle)


def first_parts(tables: LocaleTables, bits: Bits, n: int, sex: Sex = Sex.ANY) -> NameParts:
    """Draw n first names (slot 0)."""
    draws = bits(FIRST_SLOT)
    return NameParts(first=_part(tables, "first", draws, _sex_bits(draws, sex, n)))


def last_parts(tables: LocaleTables, bits: Bits, n: int, sex: Sex = Sex.ANY) -> NameParts:
    """Draw n last names (slot 1)."""
    draws = bits(LAST_SLOT)
    return NameParts(last=_part(tables, "last", draws, _sex_bits(draws, sex, n)))


def name_text(tables: LocaleTables, parts: NameParts) -> pa.StringArray:
    """Write names out as the locale does: `first last`, `last first`, with a patronymic or a second surname, shape (n,)."""
    present = {"first": parts.first, "last": parts.last, "middle": parts.middle}
    index = {part: rows for part, rows in present.items() if rows is not None}
    if len(index) == 1:
        ((part, rows),) = index.items()
        return take_text(part_texts(tables, part).texts, rows)
    return join_taken(*((texts, index[part]) for part, texts in _pieces(tables)))


@cache
def _pieces(tables: LocaleTables) -> tuple[tuple[str, pa.StringArray], ...]:
    """The parts of a full name in their order, each list with the text that follows it: 'Ada ' and 'Lovelace'."""
    found = re.findall(r"\{(\w+)\}([^{]*)", tables.templates["name"][0])
    texts = ((part, part_texts(tables, part).texts, after) for part, after in found)
    return tuple((part, join_text(table, string_scalar(after)) if after else table) for part, table, after in texts)


def _part(tables: LocaleTables, part: str, draws: NDArray[np.uint64], bit: NDArray[np.uint64]) -> Index:
    known = part_texts(tables, part)
    return choice(draws, len(known.texts)) if known.counts is None else choice_by_bit(draws, known.counts, bit)


def _sex_bits(draws: NDArray[np.uint64], sex: Sex, n: int) -> NDArray[np.uint64]:
    return top_bit(draws) if sex.value is None else np.full(n, sex.value, np.uint64)
