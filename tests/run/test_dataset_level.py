"""What a document says of the whole data set: seed, scale, locale, profiles, old names of columns."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import ModelError

USER: dict[str, Any] = {
    "rows": "1_000",
    "pk": "id",
    "columns": {
        "id": {"sequence": {}, "type": "int"},
        "age": {"distribution": {"type": "normal", "params": {"mean": 40, "std": 9}}, "type": "float", "nullable": True},
        "city": {"faker": {"method": "city"}, "type": "string"},
    },
}
DOCUMENT: dict[str, Any] = {
    "version": "2.0",
    "metadata": {"name": "m"},
    "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
    "entities": {"user": USER},
    "profiles": {"small": {"scale": 0.1, "seed": 3}},
}


def document(**keys: Any) -> dict[str, Any]:
    """The document with further keys."""
    return copy.deepcopy({**DOCUMENT, **keys})


def test_seed_and_scale_of_the_document_are_taken() -> None:
    data = seedbed.plan(document(seed=7, scale=0.5))
    assert (data.plan.seed, data.rows) == (7, {"user": 500})
    assert data.to_arrow("user").equals(seedbed.plan(document(), seed=7, scale=0.5).to_arrow("user"))


def test_what_is_asked_for_stands_in_place_of_the_documents_own() -> None:
    data = seedbed.plan(document(seed=7, scale=0.5), seed=8, scale=2)
    assert (data.plan.seed, data.rows) == (8, {"user": 2000})
    assert seedbed.plan(document(scale=0.5), rows={"user": 30}).rows == {"user": 30}


def test_seed_scale_profiles_and_the_order_of_tables_name_no_other_plan() -> None:
    asked = seedbed.plan(document(), seed=7, scale=0.5).plan.fingerprint
    assert seedbed.plan(document(seed=7, scale=0.5, profiles={})).plan.fingerprint == asked
    other = {"pk": "id", "columns": {"id": {"sequence": {}, "type": "int"}}}
    one, two = (seedbed.plan(document(entities=tables)) for tables in ({"user": USER, "b": other}, {"b": other, "user": USER}))
    assert one.plan.fingerprint == two.plan.fingerprint


def test_the_locale_of_the_document_is_that_of_columns_without_one() -> None:
    german = seedbed.plan(document(locale="de_DE"))
    written = document()
    written["entities"]["user"]["columns"]["city"]["faker"]["locale"] = "de_DE"
    assert german.to_arrow("user").equals(seedbed.plan(written).to_arrow("user"))
    assert seedbed.plan({**written, "locale": "fr_FR"}).to_arrow("user").equals(german.to_arrow("user"))
    assert not german.to_arrow("user").equals(seedbed.plan(document()).to_arrow("user"))


@settings(max_examples=10)
@given(st.sampled_from(["age", "city"]))
def test_a_renamed_column_keeps_its_values(name: str) -> None:
    renamed = document()
    columns = renamed["entities"]["user"]["columns"]
    renamed["entities"]["user"]["columns"] = {f"new_{key}" if key == name else key: part for key, part in columns.items()}
    renamed["entities"]["user"]["columns"][f"new_{name}"] = {**columns[name], "seed_as": name}
    before, after = seedbed.plan(document()).to_arrow("user"), seedbed.plan(renamed).to_arrow("user")
    assert after[f"new_{name}"].equals(before[name])
    assert all(after[other].equals(before[other]) for other in columns if other != name)


def test_a_profile_is_applied_to_a_document_of_any_kind(tmp_path: Path) -> None:
    text = json.dumps(document())
    (tmp_path / "m.json").write_text(text)
    models = (
        seedbed.load(tmp_path / "m.json", profile="small"),
        seedbed.loads(text, profile="small"),
        seedbed.load(document(), profile="small"),
    )
    for data in (seedbed.plan(tmp_path / "m.json", profile="small"), *map(seedbed.plan, models)):
        assert (data.plan.seed, data.rows) == (3, {"user": 100})
    made = seedbed.generate(tmp_path / "m.json", tmp_path / "out", profile="small")
    assert (made.seed, made.rows) == (3, 100)


def test_a_profile_of_a_model_that_was_read_is_refused() -> None:
    model = seedbed.load(document())
    with pytest.raises(ModelError, match="this model has been read"):
        seedbed.plan(model, profile="small")


def test_what_a_column_means_goes_with_it() -> None:
    told = document()
    told["entities"]["user"]["columns"]["age"] |= {"sensitivity": "PII", "description": "in years"}
    tags = seedbed.plan(told).schema("user").field("age").metadata
    assert (tags[b"seedbed.sensitivity"], tags[b"description"]) == (b"PII", b"in years")
    assert seedbed.plan(told).to_arrow("user").equals(seedbed.plan(document()).to_arrow("user"))
