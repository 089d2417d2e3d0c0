"""Every modifier does what its formula says, computed again here with plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.calendar import parse_datetime
from seedbed.core.draw import derive_key, draw_bits, unit
from seedbed.core.elementary import normal_cdf, normal_quantile
from seedbed.core.errors import DataError
from seedbed.core.tables import QuantileTable
from seedbed.core.timegrid import DAY, HOUR
from tests.core.battery import goodness, kolmogorov
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    fact,
    grown,
    lookup,
    normal,
    numbers,
    pattern,
    poisson,
    refused,
    table,
    texts,
    times,
    uniform,
    vocab,
)

N = 20_000
START, END = parse_datetime("2023-01-01"), parse_datetime("2024-12-31T23:59:59.999999")
SPAN: dict[str, Any] = {"start": "2023-01-01", "end": "2024-12-31"}
Floats = NDArray[np.float64]


def both(kind: str, generator: Document, *modifiers: Document, **rest: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """A column without and with modifiers, and its rows' times."""
    found = []
    for given in ((), modifiers):
        node = entity("t", N, column("v", kind, generator, *given, **rest), column("at", "datetime", times("T")))
        found.append(grown(node, **SPAN))
    return numbers(found[0], "t.v"), numbers(found[1], "t.v"), numbers(found[1], "t.at")


def noise(transform: str, place: int = 0) -> Floats:
    """The standard normal draws of a modifier of t.v."""
    bits = draw_bits(derive_key(42, "t", "v", f"{transform}:{place}"), range(N))
    return QuantileTable.of(normal_quantile).draw(bits)


PLAIN: dict[str, tuple[tuple[Document, ...], Callable[[Floats], Floats]]] = {
    "multiply": ((change("multiply", factor=-2.5),), lambda v: v * -2.5),
    "add": ((change("add", value=0.75),), lambda v: v + 0.75),
    "clamp": ((change("clamp", min=4, max=7.5),), lambda v: np.clip(v, 4, 7.5)),
    "clamp below": ((change("clamp", min=4),), lambda v: np.maximum(v, 4)),
    "clamp above": ((change("clamp", max=4),), lambda v: np.minimum(v, 4)),
    "in the listed order": ((change("add", value=1), change("multiply", factor=3), change("add", value=-2)), lambda v: (v + 1) * 3 - 2),
    "the other order": ((change("add", value=-2), change("multiply", factor=3), change("add", value=1)), lambda v: (v - 2) * 3 + 1),
    "jitter": ((change("jitter", std=0.5),), lambda v: v + 0.5 * noise("jitter")),
    "jitter mul": ((change("jitter", std=0.1, mode="mul"),), lambda v: v * (1 + 0.1 * noise("jitter"))),
    "two jitters": ((change("jitter", std=1), change("jitter", std=2)), lambda v: v + noise("jitter") + 2 * noise("jitter", 1)),
    "nothing": ((change("jitter", std=0), change("multiply", factor=1)), lambda v: v),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    ("kind", "generator"), [("float", normal(5, 2)), ("int", normal(5, 2)), ("int", uniform(0, 10)), ("float", choice(1, 2.5, 6))]
)
def test_modifiers_compute_their_formulas(name: str, kind: str, generator: Document) -> None:
    modifiers, formula = PLAIN[name]
    before, after, _ = both("float" if generator != uniform(0, 10) else kind, generator, *modifiers)
    expected = formula(before.astype(np.float64))
    if kind == "int":
        _, after, _ = both("int", generator, *modifiers)
        assert after.dtype == np.int64
        expected = np.rint(expected)  # halves to even, once, after all modifiers
    assert np.array_equal(after, expected)


def test_noise_is_normal_and_every_modifiers_own() -> None:
    """Kolmogorov-Smirnov, p >= 0.001; draws of two modifiers are uncorrelated within 4.5 standard errors."""
    one, other = noise("jitter"), noise("jitter", 1)
    shares = normal_cdf(np.sort(one))
    assert kolmogorov(float(np.abs(shares - (np.arange(N) + 0.5) / N).max()), N) > 0.001
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / math.sqrt(N)


