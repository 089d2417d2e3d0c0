"""Which columns of a table go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa

from seedbed.stats.association import correlation_ratio, cramers_v, cross_table, spearman
from seedbed.stats.facts import PairFacts
from seedbed.stats.fingerprints import codes_of, numbers_of
from seedbed.stats.table import TableSummary
from seedbed.stats.values import Counts, Floats, kind_of

#: A column of at most so many different values counts as one of groups.
MOST_GROUPS = 60

#: At most so many columns are looked at in pairs on a sample.
MOST_PAIRED = 30


def pairs_of(table: TableSummary, sample: pa.Table) -> list[PairFacts]:
    """Every pair that can be measured, the strongest first."""
    groups, numbers = grouped_columns(sample), numeric_columns(sample)
    found = [
        *_pearson(table),
        *_spearman(numbers),
        *_cramers(groups),
        *_ratios(groups, numbers),
    ]
    return sorted(found, key=lambda pair: -abs(pair.value))


def grouped_columns(sample: pa.Table) -> dict[str, Counts]:
    """The codes of the columns of texts and flags that hold groups."""
    chosen: dict[str, Counts] = {}
    for field in sample.schema:
        if kind_of(field.type) in {"text", "flag"} and len(chosen) < MOST_PAIRED:
            codes = codes_of(_array(sample[field.name]))
            if len(codes) and 1 <= codes.max() < min(MOST_GROUPS, len(codes) / 2):
                chosen[field.name] = codes
    return chosen


def numeric_columns(sample: pa.Table) -> dict[str, Floats]:
    """The numbers and moments of a sample, NaN for null."""
    names = [field.name for field in sample.schema if kind_of(field.type) in {"number", "moment"}][:MOST_PAIRED]
    return {name: numbers_of(_array(sample[name])) for name in names}


def _pearson(table: TableSummary) -> Iterator[PairFacts]:
    if table.together is None:
        return
    matrix = table.together.pearson()
    for (i, a), (j, b) in combinations(enumerate(table.numeric), 2):
        if not np.isnan(matrix[i, j]):
            yield PairFacts((a, b), "pearson", float(matrix[i, j]), from_sample=False)


def _spearman(numbers: Mapping[str, Floats]) -> Iterator[PairFacts]:
    finite = {name: np.where(np.isfinite(column), column, np.nan) for name, column in numbers.items()}
    for a, b in combinations(finite, 2):
        yield from _measured((a, b), "spearman", spearman(finite[a], finite[b]))


def _cramers(groups: Mapping[str, Counts]) -> Iterator[PairFacts]:
    for a, b in combinations(groups, 2):
        yield from _measured((a, b), "cramers_v", cramers_v(cross_table(groups[a], groups[b])))


def _ratios(groups: Mapping[str, Counts], numbers: Mapping[str, Floats]) -> Iterator[PairFacts]:
    for a in groups:
        for b, column in numbers.items():
            yield from _measured((a, b), "correlation_ratio", correlation_ratio(groups[a], np.where(np.isfinite(column), column, np.nan)))


def _measured(columns: tuple[str, str], method: str, value: float | None) -> Sequence[PairFacts]:
    return () if value is None else (PairFacts(columns, method, value, from_sample=True),)


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
