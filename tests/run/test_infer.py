"""What a model read off data says: keys, references, distributions, and nothing that somebody could be known by."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

import seedbed
from seedbed.cli.main import main
from seedbed.core.elementary import log
from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.run.validate import validate
from seedbed.stats.values import Floats
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import PASSWORD, Postgres

DAY = dt.date(2024, 1, 1)


def nodes(data: Any, **options: Any) -> dict[str, Any]:
    document = seedbed.infer(data, **options).document
    return {name: node for kind in ("vocabs", "entities", "facts") for name, node in document.get(kind, {}).items()}


def columns(table: pa.Table, **options: Any) -> dict[str, Any]:
    return dict(nodes({"t": table}, **options)["t"]["columns"])


def draws(size: int) -> Floats:
    """Numbers that lie evenly in (0, 1), in an order that looks random."""
    return np.asarray((np.arange(size) + 0.5) * 0.6180339887498949 % 1.0, np.float64)


def people(size: int = 400) -> pa.Table:
    return pa.table({
        "id": range(1, size + 1),
        "first_name": [f"Nam{chr(97 + row % 26)}{chr(97 + row // 26)}" for row in range(size)],
        "last_name": [f"Sur{chr(97 + row // 26)}{chr(97 + row % 26)}" for row in range(size)],
        "email": [f"someone{row}@secret-place.org" for row in range(size)],
        "phone": [f"+49 30 {100000 + row * 7919}" for row in range(size)],
        "salary": [30_000 + 137 * (row * 7919 % 400) for row in range(size)],
        "plan": [("free", "free", "pro")[row % 3] for row in range(size)],
    })  # fmt: skip


def test_keys_of_every_form_are_told() -> None:
    size = 300
    table = pa.table({
        "id": range(10, 10 + 5 * size, 5),
        "code": [f"SKU-{row:04d}" for row in range(1, size + 1)],
        "ticket": [f"T{row}" for row in range(100, 100 + size)],
        "label": [f"T{row}/x" for row in range(100, 100 + size)],
        "serial": [f"{chr(65 + row % 26)}{chr(65 + row * 7 % 26)}-{row * 7919 % 10_000:04d}" for row in range(size)],
        "guid": [f"6f1c2b1e-0d6c-4b57-9a44-{row:012x}" for row in range(size)],
    })  # fmt: skip
    told = columns(table)
    assert told["id"]["sequence"] == {"start": 10, "step": 5}
    assert told["code"]["pattern"] == {"template": "SKU-{row:04d}"}
    assert told["ticket"]["pattern"] == {"template": "T{ticket_number}"}
    assert told["ticket_number"] == {"type": "int", "sequence": {"start": 100}, "unique": True, "hidden": True}
    assert told["serial"] == {"type": "string", "pattern": {"regex": "[A-Z]{2}-[0-9]{4}"}, "unique": True}
    assert told["guid"] == {"type": "uuid", "uuid": {"version": 4}}
    made = seedbed.plan(seedbed.infer({"t": table}).document).to_arrow("t")
    assert made["id"].to_pylist()[:3] == [10, 15, 20]
    assert made["ticket"].to_pylist()[:2] == ["T100", "T101"]


def test_values_that_look_personal_are_not_copied_unless_asked() -> None:
    found = seedbed.infer({"customer": people()})
    for secret in ("secret-place", "Nama", "Surb", "+49 30"):
        assert secret not in found.text
    assert {told.partition(":")[0] for told in found.withheld} >= {
        f"customer.{name}" for name in ("email", "phone", "first_name", "salary")
    }
    assert "choices: [free, pro]" in found.text
    assert "Nama" in seedbed.infer({"customer": people()}, keep_values=True).text


def test_columns_of_one_person_agree() -> None:
    told = nodes({"customer": people()})["customer"]["columns"]
    assert told["person"] == {"record": {"kind": "person"}, "hidden": True}
    assert told["first_name"]["expression"] == {"code": "person.first_name"}
    assert told["email"]["pattern"]["template"].endswith(".{row}@{person.domain}")
    assert told["email"]["unique"]


def test_rare_values_are_left_out() -> None:
    told = columns(pa.table({"word": ["common"] * 300 + ["usual"] * 100 + ["seldom"] * 2}))
    assert told["word"]["choice"]["choices"] == ["common", "usual"]


def test_numbers_get_the_law_that_is_near() -> None:
    level = draws(20_000)
    table = pa.table({
        "even": np.round(level * 90 + 10, 2),
        "waiting": np.round(-20 * log(1 - level), 3),
        "two_humps": np.where(level < 0.5, level * 10, 100 + level * 10),
        "often_zero": np.where(level < 0.6, 0.0, level * 50),
    })  # fmt: skip
    told = columns(table)
    assert told["even"]["distribution"] == {"type": "uniform", "params": {"low": 10.0, "high": 100.0}, "decimals": 2}
    assert told["waiting"]["distribution"]["type"] in {"exponential", "weibull", "gamma"}
    assert told["two_humps"]["distribution"]["type"] == "histogram"
    assert {"constant": {"value": 0.0}} in [variant["then"] for variant in told["often_zero"]["mixture"]["variants"]]


def test_moments_get_their_grid_and_weights() -> None:
    days = [DAY + dt.timedelta(days=row % 366) for row in range(7_000)]
    weekends = [day for day in days for _ in range(3 if day.weekday() >= 5 else 1)]
    table = pa.table({"day": weekends, "monday": [DAY + dt.timedelta(days=7 * (row % 50)) for row in range(len(weekends))]})
    told = columns(table)
    weights = told["day"]["datetime_series"]["patterns"][0]
    assert weights["dimension"] == "dow"
    assert weights["weights"][5] == pytest.approx(3 * weights["weights"][0], rel=0.02)
    assert told["monday"]["datetime_series"]["freq"] == "W"


def shop(size: int = 500) -> dict[str, pa.Table]:
    """Customers of two kinds, who order more or less; orders that copy their customer's country, with lines that are counted."""
    kinds = np.where(draws(size) < 0.3, "vip", "usual")
    created = [DAY + dt.timedelta(days=row * 7919 % 199) for row in range(size)]
    many = np.where(kinds == "vip", 8, 1) + np.arange(size) % 3
    owner = np.repeat(np.arange(size), many)
    gap = (draws(len(owner)) * 150).astype(int)
    lines = np.arange(len(owner)) % 3 + 1
    order = np.repeat(np.arange(len(owner)), lines)
    customer = pa.table({
        "customer_id": np.arange(size) + 1000, "kind": kinds.tolist(), "country": [["DE", "FR", "US"][row % 3] for row in range(size)],
        "created_on": created, "orders": many,
    })  # fmt: skip
    orders = pa.table({
        "order_id": np.arange(len(owner)) + 1, "customer_id": owner + 1000, "country": [["DE", "FR", "US"][row % 3] for row in owner.tolist()],
        "ordered_on": [created[row] + dt.timedelta(days=int(days)) for row, days in zip(owner.tolist(), gap.tolist(), strict=True)],
        "state": [["open", "paid", "sent"][row % 3] for row in range(len(owner))],
        "paid_by": [None if row % 3 == 0 else ["card", "cash"][row % 2] for row in range(len(owner))],
    })  # fmt: skip
    items = pa.table({
        "order_id": order + 1, "line_no": np.concatenate([np.arange(count) + 1 for count in lines]),
        "product_id": (np.arange(len(order)) * 7919) % 40 + 1,
    })  # fmt: skip
    product = pa.table({"product_id": np.arange(40) + 1, "price": np.arange(40) * 1.5 + 1, "width": np.arange(40) % 7})
    return {"customer": customer, "order": orders, "order_item": items, "product": product}


