"""Targets about whole distributions: what is drawn from one is near it, what is not is told."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from seedbed.check.outcome import CheckResult
from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from tests.check.shop import checked
from tests.growing import column, entity, fact, poisson, refused

Spec = dict[str, Any]

LAWS: dict[str, tuple[str, Spec]] = {
    "normal": ("float", {"type": "normal", "params": {"mean": 5, "std": 2}}),
    "rounded normal": ("int", {"type": "normal", "params": {"mean": 5, "std": 2}}),
    "lognormal": ("float", {"type": "lognormal", "params": {"mean": 3.2, "sigma": 0.8}, "clamp": [5, 100], "decimals": 2}),
    "uniform": ("float", {"type": "uniform", "params": {"low": -1, "high": 4}}),
    "dice": ("int", {"type": "uniform", "params": {"low": 1, "high": 6}}),
    "many numbers": ("int", {"type": "uniform", "params": {"low": 0, "high": 1_000_000}}),
    "poisson": ("int", {"type": "poisson", "params": {"lambda": 3.5}, "clamp": [1, 9]}),
    "exponential": ("float", {"type": "exponential", "params": {"rate": 0.5}, "decimals": 0}),
    "clamped gamma": ("int", {"type": "gamma", "params": {"shape": 2, "scale": 3}, "clamp": [2, 20]}),
    "beta": ("float", {"type": "beta", "params": {"alpha": 0.5, "beta": 2}}),
    "pareto": ("float", {"type": "pareto", "params": {"alpha": 1.1}}),
    "weibull": ("float", {"type": "weibull", "params": {"shape": 1.5, "scale": 10}}),
    "triangular": ("float", {"type": "triangular", "params": {"low": 0, "mode": 1, "high": 5}}),
    "zipf": ("int", {"type": "zipf", "params": {"a": 1.1, "n": 1_000_000}}),
    "geometric": ("int", {"type": "geometric", "params": {"p": 0.3}}),
    "rare": ("int", {"type": "geometric", "params": {"p": 0.00001}}),
    "neg_binomial": ("int", {"type": "neg_binomial", "params": {"r": 2.5, "p": 0.001}}),
    "binomial": ("int", {"type": "binomial", "params": {"n": 20, "p": 0.25}}),
    "bernoulli": ("int", {"type": "bernoulli", "params": {"p": 0.25}}),
    "bins": ("float", {"type": "histogram", "params": {"edges": [0, 1, 5, 6], "weights": [1, 0, 3]}}),
    "whole bins": ("int", {"type": "histogram", "params": {"edges": [0, 10, 20, 100], "weights": [3, 0, 1]}}),
    "values": ("int", {"type": "histogram", "params": {"1": 0.9, "2": 0.1}}),
    "prices": ("decimal", {"type": "lognormal", "params": {"mean": 0, "sigma": 0.5}}),
    "constant": ("float", {"type": "normal", "params": {"mean": 5, "std": 0}}),
}
ROWS = 20_000


def judged(kind: str, spec: Spec, target: Spec, fanout: Spec | None = None) -> list[CheckResult]:
    nodes = [entity("t", ROWS, column("v", kind, {"distribution": spec})), fact("c", "t", poisson(2))]
    targets = {"distribution": {"table": "t", "column": "v", **target}, "fanout": fanout or {"child": "c", "parent": "t", "mean": 2}}
    document = {"version": "2.0", "metadata": {"name": "test"}, "timeframe": {"start": "2024-01-01", "end": "2024-12-31"}}
    model = parse(json.dumps({**document, "nodes": nodes, "targets": targets}), "test.json")
    engine = Engine(prepare(compile_plan(model)))
    found = checked({name: pa.Table.from_batches([engine.block(name, 0, engine.rows(name))]) for name in ("t", "c")}, model)
    return [result for result in found.results if result.kind in ("fanout", "distribution")]


@pytest.mark.parametrize("name", LAWS)
def test_what_is_drawn_from_a_distribution_is_near_it(name: str) -> None:
    """The Kolmogorov-Smirnov distance of 20,000 draws is below 0.0138 with probability 0.999; tables are right to 0.0005."""
    kind, spec = LAWS[name]
    family, distance = judged(kind, spec, {"expected": spec, "max_ks": 0.0145})
    assert (distance.id, distance.status) == ("t.v.distribution", "passed"), distance
    assert (family.id, family.status) == ("c.fanout_t", "passed")
    assert family.observed == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("name", LAWS)
def test_what_is_drawn_otherwise_is_told(name: str) -> None:
    kind, spec = LAWS[name]
    other: Spec = {"type": "normal", "params": {"mean": 5.5, "std": 2.0}} if name != "rounded normal" else LAWS["dice"][1]
    _, distance = judged(kind, spec, {"expected": other, "max_ks": 0.02})
    assert distance.status == "failed"
    assert 0.02 < float(str(distance.observed)) <= 1


def test_too_many_children_are_told() -> None:
    family, _ = judged(
        "float", LAWS["normal"][1], {"expected": LAWS["normal"][1]}, {"child": "c", "parent": "t", "mean": 3, "tolerance": 0.5}
    )
    assert family.status == "failed"
    assert family.expected == "3 children, 0.5 more or less"


WRONG: list[tuple[Spec, str, str]] = [
    ({"fanout": {"child": "c", "parent": "x", "mean": 1}}, "targets.fanout.parent", "there is no table `x`"),
    ({"fanout": {"child": "t", "parent": "c", "mean": 1}}, "targets.fanout.parent", "`c` is no parent of `t`"),
    ({"distribution": {"table": "t", "column": "w", "expected": LAWS["dice"][1]}}, "targets.distribution.column", "`t` has no column `w`"),
    ({"distribution": {"table": "t", "column": "h", "expected": LAWS["dice"][1]}}, "targets.distribution.column", "`t.h` is hidden"),
]


@pytest.mark.parametrize(("targets", "where", "message"), WRONG)
def test_targets_that_mean_nothing_are_refused(targets: Spec, where: str, message: str) -> None:
    hidden = column("h", "float", {"distribution": LAWS["normal"][1]}, hidden=True)
    document = {"version": "2.0", "metadata": {"name": "test"}, "timeframe": {"start": "2024-01-01", "end": "2024-12-31"}}
    nodes = [entity("t", 10, hidden), fact("c", "t", poisson(2))]
    problem = refused(lambda: parse(json.dumps({**document, "nodes": nodes, "targets": targets}), "test.json"))
    assert str(problem.where).endswith(where)
    assert message in problem.message


def test_places_of_steps_rise() -> None:
    from seedbed.model.constraints import Targets
    from seedbed.plan.expected import expected_shares

    for kind, spec in LAWS.values():
        (target,) = Targets.model_validate({"distribution": {"table": "t", "column": "v", "expected": spec}}).distribution
        places, shares = expected_shares(target.expected, whole=kind == "int", decimals=target.expected.decimals)
        assert (np.diff(places) > 0).all()
        assert (np.diff(shares) >= 0).all()
