"""Generators give what they are asked for, nulls included, as the types they promise."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from seedbed.core.block import ColumnType
from seedbed.core.calendar import parse_datetime
from seedbed.core.registry import GENERATOR_KERNELS, load
from seedbed.core.timegrid import DAY
from seedbed.generate.conversion import ARROW_TYPES
from seedbed.model.generators import KINDS
from tests.core.battery import goodness
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    fact,
    grown,
    lookup,
    normal,
    numbers,
    poisson,
    refused,
    table,
    texts,
    times,
    uniform,
    vocab,
)

N = 100_000


def shares_of(values: list[Any], listed: list[Any]) -> NDArray[np.int64]:
    found = Counter(values)
    assert set(found) <= set(listed)
    return np.array([found[item] for item in listed])


# --------------------------------------------------------------------------------------------------- choices

WEIGHTS: dict[str, tuple[int, Document, list[float]]] = {
    "even": (4, {}, [1, 1, 1, 1]),
    "named even": (3, {"weights_kind": "uniform"}, [1, 1, 1]),
    "given": (4, {"weights": [5, 0, 3, 2]}, [5, 0, 3, 2]),
    "zipf": (50, {"weights_kind": "zipf@1.3"}, [1 / k**1.3 for k in range(1, 51)]),
    "head and tail": (
        10,
        {"weights_kind": "head_tail@{0.8,1.5}"},
        [0.4, 0.4, *(0.2 / k**1.5 / sum(1 / j**1.5 for j in range(1, 9)) for k in range(1, 9))],
    ),
    "head of one": (3, {"weights_kind": "head_tail@{0.9,1}"}, [0.9, 0.1 * 2 / 3, 0.1 / 3]),
    "head alone": (1, {"weights_kind": "head_tail@{0.9,1}"}, [1]),
    "all head": (5, {"weights_kind": "head_tail@{1,1}"}, [1, 0, 0, 0, 0]),
}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("is_reference", [False, True])
def test_choices_follow_their_weights(name: str, is_reference: bool) -> None:
    """Chi-square over the items with weight, p >= 0.001 / 16; of a list, or of another table's column."""
    count, args, weights = WEIGHTS[name]
    items = [f"item {number}" for number in range(count)]
    source = {"choices_ref": "w.name"} if is_reference else {"choices": items}
    values = texts(grown(vocab("w", *items), entity("t", N, column("v", "string", {"choice": {**source, **args}}))), "t.v")
    counts, expected = shares_of(values, items), np.array(weights, dtype=float)
    assert (counts[expected == 0] == 0).all()
    shown = expected > 0
    assert shown.sum() == 1 or goodness(counts[shown], expected[shown] / expected.sum() * N) > 0.001 / 16


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int", [-5, 0, 2**62]),
        ("float", [0.5, -1e300, 3]),
        ("bool", [True, False]),
        ("string", ["", "ß", "\U0001f331 seed"]),
        ("date", ["0001-01-01", "2024-02-29", "9999-12-31"]),
        ("datetime", ["1969-12-31T23:59:59.5", "2024-02-29T12:00"]),
    ],
)
def test_choices_of_every_type_arrive_as_they_are(kind: str, values: list[Any]) -> None:
    words = {"id": "w", "kind": "vocab", "columns": [column("v", kind, {"enum_list": {"values": values}})]}
    node = entity(
        "t",
        200,
        column("v", kind, choice(*values)),
        column("r", kind, {"choice": {"choices_ref": "w.v"}}),
        column("l", kind, lookup("w.v")),
    )
    engine = grown(words, node)
    listed = table(engine, "w").column("v")
    assert listed.type == ARROW_TYPES[ColumnType(kind)]
    expected = [float(value) for value in values] if kind == "float" else values
    if kind in ("int", "float", "bool", "string"):
        assert listed.to_pylist() == expected
    else:
        assert numbers(engine, "w.v").tolist() == [parse_datetime(value) // (DAY if kind == "date" else 1) for value in values]
    for name in ("v", "r", "l"):
        assert set(table(engine, "t").column(name).to_pylist()) == set(listed.to_pylist())


def test_choices_of_a_reference_leave_out_nulls_and_keep_doubles() -> None:
    other = entity("o", 300, column("v", "int", choice(1, 2, weights=[9, 1]), nullable=True))
    engine = grown(other, entity("t", N, column("v", "int", {"choice": {"choices_ref": "o.v"}})))
    there = Counter(value for value in texts(engine, "o.v") if value is not None)
    counts = shares_of(texts(engine, "t.v"), [1, 2])
    assert goodness(counts, np.array([there[1], there[2]]) / sum(there.values()) * N) > 0.001


def test_weights_must_be_as_many_as_the_values_referred_to() -> None:
    engine = grown(entity("o", 3), entity("t", 5, column("v", "int", {"choice": {"choices_ref": "o.id", "weights": [1, 2]}})))
    assert "t.v has 2 weights for the 3 values of o.id" in refused(lambda: table(engine, "t")).message


@pytest.mark.parametrize("is_reference", [False, True])
def test_base_probabilities_are_split_among_equal_items(is_reference: bool) -> None:
    """a 0.6 over two items, b 0.1, the rest over the two others; chi-square, p >= 0.001 / 2."""
    items = ["a", "b", "a", "c", "d"]
    behavior = {"segment_column": "s", "behaviors": {"a": {"base_probability": 0.6}, "b": {"base_probability": 0.1}}}
    source = {"choices_ref": "w.name"} if is_reference else {"choices": items}
    values = texts(grown(vocab("w", *items), entity("t", N, column("s", "string", {"choice": source}), segment_behavior=behavior)), "t.s")
    assert goodness(shares_of(values, ["a", "b", "c", "d"]), np.array([0.6, 0.1, 0.15, 0.15]) * N) > 0.001 / 2


def test_base_probabilities_of_truth_values_and_numbers() -> None:
    for kind, values in (("bool", [True, False]), ("int", [7, 8])):
        behavior = {"segment_column": "s", "behaviors": {str(values[0]).lower(): {"base_probability": 0.9}}}
        found = texts(grown(entity("t", 20_000, column("s", kind, choice(*values)), segment_behavior=behavior)), "t.s")
        assert abs(np.mean([value == values[0] for value in found]) - 0.9) < 0.01


# --------------------------------------------------------------------------------------------- sequences and numbers


@pytest.mark.parametrize(("start", "step"), [(1, 1), (100, 7), (-5, -3), (2**62, 1), (-(2**63), 1)])
def test_sequences_step_from_their_start(start: int, step: int) -> None:
    engine = grown(
        entity(
            "t",
            100,
            column("v", "int", {"sequence": {"start": start, "step": step}}),
            column("f", "float", {"sequence": {"start": start, "step": step}}),
        )
    )
    assert numbers(engine, "t.v").tolist() == [start + step * row for row in range(100)]
    assert numbers(engine, "t.f").tolist() == [float(start + step * row) for row in range(100)]
    assert engine.block("t", 40, 43).column("v").to_pylist() == [start + step * row for row in (40, 41, 42)]


def test_even_whole_numbers_include_both_ends() -> None:
    """Chi-square, p >= 0.001; ends between whole numbers are moved inward."""
    for low, high in ((1, 6), (0.5, 6.5)):
        values = numbers(grown(entity("t", N, column("v", "int", uniform(low, high)))), "t.v")
        assert goodness(np.bincount(values, minlength=7)[1:], np.full(6, N / 6)) > 0.001


def test_a_distribution_without_width_is_one_value() -> None:
    made = [normal(3, 0), uniform(3, 3), {"distribution": {"type": "lognormal", "params": {"mean": 0, "sigma": 0}}}]
    engine = grown(entity("t", 10, *(column(f"v{place}", "float", generator) for place, generator in enumerate(made))))
    assert [set(texts(engine, f"t.v{place}")) for place in range(3)] == [{3.0}, {3.0}, {1.0}]


def test_means_and_deviations_are_those_asked_for() -> None:
    engine = grown(
        entity(
            "t",
            N,
            column("n", "float", normal(-3, 2)),
            column("l", "float", {"distribution": {"type": "lognormal", "params": {"mean": 1, "sigma": 0.5}}}),
            column("p", "int", {"distribution": {"type": "poisson", "params": {"lambda": 6.5}}}),
        )
    )
    for name, mean, deviation in (
        ("n", -3, 2),
        ("l", math.exp(1.125), math.exp(1.125) * math.sqrt(math.exp(0.25) - 1)),
        ("p", 6.5, math.sqrt(6.5)),
    ):
        values = numbers(engine, f"t.{name}")
        assert abs(values.mean() - mean) < 4.5 * deviation / math.sqrt(N)
        assert values.std() == pytest.approx(deviation, rel=0.02)


# ------------------------------------------------------------------------------------------------------ nulls

KINDS_OF_COLUMNS: dict[str, tuple[str, Document]] = {
    "choice": ("string", choice("a", "b")),
    "text of numbers": ("string", lookup("o.n", id="o_id")),
    "text of truth": ("string", lookup("o.b", id="o_id")),
    "distribution": ("float", normal(0, 1)),
    "whole": ("int", uniform(0, 9)),
    "date": ("date", times("D")),
    "datetime": ("datetime", times("H")),
    "bool": ("bool", choice(True, False)),
    "faker": ("string", {"faker": {"method": "name"}}),
    "pattern": ("string", {"faker": {"method": "bothify", "text": "##??"}}),
    "expression": ("float", {"expression": {"code": "id / 2"}}),
    "lookup": ("string", lookup("o.s", id="o_id")),
    "reference": ("string", {"choice": {"choices_ref": "o.s"}}),
}


def nullable_engine(is_nullable: bool) -> Any:
    other = entity(
        "o", 100, column("n", "int", uniform(0, 9)), column("b", "bool", choice(True, False)), column("s", "string", choice("x", "y"))
    )
    columns = [
        column(name.replace(" ", "_"), kind, generator, nullable=is_nullable)
        for name, (kind, generator) in KINDS_OF_COLUMNS.items()
        if "text of" not in name
    ]
    return grown(other, entity("t", 20_000, column("o_id", "int", lookup("o.id"), nullable=is_nullable), *columns))


def test_nullable_columns_have_five_percent_nulls_and_the_others_none() -> None:
    """Within 4.5 standard errors; each column on its own; keys and what joins use never."""
    with_nulls, without = table(nullable_engine(is_nullable=True), "t"), table(nullable_engine(is_nullable=False), "t")
    masks = []
    for name in with_nulls.schema.names:
        values, plain = with_nulls.column(name), without.column(name)
        assert plain.null_count == 0
        if name in ("id", "o_id"):
            assert values.null_count == 0
            continue
        assert abs(values.null_count / 20_000 - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / 20_000)
        kept = np.flatnonzero(np.asarray(values.is_valid()))
        assert values.take(pa.array(kept)).equals(plain.take(pa.array(kept))), name  # nulls change no value
        masks.append(np.asarray(values.is_null()))
    both = np.mean([(masks[0] & mask).mean() for mask in masks[1:]])
    assert both == pytest.approx(0.0025, abs=0.001)


def test_foreign_keys_are_never_nulled() -> None:
    node = entity("t", 3000, column("v", "string", choice("x"), nullable=True), column("w", "int", lookup("o.id"), nullable=True))
    engine = grown(
        vocab("x", "x"), entity("o", 9), node, constraints={"foreign_keys": [{"from": "t.v", "to": "x.name"}], "unique": ["x.name"]}
    )
    assert table(engine, "t").column("v").null_count == table(engine, "t").column("w").null_count == 0


# ------------------------------------------------------------------------------------------- schema and encodings


def test_blocks_say_what_their_columns_are() -> None:
    engine = grown(
        vocab("w", "a", "b"),
        entity(
            "o",
            5,
            column("code", "string", {"faker": {"method": "bothify", "text": "????"}}),
            column("at", "datetime", times("H")),
            column("x", "float", normal(0, 1)),
            column("b", "bool", choice(True)),
            column("n", "int", uniform(0, 9), nullable=True),
        ),
        fact("c", "o", poisson(2), column("s", "string", choice("x", "y")), column("d", "date", times("D"))),
        constraints={"unique": ["o.code"]},
    )
    schema = engine.schema("o")
    tags = {field.name: {name.decode(): value.decode() for name, value in field.metadata.items()} for field in schema}
    assert tags["id"] == {"seedbed.key": "primary", "seedbed.encoding": "delta"}
    assert tags["code"] == {"seedbed.key": "unique", "seedbed.encoding": "plain"}
    assert [tags[name]["seedbed.encoding"] for name in ("at", "x", "b", "n")] == ["delta", "plain", "dictionary", "delta"]
    assert [field.nullable for field in schema] == [False, False, False, False, False, True]
    child = engine.schema("c")
    assert child.field("o_id").metadata == {b"seedbed.references": b"o.id", b"seedbed.encoding": b"delta"}
    assert child.field("s").metadata[b"seedbed.encoding"] == b"dictionary"
    assert engine.schema("w").field("name").metadata[b"seedbed.encoding"] == b"dictionary"
    assert [str(field.type) for field in schema] == ["int64", "string", "timestamp[us]", "double", "bool", "int64"]
    assert child.field("d").type == pa.date32()


def test_coded_blocks_hold_the_same_values() -> None:
    engine = nullable_engine(is_nullable=True)
    for start, stop in ((0, 0), (0, 1), (5, 2000), (19_999, 20_000)):
        coded, plain = engine.block("t", start, stop, encoded=True), engine.block("t", start, stop)
        assert coded.schema.equals(engine.schema("t", encoded=True))
        for name in plain.schema.names:
            values = coded.column(name)
            values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
            assert values.equals(plain.column(name)), name
    assert pa.types.is_dictionary(engine.schema("t", encoded=True).field("choice").type)


def test_locales_by_row_look_the_same_in_every_block() -> None:
    """Whichever countries a block holds, one or many, coded or not."""
    node = entity(
        "t",
        600,
        column("c", "string", lookup("w.name")),
        column("n", "string", {"faker": {"method": "name", "locale_from": "c"}}),
        column("k", "string", {"faker": {"method": "country", "locale_from": "c"}}),
        column("p", "string", {"faker": {"method": "phone_number", "locale_from": "c"}}, nullable=True),
    )
    engine = grown(vocab("w", "US", "DE", "JP"), node)
    for encoded in (False, True):
        whole = engine.block("t", 0, 600, encoded=encoded)
        for start in range(0, 600, 37):
            part = engine.block("t", start, min(start + 3, 600), encoded=encoded)
            assert part.schema.equals(whole.schema)
            assert part.to_pylist() == whole.slice(start, len(part)).to_pylist()


def test_every_kind_of_generator_has_a_kernel() -> None:
    assert set(GENERATOR_KERNELS) == set(KINDS)
    assert all(callable(load(place)) for place in GENERATOR_KERNELS.values())


def test_unknown_names_are_key_errors() -> None:
    made = grown(entity("t", 1)).plan
    for ask in (lambda: made.table("x"), lambda: made.column("t.x"), lambda: made.table("t").link("x")):
        with pytest.raises(KeyError):
            ask()
    assert made.column("t.id").ref == "t.id"
    assert made.table("t").kind == "entity"


# ------------------------------------------------------------------------------------------------- unique values


@pytest.mark.parametrize(
    "method",
    [
        {"method": "bothify", "text": "##??"},
        {"method": "uuid4"},
        {"method": "email"},
        {"method": "user_name"},
        {"method": "numerify", "text": "%###"},
    ],
)
def test_unique_values_are_all_different_in_any_cut(method: Document) -> None:
    engine = grown(
        entity("t", 9000, column("name", "string", {"faker": {"method": "name"}}), column("v", "string", {"faker": method})),
        constraints={"unique": ["t.v"]},
    )
    whole = table(engine, "t").column("v")
    assert len(set(whole.to_pylist())) == 9000
    for start, stop in ((0, 1), (17, 400), (8999, 9000)):
        assert engine.block("t", start, stop).column("v").equals(whole.slice(start, stop - start))


def test_every_value_of_a_pattern_can_be_used_up() -> None:
    engine = grown(entity("t", 100, column("v", "string", {"faker": {"method": "bothify", "text": "##"}})), constraints={"unique": ["t.v"]})
    assert sorted(texts(engine, "t.v")) == [f"{number:02d}" for number in range(100)]


# --------------------------------------------------------------------------------------------- behaviours on values


def test_segments_without_multipliers_scale_nothing() -> None:
    segments = {"segment_column": "s", "behaviors": {"a": {"base_probability": 1}}, "applies_to_columns": ["own"]}
    nodes = [
        entity("p", 50, column("s", "string", choice("a")), column("own", "float", uniform(1, 2)), **given)
        for given in ({}, {"segment_behavior": segments})
    ]
    assert texts(grown(nodes[0]), "p.own") == texts(grown(nodes[1]), "p.own")


def test_segments_scale_values_of_the_node_and_its_children() -> None:
    segments = {
        "segment_column": "s",
        "behaviors": {"a": {"value_multiplier": 3}, "b": {"value_multiplier": 0}},
        "applies_to_columns": ["own", "c.child", "bare"],
    }
    children = [column("child", "int", uniform(1, 9)), column("bare", "float", uniform(1, 2, clamp=[None, 4]))]
    engines = [
        grown(
            entity("p", 500, column("s", "string", choice("a", "b", "c")), column("own", "float", uniform(1, 2)), **given),
            fact("c", "p", poisson(3), *children),
        )
        for given in ({}, {"segment_behavior": segments})
    ]
    factors = {"a": 3.0, "b": 0.0, "c": 1.0}
    own = np.array([factors[value] for value in texts(engines[1], "p.s")])
    assert np.array_equal(numbers(engines[1], "p.own"), numbers(engines[0], "p.own") * own)
    mine = own[numbers(engines[1], "c.p_id") - 1]
    assert np.array_equal(numbers(engines[1], "c.child"), np.rint(numbers(engines[0], "c.child") * mine))
    assert np.array_equal(numbers(engines[1], "c.bare"), np.minimum(numbers(engines[0], "c.bare") * mine, 4))  # the clamp comes after


@pytest.mark.parametrize(
    ("curve", "formula"),
    [
        ([4.0, 2.0, 1.0], lambda age: np.array([4.0, 2.0, 1.0])[np.minimum(age, 2)]),
        ({"curve_type": "linear", "params": {"a": 2, "b": -0.1}}, lambda age: np.maximum(2 - 0.1 * age, 0)),
        ({"curve_type": "exponential", "params": {"a": 1, "b": 0.0005}}, lambda age: np.exp(0.0005 * age)),
        ({"curve_type": "logarithmic", "params": {"a": 1, "b": 0.5}}, lambda age: 1 + 0.5 * np.log1p(age)),
    ],
)
@pytest.mark.parametrize("unit", ["hour", "day", "week", "month", "quarter", "year"])
def test_ages_scale_values_at_the_rows_time(curve: Any, formula: Any, unit: str) -> None:
    """A column of the node at the end of the timeframe, one of its children at their time; rows may be born long before."""
    units = {"hour": DAY // 24, "day": DAY, "week": 7 * DAY, "month": 365.25 * DAY / 12, "quarter": 365.25 * DAY / 4, "year": 365.25 * DAY}
    ages = {
        "created_at_column": "born",
        "age_based_multipliers": {"m": {"curve": curve, "time_unit": unit, "applies_to": ["own", "c.child"]}},
    }
    born = times("D", start="2019-03-01", end="2024-10-01")
    parent = entity("p", 300, column("born", "date", born), column("own", "float", uniform(1, 1)), vintage_behavior=ages)
    engine = grown(parent, fact("c", "p", poisson(3), column("at", "datetime", times("S")), column("child", "float", uniform(1, 1))))
    started = numbers(engine, "p.born") * DAY
    end = parse_datetime("2025-01-01") - 1
    assert numbers(engine, "p.own") == pytest.approx(formula(((end - started) // units[unit]).astype(np.int64)), rel=1e-12)
    age = (numbers(engine, "c.at") - started[numbers(engine, "c.p_id") - 1]) // units[unit]
    assert numbers(engine, "c.child") == pytest.approx(formula(np.maximum(age, 0).astype(np.int64)), rel=1e-12)


def test_effects_on_a_table_scale_how_many_children_it_has_and_when() -> None:
    """Shocks outside which nothing happens: counts and days by the documented sum; chi-square, p >= 0.001 / 4."""
    promo = entity(
        "promo",
        4,
        column("who", "string", choice("a", "b")),
        column("s", "datetime", times("H")),
        column("e", "datetime", times("H")),
        column("x", "float", uniform(2, 5)),
    )
    for on, default in (({}, None), ({"who": "who"}, None), ({"whose": "who"}, 0.25), ({}, 1.0)):
        args = {
            "effect_table": "promo",
            "on": on,
            "window": {"start_col": "s", "end_col": "e"},
            "map": {"field": "x", **({} if default is None else {"default": default})},
        }
        child = fact(
            "c",
            "p",
            poisson(40),
            column("whose", "string", lookup("p.who", id="p_id")),
            column("at", "datetime", times("H", pattern={"dimension": "dow", "weights": [1, 1, 1, 1, 1, 3, 0]})),
            modifiers=[change("effect", **args)],
        )
        engine = grown(
            promo,
            entity("p", 3000, column("who", "string", choice("a", "b", "z"))),
            child,
            constraints={"inequalities": [{"left": "promo.s", "op": "<", "right": "promo.e"}]},
        )
        grid = np.arange(parse_datetime("2024-01-01"), parse_datetime("2025-01-01"), DAY // 24)
        base = np.array([1, 1, 1, 1, 1, 3, 0])[(grid // DAY + 3) % 7]
        shocks = list(
            zip(numbers(engine, "promo.s"), numbers(engine, "promo.e"), texts(engine, "promo.who"), texts(engine, "promo.x"), strict=True)
        )
        who, owner, at = np.array(texts(engine, "p.who")), numbers(engine, "c.p_id") - 1, numbers(engine, "c.at")
        for group in ("a", "b", "z"):
            value, active = np.ones(len(grid)), np.zeros(len(grid), dtype=bool)
            for start, end, whom, x in shocks:
                hit = (grid >= start) & (grid <= end) & (whom == group or not on)
                value, active = np.where(hit, value * x, value), active | hit
            weight = base * np.where(active, value, default or 0.0)
            expected, parents = 40 * weight.sum() / base.sum(), (who == group).sum()
            mine = at[who[owner] == group]
            assert abs(len(mine) - expected * parents) <= 4.5 * math.sqrt(expected * parents) + expected * parents / 256
            by_day = np.bincount((grid - grid[0]) // DAY, weight)
            observed = np.bincount((mine - grid[0]) // DAY, minlength=len(by_day))
            assert (observed[by_day == 0] == 0).all()
            if weight.any():
                assert goodness(observed[by_day > 0], by_day[by_day > 0] / by_day.sum() * len(mine)) > 0.001 / 12


def test_effects_on_a_table_without_drawn_times_scale_its_rows() -> None:
    promo = entity(
        "promo",
        1,
        column("s", "date", choice("2024-01-01")),
        column("e", "date", choice("2024-06-30")),
        column("x", "float", uniform(3, 3)),
    )
    args = {"effect_table": "promo", "window": {"start_col": "s", "end_col": "e"}, "map": {"field": "x"}}
    engine = grown(promo, entity("p", 20_000), fact("c", "p", poisson(2), modifiers=[change("effect", **args)]))
    expected = 20_000 * 2 * 3 * 182 / 366
    assert abs(engine.rows("c") - expected) < 4.5 * math.sqrt(expected) + expected / 256
