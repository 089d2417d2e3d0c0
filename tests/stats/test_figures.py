"""Figures beside NumPy's, or beside ones computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.stats.association import CoMoments, correlation_ratio, cramers_v, cross_table, pearson, spearman
from seedbed.stats.benford import FirstDigits
from seedbed.stats.column import ColumnSummary
from seedbed.stats.counts import counted_numbers, number_keys
from seedbed.stats.distinct import DistinctSketch
from seedbed.stats.moments import Moments
from seedbed.stats.periods import Periods
from seedbed.stats.quantiles import Quantiles
from seedbed.stats.shapes import TextShapes, pattern_regex
from seedbed.stats.values import values_of

FLOATS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200)


@given(FLOATS)
def test_moments_are_those_of_numpy(numbers: list[float]) -> None:
    values = np.array(numbers)
    told = Moments()
    for part in np.array_split(values, 3):
        told.add(part)
    assert told.mean == pytest.approx(values.mean(), abs=1e-6)
    assert told.sum == pytest.approx(values.sum(), abs=1e-3)
    if len(values) > 1:
        assert told.deviation == pytest.approx(values.std(ddof=1), rel=1e-6, abs=1e-5)


def test_skewness_and_kurtosis_are_those_of_the_formulas() -> None:
    values = np.array([1.0, 2.0, 3.0, 10.0])
    told = Moments()
    told.add(values[:1])
    told.add(values[1:])
    apart = values - values.mean()
    deviation = math.sqrt((apart**2).mean())
    assert told.skewness == pytest.approx((apart**3).mean() / deviation**3)
    assert told.kurtosis == pytest.approx((apart**4).mean() / deviation**4 - 3)


@given(FLOATS, st.floats(0, 1))
def test_quantiles_of_few_numbers_are_those_of_numpy(numbers: list[float], share: float) -> None:
    told = Quantiles()
    told.add(np.array(numbers))
    assert told.quantile(share) == pytest.approx(float(np.quantile(np.array(numbers), share)), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("shape", ["lognormal", "uniform", "offset", "two sizes"])
def test_quantiles_of_many_numbers_lie_within_their_bounds(shape: str) -> None:
    rng = np.random.default_rng(3)
    values = {
        "lognormal": rng.lognormal(0, 3, 200_000),
        "uniform": rng.random(200_000),
        "offset": 1e9 + rng.random(200_000),
        "two sizes": np.concatenate([rng.random(100_000), 1e12 * rng.random(100_000)]),
    }[shape]
    told = Quantiles()
    for part in np.array_split(values, 7):
        told.add(part)
    assert not told.is_exact
    for share in (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0):
        low, high = told.bounds(share)
        true = float(np.quantile(values, share))
        assert low <= true <= high
        rank = float((values <= told.quantile(share)).mean())
        assert rank == pytest.approx(share, abs=0.003)


@pytest.mark.parametrize("size", [10, 60_000, 300_000])
def test_distinct_values_are_estimated_within_three_errors(size: int) -> None:
    told = DistinctSketch()
    told.add(number_keys(np.arange(size)))
    assert told.estimate == pytest.approx(size, rel=3 * 0.0082, abs=1)


def test_huge_integers_stay_exact() -> None:
    told = counted_numbers()
    told.add(np.array([2**63 - 1, 2**63 - 2, -(2**63)]))
    assert told.distinct == 3
    column = ColumnSummary("id", pa.uint64())
    column.add(pa.array([2**64 - 1, 0], pa.uint64()))
    assert (column.low, column.high) == (0, 2**64 - 1)


def test_correlations_are_those_of_the_formulas() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=500)
    y = x + rng.normal(size=500)
    assert pearson(x, y) == pytest.approx(float(np.corrcoef(x, y)[0, 1]))
    assert spearman(x, np.exp(3 * x)) == pytest.approx(1.0)
    assert pearson(x, np.ones(500)) is None
    y[::3] = np.nan
    held = ~np.isnan(y)
    assert pearson(x, y) == pytest.approx(float(np.corrcoef(x[held], y[held])[0, 1]))


def test_comoments_of_parts_add_up() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(1e6, 1, (300, 3)).cumsum(axis=1)
    whole = CoMoments.of(values)
    parts = CoMoments.of(values[:100])
    parts.merge(CoMoments.of(values[100:]))
    assert np.allclose(whole.pearson(), parts.pearson(), atol=1e-9)
    assert np.allclose(whole.pearson(), np.corrcoef(values.T), atol=1e-6)


def test_groups_go_together_as_far_as_they_do() -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(0, 4, 2_000)
    assert cramers_v(cross_table(a, (a + 1) % 4)) == pytest.approx(1.0, abs=0.01)
    assert (cramers_v(cross_table(a, rng.integers(0, 4, 2_000))) or 0) < 0.05
    assert cramers_v(cross_table(a, np.zeros(2_000, np.int64))) is None
    assert (correlation_ratio(a, rng.normal(size=2_000)) or 0) < 0.1
    assert correlation_ratio(a, a + rng.normal(0, 0.01, 2_000)) == pytest.approx(1.0, abs=0.001)


def test_shapes_of_texts_are_seen_also_beyond_ascii() -> None:
    told = TextShapes()
    told.add(pa.array(["AB-12", "Köln ", "", "日本"], pa.string()))
    assert told.lengths.values.tolist() == [0, 2, 5]
    assert {top.value for top in told.patterns.top(9)} == {"AA-99", "A?aa ", "", "??"}
    assert {top.value for top in told.outlines.top(9)} == {"A-9", "A?a ", "", "?"}
    assert (told.empty, told.padded) == (1, 1)
    assert told.texts_with.tolist() == [2, 1, 1, 1, 1, 2]


def test_a_slice_of_texts_has_the_shapes_of_its_own_rows() -> None:
    told = TextShapes()
    told.add(pa.array(["zzz", "A1", "b"], pa.string()).slice(1, 1))
    assert [top.value for top in told.patterns.top(9)] == ["A9"]


@pytest.mark.parametrize("pattern", ["AAA-99", "a.a@a", "(99) 9", "A|9"])
def test_the_expression_of_a_pattern_matches_it(pattern: str) -> None:
    text = pattern.replace("A", "Q").replace("a", "q").replace("9", "5")
    assert pa.compute.match_substring_regex(pa.array([text]), pattern_regex(pattern)).to_pylist() == [True]


def test_periods_are_those_of_the_calendar() -> None:
    told = Periods()
    moments = np.array(["2024-02-29T23:10", "2024-03-01T00:00", "2024-03-02T12:00"], "datetime64[us]")
    told.add(moments.astype(np.int64))
    hours = told.by_hour()
    assert hours is not None
    assert np.flatnonzero(hours).tolist() == [0, 12, 23]
    assert told.by_weekday().tolist() == [0, 0, 0, 1, 1, 1, 0]
    assert told.by_month().tolist()[:4] == [0, 1, 2, 0]


def test_hours_are_those_of_the_columns_own_clock() -> None:
    column = ColumnSummary("at", pa.timestamp("us", "Europe/Berlin"))
    column.add(pa.array([0], pa.timestamp("us", "Europe/Berlin")))
    hours = column.periods.by_hour()
    assert hours is not None
    assert hours.argmax() == 1


def test_powers_have_the_first_digits_of_benford() -> None:
    told = FirstDigits()
    told.add(1.05 ** np.arange(-1_000, 5_000))
    assert (told.deviation or 1) < 0.002
    told = FirstDigits()
    told.add(np.arange(1_000, 10_000))
    assert (told.deviation or 0) > 0.05


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.uint64(), pa.float16(), pa.decimal128(9, 2), pa.date64(), pa.timestamp("ns"), pa.timestamp("s", "UTC"), pa.time32("s"),
     pa.duration("ms"), pa.large_string(), pa.string_view(), pa.bool_(), pa.null(), pa.binary(), pa.struct([("a", pa.int8())])],
    ids=str,
)  # fmt: skip
def test_every_type_can_be_summarised(kind: pa.DataType) -> None:
    values = values_of(pa.nulls(3, kind))
    assert (values.rows, values.nulls) == (3, 3)
    column = ColumnSummary("x", kind)
    column.add(pa.nulls(2, kind))
    column.add(pa.array([], kind))
    assert column.nulls == 2
