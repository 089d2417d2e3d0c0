"""Generators inside generators: each branch and field by itself, whatever stands beside it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import DataError, ModelError

ROWS = 300

UNIFORM = {"distribution": {"type": "uniform", "params": {"low": 0, "high": 1}}}
NORMAL = {"distribution": {"type": "normal", "params": {"mean": 50, "std": 2}}}
LETTERS = {"choice": {"choices": ["a", "b", "c"]}}


def model(**columns: dict[str, Any]) -> dict[str, Any]:
    base = {"id": {"sequence": {}}, "kind": LETTERS, **columns}
    return {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {"t": {"rows": ROWS, "pk": "id", "columns": base}},
    }


def grown(**columns: dict[str, Any]) -> pa.RecordBatch:
    return seedbed.plan(model(**columns)).block("t", 0, ROWS)


def case(*when: tuple[str, dict[str, Any]], other: dict[str, Any] = UNIFORM) -> dict[str, Any]:
    return {"case": {"when": [{"if": condition, "then": then} for condition, then in when], "else": other}}


EVERYTHING = {
    "x": case(("kind == 'a'", NORMAL), ("id % 2 == 0", {"expression": {"code": "id * 10.0"}})),
    "y": {"mixture": {"variants": [{"weight": 1, "then": NORMAL}, {"weight": 2, "then": UNIFORM}]}},
    "z": {
        "struct": {
            "fields": {
                "n": {**NORMAL, "type": "int", "null_rate": 0.2},
                "who": {"faker": {"method": "name"}},
                "at": {"datetime_series": {"freq": "D"}, "type": "date"},
                "tags": {"list": {"length": {"type": "poisson", "params": {"lambda": 2}}, "items": LETTERS}},
            }
        }
    },
    "codes": {"list": {"length": 2, "items": {"list": {"length": 3, "items": {**UNIFORM}}}}},
    "price": {**case(("kind == 'b'", {"choice": {"choices": [1.25, 2.5]}})), "type": "decimal", "scale": 2},
    "person": {"struct": {"fields": {"it": {"record": {"kind": "person"}}}}},
}


@settings(max_examples=20, deadline=None)
@given(start=st.integers(0, ROWS), length=st.integers(0, 80))
def test_any_slice_has_the_rows_of_the_whole(start: int, length: int) -> None:
    data, stop = seedbed.plan(model(**EVERYTHING)), min(start + length, ROWS)
    assert data.block("t", start, stop) == data.block("t", 0, ROWS).slice(start, stop - start)


def test_the_first_condition_that_holds_decides() -> None:
    for row in grown(**EVERYTHING).to_pylist():
        if row["kind"] == "a":
            assert 30 < row["x"] < 70
        elif row["id"] % 2 == 0:
            assert row["x"] == row["id"] * 10
        else:
            assert 0 <= row["x"] < 1


def test_a_condition_that_is_null_is_false() -> None:
    block = grown(n={**UNIFORM, "null_rate": 0.5}, x=case(("n >= 0", {"choice": {"choices": [1]}}), other={"choice": {"choices": [2]}}))
    assert all(row["x"] == (2 if row["n"] is None else 1) for row in block.to_pylist())


def test_a_condition_may_rely_on_those_before_it() -> None:
    one, two = {"choice": {"choices": [1]}}, {"choice": {"choices": [2]}}
    too_large = ("id * 40000000000000000 > 0", two)
    block = grown(x=case(("id > 200", one), too_large))
    assert block["x"].to_pylist() == [2] * 200 + [1] * (ROWS - 200)
    with pytest.raises(DataError, match=r"t\[230\].*64-bit"):
        grown(x=case(too_large))


def test_a_further_branch_leaves_the_other_branches_rows_alone() -> None:
    before = grown(x=case(("kind == 'a'", NORMAL))).to_pylist()
    after = grown(x=case(("kind == 'a'", NORMAL), ("kind == 'b'", NORMAL))).to_pylist()
    assert all(one["x"] == other["x"] for one, other in zip(before, after, strict=True) if one["kind"] != "b")
    assert any(one["x"] != other["x"] for one, other in zip(before, after, strict=True))


def test_branches_draw_apart() -> None:
    block = grown(one=case(("kind == 'a'", UNIFORM)), other=case(("kind != 'a'", UNIFORM)))
    assert all(row["one"] != row["other"] for row in block.to_pylist())


def test_a_further_field_changes_no_other_field() -> None:
    fields = EVERYTHING["z"]["struct"]["fields"]
    less = grown(z={"struct": {"fields": {name: field for name, field in fields.items() if name != "who"}}})
    more = grown(z={"struct": {"fields": {"first": UNIFORM, **fields}}})
    for name in less["z"].type.names:
        assert less["z"].field(name).equals(more["z"].field(name))


def test_a_field_by_itself_is_the_field_of_the_struct() -> None:
    block = grown(**EVERYTHING, who={"expression": {"code": "z.who"}})
    assert block["who"].equals(block["z"].field("who"))


def test_variants_come_by_their_weights() -> None:
    high = sum(row["y"] > 1 for row in grown(**EVERYTHING).to_pylist())
    assert 65 < high < 135  # 100 expected, standard deviation 8.2: four of them


def test_lists_have_their_lengths_and_items_of_their_own() -> None:
    block = grown(**EVERYTHING)
    assert all(len(row["codes"]) == 2 and all(len(inner) == 3 for inner in row["codes"]) for row in block.to_pylist())
    values = [value for row in block.to_pylist() for inner in row["codes"] for value in inner]
    assert len(set(values)) == ROWS * 6
    lengths = [len(row["z"]["tags"]) for row in block.to_pylist()]
    assert 1.5 < sum(lengths) / ROWS < 2.5
    assert min(lengths) == 0


def test_a_lists_first_items_do_not_depend_on_its_length() -> None:
    short, long = (grown(x={"list": {"length": length, "items": UNIFORM}})["x"].to_pylist() for length in (2, 5))
    assert short == [items[:2] for items in long]


def test_lengths_are_held_between_zero_and_the_most() -> None:
    column = {"list": {"length": {"type": "normal", "params": {"mean": 0, "std": 900}}, "items": {"choice": {"choices": [True]}}}}
    lengths = [len(items) for items in grown(x=column)["x"].to_pylist()]
    assert (min(lengths), max(lengths)) == (0, 1000)


def test_structs_reach_arrow_with_their_types() -> None:
    schema = seedbed.plan(model(**EVERYTHING)).schema("t")
    assert schema.field("z").type == pa.struct(
        [
            pa.field("n", pa.int64()),
            pa.field("who", pa.string(), nullable=False),
            pa.field("at", pa.date32(), nullable=False),
            pa.field("tags", pa.list_(pa.field("item", pa.string(), nullable=False)), nullable=False),
        ]
    )
    assert schema.field("price").type == pa.decimal128(18, 2)


REFUSED = [
    ({"x": case(("kind", NORMAL))}, "`if` must be true or false"),
    ({"x": case(("nobody > 1", NORMAL))}, "has no column `nobody`"),
    ({"x": case(("kind == 'a'", {"lookup": {"from": "t.id"}}))}, "`lookup` cannot stand inside `case`"),
    ({"x": case(("kind == 'a'", {"sequence": {}}))}, "`sequence` cannot stand inside `case`"),
    ({"x": {"struct": {"fields": {"a": {"expression": {"code": "id + 1"}}}}}}, "does not tell its type"),
    ({"x": {"list": {"length": 1001, "items": UNIFORM}}}, "1000"),
    ({"x": {"struct": {"fields": {"a": {"datetime_series": {"after": "z", "freq": "D"}}}}}}, "`after` needs a column of its own"),
    ({"x": {**case(("kind == 'a'", {"list": {"length": 1, "items": UNIFORM}})), "type": "float"}}, "`list` makes list, not float"),
    ({"x": case(("id > 1", {"expression": {"code": "x + 1"}})) | {"type": "float"}}, "in a circle"),
    ({"x": case(("x > 1", NORMAL)) | {"type": "float"}}, "in a circle"),
    ({"x": case(("id > 1", {"choice": {"choices": ["a", "b"], "weights": [1]}}), other=LETTERS)}, "1 weights for 2 values"),
    ({"x": case(("id > 1", {"faker": {"method": "nonsense"}}), other=LETTERS)}, "no method `nonsense`"),
    ({"x": case(("id > 1", NORMAL)) | {"unique": True}}, "a case cannot promise"),
]


@pytest.mark.parametrize(("columns", "said"), REFUSED)
def test_what_cannot_be_is_refused(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        _ = seedbed.plan(model(**columns)).rows


def test_too_deep_nests_are_refused() -> None:
    lists: dict[str, Any] = UNIFORM
    for _ in range(4):
        lists = {"list": {"length": 1, "items": lists}}
    with pytest.raises(ModelError, match="4 lists stand inside one another"):
        _ = seedbed.plan(model(x=lists)).rows


def test_version_one_has_none_of_them() -> None:
    column = {"name": "x", "type": "float", "generator": case(("id > 1", NORMAL))}
    document = {
        "version": "1.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "nodes": [{"id": "t", "kind": "entity", "columns": [{"name": "id", "type": "int", "generator": {"sequence": {}}}, column]}],
    }
    with pytest.raises(ModelError, match=r"`case` needs version 2\.0"):
        seedbed.plan(document)
