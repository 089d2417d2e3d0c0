"""Moments lie on their grid and come by their weights."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core.calendar import parse_datetime
from seedbed.core.draw import Bits, Ints, derive_key, draw_bits
from seedbed.core.timegrid import (
    ALIASES,
    DAY,
    DIMENSION_SIZES,
    HOUR,
    MINUTE,
    Grid,
    StepFunction,
    TimeTable,
    dimension_values,
    make_grid,
    parse_frequency,
)
from tests.core.battery import goodness

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOP = 2**64 - 1
HOURS = [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 5, 5, 6, 7, 8, 6, 4, 2, 0]
DOW = [1, 1, 1, 1, 2, 4, 0]
MONTHS = [1, 1, 0, 1, 1, 3, 1, 1, 1, 1, 2, 5]
WEIGHTS: dict[str, list[int]] = {"hour": HOURS, "dow": DOW, "month": MONTHS}


def bits(name: str, n: int) -> Bits:
    return draw_bits(derive_key(42, name), range(n))


def moment(text: str) -> int:
    return parse_datetime(text)


def shown(moments: Ints) -> list[str]:
    return [str(value) for value in moments.astype("datetime64[us]").astype("datetime64[m]")]


def grid(start: str, end: str, freq: str) -> list[str]:
    found = make_grid(moment(start), moment(end), freq)
    return shown(found.at(np.arange(found.count)))


def month_ends(months: Sequence[int], first: int, last: int) -> Iterator[str]:
    for year in range(first, last + 1):
        for month in months:
            following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            yield f"{following - timedelta(days=1):%Y-%m-%d}T00:00"


def test_grids_lie_where_their_alias_says() -> None:
    assert grid("2024-02-27T22:30", "2024-02-28T01:00", "H") == ["2024-02-27T23:00", "2024-02-28T00:00", "2024-02-28T01:00"]
    assert grid("2024-02-28T00:00:01", "2024-02-28T00:02:59", "T") == ["2024-02-28T00:01", "2024-02-28T00:02"]
    assert len(grid("2024-02-28T00:00:00.5", "2024-02-28T00:00:09.5", "S")) == 9
    assert grid("2024-02-28", "2024-03-01", "D") == ["2024-02-28T00:00", "2024-02-29T00:00", "2024-03-01T00:00"]
    assert grid("2023-02-28", "2023-03-01", "D") == ["2023-02-28T00:00", "2023-03-01T00:00"]
    assert grid("2024-01-02", "2024-01-16", "W") == ["2024-01-08T00:00", "2024-01-15T00:00"]  # Mondays
    assert grid("2024-01-05", "2024-01-09", "B") == ["2024-01-05T00:00", "2024-01-08T00:00", "2024-01-09T00:00"]
    assert grid("2023-12-15", "2024-04-30", "M") == list(month_ends([12], 2023, 2023)) + list(month_ends([1, 2, 3, 4], 2024, 2024))
    assert grid("2023-12-01T00:00:01", "2024-03-01", "MS") == ["2024-01-01T00:00", "2024-02-01T00:00", "2024-03-01T00:00"]
    assert grid("2023-03-31T12:00", "2024-04-01", "Q") == ["2023-06-30T00:00", "2023-09-30T00:00", "2023-12-31T00:00", "2024-03-31T00:00"]
    assert grid("2023-01-01", "2023-07-01", "QS") == ["2023-01-01T00:00", "2023-04-01T00:00", "2023-07-01T00:00"]
    assert grid("1999-12-31", "2001-12-30", "Y") == ["1999-12-31T00:00", "2000-12-31T00:00"]


def test_grids_before_1970_are_as_regular() -> None:
    assert grid("1969-12-28", "1970-01-06", "W") == ["1969-12-29T00:00", "1970-01-05T00:00"]
    assert grid("1967-12-30", "1968-03-01", "M") == ["1967-12-31T00:00", "1968-01-31T00:00", "1968-02-29T00:00"]
    assert grid("1969-12-31T23:58:30", "1970-01-01T00:00:30", "min") == ["1969-12-31T23:59", "1970-01-01T00:00"]


@pytest.mark.parametrize(("freq", "step"), [("15T", 15), ("15min", 15), ("90MIN", 90), ("6h", 360), ("3d", 3 * 1440), ("2W", 14 * 1440)])
def test_multiples_of_a_grid_are_so_far_apart(freq: str, step: int) -> None:
    found = make_grid(moment("2024-01-01"), moment("2024-03-01"), freq)
    assert found.at(np.arange(3)).tolist() == [moment("2024-01-01") + k * step * MINUTE for k in range(3)]
    assert found.count == (60 * 1440) // step + 1


def test_multiples_of_calendar_grids_skip_points() -> None:
    assert grid("2024-01-01", "2024-12-31", "4MS") == ["2024-01-01T00:00", "2024-05-01T00:00", "2024-09-01T00:00"]
    assert grid("2020-01-01", "2030-01-01", "5Y") == ["2020-12-31T00:00", "2025-12-31T00:00"]


@pytest.mark.parametrize("alias", ALIASES)
def test_lower_case_means_the_same(alias: str) -> None:
    assert parse_frequency(alias.lower()) == parse_frequency(alias) == (1, alias)


@pytest.mark.parametrize("text", ["", "X", "1.5H", "-1D", "0D", "H2", "5", "MSS", "0000S"])
def test_what_is_no_grid_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"no grid|at least 1"):
        parse_frequency(text)


@pytest.mark.parametrize("alias", ALIASES)
def test_a_window_may_hold_no_point(alias: str) -> None:
    empty = make_grid(moment("2024-01-02T00:00:00.1"), moment("2024-01-02T00:00:00.2"), alias)
    assert empty.count == 0
    assert TimeTable.of(empty, {"month": [1] * 12}) is None


@pytest.mark.parametrize("alias", ALIASES)
@given(st.integers(0, 10**12), st.integers(0, 400 * DAY), st.integers(-10 * DAY, 500 * DAY))
def test_floor_and_ceil_find_the_neighbours(alias: str, start: int, size: int, offset: int) -> None:
    found = make_grid(start * 10**3, start * 10**3 + size, alias)
    at = np.array([start * 10**3 + offset])
    below, above = int(found.floor(at)[0]), int(found.ceil(at)[0])
    assert -1 <= below < max(found.count, 1)
    assert 0 <= above <= found.count
    ends = (
        [int(value) for value in found.at(np.clip(np.array([below, below + 1, above - 1, above]), 0, max(found.count - 1, 0)))]
        if found.count
        else []
    )
    if not ends:
        assert (below, above) == (-1, 0)
        return
    assert below < 0 or ends[0] <= at[0]
    assert below + 1 >= found.count or ends[1] > at[0]
    assert above == 0 or ends[2] < at[0]
    assert above == found.count or ends[3] >= at[0]
    assert (found.first, found.last) == (int(found.at(np.array([0]))[0]), int(found.at(np.array([found.count - 1]))[0]))


@given(st.integers(-62_000_000_000_000_000, 10**17))
def test_dimensions_are_those_of_the_calendar(at: int) -> None:
    when = EPOCH + timedelta(microseconds=at)
    found = [int(dimension_values(np.array([at]), name)[0]) for name in DIMENSION_SIZES]
    assert found == [when.hour, when.weekday(), when.month - 1]


# ---------------------------------------------------------------------------------------------- drawing


def table(freq: str, dimensions: Sequence[str] = (), *factors: StepFunction, start: str = "2023-03-17T10:20") -> TimeTable:
    found = TimeTable.of(make_grid(moment(start), moment("2024-11-03T07:07"), freq), {name: WEIGHTS[name] for name in dimensions}, factors)
    assert found is not None
    return found


def plain_weights(
    points: Ints, dimensions: Sequence[str], factor: Callable[[Ints], NDArray[np.float64]] | None = None
) -> NDArray[np.float64]:
    weights = np.ones(len(points))
    for name in dimensions:
        weights = weights * np.array(WEIGHTS[name], dtype=float)[dimension_values(points, name)]
    return weights if factor is None else weights * factor(points)


def cell_of(moments: Ints) -> Ints:
    """Month, weekday and hour as one number."""
    return (dimension_values(moments, "month") * 7 + dimension_values(moments, "dow")) * 24 + dimension_values(moments, "hour")


COMBINATIONS = [names for n in range(4) for names in itertools.combinations(WEIGHTS, n)]


@pytest.mark.parametrize("dimensions", COMBINATIONS, ids="-".join)
def test_times_follow_the_product_of_their_weights(dimensions: tuple[str, ...]) -> None:
    """Chi-square over all cells of hour, weekday and month with weight, p >= 0.001 / 8; nothing where the weight is 0."""
    n = 300_000
    source = table("T", dimensions)
    points = source.grid.at(np.arange(source.grid.count))
    weights = np.bincount(cell_of(points), plain_weights(points, dimensions), minlength=12 * 168)
    counts = np.bincount(cell_of(source.draw(bits("-".join(dimensions), n))), minlength=12 * 168)
    assert (counts[weights == 0] == 0).all()
    shown_cells = weights / weights.sum() * n >= 5
    rest = np.array([counts[~shown_cells].sum()]), np.array([weights[~shown_cells].sum()])
    observed = np.concatenate([counts[shown_cells], rest[0]] if rest[1] > 0 else [counts[shown_cells]])
    expected = np.concatenate([weights[shown_cells], rest[1]] if rest[1] > 0 else [weights[shown_cells]])
    assert goodness(observed, expected / weights.sum() * n) > 0.001 / len(COMBINATIONS)


@pytest.mark.parametrize("freq", ["H", "D", "W", "B", "MS", "7h", "T"])
@pytest.mark.parametrize("dimensions", COMBINATIONS[1:], ids="-".join)
def test_every_draw_lies_on_a_point_with_weight(freq: str, dimensions: tuple[str, ...]) -> None:
    try:
        source = table(freq, dimensions)
    except AssertionError:  # midnight has no weight
        empty = make_grid(moment("2023-03-17T10:20"), moment("2024-11-03T07:07"), freq)
        assert not plain_weights(empty.at(np.arange(empty.count)), dimensions).any()
        return
    points = source.grid.at(np.arange(source.grid.count))
    weighty = points[plain_weights(points, dimensions) > 0]
    found = source.draw(np.concatenate([bits(freq, 5000), np.array([0, TOP], dtype=np.uint64)]))
    assert np.isin(found, weighty).all()
    assert (source.low, source.high) == (weighty[0], weighty[-1])


@pytest.mark.parametrize("dimensions", COMBINATIONS, ids="-".join)
def test_few_draws_are_the_same_as_among_many(dimensions: tuple[str, ...]) -> None:
    """Few are searched for, many guided: not a bit may differ."""
    drawn = np.concatenate([bits("few", 20_000), np.array([0, TOP], dtype=np.uint64)])
    guided = table("T", dimensions).draw(drawn)
    fresh = table("T", dimensions)
    assert np.array_equal(np.concatenate([fresh.draw(part) for part in np.array_split(drawn, 40)]), guided)


def test_many_small_cells_are_drawn_evenly() -> None:
    """Every one of 14,000 hours as often as the others, chi-square, p >= 0.001."""
    n = 500_000
    source = TimeTable.of(make_grid(moment("2023-01-01"), moment("2024-08-06"), "H"), {"hour": [1] * 24}, finest="hour")
    assert source is not None
    index = source.grid.floor(source.draw(bits("even hours", n)))
    assert goodness(np.bincount(index, minlength=source.grid.count), np.full(source.grid.count, n / source.grid.count)) > 0.001


def test_cells_of_very_different_weight_are_drawn_right() -> None:
    """One hour of the year outweighs the others a millionfold; many cells share one entry of the guide."""
    peak = StepFunction(np.array([0, 2]), np.array([moment("2024-05-05"), moment("2024-05-05T01:00")]), np.array([1e6, 1.0]), 1.0)
    source = TimeTable.of(make_grid(moment("2024-01-01"), moment("2024-12-31"), "T"), {"hour": [1] * 24}, [peak])
    assert source is not None
    found = source.draw(bits("peak", 200_000))
    inside = (found >= moment("2024-05-05")) & (found < moment("2024-05-05T01:00"))
    assert inside.mean() == pytest.approx(1e6 * 60 / (1e6 * 60 + 525_540), abs=0.001)
    assert np.unique(found[inside]).tolist() == [moment("2024-05-05") + k * MINUTE for k in range(60)]


def test_cells_narrower_than_floats_do_no_harm() -> None:
    source = TimeTable.of(make_grid(moment("2024-01-01"), moment("2024-01-01T23:00"), "H"), {"hour": [1.0, *[1e-40] * 22, 1e-30]})
    assert source is not None
    assert set(source.draw(np.array([0, TOP], dtype=np.uint64)).tolist()) == {moment("2024-01-01")}
    assert source.at_share(np.array([0.0, 1.0])).tolist()[0] == 0
    assert 0 <= source.at_share(np.array([1.0]))[0] < 24


def test_nothing_to_draw_is_none() -> None:
    assert TimeTable.of(make_grid(moment("2024-01-01"), moment("2024-01-05"), "D"), [("dow", [0, 0, 0, 0, 0, 1, 1])]) is None


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="cells of time"):
        TimeTable.of(make_grid(moment("1000-01-01"), moment("2000-01-01"), "H"), {"hour": [1] * 24})


# --------------------------------------------------------------------------------------------- cut draws

WINDOW = st.integers(0, 597 * 24 * 60).map(lambda minute: moment("2023-03-17T10:00") + minute * MINUTE + minute % 7)


@pytest.mark.parametrize("freq", ["T", "7h", "D", "MS"])
@given(WINDOW, WINDOW, st.sampled_from(COMBINATIONS))
def test_cut_times_lie_within_on_the_grid_and_on_weight(freq: str, one: int, other: int, dimensions: tuple[str, ...]) -> None:
    low, high = min(one, other), max(one, other)
    if freq in ("D", "MS"):
        dimensions = tuple(name for name in dimensions if name != "hour")
    source = table(freq, dimensions)
    found = source.draw_between(bits("cut", 300), np.full(300, low), np.full(300, high))
    assert ((found >= low) & (found <= high)).all()
    points = source.grid.at(np.arange(source.grid.count))
    weights = plain_weights(points, dimensions)
    inside = (points >= low) & (points <= high)
    if inside.any():
        assert np.isin(found, points[inside]).all()
    if (weights[inside] > 0).any():
        assert np.isin(found, points[inside & (weights > 0)]).all()
    assert source.share_between(low, high) == pytest.approx(weights[inside].sum() / weights.sum(), abs=1e-9)
    after, before = points[(weights > 0) & (points >= low)], points[(weights > 0) & (points <= high)]
    assert source.first_from(low) == (after[0] if len(after) else np.inf)
    assert source.last_until(high) == (before[-1] if len(before) else -np.inf)


def test_cut_times_follow_their_weights() -> None:
    """Half of the days of a part of the year, by weekday; chi-square, p >= 0.001."""
    n, source = 100_000, table("H", ("dow",))
    low, high = moment("2023-07-03"), moment("2023-12-30T12:00")
    found = source.draw_between(bits("cut by dow", n), np.full(n, low), np.full(n, high))
    points = source.grid.at(np.arange(source.grid.count))
    points = points[(points >= low) & (points <= high)]
    days = np.bincount((points - low) // DAY, plain_weights(points, ("dow",)))
    counts = np.bincount((found - low) // DAY, minlength=len(days))
    assert goodness(counts[days > 0], days[days > 0] / days.sum() * n) > 0.001
    assert (counts[days == 0] == 0).all()


def test_shares_are_counted_up_to_each_point() -> None:
    source = table("H", ("hour", "dow"))
    points = source.grid.at(np.arange(source.grid.count))
    weights = plain_weights(points, ("hour", "dow"))
    before = np.concatenate([[0], np.cumsum(weights)]) / weights.sum()
    assert source.share_before(np.arange(source.grid.count + 1)) == pytest.approx(before, abs=1e-9)
    middles = np.flatnonzero(weights > 0)
    assert np.array_equal(source.at_share((before[middles] + before[middles + 1]) / 2), middles)


def test_shares_of_dimensions_are_those_of_the_points() -> None:
    source = TimeTable.of(make_grid(moment("2023-03-17"), moment("2024-11-03"), "H"), {"dow": DOW}, finest="hour")
    assert source is not None
    points = source.grid.at(np.arange(source.grid.count))
    weights = plain_weights(points, ("dow",))
    for name, size in DIMENSION_SIZES.items():
        expected = np.bincount(dimension_values(points, name), weights, minlength=size) / weights.sum()
        assert source.dimension_shares(name) == pytest.approx(expected, abs=1e-9)


# ----------------------------------------------------------------------------------------- step functions

STEPS = st.lists(st.dictionaries(st.integers(0, 20), st.floats(0, 9), max_size=5), min_size=1, max_size=4)


def steps_of(groups: list[dict[int, float]], scale: int = 1) -> StepFunction:
    starts = [sorted(group) for group in groups]
    offsets = np.cumsum([0, *(len(group) for group in starts)])
    values = [group[start] for group, order in zip(groups, starts, strict=True) for start in order]
    return StepFunction(offsets, np.array([start * scale for order in starts for start in order], dtype=np.int64), np.array(values), 7.5)


@given(
    STEPS, st.lists(st.tuples(st.integers(-1, 3), st.integers(-5, 25)), min_size=1, max_size=30), st.sampled_from([1, 400 * DAY * 10**4])
)
def test_a_step_holds_until_the_next_of_its_group(groups: list[dict[int, float]], asked: list[tuple[int, int]], scale: int) -> None:
    """Also where all groups' moments side by side would be more than 2^63."""
    function = steps_of(groups, scale)
    asked = [(min(group, len(groups) - 1), at) for group, at in asked]
    found = function.at(np.array([at * scale for _, at in asked]), np.array([group for group, _ in asked]))
    for (group, at), value in zip(asked, found.tolist(), strict=True):
        held = [start for start in (groups[group] if group >= 0 else {}) if start <= at]
        assert value == (groups[group][max(held)] if held else 7.5)


