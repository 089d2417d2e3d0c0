"""Funnels: a row for each stage reached, in order of time, whatever else the times must satisfy."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

STAGES = [
    {"stage_name": "seen", "transition_rate": 1},
    {"stage_name": "tried", "transition_rate": 0.9},
    {"stage_name": "bought", "transition_rate": 0.8},
]


def funnel(at: dict[str, Any], constraints: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    document = {
        "version": "1.0",
        "metadata": {"name": "funnel"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31", "freq": "H"},
        "nodes": [
            {
                "id": "person",
                "kind": "entity",
                "pk": "id",
                "rows": 500,
                "columns": [
                    {"name": "id", "type": "int", "generator": {"sequence": {}}},
                    {"name": "born", "type": "datetime", "generator": {"datetime_series": {}}},
                ],
            },
            {
                "id": "step",
                "kind": "fact",
                "parents": ["person"],
                "stage_config": {"stages": STAGES},
                "columns": [
                    {"name": "person", "type": "int", "generator": {"lookup": {"from": "person.id"}}},
                    {"name": "born", "type": "datetime", "generator": {"lookup": {"from": "person.born"}}},
                    {"name": "stage_index", "type": "int", "generator": {"sequence": {}}},
                    {"name": "at", "type": "datetime", "generator": {"datetime_series": {}}, **at},
                ],
            },
        ],
        "constraints": constraints,
    }
    nodes: Any = document["nodes"]
    nodes[1]["columns"].append(nodes[1]["columns"].pop(1))  # the drawn time is the row's time
    engine = Engine(prepare(compile_plan(parse(json.dumps(document), "funnel.json"))))
    batch = engine.block("step", 0, engine.rows("step"))
    return {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}


@pytest.mark.parametrize(
    ("at", "constraints"),
    [
        ({}, {}),
        ({}, {"inequalities": [{"left": "person.born", "op": "<=", "right": "step.at"}]}),
        ({}, {"ranges": [{"attr": "step.at", "min": "2024-03-01", "max": "2024-05-31"}]}),
        ({"modifiers": [{"transform": "time_jitter", "args": {"std_minutes": 50_000}}]}, {}),
    ],
    ids=["plain", "after the parent", "in a range", "jittered"],
)
def test_stages_come_in_order_of_time(at: dict[str, Any], constraints: dict[str, Any]) -> None:
    found = funnel(at, constraints)
    siblings = found["person"][1:] == found["person"][:-1]
    assert siblings.sum() > 500
    assert (np.diff(found["stage_index"])[siblings] == 1).all()
    assert (np.diff(found["at"])[siblings] >= np.timedelta64(0)).all()


def test_stages_are_not_older_than_their_parent() -> None:
    found = funnel({}, {"inequalities": [{"left": "person.born", "op": "<=", "right": "step.at"}]})
    assert (found["born"] <= found["at"]).all()


def test_times_of_stages_can_be_null() -> None:
    whole = funnel({"nullable": True}, {})
    assert 0 < np.isnat(whole["at"]).mean() < 0.1
