"""The exported JSON Schema."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.model.reading import parse, read_tree
from seedbed.model.schema import json_schema
from tests.model.documents import models
from tests.model.test_fuzz import VALUES, changed

jsonschema = pytest.importorskip("jsonschema", reason="checks the schema with jsonschema")

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")


def shop() -> Any:
    """The data of the shop."""
    return read_tree(SHOP, "shop.yaml").data


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_what_the_reader_takes(validator: Any) -> None:
    assert list(validator.iter_errors(shop())) == []


def test_the_schema_refuses_two_generators(validator: Any) -> None:
    data = shop()
    data["nodes"][0]["columns"][0]["generator"]["sequence"] = {}
    assert not validator.is_valid(data)


def test_the_schema_refuses_no_generator(validator: Any) -> None:
    data = shop()
    data["nodes"][0]["columns"][0]["generator"] = {"sequence": None}
    assert not validator.is_valid(data)


def test_the_schema_refuses_unknown_keys(validator: Any) -> None:
    data = shop()
    data["nodes"][0]["colour"] = "red"
    assert not validator.is_valid(data)


def test_the_schema_takes_both_spellings_of_segments(validator: Any) -> None:
    data = shop()
    behavior = data["nodes"][2]["segment_behavior"]
    behavior["segments"] = behavior.pop("behaviors")
    assert validator.is_valid(data)
    behavior["behaviors"] = behavior["segments"]
    assert not validator.is_valid(data)


def test_the_schema_knows_the_parts_of_targets(validator: Any) -> None:
    data = shop()
    data["targets"]["weekend_share"]["timestamp"] = 3
    assert not validator.is_valid(data)


def test_the_schema_names_keys_of_joins(validator: Any) -> None:
    data = shop()
    data["nodes"][2]["columns"][3]["generator"]["lookup"]["on"] = {"1 bad": "country"}
    assert not validator.is_valid(data)


def test_the_schema_names_no_host_of_its_own() -> None:
    assert json_schema()["$id"] == "urn:seedbed:model:1.0"


@given(models())
def test_the_schema_takes_every_sound_model(validator: Any, document: Any) -> None:
    assert list(validator.iter_errors(document)) == []


@given(st.randoms(use_true_random=False), VALUES)
def test_the_schema_refuses_nothing_that_the_reader_takes(validator: Any, chance: random.Random, value: Any) -> None:
    data = changed(chance, shop(), value)
    try:
        parse(json.dumps(data), "m.json")
    except ModelError:
        return
    assert list(validator.iter_errors(json.loads(json.dumps(data)))) == []
