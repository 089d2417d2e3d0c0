"""Whatever is wrong with a document is told at once, and nothing that only follows from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import ModelError
from seedbed.model.places import Path as Steps
from seedbed.model.reading import examine, read_tree
from seedbed.run.judging import Asked, refusal

ROOT = Path(__file__).parents[2]
BANK: Any = json.loads((ROOT / "examples" / "bank.json").read_text(encoding="utf-8"))

SHOP = """
version: "1.0"
metadata: {name: shop}
timeframe: {start: "2024-01-01", end: "2024-12-31", freq: D}
nodes:
  - id: customer
    kind: entity
    pk: customer_id
    rows: 50
    columns:
      - {name: customer_id, type: int, generator: {sequence: {}}}
      - {name: full_name, type: string, generator: {faker: {method: nam}}}
      - {name: age, type: integer, generator: {sequence: {}}}
      - {name: code, type: string, generator: {faker: {method: job}}}
      - {name: twice, type: int, generator: {expression: {code: "age * 2"}}}
      - {name: thrice, type: int, generator: {expression: {code: "custmer_id * 3"}}}
      - {name: low, type: int, generator: {distribution: {type: uniform, params: {low: 1, high: 5}}}}
      - {name: high, type: int, generator: {distribution: {type: uniform, params: {low: 10, high: 15}}}}
  - id: purchase
    kind: fact
    pk: purchase_id
    parents: [customer]
    fanout: {distribution: poisson, lambda: 3}
    columns:
      - {name: purchase_id, type: int, generator: {sequence: {}}}
      - {name: customer_id, type: int, generator: {lookup: {from: customer.customer_id}}}
      - {name: old, type: int, generator: {lookup: {from: customer.age}}}
      - {name: older, type: int, generator: {expression: {code: "old + 1"}}}
      - {name: near, type: int, generator: {expression: {code: "high + 1"}}}
      - {name: amount, type: float, generator: {distribution: {type: lognormal, params: {mean: 3.0, sigma: -0.6}}}}
constraints:
  unique: [customer.code]
  inequalities: [{left: customer.low, op: ">", right: customer.high}]
  ranges: [{attr: purchase.amount, min: 1, max: 500}]
"""


def places(error: ModelError) -> list[str]:
    """Line and path of every problem."""
    return [str(problem.where).removeprefix("<text>:") for problem in error.problems]


def told(text: str, **asked: Any) -> list[str]:
    found = examine(text, "<text>")
    return places(refusal(found.data, found.places, found.mistakes, Asked(**asked)))


def test_mistakes_of_the_document_of_expressions_of_faker_and_of_numbers_come_together(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    with pytest.raises(ModelError) as caught:
        seedbed.plan(path)
    found = [str(problem.where).removeprefix(f"{path}:").partition(" ") for problem in caught.value.problems]
    assert [(int(place.split(":")[0]), where) for place, _, where in found] == [
        (12, "nodes.customer.columns.full_name.generator.faker"),
        (13, "nodes.customer.columns.age.type"),
        (14, "nodes.customer.columns.code.generator.faker"),
        (16, "nodes.customer.columns.thrice.generator.expression.code"),
        (29, "nodes.purchase.columns.near.generator.expression.code"),
        (30, "nodes.purchase.columns.amount.generator.distribution.params.sigma"),
        (33, "constraints.inequalities[0]"),
    ]


def test_problems_of_the_request_come_with_those_of_the_model() -> None:
    model = seedbed.loads(SHOP.replace("integer", "int").replace("-0.6", "0.6"))
    with pytest.raises(ModelError) as caught:
        seedbed.plan(model, rows={"custmer": 5}, scale=-1)
    assert len(caught.value.problems) == 2 + 5
    assert [problem.path for problem in caught.value.problems[:2]] == [(), ()]


def test_what_faker_refuses_comes_with_what_counting_refuses() -> None:
    text = (
        SHOP.replace("integer", "int")
        .replace("-0.6", "0.6")
        .replace("custmer_id", "customer_id")
        .replace("high + 1", "old")
        .replace('">"', '"<"')
    )
    data = seedbed.plan(seedbed.loads(text))
    with pytest.raises(ModelError) as caught:
        _ = data.prepared
    assert [where.split(":")[0] for where in places(caught.value)] == ["12", "14"]


@pytest.mark.parametrize("part", ["version", "nodes"])
def test_a_document_without_its_ground_has_only_its_own_mistakes(part: str) -> None:
    data = {**json.loads(json.dumps(read_tree(SHOP, "m.yaml").data)), part: 3}
    text = json.dumps(data)
    assert told(text) == places(examine(text, "<text>").places.error(examine(text, "<text>").mistakes))


def test_a_parents_column_in_an_expression_is_to_be_looked_up() -> None:
    with pytest.raises(ModelError) as caught:
        seedbed.plan(seedbed.loads(SHOP.replace("integer", "int").replace("-0.6", "0.6")))
    (fix,) = (problem.fix for problem in caught.value.problems if problem.path[:4] == ("nodes", 1, "columns", 4))
    assert "`lookup: {from: customer.high}`" in str(fix)


# ------------------------------------------------------------------------------------------------- no noise


def steps(data: Any, path: Steps = ()) -> Iterator[Steps]:
    """The path of every part of a document."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, part in inside:
        yield (*path, step)
        yield from steps(part, (*path, step))


BANK_STEPS = list(steps(BANK))


def broken(path: Steps, part: object, *, by_name: bool) -> str:
    """The bank with another part at a path, or with the part under another key."""
    data = copy.deepcopy(BANK)
    around = data
    for step in path[:-1]:
        around = around[step]
    if by_name and isinstance(around, dict):
        around[f"{path[-1]}_x"] = around.pop(path[-1])
    else:
        around[path[-1]] = part
    return json.dumps(data)


@given(st.sampled_from(BANK_STEPS), st.sampled_from([None, "?", -7, [], {}]), st.booleans())
def test_a_mistake_of_the_document_brings_no_other(path: Steps, part: object, by_name: bool) -> None:
    text = broken(path, part, by_name=by_name)
    found = examine(text, "<text>")
    if found.mistakes:
        assert told(text) == places(found.places.error(found.mistakes))
