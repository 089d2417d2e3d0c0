"""Lookups lead to the row that they should: parents, partners, trees, random and joined rows."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, time
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import DataError
from seedbed.generate.engine import WHOLE_ROWS, Engine
from seedbed.generate.frame import Frame
from tests.core.battery import goodness
from tests.growing import (
    Document,
    choice,
    column,
    entity,
    even,
    fact,
    grown,
    lookup,
    normal,
    numbers,
    poisson,
    table,
    texts,
    times,
    uniform,
    vocab,
)

EVERY_TYPE = [
    column("f", "float", normal(0, 1)),
    column("i", "int", uniform(0, 10**6)),
    column("b", "bool", choice(True, False)),
    column("d", "date", times("D")),
    column("t", "datetime", times("S")),
    column("s", "string", choice("a", "b", "c")),
    column("u", "string", {"faker": {"method": "bothify", "text": "??-####"}}),
]
NAMES = [made["name"] for made in EVERY_TYPE]


def read(through: str, **on: str) -> list[Document]:
    return [column(f"r_{made['name']}", made["type"], lookup(f"{through}.{made['name']}", **on)) for made in EVERY_TYPE]


def assert_reads(engine: Engine, name: str, target: str, reference: str) -> None:
    """Every r_ column holds the value of the row that the reference names."""
    rows = {row["id"]: row for row in table(engine, target).to_pylist()}
    for row in table(engine, name).to_pylist():
        other = rows[row[reference]]
        assert {made: row[f"r_{made}"] for made in NAMES} == {made: other[made] for made in NAMES}


# ----------------------------------------------------------------------------------------------- random rows


def test_random_rows_are_even() -> None:
    """Chi-square over 500 rows, p >= 0.001."""
    engine = grown(entity("o", 500), entity("t", 100_000, column("o_id", "int", lookup("o.id"))))
    assert goodness(np.bincount(numbers(engine, "t.o_id") - 1, minlength=500), np.full(500, 200.0)) > 0.001


def test_two_lookups_read_different_rows_and_a_join_the_same() -> None:
    node = entity("t", 2000, column("one", "int", lookup("o.id")), column("two", "int", lookup("o.id")), *read("o", id="one"))
    engine = grown(entity("o", 300, *EVERY_TYPE), node)
    assert (numbers(engine, "t.one") == numbers(engine, "t.two")).mean() < 0.02
    assert_reads(engine, "t", "o", "one")


def test_a_join_may_be_written_either_way() -> None:
    found = [
        grown(
            entity("o", 300, *EVERY_TYPE),
            entity("t", 100, column("one", "int", lookup("o.id")), column("r_s", "string", lookup("o.s", **on))),
        )
        for on in ({"id": "one"}, {"one": "id"})
    ]
    assert texts(found[0], "t.r_s") == texts(found[1], "t.r_s")


def test_no_row_comes_twice_in_a_unique_lookup() -> None:
    for rows in (1, 7, 300):
        engine = grown(entity("o", 300), entity("t", rows, column("o_id", "int", lookup("o.id"))), constraints={"unique": ["t.o_id"]})
        assert len(set(numbers(engine, "t.o_id").tolist())) == rows
    engine = grown(
        entity("o", 3000),
        entity("p", 900),
        fact("t", "p", even(1, 1), column("o_id", "int", lookup("o.id"))),
        constraints={"unique": ["t.o_id"]},
    )
    found = numbers(engine, "t.o_id")
    assert len(set(found.tolist())) == 900
    assert abs(np.corrcoef(found, np.arange(900))[0, 1]) < 0.15


@cache
def large() -> Engine:
    """Rows of tables too large to be kept: computed where they are looked up."""
    rows = WHOLE_ROWS + 10
    far = entity("far", rows, *EVERY_TYPE)
    leaf = fact("leaf", "far", poisson(1.2), *EVERY_TYPE, column("far_f", "float", lookup("far.f", id="far_id")))
    return grown(
        far,
        leaf,
        entity("t", 3000, column("o", "int", lookup("leaf.id")), *read("leaf", id="o"), column("x", "float", lookup("leaf.far_f", id="o"))),
    )


def test_rows_of_large_tables_are_read_right() -> None:
    engine = large()
    assert min(engine.rows("far"), engine.rows("leaf")) > WHOLE_ROWS
    picks = numbers(engine, "t.o") - 1
    whole = table(engine, "leaf")
    for made in [*NAMES, "far_f"]:
        expected = whole.column(made).take(picks).to_pylist()
        assert texts(engine, "t.x" if made == "far_f" else f"t.r_{made}") == expected, made
    far = table(engine, "far").column("f")
    assert whole.column("far_f").equals(far.take(numbers(engine, "leaf.far_id") - 1))


# ---------------------------------------------------------------------------------------------------- joins


@pytest.mark.parametrize(
    ("kind", "values"), [("string", ["a", "b", "ß", "", "zz"]), ("int", [3, -1, 99]), ("float", [0.5, -2.25]), ("bool", [True, False]), ("date", ["2024-01-01", "2024-05-05"]), ("datetime", ["2024-01-01T10:00", "2024-05-05"])]
)  # fmt: skip
def test_a_join_finds_the_first_row_of_a_value(kind: str, values: list[Any]) -> None:
    other = entity("o", 60, column("k", kind, choice(*values)), column("v", "int", uniform(0, 10**9)))
    node = entity(
        "t",
        200,
        column("k", kind, choice(*values)),
        column("v", "int", lookup("o.v", k="k"), nullable=True),
        column("n", "int", lookup("o.id", k="k"), nullable=True),
    )
    engine = grown(other, node)
    first: dict[Any, Any] = {}
    for row in table(engine, "o").to_pylist():
        first.setdefault(row["k"], row)
    assert len(first) == len(values)
    found = table(engine, "t").to_pylist()
    assert all(row["v"] in (first[row["k"]]["v"], None) and row["n"] in (first[row["k"]]["id"], None) for row in found)
    assert 0 < sum(row["v"] is None for row in found) < 25


@pytest.mark.parametrize("target", [vocab("o", "a", "b"), entity("o", 0, column("name", "string", choice("a")))])
def test_a_missing_partner_is_null_or_an_error_that_names_the_row(target: Document) -> None:
    def engine(**rest: Any) -> Engine:
        return grown(target, entity("t", 50, column("k", "string", choice("zz")), column("o_id", "int", lookup("o.id", name="k"), **rest)))

    assert set(texts(engine(nullable=True), "t.o_id")) == {None}
    with pytest.raises(DataError, match=r"row 0 of t.o_id finds no row to look up") as caught:
        table(engine(), "t")
    assert caught.value.problems[0].where == "t[0].o_id"
    assert caught.value.problems[0].fix


def test_the_row_named_in_an_error_is_the_tables_own() -> None:
    node = entity("t", 50, column("o_id", "int", lookup("o.id", id="id")))
    with pytest.raises(DataError, match=r"row 30 of t.o_id"):
        grown(entity("o", 30), node).block("t", 7, 45)


def test_numbers_are_found_by_arithmetic_in_sequences() -> None:
    other = {
        "id": "o",
        "kind": "entity",
        "rows": 40,
        "pk": "k",
        "columns": [column("k", "int", {"sequence": {"start": 100, "step": -3}}), column("v", "float", normal(0, 1))],
    }
    node = entity(
        "t",
        400,
        column("n", "int", uniform(-40, 110)),
        column("f", "float", choice(100, 99.5, 97, 1e6)),
        *(column(f"of_{by}", "float", lookup("o.v", k=by), nullable=True) for by in "nf"),
    )
    engine = grown(other, node)
    known = dict(zip(texts(engine, "o.k"), texts(engine, "o.v"), strict=True))
    for row in table(engine, "t").to_pylist():
        assert row["of_n"] in (known.get(row["n"]), None)
        assert row["of_f"] in (known.get(row["f"]), None)
        assert row["n"] in known or row["of_n"] is None


def test_null_keys_find_nothing_and_nulls_are_passed_on() -> None:
    other = entity("o", 200, column("v", "int", uniform(0, 9), nullable=True), column("k", "string", choice("a", "b"), nullable=True))
    node = entity(
        "t",
        400,
        column("o_id", "int", lookup("o.id")),
        column("v", "int", lookup("o.v", id="o_id"), nullable=True),
        column("w", "int", lookup("o.id", k="z"), nullable=True),
        column("z", "string", choice("a", "b")),
    )
    engine = grown(other, node)
    values: dict[int, int | None] = {}
    first: dict[str | None, int] = {}
    for row in table(engine, "o").to_pylist():
        values[row["id"]] = row["v"]
        first.setdefault(row["k"], row["id"])
    assert None in values.values()
    for row in table(engine, "t").to_pylist():
        assert row["v"] in (values[row["o_id"]], None)
        assert row["w"] in (first[row["z"]], None)


# ------------------------------------------------------------------------------------------ parents and partners


@pytest.mark.parametrize("fanout", [poisson(3), even(0, 40), even(20, 60)])
def test_partners_never_repeat_and_are_even(fanout: Document) -> None:
    """Each parent's partners differ, and all are as frequent as the others; chi-square, p >= 0.001 / 3."""
    parents, partners = 900, 60
    engine = grown(
        entity("p", parents, *EVERY_TYPE),
        entity("q", partners, *EVERY_TYPE),
        fact(
            "f",
            ["p", "q"],
            fanout,
            *read("q", id="q_id"),
            *[{**made, "name": made["name"].replace("r_", "p_")} for made in read("p", id="p_id")],
        ),
    )
    p, q = numbers(engine, "f.p_id"), numbers(engine, "f.q_id")
    assert len(set(zip(p.tolist(), q.tolist(), strict=True))) == len(p)
    # a parent's partners differ, so counts vary less than chi-square allows: only too much variation would be wrong
    counts = np.bincount(q - 1, minlength=partners)
    assert float(((counts - len(q) / partners) ** 2 / (len(q) / partners)).sum()) < partners + 5 * math.sqrt(2 * partners)
    assert_reads(engine, "f", "q", "q_id")


