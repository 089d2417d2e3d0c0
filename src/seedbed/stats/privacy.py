"""Signs that a synthetic table gives real rows away: exact copies, and records that lie closer to a real one than real ones do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from seedbed.core.hashing import Keys
from seedbed.core.records import dataclass
from seedbed.stats.fingerprints import codes_of, numbers_of
from seedbed.stats.values import Counts, Floats, kind_of

#: Rows compared at once.
_CHUNK = 256


def copied(keys: Keys, rising: Keys) -> int:
    """How many fingerprints of rows, shape (n,), are among others that rise, shape (m,).

    >>> copied(np.array([1, 2, 3]), np.array([3, 4]))
    1
    """
    if not len(rising):
        return 0
    place = np.minimum(np.searchsorted(rising, keys), len(rising) - 1)
    return int((rising[place] == keys).sum())


@dataclass(frozen=True, slots=True)
class Records:
    """Rows ready to be measured: numbers as shares of the reference's range, shape (n, k), and codes of texts, shape (n, l)."""

    numbers: Floats
    codes: Counts


def records_of(reference: pa.Table, other: pa.Table, names: Sequence[str]) -> tuple[Records, Records]:
    """The rows of two tables in their common columns; numbers beyond the reference's range are further than 1 apart from it."""
    numeric = [name for name in names if kind_of(reference.schema.field(name).type) in {"number", "moment"}]
    coded = [name for name in names if kind_of(reference.schema.field(name).type) in {"text", "flag"}]
    split = reference.num_rows
    columns, codes = [], []
    for name in numeric:
        own = numbers_of(_array(reference[name]))
        held = own[np.isfinite(own)]
        low, span = (float(held.min()), float(held.max() - held.min()) or 1.0) if len(held) else (0.0, 1.0)
        columns.append((np.concatenate([own, numbers_of(_array(other[name]))]) - low) / span)
    for name in coded:
        texts = [_array(table[name]).cast(pa.string()) for table in (reference, other)]
        codes.append(codes_of(pa.concat_arrays(texts)))
    numbers = np.column_stack(columns) if columns else np.zeros((split + other.num_rows, 0))
    all_codes = np.column_stack(codes) if codes else np.zeros((split + other.num_rows, 0), np.int64)
    return Records(numbers[:split], all_codes[:split]), Records(numbers[split:], all_codes[split:])


def distance_to_closest(records: Records, reference: Records, *, leave_out_itself: bool = False) -> Floats:
    """Gower's distance of each record to the closest of a reference, shape (n,): the mean over columns, 0 the same, 1 all different.

    A null and a value are 1 apart, two nulls 0. `leave_out_itself`: the two are the same rows, and none is compared with itself.
    Costs n * m * columns steps. Source: Gower, "A general coefficient of similarity", Biometrics 1971.
    """
    n, width = len(records.codes), records.numbers.shape[1] + records.codes.shape[1]
    found = np.zeros(n)
    if not width or not len(reference.codes):
        return found
    for start in range(0, n, _CHUNK):
        part = slice(start, min(start + _CHUNK, n))
        total = np.zeros((part.stop - start, len(reference.codes)))
        for a, b in zip(records.numbers[part].T, reference.numbers.T, strict=True):
            apart = np.minimum(np.abs(a[:, None] - b[None, :]), 1.0)
            missing = np.isnan(apart)
            if missing.any():
                apart[missing] = (np.isnan(a)[:, None] != np.isnan(b)[None, :])[missing]
            total += apart
        for c, d in zip(records.codes[part].T, reference.codes.T, strict=True):
            total += c[:, None] != d[None, :]
        if leave_out_itself:
            own = np.arange(part.stop - start)
            total[own, own + start] = np.inf
        found[part] = total.min(axis=1) / width
    return found


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
