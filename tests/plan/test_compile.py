"""A plan: its order, rows, links and name, and what is told about it."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.plan.compile import compile_plan, time_column_of
from seedbed.plan.graph import ordered
from seedbed.plan.links import is_unique
from seedbed.plan.plan import Limits, Link, Plan
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    even,
    fact,
    key,
    lookup,
    model,
    normal,
    plan,
    poisson,
    refused,
    times,
    uniform,
    vocab,
)

# ------------------------------------------------------------------------------------------------------ order


@given(st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=4), min_size=1))
def test_everything_follows_what_it_depends_on_or_a_circle_is_shown(graph: dict[str, list[str]]) -> None:
    depends = {name: tuple(other for other in others if other in graph) for name, others in graph.items()}
    order, cycle = ordered(depends)
    if cycle:
        assert order == ()
        assert cycle[0] == cycle[-1]
        assert all(other in depends[name] for name, other in itertools.pairwise(cycle))
        assert len(set(cycle[1:])) == len(cycle) - 1
    else:
        assert set(order) == set(depends)
        assert all(order.index(other) < order.index(name) for name, others in depends.items() for other in others)


def test_order_keeps_the_documents_where_it_can_and_depth_is_no_limit() -> None:
    assert ordered(dict.fromkeys("dbca", ()))[0] == ("d", "b", "c", "a")
    deep = {str(number): (str(number + 1),) for number in range(20_000)} | {"20000": ()}
    assert ordered(deep)[0][0] == "20000"


def test_tables_come_after_those_they_refer_to() -> None:
    made = plan(fact("c", "p", poisson(1), column("o", "int", lookup("o.id"))), entity("p", 5), entity("o", 5), vocab("w", "a"))
    assert [table.name for table in made.tables] == ["p", "o", "c", "w"]
    assert made.fact_order == ("c",)


def test_facts_are_counted_after_what_their_fanout_reads() -> None:
    """Through a parent's segment column that is chosen among another fact's values."""
    parent = entity(
        "p",
        5,
        column("s", "string", {"choice": {"choices_ref": "late.s"}}),
        segment_behavior={"segment_column": "s", "behaviors": {"a": {"fanout_multiplier": 2}}},
    )
    made = plan(
        fact("early", "p", poisson(1)), parent, entity("q", 5), fact("late", "q", poisson(3), column("s", "string", choice("a", "b")))
    )
    assert made.fact_order == ("late", "early")


def test_columns_come_after_what_they_are_computed_from() -> None:
    node = entity(
        "t",
        5,
        column("a", "int", {"expression": {"code": "b + c"}}),
        column("b", "int", {"expression": {"code": "c"}}),
        column("c", "int", uniform(0, 9)),
    )
    order = plan(node).column_order
    assert order.index("t.c") < order.index("t.b") < order.index("t.a")
    assert set(order) == {"t.id", "t.a", "t.b", "t.c"}


def test_every_table_knows_its_time() -> None:
    nodes = [
        (["date", "datetime"], "c1"),
        (["date", "string"], "c0"),
        (["string", "date", "date"], "c1"),
        (["string"], None),
    ]
    made = {"date": times("D"), "datetime": times("H"), "string": choice("a")}
    for kinds, expected in nodes:
        node = model(entity("t", 1, *(column(f"c{place}", kind, made[kind]) for place, kind in enumerate(kinds)))).nodes[0]
        assert time_column_of(node) == expected


def test_a_drawn_time_goes_before_a_looked_up_one() -> None:
    other = entity("o", 3, column("at", "datetime", times("H")))
    node = entity("t", 3, column("seen", "datetime", lookup("o.at")), column("on", "date", times("D")))
    assert plan(other, node).table("t").time_column == "on"


# ------------------------------------------------------------------------------------------------------- rows


def rows(made: Plan) -> dict[str, int | None]:
    return {table.name: table.rows for table in made.tables}


SIZES = (
    entity("a", 10),
    entity("b", 3),
    entity("none", 0),
    {"id": "d", "kind": "entity", "columns": [key()]},
    vocab("w", "x", "y"),
    fact("f", "a", even(1, 1)),
)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (1, {"a": 10, "b": 3, "d": 1000}),
        (0.1, {"a": 1, "b": 1, "d": 100}),
        (0.15, {"a": 2, "b": 1, "d": 150}),
        (20, {"a": 200, "b": 60, "d": 20_000}),
        (1e-9, {"a": 1, "b": 1, "d": 1}),
    ],
)
def test_scale_multiplies_entities_half_up_and_at_least_one(scale: float, expected: dict[str, int]) -> None:
    assert rows(compile_plan(model(*SIZES), scale=scale)) == {**expected, "none": 0, "w": 2, "f": None}


def test_rows_set_one_table_and_are_not_scaled() -> None:
    made = compile_plan(model(*SIZES), rows={"a": 7, "d": 0}, scale=10)
    assert rows(made) == {"a": 7, "b": 30, "none": 0, "d": 0, "w": 2, "f": None}
    assert {table.name: table.expected_rows for table in made.tables}["f"] == 7


@pytest.mark.parametrize(
    ("asked", "scale", "words"),
    [
        ({"x": 3}, 1, "there is no table `x` to give 3 rows"),
        ({"f": 3}, 1, "the rows of `f` cannot be set: a fact has as many"),
        ({"w": 3}, 1, "the rows of `w` cannot be set: a vocab has as many"),
        ({"a": -1}, 1, "`a` cannot have -1 rows"),
        ({"a": 2**60}, 1, "`a` would have 1,152,921,504,606,846,976 rows; at most"),
        ({}, 1e14, "rows; at most"),
        ({}, 0, "the scale must be a number above 0"),
        ({}, -1, "the scale must be a number above 0"),
        ({}, float("nan"), "the scale must be a number above 0"),
        ({}, float("inf"), "the scale must be a number above 0"),
    ],
)
def test_rows_that_cannot_be_are_refused(asked: Mapping[str, int], scale: float, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        compile_plan(model(*SIZES), rows=asked, scale=scale)
    assert words in str(caught.value)
    assert all(problem.fix for problem in caught.value.problems)


def test_expected_rows_follow_fanouts_and_stages() -> None:
    stages = {"stages": [{"stage_name": "x", "transition_rate": 0.5}, {"stage_name": "y", "transition_rate": 0.5}]}
    made = plan(entity("p", 100), fact("f", "p", even(1, 3, clamp=[2, None])), fact("s", "f", None, stage_config=stages))
    assert [made.table(name).expected_rows for name in "pfs"] == pytest.approx([100, 100 * 7 / 3, 100 * 7 / 3 * 0.75])


def test_sizes_are_estimated() -> None:
    node = entity(
        "t",
        100,
        column("x", "float", normal(0, 1)),
        column("d", "date", times("D")),
        column("b", "bool", choice(True)),
        column("s", "string", choice("ab", "abcd")),
        column("u", "string", {"faker": {"method": "name"}}),
    )
    made = plan(node, vocab("w", "abc"), fact("f", "t", even(2, 2)))
    assert made.estimated_bytes == {"t": int(100 * (8 + 8 + 4 + 0.125 + 7 + 20)), "w": 8 + 7, "f": 200 * 16}


# --------------------------------------------------------------------------------------------------- identity

DOCUMENT = (
    vocab("w", "a"),
    entity("p", 9, column("s", "string", choice("a", "b"))),
    fact("f", "p", poisson(2), column("v", "float", normal(0, 1))),
)


def test_equal_requests_have_equal_fingerprints_and_others_do_not() -> None:
    first = plan(*DOCUMENT)
    assert first.fingerprint == plan(*DOCUMENT).fingerprint
    assert len(first.fingerprint) == 64
    changed = [
        plan(*DOCUMENT, seed=7),
        plan(*DOCUMENT[:2], fact("f", "p", poisson(2.5), column("v", "float", normal(0, 1)))),
        compile_plan(model(*DOCUMENT), rows={"p": 10}),
        compile_plan(model(*DOCUMENT), scale=2),
        plan(*DOCUMENT, end="2024-12-30"),
    ]
    assert len({made.fingerprint for made in (first, *changed)}) == 6
    assert compile_plan(model(*DOCUMENT), rows={"p": 9}).fingerprint == first.fingerprint


SCHEMA: dict[str, Any] = {"$schema": "seedbed.schema.json"}


def test_comments_and_texts_about_the_data_change_no_fingerprint() -> None:
    said = [{**node, "comment": "new", "columns": [{**column, "comment": "too"} for column in node["columns"]]} for node in DOCUMENT]
    metadata = {"name": "test", "owner": "us", "comment": "theirs"}
    changed = plan(*said, metadata=metadata, constraints={"comment": "none"}, **SCHEMA)
    assert changed.fingerprint == plan(*DOCUMENT).fingerprint
    assert plan(*DOCUMENT, metadata={"name": "other"}).fingerprint != changed.fingerprint


def test_keys_of_the_authors_own_that_look_like_comments_count() -> None:
    def mapped(to: str) -> str:
        changed = change("map_values", mapping={"comment": to})
        return plan(entity("t", 9, column("v", "string", choice("comment", "b"), changed))).fingerprint

    assert mapped("x") != mapped("y")


def test_fingerprints_are_the_same_in_another_process() -> None:
    program = "from tests.plan.test_compile import DOCUMENT, plan; print(plan(*DOCUMENT).fingerprint)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == plan(*DOCUMENT).fingerprint


def test_a_plan_survives_pickling_and_is_frozen() -> None:
    made = plan(*DOCUMENT, constraints={"ranges": [{"attr": "f.v", "min": 0}]})
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert again == made
    for thing, name in ((made, "seed"), (made.tables[0], "rows"), (made.column("f.v"), "spec")):
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
    assert made.key("f", "v", "value").hex == again.key("f", "v", "value").hex
    assert made.key("f", "v", "value") != made.key("f", "v")


def test_keys_depend_on_seed_and_names_alone() -> None:
    small, large = plan(*DOCUMENT), plan(entity("z", 3), *DOCUMENT)
    assert small.key("f", "v", "value") == large.key("f", "v", "value")
    assert plan(*DOCUMENT, seed=1).key("f", "v") != small.key("f", "v")
    assert compile_plan(model(*DOCUMENT)).seed == 42


# ------------------------------------------------------------------------------------------------------ links


def link(made: Plan, ref: str) -> Link:
    table, _, _ = ref.partition(".")
    return made.table(table).link(made.column(ref).link or "")


def test_lookups_read_through_the_link_that_their_place_says() -> None:
    node = fact(
        "f",
        ["p", "q"],
        even(0, 2),
        column("any", "int", lookup("o.id")),
        column("other", "int", lookup("o.id")),
        column("once", "int", lookup("o.id")),
        column("above", "int", lookup("f.id"), nullable=True),
        column("name", "string", lookup("o.s", id="any")),
        column("turned", "string", lookup("o.s", any="id")),
        column("of_p", "string", lookup("p.s", id="p_id")),
        column("of_q", "string", lookup("q.s", id="q_id")),
        column("boss", "int", lookup("f.once", id="above"), nullable=True),
        column("by_text", "int", lookup("o.id", s="name"), nullable=True),
        column("same", "string", lookup("p.s")),
    )
    text = column("s", "string", choice("a"))
    made = plan(entity("p", 5, text), entity("q", 5, text), entity("o", 500, text), node, constraints={"unique": ["f.once"]})
    kinds = {name: link(made, f"f.{name}").kind for name in ("p_id", "q_id", "any", "other", "once", "above", "name", "same")}
    assert kinds == {
        "p_id": "parent",
        "q_id": "partner",
        "any": "random",
        "other": "random",
        "once": "distinct",
        "above": "tree",
        "name": "join",
        "same": "parent",
    }
    assert link(made, "f.any").name != link(made, "f.other").name
    assert (link(made, "f.name").local, link(made, "f.name").remote, link(made, "f.name").via) == ("any", "id", "random:any")
    assert (link(made, "f.turned").local, link(made, "f.turned").remote) == ("any", "id")
    assert [link(made, f"f.{name}").via for name in ("of_p", "of_q", "boss", "by_text")] == ["parent", "partner", "tree:above", None]
    assert made.column("f.p_id").references == "p.id"
    assert made.column("f.name").references is None


def test_a_join_by_a_changed_or_doubtful_key_is_searched() -> None:
    other = entity("o", 5, column("k", "int", uniform(0, 9)), column("s", "string", choice("a")))
    node = entity(
        "t",
        5,
        column("moved", "int", lookup("o.id"), change("add", value=1)),
        column("k", "int", lookup("o.k")),
        *(column(f"by_{name}", "string", lookup("o.s", **{to: name}), nullable=True) for name, to in (("moved", "id"), ("k", "k"))),
    )
    made = plan(other, node)
    assert link(made, "t.by_moved").via is None
    assert link(made, "t.by_k").via is None  # several rows may hold the value: the first is meant
    document = model(other, node)
    assert not is_unique(document, Link("x", "join", "nowhere", "a", "b"))


def test_columns_know_what_they_are() -> None:
    name, first, last = ({"faker": {"method": method}} for method in ("name", "first_name", "last_name"))
    mail = {"faker": {"method": "email"}}
    node = entity(
        "t",
        5,
        column("mail0", "string", mail),
        column("n", "string", name),
        column("mail1", "string", mail),
        column("f", "string", first),
        column("l", "string", last),
        column("mail2", "string", mail),
        column("code", "string", mail),
    )
    made = plan(node, constraints={"unique": ["t.code"]})
    assert [made.column(f"t.{column_name}").names_from for column_name in ("mail0", "mail1", "mail2")] == [(), ("n",), ("f", "l")]
    assert made.column_order.index("t.f") < made.column_order.index("t.mail2")
    assert (made.column("t.id").is_key, made.column("t.code").is_key, made.column("t.code").is_unique) == (True, False, True)
    assert made.column("t.id").nullable is False
    assert not Limits().any
    assert Limits(low=0).any


def test_last_names_before_first_names_are_put_in_order() -> None:
    mail = column("mail", "string", {"faker": {"method": "user_name"}})
    node = entity(
        "t",
        5,
        column("l", "string", {"faker": {"method": "last_name"}}),
        column("f", "string", {"faker": {"method": "first_name_female"}}),
        mail,
    )
    assert plan(node).column("t.mail").names_from == ("f", "l")


# --------------------------------------------------------------------------------------------------- findings


def findings(*nodes: Document, **constraints: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in plan(*nodes, constraints=constraints).findings]


CODES = column("v", "string", choice("a1", "b2"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"pattern": [{"attr": "t.v", "regex": "^[a-z][0-9]$"}]}, []),
        ({"pattern": [{"attr": "t.v", "regex": "^a"}]}, [("warning", "pattern-broken")]),
        ({"pattern": [{"attr": "t.u", "regex": "^a"}]}, [("info", "pattern-unproven")]),
        ({"enum": [{"attr": "t.v", "values": ["a1", "b2", "c3"]}]}, []),
        ({"enum": [{"attr": "t.v", "values": ["a1"]}]}, [("warning", "enum-broken")]),
        ({"enum": [{"attr": "t.u", "values": ["a1"]}]}, [("info", "enum-unproven")]),
        ({"enum": [{"attr": "t.r", "enum_ref": "w.name"}]}, []),
        ({"enum": [{"attr": "t.l", "enum_ref": "w.name"}]}, []),
        ({"enum": [{"attr": "t.v", "enum_ref": "w.name"}]}, [("warning", "enum-broken")]),
        ({"enum": [{"attr": "t.m", "enum_ref": "w.name"}]}, [("info", "enum-unproven")]),
        ({"enum": [{"attr": "f.stage_name", "values": ["in"]}]}, []),
        ({"enum": [{"attr": "f.stage_name", "values": ["out"]}]}, [("warning", "enum-broken")]),
    ],
)
def test_patterns_and_enums_that_are_not_guaranteed_are_told(rule: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    node = entity(
        "t", 5, CODES, column("u", "string", {"faker": {"method": "name"}}), column("r", "string", {"choice": {"choices_ref": "w.name"}}), column("l", "string", lookup("w.name")), column("m", "string", lookup("w.name"), change("map_values", mapping={"a1": "x"}))
    )  # fmt: skip
    funnel = fact(
        "f", "t", None, column("stage_name", "string", choice("?")), stage_config={"stages": [{"stage_name": "in", "transition_rate": 1}]}
    )
    assert findings(vocab("w", "a1"), node, funnel, **rule) == expected


def test_promises_of_a_column_itself_are_told_at_their_place() -> None:
    node = entity(
        "t",
        5,
        {**CODES, "constraints": {"pattern": "^a", "enum": ["a1"]}},
        column("w", "string", choice("zz"), constraints={"enum_ref": "w.name"}),
    )
    made = plan(vocab("w", "a1"), node)
    assert [finding.path for finding in made.findings] == [
        ("nodes", 1, "columns", 1, "constraints", "pattern"),
        ("nodes", 1, "columns", 1, "constraints"),
        ("nodes", 1, "columns", 2, "constraints"),
    ]
    assert all(finding.level == "warning" and finding.fix for finding in made.findings)
    assert "`b2`, a value of t.v, does not match ^a" in made.findings[0].message


def test_problems_name_the_path_of_a_model_that_no_document_holds() -> None:
    document = model(entity("t", 5, column("v", "int", lookup("t.v"))))
    assert (
        refused(lambda: compile_plan(Model.model_validate(document.model_dump(mode="json", by_alias=True, exclude_none=True)))).where
        == "nodes.t.columns.v"
    )
