"""Kinds of checks about figures, times and distributions."""

# ruff: noqa: DTZ001 - columns have no zone

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.check.kinds.checking import failing_rows, result_of

X = {"x": [1.0, 2.0, 2.0, 5.0, None]}


def figure(kind: str, table: Any = X, **params: Any) -> Any:
    bounds = {} if {"min", "max"} & params.keys() else {"min": -1e18}
    result = result_of(table, {"kind": kind, "column": "x", **bounds, **params})
    assert result.status != "error", result.reason
    return result.observed


def test_figures_leave_nulls_out() -> None:
    assert [figure(kind) for kind in ("min", "max", "mean", "sum", "median")] == [1.0, 5.0, 2.5, 10.0, 2.0]
    assert figure("stddev") == pytest.approx(np.std([1, 2, 2, 5], ddof=1))
    assert figure("quantile", q=0.75) == np.quantile([1, 2, 2, 5], 0.75)
    assert figure("mean", {"x": pa.array([Decimal("1.10"), Decimal("1.20")], pa.decimal128(5, 2))}) == pytest.approx(1.15)
    assert figure("sum", {"x": [2**62, 2**62]}) == 2.0**63
    assert figure("mean", {"x": [True, False]}) == 0.5


def test_bounds_of_figures_include_their_ends() -> None:
    assert result_of(X, {"kind": "mean", "column": "x", "min": 2.5, "max": 2.5}).status == "passed"
    assert result_of(X, {"kind": "mean", "column": "x", "min": 2.51}).status == "failed"


@pytest.mark.parametrize("kind", ["min", "mean", "median", "stddev"])
def test_figures_of_nan_or_nothing_are_errors(kind: str) -> None:
    check = {"kind": kind, "column": "x", "min": 0}
    assert ("NaN" if kind == "min" else "not finite") in (result_of({"x": [1.0, math.nan]}, check).reason or "")
    assert "holds no value" in (result_of({"x": pa.array([None, None], pa.float64())}, check).reason or "")
    assert result_of({"x": ["a"]}, check).reason == "`x` is string, not a number"


def test_a_quantile_of_many_numbers_is_near() -> None:
    numbers = np.arange(200_000.0)
    assert figure("median", pa.table({"x": numbers})) == pytest.approx(99_999.5, rel=0.002)


def test_the_mode_is_the_least_of_the_most_frequent() -> None:
    check = {"kind": "mode", "column": "x", "values": ["b"]}
    assert result_of({"x": ["c", "b", "c", "b", None, None, None]}, check).status == "passed"
    assert result_of({"x": [dt.date(2024, 1, 1)]}, {**check, "values": ["2024-01-01"]}).status == "passed"
    assert result_of({"x": [3, 3, 1]}, {**check, "values": [1]}).observed == 3


def test_entropy_is_in_bits() -> None:
    assert figure("entropy", {"x": ["a", "b", "a", "b", None]}) == 1.0
    assert figure("entropy", {"x": [7, 7]}) == 0.0


def moments(*days: int) -> dict[str, pa.Array]:
    return {"x": pa.array([dt.datetime(2024, 1, day, day % 24) for day in days], pa.timestamp("us"))}


def test_weekends_and_profiles_follow_the_clocks_of_the_zone() -> None:
    assert figure("weekend_share", moments(5, 6, 7, 8)) == 0.5
    late = {"x": pa.array([dt.datetime(2024, 1, 5, 23, 30)], pa.timestamp("us", "Europe/Berlin"))}
    assert figure("weekend_share", late) == 1.0
    hours = [0.0] * 24
    hours[0] = 1.0
    assert result_of(late, {"kind": "hour_profile", "column": "x", "shares": hours}).status == "passed"
    assert result_of(moments(1, 2, 3), {"kind": "hour_profile", "column": "x", "shares": hours}).status == "failed"
    assert result_of(moments(1, 8, 15), {"kind": "dow_profile", "column": "x", "shares": [1, 0, 0, 0, 0, 0, 0]}).status == "passed"


def test_freshness_asks_the_clock_that_is_given() -> None:
    for newest, age, status in ((10, "1 day", "passed"), (8, "1 day", "failed"), (8, "3d", "passed"), (12, "1 day", "failed")):
        assert result_of(moments(1, newest), {"kind": "freshness", "column": "x", "max_age": age}).status == status
    assert result_of(moments(12), {"kind": "freshness", "column": "x", "max_age": "1 day", "future": True}).status == "passed"
    assert result_of({"x": [dt.date(2024, 1, 9)]}, {"kind": "freshness", "column": "x", "max_age": "36 hours"}).status == "passed"