def test_every_set_of_partners_is_equally_likely() -> None:
    """Of three partners two, in order: six ways; chi-square, p >= 0.001. Children are drawn by turns, not sorted."""
    engine = grown(entity("p", 6000), entity("q", 3), fact("f", ["p", "q"], even(2, 2)))
    ways = Counter(map(tuple, numbers(engine, "f.q_id").reshape(-1, 2).tolist()))
    assert len(ways) == 6
    assert goodness(np.array(list(ways.values())), np.full(6, 1000.0)) > 0.001


def test_a_parent_may_have_all_partners() -> None:
    for size in (5, 16, 17, 300):
        engine = grown(entity("p", 20), entity("q", size), fact("f", ["p", "q"], even(size, size)))
        assert (np.sort(numbers(engine, "f.q_id").reshape(20, size), axis=1) == np.arange(1, size + 1)).all()


@given(st.data())
def test_partners_do_not_depend_on_the_cut(data: st.DataObject) -> None:
    engine = partnered()
    for name in ("few", "many"):
        whole = table(engine, name)
        start = data.draw(st.integers(0, whole.num_rows))
        stop = data.draw(st.integers(start, whole.num_rows))
        assert engine.block(name, start, stop).equals(whole.slice(start, stop - start))


@cache
def partnered() -> Engine:
    return grown(entity("p", 200), entity("q", 100), fact("few", ["p", "q"], even(0, 9)), fact("many", ["p", "q"], even(0, 100)))


