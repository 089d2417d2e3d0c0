"""Nested values come back out of the JSON that is written of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.digest import leaf_digest
from seedbed.read.nested_texts import nested_values
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells

KIND = pa.struct(
    [
        ("whole", pa.int64()),
        ("part", pa.float64()),
        ("said", pa.string()),
        ("is", pa.bool_()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us")),
        ("moment", pa.timestamp("us", "Europe/Berlin")),
        ("clock", pa.time64("us")),
        ("price", pa.decimal128(18, 3)),
        ("raw", pa.binary()),
        ("deep", pa.list_(pa.struct([("x", pa.list_(pa.string()))]))),
    ]
)
_MICROS = st.integers(-(10**16), 10**16)
_ROWS: st.SearchStrategy[Any] = st.none() | st.fixed_dictionaries(
    {
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "part": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "said": st.none() | st.text(st.characters(codec="utf-8")),
        "is": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(),
        "moment": st.none() | _MICROS,
        "clock": st.none() | st.times(),
        "price": st.none() | st.integers(-(10**17), 10**17).map(lambda units: Decimal(units).scaleb(-3)),
        "raw": st.none() | st.binary(),
        "deep": st.none()
        | st.lists(st.none() | st.fixed_dictionaries({"x": st.none() | st.lists(st.none() | st.text(st.characters(codec="utf-8")))})),
    }
)


@given(st.lists(_ROWS, min_size=1, max_size=5))
def test_what_is_written_as_json_is_read_back(rows: list[Any]) -> None:
    array = pa.array(rows, KIND)
    texts = json_texts(array, Cells("t", "c"))
    nulls = pa.array([None if row is None else text for row, text in zip(rows, texts.to_pylist(), strict=True)], pa.string())
    found = nested_values(nulls, KIND)
    assert found.type == KIND
    assert leaf_digest(found) == leaf_digest(array)


def test_no_rows_are_no_values() -> None:
    assert nested_values(pa.array([], pa.string()), KIND).type == KIND


@pytest.mark.parametrize("text", ['{"whole":', '{"other":1}', '["a"]', '{"whole":"x"}'])
def test_what_is_no_such_value_is_refused(text: str) -> None:
    with pytest.raises(pa.ArrowInvalid):
        nested_values(pa.array([text]), KIND)
