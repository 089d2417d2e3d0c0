"""What cannot be, or has no meaning, is refused when the model is planned: with its place, its numbers and a remedy."""

from __future__ import annotations

from typing import Any

import pytest

from seedbed.core.errors import ModelError
from seedbed.generate.prepare import prepare
from seedbed.plan.compile import compile_plan
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    even,
    fact,
    grown,
    key,
    lookup,
    model,
    normal,
    pattern,
    plan,
    poisson,
    refused,
    texts,
    times,
    uniform,
    vocab,
)

OTHER = entity(
    "o",
    50,
    column("day", "date", times("D")),
    column("at", "datetime", times("H")),
    column("n", "int", uniform(0, 9), nullable=True),
    column("boss", "int", lookup("o.id"), nullable=True),
    column("s", "string", choice("a", "b")),
)
PROMO = entity("promo", 5, column("who", "string", choice("a")), column("on", "date", times("D")), column("x", "float", uniform(1, 2)))


def shock(**on: str) -> Document:
    return change("effect", effect_table="promo", on=on, window={"start_col": "on", "end_col": "on"}, map={"field": "x"})


AGES: Document = {"created_at_column": "day", "age_based_multipliers": {"m": {"curve": [2, 1], "applies_to": "fanout"}}}


def behaving(applies_to: list[str]) -> Document:
    return {"created_at_column": "day", "age_based_multipliers": {"m": {"curve": [2, 1], "applies_to": applies_to}}}


def born(**rest: Any) -> Document:
    return entity("p", 9, column("day", "date", times("D")), **rest)


def segmented(shares: dict[str, float], generator: Document, kind: str = "string") -> Document:
    behaviors = {name: {"base_probability": share} for name, share in shares.items()}
    return entity("t", 9, column("s", kind, generator), segment_behavior={"segment_column": "s", "behaviors": behaviors})


def of(*columns: Document) -> tuple[Document, ...]:
    return OTHER, PROMO, entity("t", 20, *columns)