@given(STEPS, st.lists(st.integers(-5, 25), min_size=1))
def test_a_group_alone_holds_the_same(groups: list[dict[int, float]], asked: list[int]) -> None:
    function, moments = steps_of(groups), np.array(asked)
    assert function.groups == len(groups)
    for number in range(-1, len(groups)):
        alone = function.group(number)
        assert np.array_equal(alone.at(moments), function.at(moments, np.full(len(asked), number)))


def test_a_step_function_weighs_a_grid() -> None:
    """Chi-square over days, p >= 0.001; cuts need not lie on the grid; a weight below 0 counts as 0."""
    days = [moment("2023-05-01T00:30"), moment("2023-06-01T05:00"), moment("2023-07-01"), moment("2024-01-01")]
    function = StepFunction(np.array([0, 4]), np.array(days), np.array([2.0, 0.0, 3.0, -1.0]), 1.0)
    source, n = table("H", ("dow",), function), 200_000
    points = source.grid.at(np.arange(source.grid.count))
    weights = plain_weights(points, ("dow",), lambda at: np.maximum(function.at(at), 0))
    found = np.bincount((source.draw(bits("steps", n)) - points[0]) // DAY, minlength=600)
    by_day = np.bincount((points - points[0]) // DAY, weights, minlength=600)
    assert goodness(found[by_day > 0], by_day[by_day > 0] / by_day.sum() * n) > 0.001
    assert (found[by_day == 0] == 0).all()


def test_several_step_functions_multiply() -> None:
    first = StepFunction(np.array([0, 2]), np.array([moment("2023-05-01"), moment("2023-09-01")]), np.array([3.0, 1.0]), 1.0)
    second = StepFunction(np.array([0, 2]), np.array([moment("2023-07-01"), moment("2023-11-01")]), np.array([2.0, 1.0]), 1.0)
    source, alone = table("D", (), first, second), table("D")
    parts = [("2023-05-01", 3), ("2023-07-01", 6), ("2023-09-01", 2), ("2023-11-01", 1)]
    low = [moment(start) for start, _ in parts]
    found = [source.share_between(a, b - 1) / alone.share_between(a, b - 1) for a, b in itertools.pairwise([*low, moment("2024-06-01")])]
    assert [value / found[-1] for value in found] == pytest.approx([weight for _, weight in parts])


def test_the_grid_of_points_says_its_ends() -> None:
    found = Grid(5, 0, 2, np.array([5, 9]))
    assert (found.first, found.last) == (5, 9)
    assert found.at(np.array([1])).tolist() == [9]
    assert HOUR * 24 == DAY
