"""Laying documents out: the same meaning, the same comments, and no further change the second time."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.model.formatting import WIDTH, format_document
from seedbed.model.reading import parse, read_tree

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")

texts = st.text(max_size=20) | st.sampled_from(
    ["NO", "on", "1", "1.5", "true", "~", "null", "2024-01-01", " x", "a: b", "# x", "- ", "a\nb", "<<", "é", "\x85"]
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=25,
).filter(lambda value: isinstance(value, dict) and bool(value))


def meaning(text: str, name: str) -> str:
    """The data of a document, whatever the order of its keys."""
    tree = read_tree(text, name)
    assert tree.mistakes == ()
    return json.dumps(tree.data, sort_keys=True)


@pytest.mark.parametrize("to", ["yaml", "json"])
def test_a_model_stays_the_same_model(to: Literal["yaml", "json"]) -> None:
    laid_out = format_document(SHOP, "shop.yaml", to=to)
    assert parse(laid_out, f"m.{to}") == parse(SHOP, "shop.yaml")
    assert format_document(laid_out, f"m.{to}") == laid_out
    assert max(map(len, laid_out.splitlines())) <= WIDTH + 10


@given(documents)
def test_json_keeps_its_meaning_and_stays_laid_out(value: Any) -> None:
    text = json.dumps(value)
    laid_out = format_document(text, "m.json")
    assert meaning(laid_out, "m.json") == meaning(text, "m.json")
    assert format_document(laid_out, "m.json") == laid_out


@given(documents)
def test_json_becomes_yaml_and_comes_back(value: Any) -> None:
    text = json.dumps(value)
    as_yaml = format_document(text, "m.json", to="yaml")
    assert meaning(as_yaml, "m.yaml") == meaning(text, "m.json")
    assert format_document(as_yaml, "m.yaml", to="json") == format_document(text, "m.json")


@given(documents)
def test_yaml_stays_laid_out(value: Any) -> None:
    laid_out = format_document(format_document(json.dumps(value), "m.json", to="yaml"), "m.yaml")
    assert format_document(laid_out, "m.yaml") == laid_out


@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_comments_stay_or_their_loss_is_refused(chance: random.Random, count: int) -> None:
    lines = SHOP.splitlines()[:33]
    for number in range(count):
        at = chance.randrange(len(lines))
        if chance.random() < 0.5:
            lines[at] += f"  # note {number}"
        else:
            lines.insert(at, " " * chance.choice([0, 2, 4, 6, 8]) + f"# note {number}")
        if chance.random() < 0.3:
            lines.insert(at, "")
    text = "\n".join(lines) + "\n"
    try:
        laid_out = format_document(text, "shop.yaml")
    except ModelError as error:
        assert "comment" in str(error)  # noqa: PT017 - either outcome is right
        return
    assert meaning(laid_out, "m.yaml") == meaning(text, "m.yaml")
    assert all(f"# note {number}" in laid_out for number in range(count))
    assert format_document(laid_out, "m.yaml") == laid_out


def test_json_takes_the_order_of_the_classes() -> None:
    text = '{"nodes": [{"columns": [{"generator": {"sequence": {}}, "comment": "c", "type": "int", "name": "b"}], "kind": "entity", "id": "a"}], "zzz": 1, "version": "1.0"}'
    assert format_document(text, "m.json") == (
        "{\n"
        '  "version": "1.0",\n'
        '  "nodes": [\n'
        "    {\n"
        '      "id": "a",\n'
        '      "kind": "entity",\n'
        '      "columns": [\n'
        '        {"name": "b", "comment": "c", "type": "int", "generator": {"sequence": {}}}\n'
        "      ]\n"
        "    }\n"
        "  ],\n"
        '  "zzz": 1\n'
        "}\n"
    )


def test_long_lists_of_numbers_fill_their_lines() -> None:
    laid_out = format_document(json.dumps({"weights": [1000 + number for number in range(60)]}), "m.json")
    assert len(laid_out.splitlines()) == 8
    assert max(map(len, laid_out.splitlines())) <= WIDTH


def test_yaml_gets_one_indentation_and_keeps_quotes_numbers_and_comments() -> None:
    text = "# head\na:\n- b:   'x'   # why\n  c: 0x1F\n\n\n- d: [1,2]\non: NO\n"
    assert format_document(text, "m.yaml") == "# head\na:\n  - b: 'x'   # why\n    c: 0x1F\n\n\n  - d: [1, 2]\non: NO\n"


def test_words_that_others_misread_are_quoted_in_new_yaml() -> None:
    laid_out = format_document('{"a": ["NO", "1", "2024-01-01", "plain", "y"], "on": true}', "m.json", to="yaml")
    assert laid_out == 'a: ["NO", "1", "2024-01-01", plain, "y"]\non: true\n'


def test_what_cannot_be_read_is_not_laid_out() -> None:
    with pytest.raises(ModelError, match="there twice"):
        format_document('{"a": 1, "a": 2}', "m.json")
    with pytest.raises(ModelError, match="aliases are not read"):
        format_document("a: &x 1\nb: *x", "m.yaml")


def test_no_text_is_broken_and_comments_move_with_their_lines() -> None:
    code = " + ".join(["amount"] * 20)
    text = f"""nodes:
    # about a
    - id: a
      columns:
          # about x
          - {{name: x, type: float, nullable: false, generator: {{expression: {{code: "{code}"}}}}}}
          # - was y
    # - was b
# the end
"""
    assert format_document(text, "m.yaml") == text.replace("\n    ", "\n  ").replace("\n        ", "\n      ")


def test_hashes_in_texts_are_no_comments() -> None:
    text = "a:\n    note: |\n        # one,  \n          two\n    # about b\n    b: 'x # y'\n"
    assert format_document(text, "m.yaml") == "a:\n  note: |\n    # one,  \n      two\n  # about b\n  b: 'x # y'\n"