def test_behaviours_of_a_second_parent_scale_its_partners_children() -> None:
    segments = {"segment_column": "s", "behaviors": {"a": {"value_multiplier": 100}}, "applies_to_columns": ["f.v"]}
    ages = {"created_at_column": "d", "age_based_multipliers": {"m": {"curve": [1, 3], "time_unit": "month", "applies_to": ["f.w"]}}}
    partner = entity(
        "q", 50, column("s", "string", choice("a", "b")), column("d", "date", times("D")), segment_behavior=segments, vintage_behavior=ages
    )
    own = [column("v", "float", uniform(1, 2)), column("w", "float", uniform(1, 1)), column("at", "datetime", times("H"))]
    engine = grown(entity("p", 100), partner, fact("f", ["p", "q"], poisson(4), *own))
    rows = {row["id"]: row for row in table(engine, "q").to_pylist()}
    month = 365.25 / 12 * 86_400
    for row in table(engine, "f").to_pylist():
        assert (row["v"] > 50) == (rows[row["q_id"]]["s"] == "a")
        age = (row["at"] - datetime.combine(rows[row["q_id"]]["d"], time())).total_seconds()
        assert row["w"] == (3 if age >= month else 1)


# ---------------------------------------------------------------------------------------------------- facts of facts


@cache
def nested() -> Engine:
    """Three levels of children, with lookups up the line and across."""
    return grown(
        entity("a", 2000, *EVERY_TYPE),
        fact("b", "a", poisson(1.5), *EVERY_TYPE, *read("a", id="a_id")),
        fact("c", "b", even(0, 3), *EVERY_TYPE, *read("b", id="b_id"), column("of_a", "float", lookup("b.r_f", id="b_id"))),
        fact(
            "d",
            "c",
            poisson(0.7),
            *read("c", id="c_id"),
            column("a_f", "float", lookup("c.of_a", id="c_id")),
            column("any_d", "int", lookup("b.id")),
        ),
    )


