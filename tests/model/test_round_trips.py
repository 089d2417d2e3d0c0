"""A sound model is read, laid out, turned into YAML and back, and stays what it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from seedbed.model.formatting import format_document
from seedbed.model.reading import parse
from tests.model.documents import models


@given(models())
def test_a_model_is_the_same_in_yaml_in_json_and_laid_out(document: Any) -> None:
    text = json.dumps(document)
    model = parse(text, "m.json")
    as_yaml = format_document(text, "m.json", to="yaml")
    assert parse(as_yaml, "m.yaml") == model
    assert parse(format_document(text, "m.json"), "m.json") == model
    assert parse(format_document(as_yaml, "m.yaml"), "m.yaml") == model


@given(models())
def test_what_a_model_tells_of_itself_reads_as_the_same_model(document: Any) -> None:
    model = parse(json.dumps(document), "m.json")
    told = model.model_dump_json(by_alias=True, exclude_defaults=True)
    assert parse(told, "m.json") == model