def test_the_clamp_of_a_distribution_comes_after_its_modifiers() -> None:
    free, held, _ = both("float", normal(5, 0.4, clamp=[4, 6]), change("multiply", factor=10))
    assert (held.min(), held.max()) == (6, 6)
    assert (free.min(), free.max()) == (4, 6)
    _, above, _ = both("float", normal(5, 2, clamp=[None, 6]))
    assert above.max() == 6


def test_modifiers_that_pass_all_floats_name_the_row() -> None:
    engine = grown(entity("t", 9, column("v", "float", normal(1e300, 1), change("multiply", factor=1e300))))
    with pytest.raises(DataError) as caught:
        table(engine, "t")
    assert caught.value.problems[0].where == "t[0].v"
    assert "1.8e308" in caught.value.problems[0].message
    clamped = grown(entity("t", 9, column("v", "float", normal(1e300, 1, clamp=[0, 5]), change("multiply", factor=1e300))))
    assert set(numbers(clamped, "t.v")) == {5.0}


def test_noise_beyond_all_time_stays_within_the_window() -> None:
    engine = grown(entity("t", 900, column("v", "datetime", times("H"), change("time_jitter", std_minutes=1e300))), **SPAN)
    moments = numbers(engine, "t.v")
    assert START <= moments.min() <= moments.max() <= END


# -------------------------------------------------------------------------------------------------- mapping


def test_mapped_values_are_replaced_and_the_others_stay() -> None:
    before, after, _ = both("int", uniform(0, 5), change("map_values", mapping={"1": 10, "5": -7, "99": 3}))
    assert np.array_equal(after, np.select([before == 1, before == 5], [10, -7], before))
    before, after, _ = both("float", choice(0.5, 1, 2), change("map_values", mapping={"0.5": 9.25, "1": 0}))
    assert np.array_equal(after, np.select([before == 0.5, before == 1], [9.25, 0], before))


@pytest.mark.parametrize(
    ("kind", "values", "mapping", "expected"),
    [
        ("string", ["a", "b", "ß"], {"a": "x", "ß": "a", "?": "!"}, {"a": "x", "b": "b", "ß": "a"}),
        ("bool", [True, False], {"true": False}, {True: False, False: False}),
        ("bool", [True, False], {"true": False, "false": True}, {True: False, False: True}),
        ("date", ["2024-02-01", "2024-03-01"], {"2024-02-01": "2020-02-29"}, {"2024-02-01": "2020-02-29", "2024-03-01": "2024-03-01"}),
        ("datetime", ["2024-02-01T10:00", "2024-03-01"], {"2024-02-01T10:00": "1999-12-31"}, {"2024-02-01 10:00:00": "1999-12-31 00:00:00", "2024-03-01 00:00:00": "2024-03-01 00:00:00"}),
    ],
)  # fmt: skip
def test_values_of_every_type_can_be_mapped(kind: str, values: list[Any], mapping: dict[str, Any], expected: dict[Any, Any]) -> None:
    plain, mapped = (
        grown(entity("t", 500, column("v", kind, choice(*values), *given))) for given in ((), (change("map_values", mapping=mapping),))
    )
    are_times = kind in ("date", "datetime")
    before, after = ([str(value) if are_times else value for value in texts(engine, "t.v")] for engine in (plain, mapped))
    assert after == [expected[value] for value in before]


def test_drawn_dates_can_be_mapped() -> None:
    node = entity("t", 2000, column("v", "date", times("MS"), change("map_values", mapping={"2024-02-01": "2024-02-14"})))
    assert {"2024-02-14", "2024-03-01"} <= {str(value) for value in texts(grown(node), "t.v")}
    assert "2024-02-01" not in {str(value) for value in texts(grown(node), "t.v")}


def test_nulls_are_not_mapped() -> None:
    node = entity("t", 500, column("v", "string", choice("a", "b"), change("map_values", mapping={"a": "x", "b": "y"}), nullable=True))
    assert set(texts(grown(node), "t.v")) == {"x", "y", None}


# -------------------------------------------------------------------------------------- seasons and trends

MONTHS = [0.5, 1, 1, 1, 1, 1.25, 1, 1, 1, 1, 2, 3]
DOW = [1, 1, 1, 1, 1.5, 2, 0]
HOURS = [1.0 + (hour % 5) / 2 for hour in range(24)]


