"""Replacing listed values, of every type."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

ROWS = 64


def grown(kind: str, generator: dict[str, Any], modifiers: list[dict[str, Any]]) -> list[Any]:
    column = {"name": "x", "type": kind, "generator": generator, "modifiers": modifiers}
    document = {
        "version": "1.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31", "freq": "D"},
        "nodes": [{"id": "t", "kind": "entity", "rows": ROWS, "columns": [column]}],
    }
    engine = Engine(prepare(compile_plan(parse(json.dumps(document), "m.json"))))
    values: list[Any] = engine.block("t", 0, ROWS).column("x").to_pylist()
    return values


def mapped(kind: str, choices: list[Any], mapping: dict[str, Any]) -> set[Any]:
    return set(grown(kind, {"choice": {"choices": choices}}, [{"transform": "map_values", "args": {"mapping": mapping}}]))


@pytest.mark.parametrize(
    ("kind", "choices", "mapping", "expected"),
    [
        ("string", ["a", "b", "c"], {"a": "x", "b": "c"}, {"x", "c"}),
        ("int", [1, 2], {"1": 7, "9": 9}, {7, 2}),
        ("float", [1.5, 2.5], {"1.5": -1}, {-1.0, 2.5}),
        ("bool", [True, False], {"true": False}, {False}),
        ("date", ["2024-02-28", "2024-02-29"], {"2024-02-28": "2024-03-01"}, {dt.date(2024, 3, 1), dt.date(2024, 2, 29)}),
        (
            "datetime",
            ["2024-02-28T06:00:00", "2024-02-29"],
            {"2024-02-28T06:00:00": "2024-03-01T12:30:00"},
            {dt.datetime(2024, 3, 1, 12, 30), dt.datetime(2024, 2, 29)},  # noqa: DTZ001 - values have no zone
        ),
    ],
)
def test_listed_values_are_replaced_and_others_stay(kind: str, choices: list[Any], mapping: dict[str, Any], expected: set[Any]) -> None:
    assert mapped(kind, choices, mapping) == expected


def test_chosen_dates_can_be_moved() -> None:
    found = grown("date", {"choice": {"choices": ["2024-06-01"]}}, [{"transform": "time_jitter", "args": {"std_minutes": 2880}}])
    assert len(set(found)) > 4
    assert all(abs((day - dt.date(2024, 6, 1)).days) <= 14 for day in found)
