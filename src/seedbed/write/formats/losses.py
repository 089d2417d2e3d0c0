"""What a format can't hold: refused before the first row where the schema tells, at the row where only values do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import units_of
from seedbed.core.errors import DataError, ModelError, Problem
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape

#: How to go on where a loss may be.
ALLOW = "choose another format, or allow the loss with --format-option lossy=allow"

#: Says why a type can't be held, None where it can.
Refusal = Callable[[pa.Field], str | None]


def refuse_types(table: TableShape, refusal: Refusal, fix: str = ALLOW) -> None:
    """Refuse every column that `refusal` has a reason against.

    Raises:
        ModelError: there is one; all of them together.
    """
    found = [
        Problem(reason, f"{table.name}.{column.name}", fix)
        for column in table.schema
        for leaf in [column, *inner_fields(column)]
        if (reason := refusal(leaf)) is not None
    ]
    if found:
        raise ModelError.of(list(dict.fromkeys(found)))


def inner_fields(column: pa.Field) -> Iterator[pa.Field]:
    """The fields of a struct or a list, and theirs.

    >>> [field.name for field in inner_fields(pa.field("a", pa.struct({"b": pa.list_(pa.int64())})))]
    ['b', 'item']
    """
    kind = column.type
    parts = list(kind) if pa.types.is_struct(kind) else [kind.value_field] if is_list(kind) else []
    for part in parts:
        yield part
        yield from inner_fields(part)


def is_list(kind: pa.DataType) -> bool:
    """Whether values of the type are lists."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


@dataclass(frozen=True, slots=True)
class Cells:
    """Values of one column from row `start` of its file on, for those who find one that can't be held."""

    table: str
    column: str
    start: int = 0

    def refuse(self, rows: NDArray[np.bool_] | pa.Array, what: str, fix: str = ALLOW) -> None:
        """Refuse the first of the rows that are true, shape (n,); nulls are false.

        Raises:
            DataError: there is one.
        """
        wrong = np.asarray(rows.fill_null(False)) if isinstance(rows, pa.Array | pa.ChunkedArray) else rows  # noqa: FBT003 - a value
        if wrong.any():
            self.fail(int(np.argmax(wrong)), what, fix)

    def fail(self, row: int, what: str, fix: str = ALLOW) -> NoReturn:
        """Refuse one row.

        Raises:
            DataError: always.
        """
        raise DataError(what, where=f"{self.table}.{self.column}, row {self.start + row} of its file", fix=fix)


#: Digits that every float keeps, for those who have no other numbers with a point.
FLOAT_DIGITS = 15


def refuse_long_decimals(array: pa.Array, cells: Cells, keeper: str) -> None:
    """Refuse decimals with more digits than every float keeps.

    Raises:
        DataError: there is one.
    """
    kind = array.type
    if kind.precision <= FLOAT_DIGITS:
        return
    if kind.precision <= MOST_DIGITS:
        rows = present(array) & (np.abs(units_of(array)) >= 10**FLOAT_DIGITS)
    else:
        whole = pa.Array.from_buffers(pa.decimal128(38, 0), len(array), array.buffers(), offset=array.offset)
        digits = compute.utf8_length(compute.utf8_ltrim(compute.cast(whole, pa.string()), characters="-"))
        rows = np.asarray(digits.fill_null(0)) > FLOAT_DIGITS
    cells.refuse(rows, f"{keeper} keeps {FLOAT_DIGITS} digits of a number with a point")


#: Texts of so many rows and bytes stay in the processor's caches while they are put together; measured best of 4 to 64 Ki rows.
_PIECE_ROWS, _PIECE_BYTES = 16_384, 2 << 20


def fitting(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in slices of a few rows, and of about 2 MB at most, so that texts made of one fit into one array; without the empty ones."""
    rows = batch.num_rows
    step = max(1, min(rows, _PIECE_ROWS, rows * _PIECE_BYTES // max(batch.nbytes, 1)))
    for start in range(0, rows, step):
        yield batch.slice(start, step)


def integers(array: pa.Array) -> NDArray[Any]:
    """The whole numbers that stand for values (days, microseconds, the numbers themselves); anything where there is a null; shape (n,)."""
    if not len(array):
        return np.zeros(0, np.int64)
    width = array.type.bit_width // 8
    signed = "u" if pa.types.is_unsigned_integer(array.type) else "i"
    data = array.buffers()[1]
    return np.frombuffer(data, f"{signed}{width}", count=len(array), offset=array.offset * width)


def present(array: pa.Array) -> NDArray[np.bool_]:
    """Which values are not null, shape (n,)."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid())
