"""What types the columns of JSON Lines have, widened as more of them is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from seedbed.read.plain import common_type, plain_schema
from seedbed.read.text_types import TEMPORAL, Guess

#: Whole numbers beyond 64 bits; JSON has no end of digits.
_HUGE = pa.decimal128(38, 0)


class JsonTypes:
    """The columns met so far, in their order, each of the narrowest type that keeps all its values.

    `is_slow` says that lines have to be looked at one by one, because a column holds values of several kinds.
    """

    def __init__(self, hint: pa.Schema | None = None) -> None:
        self.is_slow = False
        self._hint = hint
        self._stored: dict[str, pa.DataType] = {}
        self._guesses: dict[str, Guess] = {}

    def stored(self, name: str) -> pa.DataType:
        """The type that a column's values are parsed as, before texts become moments; nulls where there is no such column."""
        kind = self._stored.get(name, pa.string())
        return pa.string() if pa.types.is_null(kind) else kind

    def all_stored(self) -> pa.Schema:
        """The types of all columns so far."""
        return pa.schema(list(self._stored.items()))

    def schema(self) -> pa.Schema:
        """The columns' types in the end; one without any value is what the hint says, or texts. Without any row the hint is all that is known."""
        if not self._stored and self._hint is not None:
            return plain_schema(self._hint)
        return pa.schema([(name, self._final(name)) for name in self._stored])

    def _final(self, name: str) -> pa.DataType:
        kind = self.stored(name)
        return self._guess(name).kind if pa.types.is_string(kind) else kind

    def _guess(self, name: str) -> Guess:
        if name not in self._guesses:
            self._guesses[name] = Guess(self._hinted(name), TEMPORAL)
        return self._guesses[name]

    def _hinted(self, name: str) -> pa.DataType | None:
        return self._hint.field(name).type if self._hint is not None and name in self._hint.names else None

    def meet(self, block: pa.Table, fits: Callable[[pa.Field], bool]) -> None:
        """Widen the types to those of a block; `fits` says whether all of it can be parsed as a type."""
        for name in block.column_names:
            self._widen(name, _kind_of(name, block.column(name), fits), fits)

    def _widen(self, name: str, kind: pa.DataType, fits: Callable[[pa.Field], bool]) -> None:
        known = self._stored.get(name)
        hint = self._hinted(name)
        if known is None and hint is not None and not _is_text(hint) and fits(pa.field(name, hint)):
            kind = hint
        is_flat = known is not None and not pa.types.is_null(known) and not pa.types.is_nested(known)
        if is_flat and fits(pa.field(name, known)):
            return
        merged = kind if known is None else common_type(known, kind)
        self.is_slow = self.is_slow or merged is None
        self._stored[name] = pa.string() if merged is None else merged

    def meet_values(self, found: Mapping[str, Sequence[Any]]) -> None:
        """Widen the types to those of Python's values."""
        for name, values in found.items():
            kind = _type_of(values)
            merged = None if kind is None else common_type(self._stored.get(name, pa.null()), kind)
            self._stored[name] = pa.string() if merged is None else merged

    def see(self, table: pa.Table) -> None:
        """Look at the texts of a block, which may be moments."""
        for name in table.column_names:
            if pa.types.is_string(table.schema.field(name).type):
                for chunk in table.column(name).chunks:
                    self._guess(name).see(chunk)


def _kind_of(name: str, column: pa.ChunkedArray, fits: Callable[[pa.Field], bool]) -> pa.DataType:
    """The type of a column that pyarrow parsed; floats that are whole numbers too large for 64 bits are decimals."""
    if not pa.types.is_float64(column.type):
        return _untimed(column.type)
    import pyarrow.compute as pc

    largest = pc.max(pc.abs(column)).as_py()
    return _HUGE if largest is not None and largest >= 2.0**63 and fits(pa.field(name, _HUGE)) else column.type


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_temporal(kind))


def _untimed(kind: pa.DataType) -> pa.DataType:
    """The type with texts where pyarrow takes some of them for moments."""
    if pa.types.is_timestamp(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_untimed(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(kind.field(i).name, _untimed(kind.field(i).type)) for i in range(kind.num_fields)])
    return kind


def _type_of(values: Sequence[Any]) -> pa.DataType | None:
    """The type of values of one kind; None where they are of several."""
    kinds = {type(value) for value in values} - {type(None)}
    if len({float if kind is int else kind for kind in kinds}) > 1:
        return None
    try:
        return pa.array(values).type
    except OverflowError:
        return _HUGE if kinds == {int} else None
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
