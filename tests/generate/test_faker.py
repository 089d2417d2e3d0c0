"""Columns that a method of Faker fills: from pools, by locale, unique, of their type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from seedbed.core.errors import DataError, ModelError
from seedbed.generate.engine import Engine
from seedbed.generate.faker import distinct_values, faker_columns, misfit, needed_pools
from seedbed.generate.pool_key import AnyKey, PoolKey, pool_hash
from seedbed.generate.prepare import prepare
from tests.core.battery import goodness
from tests.growing import Document, change, choice, column, entity, grown, lookup, model, plan, refused, table, texts, uniform, vocab

MIDNIGHT = datetime(2021, 5, 6)  # noqa: DTZ001 - values have no zone
MOMENT = datetime(2021, 5, 6, 7, 8)  # noqa: DTZ001 - values have no zone
GERMAN, ENGLISH = PoolKey.of("color_name", locale="de_DE"), PoolKey.of("color_name")
POOLS: dict[AnyKey, pa.Array] = {GERMAN: pa.array([f"Farbe {n}" for n in range(50)]), ENGLISH: pa.array([f"color {n}" for n in range(50)])}


def faker(method: str, **rest: Any) -> Document:
    return {"faker": {"method": method, **rest}}


def drawn(*nodes: Document, pools: Mapping[AnyKey, pa.Array] = POOLS, **rest: Any) -> Engine:
    return Engine(prepare(plan(*nodes, **rest), pools))


def test_pooled_values_are_drawn_evenly_from_their_pool() -> None:
    """Chi-square over the values, p >= 0.001."""
    engine = drawn(entity("t", 50_000, column("v", "string", faker("color_name"))))
    found = texts(engine, "t.v")
    counts = np.array([found.count(value) for value in POOLS[ENGLISH].to_pylist()])
    assert goodness(counts, np.full(50, 1000.0)) > 0.001
    assert engine.prepared.pool_hashes == {str(key): pool_hash(values) for key, values in POOLS.items()}


def test_pools_of_numbers_and_times_become_the_columns_type() -> None:
    keys = {name: PoolKey.of(name) for name in ("whole", "parts", "pybool", "date_object", "date_time", "annum")}
    day = date(2021, 5, 6)
    pools: dict[AnyKey, pa.Array] = {
        keys["whole"]: pa.array([1, 2]),
        keys["parts"]: pa.array([0.5, 1.5]),
        keys["pybool"]: pa.array([True, False]),
        keys["date_object"]: pa.array([day]),
        keys["date_time"]: pa.array([MOMENT]),
        keys["annum"]: pa.array(["1999", "2004"]),
    }
    kinds = [
        ("whole", "int"),
        ("whole", "float"),
        ("parts", "float"),
        ("pybool", "bool"),
        ("pybool", "string"),
        ("date_object", "date"),
        ("date_object", "datetime"),
        ("date_object", "string"),
        ("date_time", "datetime"),
        ("date_time", "date"),
        ("annum", "int"),
        ("annum", "float"),
        ("annum", "string"),
    ]
    expected: list[set[Any]] = [
        {1, 2},
        {1.0, 2.0},
        {0.5, 1.5},
        {True, False},
        {"true", "false"},
        {day},
        {MIDNIGHT},
        {"2021-05-06"},
        {MOMENT},
        {day},
        {1999, 2004},
        {1999.0, 2004.0},
        {"1999", "2004"},
    ]
    node = entity("t", 100, *(column(f"v{place}", kind, faker(method)) for place, (method, kind) in enumerate(kinds)))
    engine = drawn(node, pools=pools)
    assert [set(texts(engine, f"t.v{place}")) for place in range(len(kinds))] == expected
    assert [misfit(engine.plan, made, pools) for made in faker_columns(engine.plan)] == [None] * len(kinds)


def test_texts_that_are_no_numbers_are_an_error_of_the_data() -> None:
    with pytest.raises(DataError, match=r"not every value of t.v is of type int"):
        table(drawn(entity("t", 9, column("v", "int", faker("color_name")))), "t")


@pytest.mark.parametrize(
    ("kind", "generator", "given", "fix"),
    [
        ("int", faker("color_name"), "texts such as `color 0`, not int", "string"),
        ("int", faker("name"), "texts such as", "string"),
        ("int", faker("email"), "texts such as `user@example.org`", "string"),
        ("date", faker("random_int"), "numbers, not date", "int"),
        ("int", faker("date_object"), "dates, not int", "date"),
        ("float", faker("date_time"), "datetimes, not float", "datetime"),
        ("datetime", faker("pybool"), "truth values, not datetime", "bool"),
    ],
)
def test_methods_that_give_another_type_are_told(kind: str, generator: Document, given: str, fix: str) -> None:
    pools: dict[AnyKey, pa.Array] = {
        **POOLS,
        PoolKey.of("date_object"): pa.array([date(2021, 5, 6)]),
        PoolKey.of("date_time"): pa.array([MIDNIGHT]),
        PoolKey.of("pybool"): pa.array([True]),
    }
    made = plan(entity("t", 9, column("v", kind, generator)))
    found = misfit(made, made.column("t.v"), pools)
    assert found is not None
    assert given in found[0]
    assert found[1] == f"set the column's type to {fix}"


COUNTRIES: dict[str, Document] = {
    "chosen": column("c", "string", choice("US", "DE")),
    "looked up": column("c", "string", lookup("w.name")),
    "referred to": column("c", "string", {"choice": {"choices_ref": "w.name"}}),
    "computed": column("c", "string", {"expression": {"code": "upper(small)"}}),
    "mapped": column("c", "string", choice("US", "x"), change("map_values", mapping={"x": "DE"})),
}


@pytest.mark.parametrize("name", COUNTRIES)
@pytest.mark.parametrize("method", ["color_name", "name", "phone_number", "country"])
def test_a_columns_country_decides_the_locale_in_any_cut(name: str, method: str) -> None:
    """Blocks of one country look like those of several, coded or not."""
    every: dict[AnyKey, pa.Array] = {
        PoolKey.of("color_name", locale=key.locale): POOLS[ENGLISH] for key in needed_pools(*needing(COUNTRIES["computed"]))
    }
    node = entity(
        "t", 400, column("small", "string", choice("us", "de")), COUNTRIES[name], column("v", "string", faker(method, locale_from="c"))
    )
    engine = drawn(vocab("w", "US", "DE"), node, pools={**every, **POOLS})
    for encoded in (False, True):
        whole = engine.block("t", 0, 400, encoded=encoded)
        for start in range(400):
            part = engine.block("t", start, start + 1, encoded=encoded)
            assert part.schema.equals(whole.schema)
            assert part.column("v").to_pylist() == [whole.column("v")[start].as_py()]
    if method == "color_name":
        assert all((row["c"] == "DE") == row["v"].startswith("Farbe") for row in table(engine, "t").to_pylist())


def needing(country: Document) -> tuple[Any, Any]:
    made = plan(
        vocab("w", "US", "DE"),
        entity("t", 5, column("small", "string", choice("us")), country, column("v", "string", faker("color_name", locale_from="c"))),
    )
    return made, made.column("t.v")


def test_a_column_needs_the_pools_of_its_possible_locales() -> None:
    for name in ("chosen", "looked up", "referred to"):
        assert set(needed_pools(*needing(COUNTRIES[name]))) == {GERMAN, ENGLISH}
    assert len(needed_pools(*needing(COUNTRIES["computed"]))) > 40  # any country may come
    assert len(needed_pools(*needing(COUNTRIES["mapped"]))) > 40
    nullable = column("c", "string", choice("DE"), nullable=True)
    assert set(needed_pools(*needing(nullable))) == {GERMAN, ENGLISH}
    made = plan(
        entity(
            "t",
            5,
            column("v", "string", faker("color_name", locale="de-DE")),
            column("n", "string", faker("name")),
            column("b", "string", faker("bothify", text="#")),
        )
    )
    assert [needed_pools(made, made.column(f"t.{name}")) for name in "vnb"] == [(GERMAN,), (), ()]


def test_null_countries_take_the_usual_locale() -> None:
    node = entity("t", 500, column("c", "string", choice("DE"), nullable=True), column("v", "string", faker("color_name", locale_from="c")))
    rows = table(drawn(node), "t").to_pylist()
    assert all(row["v"].startswith("Farbe" if row["c"] else "color") for row in rows)
    assert any(row["c"] is None for row in rows)


def test_unknown_countries_are_named() -> None:
    node = entity("t", 50, column("c", "string", choice("DE", "Atlantis")), column("v", "string", faker("color_name", locale_from="c")))
    with pytest.raises(DataError, match="`Atlantis` is no country that a locale is known for"):
        table(drawn(node), "t")


def test_mails_of_names_by_locale_are_the_same_in_any_cut() -> None:
    node = entity(
        "t",
        300,
        column("c", "string", choice("DE", "US")),
        column("n", "string", faker("name", locale_from="c")),
        column("m", "string", faker("email")),
    )
    engine = drawn(node)
    assert texts(engine, "t.m")[7:9] == engine.block("t", 7, 9).column("m").to_pylist()


@pytest.mark.parametrize(
    ("generator", "most"),
    [
        (faker("bothify", text="##?"), 2600 * 2),
        (faker("uuid4"), None),
        (faker("email"), 1 << 62),
        (faker("color_name"), 0),
        (faker("random_int", min=5, max=9), 5),
        (faker("license_plate", locale_from="c"), 0),
    ],
)
def test_the_number_of_different_values_is_known(generator: Document, most: int | None) -> None:
    made = plan(entity("t", 5, column("c", "string", choice("DE")), column("v", "string", generator)))
    found = distinct_values(made.column("t.v"))
    if most == 0:
        assert found is None
    elif most is None:
        assert found is not None
        assert found >= 1 << 60
    else:
        assert found == most


def test_nothing_unique_is_promised_by_a_pool() -> None:
    problem = refused(lambda: drawn(entity("t", 5, column("v", "string", faker("color_name"))), constraints={"unique": ["t.v"]}))
    assert "may give a value twice" in problem.message


def test_countries_must_be_texts() -> None:
    with pytest.raises(ModelError, match="locale_from"):
        model(entity("t", 5, column("c", "int", uniform(1, 2)), column("v", "string", faker("name", locale_from="c"))))
    assert grown(entity("t", 2, column("v", "string", faker("name", locale="de-DE")))).rows("t") == 2
