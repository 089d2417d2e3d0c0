"""Parts whose classes are made when a document first has one."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from seedbed.model.document import Model
from seedbed.model.generators import Generator
from seedbed.model.quality import QualityInjection

FAULTS = {"ground_truth": "truth", "issues": [{"kind": "null", "table": "t", "rate": 0.1, "column": "a", "from": "2024-01-01"}]}
DOCUMENT: dict[str, Any] = {
    "version": "2.0",
    "metadata": {"name": "d"},
    "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
    "nodes": [{"id": "t", "kind": "entity", "columns": [{"name": "a", "generator": {"sequence": {}}}]}],
}


def read(**more: Any) -> Model:
    return Model.model_validate({**DOCUMENT, **more}, by_alias=True, by_name=False, context={})


def test_a_document_without_a_part_does_not_load_its_class() -> None:
    code = f"""
import sys
from seedbed.model.document import Model
from seedbed.model.generators import Generator
Model.model_validate({DOCUMENT!r})
print([name for name in ("quality", "behaviors", "states") if f"seedbed.model.{{name}}" in sys.modules])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_part_is_of_its_class_and_is_written_as_it_was_read() -> None:
    model = read(quality_injection=FAULTS)
    assert isinstance(model.quality_injection, QualityInjection)
    assert model.quality_injection == QualityInjection.model_validate(FAULTS)
    assert model.model_dump(by_alias=True, mode="json", exclude_defaults=True)["quality_injection"] == FAULTS
    assert read(quality_injection=model.quality_injection).quality_injection is model.quality_injection


def test_its_mistakes_stand_where_they_are() -> None:
    with pytest.raises(ValidationError) as caught:
        read(quality_injection={**FAULTS, "issues": [{"kind": "null", "table": "t", "rate": 2, "column": "a"}]}, scale=-1)
    assert {error["loc"] for error in caught.value.errors()} >= {("scale",), ("quality_injection", "issues", 0, "null", "rate")}


def test_documents_use_the_names_of_documents_only() -> None:
    by_name = {**FAULTS, "issues": [{"kind": "null", "table": "t", "rate": 0.1, "column": "a", "from_": "2024-01-01"}]}
    with pytest.raises(ValidationError, match="from_"):
        read(quality_injection=by_name)
    assert Model.model_validate({**DOCUMENT, "quality_injection": by_name}) == read(quality_injection=FAULTS)


def test_only_the_chosen_class_of_a_tagged_union_gets_a_validator() -> None:
    code = """
from seedbed.model.generators import Generator
from seedbed.model.generators.distribution import Gamma, Normal
Generator.model_validate({"distribution": {"type": "normal", "params": {"mean": 1, "std": 2}}})
print(Normal.__pydantic_complete__, Gamma.__pydantic_complete__)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "True False"


def test_a_tag_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValidationError) as caught:
        Generator.model_validate({"distribution": {"type": "normalish", "params": {}}})
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"]) == ("union_tag_invalid", ("distribution",))
    assert error["ctx"]["tag"] == "normalish"
    assert error["ctx"]["expected_tags"].startswith("'normal', 'lognormal', 'uniform'")
