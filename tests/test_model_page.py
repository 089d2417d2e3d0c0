"""The pages speak of every key, the model's examples of expressions are right; docs/generators.md is what the code says."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from seedbed.core.expression import FUNCTIONS, evaluate, parse
from seedbed.core.timegrid import ALIASES
from seedbed.model.document import Model
from seedbed.model.later import Later
from tools.write_generators import PAGE, page

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "model.md").read_text()
EXPRESSION = re.compile(r"^\| `(.+?)` \| `(.*)` \|$", re.MULTILINE)
EXPRESSIONS = EXPRESSION.findall(TEXT[TEXT.index("| expression | gives |") :])


def models_within(annotation: Any, found: dict[type[BaseModel], None]) -> dict[type[BaseModel], None]:
    """All classes of the model that an annotation leads to."""
    if isinstance(annotation, type) and issubclass(annotation, Later):
        return models_within(annotation.loaded(), found)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
        found[annotation] = None
        for field in annotation.model_fields.values():
            models_within(field.annotation, found)
    for part in typing.get_args(annotation):
        models_within(part, found)
    return found


def keys() -> list[str]:
    fields = [(name, field) for part in models_within(Model, {}) for name, field in part.model_fields.items()]
    return sorted({field.alias or name for name, field in fields})


@pytest.mark.parametrize("key", keys())
def test_the_pages_speak_of_every_key(key: str) -> None:
    pages = "\n".join(page.read_text() for page in DOCS.glob("*.md") if page.name != "generators.md")
    assert re.search(rf"(?<!\w){re.escape(key)}(?!\w)", pages)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_the_page_of_the_model_speaks_of_every_function(function: str) -> None:
    assert f"`{function}(" in TEXT


@pytest.mark.parametrize("alias", ALIASES)
def test_the_page_of_the_model_speaks_of_every_grid(alias: str) -> None:
    assert f"`{alias}`" in TEXT or f"`{alias.lower()}`" in TEXT


def shown(code: str) -> str:
    """The value of an expression without columns, as the page writes it."""
    made = evaluate(parse(code), lambda name: pytest.fail(f"there is no column {name}"), 1)
    value = made.data[0].as_py() if not isinstance(made.data, np.ndarray) else made.data.tolist()[0]
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("code", "expected"), EXPRESSIONS)
def test_expressions_give_what_the_page_says(code: str, expected: str) -> None:
    assert shown(code) == expected


def test_there_are_expressions_on_the_page() -> None:
    assert len(EXPRESSIONS) > 15


def test_the_page_of_generators_is_what_the_code_says() -> None:
    assert PAGE.read_text() == page(), "run .venv/bin/python tools/write_generators.py"


def test_words_of_the_glossary_are_in_order() -> None:
    words = re.findall(r"^\| (.+?) \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)[1:]
    assert words == sorted(words, key=str.lower)
