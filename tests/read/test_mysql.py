"""What tables of MariaDB are read as, by a real server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pymysql
import pytest

import seedbed
from seedbed.core.errors import DataError, EdgeError
from seedbed.read.sources import open_tables
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import PASSWORD, free_port

NAME = "it's `odd`"
COLUMNS = {
    "id": ("BIGINT UNSIGNED PRIMARY KEY", pa.uint64(), [1, 2**64 - 1]),
    "small": ("SMALLINT", pa.int16(), [-5, None]),
    "flag": ("BOOLEAN", pa.bool_(), [True, None]),
    "few": ("TINYINT(1)", pa.string(), ["5", None]),
    "part": ("FLOAT", pa.float32(), [0.10000000149011612, None]),
    "whole": ("DOUBLE", pa.float64(), [0.1, None]),
    "price": ("DECIMAL(10,2)", pa.decimal128(10, 2), [Decimal("19.90"), None]),
    "word": ("VARCHAR(20) CHARACTER SET latin1", pa.string(), ["ä", ""]),
    "kind": ("ENUM('a','b')", pa.string(), ["b", None]),
    "raw": ("BLOB", pa.binary(), [b"\0\xff", None]),
    "day": ("DATE", pa.date32(), [dt.date(2024, 2, 29), None]),
    "none": ("DATE", pa.string(), ["0000-00-00", None]),
    "at": ("DATETIME(6)", pa.timestamp("us"), [dt.datetime(2024, 2, 29, 1, 2, 3, 4), None]),  # noqa: DTZ001 - naive, as kept
    "moment": ("TIMESTAMP(6) NULL", pa.timestamp("us", "UTC"), [dt.datetime(2024, 2, 29, 1, 2, 3, 4, dt.UTC), None]),
    "clock": ("TIME", pa.time64("us"), [dt.time(1, 2, 3), None]),
    "span": ("TIME", pa.string(), ["-30:00:00", None]),
    "said": ("JSON", pa.string(), ['{"b": 1}', None]),
}
VALUES = [
    (
        "1, -5, 1, 5, 0.1, 0.1, 19.90, 'ä', 'b', X'00FF', '2024-02-29', '0000-00-00', '2024-02-29 01:02:03.000004',"
        " '2024-02-29 01:02:03.000004', '01:02:03', '-30:00:00', '{\"b\": 1}'"
    ),
    f"{2**64 - 1}, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
]


@pytest.fixture(scope="module")
def url(mariadb: MariaDB) -> Iterator[str]:
    with pymysql.connect(host="127.0.0.1", port=mariadb.port, user="seedbed", password=PASSWORD, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE DATABASE source")
            cursor.execute("USE source")
            cursor.execute("SET sql_mode = '', time_zone = '+00:00'")
            listed = ", ".join(f"`{name}` {kind}" for name, (kind, _, _) in COLUMNS.items())
            cursor.execute(f"CREATE TABLE `it's ``odd``` ({listed})")
            for values in VALUES:
                cursor.execute(f"INSERT INTO `it's ``odd``` VALUES ({values})")  # noqa: S608 - our own
            cursor.execute("CREATE VIEW seen AS SELECT 1 AS one")
        yield mariadb.url("source")


def test_every_type_has_its_place(url: str) -> None:
    with open_tables(url) as opened:
        assert list(opened.tables) == [NAME]
        scan = opened.tables[NAME]
        assert {column.name: column.type for column in scan.schema} == {name: kind for name, (_, kind, _) in COLUMNS.items()}
        (batch,) = [batch for _, batch in scan.batches()]
    assert scan.rows == 2
    assert {name: batch.column(name).to_pylist() for name in COLUMNS} == {name: values for name, (_, _, values) in COLUMNS.items()}


def test_only_the_columns_that_are_wanted_are_sent(url: str) -> None:
    with open_tables(url) as opened:
        assert [batch.schema.names for _, batch in opened.tables[NAME].batches(["word"])] == [["word"]]
        assert [batch.num_rows for _, batch in opened.tables[NAME].batches([])] == [2]


def test_views_are_read_where_they_are_named(url: str) -> None:
    with open_tables(url, tables=["seen"]) as opened:
        assert opened.tables["seen"].rows == 1


def test_tables_are_validated_and_profiled(url: str) -> None:
    checks = {"version": "1.0", "tables": {NAME: [{"kind": "primary_key", "columns": ["id"]}, {"kind": "not_null", "column": "day"}]}}
    report = seedbed.validate(url, checks)
    assert [(result.id.rpartition(".")[2], result.failing) for result in report.results] == [
        ("pk_unique", 0),
        ("pk_not_null", 0),
        ("not_null", 1),
    ]
    assert [table.rows for table in seedbed.profile(url).tables] == [2]


def test_a_server_that_refuses_is_told_without_the_password(url: str) -> None:
    for wrong in (url.replace(PASSWORD, "s3cret"), url.replace("source", "nowhere"), f"mysql://ada:s3cret@127.0.0.1:{free_port()}/x"):
        with pytest.raises(EdgeError) as caught:
            open_tables(wrong)
        assert "s3cret" not in str(caught.value)


def test_a_table_that_is_not_there_is_told(url: str) -> None:
    with pytest.raises(DataError, match="there is no table `other`"):
        open_tables(url, tables=["other"])
