"""Calls of plug-ins, and what they give back: looked at before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import NUMPY_TYPES, Column, ColumnType
from seedbed.core.draw import Ints, Key, row_count, row_numbers
from seedbed.core.errors import SeedbedError
from seedbed.core.plugins import Draw, Plugin
from seedbed.core.records import dataclass
from seedbed.core.text import string_array
from seedbed.generate.conversion import from_arrow
from seedbed.generate.frame import Frame, Mask
from seedbed.model.plugins import Args
from seedbed.plan.plan import ColumnPlan

#: What NumPy calls the values that each type can be given as.
_KINDS = {ColumnType.INT: "iu", ColumnType.FLOAT: "iuf", ColumnType.BOOL: "b", ColumnType.DATETIME: "M", ColumnType.DATE: "M"}
_UNITS = {ColumnType.DATETIME: "datetime64[us]", ColumnType.DATE: "datetime64[D]"}
_WANTED = {
    ColumnType.INT: "whole numbers",
    ColumnType.FLOAT: "numbers",
    ColumnType.BOOL: "booleans",
    ColumnType.DATETIME: "times (datetime64, or Arrow timestamps without a zone)",
    ColumnType.DATE: "days (datetime64[D], or Arrow dates)",
    ColumnType.STRING: "texts in an Arrow array",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a plug-in in a column: its instance, what it takes, and the key of its draws."""

    plugin: Plugin
    made: Any
    params: Any
    key: Key
    ref: str

    def draw(self, frame: Frame) -> Draw:
        """The draws of a frame's rows."""
        return Draw(row_numbers(frame.rows), partial(frame.bits, self.key))

    def answer(self, frame: Frame, call: Callable[[Any], object]) -> object:
        """What the instance answers; whatever it raises is the plug-in's error."""
        try:
            return call(self.made)
        except SeedbedError:
            raise
        except Exception as error:
            raise self.plugin.error("failed", error, where=self.where(frame)) from error

    def where(self, frame: Frame) -> str:
        """The rows that are made."""
        rows, (table, _, column) = frame.rows, self.ref.partition(".")
        ends = (int(rows[0]), int(rows[-1]) + 1) if row_count(rows) else (0, 0)
        return f"{table}[{ends[0]}:{ends[1]}].{column}"


def call_of(args: Args, key: Key, column: ColumnPlan) -> Call:
    """A use of a plug-in; the plan has seen to it that it was looked for."""
    assert args.plugin is not None
    return Call(args.plugin, args.plugin.maker(), args.params, key, column.ref)


def generated(call: Call, frame: Frame, kind: ColumnType, *, nullable: bool) -> Column:
    """The values of a generator at the rows of a frame, as a column of its type holds them."""
    if not len(frame):
        return Column(string_array([]) if kind is ColumnType.STRING else np.empty(0, NUMPY_TYPES[kind]))
    found = taken(call, frame, call.answer(frame, lambda made: made.values(call.draw(frame), call.params)), kind)
    if found.valid is not None and not nullable:
        row = int(row_numbers(frame.rows)[np.argmin(found.valid)])
        raise call.plugin.error(f"gave no value for row {row:,} of {call.ref}, which is not nullable", where=call.where(frame))
    return found


def changed(call: Call, frame: Frame, values: Any, kind: ColumnType) -> Any:
    """The values that a modifier makes of others; those of a null are given and taken as they are."""
    if not len(frame):
        return values
    if isinstance(values, np.ndarray):  # it must not write into what others read
        values = values.view()
        values.flags.writeable = False
    found = taken(call, frame, call.answer(frame, lambda made: made.values(call.draw(frame), call.params, values)), kind)
    if found.valid is not None:
        raise call.plugin.error("gave fewer values than it was given: some are null", where=call.where(frame))
    return found.data


def taken(call: Call, frame: Frame, values: object, kind: ColumnType) -> Column:
    """What a plug-in gave, as a column of a type.

    Raises:
        PluginError: it is no array of that type, has another length, or holds a number that is not finite.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, np.ndarray | pa.Array):
        raise call.plugin.error(f"gave no array, but {type(values).__name__}", where=call.where(frame))
    shape = values.shape if isinstance(values, np.ndarray) else (len(values),)
    if shape != (len(frame),):
        raise call.plugin.error(f"gave values of the shape {shape} for {len(frame):,} rows", where=call.where(frame))
    found = _from_numpy(values, kind) if isinstance(values, np.ndarray) else _from_arrow(values, kind)
    if found is None:
        given = values.dtype if isinstance(values, np.ndarray) else values.type
        raise call.plugin.error(f"gave values of type {given}; {_WANTED[kind]} were wanted", where=call.where(frame))
    if found.data.dtype == np.float64 if isinstance(found.data, np.ndarray) else False:
        finite = np.isfinite(found.data) if found.valid is None else np.isfinite(found.data) | ~found.valid
        if not finite.all():
            row = int(row_numbers(frame.rows)[np.argmin(finite)])
            raise call.plugin.error(f"gave a number that is not finite for row {row:,} of {call.ref}", where=call.where(frame))
    return found


def _from_numpy(values: NDArray[Any], kind: ColumnType) -> Column | None:
    """An array of NumPy; None where it is of another type. Moments that are none are nulls."""
    if values.dtype.kind not in _KINDS.get(kind, ""):
        return None
    if values.dtype.kind == "M":
        valid: Mask = ~np.isnat(values)
        moments: Ints = values.astype(_UNITS[kind]).view(np.int64)
        return Column(moments) if valid.all() else Column(np.where(valid, moments, 0), valid)
    if values.dtype.kind == "u" and len(values) and int(values.max()) > np.iinfo(np.int64).max and kind is ColumnType.INT:
        return None
    return Column(np.ascontiguousarray(values).astype(NUMPY_TYPES[kind], copy=False))


def _from_arrow(values: pa.Array, kind: ColumnType) -> Column | None:
    """An array of Arrow; None where it is of another type."""
    if pa.types.is_dictionary(values.type):
        values = pc.decoded(values)
    if not _FITS[kind](values.type):
        return None
    valid = None if not values.null_count else np.asarray(values.is_valid())
    if kind is ColumnType.STRING:
        texts = values if pa.types.is_string(values.type) else pc.cast(values, pa.string())
        return Column(texts if valid is None else pc.fill_null(texts, ""), valid)
    if valid is not None:
        values = pc.fill_null(values, pa.scalar(0, pa.int64()).cast(values.type) if kind is not ColumnType.BOOL else False)
    if kind is ColumnType.DATE:
        values = pc.cast(values, pa.date32())
    return Column(from_arrow(values).astype(NUMPY_TYPES[kind], copy=False), valid)


_FITS: dict[ColumnType, Callable[[pa.DataType], bool]] = {
    ColumnType.INT: lambda kind: pa.types.is_integer(kind) and kind != pa.uint64(),
    ColumnType.FLOAT: lambda kind: pa.types.is_integer(kind) or pa.types.is_floating(kind),
    ColumnType.BOOL: pa.types.is_boolean,
    ColumnType.DATETIME: lambda kind: pa.types.is_timestamp(kind) and kind.tz in (None, "UTC"),
    ColumnType.DATE: pa.types.is_date,
    ColumnType.STRING: lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
}