def test_seasons_scale_numbers_at_the_rows_time() -> None:
    modifiers = [
        change("seasonality", dimension=name, weights=weights) for name, weights in (("month", MONTHS), ("dow", DOW), ("hour", HOURS))
    ]
    before, after, at = both("float", uniform(1, 2), *modifiers)
    when = at.astype("datetime64[us]")
    month = when.astype("datetime64[M]").astype(int) % 12
    expected = before * np.array(MONTHS)[month] * np.array(DOW)[(at // DAY + 3) % 7] * np.array(HOURS)[(at // HOUR) % 24]
    assert np.array_equal(after, expected)


def test_a_named_time_column_decides_the_season() -> None:
    node = entity(
        "t", 3000, column("at", "datetime", times("H")), column("on", "date", times("D")), column("v", "float", uniform(1, 1), change("seasonality", dimension="month", weights=MONTHS, time_column="on"))
    )  # fmt: skip
    engine = grown(node)
    month = numbers(engine, "t.on").astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    assert np.array_equal(numbers(engine, "t.v"), np.array(MONTHS)[month])


def month_of(moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """The month of moments, from 0."""
    return moments.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12


def test_seasons_reweigh_the_drawing_of_times() -> None:
    """Month times weekday times the pattern's hour; chi-square over months and weekdays, p >= 0.001 / 3."""
    seasons = [change("seasonality", dimension="month", weights=MONTHS), change("seasonality", dimension="dow", weights=DOW)]
    node = entity("t", 100_000, column("at", "datetime", times("H", pattern=pattern("hour", HOURS)), *seasons))
    at = numbers(grown(node, **SPAN), "t.at")
    points = np.arange(START, END, HOUR)
    weights = np.array(MONTHS)[month_of(points)] * np.array(DOW)[(points // DAY + 3) % 7] * np.array(HOURS)[(points // HOUR) % 24]
    for place in (month_of, lambda moments: (moments // DAY + 3) % 7, lambda moments: (moments // HOUR) % 24):
        expected = np.bincount(place(points), weights)
        observed = np.bincount(place(at), minlength=len(expected))
        assert (observed[expected == 0] == 0).all()
        assert goodness(observed[expected > 0], expected[expected > 0] / expected.sum() * len(at)) > 0.001 / 3


TRENDS: dict[str, tuple[Document, Callable[[Floats], Floats]]] = {
    "linear rate": ({"type": "linear", "growth_rate": 0.2}, lambda t: 1 + 0.2 * t),
    "exponential rate": ({"type": "exponential", "growth_rate": 0.2}, lambda t: 1.2**t),
    "shrinking": ({"type": "exponential", "growth_rate": -0.5}, lambda t: 0.5**t),
    "logarithmic rate": ({"type": "logarithmic", "growth_rate": 2.0}, lambda t: 1 + 2 * np.log1p(t)),
    "linear": ({"type": "linear", "params": {"a": 3, "b": -1}}, lambda t: 3 - t),
    "exponential": ({"type": "exponential", "params": {"a": 0.5, "b": 1}}, lambda t: 0.5 * np.exp(t)),
    "logarithmic": ({"type": "logarithmic", "params": {"a": 1, "b": 0.5}}, lambda t: 1 + 0.5 * np.log1p(t)),
    "defaults": ({"type": "linear", "params": {}}, np.ones_like),
}


@pytest.mark.parametrize("name", TRENDS)
def test_trends_follow_their_curve(name: str) -> None:
    args, curve = TRENDS[name]
    before, after, at = both("float", uniform(1, 2), change("trend", **args))
    assert after == pytest.approx(before * curve((at - START) / (365.25 * DAY)), rel=1e-13)


def test_a_trend_may_follow_another_column_and_stands_still_before_the_start() -> None:
    node = entity(
        "t", 3000, column("at", "datetime", times("H")), column("since", "date", times("D", start="2022-01-01", end="2024-12-31")), column("v", "float", uniform(1, 1), change("trend", type="linear", growth_rate=1, time_reference="since"))
    )  # fmt: skip
    engine = grown(node, **SPAN)
    years = np.maximum(numbers(engine, "t.since") * DAY - START, 0) / (365.25 * DAY)
    assert numbers(engine, "t.v") == pytest.approx(1 + years, rel=1e-13)
    assert numbers(engine, "t.v").min() == 1


# -------------------------------------------------------------------------------------------------- jitter of times


def test_times_move_by_whole_seconds_and_stay_in_their_window() -> None:
    plain, moved = (
        grown(entity("t", N, column("v", "datetime", times("H"), *given))) for given in ((), (change("time_jitter", std_minutes=40),))
    )
    before, after = numbers(plain, "t.v"), numbers(moved, "t.v")
    shift = np.rint(noise("time_jitter") * 40 * 60).astype(np.int64) * 1_000_000
    low, high = parse_datetime("2024-01-01"), parse_datetime("2024-12-31T23:59:59")
    expected = before + shift
    expected = np.where(expected < low, 2 * low - expected, np.where(expected > high, 2 * high - expected, expected))
    assert np.array_equal(after, expected)
    assert ((after >= low) & (after <= high)).all()
    assert (expected != before + shift).any()


def test_dates_move_too() -> None:
    plain, moved = (
        grown(entity("t", N, column("v", "date", times("D"), *given))) for given in ((), (change("time_jitter", std_minutes=2000),))
    )
    before, after = numbers(plain, "t.v"), numbers(moved, "t.v")
    shift = np.rint(noise("time_jitter") * 2000 * 60).astype(np.int64) * 1_000_000
    inner = (before > before.min() + 10) & (before < before.max() - 10)
    assert np.array_equal(after[inner], (before * DAY + shift)[inner] // DAY)


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_looked_up_times_move_around_themselves(kind: str) -> None:
    """Not into the timeframe, which has nothing to say of them."""
    old = entity("o", 100, column("v", kind, times("D", start="2001-01-01", end="2003-12-31")))
    node = entity(
        "t",
        2000,
        column("o_id", "int", lookup("o.id")),
        column("v", kind, lookup("o.v", id="o_id"), change("time_jitter", std_minutes=60 * 24)),
    )
    engine = grown(old, node)
    days = 1 if kind == "date" else DAY
    away = numbers(engine, "t.v") - numbers(engine, "o.v")[numbers(engine, "t.o_id") - 1]
    assert np.abs(away).max() < 7 * days
    assert np.abs(away).max() > 2 * days


# ------------------------------------------------------------------------------------------------- outliers


def outlying(mode: str, rate: float, place: int = 0) -> NDArray[np.bool_]:
    rows = np.arange(N) // 8 if mode == "burst" else np.arange(N)
    return unit(draw_bits(derive_key(42, "t", "v", f"outliers:{place}"), rows)) < rate


@pytest.mark.parametrize("mode", ["spike", "drop", "burst"])
def test_outliers_are_as_many_and_as_far_off_as_asked(mode: str) -> None:
    before, after, _ = both("float", uniform(1, 2), change("outliers", rate=0.1, mode=mode))
    mask = outlying(mode, 0.1)
    assert np.array_equal(after != before, mask)
    assert abs(mask.mean() - 0.1) < 4.5 * math.sqrt(0.09 * (8 if mode == "burst" else 1) / N)
    factors = after[mask] / before[mask]
    factors = 1 / factors if mode == "drop" else factors
    assert 3 <= factors.min() < 3.1
    assert 9.9 < factors.max() < 10.0001
    shares = (np.sort(factors) - 3) / 7
    assert kolmogorov(float(np.abs(shares - (np.arange(len(shares)) + 0.5) / len(shares)).max()), len(shares)) > 0.001


def test_bursts_are_runs_of_eight_rows() -> None:
    before, after, _ = both("float", uniform(1, 2), change("outliers", rate=0.05, mode="burst"))
    runs = (after != before).reshape(-1, 8)
    assert set(runs.sum(axis=1).tolist()) == {0, 8}
    assert len(np.unique(after[after != before] / before[after != before])) > 8


@pytest.mark.parametrize(
    ("magnitude", "low", "high"),
    [
        ({"type": "uniform", "params": {"low": -2, "high": -1}}, -2, -1),
        ({"type": "normal", "params": {"mean": 5, "std": 3}, "clamp": [4, 6]}, 4, 6),
        ({"type": "lognormal", "params": {"mean": 0, "sigma": 0}}, 1, 1),
        ({"type": "poisson", "params": {"lambda": 2}, "clamp": [1, None]}, 1, None),
    ],
)
def test_a_distribution_may_give_the_magnitude(magnitude: Document, low: float, high: float | None) -> None:
    before, after, _ = both("float", uniform(1, 2), change("outliers", rate=0.5, magnitude_dist=magnitude))
    factors = after[outlying("spike", 0.5)] / before[outlying("spike", 0.5)]
    assert factors.min() >= low - 1e-12
    assert high is None or factors.max() <= high + 1e-12
    assert np.array_equal(after[~outlying("spike", 0.5)], before[~outlying("spike", 0.5)])


def test_a_drop_by_nothing_is_nothing() -> None:
    magnitude = {"type": "poisson", "params": {"lambda": 0.5}}
    before, after, _ = both("float", uniform(1, 2), change("outliers", rate=1.0, mode="drop", magnitude_dist=magnitude))
    factors = after / before
    assert (after == 0).any()
    assert {round(1 / value) for value in factors[after != 0].tolist()} >= {1, 2}


def test_only_outliers_that_may_exceed_leave_the_clamp() -> None:
    held, _, _ = both("float", uniform(1, 2, clamp=[None, 3]))
    _, bound, _ = both("float", uniform(1, 2, clamp=[None, 3]), change("outliers", rate=0.1))
    _, free, _ = both(
        "float", uniform(1, 2, clamp=[None, 3]), change("outliers", rate=0.1, allow_exceed=True), change("multiply", factor=2)
    )
    mask = outlying("spike", 0.1)
    assert (bound[mask] == 3).all()
    assert np.array_equal(free[~mask], np.minimum(held[~mask] * 2, 3))
    assert (free[mask] > 5.9).all()


# --------------------------------------------------------------------------------------------------- effects

PROMO = entity(
    "promo",
    30,
    column("who", "string", choice("vip", "std")),
    column("s", "datetime", times("H")),
    column("e", "datetime", times("H")),
    column("day", "date", times("D")),
    column("lift", "float", uniform(1.5, 3)),
)
PROMO_RULES = {"inequalities": [{"left": "promo.s", "op": "<", "right": "promo.e"}]}


def effected(kind: str, generator: Document, *args: Document, rows: int = 4000) -> tuple[Any, ...]:
    """The rows of `t` and `promo` as plain Python: t.v before and after, t.at, t.who; and the shocks."""
    engines = [
        grown(PROMO, entity("t", rows, column("who", "string", choice("vip", "std", "none")), column("v", kind, generator, *given), column("at", "datetime", times("S"))), constraints=PROMO_RULES)
        for given in ((), tuple({"transform": "effect", "args": arg} for arg in args))
    ]  # fmt: skip
    shocks = list(
        zip(
            *(numbers(engines[0], f"promo.{name}").tolist() for name in ("s", "e", "day", "lift")),
            texts(engines[0], "promo.who"),
            strict=True,
        )
    )
    return numbers(engines[0], "t.v"), numbers(engines[1], "t.v"), numbers(engines[1], "t.at"), texts(engines[1], "t.who"), shocks


def effect(op: str = "mul", start: str = "s", end: str = "e", default: float | None = None, **on: str) -> Document:
    mapped = {"field": "lift", "op": op, **({} if default is None else {"default": default})}
    return {"effect_table": "promo", "on": on, "window": {"start_col": start, "end_col": end}, "map": mapped}


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("op", "default"), [("mul", None), ("add", None), ("mul", 0.5), ("add", -3.0)])
def test_shocks_act_within_their_windows(op: str, default: float | None, grouped: bool) -> None:
    """Those of one moment multiply or add; outside the default holds."""
    before, after, at, who, shocks = effected("float", uniform(1, 2), effect(op, default=default, **({"who": "who"} if grouped else {})))
    outside = default if default is not None else (1.0 if op == "mul" else 0.0)
    for place in range(len(at)):
        found = [lift for s, e, _, lift, whom in shocks if s <= at[place] <= e and (not grouped or whom == who[place])]
        value = (math.prod(found) if op == "mul" else sum(found)) if found else outside
        assert after[place] == pytest.approx(before[place] * value if op == "mul" else before[place] + value, rel=1e-12)


def test_a_window_that_ends_with_a_date_lasts_its_whole_day() -> None:
    rules = {"inequalities": [{"left": "p.a", "op": "<", "right": "p.b"}]}
    promo = entity("p", 3, column("a", "date", times("D")), column("b", "date", times("D")), column("x", "float", uniform(2, 2)))
    args = {"effect_table": "p", "window": {"start_col": "a", "end_col": "b"}, "map": {"field": "x"}}
    engine = grown(
        promo,
        entity("t", 5000, column("v", "float", uniform(1, 1), change("effect", **args)), column("at", "datetime", times("S"))),
        constraints=rules,
    )
    at = numbers(engine, "t.at") // DAY
    active = sum(((at >= a) & (at <= b)).astype(int) for a, b in zip(numbers(engine, "p.a"), numbers(engine, "p.b"), strict=True))
    assert np.array_equal(numbers(engine, "t.v"), 2.0**active)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("column_name", ["s", "day"])
def test_equal_ends_mean_the_latest_row_at_or_before(column_name: str, grouped: bool) -> None:
    on = {"who": "who"} if grouped else {}
    before, after, at, who, shocks = effected("float", uniform(1, 2), effect("mul", column_name, column_name, 7.0, **on))
    place_of = {"s": 0, "day": 2}[column_name]
    for place in range(len(at)):
        moments = [
            ((shock[place_of] * (DAY if column_name == "day" else 1)), number, shock[3])
            for number, shock in enumerate(shocks)
            if not grouped or shock[4] == who[place]
        ]
        held = [entry for entry in moments if entry[0] <= at[place]]
        assert after[place] == before[place] * (max(held)[2] if held else 7.0)


def test_several_effects_act_one_after_the_other() -> None:
    before, after, at, _, shocks = effected("float", uniform(1, 2), effect("add"), effect("mul", "day", "day"))
    for place in range(0, len(at), 7):
        added = sum(lift for s, e, _, lift, _ in shocks if s <= at[place] <= e)
        held = [(day, number, lift) for number, (_, _, day, lift, _) in enumerate(shocks) if day * DAY <= at[place]]
        assert after[place] == pytest.approx((before[place] + added) * (max(held)[2] if held else 1.0), rel=1e-12)


def test_too_many_shocks_are_refused_before_anything_is_made() -> None:
    promo = entity(
        "promo", 500_001, column("s", "date", times("D")), column("e", "date", times("D")), column("lift", "float", uniform(1, 1))
    )
    acting = change("effect", **effect())
    on_column = entity("t", 5, column("at", "date", times("D")), column("v", "float", uniform(1, 1), acting))
    problem = refused(lambda: grown(promo, on_column))
    assert "the effect table `promo` has 500,001 rows; at most 500,000" in problem.message
    assert problem.where == "nodes.t.columns.v.modifiers[0].args.effect_table"
    assert "500,001 rows" in refused(lambda: grown(promo, entity("p", 5), fact("f", "p", poisson(1), modifiers=[acting]))).message


def test_null_shocks_and_null_groups_do_nothing() -> None:
    promo = entity(
        "p",
        200,
        column("at", "datetime", times("H"), nullable=True),
        column("x", "float", uniform(2, 3), nullable=True),
        column("who", "string", choice("a"), nullable=True),
    )
    args = {"effect_table": "p", "on": {"who": "who"}, "window": {"start_col": "at", "end_col": "at"}, "map": {"field": "x", "default": 1}}
    engine = grown(
        promo,
        entity(
            "t",
            3000,
            column("who", "string", choice("a"), nullable=True),
            column("at", "datetime", times("H")),
            column("v", "float", uniform(1, 1), change("effect", **args)),
        ),
    )
    shocks = [row for row in table(engine, "p").to_pylist() if None not in row.values()]
    assert 100 < len(shocks) < 200
    for row in table(engine, "t").to_pylist():
        held = [shock for shock in shocks if row["who"] and shock["at"] <= row["at"]]
        assert row["v"] == (max(held, key=lambda shock: (shock["at"], shock["id"]))["x"] if held else 1.0)


def reweighed(freq: str, *args: Document, rows: int = 60_000) -> tuple[Any, NDArray[np.int64], list[Any], list[Any]]:
    promo = entity("promo", 6, column("who", "string", choice("vip", "std")), column("s", "datetime", times("H")), column("e", "datetime", times("H")), column("day", "date", times("D")), column("lift", "float", uniform(2, 6)))  # fmt: skip
    modifiers = [{"transform": "effect", "args": arg} for arg in args]
    engine = grown(
        promo,
        entity("t", rows, column("who", "string", choice("vip", "std", "none")), column("v", "datetime", times(freq), *modifiers)),
        constraints=PROMO_RULES,
    )
    shocks = list(
        zip(*(numbers(engine, f"promo.{name}").tolist() for name in ("s", "e", "day", "lift")), texts(engine, "promo.who"), strict=True)
    )
    return engine, numbers(engine, "t.v"), texts(engine, "t.who"), shocks


@pytest.mark.parametrize("grouped", [False, True])
def test_shocks_reweigh_the_drawing_of_times(grouped: bool) -> None:
    """Times of each group by day, two effects at once; chi-square, p >= 0.001 / 4."""
    args = [effect("mul", who="who") if grouped else effect("mul"), effect("mul", "day", "day", 0.5)]
    _, at, who, shocks = reweighed("H", *args)
    grid = np.arange(parse_datetime("2024-01-01"), parse_datetime("2025-01-01"), HOUR)
    for group in ("vip", "std", "none") if grouped else ("all",):
        weights = np.ones(len(grid))
        for s, e, _, lift, whom in shocks:
            weights *= np.where((grid >= s) & (grid <= e) & ((whom == group) | (not grouped)), lift, 1.0)
        latest = np.full(len(grid), 0.5)
        for _, _, day, lift, _ in sorted(shocks, key=lambda shock: shock[2]):
            latest = np.where(grid >= day * DAY, lift, latest)
        by_day = np.bincount((grid - grid[0]) // DAY, weights * latest)
        mine = at if not grouped else at[np.array([value == group for value in who])]
        observed = np.bincount((mine - grid[0]) // DAY, minlength=len(by_day))
        assert goodness(observed, by_day / by_day.sum() * len(mine)) > 0.001 / 4


def test_shocks_that_leave_no_moment_are_refused() -> None:
    promo = entity("p", 1, column("at", "date", times("D")), column("x", "float", uniform(0, 0)))
    args = {"effect_table": "p", "window": {"start_col": "at", "end_col": "at"}, "map": {"field": "x", "default": 0}}
    engine = grown(promo, entity("t", 5, column("v", "datetime", times("H"), change("effect", **args))))
    assert "leave no moment for t.v" in refused(lambda: table(engine, "t")).message


# --------------------------------------------------------------------------------------------- all of them, in any cut

EVERYTHING = [
    change("seasonality", dimension="month", weights=MONTHS),
    change("trend", type="exponential", growth_rate=0.1),
    change("effect", **effect("mul", who="who")),
    change("outliers", rate=0.05, mode="burst"),
    change("outliers", rate=0.05, mode="spike", allow_exceed=True),
    change("jitter", std=0.1, mode="mul"),
    change("map_values", mapping={"1": 2}),
    change("clamp", min=-100),
]


@pytest.mark.parametrize("kind", ["int", "float"])
def test_modified_rows_are_the_same_in_any_cut(kind: str) -> None:
    node = entity(
        "t",
        5000,
        column("who", "string", choice("vip", "std")),
        column("v", kind, normal(50, 20, clamp=[0, 300]), *EVERYTHING, nullable=True),
        column("at", "datetime", times("S")),
    )
    engine = grown(PROMO, vocab("w", "a"), node, constraints={**PROMO_RULES, "ranges": [{"attr": "t.v", "max": 400}]})
    whole = table(engine, "t")
    for start, stop in ((0, 5), (3, 4), (7, 2500), (2500, 5000), (4999, 5000), (17, 17)):
        assert engine.block("t", start, stop).equals(whole.slice(start, stop - start))
