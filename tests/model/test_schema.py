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
from seedbed.model.reading.forms import authoring, canonical
from seedbed.model.schema import Form, Version, json_schema
from tests.model.documents import models
from tests.model.test_fuzz import VALUES, changed

jsonschema = pytest.importorskip("jsonschema", reason="checks the schema with jsonschema")

AUTHORED = (Path(__file__).parent / "authored.yaml").read_text(encoding="utf-8")
SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")


def shop() -> Any:
    """The data of the shop."""
    return read_tree(SHOP, "shop.yaml").data


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema("1.0")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def validator_of(version: Version, form: Form) -> Any:
    """The validator of a version and form."""
    schema = json_schema(version, form)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def authored() -> Any:
    return validator_of("2.0", "authoring")


@pytest.fixture(scope="module")
def listed() -> Any:
    return validator_of("2.0", "canonical")


def people() -> Any:
    """A document as people write it."""
    return read_tree(AUTHORED, "authored.yaml").data


def test_each_form_has_its_schema(authored: Any, listed: Any) -> None:
    data = people()
    assert list(authored.iter_errors(data)) == []
    assert not listed.is_valid(data)
    assert list(listed.iter_errors(canonical(data).data)) == []
    assert not authored.is_valid(canonical(data).data)


@pytest.mark.parametrize(
    "part",
    [
        {"fakr": {"method": "name"}},
        {"faker": {"method": "name"}, "sequence": {}},
        {"faker": {}},
        {"sequence": {}, "null_rate": 2},
        {"sequence": {}, "name": "name"},
    ],
)
def test_the_authors_schema_marks_wrong_columns(authored: Any, part: Any) -> None:
    data = people()
    data["entities"]["user"]["columns"]["name"] = part
    assert not authored.is_valid(data)


def test_the_authors_schema_knows_short_numbers_of_rows(authored: Any) -> None:
    data = people()
    for rows, is_right in (("10M", True), ("2.5K", True), ("1_000", True), (7, True), ("many", False), ("-1", False)):
        data["entities"]["user"]["rows"] = rows
        assert authored.is_valid(data) is is_right


def test_the_schema_of_version_1_lacks_what_came_later(validator: Any, listed: Any) -> None:
    data = shop()
    data["nodes"][2]["columns"][0]["hidden"] = True
    assert not validator.is_valid(data)
    assert listed.is_valid({**data, "version": "2.0"})
    assert "uuid" not in json.dumps(json_schema("1.0")).lower()
    assert '"since"' not in json.dumps([json_schema("1.0"), json_schema("2.0"), json_schema("2.0", "authoring")])


@given(models())
def test_every_sound_model_of_version_2_is_taken_in_both_forms(authored: Any, listed: Any, document: Any) -> None:
    data = {**document, "version": "2.0"}
    assert list(listed.iter_errors(data)) == []
    assert list(authored.iter_errors(authoring(data))) == []


@given(st.randoms(use_true_random=False), VALUES)
def test_the_authors_schema_refuses_nothing_that_the_reader_takes(authored: Any, chance: random.Random, value: Any) -> None:
    data = changed(chance, people(), value)
    try:
        parse(json.dumps(data), "m.json")
    except ModelError:
        return
    if data.get("version") == "2.0" and data == authoring(data):
        assert list(authored.iter_errors(json.loads(json.dumps(data)))) == []


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
    assert json_schema("1.0")["$id"] == "urn:seedbed:model:1.0"


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
