"""Two small tables with odd names, put into a database of any kind."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pyarrow as pa

from tests.servers.postgres import Postgres

ORDER, PERSON = 'or"der', "person"
TEXT = "na me's"

SCHEMA = pa.schema([
    ("id", pa.int64()), ("n", pa.int32()), ("m", pa.int32()), ("x", pa.float64()), ("y", pa.float64()), (TEXT, pa.string()), ("word", pa.string()),
    ("day", pa.date32()), ("seen", pa.timestamp("us")), ("price", pa.decimal128(10, 2)), ("is_new", pa.bool_()), ("person", pa.int64()),
])  # fmt: skip
PEOPLE = pa.schema([("id", pa.int64()), ("word", pa.string())])

_TYPES: dict[str, list[str]] = {
    "duckdb": ["BIGINT", "INTEGER", "INTEGER", "DOUBLE", "DOUBLE", "VARCHAR", "VARCHAR", "DATE", "TIMESTAMP", "DECIMAL(10, 2)", "BOOLEAN", "BIGINT"],
    "sqlite": ["BIGINT", "INTEGER", "INTEGER", "DOUBLE", "DOUBLE", "TEXT", "TEXT", "DATE", "DATETIME", "TEXT", "BOOLEAN", "BIGINT"],
    "postgres": ["bigint", "integer", "integer", "float8", "float8", "text", "varchar(20)", "date", "timestamp", "numeric(10, 2)", "boolean", "bigint"],
}  # fmt: skip


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def created(kind: str, table: str, schema: pa.Schema, prefix: str = "") -> str:
    types = dict(zip(SCHEMA.names, _TYPES[kind], strict=True))
    columns = ", ".join(f"{quoted(name)} {types[name]}" for name in schema.names)
    return f"CREATE TABLE {prefix}{quoted(table)} ({columns})"


def in_duckdb(tables: dict[str, pa.Table], folder: Path) -> str:
    path = folder / "data.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        for name, table in tables.items():
            connection.execute(created("duckdb", name, table.schema))
            connection.register("given", table)
            connection.execute(f"INSERT INTO {quoted(name)} SELECT * FROM given")  # noqa: S608 - our own tables
    return f"duckdb:///{path}"


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, dt.date | Decimal) else value


def in_sqlite(tables: dict[str, pa.Table], folder: Path) -> str:
    path = folder / "data.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        for name, table in tables.items():
            connection.execute(created("sqlite", name, table.schema))
            rows = [[_stored(value) for value in row.values()] for row in table.to_pylist()]
            connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({', '.join('?' * table.num_columns)})", rows)  # noqa: S608
    connection.close()
    return f"sqlite:///{path}"


def in_postgres(server: Postgres) -> Callable[[dict[str, pa.Table], Path], str]:
    def put(tables: dict[str, pa.Table], _: Path) -> str:
        with adbc.connect(server.url(), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS pushed CASCADE")
            cursor.execute("CREATE SCHEMA pushed")
            for name, table in tables.items():
                cursor.execute(created("postgres", name, table.schema, "pushed."))
                texts = [column.cast(pa.string()) if pa.types.is_decimal(column.type) else column for column in table.columns]
                cursor.adbc_ingest("given", pa.table(texts, names=table.column_names), db_schema_name="pushed")
                listed = ", ".join(f"{quoted(each)}::numeric" if each == "price" else quoted(each) for each in table.column_names)
                cursor.execute(f"INSERT INTO pushed.{quoted(name)} SELECT {listed} FROM pushed.given")  # noqa: S608 - our own tables
                cursor.execute("DROP TABLE pushed.given")
        return server.url(schema="pushed")

    return put
