"""An empty place in a database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pymysql
import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.postgres import PASSWORD, Postgres

KINDS = ("postgres", pytest.param("mariadb", marks=pytest.mark.slow), "sqlite", "duckdb")


def in_postgres(server: Postgres, statement: str) -> None:
    with adbc.connect(server.url(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def in_mariadb(server: MariaDB, statement: str, database: str | None = None) -> list[tuple[object, ...]]:
    with (
        pymysql.connect(
            host="127.0.0.1", port=server.port, user="seedbed", password=PASSWORD, database=database, autocommit=True
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty place."""
    name = f"s{abs(hash(request.node.nodeid)) % 10**12}"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        yield server.url(schema=name)
        in_postgres(server, f"DROP SCHEMA IF EXISTS {name} CASCADE")
    elif request.param == "mariadb":
        maria: MariaDB = request.getfixturevalue("mariadb")
        in_mariadb(maria, f"CREATE OR REPLACE DATABASE {name}")
        yield maria.url(name)
        in_mariadb(maria, f"DROP DATABASE {name}")
    else:
        yield f"{request.param}:///{tmp_path / 'data'}"