def test_gaps_are_found_whatever_the_order() -> None:
    assert result_of(moments(5, 1, 3, 2), {"kind": "gap", "column": "x", "max": "50 hours"}).status == "passed"
    found = result_of(moments(9, 1, 3, 2), {"kind": "gap", "column": "x", "max": "50 hours"})
    assert found.observed == "1 gaps, the longest from 2024-01-03T03:00:00 to 2024-01-09T09:00:00"


def test_days_with_odd_numbers_of_rows_are_told() -> None:
    days = [day for day in range(60) for _ in range(200 if day == 30 else 20)]
    table = pa.table({"x": pa.array([dt.datetime(2024, 1, 1) + dt.timedelta(days=day) for day in days])})
    odd = result_of(table, {"kind": "volume_anomaly", "column": "x"})
    assert (odd.status, "2024-01-31: 200 rows" in str(odd.observed)) == ("failed", True)
    assert result_of(table, {"kind": "volume_anomaly", "column": "x", "max": 1}).status == "passed"


def test_correlation_takes_rows_that_have_both() -> None:
    table = {"a": [1, 2, 3, None, 5], "b": [2.0, 4.0, 6.0, 0.0, 10.0]}
    assert result_of(table, {"kind": "correlation", "columns": ["a", "b"], "min": 0.99}).observed == pytest.approx(1.0)
    assert result_of({"a": [1, 1, 1], "b": [1, 2, 3]}, {"kind": "correlation", "columns": ["a", "b"]}).status == "error"


@pytest.mark.parametrize("method", ["ks", "psi", "js", "kl", "chi2", "wasserstein"])
def test_drift_is_small_for_the_same_numbers_and_large_for_others(method: str) -> None:
    numbers = pa.table({"x": np.arange(1000.0)})
    check = {"kind": "drift", "column": "x", "method": method, "reference": "r.x", "max": 0.05}
    assert result_of(numbers, check, r=numbers).status == "passed"
    assert result_of(numbers, check, r=pa.table({"x": np.arange(1000.0) + 600})).status == "failed"


def test_drift_compares_texts_with_weights() -> None:
    table = {"x": ["a"] * 6 + ["b"] * 3 + ["c"]}
    check = {"kind": "drift", "column": "x", "shares": {"a": 6, "b": 3, "c": 1}, "method": "chi2", "max": 0.01}
    assert result_of(table, check).status == "passed"
    assert result_of(table, {**check, "shares": {"a": 1, "z": 1}, "method": "js"}).status == "failed"
    assert "needs numbers" in (result_of(table, {**check, "method": "ks"}).reason or "")


def test_a_distribution_fits_or_does_not() -> None:
    numbers = pa.table({"x": (np.arange(5000.0) + 0.5) / 5000})
    check = {"kind": "fit", "column": "x", "distribution": {"type": "uniform", "params": {"low": 0, "high": 1}}}
    assert result_of(numbers, check).status == "passed"
    assert result_of(numbers, {**check, "distribution": {"type": "normal", "params": {"mean": 0.5, "std": 0.3}}}).status == "failed"


@pytest.mark.parametrize("method", ["iqr", "mad", "zscore"])
def test_outliers_are_accused(method: str) -> None:
    table = {"x": [*range(40), None, 1000]}
    assert failing_rows(table, {"kind": "outliers", "column": "x", "method": method}) == [41]
    assert failing_rows({"x": [1, 1, 1]}, {"kind": "outliers", "column": "x", "method": method}) == []


def test_leading_digits_follow_benford() -> None:
    powers = pa.table({"x": [1.1**k for k in range(500)]})
    assert result_of(powers, {"kind": "benford", "column": "x"}).status == "passed"
    assert result_of({"x": list(range(500, 600))}, {"kind": "benford", "column": "x"}).status == "failed"


def test_lifts_of_several_influences_are_compared() -> None:
    table = {"s": ["a", "a", "b", "b"] * 5, "y": [4.0, 4.0, 2.0, 2.0] * 5}
    check = {"kind": "composite_effect", "metric": "y", "lifts": {"s": {"a": 2.0}}}
    assert result_of(table, check).status == "passed"
    assert result_of(table, {**check, "lifts": {"s": {"a": 3.0}}}).status == "failed"


def test_rows_are_counted() -> None:
    assert result_of(X, {"kind": "row_count", "min": 5, "max": 5}).observed == 5
    assert result_of(X, {"kind": "row_count", "max": 1, "where": "x > 1"}).observed == 3


def test_a_query_needs_a_database() -> None:
    assert result_of(X, {"kind": "sql", "query": "SELECT 1"}).reason == "these data are in no database: `sql` runs only there"
