"""What a plan believes a column can be is never narrower than what grows."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.elementary import normal_quantile
from seedbed.core.tables import QuantileTable
from seedbed.plan.plan import Plan
from seedbed.plan.support import NOISE_REACH, Span, Supports
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
    plan,
    poisson,
    times,
    uniform,
    vocab,
)

ROWS = 400


def believed(made: Plan, ref: str) -> Span:
    limits = {column.ref: (column.limits.low, column.limits.high) for table in made.tables for column in table.columns if column.limits.any}
    return Supports(made.model, limits, {table.name: table.rows for table in made.tables}).of(ref)


def test_noise_reaches_no_further_than_believed() -> None:
    assert QuantileTable.of(normal_quantile).high < NOISE_REACH


NUMBERS: list[tuple[str, Document]] = [
    ("float", normal(0, 3)),
    ("int", normal(-20, 8, clamp=[-30, None])),
    ("float", uniform(1, 2)),
    ("int", uniform(-3, 17)),
    ("int", choice(-4, 0, 11)),
    ("float", choice(0.25, 7)),
    ("float", {"distribution": {"type": "lognormal", "params": {"mean": 1, "sigma": 1}, "clamp": [None, 50]}}),
    ("int", {"distribution": {"type": "poisson", "params": {"lambda": 3}}}),
    ("int", {"sequence": {"start": 5, "step": -3}}),
    ("int", {"expression": {"code": "id * 2 - 7"}}),
    ("int", lookup("o.w")),
]
CHANGES: list[Document] = [
    change("multiply", factor=-2),
    change("multiply", factor=0),
    change("add", value=3.5),
    change("clamp", min=-1),
    change("clamp", min=2, max=6),
    change("jitter", std=2),
    change("jitter", std=0.4, mode="mul"),
    change("map_values", mapping={"1": 100, "7": -50}),
    change("seasonality", dimension="month", weights=list(range(12))),
    change("trend", type="linear", growth_rate=-2),
    change("trend", type="exponential", params={"a": 2, "b": 0.5}, time_reference="on"),
    change("trend", type="logarithmic", growth_rate=5),
    change("outliers", rate=0.3),
    change("outliers", rate=0.3, mode="drop", allow_exceed=True),
    change("outliers", rate=0.3, allow_exceed=True),
    change("outliers", rate=0.3, mode="drop", magnitude_dist={"type": "normal", "params": {"mean": 0, "std": 1}}),
    change("outliers", rate=0.3, magnitude_dist={"type": "uniform", "params": {"low": -2, "high": -1}, "clamp": [-1.5, None]}),
]  # fmt: skip
OTHER = entity("o", 50, column("w", "int", uniform(0, 9)))
LATE = column("on", "date", times("D", start="2024-01-01", end="2027-12-31"))


@given(st.sampled_from(NUMBERS), st.lists(st.sampled_from(CHANGES), max_size=3), st.booleans())
def test_numbers_lie_in_their_span(drawn: tuple[str, Document], changes: list[Document], has_range: bool) -> None:
    kind, generator = drawn
    node = entity("t", ROWS, column("v", kind, generator, *changes), column("at", "datetime", times("H")), LATE)
    rules: dict[str, Any] = {"ranges": [{"attr": "t.v", "min": -3 * ROWS, "max": 1000}]} if has_range else {}
    engine = grown(OTHER, node, constraints=rules)
    span, found = believed(engine.plan, "t.v"), numbers(engine, "t.v")
    assert span.low <= found.min()
    assert found.max() <= span.high


TIMES: list[tuple[str, Document, list[Document]]] = [
    ("datetime", times("H"), []),
    ("datetime", times("MS", start="2024-01-15", end="2024-12-20"), [change("time_jitter", std_minutes=60 * 24 * 30)]),
    ("date", times("D"), [change("time_jitter", std_minutes=60 * 24 * 3)]),
    ("date", times("MS"), [change("map_values", mapping={"2024-02-01": "2030-02-01"})]),
    ("date", times("H"), []),
    ("datetime", lookup("old.at"), [change("time_jitter", std_minutes=600)]),
    ("date", lookup("old.on"), [change("time_jitter", std_minutes=6000)]),
    ("date", choice("2020-05-05", "2021-01-01"), []),
    ("datetime", choice("2020-05-05T10:00", "2021-01-01"), [change("map_values", mapping={"2021-01-01": "2000-01-01"})]),
]


@pytest.mark.parametrize(("kind", "generator", "changes"), TIMES)
def test_times_lie_in_their_span(kind: str, generator: Document, changes: list[Document]) -> None:
    old = entity(
        "old",
        30,
        column("at", "datetime", times("H", start="2001-01-01", end="2003-01-01")),
        column("on", "date", times("D", start="2001-01-01", end="2003-01-01")),
    )
    engine = grown(old, entity("t", ROWS, column("v", kind, generator, *changes)))
    span, found = believed(engine.plan, "t.v"), numbers(engine, "t.v")
    assert span.known
    assert span.low <= found.min()
    assert found.max() <= span.high
    assert span.high - span.low <= 40 * (found.max() - found.min())


@pytest.mark.parametrize(
    "curve",
    [
        {"curve": [3.0, 0.5]},
        {"curve": {"curve_type": "exponential", "params": {"a": 0.5, "b": 0.1}}},
        {"curve": {"curve_type": "linear", "params": {"a": 1, "b": -0.05}}},
        {"curve": {"curve_type": "logarithmic", "params": {"a": 1, "b": 2}}},
    ],
)
@pytest.mark.parametrize("born", [times("D", start="2015-06-01", end="2024-06-01"), times("H")])
def test_behaviours_scale_the_span(curve: Document, born: Document) -> None:
    """Segments and ages of the node itself and of its parent; rows may be older than the timeframe is long."""
    segments = {
        "segment_column": "s",
        "behaviors": {"x": {"value_multiplier": 4}, "y": {"value_multiplier": 0.1}},
        "applies_to_columns": ["own", "c.child"],
    }
    vintage = {
        "created_at_column": "born",
        "age_based_multipliers": {"m": {**curve, "time_unit": "quarter", "applies_to": ["own", "child"]}},
    }
    parent = entity(
        "p", ROWS, column("s", "string", choice("x", "y", "z")), column("own", "float", uniform(1, 2)), column("born", "datetime", born), segment_behavior=segments, vintage_behavior=vintage
    )  # fmt: skip
    engine = grown(parent, fact("c", "p", poisson(2), column("child", "float", uniform(-2, 1)), column("at", "datetime", times("H"))))
    for ref in ("p.own", "c.child"):
        span, found = believed(engine.plan, ref), numbers(engine, ref)
        assert span.known
        assert span.low <= found.min()
        assert found.max() <= span.high
        assert span.high - span.low < 40 * (found.max() - found.min())


def test_what_is_not_known_is_infinite() -> None:
    promo = entity("promo", 3, column("on", "date", times("D")), column("x", "float", uniform(1, 2)))
    effect = change("effect", effect_table="promo", window={"start_col": "on", "end_col": "on"}, map={"field": "x"})
    node = entity("t", 5, column("v", "float", uniform(1, 2), effect), column("at", "date", times("D")), column("s", "string", choice("a")))
    made = plan(promo, node, fact("c", "t", poisson(1)))
    for ref in ("t.v", "t.s", "c.id", "nowhere.x", "t.nothing"):
        assert not believed(made, ref).known


def test_lists_of_values_are_known_by_their_ends() -> None:
    words = {
        "id": "w",
        "kind": "vocab",
        "columns": [
            column("n", "int", {"enum_list": {"values": [4, -2, 9]}}),
            column("b", "bool", {"enum_list": {"values": [True, False, True]}}),
        ],
    }
    made = plan(words, entity("t", 5, column("m", "int", {"choice": {"choices_ref": "w.n"}})), vocab("names", "a"))
    assert believed(made, "w.n") == believed(made, "t.m") == Span(-2, 9)
    assert believed(made, "w.b") == Span(0, 1)


def test_a_circle_of_lookups_does_not_hang() -> None:
    node = entity("t", 5, column("a", "int", {"expression": {"code": "b"}}), column("b", "int", {"expression": {"code": "a"}}))
    from tests.growing import model

    assert not Supports(model(node), {}, {"t": 5}).of("t.a").known


def test_spans_know_their_arithmetic() -> None:
    assert Span(1, 2).scaled(-3, 1) == Span(-6, 2)
    assert Span(1, 2).scaled(0, math.inf) == Span()
    assert Span().scaled(1, 2) == Span()
    assert Span(1, 2).cut(3, None) == Span(3, 3)
    assert Span(1, 2).cut(None, 0) == Span(0, 0)
    assert Span(1, 2).joined(Span(-1, 0)) == Span(-1, 2)
    assert Span(1, 2).moved(-1, 1) == Span(0, 3)
    assert not Span(0, math.inf).known
