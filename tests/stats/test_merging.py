"""Any cut of a table into batches, read one after the other or apart and merged, gives the same summary."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.stats.column import ColumnSummary
from seedbed.stats.counts import counted_numbers, counted_texts
from seedbed.stats.describe import describe
from seedbed.stats.quantiles import Quantiles
from seedbed.stats.table import TableSummary
from tests.stats.batches import cut_tables


def summarised(batch: pa.RecordBatch, cuts: list[int], *, apart: bool) -> TableSummary:
    whole = TableSummary.of(batch.schema)
    for start, stop in pairwise(cuts):
        part = TableSummary.of(batch.schema) if apart else whole
        part.add(start, batch.slice(start, stop - start))
        if apart:
            whole.merge(part)
    return whole


def near(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9 * max(abs(a), abs(b), 1)))


def same(one: ColumnSummary, other: ColumnSummary) -> bool:
    first, second = describe(one), describe(other)
    alike = ("rows", "nulls", "nans", "infinite", "distinct", "distinct_exact", "min", "max", "histogram", "texts", "times")
    assert all(getattr(first, name) == getattr(second, name) for name in alike), (first, second)
    assert {(top.value, top.count) for top in first.top} == {(top.value, top.count) for top in second.top} or len(first.top) == 10
    if first.numbers is not None and second.numbers is not None:
        assert first.numbers.quantiles == second.numbers.quantiles
        assert near(first.numbers.mean, second.numbers.mean)
        assert near(first.numbers.deviation, second.numbers.deviation)
        assert (first.numbers.zeros, first.numbers.negative) == (second.numbers.zeros, second.numbers.negative)
    return True


@given(cut_tables(), st.booleans())
def test_any_cut_gives_the_same_summary(table: tuple[pa.RecordBatch, list[int]], apart: bool) -> None:
    batch, cuts = table
    whole, parts = summarised(batch, [0, batch.num_rows], apart=False), summarised(batch, cuts, apart=apart)
    assert all(same(whole.columns[name], parts.columns[name]) for name in whole.columns)
    numbers, sample = whole.sample.table()
    others, other = parts.sample.table()
    assert numbers.tolist() == others.tolist() == list(range(batch.num_rows))
    assert str(sample.to_pylist()) == str(other.to_pylist())


@given(st.lists(st.integers(-50, 50) | st.integers(-(2**40), 2**40), max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_sketches_do_not_depend_on_the_cut(numbers: list[int], cuts: list[int]) -> None:
    values = np.array(numbers, np.int64)
    parts = np.split(values, sorted({min(cut, len(values)) for cut in cuts}))
    whole, merged = Quantiles(counted_numbers(20)), Quantiles(counted_numbers(20))
    whole.add(values)
    for part in parts:
        other = Quantiles(counted_numbers(20))
        other.add(part)
        merged.merge(other)
    assert whole.count == merged.count == len(values)
    assert whole.is_exact == merged.is_exact == (len(set(numbers)) <= 20)
    assert whole.exact.distinct == merged.exact.distinct
    assert all(
        np.array_equal(a, b)
        for a, b in zip(
            (whole.cells().starts, whole.cells().ends, whole.cells().counts),
            (merged.cells().starts, merged.cells().ends, merged.cells().counts),
            strict=True,
        )
        if len(whole.exact.values) or not whole.is_exact
    )


@given(st.lists(st.sampled_from("abcdefghij") | st.text(max_size=3), max_size=400), st.integers(1, 80))
def test_frequent_values_are_counted_within_their_error(texts: list[str], size: int) -> None:
    counts = counted_texts(bound=5)
    for start in range(0, len(texts), size):
        part = counted_texts(bound=5)
        part.add(pa.array(texts[start : start + size], pa.string()))
        counts.merge(part)
    assert counts.total == len(texts)
    for top in counts.top(100):
        assert top.count <= texts.count(str(top.value)) <= top.count + top.error


def test_a_value_that_is_frequent_is_never_lost() -> None:
    counts = counted_numbers(bound=100)
    rare = np.arange(1_000_000, 1_030_000)
    for part in np.array_split(rare, 30):
        counts.add(np.concatenate([part, np.full(200, 7)]))
    first = counts.top(1)[0]
    assert first.value == 7
    assert first.count <= 6_000 <= first.count + first.error
    assert counts.distinct == pytest.approx(30_001, rel=0.03)
