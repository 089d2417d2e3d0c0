"""One contract for all sources: the same data in, the same batches out."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from seedbed.core.shapes import TableScan
from seedbed.read.sources import Opened, open_tables
from tests.servers.postgres import Postgres

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("price", pa.decimal128(12, 2)),
        ("ratio", pa.float64()),
        ("seen", pa.timestamp("us")),
        ("at", pa.timestamp("us", "UTC")),
        ("day", pa.date32()),
        ("is_new", pa.bool_()),
    ]
)
NAMES = ["Zoë", 'a "b", c', "", None, "line\nbreak", "漢字 🌱", "007", " x "]
HINTS = {"sale": SCHEMA}


def sample(rows: int = 400) -> pa.Table:
    start = dt.datetime(2024, 2, 28, 23, 59, 59, 123_456)  # noqa: DTZ001 - a moment without a zone
    moments = [start + dt.timedelta(minutes=17 * row, microseconds=row) for row in range(rows)]
    columns = {
        "id": [2**62 + row for row in range(rows)],
        "name": [NAMES[row % len(NAMES)] for row in range(rows)],
        "price": [None if row % 7 == 3 else Decimal(row * 101 - 5000).scaleb(-2) for row in range(rows)],
        "ratio": [None if row % 5 == 1 else row / 3 for row in range(rows)],
        "seen": [None if row % 11 == 4 else moment for row, moment in enumerate(moments)],
        "at": [moment.replace(tzinfo=dt.UTC) for moment in moments],
        "day": [moment.date() for moment in moments],
        "is_new": [None if row % 13 == 5 else row % 2 == 0 for row in range(rows)],
    }
    return pa.table(columns, SCHEMA)


def as_json(table: pa.Table) -> bytes:
    def spelt(value: Any) -> str:
        if isinstance(value, Decimal):
            return str(value)
        return json.dumps(value.isoformat() if isinstance(value, dt.date) else value, ensure_ascii=False)

    rows = ["{" + ", ".join(f'"{name}": {spelt(value)}' for name, value in row.items()) + "}\n" for row in table.to_pylist()]
    return "".join(rows).encode()


def as_csv(table: pa.Table, delimiter: str = ",") -> bytes:
    sink = pa.BufferOutputStream()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(delimiter=delimiter))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def halves(table: pa.Table) -> list[pa.Table]:
    return [table.slice(0, table.num_rows // 2), table.slice(table.num_rows // 2)]


def a_file(name: str, content: Callable[[pa.Table], bytes]) -> Callable[[pa.Table, Path], object]:
    def make(table: pa.Table, folder: Path) -> Path:
        (folder / name).write_bytes(content(table))
        return folder

    return make


def parts_of(ending: str, write: Callable[[pa.Table, Path], None]) -> Callable[[pa.Table, Path], object]:
    def make(table: pa.Table, folder: Path) -> Path:
        (folder / "sale").mkdir()
        for number, half in enumerate(halves(table)):
            write(half, folder / "sale" / f"part-{number}{ending}")
        return folder

    return make


def written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def ipc(table: pa.Table, path: Path, opening: Callable[..., Any] = pa.ipc.new_file) -> None:
    with pa.OSFile(str(path), "wb") as file, opening(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=150)


def parquet(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "sale.parquet", row_group_size=130)
    return folder


def an_arrow_file(table: pa.Table, folder: Path) -> Path:
    ipc(table, folder / "sale.arrow")
    return folder / "sale.arrow"


def an_arrow_stream(table: pa.Table, folder: Path) -> Path:
    ipc(table, folder / "sale.arrows", pa.ipc.new_stream)
    return folder


def a_duckdb_file(table: pa.Table, folder: Path) -> str:
    with duckdb.connect(folder / "shop.duckdb") as connection:
        connection.register("given", table)
        connection.execute("CREATE TABLE sale AS SELECT * FROM given; CREATE VIEW few AS SELECT id FROM sale")
    return f"duckdb:///{folder}/shop.duckdb"


def a_sqlite_file(table: pa.Table, folder: Path) -> str:
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.execute(
            "CREATE TABLE sale (id BIGINT, name VARCHAR(20), price DECIMAL(12, 2), ratio DOUBLE, seen DATETIME,"
            " at TIMESTAMPTZ, day DATE, is_new BOOLEAN)"
        )
        connection.execute("CREATE VIEW few AS SELECT id FROM sale")
        rows = [[str(v) if isinstance(v, Decimal | dt.date) else v for v in row.values()] for row in table.to_pylist()]
        connection.executemany("INSERT INTO sale VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{folder}/shop.db"


MAKERS: dict[str, Callable[[pa.Table, Path], object]] = {
    "parquet": parquet,
    "parquet parts": parts_of(".parquet", pq.write_table),
    "csv": a_file("sale.csv", as_csv),
    "csv gz, semicolons": a_file("sale.csv.gz", lambda table: gzip.compress(as_csv(table, ";"))),
    "csv in UTF-16": a_file("sale.csv", lambda table: as_csv(table).decode().encode("utf-16")),
    "tsv with a mark": a_file("sale.tsv", lambda table: b"\xef\xbb\xbf" + as_csv(table, "\t")),
    "csv parts": parts_of(".csv", lambda table, path: written(path, as_csv(table))),
    "json lines": a_file("sale.jsonl", as_json),
    "json lines zst": a_file("sale.ndjson.zst", lambda table: pa.compress(as_json(table), "zstd", asbytes=True)),
    "json parts": parts_of(".jsonl.gz", lambda table, path: written(path, gzip.compress(as_json(table)))),
    "arrow file": an_arrow_file,
    "arrow stream": an_arrow_stream,
    "feather parts": parts_of(".feather", ipc),
    "arrow table": lambda table, _: {"sale": table},
    "arrow batches": lambda table, _: {"sale": table.to_batches(max_chunksize=77) or [pa.RecordBatch.from_pylist([], table.schema)]},
    "arrow reader": lambda table, _: {"sale": table.to_reader(max_chunksize=77)},
    "polars": lambda table, _: {"sale": pl.DataFrame(table)},
    "pandas": lambda table, _: {"sale": table.to_pandas(types_mapper=pd.ArrowDtype)},
    "duckdb relation": lambda table, _: {"sale": duckdb.connect().from_arrow(table)},
    "duckdb file": a_duckdb_file,
    "sqlite file": a_sqlite_file,
}


@pytest.fixture(params=[*MAKERS, "postgresql"])
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(source: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[pa.Table], Opened]]:
    kept: list[Opened] = []

    def opening(table: pa.Table) -> Opened:
        if source == "postgresql":
            data: object = in_postgres(request.getfixturevalue("postgres"), table, "contract")
        else:
            data = MAKERS[source](table, tmp_path)
        kept.append(open_tables(data, hints=HINTS))
        return kept[-1]

    yield opening
    for each in kept:
        each.close()


def in_postgres(server: Postgres, table: pa.Table, schema: str) -> str:
    with adbc.connect(server.url(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
        columns = "id bigint, name text, price numeric(12, 2), ratio float8, seen timestamp, at timestamptz, day date, is_new boolean"
        cursor.execute(f"CREATE TABLE {schema}.sale ({columns})")
        cursor.adbc_ingest("given", table.set_column(2, "price", table.column("price").cast(pa.string())), db_schema_name=schema)
        cursor.execute(f"INSERT INTO {schema}.sale SELECT id, name, price::numeric, ratio, seen, at, day, is_new FROM {schema}.given")  # noqa: S608
        cursor.execute(f"DROP TABLE {schema}.given")
        cursor.execute(f"CREATE VIEW {schema}.few AS SELECT id FROM {schema}.sale")  # noqa: S608
    return server.url(schema=schema)


def in_utc(schema: pa.Schema) -> pa.Schema:
    """A relation's moments have the zone of the machine."""
    return pa.schema([field.with_type(pa.timestamp("us", "UTC")) if field.name == "at" else field for field in schema])


