"""Patterns, UUIDs, constants and unique columns: what they hold, and what is refused."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import ModelError

ROWS = 2_000


def document(*, constraints: dict[str, Any] | None = None, **columns: dict[str, Any]) -> dict[str, Any]:
    base = {"id": {"sequence": {}}, "n": {"distribution": {"type": "uniform", "params": {"low": -50, "high": 99_999}}, "type": "int"}}
    return {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {
            "t": {"rows": ROWS, "pk": "id", "columns": base | columns},
            "owner": {"rows": 50, "pk": "key", "columns": {"key": {"sequence": {"start": 100}}, "name": {"faker": {"method": "name"}}}},
        },
        "facts": {
            "item": {
                "parents": ["owner"],
                "fanout": {"distribution": "uniform", "min": 2, "max": 3},
                "columns": {
                    "key": {"lookup": {"from": "owner.key"}},
                    "code": {"pattern": {"template": "{owner.name|ascii|upper}/{row:04d}"}, "unique": True},
                },
            }
        },
        "constraints": constraints or {},
    }


def grown(**columns: dict[str, Any]) -> pa.RecordBatch:
    return seedbed.plan(document(**columns)).block("t", 0, ROWS)


def values(spec: dict[str, Any], **columns: dict[str, Any]) -> list[Any]:
    found: list[Any] = grown(**columns, v=spec)["v"].to_pylist()
    return found


def regex(text: str) -> dict[str, Any]:
    return {"pattern": {"regex": text}}


def template(text: str, **more: Any) -> dict[str, Any]:
    return {"pattern": {"template": text}, **more}


EVERYTHING: dict[str, dict[str, Any]] = {
    "sku": {**regex("[A-Z]{3}-[0-9]{5}"), "unique": True},
    "loose": regex("(a|ab)*c?[é-ü]+"),
    "long": {**regex("[a-z]{5,40}"), "unique": True, "null_rate": 0.2},
    "person": {"record": {"kind": "person"}, "hidden": True},
    "email": template("{person.first_name|ascii|lower}.{row}@{person.domain}", unique=True),
    "slug": template("{sku|lower}_{n:06d}_{regex:[0-9a-f]{4}}_{email|upper|title}_{flag}_{day}_{price}"),
    "part": template("{regex:[A-Z]{2}[0-9]{4}}:{n}", unique=True),
    "flag": {"choice": {"choices": [True, False]}, "type": "bool"},
    "day": {"datetime_series": {"within": {"start": "2010-01-01", "end": "2024-12-31"}, "freq": "D"}, "type": "date", "unique": True},
    "price": {"distribution": {"type": "uniform", "params": {"low": 1, "high": 9}}, "type": "decimal"},
    "number": {"distribution": {"type": "uniform", "params": {"low": 1, "high": ROWS}}, "type": "int", "unique": True},
    "picked": {"choice": {"choices": [f"v{place}" for place in range(ROWS + 7)]}, "unique": True},
    "random": {"uuid": {}},
    "named": {"uuid": {"version": 5, "namespace": "url", "name": "email"}, "unique": True},
    "timed": {"uuid": {"version": 7, "time": "day"}},
    "same": {"constant": {"value": 3.5}},
    "nothing": {"constant": {"value": None}, "type": "date", "nullable": True},
}

UNIQUE = ("sku", "long", "email", "part", "day", "number", "picked", "random", "named", "timed")


@settings(max_examples=20, deadline=None)
@given(start=st.integers(0, ROWS), length=st.integers(0, 90))
def test_a_slice_is_the_same_rows_of_the_whole(start: int, length: int) -> None:
    plan = seedbed.plan(document(**EVERYTHING))
    stop = min(start + length, ROWS)
    assert plan.block("t", start, stop).equals(plan.block("t", 0, ROWS).slice(start, stop - start))


def test_unique_columns_have_no_value_twice() -> None:
    block = grown(**EVERYTHING)
    for name in UNIQUE:
        texts = [value for value in block[name].to_pylist() if value is not None]
        assert len(set(texts)) == len(texts), name
    assert sorted(block["number"].to_pylist()) == list(range(1, ROWS + 1))
    assert 0.15 < block["long"].null_count / ROWS < 0.25


def test_texts_have_their_form() -> None:
    block = grown(**EVERYTHING)
    forms = {
        "sku": "[A-Z]{3}-[0-9]{5}",
        "loose": "(a|ab)*c?[é-ü]+",
        "email": r"[a-z]+\.\d+@[a-z.]+",
        "slug": r"[a-z]{3}-\d{5}_-?\d{5,6}_[0-9a-f]{4}_.*_(true|false)_\d{4}-\d\d-\d\d_\d\.\d\d",
        "part": r"[A-Z]{2}[0-9]{4}:-?\d+",
    }
    for name, form in forms.items():
        assert all(re.fullmatch(form, text) for text in block[name].to_pylist()), name
    assert {str(uuid.UUID(text)) for text in block["random"].to_pylist()} == set(block["random"].to_pylist())
    assert block["named"].to_pylist()[:9] == [str(uuid.uuid5(uuid.NAMESPACE_URL, text)) for text in block["email"].to_pylist()[:9]]
    assert block["same"].to_pylist() == [3.5] * ROWS
    assert block["nothing"].null_count == ROWS


def test_the_bytes_are_these() -> None:
    """A text that changes here changes in data sets that people have: say so in the changelog."""
    block = grown(**EVERYTHING)
    second = {name: block[name][1].as_py() for name in ("sku", "loose", "long", "part", "number", "picked", "random", "timed")}
    assert second == {
        "sku": "UIM-56754",
        "loose": "abababaabababïø÷ñïòíõü",
        "long": "nropbpwglvbkfhnnmdmfojlcnlkcrmxryijcclwj",
        "part": "DQ4664:4584",
        "number": 657,
        "picked": "v1621",
        "random": "43da70a1-43c8-4fab-aded-938c68854ea1",
        "timed": "016c97b9-5000-7983-a493-e382a749e1a3",
    }


def test_one_column_changes_no_other() -> None:
    before = grown(**EVERYTHING)
    after = grown(**{**EVERYTHING, "sku": {**regex("[a-z]{9}"), "unique": True}, "new": regex("x|y")})
    changed = {name for name in before.schema.names if before[name] != after[name]}
    assert changed == {"sku", "slug"}


def test_templates_read_parents_and_number_facts_rows() -> None:
    plan = seedbed.plan(document())
    block = plan.block("item", 0, plan.rows["item"])
    assert [text.rsplit("/", 1)[1] for text in block["code"].to_pylist()] == [f"{row + 1:04d}" for row in range(len(block))]
    assert block["code"][0].as_py().split("/")[0].isupper()


def test_uuids_of_version_7_without_a_time_count_milliseconds_from_the_start() -> None:
    made = values({"uuid": {"version": 7}})
    assert made == sorted(made)
    assert uuid.UUID(made[5]).int >> 80 == 1_704_067_200_000 + 5


def test_null_parts_make_null_texts() -> None:
    block = grown(
        maybe={"constant": {"value": "x"}, "null_rate": 0.3}, v=template("{maybe}-{row}", nullable=True, null_rate=0.0, unique=True)
    )
    assert [text is None for text in block["v"].to_pylist()] == [text is None for text in block["maybe"].to_pylist()]


def test_a_language_just_large_enough_is_used_up() -> None:
    made = values({**regex("[01][0-9]{3}"), "unique": True})
    assert made != sorted(made)
    assert sorted(made) == [f"{number:04d}" for number in range(ROWS)]


REFUSED: dict[str, tuple[dict[str, dict[str, Any]], str]] = {
    "both sources": ({"v": {"pattern": {"regex": "a", "template": "b"}}}, "either `regex` or `template`"),
    "look-around": ({"v": regex("(?=a)b")}, "look-around has no place in a regular language (character 1 of the regex)"),
    "back-reference": ({"v": regex(r"(a)\1")}, "a back-reference"),
    "boundary": ({"v": regex(r"a\b")}, "word boundaries"),
    "hostile": ({"v": regex("(a|b){0,30}a(a|b){30}")}, "too large"),
    "embedded": ({"v": template("{regex:(?=a)}")}, "look-around has no place in a regular language (character 8 of the template)"),
    "unbounded": ({"v": {**regex("a[0-9]+"), "unique": True}}, "`+` (character 7 of the regex) repeats without end"),
    "too few": ({"v": {**regex("[0-9]{3}"), "unique": True}}, "unique in 2,000 rows, but its pattern has 1,000 different values"),
    "unknown column": ({"v": template("{nobody}")}, "has no column `nobody`"),
    "unknown filter": ({"v": template("{s|loud}", unique=False), "s": regex("a")}, "there is no filter `loud`"),
    "filter of a number": ({"v": template("{n|lower}")}, "a filter needs a column of type"),
    "width of a text": ({"v": template("{s:03d}"), "s": regex("a")}, "a width needs a column of type"),
    "itself": ({"v": template("{v}")}, "can't be the column itself"),
    "null part": ({"v": template("{s}"), "s": {**regex("a"), "nullable": True}}, "`s` may be null, but t.v must not be"),
    "nothing differs": ({"v": template("{n}", unique=True)}, "nothing in the template of t.v differs"),
    "run together": ({"v": template("{n}{row}", unique=True)}, "two rows of t.v may have the same text"),
    "any tail": ({"v": template("{s}-{row}-{s}", unique=True), "s": regex(".*")}, "two rows of t.v may have"),
    "uuid without a name": ({"v": {"uuid": {"version": 5}}}, "needs `namespace` and `name`"),
    "uuid with too much": ({"v": {"uuid": {"version": 4, "time": "n"}}}, "has no `time`"),
    "uuid of no time": ({"v": {"uuid": {"version": 7, "time": "n"}}}, "`time` needs a column of type"),
    "uuid of a repeated name": ({"v": {"uuid": {"version": 5, "namespace": "dns", "name": "n"}, "unique": True}}, "`n` is not unique"),
    "uuid as a number": ({"v": {"uuid": {}, "type": "int"}}, "`uuid` makes"),
    "null constant": ({"v": {"constant": {"value": None}, "type": "int"}}, "the value is null, but t.v must not be"),
    "untyped constant": ({"v": {"constant": {"value": None}, "nullable": True}}, "has no type"),
    "constant of another type": ({"v": {"constant": {"value": "a"}, "type": "int"}}, "is no int"),
    "one constant": ({"v": {"constant": {"value": 1}, "unique": True}}, "its constant has 1 different value"),
    "few choices": ({"v": {"choice": {"choices": ["a", "b"]}, "unique": True}}, "its choice has 2 different values"),
    "weighted choices": ({"v": {"choice": {"choices": ["a", "b"], "weights": [1, 2]}, "unique": True}}, "weights have no meaning"),
    "doubled choices": ({"v": {"choice": {"choices": ["a", "a"]}, "unique": True}}, "`a` is listed twice"),
    "few days": (
        {"v": {"datetime_series": {"freq": "D"}, "type": "date", "unique": True}},
        "unique in 2,000 rows, but its datetime_series has 366 different values",
    ),
    "drawn floats": ({"v": {"distribution": {"type": "uniform", "params": {"low": 0, "high": 1}}, "unique": True}}, "t.v cannot be unique"),
    "cases": ({"v": {"mixture": {"variants": [{"weight": 1, "then": {"constant": {"value": 1}}}]}, "unique": True}}, "cannot promise"),
    "own pattern": (
        {"v": {**regex("[A-Z]{3}"), "constraints": {"pattern": "^[A-C]+$"}}},
        "the pattern of t.v is not guaranteed by its pattern",
    ),
    "own enum": ({"v": {**regex("[A-Z]"), "constraints": {"enum": ["A"]}}}, "the enum of t.v is not guaranteed"),
}


@pytest.mark.parametrize(("columns", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(columns: dict[str, dict[str, Any]], said: str) -> None:
    with pytest.raises(ModelError) as caught:
        seedbed.plan(document(**columns))
    assert said in str(caught.value)
    assert all(problem.fix and "columns.v" in str(problem.where) for problem in caught.value.problems)


def test_unique_lookups_take_each_row_once_and_keys_may_refer_to_unique_columns() -> None:
    model = document(constraints={"foreign_keys": [{"from": "badge.code", "to": "t.sku"}]}, sku=EVERYTHING["sku"])
    columns = {"code": {"lookup": {"from": "t.sku"}, "unique": True}, "any": {"lookup": {"from": "t.sku"}}}
    model["entities"]["badge"] = {"rows": ROWS, "columns": columns}
    plan = seedbed.plan(model)
    codes = plan.block("badge", 0, ROWS)["code"].to_pylist()
    assert sorted(codes) == sorted(plan.block("t", 0, ROWS)["sku"].to_pylist())
    model["entities"]["badge"]["rows"] = ROWS + 1
    with pytest.raises(ModelError, match="needs 2,001 different rows of `t`, which has 2,000"):
        seedbed.plan(model)


def test_facts_with_more_rows_than_values_are_refused_when_they_are_counted() -> None:
    model = document()
    model["facts"]["item"]["columns"]["code"] = {**regex("[0-9]{2}"), "unique": True}
    with pytest.raises(ModelError, match="its pattern has 100 different values"):
        seedbed.plan(model).block("item", 0, 1)


PROVEN: dict[str, tuple[dict[str, Any], str]] = {
    "regex": (regex("[A-Z]{3}-[0-9]{5}"), r"^[A-Z]{3}-\d{5}$"),
    "found anywhere": (regex("ab?[0-9]+"), "[0-9]"),
    "template": (template("X{row:05d}-{n}-{regex:[a-f]{2}}-{c|upper}", unique=True), r"^X\d{5,}-[-0-9]+-[a-z]+-[RG]$"),
    "uuid": ({"uuid": {}, "type": "string"}, "^[0-9a-f-]{36}$"),
    "faker": ({"faker": {"method": "bothify", "text": "ID-####-??"}}, r"^ID-\d+-\w{2}$"),
    "branches": (
        {"case": {"when": [{"if": "n > 5", "then": {"constant": {"value": "high"}}}], "else": {"choice": {"choices": ["low"]}}}},
        "^(high|low)$",
    ),
}


@pytest.mark.parametrize(("spec", "rule"), PROVEN.values(), ids=PROVEN.keys())
def test_patterns_that_a_generator_guarantees_are_proven(spec: dict[str, Any], rule: str) -> None:
    colours = {"choice": {"choices": ["r", "g"]}}
    by_rule = document(v=spec, c=colours, constraints={"pattern": [{"attr": "t.v", "regex": rule}]})
    own = document(v={**spec, "constraints": {"pattern": rule}}, c=colours)
    for model in (by_rule, own):
        plan = seedbed.plan(model)  # what is not proven is refused
        assert all(re.search(rule, text) for text in plan.block("t", 0, ROWS)["v"].to_pylist())


def test_version_one_has_none_of_them() -> None:
    columns = [
        {"name": "a", "type": "string", "generator": {"pattern": {"regex": "a"}}},
        {"name": "b", "type": "string", "generator": {"uuid": {}}},
        {"name": "c", "type": "int", "generator": {"constant": {"value": 1}}, "unique": True},
    ]
    timeframe = {"start": "2024-01-01", "end": "2024-12-31"}
    nodes = [{"id": "t", "kind": "entity", "columns": columns}]
    with pytest.raises(ModelError) as caught:
        seedbed.plan({"version": "1.0", "metadata": {"name": "m"}, "timeframe": timeframe, "nodes": nodes})
    for key in ("pattern", "uuid", "constant", "unique"):
        assert f"`{key}` needs version 2.0" in str(caught.value)
