"""Kernel of `pattern`: texts of a regular expression by their number, and texts put together of parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Key, below, row_numbers
from seedbed.core.language import Strings
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.core.template import Drawn, FilterName, Piece, Plain, RowNumber, Value
from seedbed.core.text import join_text, numbers_as_text, string_scalar
from seedbed.generate.columns import finished
from seedbed.generate.frame import Context, Frame, Kernel, Mask, both
from seedbed.generate.spelling import in_ascii
from seedbed.generate.written import filtered, numbers_of_width, written
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.texts import pieces_of, strings_of_regex
from seedbed.plan.uniqueness import telling_piece

_FILTERS: dict[FilterName, Callable[[pa.StringArray], pa.StringArray]] = {
    "ascii": in_ascii,
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "title": pc.utf8_title,
}

#: The text of a piece, whole or row by row, and which rows have one.
Written = tuple[Any, Mask | None]


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """A text of the regular expression, or of the template."""
    pattern = column.spec.generator.pattern
    assert pattern is not None
    if pattern.regex is not None:
        texts = _Texts.of(engine, column, pattern.regex, (), is_unique=column.is_unique)
        return finished(engine, column, lambda frame: Column(texts.draw(frame)), None)
    return finished(engine, column, _template(engine, column), None)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts of a regular expression: by drawn numbers, or each number once where they are shuffled."""

    strings: Strings
    key: Key
    shuffle: Permutation | None

    @classmethod
    def of(cls, engine: Context, column: ColumnPlan, regex: str, purpose: tuple[str, ...], *, is_unique: bool) -> _Texts:
        strings = strings_of_regex(regex)
        key = engine.key(column.table, column.name, "value", *purpose)
        ranks = engine.key(column.table, column.name, "rank", *purpose)
        return cls(strings, key, Permutation(ranks, strings.ranks) if is_unique else None)

    def draw(self, frame: Frame) -> pa.StringArray:
        """The text of each row, shape (n,)."""
        if self.shuffle is not None:
            ranks: Bits = self.shuffle.forward(row_numbers(frame.rows)).view(np.uint64)
        else:
            ranks = below(frame.bits(self.key), self.strings.ranks).view(np.uint64)
        return self.strings.unrank(ranks, lambda slot: frame.bits(self.key, slot))


def _template(engine: Context, column: ColumnPlan) -> Kernel:
    pieces = pieces_of(column)
    telling = telling_piece(engine.plan.model, {table.name: table for table in engine.plan.tables}, column) if column.is_unique else None
    makers = [_maker(engine, column, piece, place, is_telling=place == telling) for place, piece in enumerate(pieces)]

    def joined(frame: Frame) -> Column:
        parts, valid = [], None
        for make in makers:
            text, has_text = make(frame)
            valid = both(valid, has_text)
            parts.append(text.dictionary_decode() if isinstance(text, pa.DictionaryArray) else text)
        if not any(isinstance(part, pa.Array) for part in parts):
            parts.append(pa.repeat(string_scalar(""), len(frame)))
        return Column(join_text(*parts), valid)

    return joined


def _maker(engine: Context, column: ColumnPlan, piece: Piece, place: int, *, is_telling: bool) -> Callable[[Frame], Written]:
    if isinstance(piece, Plain):
        plain = string_scalar(piece.text)
        return lambda _: (plain, None)
    if isinstance(piece, RowNumber):
        return lambda frame: (_numbers(frame, piece.digits), None)
    if isinstance(piece, Drawn):
        texts = _Texts.of(engine, column, piece.regex, (str(place),), is_unique=is_telling)
        return lambda frame: (texts.draw(frame), None)
    return _value(engine, column, piece)


def _value(engine: Context, column: ColumnPlan, piece: Value) -> Callable[[Frame], Written]:
    read = written(engine, column.table, piece.reference, piece.digits)
    filters = [_FILTERS[name] for name in piece.filters]

    def texts(frame: Frame) -> Written:
        found = read(frame)
        return filtered(found.data, filters), found.valid

    return texts


def _numbers(frame: Frame, digits: int) -> pa.StringArray:
    numbers = row_numbers(frame.rows) + 1
    return numbers_as_text(numbers.view(np.uint64)) if digits <= 1 else numbers_of_width(numbers, digits)
