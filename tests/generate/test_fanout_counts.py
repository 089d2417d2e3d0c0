"""How many children parents have: what the fan-out says, times what segments, ages and shocks leave of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.generate import drawing
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from tests.core.battery import goodness
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    even,
    fact,
    grown,
    normal,
    numbers,
    plan,
    poisson,
    table,
    texts,
    times,
    uniform,
)

PARENTS = 40_000


def counts(engine: Engine, name: str = "c", parent: str = "p") -> NDArray[np.int64]:
    return engine.count_kernel(name)(Frame(engine, parent, range(engine.rows(parent))))


def of(fanout: Document, **parent: object) -> NDArray[np.int64]:
    found = counts(grown(entity("p", PARENTS, **parent), fact("c", "p", fanout)))
    assert found.dtype == np.int64
    return found


def pmf(mean: float, most: int) -> NDArray[np.float64]:
    return np.array([math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(most)])


def test_poisson_fanouts_follow_poissons_law() -> None:
    """Chi-square, p >= 0.001."""
    found = np.minimum(of(poisson(3)), 10)
    shares = pmf(3, 10)
    assert goodness(np.bincount(found, minlength=11), np.append(shares, 1 - shares.sum()) * PARENTS) > 0.001


def test_uniform_fanouts_are_even() -> None:
    """Chi-square, p >= 0.001; both ends are included."""
    assert goodness(np.bincount(of(even(2, 6)), minlength=7)[2:], np.full(5, PARENTS / 5)) > 0.001


@pytest.mark.parametrize(
    ("fanout", "fewest", "most"),
    [
        (poisson(4, clamp=[2, 5]), 2, 5),
        (poisson(4, clamp=[None, 5]), 0, 5),
        (poisson(4, clamp=[3, None]), 3, None),
        (poisson(4, clamp=[2.5, 5.5]), 3, 5),
        (poisson(4, min=1, max=6), 1, 6),
        (poisson(4, min=1, max=6, clamp=[8, 9]), 8, 8),
        (even(0, 5, clamp=[10, 20]), 10, 10),
        (even(0, 5, clamp=[1, 3]), 1, 3),
        (even(0, 0), 0, 0),
    ],
)
def test_bounds_hold_and_the_clamp_comes_last(fanout: Document, fewest: int, most: int | None) -> None:
    found = of(fanout)
    assert found.min() == fewest
    assert most is None or found.max() == most


def test_no_parent_may_have_a_child() -> None:
    engine = grown(entity("p", 100), fact("c", "p", even(0, 0), column("at", "datetime", times("H"))), fact("d", "c", poisson(3)))
    assert (engine.rows("c"), engine.rows("d")) == (0, 0)
    assert table(engine, "c").num_rows == table(engine, "d").num_rows == 0
    assert table(engine, "d").schema.names == ["id", "c_id"]


def test_one_parent_may_have_a_hundred_thousand_children() -> None:
    engine = grown(entity("p", 1), fact("c", "p", poisson(100_000), column("v", "float", normal(0, 1))))
    rows = engine.rows("c")
    assert abs(rows - 100_000) < 5 * math.sqrt(100_000)
    assert (numbers(engine, "c.p_id") == 1).all()
    assert engine.block("c", 70_000, 70_010).equals(table(engine, "c").slice(70_000, 10))


# ------------------------------------------------------------------------------------------------- segments

SEGMENTS: Document = {
    "segment_column": "s",
    "behaviors": {
        "a": {"base_probability": 0.5, "fanout_multiplier": 3},
        "b": {"base_probability": 0.2, "fanout_multiplier": 0},
        "c": {"fanout_multiplier": 0.003},
    },
}


def segmented(fanout: Document) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    engine = grown(
        entity("p", PARENTS, column("s", "string", choice("a", "b", "c", "d")), segment_behavior=SEGMENTS), fact("c", "p", fanout)
    )
    return counts(engine), np.array(texts(engine, "p.s"))


def near(values: NDArray[np.int64], mean: float, variance: float) -> bool:
    """Whether the mean is within 4.5 standard errors: the chance of a false alarm is below 10^-5."""
    return bool(abs(values.mean() - mean) <= 4.5 * math.sqrt(variance / len(values)) + 1e-9)


def test_segments_scale_poisson_fanouts() -> None:
    found, segments = segmented(poisson(2))
    for name, factor in (("a", 3), ("b", 0), ("c", 0.003), ("d", 1)):
        assert near(found[segments == name], 2 * factor, 2 * factor)
    assert goodness(np.bincount(found[segments == "a"], minlength=12)[:12], pmf(6, 12) * (segments == "a").sum()) > 0.001 / 10


def test_segments_scale_uniform_fanouts_beyond_their_ends() -> None:
    found, segments = segmented(even(1, 5))
    for name, factor in (("a", 3), ("b", 0), ("c", 0.003), ("d", 1)):
        assert near(found[segments == name], 3 * factor, 2 * factor**2 + 0.25)
    assert found[segments == "a"].max() == 15
    assert found[segments == "b"].max() == 0


def test_the_clamp_bounds_scaled_fanouts() -> None:
    for fanout in (poisson(2, clamp=[1, 4]), even(1, 5, clamp=[1, 4])):
        found, segments = segmented(fanout)
        assert (found[segments != "b"].min(), found.max()) == (1, 4)
        assert found[segments == "b"].max() == 0


def test_base_probabilities_weigh_the_segment_column() -> None:
    """0.5, 0.2, and the rest shared evenly; chi-square, p >= 0.001."""
    _, segments = segmented(poisson(0.1))
    _, shown = np.unique(segments, return_counts=True)
    assert goodness(shown, np.array([0.5, 0.2, 0.15, 0.15]) * PARENTS) > 0.001


@pytest.mark.parametrize(("kind", "values"), [("int", [1, 2]), ("float", [0.5, 2.0]), ("bool", [True, False])])
def test_segments_may_be_numbers_and_truth_values(kind: str, values: list[object]) -> None:
    spelt = [str(value).lower() for value in values]
    behavior = {"segment_column": "s", "behaviors": {spelt[0]: {"fanout_multiplier": 4}, spelt[1]: {"fanout_multiplier": 0}}}
    engine = grown(entity("p", 5000, column("s", kind, choice(*values)), segment_behavior=behavior), fact("c", "p", poisson(1)))
    first = np.array([value == values[0] for value in texts(engine, "p.s")])
    found = counts(engine)
    assert near(found[first], 4, 4)
    assert found[~first].max() == 0


def test_a_null_segment_changes_nothing() -> None:
    behavior = {"segment_column": "s", "behaviors": {"a": {"fanout_multiplier": 0}}}
    engine = grown(
        entity("p", 5000, column("s", "string", choice("a"), nullable=True), segment_behavior=behavior), fact("c", "p", poisson(3))
    )
    is_null = np.array([value is None for value in texts(engine, "p.s")])
    assert near(counts(engine)[is_null], 3, 3)
    assert counts(engine)[~is_null].max() == 0


# ----------------------------------------------------------------------------------------------------- ages

DAY = 86_400_000_000
UNITS = {"day": DAY, "week": 7 * DAY, "month": 365.25 * DAY / 12}
HOURS = [0] * 6 + [1] * 6 + [3] * 6 + [2] * 6
CURVES: dict[str, Document] = {
    "listed": {"curve": [2.0, 1.0, 0.25], "time_unit": "month"},
    "weekly": {"curve": [1.0, 0.0, 0.5, 0.0], "time_unit": "week"},
    "exponential": {"curve": {"curve_type": "exponential", "params": {"a": 2, "b": -0.1}}, "time_unit": "week"},
    "linear": {"curve": {"curve_type": "linear", "params": {"a": 1, "b": -0.01}}, "time_unit": "day"},
    "logarithmic": {"curve": {"curve_type": "logarithmic", "params": {"a": 1, "b": 0.5}}, "time_unit": "month"},
}


def factor(curve: Document, age: NDArray[np.int64]) -> NDArray[np.float64]:
    if isinstance(curve["curve"], list):
        listed = np.array(curve["curve"], dtype=np.float64)
        return listed[np.minimum(age, len(listed) - 1)]
    a, b = curve["curve"]["params"]["a"], curve["curve"]["params"]["b"]
    found: NDArray[np.float64] = {"exponential": a * np.exp(b * age), "linear": a + b * age, "logarithmic": a + b * np.log1p(age)}[
        curve["curve"]["curve_type"]
    ]
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)


def aged(name: str, parents: int = 800, created: str = "2023-09-01", **more: Document) -> Engine:
    """Parents born before and within the year, with many children each."""
    ages = {name: {**CURVES[name], "applies_to": "fanout"}, **more}
    born = column("born", "datetime", times("H", start=created, end="2024-12-31"))
    parent = entity("p", parents, born, vintage_behavior={"created_at_column": "born", "age_based_multipliers": ages})
    at = column("at", "datetime", times("H", pattern={"dimension": "hour", "weights": HOURS}))
    return grown(parent, fact("c", "p", poisson(200), at))


@pytest.mark.parametrize("name", CURVES)
def test_children_thin_out_along_their_parents_age(name: str) -> None:
    """Expected children of every parent, and of all times by week, from the documented sum; chi-square, p >= 0.001 / 10."""
    engine = aged(name)
    born, found = numbers(engine, "p.born"), counts(engine)
    grid = 1_704_067_200_000_000 + np.arange(366 * 24) * 3_600_000_000
    weight = np.array(HOURS, dtype=float)[np.arange(len(grid)) % 24]
    ages = (grid[None, :] - born[:, None]) // int(UNITS[CURVES[name]["time_unit"]])
    expected = 200 * weight / weight.sum() * np.where(ages >= 0, factor(CURVES[name], np.maximum(ages, 0)), 0)
    means = expected.sum(axis=1)
    likely = means >= 5
    assert (found[means == 0] == 0).all()
    statistic = float(((found - means)[likely] ** 2 / means[likely]).sum())
    assert abs(statistic - likely.sum()) < 4.5 * math.sqrt(2 * likely.sum())
    at, owner = numbers(engine, "c.at"), numbers(engine, "c.p_id") - 1
    assert (at >= born[owner]).all()
    assert (weight[(at // 3_600_000_000) % 24] > 0).all()
    weeks = np.arange(len(grid)) // (7 * 24)
    by_week = np.bincount(weeks, expected.sum(axis=0))
    shown = by_week > 20
    observed = np.bincount((at - grid[0]) // (7 * DAY), minlength=len(by_week))
    assert goodness(observed[shown], by_week[shown] / by_week[shown].sum() * observed[shown].sum()) > 0.001 / 10


def test_times_of_aged_children_do_not_depend_on_the_block() -> None:
    engine = aged("linear", parents=3000)
    whole = table(engine, "c")
    for start, stop in ((0, 1), (17, 3000), (30_000, 30_050), (engine.rows("c") - 9, engine.rows("c"))):
        assert Engine(engine.prepared).block("c", start, stop).equals(whole.slice(start, stop - start))


def test_several_curves_multiply() -> None:
    second = {"curve": [1.0, 0.5], "time_unit": "week", "applies_to": "fanout"}
    alone, both = aged("weekly", 3000), aged("weekly", 3000, more=second)
    assert 0 < both.rows("c") < alone.rows("c")
    born, at, owner = numbers(both, "p.born"), numbers(both, "c.at"), numbers(both, "c.p_id") - 1
    ages = (at - born[owner]) // (7 * DAY)
    assert not np.isin(ages, [1]).any()
    assert (ages >= 3).sum() == 0


def test_too_many_ages_are_refused() -> None:
    """A curve over hours for 30 years."""
    ages = {"x": {"curve": {"curve_type": "linear", "params": {}}, "time_unit": "hour", "applies_to": "fanout"}}
    parent = entity(
        "p",
        5,
        column("born", "datetime", times("H", start="1990-01-01", end="1990-01-02")),
        vintage_behavior={"created_at_column": "born", "age_based_multipliers": ages},
    )
    with pytest.raises(Exception, match="ages; at most 20,000"):
        grown(parent, fact("c", "p", poisson(1), column("at", "datetime", times("H"))))


# ---------------------------------------------------------------------------------------------------- stages


def funnel(rows: int = 30_000, modifiers: Sequence[Document] = (), **rest: Any) -> Engine:
    behavior = {"segment_column": "s", "behaviors": {"x": {}, "y": {}}}
    parent = entity("p", rows, column("s", "string", choice("x", "y")), column("born", "datetime", times("S")), segment_behavior=behavior)
    config = {
        "stages": [
            {"stage_name": "in", "transition_rate": 0.9},
            {"stage_name": "trial", "transition_rate": 0.5},
            {"stage_name": "paid", "transition_rate": 0.6},
        ],
        "segment_variation": {"x": {"transition_multiplier": 1.5}},
    }
    stages = [column("stage_name", "string", choice("?")), column("stage_index", "int", {"sequence": {}})]
    return grown(parent, fact("f", "p", None, *stages, column("at", "datetime", times("S"), *modifiers), stage_config=config), **rest)


def test_parents_reach_stages_at_their_rates() -> None:
    """The share of each segment that reaches each stage, within 4.5 standard errors; capped at 1."""
    engine = funnel()
    found, segment = counts(engine, "f"), np.array(texts(engine, "p.s"))
    for name, rates in (("x", [0.9, 0.75, 0.9]), ("y", [0.9, 0.5, 0.6])):
        reached = found[segment == name]
        for stage, rate in enumerate(rates):
            before = reached[reached >= stage]
            assert near((before > stage).astype(np.int64), rate, rate * (1 - rate))


def in_order(engine: Engine) -> bool:
    at, owner = numbers(engine, "f.at"), numbers(engine, "f.p_id")
    same = owner[1:] == owner[:-1]
    return bool((at[1:] >= at[:-1])[same].all()) and bool(same.any())


def test_stages_are_named_counted_and_in_order_of_time() -> None:
    engine = funnel()
    index, owner = numbers(engine, "f.stage_index"), numbers(engine, "f.p_id")
    first = np.append(True, owner[1:] != owner[:-1])
    assert (index[first] == 0).all()
    assert (index[1:][~first[1:]] == index[:-1][~first[1:]] + 1).all()
    assert texts(engine, "f.stage_name") == [["in", "trial", "paid"][place] for place in index.tolist()]
    assert in_order(engine)


def test_stages_stay_in_order_after_a_limit_or_a_modifier() -> None:
    limited = funnel(3000, constraints={"inequalities": [{"left": "p.born", "op": "<=", "right": "f.at"}]})
    assert in_order(limited)
    assert (numbers(limited, "f.at") >= numbers(limited, "p.born")[numbers(limited, "f.p_id") - 1]).all()
    assert in_order(funnel(3000, modifiers=[change("time_jitter", std_minutes=60 * 24 * 20)]))


def test_stages_do_not_depend_on_the_block() -> None:
    engine = funnel(3000, constraints={"inequalities": [{"left": "p.born", "op": "<=", "right": "f.at"}]})
    whole = table(engine, "f")
    for start, stop in ((1, 2), (2, 900), (engine.rows("f") - 1, engine.rows("f"))):
        assert Engine(engine.prepared).block("f", start, stop).equals(whole.slice(start, stop - start))


def test_expected_rows_of_a_plan_are_those_of_its_fanouts() -> None:
    made = plan(entity("p", 100), fact("c", "p", poisson(4)), fact("d", "c", even(0, 3)), fact("e", "p", poisson(4, clamp=[None, 0])))
    expected = {found.name: found.expected_rows for found in made.tables}
    assert expected["p"] == 100
    assert expected["c"] == pytest.approx(400)
    assert expected["d"] == pytest.approx(600)
    assert expected["e"] == 0


def test_shocks_of_many_groups_are_the_same_however_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    args: Document = {
        "effect_table": "shock",
        "on": {"kind": "kind"},
        "window": {"start_col": "since", "end_col": "until"},
        "map": {"field": "x", "default": 1},
    }
    nodes = [
        entity(
            "shock",
            200,
            column("kind", "int", uniform(0, 49)),
            column("since", "datetime", times("H")),
            column("until", "datetime", {"expression": {"code": "add_hours(since, 300)"}}),
            column("x", "float", uniform(0, 3)),
        ),
        entity("p", 500, column("kind", "int", uniform(0, 60))),
        fact("f", "p", poisson(4), column("at", "datetime", times("T")), modifiers=[change("effect", **args)]),
    ]
    kept = table(grown(*nodes), "f")
    monkeypatch.setattr(drawing, "_MOST_TABLES", 3)
    assert table(grown(*nodes), "f").equals(kept)
