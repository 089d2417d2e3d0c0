"""The types that values get from sources that have none, too many, or other ones."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.shapes import TableScan
from seedbed.read import csv_files, json_lines
from seedbed.read.csv_files import CsvForm
from seedbed.read.plain import plain_array, plain_type
from seedbed.read.sources import open_tables
from seedbed.read.text_types import Guess, convert
from tests.servers.postgres import Postgres


def rows_of(scan: TableScan, columns: list[str] | None = None) -> list[dict[str, Any]]:
    return [row for _, batch in scan.batches(columns) for row in batch.to_pylist()]


def table(path: Path, **options: Any) -> TableScan:
    (scan,) = open_tables(path, **options).tables.values()
    return scan


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2", ""], pa.int64()),
        (["1", "12345678901234567890"], pa.decimal128(38, 0)),
        (["1", "2.50", "1e3"], pa.float64()),
        (["0012", "0007"], pa.string()),
        (["0x1F"], pa.string()),
        (["12345678901234567890123456789012345678901234567890"], pa.string()),
        (["true", "False"], pa.bool_()),
        (["yes", "no"], pa.string()),
        (["2024-02-29", "1999-01-01"], pa.date32()),
        (["2024-02-30"], pa.string()),
        (["2024-02-29", "2024-02-29 10:00:00"], pa.timestamp("us")),
        (["2024-02-29T10:00:00.123456789"], pa.timestamp("ns")),
        (["2024-02-29T10:00:00Z", "2024-02-29 10:00:00+02:00"], pa.timestamp("us", "UTC")),
        (["2024-02-29T10:00:00Z", "2024-02-29 10:00:00"], pa.string()),
        (["10:00", "23:59:59.5"], pa.time64("us")),
        (["24:00"], pa.string()),
        (["", None], pa.string()),
        (["1", "N/A"], pa.string()),
        (["NaN", "1.5", "-inf"], pa.float64()),
    ],
)
def test_texts_are_what_all_of_them_spell(texts: list[str | None], kind: pa.DataType) -> None:
    guess = Guess()
    for text in texts:
        guess.see(pa.array([text], pa.string()))
    assert guess.kind == kind
    convert(pa.array(texts, pa.string()), kind)


@given(st.lists(st.one_of(st.integers(-(2**70), 2**70).map(str), st.floats().map(str), st.dates().map(str), st.text(max_size=5))))
def test_whatever_type_is_found_takes_every_text(texts: list[str]) -> None:
    guess, whole = Guess(), Guess()
    for text in texts:
        guess.see(pa.array([text], pa.string()))
    whole.see(pa.array(texts, pa.string()))
    assert guess.kind == whole.kind
    assert len(convert(pa.array(texts, pa.string()), guess.kind)) == len(texts)


@pytest.mark.parametrize(
    ("hint", "texts", "kind"),
    [
        (pa.string(), ["1", "2"], pa.string()),
        (pa.decimal128(8, 2), ["1.10", "2"], pa.decimal128(8, 2)),
        (pa.decimal128(8, 2), ["1.105"], pa.float64()),
        (pa.int64(), ["007"], pa.int64()),
        (pa.int64(), ["1", "x"], pa.string()),
        (pa.bool_(), ["0", "1"], pa.bool_()),
        (pa.timestamp("us"), ["2024-01-01"], pa.timestamp("us")),
        (pa.timestamp("us"), ["2024-01-01", "2024-01-01T00:00:00Z"], pa.string()),
        (pa.int32(), [""], pa.int32()),
    ],
)
def test_a_hint_counts_where_every_value_fits(hint: pa.DataType, texts: list[str], kind: pa.DataType) -> None:
    guess = Guess(hint)
    for text in texts:
        guess.see(pa.array([text]))
    assert guess.kind == kind


def test_a_type_is_decided_by_the_whole_csv_not_its_first_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 256)
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{row},{row}\n" for row in range(500)) + "500,x\n")
    scan = table(tmp_path)
    assert scan.schema == pa.schema([("a", pa.int64()), ("b", pa.string())])
    assert rows_of(scan, ["b"])[-2:] == [{"b": "499"}, {"b": "x"}]
    assert scan.rows == 501


def test_quotes_tell_empty_texts_from_nulls(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'a,b,n\r\n"",x,""\r\n,"y ""z""\nw",1\r\n')
    assert rows_of(table(tmp_path)) == [{"a": "", "b": "x", "n": None}, {"a": None, "b": 'y "z"\nw', "n": 1}]


def test_empty_lines_of_one_column_are_nulls(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n\n3\n")
    assert rows_of(table(tmp_path)) == [{"a": 1}, {"a": None}, {"a": 3}]


def test_the_delimiter_and_the_encoding_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a~b\n1,5~Köln\n".encode("latin-1"))
    scan = table(tmp_path, csv=CsvForm("~", "latin-1"))
    assert rows_of(scan) == [{"a": "1,5", "b": "Köln"}]


def test_a_quote_inside_a_text_is_a_sign_like_others(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,5" pipe\n2,x\n')
    assert rows_of(table(tmp_path), ["b"]) == [{"b": '5" pipe'}, {"b": "x"}]


def test_csv_parts_agree_on_their_types_and_may_lack_columns(tmp_path: Path) -> None:
    for month, text in [("01", "a,b\n1,x\n"), ("02", "b,a,c\ny,oops,2024-01-01\n")]:
        folder = tmp_path / "sale" / f"month={month}" / "shop=K%C3%B6ln"
        folder.mkdir(parents=True)
        (folder / "data.csv").write_text(text)
    scan = open_tables(tmp_path).tables["sale"]
    common = {"shop": "Köln"}
    assert rows_of(scan) == [
        {"a": "1", "b": "x", "c": None, "month": "01", **common},
        {"a": "oops", "b": "y", "c": dt.date(2024, 1, 1), "month": "02", **common},
    ]
    assert rows_of(scan, ["month"]) == [{"month": "01"}, {"month": "02"}]


def test_folders_by_key_and_value_give_columns(tmp_path: Path) -> None:
    for year in ("2023", "2024", "__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / "sale" / f"year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "sale" / f"year={year}" / "x.parquet")
    for data in (tmp_path, tmp_path / "sale"):
        scan = open_tables(data).tables["sale"]
        assert scan.schema == pa.schema([("a", pa.int64()), ("year", pa.int64())])
        assert [row["year"] for row in rows_of(scan, ["year"])] == [2023, 2023, 2024, 2024, None, None]


def jsonl(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("block", [1, 40, 1 << 20])
def test_the_types_of_json_lines_widen_over_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", block)
    lines = [
        '{"a": 1, "b": null, "at": "2024-01-01", "s": {"x": 1}, "big": 1}',
        '{"a": 2.5, "b": "x", "at": "2024-01-02T10:00:00", "s": {"y": [1]}, "big": 12345678901234567890123}',
        '{"c": true, "s": {"y": [2.5]}, "only": null}',
    ]
    scan = table(jsonl(tmp_path / "t.jsonl", lines))
    assert rows_of(scan) == [
        {"a": 1.0, "b": None, "at": dt.datetime(2024, 1, 1), "s": {"x": 1, "y": None}, "big": 1, "c": None, "only": None},  # noqa: DTZ001
        {
            "a": 2.5,
            "b": "x",
            "at": dt.datetime(2024, 1, 2, 10),  # noqa: DTZ001
            "s": {"x": None, "y": [1.0]},
            "big": 12345678901234567890123,
            "c": None,
            "only": None,
        },
        {"a": None, "b": None, "at": None, "s": {"x": None, "y": [2.5]}, "big": None, "c": True, "only": None},
    ]
    assert rows_of(scan, ["c"]) == [{"c": None}, {"c": None}, {"c": True}]


@pytest.mark.parametrize("block", [1, 1 << 20])
def test_a_column_of_several_kinds_comes_as_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", block)
    rows: list[dict[str, Any]] = [{"n": 1, "m": 1}, {"n": 2, "m": "x"}, {"n": 3, "m": [1, None]}, {"n": 4, "m": {"k": "ö"}}, {"n": 5}]
    scan = table(jsonl(tmp_path / "t.jsonl", [json.dumps(row) for row in rows]))
    assert scan.schema == pa.schema([("n", pa.int64()), ("m", pa.string())])
    assert [row["m"] for row in rows_of(scan)] == ["1", "x", "[1, null]", '{"k": "ö"}', None]


def test_a_hint_that_does_not_fit_json_is_left(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "t.jsonl", ['{"a": 1.5, "p": 1.10, "u": "x"}', '{"a": 2, "p": 2, "u": "y"}'])
    hint = pa.schema([("a", pa.int64()), ("p", pa.decimal128(8, 2)), ("u", pa.int64())])
    scan = table(path, hints={"t": hint})
    assert scan.schema == pa.schema([("a", pa.float64()), ("p", pa.decimal128(8, 2)), ("u", pa.string())])
    assert rows_of(scan)[0]["p"] == Decimal("1.10")


def test_sqlite_columns_are_what_they_hold_not_what_they_say(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE t (good INT, bad INT, day DATE, odd DATE, price DECIMAL(6,2), loose, mixed, raw BLOB, empty)")
        values = [(1, 1, "2024-02-29", "2024-02-30", 1.5, 1, 2, b"\x00\xff", None), (2, "x", None, None, "2.25", 2.5, "t", b"", None)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    connection.close()
    scan = table(tmp_path / "t.db")
    kinds = [pa.int64(), pa.string(), pa.date32(), pa.string(), pa.decimal128(6, 2), pa.float64(), pa.string(), pa.binary(), pa.string()]
    assert scan.schema.types == kinds
    assert list(rows_of(scan)[0].values()) == [1, "1", dt.date(2024, 2, 29), "2024-02-30", Decimal("1.50"), 1.0, "2", b"\x00\xff", None]
    assert list(rows_of(scan)[1].values()) == [2, "x", None, None, Decimal("2.25"), 2.5, "t", b"", None]


def test_a_duckdb_file_keeps_its_types(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "t.duckdb") as connection:
        connection.execute(
            "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t AS SELECT 'sad'::mood mood, 170141183460469231731::hugeint h,"
            " [1, 2] l, {'x': 1.5::DECIMAL(4,1)} s, 18446744073709551615::ubigint u, '00000000-0000-0000-0000-00000000002a'::uuid i"
        )
    with open_tables(tmp_path / "t.duckdb") as opened:
        scan = opened.tables["t"]
        assert scan.schema.field("mood").type == pa.string()
        assert list(rows_of(scan)[0].values()) == [
            "sad",
            170141183460469231731,
            [1, 2],
            {"x": Decimal("1.5")},
            18446744073709551615,
            str(uuid.UUID(int=42)),
        ]


POSTGRES_TYPES: list[tuple[str, str, pa.DataType, Any]] = [
    ("smallint", "-7", pa.int16(), -7),
    ("numeric", "'123456789012345678901234567890.5'", pa.decimal128(31, 1), Decimal("123456789012345678901234567890.5")),
    ("numeric(5, -2)", "12345", pa.decimal128(5, 0), Decimal(12300)),
    ("numeric", "'NaN'", pa.string(), "NaN"),
    ("timestamp", "'infinity'", pa.string(), "infinity"),
    ("date", "'0044-03-15 BC'", pa.string(), "0044-03-15 BC"),
    ("time", "'23:59:59.5'", pa.time64("us"), dt.time(23, 59, 59, 500_000)),
    ("uuid", "'00000000-0000-0000-0000-00000000002a'", pa.string(), str(uuid.UUID(int=42))),
    ("jsonb", """'{"a": 1}'""", pa.string(), '{"a": 1}'),
    ("bytea", "'\\x00ff'", pa.binary(), b"\x00\xff"),
    ("int[]", "'{1,NULL,3}'", pa.list_(pa.int32()), [1, None, 3]),
    ("text[]", "'{a,\"b,c\"}'", pa.list_(pa.string()), ["a", "b,c"]),
    ("inet", "'10.0.0.1/8'", pa.string(), "10.0.0.1/8"),
    ("interval", "'1 day'", pa.string(), "1 day"),
    ("mood", "'glad'", pa.string(), "glad"),
    ("cents", "'1.25'", pa.decimal128(6, 2), Decimal("1.25")),
    ("char(4)", "'ab'", pa.string(), "ab"),
    ("double precision", "'NaN'", pa.float64(), float("nan")),
    ("text", "'it''s \"ö\"'", pa.string(), 'it\'s "ö"'),
]


def test_postgresql_keeps_its_types_exactly(postgres: Postgres) -> None:
    with adbc.connect(postgres.url(), autocommit=True) as connection, connection.cursor() as cursor:
        for statement in (
            'DROP SCHEMA IF EXISTS "odd ""name" CASCADE',
            'CREATE SCHEMA "odd ""name"',
            "CREATE TYPE \"odd \"\"name\".mood AS ENUM ('glad', 'sad')",
            'CREATE DOMAIN "odd ""name".cents AS numeric(6, 2)',
            'SET search_path = "odd ""name"',
            'CREATE TABLE "t t" (' + ", ".join(f"c{at} {kind}" for at, (kind, *_) in enumerate(POSTGRES_TYPES)) + ")",
            'INSERT INTO "t t" SELECT ' + ", ".join(f"{text}::{kind}" for kind, text, *_ in POSTGRES_TYPES),
            "CREATE TABLE parted (a int) PARTITION BY RANGE (a)",
            "CREATE TABLE piece PARTITION OF parted FOR VALUES FROM (0) TO (9)",
            "INSERT INTO parted VALUES (5)",
        ):
            cursor.execute(statement)
    with open_tables(postgres.url(schema="odd%20%22name")) as opened:
        assert list(opened.tables) == ["parted", "t t"]
        assert rows_of(opened.tables["parted"]) == [{"a": 5}]
        scan = opened.tables["t t"]
        assert scan.schema.types == [kind for _, _, kind, _ in POSTGRES_TYPES]
        values = list(rows_of(scan)[0].values())
        values[14 + 3], wanted = 0.0, [value for *_, value in POSTGRES_TYPES]
        wanted[14 + 3] = 0.0
        assert [str(value).rstrip() for value in values] == [str(value) for value in wanted]


def test_all_readings_of_postgresql_see_one_moment(postgres: Postgres) -> None:
    with adbc.connect(postgres.url(), autocommit=True) as connection, connection.cursor() as cursor:
        for statement in ("DROP SCHEMA IF EXISTS moment CASCADE", "CREATE SCHEMA moment", "CREATE TABLE moment.t AS SELECT 1 AS a"):
            cursor.execute(statement)
        with open_tables(postgres.url(schema="moment")) as opened:
            cursor.execute("INSERT INTO moment.t VALUES (2)")
            assert opened.tables["t"].rows == 1
            cursor.execute("DELETE FROM moment.t")
            assert rows_of(opened.tables["t"]) == rows_of(opened.tables["t"]) == [{"a": 1}]


def test_views_come_only_by_name(postgres: Postgres, tmp_path: Path) -> None:
    with adbc.connect(postgres.url(), autocommit=True) as connection, connection.cursor() as cursor:
        for statement in (
            "DROP SCHEMA IF EXISTS seen CASCADE",
            "CREATE SCHEMA seen",
            "CREATE TABLE seen.t (a int)",
            "CREATE VIEW seen.v AS SELECT 1::bigint AS a",
        ):
            cursor.execute(statement)
    with sqlite3.connect(tmp_path / "t.db") as lite:
        lite.execute("CREATE TABLE t (a INT)")
        lite.execute("CREATE VIEW v AS SELECT 1 AS a")
    lite.close()
    with duckdb.connect(tmp_path / "t.duckdb") as duck:
        duck.execute("CREATE TABLE t (a INT); CREATE VIEW v AS SELECT 1 AS a")
    for data in (postgres.url(schema="seen"), tmp_path / "t.db", f"duckdb:///{tmp_path}/t.duckdb"):
        with open_tables(data) as opened:
            assert list(opened.tables) == ["t"]
        with open_tables(data, tables=["v"]) as opened:
            assert rows_of(opened.tables["v"]) == [{"a": 1}]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None, "ö"], pa.large_string()),
        (["a", None, "a longer one than twelve bytes"], pa.string_view()),
        ([b"a", None], pa.large_binary()),
        ([b"ab", None], pa.binary(2)),
        ([[1], None, [2, 3], []], pa.large_list(pa.int64())),
        ([[1], None, [2, 3], []], pa.list_view(pa.int64())),
        ([[1, 2], [None, 3]], pa.list_(pa.int64(), 2)),
        ([{"x": "a"}, None, {"x": None}], pa.struct([("x", pa.large_string())])),
        ([["a"], None], pa.large_list(pa.string_view())),
        ([Decimal("1.25"), None], pa.decimal256(6, 2)),
    ],
)
def test_plain_types_hold_the_same_values(values: list[Any], kind: pa.DataType) -> None:
    array = pa.array(values, kind)
    for piece in (array, array.slice(1)):
        plain = plain_array(piece, plain_type(kind))
        plain.validate(full=True)
        assert plain.type == plain_type(plain.type) == plain_type(kind)
        assert plain.to_pylist() == piece.to_pylist()


def test_dictionaries_runs_and_uuids_become_their_values() -> None:
    codes = pa.array(["a", None, "b", "a"], pa.large_string()).dictionary_encode()
    assert plain_array(codes, plain_type(codes.type)).to_pylist() == ["a", None, "b", "a"]
    runs = pa.RunEndEncodedArray.from_arrays(np.array([2, 3], np.int32), ["a", "b"])
    assert plain_array(runs, plain_type(runs.type)).to_pylist() == ["a", "a", "b"]
    numbers = [uuid.UUID(int=2**100), None, uuid.UUID(int=7)]
    ids = pa.array([number and number.bytes for number in numbers], pa.uuid())
    assert plain_array(ids[1:], plain_type(ids.type)).to_pylist() == [None, str(numbers[2])]


def test_texts_come_with_dictionaries_where_they_are_wanted(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": pl.Series(["x", None, "y"], dtype=pl.Categorical), "n": [1, 2, 3]})
    pq.write_table(pa.table({"a": ["x", None, "y"], "n": [1, 2, 3]}), tmp_path / "t.parquet")
    for data in ({"t": frame}, tmp_path):
        scan = open_tables(data, dictionaries=True).tables["t"]
        assert scan.schema.field("a").type == pa.string()
        ((_, batch),) = scan.batches(["a"])
        assert pa.types.is_dictionary(batch.column(0).type)
        assert pa.types.is_string(batch.column(0).type.value_type)
        assert batch.column(0).to_pylist() == ["x", None, "y"]
