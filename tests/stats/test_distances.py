"""Drift, fits, outliers, series, keys and signs of copied rows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.stats.drift import binned, chi_square, js, kl, ks, psi, wasserstein
from seedbed.stats.fit import best_fits
from seedbed.stats.forest import IsolationForest
from seedbed.stats.keys import Dependency, Determination, Uniqueness, dependency_candidates, key_candidates
from seedbed.stats.moments import Moments
from seedbed.stats.outliers import FarRows, Fence, fence
from seedbed.stats.periods import Periods
from seedbed.stats.privacy import distance_to_closest, records_of
from seedbed.stats.quantiles import Cells, Quantiles
from seedbed.stats.series import STEPS, Timeline, gaps, series_of, timelines, volume_anomalies
from seedbed.stats.special import gamma_above, kolmogorov_p
from seedbed.stats.values import DAY_US

Floats = NDArray[np.float64]
NUMBERS = st.lists(st.integers(-20, 20), min_size=1, max_size=60)


def cells(numbers: list[int] | Floats) -> Cells:
    values, counts = np.unique(np.asarray(numbers, np.float64), return_counts=True)
    return Cells(values, values, counts.astype(np.int64))


@given(NUMBERS, NUMBERS)
def test_ks_and_wasserstein_are_those_of_the_steps(before: list[int], after: list[int]) -> None:
    steps = np.arange(-20, 21)
    first = np.array([np.mean(np.array(before) <= step) for step in steps])
    second = np.array([np.mean(np.array(after) <= step) for step in steps])
    assert ks(cells(before), cells(after)).distance == pytest.approx(np.abs(first - second).max())
    assert wasserstein(cells(before), cells(after)) == pytest.approx(np.abs(first - second)[:-1].sum())


@given(NUMBERS)
def test_nothing_has_drifted_from_itself(numbers: list[int]) -> None:
    one = cells(numbers)
    shares = binned(one, one)
    assert (ks(one, one).distance, wasserstein(one, one), psi(*shares), js(*shares)) == (0, 0, 0, 0)
    assert kl(*shares) == pytest.approx(0, abs=1e-12)


def test_distances_are_those_of_the_formulas() -> None:
    before, after = np.array([0.5, 0.5]), np.array([0.8, 0.2])
    assert psi(before, after) == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))
    assert kl(before, after) == pytest.approx(0.8 * math.log2(1.6) + 0.2 * math.log2(0.4))
    middle = (before + after) / 2
    divergence = sum((x * np.log2(x / middle)).sum() for x in (before, after)) / 2
    assert js(before, after) == pytest.approx(math.sqrt(divergence))
    test = chi_square(np.array([30.0, 70.0]), np.array([50.0, 50.0]))
    assert test.distance == pytest.approx(math.sqrt(8.333333 / 200), rel=1e-6)
    assert test.p == pytest.approx(math.erfc(math.sqrt(8.333333 / 2)), rel=1e-5)  # chi-square of one degree is a squared normal


def test_chances_of_known_statistics() -> None:
    assert gamma_above(1.0, 2.5) == pytest.approx(math.exp(-2.5))
    assert gamma_above(10.0, 3.0) == pytest.approx(1 - math.exp(-3) * 3**10 / math.factorial(10) * 1.3693, rel=1e-3)
    assert kolmogorov_p(1.6276 / 1000, 1e6) == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("normal", lambda rng: rng.normal(5, 2, 4_000)),
        ("lognormal", lambda rng: rng.lognormal(1, 1, 4_000)),
        ("uniform", lambda rng: rng.uniform(3, 9, 4_000)),
        ("exponential", lambda rng: rng.exponential(4, 4_000)),
        ("gamma", lambda rng: rng.gamma(3, 2, 4_000)),
        ("weibull", lambda rng: 2 * rng.weibull(2.5, 4_000)),
        ("pareto", lambda rng: 1 + rng.pareto(2, 4_000)),
        ("poisson", lambda rng: rng.poisson(4, 4_000).astype(float)),
        ("geometric", lambda rng: rng.geometric(0.3, 4_000).astype(float)),
    ],
)
def test_numbers_are_found_to_follow_their_distribution(name: str, draw: Callable[[np.random.Generator], Floats]) -> None:
    found = {fit.name: fit for fit in best_fits(draw(np.random.default_rng(5)))}
    assert found[name].fits
    assert found[name].distance <= min(fit.distance for fit in found.values()) + 0.01


def test_numbers_of_two_heaps_follow_nothing() -> None:
    rng = np.random.default_rng(5)
    assert not any(fit.fits for fit in best_fits(np.concatenate([rng.normal(0, 1, 2_000), rng.normal(20, 1, 2_000)])))


@pytest.mark.parametrize(
    ("method", "high"), [("iqr", 150.0), ("zscore", 50 + 3 * 29.300170647967224), ("mad", 50 + 3.5 * 25 / 0.6744897501960817)]
)
def test_fences_are_those_of_the_formulas(method: str, high: float) -> None:
    quantiles, moments = Quantiles(), Moments()
    for state in (quantiles, moments):
        state.add(np.arange(101.0))
    found = fence(method, quantiles, moments)  # type: ignore[arg-type]  # one of the methods
    assert found is not None
    assert found.high == pytest.approx(high)
    assert found.low == pytest.approx(100 - high)


def test_numbers_that_do_not_spread_have_no_fence() -> None:
    quantiles, moments = Quantiles(), Moments()
    for state in (quantiles, moments):
        state.add(np.full(50, 7.0))
    assert [fence(method, quantiles, moments) for method in ("iqr", "zscore", "mad")] == [None, None, None]


@given(st.lists(st.integers(-100, 100), max_size=80), st.integers(0, 80))
def test_the_farthest_rows_do_not_depend_on_the_cut(numbers: list[int], cut: int) -> None:
    values, rows = np.array(numbers, np.float64), np.arange(len(numbers))
    far = Fence("iqr", -50.0, 50.0, "")
    whole, first, second = FarRows(far, 5), FarRows(far, 5), FarRows(far, 5)
    whole.add(rows, values)
    first.add(rows[:cut], values[:cut])
    second.add(rows[cut:], values[cut:])
    first.merge(second)
    assert (whole.count, whole.rows.tolist()) == (first.count, first.rows.tolist())
    assert whole.count == sum(abs(number) > 50 for number in numbers)


def weeks(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    days = np.arange(19_000, 19_000 + 140)
    usual = np.where((days + 3) % 7 < 5, 400, 100)
    return days, rng.poisson(usual).astype(np.int64)


def test_odd_days_are_found_and_no_others() -> None:
    days, counts = weeks(np.random.default_rng(4))
    assert volume_anomalies(Timeline(STEPS[2], days, counts)) == []
    counts[60], counts[75] = 4_000, 5
    found = volume_anomalies(Timeline(STEPS[2], days, counts))
    assert {anomaly.period for anomaly in found} == {19_060, 19_075}
    assert found[0].count == 4_000
    assert found[0].expected == pytest.approx(400, rel=0.15) or found[0].expected == pytest.approx(100, rel=0.3)


def test_gaps_are_found_and_quiet_weekends_are_none() -> None:
    days, counts = weeks(np.random.default_rng(4))
    counts[(days + 3) % 7 >= 5] = 0
    held = counts > 0
    assert gaps(Timeline(STEPS[2], days[held], counts[held])) == []
    held[49:54] = False
    found = gaps(Timeline(STEPS[2], days[held], counts[held]))
    assert len(found) == 1
    assert found[0].length >= 5


def moments(width_us: int, counts: NDArray[np.int64], start: int = 19_000 * DAY_US) -> Periods:
    told = Periods()
    told.add(np.repeat(np.arange(len(counts)) * width_us + start, counts))
    return told


MINUTE, HOUR = 60_000_000, 3_600_000_000


@pytest.mark.parametrize(
    ("width", "n", "step", "odd", "gap"),
    [
        (MINUTE, 600, "minute", "2022-01-08 05:00", "2022-01-08 05:50"),
        (HOUR, 15 * 24, "hour", "2022-01-20 12:00", "2022-01-22 14:00"),
        (DAY_US, 500, "day", "2022-11-04", "2022-12-24"),
    ],
)
def test_the_period_follows_from_the_span_of_the_data(width: int, n: int, step: str, odd: str, gap: str) -> None:
    counts = np.random.default_rng(1).poisson(40, n)
    counts[300], counts[350:356] = 900, 0
    line = series_of(moments(width, counts))
    assert line is not None
    assert line.step.name == step
    assert line.step.text(volume_anomalies(line)[0].period) == odd
    (found,) = gaps(line)
    assert (line.step.text(found.first), found.length) == (gap, 6)


def test_sparse_days_are_looked_at_by_weeks_and_sparse_weeks_by_months() -> None:
    days = np.zeros(900, np.int64)
    days[::9] = 30
    days[450] = 900
    by_week = series_of(moments(DAY_US, days))
    assert by_week is None or by_week.step.name in ("week", "month")
    monthly = np.zeros(2_000, np.int64)
    monthly[::30] = 50
    by_month = series_of(moments(DAY_US, monthly))
    assert by_month is not None
    assert by_month.step.name == "month"


def test_less_than_21_periods_have_no_like() -> None:
    assert series_of(moments(MINUTE, np.full(20, 5))) is None
    assert list(timelines(Periods())) == []


@given(st.lists(st.integers(0, 4_000 * MINUTE), max_size=60), st.integers(0, 60))
def test_periods_do_not_depend_on_the_cut(times: list[int], cut: int) -> None:
    whole, first, second = Periods(most_hours=20), Periods(most_hours=20), Periods(most_hours=20)
    whole.add(np.array(times, np.int64))
    first.add(np.array(times[:cut], np.int64))
    second.add(np.array(times[cut:], np.int64))
    first.merge(second)
    assert (first.level, first.starts.tolist(), first.counts.tolist()) == (whole.level, whole.starts.tolist(), whole.counts.tolist())


def test_keys_and_dependencies_are_found() -> None:
    rng = np.random.default_rng(6)
    rows = np.arange(3_000)
    city = rng.integers(0, 40, 3_000)
    codes = {"id": rows, "city": city, "country": city // 8, "noise": rng.integers(0, 8, 3_000), "order": rows // 5, "line": rows % 5}
    assert set(key_candidates(codes, frozenset())) == {("id",), ("order", "line")}
    assert Dependency(("city",), "country") in dependency_candidates(codes)
    assert not [found for found in dependency_candidates(codes) if found.dependent in {"noise", "city"}]


@pytest.mark.parametrize("sizes", [(60, 50), (10, 20, 15), (6, 8, 10, 6)])
def test_keys_of_up_to_four_columns_are_found_and_none_of_their_parts(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    grids = np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")
    order = rng.permutation(grids[0].size)
    codes = {f"k{place}": grid.reshape(-1)[order] for place, grid in enumerate(grids)}
    codes |= {"shop": codes["k0"] // 2, "noise": rng.integers(0, 5, len(order)), "amount": rng.integers(0, 400, len(order))}
    found = key_candidates(codes, frozenset())
    assert tuple(f"k{place}" for place in range(len(sizes))) in found
    assert not [one for one in found for other in found if set(one) < set(other)]
    for one in found:
        assert len(set(zip(*(codes[name].tolist() for name in one), strict=True))) == len(order)


def test_columns_that_repeat_by_no_chance_make_no_key() -> None:
    rng = np.random.default_rng(8)
    codes = {f"c{place}": rng.integers(0, 500, 2_000) for place in range(6)}
    assert [one for one in key_candidates(codes, frozenset()) if len(one) > 2] == []


def test_what_two_columns_tell_together_is_found() -> None:
    rng = np.random.default_rng(9)
    product, season, noise = (rng.integers(0, size, 4_000) for size in (25, 4, 7))
    price = rng.integers(0, 60, (25, 4))[product, season]
    group = product // 5
    found = dependency_candidates({"product": product, "season": season, "price": price, "group": group, "noise": noise})
    assert Dependency(("product",), "group") in found
    assert Dependency(("product", "season"), "price") in found
    assert not [one for one in found if one.dependent in ("noise", "season", "product") or "noise" in one.determinants]
    assert not [one for one in found if len(one.determinants) == 2 and one.dependent == "group"]


def test_many_columns_are_looked_at_in_bounded_time() -> None:
    rng = np.random.default_rng(10)
    codes = {f"c{place}": rng.integers(0, 3 + place % 200, 1_000) for place in range(3_000)}
    assert len(key_candidates(codes, frozenset())) <= 40
    assert len(dependency_candidates(codes)) <= 40


@given(st.lists(st.integers(0, 3_000), max_size=200), st.integers(0, 200))
def test_uniqueness_does_not_depend_on_the_cut(keys: list[int], cut: int) -> None:
    first, second = Uniqueness(), Uniqueness()
    first.add(np.array(keys[:cut], np.int64))
    second.add(np.array(keys[cut:], np.int64))
    first.merge(second)
    assert first.holds is (len(set(keys)) == len(keys))
    assert Uniqueness(rows=5, most=3).holds is None


def test_what_a_sample_suggests_is_made_sure_of() -> None:
    unique, told = Uniqueness(), Determination()
    unique.add(np.array([1, 2]))
    other = Uniqueness()
    other.add(np.array([2]))
    unique.merge(other)
    assert unique.holds is False
    told.add(np.array([1, 1]), np.array([10, 10]))
    assert told.holds is True
    told.add(np.array([1]), np.array([11]))
    assert told.holds is False


def test_distances_to_the_closest_record_are_gowers() -> None:
    real = pa.table({"age": [20, 40], "plan": ["a", "b"], "gone": pa.nulls(2, pa.float64())})
    made = pa.table({"age": [20, 30, None], "plan": ["a", "b", None], "gone": pa.nulls(3, pa.float64())})
    first, second = records_of(real, made, ["age", "plan", "gone"])
    assert distance_to_closest(second, first).tolist() == pytest.approx([0.0, 0.5 / 3, 2 / 3])
    assert distance_to_closest(first, first, leave_out_itself=True).tolist() == pytest.approx([2 / 3, 2 / 3])


def test_a_forest_finds_the_row_that_is_alone() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(500, 3))
    rows[17] = (9, -9, 9)
    rows[3, 1] = np.nan
    scores = IsolationForest(rows).scores(rows)
    assert int(scores.argmax()) == 17
    assert scores[17] > 0.6
