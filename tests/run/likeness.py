"""How far tables that an inferred model grows are from those that it was read off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from seedbed.stats.fingerprints import column_keys, numbers_of
from seedbed.stats.inference.orders import apart
from seedbed.stats.values import kind_of

#: Texts of at most so many different values count as categories; so many make chance alone a total variation of 0.03.
MOST_GROUPS = 30


@dataclass(frozen=True)
class Distance:
    """How far a column is: Kolmogorov-Smirnov for numbers and moments, total variation for categories, of `rows` rows."""

    table: str
    column: str
    by: str
    value: float
    rows: int

    @property
    def limit(self) -> float:
        """0.05 at 10,000 rows; of fewer rows chance is more, as the root of their number."""
        return 0.05 * float(max(1.0, (10_000 / self.rows) ** 0.5))


def distances(
    before: Mapping[str, pa.Table], after: Mapping[str, pa.Table], references: Mapping[tuple[str, str], tuple[str, str]]
) -> Iterator[Distance]:
    """How far each column is; of one that refers to another table, how often each row there is referred to."""
    for table, old in before.items():
        new = after[table]
        for column in old.schema.names:
            rows = min(old.num_rows, new.num_rows)
            goal = references.get((table, column))
            if goal is not None and goal[0] != table:
                parents = [each[goal[0]][goal[1]].combine_chunks() for each in (before, after)]
                counts = [_referred(each[column].combine_chunks(), keys) for each, keys in zip((old, new), parents, strict=True)]
                yield Distance(table, column, "children", apart(*counts), min(map(len, counts)))
            elif goal is None:
                yield from _of_column(table, column, old[column].combine_chunks(), new[column].combine_chunks(), rows)


def _of_column(table: str, column: str, old: pa.Array, new: pa.Array, rows: int) -> Iterator[Distance]:
    yield Distance(table, column, "nulls", abs(old.null_count / len(old) - new.null_count / len(new)), rows)
    ours, theirs = old.drop_null(), new.drop_null()
    rows = min(len(ours), len(theirs))
    if not rows:
        return
    if kind_of(old.type) in {"number", "moment"}:
        yield Distance(table, column, "ks", apart(numbers_of(ours), numbers_of(theirs)), rows)
    elif kind_of(old.type) in {"text", "flag"} and len(ours.unique()) <= MOST_GROUPS:
        yield Distance(table, column, "tv", _variation(ours, theirs), rows)


def _variation(one: pa.Array, other: pa.Array) -> float:
    counts = [{item["values"]: item["counts"] / len(each) for item in each.value_counts().to_pylist()} for each in (one, other)]
    return float(sum(abs(counts[0].get(value, 0.0) - counts[1].get(value, 0.0)) for value in {*counts[0], *counts[1]})) / 2


def _referred(references: pa.Array, keys: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    known = np.sort(column_keys(keys))
    at = np.searchsorted(known, column_keys(references.drop_null()))
    return np.bincount(at, minlength=len(known)).astype(np.float64)


def worst(found: Sequence[Distance]) -> Distance:
    """The one that is farthest beyond what is allowed."""
    return max(found, key=lambda one: one.value / one.limit)