def test_tables_get_their_parts_and_links() -> None:
    told = nodes(shop())
    assert told["order"]["parents"] == ["customer"]
    assert told["order"]["columns"]["customer_id"]["lookup"] == {"from": "customer.customer_id"}
    assert told["order"]["columns"]["country"]["lookup"] == {"from": "customer.country"}
    assert told["order_item"]["pk"] == ["order_id", "line_no"]
    assert told["order_item"]["columns"]["line_no"]["sequence"] == {"start": 1, "per": "order"}
    assert told["order_item"]["columns"]["product_id"]["lookup"]["via"] in told["order_item"]["links"]
    assert told["customer"]["columns"]["orders"]["aggregate"] == {"of": "order.order_id", "op": "count"}


def test_numbers_of_children_go_with_what_they_follow_from() -> None:
    told = nodes(shop())
    assert told["order"]["fanout"] == {"distribution": "column", "params": {"column": "order_count"}}
    assert told["customer"]["columns"]["order_count"]["case"]["when"][0]["if"] in {"kind == 'usual'", "kind == 'vip'"}


def test_nulls_that_follow_from_a_value_do_so_again() -> None:
    assert nodes(shop())["order"]["columns"]["paid_by"]["null_if"] == "state == 'open'"


def test_orders_of_moments_are_kept() -> None:
    document = seedbed.infer(shop()).document
    rule = next(iter(document["constraints"]["inequalities"]))
    assert (rule["left"], rule["right"]) == ("customer.created_on", "order.ordered_on")


