"""A model read off what an example grew grows data that keep the example's own promises, and look like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import seedbed
from seedbed.model.reading.trees import read_tree
from seedbed.run.infer import Inferred, infer
from seedbed.run.validate import validate
from tests.run.likeness import distances

EXAMPLES = Path(__file__).parents[2] / "examples"

#: Rows of entities, so that most tables have 10,000 rows and more; and fan-outs that are less for it, by their lambda.
SIZES: dict[str, tuple[dict[str, int], dict[str, float]]] = {
    "users_events.json": ({"user": 10_000}, {"event": 3}),
    "bank.json": (
        {"branch": 10_000, "employee": 10_000, "customer": 10_000, "account": 10_000, "loan": 10_000},
        {"communication": 2, "account_transaction": 5},
    ),
    "marketing.json": ({"campaign": 1_500, "contact": 20_000}, {"visit": 6}),
    "onboarding.json": ({"company": 10_000}, {"session": 60}),
    "sensors.json": ({"device": 4_000}, {"reading": 8}),
    "school.yaml": ({"teacher": 2_400, "class": 10_000, "student": 20_000}, {}),
    "shop.yaml": ({"employee": 2_000, "customer": 12_000, "product": 4_000}, {}),
    "driving.yaml": ({"company": 2_000}, {"driving_event": 4}),
}

#: What the example's own model says about these must hold.
KINDS = {"table", "column_exists", "type", "primary_key", "unique", "unique_pair", "not_null", "foreign_key", "range", "enum"}


def grown(model: Any, *, rows: dict[str, int] | None = None, seed: int | None = None) -> dict[str, pa.Table]:
    made = seedbed.plan(model, rows=rows, seed=seed)
    return {table: made.to_arrow(table) for table in made.rows}


def example(name: str) -> tuple[Any, dict[str, pa.Table]]:
    rows, means = SIZES[name]
    path = EXAMPLES / name
    data: Any = read_tree(path.read_text(), str(path)).data
    for table, mean in means.items():
        node = next(node for node in data["nodes"] if node["id"] == table) if "nodes" in data else data["facts"][table]
        node["fanout"]["lambda"] = mean
    return data, grown(data, rows=rows)


def references(found: Inferred) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.table, one.columns[0]): (one.to_table, one.to_columns[0]) for one in found.relations.references if len(one.columns) == 1}


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_an_inferred_model_grows_what_the_example_grew(name: str) -> None:
    model, before = example(name)
    found = infer(before, name=name.partition(".")[0])
    after = grown(found.document, seed=1)
    report = validate(after, model, queries=False)
    broken = [f"{one.id}: {one.details}" for one in report.results if one.kind in KINDS and one.is_broken]
    assert broken == []
    far = [one for one in distances(before, after, references(found)) if one.value > one.limit]
    assert far == []
