"""Loads of databases that are killed, as whole processes: going on gives what one run gives, no row twice, no table left over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pymysql
import pytest

import seedbed
from seedbed.core.digest import Digester
from seedbed.read.sources import open_tables
from tests.run.shop import digests, write_model
from tests.run.test_kills import kill_after
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import PASSWORD, Postgres

CUSTOMERS = 300_000  # about 1.2 million orders, three parts
NAMES = {"customer": "id", "order": "id", "status": "name"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), customers=CUSTOMERS)


@pytest.fixture(scope="module")
def wanted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "out"
    seedbed.generate(model, out)
    return digests(out)


@pytest.fixture
def schema(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """A schema of PostgreSQL that isn't there yet."""
    name = f"killed{abs(hash(request.node.nodeid)) % 10**9}"
    yield name
    with adbc.connect(postgres.url(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {name} CASCADE")


def found(url: str) -> dict[str, str]:
    """The digest of each table that is there, its rows in the order of its key."""
    digests = {}
    with open_tables(url) as opened:
        for name, scan in opened.tables.items():
            if name == "_seedbed_manifest":
                continue
            table = pa.Table.from_batches([batch for _, batch in scan.batches()], schema=scan.schema)
            digester = Digester(scan.schema)
            for batch in table.sort_by(NAMES[name]).combine_chunks().to_batches():
                digester.add(batch)
            digests[name] = digester.hexdigest()
    return digests


def kill_and_go_on(model: Path, url: str, moments: list[float], *options: str) -> None:
    words = [sys.executable, "-m", "seedbed", "generate", str(model), "--to", url, "--resume", *options]
    for seconds in moments:
        kill_after(seconds, words)
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--executor", "processes")], ids=["threads", "processes"])
def test_a_killed_load_goes_on_to_the_same_contents(
    model: Path, wanted: dict[str, str], postgres: Postgres, schema: str, options: tuple[str, ...]
) -> None:
    url = postgres.url(schema=schema)
    kill_and_go_on(model, url, [0.5, 0.8, 1.1, 1.4], *options)
    assert found(url) == wanted


@pytest.mark.slow
def test_a_killed_load_of_mariadb_goes_on_to_the_same_contents(tmp_path: Path, mariadb: MariaDB) -> None:
    small = write_model(tmp_path, customers=30_000)
    seedbed.generate(small, tmp_path / "whole")
    with (
        pymysql.connect(host="127.0.0.1", port=mariadb.port, user="seedbed", password=PASSWORD) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE OR REPLACE DATABASE killed")
    url = mariadb.url("killed")
    kill_and_go_on(small, url, [0.6, 0.9, 1.2, 1.5])
    assert found(url) == digests(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_killed_load_of_a_file_goes_on_to_the_same_contents(model: Path, wanted: dict[str, str], tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}:///{tmp_path / 'shop'}"
    kill_and_go_on(model, url, [0.6, 1.0])
    assert found(url) == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(100))
def test_a_load_killed_at_any_moment_goes_on_to_the_same_contents(
    model: Path, wanted: dict[str, str], postgres: Postgres, schema: str, turn: int
) -> None:
    url = postgres.url(schema=schema)
    kill_and_go_on(model, url, [0.3 + (turn * 37 % 100) / 50, 0.3 + (turn * 11 % 100) / 50])
    assert found(url) == wanted
