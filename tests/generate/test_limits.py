"""Ranges and inequalities hold in every row; only values beyond them change, and they keep their distribution."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seedbed.core.calendar import parse_datetime
from seedbed.core.errors import DataError, ModelError
from seedbed.core.timegrid import DAY, HOUR
from tests.core.battery import goodness
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
    table,
    texts,
    times,
    uniform,
)

HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

NUMBERS: dict[str, tuple[str, Document]] = {
    "normal float": ("float", normal(0, 10)),
    "normal int": ("int", normal(2, 6)),
    "clamped int": ("int", normal(0, 20, clamp=[-5, 9])),
    "even int": ("int", uniform(-8, 12)),
    "even float": ("float", uniform(-7.5, 11.25)),
    "counts": ("int", {"distribution": {"type": "poisson", "params": {"lambda": 4}}}),
    "chosen": ("int", choice(-3, 0, 4, 9, 15, weights=[1, 2, 0, 1, 1])),
    "one": ("float", uniform(3, 3)),
}
MOMENTS: dict[str, tuple[str, Document]] = {
    "hours": ("datetime", times("H", pattern=pattern("hour", [0] * 8 + [1] * 12 + [0] * 4))),
    "seconds": ("datetime", times("S")),
    "late days": ("datetime", times("D", start="2024-03-01", end="2024-12-20", pattern=pattern("dow", [1, 1, 1, 1, 1, 0, 0]))),
    "months": ("datetime", times("MS")),
    "weeks": ("datetime", times("W", start="2023-06-01", end="2024-10-01T12:00")),
}
DAYS: dict[str, tuple[str, Document]] = {
    "days": ("date", times("D")),
    "workdays": ("date", times("D", pattern=pattern("dow", [2, 1, 1, 1, 1, 0, 0]))),
    "quarters": ("date", times("Q", start="2023-01-01", end="2024-12-31")),
}
FAMILIES = [NUMBERS, MOMENTS, DAYS]


@given(st.sampled_from(FAMILIES), st.data())
def test_what_is_not_refused_holds_in_every_row(family: dict[str, tuple[str, Document]], data: st.DataObject) -> None:
    """Chains, forks and circles over columns of one table: either refused, or true, on the grid and on weight in every row."""
    names = data.draw(st.lists(st.sampled_from(list(family)), min_size=2, max_size=4))
    columns = {f"c{place}": family[name] for place, name in enumerate(names)}
    rules = data.draw(
        st.lists(
            st.tuples(st.sampled_from(list(columns)), st.sampled_from(list(HOLDS)), st.sampled_from(list(columns))), min_size=1, max_size=3
        )
    )
    inequalities = [{"left": f"t.{left}", "op": op, "right": f"t.{right}"} for left, op, right in rules]
    node = entity("t", 300, *(column(name, kind, generator) for name, (kind, generator) in columns.items()))
    try:
        engine = grown(node, constraints={"inequalities": inequalities})
        plain = grown(node)
    except ModelError:
        assume(False)
    try:
        table(engine, "t")
    except DataError:
        assert any(finding.code == "room-unproven" for finding in engine.plan.findings)
        return
    for left, op, right in rules:
        assert HOLDS[op](numbers(engine, f"t.{left}"), numbers(engine, f"t.{right}")).all(), (left, op, right)
    for name, (kind, generator) in columns.items():
        own, held = numbers(plain, f"t.{name}"), numbers(engine, f"t.{name}")
        if kind in ("datetime", "date") or "choice" in generator:
            possible = set(numbers(grown(entity("t", 6000, column(name, kind, generator))), f"t.{name}").tolist())
            assert len(possible) > 400 or set(held.tolist()) <= possible
        assert own.dtype == held.dtype


@pytest.mark.parametrize("op", HOLDS)
@pytest.mark.parametrize(
    ("kind", "first", "second"), [("int", NUMBERS["even int"][1], NUMBERS["normal int"][1]), ("float", normal(0, 1), uniform(-2, 2))]
)
def test_the_left_keeps_its_draw_and_the_right_gives_way(op: str, kind: str, first: Document, second: Document) -> None:
    node = entity("t", 3000, column("a", kind, first), column("b", kind, second))
    free, held = grown(node), grown(node, constraints={"inequalities": [{"left": "t.a", "op": op, "right": "t.b"}]})
    a, b = numbers(free, "t.a"), numbers(free, "t.b")
    was_true = HOLDS[op](a, b)
    assert 0.1 < was_true.mean() < 0.9
    assert (numbers(held, "t.b")[was_true & (a == numbers(held, "t.a"))] == b[was_true & (a == numbers(held, "t.a"))]).all()
    assert (numbers(held, "t.a") == a).mean() > 0.95  # but for rows that would leave no room
    assert HOLDS[op](numbers(held, "t.a"), numbers(held, "t.b")).all()


def test_a_redrawn_column_follows_its_distribution_cut() -> None:
    """Of the column that gives way to a constant: normal cut above 1; chi-square over ten parts, p >= 0.001."""
    n = 50_000
    engine = grown(entity("t", n, column("a", "float", normal(0, 1))), constraints={"ranges": [{"attr": "t.a", "min": 1}]})
    edges = np.array([1.0, 1.06468, 1.13506, 1.21239, 1.29859, 1.39642, 1.51013, 1.64680, 1.82031, 2.06594, np.inf])
    from seedbed.core.elementary import normal_cdf

    shares = np.diff(normal_cdf(np.minimum(edges, 40)))
    counts = np.histogram(numbers(engine, "t.a"), edges)[0]
    assert counts.sum() == n
    assert goodness(counts, shares / shares.sum() * n) > 0.001


def test_redrawn_times_keep_their_hours_and_grid() -> None:
    """Times pushed past another keep the weights of their hours; chi-square, p >= 0.001."""
    weights = [0] * 8 + [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1] + [0] * 4
    engine = grown(
        entity(
            "t",
            40_000,
            column("a", "datetime", times("S", end="2024-11-30", start="2024-01-01")),
            column("b", "datetime", times("H", pattern=pattern("hour", weights))),
        ),
        constraints={"inequalities": [{"left": "t.a", "op": "<", "right": "t.b"}]},
    )
    a, b = numbers(engine, "t.a"), numbers(engine, "t.b")
    assert (a < b).all()
    assert (b % HOUR == 0).all()
    far = b - a > 3 * DAY  # nearer ones know the hour of the other
    counts = np.bincount((b[far] // HOUR) % 24, minlength=24)
    expected = np.array(weights, dtype=float)
    assert (counts[expected == 0] == 0).all()
    assert goodness(counts[expected > 0], expected[expected > 0] / expected.sum() * far.sum()) > 0.001


RANGES: list[tuple[str, Document, tuple[Document, ...], float, float]] = [
    ("int", normal(50, 30), (), 18, 80),
    ("int", uniform(0, 100), (), 0.5, 10.5),
    ("int", uniform(0, 100), (change("multiply", factor=3),), 7, 100),
    ("int", normal(0, 5), (change("multiply", factor=-2), change("add", value=3.5)), -4.5, 4.5),
    ("float", normal(0, 1), (change("jitter", std=2.0),), -1, 2),
    ("float", uniform(1, 2), (change("seasonality", dimension="month", weights=[10] * 12),), 11, 19.5),
    ("float", uniform(1, 2), (change("jitter", std=0.3, mode="mul"), change("clamp", min=1.2)), 1.1, 1.7),
    ("float", uniform(0, 10), (change("clamp", min=20),), 20, 30),
    ("float", normal(10, 3, clamp=[0, 12]), (change("outliers", rate=0.2, mode="spike", allow_exceed=True),), 2, 20),
    ("float", normal(10, 3, clamp=[5, 12]), (change("outliers", rate=0.2, mode="drop"),), 2, 11),
    ("float", normal(10, 3), (change("trend", type="linear", growth_rate=-0.5),), 5, 11),
    ("int", choice(1, 5, 9, 50), (change("multiply", factor=2),), 3, 99),
]


@pytest.mark.parametrize(("kind", "generator", "modifiers", "low", "high"), RANGES)
def test_ranges_hold_after_modifiers_and_cast(
    kind: str, generator: Document, modifiers: tuple[Document, ...], low: float, high: float
) -> None:
    node = entity("t", 4000, column("v", kind, generator, *modifiers), column("at", "datetime", times("H")))
    free, held = (
        numbers(grown(node), "t.v"),
        numbers(grown(node, constraints={"ranges": [{"attr": "t.v", "min": low, "max": high}]}), "t.v"),
    )
    assert ((held >= low) & (held <= high)).all()
    inside = (free >= low) & (free <= high)
    assert np.array_equal(held[inside], free[inside])
    assert len(np.unique(held)) > 1 or len(np.unique(free)) == 1


def test_ranges_of_times_and_dates_hold() -> None:
    node = entity("t", 3000, column("at", "datetime", times("H")), column("on", "date", times("D")))
    rules = [
        {"attr": "t.at", "min": "2024-02-10T12:30", "max": "2024-03-01"},
        {"attr": "t.on", "min": "2024-05-05T10:00", "max": "2024-06-01"},
    ]
    engine = grown(node, constraints={"ranges": rules})
    at, on = numbers(engine, "t.at"), numbers(engine, "t.on")
    assert parse_datetime("2024-02-10T13:00") <= at.min()
    assert at.max() == parse_datetime("2024-03-01T23:00")  # a date as end means its whole day
    assert (at % HOUR == 0).all()
    assert (on.min(), on.max()) == (parse_datetime("2024-05-06") // DAY, parse_datetime("2024-06-01") // DAY)


@pytest.mark.parametrize("kind", ["datetime", "date"])
def test_ranges_of_moved_times_hold(kind: str) -> None:
    low, high = parse_datetime("2024-03-01"), parse_datetime("2024-03-20T23:59:59.999999")
    node = entity("t", 3000, column("at", kind, times("D"), change("time_jitter", std_minutes=3000)))
    engine = grown(node, constraints={"ranges": [{"attr": "t.at", "min": "2024-03-01", "max": "2024-03-20"}]})
    at = numbers(engine, "t.at") * (DAY if kind == "date" else 1)
    assert ((at >= low) & (at <= high)).all()
    assert len(np.unique(at // DAY)) == 20


def test_ranges_of_shocked_times_hold() -> None:
    promo = entity("promo", 5, column("on", "date", times("D")), column("x", "float", uniform(1, 9)))
    effect = change("effect", effect_table="promo", window={"start_col": "on", "end_col": "on"}, map={"field": "x"})
    engine = grown(
        promo,
        entity("t", 3000, column("at", "datetime", times("H"), effect)),
        constraints={"ranges": [{"attr": "t.at", "max": "2024-06-30"}]},
    )
    assert numbers(engine, "t.at").max() == parse_datetime("2024-06-30T23:00")


def test_several_ranges_of_a_column_all_hold() -> None:
    rules = [{"attr": "t.v", "min": 10}, {"attr": "t.v", "max": 50}, {"attr": "t.v", "min": 20, "max": 90}]
    values = numbers(grown(entity("t", 2000, column("v", "int", uniform(0, 100))), constraints={"ranges": rules}), "t.v")
    assert (values.min(), values.max()) == (20, 50)


@pytest.mark.parametrize("op", HOLDS)
def test_children_give_way_to_their_parents(op: str) -> None:
    """Whichever side of the inequality names them, through the fan-out, the second parent and a join."""
    nodes = (
        entity("p", 200, column("v", "int", uniform(0, 50)), column("born", "datetime", times("S"))),
        entity("q", 60, column("v", "int", uniform(0, 50))),
        fact(
            "c",
            ["p", "q"],
            poisson(3),
            column("v", "int", uniform(-10, 60)),
            column("w", "float", normal(20, 30)),
            column("at", "datetime", times("S")),
        ),
    )
    rules = [("c.v", op, "p.v"), ("q.v", op, "c.w"), ("c.at", op, "p.born")]
    engine = grown(*nodes, constraints={"inequalities": [{"left": a, "op": o, "right": b} for a, o, b in rules]})
    p, q = numbers(engine, "c.p_id") - 1, numbers(engine, "c.q_id") - 1
    assert HOLDS[op](numbers(engine, "c.v"), numbers(engine, "p.v")[p]).all()
    assert HOLDS[op](numbers(engine, "q.v")[q], numbers(engine, "c.w")).all()
    assert HOLDS[op](numbers(engine, "c.at"), numbers(engine, "p.born")[p]).all()


def test_nulls_satisfy_every_inequality() -> None:
    node = entity("t", 2000, column("a", "int", uniform(0, 9), nullable=True), column("b", "int", uniform(0, 9), nullable=True))
    engine = grown(node, constraints={"inequalities": [{"left": "t.a", "op": "<", "right": "t.b"}]})
    pairs = list(zip(texts(engine, "t.a"), texts(engine, "t.b"), strict=True))
    assert all(a is None or b is None or a < b for a, b in pairs)
    assert any(a is None and b == 0 for a, b in pairs)
    assert any(b is None for _, b in pairs)


def test_a_row_without_room_is_named() -> None:
    """Two looked-up columns that cross in some rows leave nothing between them: the row is told, nothing false is made."""
    other = entity("o", 50, column("v", "int", uniform(0, 50)))
    node = entity(
        "t", 500, column("low", "int", lookup("o.v")), column("mid", "int", uniform(-10, 60)), column("high", "int", lookup("o.v"))
    )
    rules = [{"left": "t.low", "op": "<", "right": "t.mid"}, {"left": "t.mid", "op": "<", "right": "t.high"}]
    engine = grown(other, node, constraints={"inequalities": rules})
    with pytest.raises(DataError, match=r"leaves no room for t.mid") as caught:
        table(engine, "t")
    assert caught.value.problems[0].where
    assert caught.value.problems[0].fix


def test_whole_numbers_beyond_64_bits_are_an_error_of_the_data() -> None:
    """Where the plan cannot foresee them."""
    promo = entity("promo", 1, column("on", "date", choice("2024-01-01")), column("x", "float", uniform(1e30, 1e30)))
    effect = change("effect", effect_table="promo", window={"start_col": "on", "end_col": "on"}, map={"field": "x"})
    engine = grown(promo, entity("t", 50, column("v", "int", uniform(1, 9), effect), column("at", "date", times("D"))))
    with pytest.raises(DataError, match="64 bits"):
        table(engine, "t")
