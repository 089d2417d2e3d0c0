"""A plan foresees its targets: the figures it expects are those that grow, and what it cannot foresee it says."""

from __future__ import annotations

import math
from typing import Any

import pytest

from seedbed.core.timegrid import DAY
from seedbed.plan.plan import Finding
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
    plan,
    poisson,
    times,
    uniform,
)

MONTHS = [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]
DOW = [1, 1, 1, 1, 1, 3, 2]
HOURS = [0] * 8 + [1] * 16


def found(*nodes: Document, **targets: Any) -> tuple[Finding, ...]:
    return tuple(finding for finding in plan(*nodes, targets=targets).findings if finding.code.startswith("target"))


def weekend(low: float, high: float, table: str = "t") -> dict[str, Any]:
    return {"weekend_share": {"table": table, "timestamp": "at", "min": low, "max": high}}


def mean(low: float, high: float) -> dict[str, Any]:
    return {"mean_in_range": {"table": "t", "column": "v", "min": low, "max": high}}


def test_a_contradicted_weekend_share_is_told_with_the_expected_figure() -> None:
    """Weights 1 on five days and 0.944 on two: 27.4 % on weekends."""
    at = column("at", "datetime", times("H", start="2024-01-01", end="2024-12-29", pattern=pattern("dow", [1] * 5 + [0.9435] * 2)))
    (finding,) = found(entity("t", 9, at), **weekend(0.3, 0.45))
    assert (finding.level, finding.code, finding.path) == ("warning", "target-contradicted", ("targets", "weekend_share", 0))
    assert finding.message == "the model's own weights give a weekend_share of t.at of 27.4%, outside the target of 30.0% to 45.0%"
    assert finding.fix
    assert found(entity("t", 9, at), **weekend(0.27, 0.28)) == ()


@pytest.mark.parametrize("freq", ["S", "H", "D", "W", "B", "MS", "9h"])
@pytest.mark.parametrize("kind", ["datetime", "date"])
def test_expected_weekend_shares_are_those_that_grow(freq: str, kind: str) -> None:
    """Within 4.5 standard errors, with a pattern and seasons."""
    n = 40_000
    seasons = [change("seasonality", dimension="month", weights=MONTHS), change("seasonality", dimension="dow", weights=DOW)]
    node = entity("t", n, column("at", kind, times(freq), *seasons))
    (finding,) = found(node, **weekend(0.999, 1.0)) if freq != "W" else found(node, **weekend(0.5, 1.0))
    expected = float(finding.message.split(" of ")[2].split("%")[0]) / 100
    values = numbers(grown(node), "t.at")
    days = values if kind == "date" else values // DAY
    share = ((days + 3) % 7 >= 5).mean()
    assert abs(share - expected) <= 4.5 * math.sqrt(expected * (1 - expected) / n) + 0.0005


PROMO = entity("promo", 3, column("on", "date", times("D")), column("x", "float", uniform(1, 2)))
SHOCK = change("effect", effect_table="promo", window={"start_col": "on", "end_col": "on"}, map={"field": "x"})
AGES: Document = {"created_at_column": "born", "age_based_multipliers": {"m": {"curve": [2, 1]}}}
OPEN: dict[str, tuple[Document, ...]] = {
    "looked up": (entity("o", 3, column("at", "datetime", times("H"))), entity("t", 9, column("at", "datetime", lookup("o.at")))),
    "shocked": (PROMO, entity("t", 9, column("at", "datetime", times("H"), SHOCK))),
    "moved": (entity("t", 9, column("at", "datetime", times("H"), change("time_jitter", std_minutes=5000))),),
    "mapped": (entity("t", 9, column("at", "datetime", times("MS"), change("map_values", mapping={"2024-01-01": "2024-01-06"}))),),
    "aged": (
        entity("p", 9, column("born", "date", times("D")), vintage_behavior=AGES),
        fact("t", "p", poisson(2), column("at", "datetime", times("H"))),
    ),
    "shocked table": (PROMO, entity("p", 9), fact("t", "p", poisson(2), column("at", "datetime", times("H")), modifiers=[SHOCK])),
}


@pytest.mark.parametrize("name", OPEN)
def test_times_that_data_decides_are_left_open(name: str) -> None:
    (finding,) = found(*OPEN[name], **weekend(0.99, 1))
    assert (finding.level, finding.code) == ("info", "target-open")
    assert "depends on data" in finding.message


def test_limits_leave_a_target_open() -> None:
    node = entity("t", 9, column("at", "datetime", times("H")), column("v", "float", uniform(0, 1)))
    rules = {"ranges": [{"attr": "t.at", "min": "2024-03-01"}, {"attr": "t.v", "min": 0.5}]}
    codes = [finding.code for finding in plan(node, constraints=rules, targets={**weekend(0.99, 1), **mean(9, 10)}).findings]
    assert codes.count("target-open") == 2