def together(scan: TableScan, columns: list[str] | None = None, batch_rows: int = 65_536) -> pa.Table:
    batches, seen = [], 0
    for start, batch in scan.batches(columns, batch_rows):
        assert start == seen
        assert 0 < batch.num_rows <= batch_rows
        seen += batch.num_rows
        batches.append(batch)
    wanted = scan.schema if columns is None else pa.schema([scan.schema.field(name) for name in columns])
    return pa.Table.from_batches(batches, wanted)


def test_the_same_data_comes_out_of_every_source_again_and_again(opened: Callable[[pa.Table], Opened]) -> None:
    table = sample()
    found = opened(table)
    assert list(found.tables) == ["sale"]
    scan = found.tables["sale"]
    assert in_utc(scan.schema) == SCHEMA
    assert scan.rows == 400
    for batch_rows in (65_536, 90):
        assert together(scan, batch_rows=batch_rows).to_pylist() == table.to_pylist()
    assert together(scan, ["price", "id"]).to_pylist() == table.select(["price", "id"]).to_pylist()
    assert sum(batch.num_rows for _, batch in scan.batches([])) == 400
    assert {batch.num_columns for _, batch in scan.batches([])} == {0}


def test_an_empty_table_has_its_columns(opened: Callable[[pa.Table], Opened]) -> None:
    scan = opened(sample(0)).tables["sale"]
    assert in_utc(scan.schema) == SCHEMA
    assert scan.rows == 0
    assert not list(scan.batches())


def test_a_column_that_is_not_there_is_an_error(opened: Callable[[pa.Table], Opened]) -> None:
    from seedbed.core.errors import DataError

    scan = opened(sample(10)).tables["sale"]
    with pytest.raises(DataError, match="no column `prize`"):
        list(scan.batches(["prize"]))


def test_two_readings_at_once_do_not_disturb_each_other(opened: Callable[[pa.Table], Opened]) -> None:
    scan = opened(sample(100)).tables["sale"]
    pairs = zip(scan.batches(["id"], 30), scan.batches(["id", "day"], 30), strict=True)
    assert all(one.column(0).equals(other.column(0)) for (_, one), (_, other) in pairs)
