"""How a column is expected to be spread where a range, nulls or segments touch it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import seedbed
from seedbed.check.outcome import CheckResult
from tests.check.test_distributions import LAWS
from tests.growing import column, entity

Spec = dict[str, Any]

ROWS = 20_000
TIMES = {"start": "2024-01-01", "end": "2024-12-31"}


def grown(node: Spec, **constraints: Any) -> seedbed.Dataset:
    return seedbed.plan({"version": "2.0", "metadata": {"name": "test"}, "timeframe": TIMES, "nodes": [node], "constraints": constraints})


def fit(dataset: seedbed.Dataset, data: pa.Table | None = None) -> CheckResult:
    report = seedbed.validate({"t": dataset.to_arrow("t") if data is None else data}, dataset.model)
    return report.of("t.v.fit")


def middle(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Ends that leave about three quarters of some values."""
    low, high = np.quantile(values, [0.1, 0.85], method="nearest").tolist()
    return low, high


@pytest.mark.parametrize("name", [name for name in LAWS if name not in ("constant", "values", "bernoulli")])
def test_a_range_leaves_the_distribution_between_its_ends(name: str) -> None:
    kind, spec = LAWS[name]
    node = entity("t", ROWS, column("v", kind, {"distribution": spec}))
    whole = grown(node).to_arrow("t")["v"].cast(pa.float64()).to_numpy()
    low, high = middle(whole)
    cut = grown(node, ranges=[{"attr": "t.v", "min": low, "max": high}])
    assert fit(cut).passed, fit(cut)


@pytest.mark.parametrize("name", ["normal", "prices", "many numbers", "exponential"])
def test_values_moved_to_the_ends_of_a_range_are_told(name: str) -> None:
    kind, spec = LAWS[name]
    node = entity("t", ROWS, column("v", kind, {"distribution": spec}))
    table = grown(node).to_arrow("t")
    low, high = middle(table["v"].cast(pa.float64()).to_numpy())
    cut = grown(node, ranges=[{"attr": "t.v", "min": low, "max": high}])
    moved = np.clip(table["v"].cast(pa.float64()).to_numpy(), low, high)
    assert fit(cut, table.set_column(1, "v", pa.array(moved).cast(table["v"].type))).status == "failed"


def test_a_clamp_within_a_range_keeps_its_heaps() -> None:
    spec = {"type": "normal", "params": {"mean": 5, "std": 2}, "clamp": [3, 7]}
    node = entity("t", ROWS, column("v", "float", {"distribution": spec}))
    assert fit(grown(node, ranges=[{"attr": "t.v", "min": 3, "max": 6}])).passed


def test_nulls_by_chance_leave_the_shares_of_choices() -> None:
    generator = {"choice": {"choices": ["a", "b", "c"], "weights": [6, 3, 1]}}
    node = entity("t", ROWS, column("v", "string", generator, nullable=True, null_rate=0.3))
    dataset = grown(node)
    assert fit(dataset).passed
    table = dataset.to_arrow("t")
    assert fit(dataset, table.set_column(1, "v", pa.array(["c" if v == "a" else v for v in table["v"].to_pylist()]))).status == "failed"


def test_numbers_to_choose_from_keep_their_shares_within_a_range() -> None:
    generator = {"choice": {"choices": [1, 2, 3, 4], "weights": [4, 3, 2, 1]}}
    dataset = grown(entity("t", ROWS, column("v", "int", generator)), ranges=[{"attr": "t.v", "min": 2}])
    assert fit(dataset).passed
    assert json.loads(json.dumps(fit(dataset).details))["expected"] == pytest.approx([1 / 2, 1 / 3, 1 / 6])


def test_segments_give_the_shares_of_their_column() -> None:
    behavior = {"segment_column": "v", "behaviors": {"a": {"base_probability": 0.7}}}
    node = entity("t", ROWS, column("v", "string", {"choice": {"choices": ["a", "b", "c"]}}), segment_behavior=behavior)
    found = fit(grown(node))
    assert found.passed
    assert found.details is not None
    assert found.details["expected"] == pytest.approx([0.7, 0.15, 0.15])


@pytest.mark.parametrize(
    ("kind", "choices"), [("float", [3, 4.5]), ("decimal", [3, 4]), ("decimal", ["3.10", "4.5"]), ("float", [10**17, 1])]
)
def test_numbers_to_choose_from_may_be_spelt_in_any_way(kind: str, choices: list[Any]) -> None:
    assert fit(grown(entity("t", 500, column("v", kind, {"choice": {"choices": choices}})))).passed