REFUSED: dict[str, tuple[tuple[Document, ...], dict[str, Any], str, str]] = {
    # times
    "no point of the grid": (of(column("v", "date", times("Y", start="2024-02-01", end="2024-03-01"))), {}, "t.columns.v.generator.datetime_series", "holds no point of the grid `Y`"),
    "too many points": (of(column("v", "datetime", times("S", start="1000-01-01", end="1999-12-31"))), {}, "t.columns.v.generator.datetime_series", "points; at most 4,294,967,296 can be drawn from"),
    "too many cells": (of(column("v", "datetime", times("H", start="1000-01-01", end="1999-12-31", pattern=pattern("hour", [1] * 24)))), {}, "t.columns.v.generator.datetime_series", "cells of time; at most 4,194,304"),
    "no weight": (of(column("v", "datetime", times("D", start="2024-06-03", end="2024-06-05", pattern=pattern("dow", [0] * 5 + [1] * 2)))), {}, "t.columns.v.generator.datetime_series", "every moment of t.v has the weight 0"),
    "hours of days": (of(column("v", "datetime", times("D", pattern=pattern("hour", [0] + [1] * 23)))), {}, "t.columns.v.generator.datetime_series", "every moment of t.v has the weight 0"),
    "seasons of looked-up times": (of(column("v", "date", lookup("o.day"), change("seasonality", dimension="dow", weights=[1] * 7))), {}, "t.columns.v.modifiers[0]", "t.v is filled by a lookup, so `seasonality` cannot decide how it is drawn"),
    "effects on chosen times": (of(column("v", "date", choice("2024-01-01"), shock())), {}, "t.columns.v.modifiers[0]", "t.v is filled by a choice, so `effect` cannot"),
    "two ways to draw": ((PROMO, born(vintage_behavior=AGES), fact("f", "p", poisson(2), column("at", "datetime", times("H"), shock()))), {}, "f.columns.at.modifiers[0]", "an effect of its own has no meaning"),
    # lookups
    "another type": (of(column("v", "int", lookup("o.day"))), {}, "", ""),
    "nulls read": (of(column("v", "int", lookup("o.n"))), {}, "t.columns.v.generator.lookup", "o.n has nulls, but t.v must not have any"),
    "nulls of roots": (of(column("v", "int", lookup("o.boss"))), {}, "t.columns.v.generator.lookup", "o.boss has nulls"),
    "nulls read twice": (of(column("w", "int", lookup("o.boss"), nullable=True), column("v", "int", lookup("t.w"))), {}, "t.columns.v.generator.lookup", "t.w has nulls"),
    "joins of two types": (of(column("d", "datetime", times("D")), column("v", "int", lookup("o.id", day="d"), nullable=True)), {}, "t.columns.v.generator.lookup.on", "o.day is of type date, t.d of type datetime: they never match"),
    "choices of another type": (of(column("v", "datetime", {"choice": {"choices_ref": "o.day"}})), {}, "t.columns.v.generator.choice.choices_ref", "o.day is of type date, t.v of type datetime"),
    # expressions
    "unknown name": (of(column("v", "int", {"expression": {"code": "1 + idd"}})), {}, "t.columns.v.generator.expression.code", "`t` has no column `idd` (character 5 of the expression)"),
    "unreadable": (of(column("v", "int", {"expression": {"code": "1 +"}})), {}, "t.columns.v.generator.expression.code", "of the expression)"),
    "expression of another type": (of(column("v", "int", {"expression": {"code": "'a'"}})), {}, "t.columns.v.generator.expression.code", "the expression gives string, but t.v is of type int"),
    "times as text": (of(column("d", "date", times("D")), column("v", "string", {"expression": {"code": "d"}})), {}, "t.columns.v.generator.expression.code", "the expression gives date"),
    "null expression": (of(column("n", "int", uniform(0, 9), nullable=True), column("v", "int", {"expression": {"code": "n + 1"}})), {}, "t.columns.v.generator.expression.code", "may be null, but the column must not be"),
    # uniqueness
    "drawn key": ((entity("t", 9), {"id": "u", "kind": "entity", "pk": "k", "columns": [column("k", "int", uniform(0, 9))]}), {}, "u.columns.k.generator", "u.k must be unique in 1,000 rows, but its distribution has 10 different values"),
    "unique choice": (of(column("v", "string", choice("a", "b"))), {"unique": ["t.v"]}, "t.columns.v.generator", "its choice has 2 different values"),
    "changed key": (of({**key("v"), "modifiers": [change("multiply", factor=0)]}), {"unique": ["t.v"]}, "t.columns.v.modifiers", "is changed by `multiply`"),
    "doubled entry": (({"id": "w", "kind": "vocab", "pk": "n", "columns": [column("n", "string", {"enum_list": {"values": ["a", "b", "a"]}})]},), {}, "w.columns.n.generator.enum_list", "`a` is listed twice in the unique column w.n"),
    "too few others": ((entity("o", 5), entity("t", 6, column("v", "int", lookup("o.id")))), {"unique": ["t.v"]}, "t.columns.v.generator.lookup", "needs 6 different rows of `o`, which has 5"),
    "others not unique": (of(column("v", "string", lookup("o.s"))), {"unique": ["t.v"]}, "t.columns.v.generator.lookup", "o.s is not unique, so t.v cannot be"),
    "parents not unique": ((OTHER, fact("f", "o", even(0, 1), column("v", "string", lookup("o.s")))), {"unique": ["f.v"]}, "f.columns.v.generator.lookup", "o.s is not unique"),
    "siblings share": ((OTHER, fact("f", "o", even(0, 2))), {"unique": ["f.o_id"]}, "f.columns.o_id.generator.lookup", "looks up rows that others look up too"),
    "scaled siblings share": ((entity("o", 9, column("s", "string", choice("a")), segment_behavior={"segment_column": "s", "behaviors": {"a": {"fanout_multiplier": 3}}}), fact("f", "o", even(0, 1))), {"unique": ["f.o_id"]}, "f.columns.o_id.generator.lookup", "looks up rows that others look up too"),
    "tree is not unique": (of(column("v", "int", lookup("t.id"), nullable=True)), {"unique": ["t.v"]}, "t.columns.v.generator.lookup", "looks up rows that others look up too"),
    # foreign keys
    "key to nothing unique": (of(column("v", "string", lookup("o.s"))), {"foreign_keys": [{"from": "t.v", "to": "o.s"}]}, "constraints.foreign_keys[0].to", "o.s is not unique, so it cannot be referred to"),
    "key not kept": (of(column("v", "int", uniform(1, 50))), {"foreign_keys": [{"from": "t.v", "to": "o.id"}]}, "constraints.foreign_keys[0]", "t.v"),
    # behaviours
    "ages without time": ((born(vintage_behavior=behaving(["f.v"])), fact("f", "p", poisson(2), column("v", "float", normal(0, 1)))), {}, "f.columns.v", "has no datetime or date column, so its rows have no age"),
    "behaviour of no parent": ((entity("p", 9), entity("q", 99), born() | {"id": "r", "rows": 99, "vintage_behavior": behaving(["f.v"])}, fact("f", ["p", "q", "r"], poisson(2), column("at", "date", times("D")), column("v", "float", normal(0, 1)))), {}, "f.columns.v", "do not tell which `r` they belong to"),
    "two units of age": ((born(vintage_behavior={**AGES, "age_based_multipliers": {"a": {"curve": [1], "time_unit": "week"}, "b": {"curve": [1], "time_unit": "day"}}}), fact("f", "p", poisson(2))), {}, "p.vintage_behavior", "count age in day and week"),
    "shock that hits nobody": ((PROMO, entity("p", 9), fact("f", "p", poisson(2), column("who", "string", choice("a")), modifiers=[shock(who="who")])), {}, "f.modifiers[0].args.on", "`who` does not tell which `p` the effect hits"),
    "shocks and ages": ((PROMO, entity("p", 9, column("day", "date", times("D")), column("who", "string", choice("a")), vintage_behavior=AGES), fact("f", "p", poisson(2), modifiers=[shock(who="who")])), {}, "f.modifiers[0].args.on", "scaled both by the age of its parents and by shocks"),
    "share of a lookup": ((OTHER, segmented({"a": 0.9}, lookup("o.s"))), {}, "t.segment_behavior.behaviors.a.base_probability", "`t.s` is filled by a lookup"),
    "share against zipf": ((segmented({"a": 0.1}, choice("a", "b", weights_kind="zipf@1")),), {}, "t.segment_behavior.behaviors.a.base_probability", "a base probability of 0.1, but `zipf@1` gives `a` 0.6667"),
    "share and kind of a reference": ((OTHER, segmented({"a": 0.1}, {"choice": {"choices_ref": "o.s", "weights_kind": "uniform"}})), {}, "t.segment_behavior.behaviors.a.base_probability", "both give the weights"),
    # maps
    "no number": (of(column("v", "int", uniform(0, 3), change("map_values", mapping={"1": 2, "one": 3}))), {}, "t.columns.v.modifiers[0].args.mapping.one", "`one` is no int, so it is never replaced"),
    "no truth": (of(column("v", "bool", choice(True), change("map_values", mapping={"True": False}))), {}, "t.columns.v.modifiers[0].args.mapping.True", "`True` is no bool"),
    "no date": (of(column("v", "date", choice("2024-01-01"), change("map_values", mapping={"soon": "2024-01-02"}))), {}, "t.columns.v.modifiers[0].args.mapping.soon", "`soon` is no date"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_its_place_and_a_remedy(name: str) -> None:
    nodes, constraints, where, words = REFUSED[name]
    problem = refused(lambda: plan(*nodes, constraints=constraints))
    assert where in str(problem.where)
    assert words in problem.message


FINE: dict[str, tuple[tuple[Document, ...], dict[str, Any]]] = {
    "one child each": ((OTHER, fact("f", "o", even(0, 1))), {"unique": ["f.o_id"]}),
    "at most one child each": ((OTHER, fact("f", "o", poisson(3, clamp=[0, 1]))), {"unique": ["f.o_id"]}),
    "enough others": ((entity("o", 6), entity("t", 6, column("v", "int", lookup("o.id")))), {"unique": ["t.v"]}),
    "keys that agree": ((entity("o", 6), entity("t", 6, column("v", "int", {"sequence": {}}))), {"foreign_keys": [{"from": "t.v", "to": "o.id"}]}),
    "key of a choice of keys": ((entity("o", 6), entity("t", 60, column("v", "int", {"choice": {"choices_ref": "o.id"}}))), {"foreign_keys": [{"from": "t.v", "to": "o.id"}]}),
    "listed keys": ((vocab("w", "a", "b"), entity("t", 60, column("v", "string", choice("b", "a")))), {"unique": ["w.name"], "foreign_keys": [{"from": "t.v", "to": "w.name"}]}),
    "shares that agree": ((segmented({"a": 0.6667}, choice("a", "b", weights_kind="zipf@1")),), {}),
    "even shares": ((segmented({"true": 0.5}, choice(True, False, weights_kind="uniform"), "bool"),), {}),
    "nullable readers": (of(column("v", "int", lookup("o.n"), nullable=True), column("w", "int", lookup("o.boss"), nullable=True)), {}),
    "numbers join": (of(column("f", "float", uniform(0, 9)), column("v", "int", lookup("o.id", id="f"), nullable=True)), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_what_can_be_is_planned(name: str) -> None:
    nodes, constraints = FINE[name]
    plan(*nodes, constraints=constraints)


def test_all_problems_come_together() -> None:
    nodes = of(
        column("a", "int", {"expression": {"code": "1 +"}}),
        column("b", "int", lookup("o.n")),
        column("c", "date", times("Y", start="2024-02-01", end="2024-03-01")),
    )
    with pytest.raises(ModelError) as caught:
        plan(*nodes)
    assert sorted(str(problem.where).split(".")[3] for problem in caught.value.problems) == ["a", "b", "c"]


def test_circles_name_the_columns_they_go_through() -> None:
    node = entity(
        "t",
        9,
        column("a", "int", {"expression": {"code": "b"}}),
        column("b", "int", {"expression": {"code": "c"}}),
        column("c", "int", {"expression": {"code": "a"}}),
    )
    problem = refused(lambda: plan(node))
    assert "columns depend on each other in a circle: t.a -> t.b -> t.c -> t.a" in problem.message
    assert problem.where == "nodes.t.columns.a"


def test_a_column_cannot_look_itself_up() -> None:
    assert "t.v -> t.v" in refused(lambda: plan(entity("t", 9, column("v", "int", lookup("t.v"))))).message


def test_facts_cannot_be_each_others_parents() -> None:
    problem = refused(lambda: plan(fact("a", "b", poisson(1)), fact("b", "a", poisson(1))))
    assert "rows(a) -> rows(b) -> rows(a)" in problem.message


def test_a_fanout_cannot_depend_on_its_own_children() -> None:
    parent = entity(
        "p",
        9,
        column("s", "string", {"choice": {"choices_ref": "f.s"}}),
        segment_behavior={"segment_column": "s", "behaviors": {"a": {"fanout_multiplier": 2}}},
    )
    assert "in a circle" in refused(lambda: plan(parent, fact("f", "p", poisson(2), column("s", "string", choice("a"))))).message


FAR: dict[str, tuple[Document, str]] = {
    "up": (entity("t", 3, column("v", "int", {"sequence": {"step": 2**62}})), "t.v reaches 9,223,372,036,854,775,809 at its last row"),
    "down": (entity("t", 3, column("v", "int", {"sequence": {"start": -(2**63) + 1, "step": -1}})), "-9,223,372,036,854,775,809"),
    "in floats": (entity("t", 3, column("v", "float", {"sequence": {"start": 2**63 - 1}})), "beyond whole numbers of 64 bits"),
    "between floats": (entity("t", 3, column("v", "float", {"sequence": {"start": 2**53 - 1}})), "floats beyond 2^53"),
    "drawn": (entity("t", 3, column("v", "int", normal(0, 2e18))), "t.v lies between -1.35e+19 and 1.35e+19"),
    "scaled": (entity("t", 3, column("v", "int", uniform(0, 9), change("multiply", factor=1e18 * 1.1))), "between 0 and 9.9e+18"),
}


@pytest.mark.parametrize("name", FAR)
def test_numbers_that_pass_what_the_column_holds_are_refused(name: str) -> None:
    node, words = FAR[name]
    rules = {"unique": ["t.v"]} if name == "between floats" else {}
    assert words in refused(lambda: plan(node, constraints=rules)).message


def test_the_last_numbers_that_a_column_holds_are_fine() -> None:
    columns = [
        column("a", "int", {"sequence": {"start": 2**63 - 3}}),
        column("b", "int", {"sequence": {"start": -(2**63) + 2, "step": -1}}),
        column("c", "float", {"sequence": {"start": 2**53 - 2}}),
        column("d", "int", normal(0, 2e18, clamp=[-1e18, 1e18])),
    ]
    engine = grown(entity("t", 3, *columns), constraints={"unique": ["t.c"]})
    assert texts(engine, "t.a")[-1] == 2**63 - 1
    assert texts(engine, "t.b")[-1] == -(2**63)


# ------------------------------------------------------------------------------------ what only counting can tell

COUNTED: dict[str, tuple[tuple[Document, ...], dict[str, Any], str, str]] = {
    "too few partners": ((entity("p", 50), entity("q", 3), fact("f", ["p", "q"], even(0, 5))), {}, "nodes.f.fanout", "a row of `p` has 5 children in `f`, but `q` has only 3 rows, so a pair would appear twice"),
    "too few others": ((entity("o", 20), entity("p", 50), fact("f", "p", even(1, 1), column("v", "int", lookup("o.id")))), {"unique": ["f.v"]}, "nodes.f.columns.v.generator", "f.v needs 50 different rows of `o`, which has 20"),
    "nothing to look up": ((entity("o", 0), entity("t", 5, column("v", "int", lookup("o.id")))), {}, "nodes.t.columns.v.generator", "t.v needs a row of `o`, which has no rows"),
    "nothing to choose": ((entity("o", 0), entity("t", 5, column("v", "int", {"choice": {"choices_ref": "o.id"}}))), {}, "nodes.t.columns.v.generator", "t.v needs a row of `o`, which has no rows"),
    "too short a pattern": ((entity("t", 101, column("v", "string", {"faker": {"method": "bothify", "text": "##"}})),), {"unique": ["t.v"]}, "nodes.t.columns.v.generator.faker", "`bothify` has 100 different values here, but t.v must be unique in 101 rows"),
    "too far": ((entity("p", 9), fact("f", "p", even(9, 9), column("v", "int", {"sequence": {"start": 2**63 - 80}}))), {}, "nodes.f.columns.v.generator.sequence", "f.v reaches 9,223,372,036,854,775,808"),
    "pooled": ((entity("t", 5, column("v", "string", {"faker": {"method": "job"}})),), {"unique": ["t.v"]}, "nodes.t.columns.v.generator.faker", "so t.v cannot be unique in 5 rows"),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_what_only_counting_can_tell_is_refused_before_anything_is_made(name: str) -> None:
    nodes, constraints, where, words = COUNTED[name]
    made = compile_plan(model(*nodes, constraints=constraints))
    problem = refused(lambda: prepare(made))
    assert problem.where == where
    assert words in problem.message


def test_no_rows_need_nothing() -> None:
    """A lookup or choice in an empty table is fine where no row asks for it."""
    engine = grown(
        entity("o", 0), entity("t", 0, column("v", "int", lookup("o.id")), column("w", "int", {"choice": {"choices_ref": "o.id"}}))
    )
    assert texts(engine, "t.v") == texts(engine, "t.w") == []


@pytest.mark.parametrize(
    "generator", [{"choice": {"choices": ["9999999999999999.99", "0.01"]}}, {"constant": {"value": "-9999999999999999.99"}}]
)
def test_listed_decimals_may_have_all_18_digits(generator: dict[str, object]) -> None:
    spec = column("v", "decimal", generator)
    compile_plan(model(entity("t", 5, spec), version="2.0"))
    problem = refused(lambda: compile_plan(model(entity("t", 5, {**spec, "precision": 17}), version="2.0")))
    assert "beyond decimal(17, 2)" in problem.message