def test_what_a_model_grows_keeps_its_promises_at_any_size() -> None:
    document = seedbed.infer(shop()).document
    for scale in (0.3, 1, 4):
        made = seedbed.plan(document, scale=scale, seed=7)
        report = validate({table: made.to_arrow(table) for table in made.rows}, document, queries=False)
        assert [one.id for one in report.results if one.is_broken and one.is_hard] == []


def test_the_text_is_the_document() -> None:
    found = seedbed.infer(shop(), name="web shop: 'no' #1")
    assert seedbed.loads(found.text, "model.yaml") == found.model


def test_the_order_and_the_cut_of_tables_change_nothing() -> None:
    tables = shop()
    cut = {name: pa.Table.from_batches(table.to_batches(max_chunksize=53)) for name, table in reversed(tables.items())}
    assert nodes(cut) == nodes(tables)


def test_a_tree_stays_a_tree() -> None:
    above = [None, *((row - 1) // 4 + 1 for row in range(1, 300))]
    told = nodes({"employee": pa.table({"employee_id": range(1, 301), "manager_id": pa.array(above, pa.int64())})})["employee"]
    assert told["links"]["manager"]["hierarchy"] == {"roots": 1, "branching": 4, "max_depth": 4}


def test_a_small_table_that_others_refer_to_is_a_list() -> None:
    kinds = pa.table({"code": ["a", "b", "c"], "label": ["Alpha", "Beta", "Gamma"]})
    things = pa.table({"thing_id": range(300), "kind_code": [("a", "a", "b")[row % 3] for row in range(300)]})
    told = nodes({"kind": kinds, "thing": things})
    assert told["kind"]["columns"]["label"]["enum_list"] == {"values": ["Alpha", "Beta", "Gamma"]}
    assert told["thing"]["columns"]["kind_code"]["choice"] == {"choices_ref": "kind.code", "weights": [0.6667, 0.3333, 0]}


def test_hints_go_before_what_is_found() -> None:
    one, other = pa.table({"key": range(50, 100)}), pa.table({"x": [50 + row % 50 for row in range(200)], "y": range(200)})
    hints = {"primary_keys": {"other": "y"}, "foreign_keys": [{"from": "other.x", "to": "one.key"}]}
    told = nodes({"one": one, "other": other}, hints=hints)["other"]
    assert "lookup" in told["columns"]["x"]
    assert told["pk"] == "y"


def test_names_that_no_model_takes_are_changed() -> None:
    found = seedbed.infer({"my table": pa.table({"a b": [1, 2, 3], "a_b": [3, 2, 1]})})
    assert list(found.document["entities"]["my_table"]["columns"]) == ["a_b_2", "a_b"]
    assert "'a b'" in found.text


def test_columns_that_nothing_makes_are_named() -> None:
    found = seedbed.infer({"t": pa.table({"id": [1, 2, 3], "raw": [b"x", b"y", b"z"]})})
    assert "raw" not in found.document["entities"]["t"]["columns"]
    assert any("t.raw: binary" in note for note in found.left_out)


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        ({}, DataError, "no table to look at"),
        ({"t": pa.table({"x": pa.array([], pa.int64())})}, DataError, "no rows"),
        ("/no/such/folder", EdgeError, "no such file or folder"),
        (7, DataError, "no data that can be read"),
    ],
)
def test_what_cannot_be_read_is_refused(data: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        seedbed.infer(data)


def test_an_empty_table_among_others_is_told() -> None:
    found = seedbed.infer({"t": pa.table({"x": [1, 2, 3]}), "empty": pa.table({"x": pa.array([], pa.int64())})})
    assert [problem.where for problem in found.problems] == ["empty"]


def test_hints_that_name_nothing_are_refused() -> None:
    with pytest.raises(ModelError, match="there is no table `u`"):
        seedbed.infer({"t": pa.table({"x": [1, 2, 3]})}, hints={"primary_keys": {"u": "x"}})


# ------------------------------------------------------------------------------------------------------- databases

_SCHEMA = """
CREATE TABLE kunde (nr INTEGER PRIMARY KEY, wort VARCHAR(20) NOT NULL, code VARCHAR(20) UNIQUE);
CREATE TABLE auftrag (pos INTEGER NOT NULL PRIMARY KEY, von INTEGER NOT NULL, betrag INTEGER, FOREIGN KEY (von) REFERENCES kunde (nr));
"""
_KUNDEN = [(row * 3 + 7, ("rot", "blau")[row % 2], f"K{row:04d}") for row in range(60)]
_AUFTRAEGE = [(row, row % 60 * 3 + 7, row * 7919 % 900) for row in range(400)]


def in_sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.executescript(_SCHEMA)
        connection.executemany("INSERT INTO kunde VALUES (?, ?, ?)", _KUNDEN)
        connection.executemany("INSERT INTO auftrag VALUES (?, ?, ?)", _AUFTRAEGE)
    connection.close()
    return f"sqlite:///{folder / 'a.db'}"


def in_duckdb(folder: Path) -> str:
    with duckdb.connect(folder / "a.duckdb") as connection:
        connection.execute(_SCHEMA)
        connection.execute("COMMENT ON COLUMN auftrag.von IS 'who pays'")
        connection.executemany("INSERT INTO kunde VALUES (?, ?, ?)", _KUNDEN)
        connection.executemany("INSERT INTO auftrag VALUES (?, ?, ?)", _AUFTRAEGE)
    return str(folder / "a.duckdb")


def assert_declared(found: dict[str, Any]) -> None:
    assert found["kunde"]["pk"] == "nr"
    assert found["auftrag"]["columns"]["von"]["lookup"]["from"] == "kunde.nr"


@pytest.mark.parametrize("database", [in_sqlite, in_duckdb])
def test_declared_keys_and_references_go_before_guesses(database: Any, tmp_path: Path) -> None:
    assert_declared(nodes(database(tmp_path)))


def test_comments_of_a_database_become_descriptions(tmp_path: Path) -> None:
    assert nodes(in_duckdb(tmp_path))["auftrag"]["columns"]["von"]["description"] == "who pays"


@pytest.fixture
def in_postgres(postgres: Postgres) -> Iterator[str]:
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(postgres.url()) as connection, connection.cursor() as cursor:
        for statement in (
            "DROP SCHEMA IF EXISTS infer CASCADE",
            "CREATE SCHEMA infer",
            "SET search_path = infer",
            *_SCHEMA.strip().split(";\n"),
        ):
            cursor.execute(statement.rstrip(";"))
        cursor.execute("COMMENT ON COLUMN infer.auftrag.von IS 'who pays'")
        cursor.executemany("INSERT INTO kunde VALUES ($1, $2, $3)", _KUNDEN)
        cursor.executemany("INSERT INTO auftrag VALUES ($1, $2, $3)", _AUFTRAEGE)
        connection.commit()
    yield postgres.url(schema="infer")
    with adbc.connect(postgres.url()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA infer CASCADE")
        connection.commit()


def test_what_postgresql_declares_goes_before_guesses(in_postgres: str) -> None:
    found = nodes(in_postgres)
    assert_declared(found)
    assert found["auftrag"]["columns"]["von"]["description"] == "who pays"


def test_what_mysql_declares_goes_before_guesses(mariadb: MariaDB) -> None:
    import pymysql

    connection = pymysql.connect(host="127.0.0.1", port=mariadb.port, user="seedbed", password=PASSWORD, autocommit=True)
    with connection, connection.cursor() as cursor:
        for statement in ("CREATE OR REPLACE DATABASE infer", "USE infer", *_SCHEMA.strip().split(";\n")):
            cursor.execute(statement.rstrip(";"))
        cursor.execute("ALTER TABLE auftrag MODIFY betrag INTEGER COMMENT 'what it costs'")
        cursor.executemany("INSERT INTO kunde VALUES (%s, %s, %s)", _KUNDEN)
        cursor.executemany("INSERT INTO auftrag VALUES (%s, %s, %s)", _AUFTRAEGE)
        found = nodes(mariadb.url("infer"))
        cursor.execute("DROP DATABASE infer")
    assert_declared(found)
    assert found["auftrag"]["columns"]["betrag"]["description"] == "what it costs"


# ---------------------------------------------------------------------------------------------------- command line


def test_the_command_writes_a_model_that_grows(tmp_path: Path) -> None:
    seedbed.generate("examples/users_events.json", tmp_path / "real", rows={"user": 300})
    done = CliRunner().invoke(main, ["infer", str(tmp_path / "real"), "-o", str(tmp_path / "model.yaml"), "--name", "again"])
    assert done.exit_code == 0, done.output
    model = seedbed.load(tmp_path / "model.yaml")
    assert model.metadata.name == "again"
    assert seedbed.plan(model).rows["user"] == 300


def test_the_command_tells_what_is_wrong(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["infer", str(tmp_path / "nothing"), "--json"])
    assert done.exit_code == 3
    assert "no such file or folder" in done.output
