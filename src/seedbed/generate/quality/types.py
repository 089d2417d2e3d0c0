"""Faults by which a value is no longer of its type: times that are misspelt, numbers as another type writes them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.draw import Ints, below
from seedbed.core.text import fixed_width, join_text, string_array, string_scalar
from seedbed.core.timegrid import DAY, SECOND
from seedbed.generate.frame import Context
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.generate.quality.characters import Characters, joined, piece
from seedbed.generate.quality.values import numbers_of, of_numbers, taken, text_of, where
from seedbed.model.quality import MalformedTimestamp, TypeDrift

#: Where `2024-01-31` is cut off, so that no ISO 8601 is left.
_CUTS = np.array([5, 6, 8, 9])


def malformed_timestamp(_: Context, issue: MalformedTimestamp) -> Fault:
    """A time in one of the wrong spellings."""
    styles = [_STYLES[style] for style in dict.fromkeys(issue.params.styles)]

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = text_of(cells.values)
        chosen, places = below(cells.bits(), len(styles)), cells.bits(1)
        made = texts
        for number, style in enumerate(styles):
            made = where(chosen == number, style(cells.values, texts, below(places, 4)), made)
        return (made,)

    return fault


def _impossible(_: pa.Array, texts: pa.StringArray, four: Ints) -> pa.StringArray:
    """Months 13 to 16: `2024-13-31`."""
    return _with_month(texts, fixed_width(np.stack([np.full(len(four), 49), 51 + four], axis=1).astype(np.uint8)))


def _with_month(texts: pa.StringArray, months: pa.StringArray) -> pa.StringArray:
    return join_text(_cut(texts, 0, 5), months, _cut(texts, 7, None))


def _cut(texts: pa.StringArray, start: int, stop: int | None) -> pa.StringArray:
    return pc.utf8_slice_codeunits(texts, start=start, stop=stop)


def _american(_: pa.Array, texts: pa.StringArray, __: Ints) -> pa.StringArray:
    """`01/31/2024`."""
    slash = string_scalar("/")
    return join_text(_cut(texts, 5, 7), slash, _cut(texts, 8, 10), slash, _cut(texts, 0, 4), _cut(texts, 10, None))


def _epoch(values: pa.Array, _: pa.StringArray, __: Ints) -> pa.StringArray:
    """Seconds since 1970."""
    return pc.cast(of_numbers(_seconds(values), pa.int64()), pa.string())


def _seconds(values: pa.Array) -> Ints:
    moments = numbers_of(values)
    return moments * (DAY // SECOND) if pa.types.is_date32(values.type) else moments // SECOND


def _cut_off(_: pa.Array, texts: pa.StringArray, four: Ints) -> pa.StringArray:
    """`2024-01-3`."""
    return joined([piece(Characters.of(texts), np.zeros(len(four), np.int64), _CUTS[four])], pa.string())


_STYLES = {"impossible": _impossible, "american": _american, "epoch": _epoch, "cut": _cut_off}


def type_drift(_: Context, issue: TypeDrift) -> Fault:
    """Whole numbers with a point, others with a comma, yes and no, times as digits."""
    del issue
    return lambda cells: (_drifted(cells.values),)


def _drifted(values: pa.Array) -> pa.StringArray:
    kind = values.type
    if pa.types.is_boolean(kind):
        return taken(string_array(["no", "yes"]), np.asarray(pc.cast(values, pa.int8())).astype(np.int64))
    if pa.types.is_timestamp(kind) or pa.types.is_date32(kind):
        return _epoch(values, values, np.zeros(0, np.int64))
    texts = text_of(values)
    if pa.types.is_integer(kind):
        return join_text(texts, string_scalar(".0"))
    if pa.types.is_time(kind):
        return pc.replace_substring(texts, ":", "")
    has_point = np.asarray(pc.match_substring(texts, "."))
    return where(has_point, pc.replace_substring(texts, ".", ","), join_text(texts, string_scalar(",0")))