AT = column("at", "datetime", times("H", pattern=pattern("hour", HOURS)))
SEASONS = [
    change("seasonality", dimension="month", weights=MONTHS),
    change("seasonality", dimension="dow", weights=DOW),
    change("seasonality", dimension="month", weights=MONTHS),
]
MEANS: dict[str, tuple[str, Document, tuple[Document, ...]]] = {
    "normal": ("float", normal(5, 2), ()),
    "rounded": ("int", normal(0.4, 0.1), ()),
    "whole": ("int", uniform(1, 6), ()),
    "counts": ("int", {"distribution": {"type": "poisson", "params": {"lambda": 2.5}}}, ()),
    "clamped": ("float", normal(0, 1, clamp=[0, None]), ()),
    "lognormal": ("float", {"distribution": {"type": "lognormal", "params": {"mean": 1, "sigma": 0.6}, "clamp": [None, 6]}}, ()),
    "chosen": ("float", choice(1, 5, 9.5, weights=[3, 0, 1]), ()),
    "ranked": ("int", choice(1, 2, 3, weights_kind="zipf@2"), ()),
    "modified": ("float", normal(0, 1), (change("multiply", factor=3), change("add", value=-1), change("clamp", min=-2, max=1.5), change("multiply", factor=2))),
    "noisy": ("float", uniform(0, 4), (change("jitter", std=3), change("jitter", std=0.5, mode="mul"))),
    "in season": ("float", uniform(1, 2), tuple(SEASONS)),
    "by hour": ("float", uniform(1, 2), (change("seasonality", dimension="hour", weights=list(range(24))),)),
    "season then clamp": ("float", uniform(1, 2, clamp=[None, 3]), (*SEASONS, change("add", value=1))),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANS)
def test_expected_means_are_those_that_grow(name: str) -> None:
    """Within 4.5 standard errors."""
    kind, generator, modifiers = MEANS[name]
    n = 60_000
    node = entity("t", n, column("v", kind, generator, *modifiers), AT)
    (finding,) = found(node, **mean(1e9, 2e9))
    expected = float(finding.message.split(" of ")[2].split(",")[0])
    values = numbers(grown(node), "t.v")
    assert abs(values.mean() - expected) <= 4.5 * values.std() / math.sqrt(n) + 1e-4 * abs(expected)
    assert found(node, **mean(expected - 0.01, expected + 0.01)) == ()


@pytest.mark.parametrize(
    "made",
    [
        column("v", "float", normal(0, 1, clamp=[0, 9]), change("jitter", std=1)),
        column("v", "float", normal(0, 1), change("outliers", rate=0.1)),
        column("v", "float", normal(0, 1), change("trend", type="linear", growth_rate=1)),
        column("v", "int", choice(1, 2), change("map_values", mapping={"1": 5})),
        column("v", "float", normal(0, 1), SHOCK),
        column("v", "float", uniform(0, 1), SEASONS[0], change("seasonality", dimension="dow", weights=DOW, time_column="on")),
        column("v", "int", {"expression": {"code": "id"}}),
        column("v", "int", {"sequence": {}}),
    ],
)
def test_means_that_data_decides_are_left_open(made: Document) -> None:
    (finding,) = found(PROMO, entity("t", 9, made, AT, column("on", "date", times("D"))), **mean(1e9, 2e9))
    assert finding.code == "target-open"


def test_behaviours_leave_a_mean_open() -> None:
    segments = {"segment_column": "v", "behaviors": {"1": {"base_probability": 0.9}}}
    (finding,) = found(entity("t", 9, column("v", "int", choice(1, 2)), segment_behavior=segments), **mean(1e9, 2e9))
    assert finding.code == "target-open"
    scaled = {"segment_column": "s", "behaviors": {"a": {"value_multiplier": 9}}, "applies_to_columns": ["v"]}
    (finding,) = found(
        entity("t", 9, column("s", "string", choice("a")), column("v", "float", normal(0, 1)), segment_behavior=scaled), **mean(1e9, 2e9)
    )
    assert finding.code == "target-open"


def test_moved_times_leave_seasonal_means_open() -> None:
    node = entity(
        "t",
        9,
        column("v", "float", uniform(1, 2), SEASONS[0]),
        column("at", "datetime", times("H"), change("time_jitter", std_minutes=90_000)),
    )
    (finding,) = found(node, **mean(1e9, 2e9))
    assert finding.code == "target-open"


def test_several_targets_are_each_judged_at_their_place() -> None:
    both = {"weekend_share": [weekend(0, 1)["weekend_share"], weekend(0.9, 1)["weekend_share"]]}
    (finding,) = found(entity("t", 9, AT), **both)
    assert finding.path == ("targets", "weekend_share", 1)


def test_no_targets_are_no_findings() -> None:
    assert plan(entity("t", 9), targets=None).findings == ()
    assert plan(entity("t", 9)).findings == ()


def test_a_fanout_that_misses_its_target_is_foreseen() -> None:
    def findings(mean: float, **fanout: object) -> list[str]:
        found = plan(
            entity("p", 10),
            fact("c", "p", poisson(3, **fanout)),
            version="2.0",
            targets={"fanout": {"child": "c", "parent": "p", "mean": mean}},
        )
        return [finding.code for finding in found.findings]

    assert findings(3) == []
    assert findings(4) == ["target-contradicted"]
    assert findings(4, where="id > 3") == ["target-open"]