def test_children_of_children_read_their_ancestors() -> None:
    engine = nested()
    for child, parent in (("b", "a"), ("c", "b"), ("d", "c")):
        assert_reads(engine, child, parent, f"{parent}_id")
    c, b = numbers(engine, "d.c_id") - 1, numbers(engine, "c.b_id") - 1
    a = numbers(engine, "b.a_id") - 1
    assert np.array_equal(numbers(engine, "d.a_f"), numbers(engine, "a.f")[a[b[c]]])


@given(st.sampled_from(["b", "c", "d"]), st.data())
def test_any_rows_of_any_level_are_the_same(name: str, data: st.DataObject) -> None:
    engine = Engine(nested().prepared)
    rows = engine.rows(name)
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, min(rows, start + 400)))
    assert engine.block(name, start, stop).equals(table(nested(), name).slice(start, stop - start))


# ----------------------------------------------------------------------------------------------------- trees


@pytest.mark.parametrize("rows", [1, 2, 5, 999, 1000, 5000])
@pytest.mark.parametrize("is_nullable", [True, False])
def test_trees_have_their_roots_and_no_circle(rows: int, is_nullable: bool) -> None:
    engine = grown(
        entity(
            "e",
            rows,
            column("boss", "int", lookup("e.id"), nullable=is_nullable),
            column("s", "string", choice("a", "b")),
            column("boss_s", "string", lookup("e.s", id="boss"), nullable=is_nullable),
        )
    )
    boss = texts(engine, "e.boss")
    roots = [place for place, parent in enumerate(boss) if parent is None or parent == place + 1]
    assert len(roots) == max(1, rows // 1000)
    assert all((boss[place] is None) == is_nullable for place in roots)
    depth = np.zeros(rows, dtype=int)
    for place in range(rows):
        above = place
        while above not in roots:
            above = boss[above] - 1
            depth[place] += 1
            assert depth[place] <= 60
    assert depth.max() <= 4 * math.log2(rows + 1)
    names = texts(engine, "e.s")
    for parent, read_name in zip(boss, texts(engine, "e.boss_s"), strict=True):
        assert read_name in ((None,) if parent is None else (names[parent - 1], None))


def test_ids_of_a_tree_do_not_tell_its_order() -> None:
    boss = np.array(
        [parent or 0 for parent in texts(grown(entity("e", 4000, column("boss", "int", lookup("e.id"), nullable=True))), "e.boss")]
    )
    assert abs((boss < np.arange(1, 4001)).mean() - 0.5) < 0.03


def test_other_columns_of_the_superior_can_be_read_without_its_key() -> None:
    engine = grown(entity("e", 300, column("s", "float", normal(0, 1)), column("of", "float", lookup("e.s"), nullable=True)))
    values = set(texts(engine, "e.s"))
    assert all(value in values or value is None for value in texts(engine, "e.of"))


# ---------------------------------------------------------------------------------------------- small and empty tables


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_of_no_row_or_one_work_everywhere(rows: int) -> None:
    """Every generator, join, tree, effect and behaviour over tables of no row or one, coded and plain."""
    segments = {
        "segment_column": "s",
        "behaviors": {"a": {"fanout_multiplier": 2, "value_multiplier": 3}},
        "applies_to_columns": ["f", "c.x"],
    }
    ages = {
        "created_at_column": "d",
        "age_based_multipliers": {
            "m": {"curve": [2, 1]},
            "n": {"curve": {"curve_type": "linear", "params": {}}, "applies_to": ["f", "c.x"]},
        },
    }
    effect = {
        "transform": "effect",
        "args": {"effect_table": "o", "on": {"s": "s"}, "window": {"start_col": "d", "end_col": "t"}, "map": {"field": "f", "default": 1}},
    }
    promo = {
        "transform": "effect",
        "args": {"effect_table": "o", "window": {"start_col": "d", "end_col": "d"}, "map": {"field": "i", "default": 1}},
    }
    more = [
        column("mail", "string", {"faker": {"method": "email"}}),
        column("n", "string", {"faker": {"method": "name", "locale_from": "s2"}}),
        column("s2", "string", {"choice": {"choices_ref": "w.name"}}),
        column("boss", "int", lookup("p.id"), nullable=True),
        column("by", "float", lookup("o.f", s="s"), nullable=True),
        column("e", "float", {"expression": {"code": "f * 2 + i"}}),
        column("shocked", "float", normal(0, 1), effect),
    ]
    engine = grown(
        vocab("w", "US", "DE"),
        entity("o", rows, *EVERY_TYPE),
        entity("q", 2),
        entity("p", rows, *EVERY_TYPE, *more, segment_behavior=segments, vintage_behavior=ages),
        fact("c", ["p", "q"], even(0, 1), *EVERY_TYPE, column("x", "float", normal(1, 1)), modifiers=[promo]),
        fact("g", "c", poisson(1), *read("c", id="c_id")),
        fact(
            "st",
            "p",
            None,
            column("stage_name", "string", choice("?")),
            column("at", "datetime", times("H")),
            stage_config={"stages": [{"stage_name": "in", "transition_rate": 1}]},
        ),
        constraints={"inequalities": [{"left": "p.t", "op": "<", "right": "c.t"}], "ranges": [{"attr": "p.f", "min": -0.5}]},
    )
    assert engine.rows("p") == engine.rows("st") == rows
    for made in engine.plan.tables:
        for encoded in (False, True):
            batch = engine.block(made.name, 0, engine.rows(made.name), encoded=encoded)
            assert batch.num_rows == engine.rows(made.name)
            assert batch.schema.equals(engine.schema(made.name, encoded=encoded))
        empty = Frame(engine, made.name, np.zeros(0, dtype=np.int64))
        assert all(len(empty.column(spec.name)) == 0 for spec in made.columns)


def test_keys_may_be_texts() -> None:
    codes = column("code", "string", {"faker": {"method": "bothify", "text": "??###"}})
    other = {"id": "o", "kind": "entity", "rows": 500, "pk": "code", "columns": [codes, column("v", "int", uniform(0, 9))]}
    child = {
        "id": "c",
        "kind": "fact",
        "parents": ["o"],
        "fanout": poisson(2),
        "columns": [column("o_code", "string", lookup("o.code")), column("v", "int", lookup("o.v", code="o_code"))],
    }
    engine = grown(other, child, constraints={"foreign_keys": [{"from": "c.o_code", "to": "o.code"}]})
    known = dict(zip(texts(engine, "o.code"), texts(engine, "o.v"), strict=True))
    assert len(known) == 500
    assert [known[code] for code in texts(engine, "c.o_code")] == texts(engine, "c.v")
