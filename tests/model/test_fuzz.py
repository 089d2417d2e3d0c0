"""Whatever is read, it is a model or a `ModelError`."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.model.reading import parse, read_tree

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")
DATA = read_tree(SHOP, "shop.yaml").data
NAMES = st.sampled_from(["m.yaml", "m.json", "-"])

#: Bits of YAML and JSON that mean something.
BITS = st.sampled_from(
    [
        *list("{}[]:,-?&*!|>'\"%@`#~<=\t\n \\"),
        "\n  ",
        ": ",
        "- ",
        "<<: ",
        "---\n",
        "...\n",
        "\ufeff",
        "\u2028",
        "\x85",
        "\r",
        "null",
        "1e999",
        "&a",
        "*a",
        "!!x ",
        "\\u",
        "\\ud8",
    ]
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["customer", "order.amount", "H", "2024-01-01", -1, 10**400])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6
)


def is_judged(text: str | bytes, name: str) -> None:
    """Reading it ends in a model or in one clear error, and the error can be printed."""
    try:
        parse(text, name)
    except ModelError as error:
        found = error.problems
    else:
        return
    assert found
    for problem in found:
        assert problem.message
        assert str(problem.where).startswith(name)
        assert str(problem).encode("utf-8")


@given(st.binary(max_size=200), NAMES)
def test_random_bytes_are_judged(content: bytes, name: str) -> None:
    is_judged(content, name)


@given(st.lists(BITS | st.text(max_size=3), max_size=30).map("".join), NAMES)
def test_random_signs_are_judged(text: str, name: str) -> None:
    is_judged(text, name)


@given(st.randoms(use_true_random=False), NAMES, st.lists(BITS, min_size=1, max_size=3))
def test_broken_documents_are_judged(chance: random.Random, name: str, bits: list[str]) -> None:
    text = SHOP if name == "m.yaml" else json.dumps(DATA)
    for bit in bits:
        start = chance.randrange(len(text))
        text = text[:start] + bit + text[start + chance.randrange(4) :]
    is_judged(text, name)


def _steps(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []


def changed(chance: random.Random, value: Any, new: Any) -> Any:
    """A copy with one part, somewhere, replaced, removed or put under another key."""
    steps = _steps(value)
    if not steps or chance.random() < 0.1:
        return new
    step = chance.choice(steps)
    copy = value.copy()
    deed = chance.random()
    if deed < 0.1:
        del copy[step]
    elif deed < 0.2 and isinstance(copy, dict):
        copy[step + "x"] = copy.pop(step)
    elif deed < 0.25 and isinstance(copy, list):
        copy.append(copy[step])
    else:
        copy[step] = changed(chance, copy[step], new)
    return copy


@given(st.randoms(use_true_random=False), st.lists(VALUES, min_size=1, max_size=3))
def test_changed_documents_are_judged(chance: random.Random, values: list[Any]) -> None:
    data = DATA
    for value in values:
        data = changed(chance, data, value)
    is_judged(json.dumps(data), "m.json")
