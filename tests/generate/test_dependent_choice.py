"""Choices whose list another column names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import DataError, ModelError

ROWS = 500
TABLE = {"vip": ["gold", "platinum"], "regular": {"choices": ["silver", "none"], "weights": [3, 1]}}


def model(tier: dict[str, Any], segment: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    columns = {
        "id": {"sequence": {}},
        "segment": segment or {"choice": {"choices": ["vip", "regular"]}},
        "tier": {"choice": tier, **rest},
    }
    return {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {"t": {"rows": ROWS, "pk": "id", "columns": columns}},
    }


def rows(*args: Any, **rest: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = seedbed.plan(model(*args, **rest)).block("t", 0, ROWS).to_pylist()
    return found


def test_every_row_has_a_value_of_its_list() -> None:
    found = rows({"by": "segment", "table": TABLE})
    assert {(row["segment"], row["tier"]) for row in found} == {
        ("vip", "gold"),
        ("vip", "platinum"),
        ("regular", "silver"),
        ("regular", "none"),
    }


def test_weights_count() -> None:
    regular = [row["tier"] for row in rows({"by": "segment", "table": TABLE}) if row["segment"] == "regular"]
    assert 0.67 < regular.count("silver") / len(regular) < 0.83  # 0.75; standard deviation 0.027 at 250 rows


@settings(max_examples=15, deadline=None)
@given(start=st.integers(0, ROWS), length=st.integers(0, 80))
def test_any_slice_has_the_rows_of_the_whole(start: int, length: int) -> None:
    data, stop = seedbed.plan(model({"by": "segment", "table": TABLE})), min(start + length, ROWS)
    assert data.block("t", start, stop) == data.block("t", 0, ROWS).slice(start, stop - start)


def test_a_further_list_changes_no_other() -> None:
    segment = {"choice": {"choices": ["vip", "regular", "new"]}}
    one = rows({"by": "segment", "table": TABLE, "else": ["?"]}, segment)
    two = rows({"by": "segment", "table": {"new": ["fresh"], **TABLE}}, segment)
    assert all(a["tier"] == b["tier"] for a, b in zip(one, two, strict=True) if a["segment"] != "new")


@pytest.mark.parametrize(
    ("segment", "keys"),
    [({"choice": {"choices": [1, 2]}}, ("1", "2")), ({"choice": {"choices": [True, False]}}, ("true", "false"))],
)
def test_numbers_and_truth_values_are_named_as_they_are_written(segment: dict[str, Any], keys: tuple[str, str]) -> None:
    found = rows({"by": "segment", "table": {keys[0]: ["x"], keys[1]: ["y"]}}, segment)
    assert all(row["tier"] == ("x" if str(row["segment"]).lower() == keys[0] else "y") for row in found)


def test_nulls_and_other_values_take_else() -> None:
    found = rows({"by": "segment", "table": {"vip": [1]}, "else": [0]}, {"choice": {"choices": ["vip", "x"]}, "null_rate": 0.3})
    assert all(row["tier"] == (1 if row["segment"] == "vip" else 0) for row in found)


def test_a_linked_rows_value_decides() -> None:
    document = model({"by": "segment", "table": TABLE})
    document["facts"] = {
        "child": {
            "parents": ["t"],
            "fanout": {"distribution": "poisson", "lambda": 2},
            "columns": {"segment": {"lookup": {"from": "t.segment"}}, "tier": {"choice": {"by": "t.segment", "table": TABLE}}},
        }
    }
    block = seedbed.plan(document).block("child", 0, 500)
    assert all(row["tier"] in (TABLE["vip"] if row["segment"] == "vip" else ("silver", "none")) for row in block.to_pylist())


def test_what_a_plan_cannot_know_is_told_with_its_row() -> None:
    segment = {"expression": {"code": "if_(id == 7, 'seven', 'vip')"}}
    with pytest.raises(DataError, match=r"t\[6\].tier: `segment` is `seven`, which the table"):
        rows({"by": "segment", "table": TABLE}, segment)


REFUSED = [
    ({"by": "segment", "table": {"vip": ["gold"]}}, None, "`segment` may be `regular`, which the table has no list for"),
    ({"by": "segment", "table": TABLE}, {"choice": {"choices": ["vip"]}, "nullable": True}, "`segment` may be null"),
    ({"by": "segment", "table": TABLE, "weights": [1]}, None, "`weights` cannot fit several lists"),
    ({"by": "segment"}, None, "`by` needs `table`"),
    ({"table": TABLE}, None, "`table` needs `by`"),
    ({"by": "tier", "table": TABLE}, None, "can't be the column itself"),
    ({"by": "nobody", "table": TABLE}, None, "has no column `nobody`"),
    ({"by": "segment", "table": {"vip": ["a"], "regular": {"choices": ["b"], "weights": [1, 2]}}}, None, "2 weights for 1 values"),
    ({"by": "segment", "table": {"vip": [], "regular": ["b"]}}, None, "at least 1"),
    ({"choices": ["a"], "by": "segment", "table": TABLE}, None, "takes one source of values"),
]


@pytest.mark.parametrize(("tier", "segment", "said"), REFUSED)
def test_what_cannot_be_is_refused(tier: dict[str, Any], segment: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        _ = seedbed.plan(model(tier, segment)).rows


def test_it_cannot_promise_to_be_unique() -> None:
    with pytest.raises(ModelError, match="tier"):
        _ = seedbed.plan(model({"by": "segment", "table": TABLE}, unique=True)).rows
