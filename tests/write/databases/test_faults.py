"""What goes wrong around a database: told, never half done, and never with a password."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pytest

import seedbed
from seedbed.core.errors import DataError, EdgeError, ModelError, SeedbedError
from seedbed.core.sinks import Part, TableShape
from seedbed.write.targets import SinkOptions, open_sink
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import PASSWORD, Postgres, free_port
from tests.write.databases.conftest import in_mariadb, in_postgres
from tests.write.databases.world import MANIFEST, PARENT, PARENTS, SHAPES, Load, digests, load, names_in, opened, put, stored, taken

SECRET = "s3cr%65t!word"  # noqa: S105 - nobody's
FORMS = ("postgresql://ada:{}@127.0.0.1:{}/shop", "mysql://ada:{}@127.0.0.1:{}/shop")
ONE = TableShape("t", pa.schema([pa.field("id", pa.int64(), nullable=False)]), 1, ("id",))


def told(error: SeedbedError) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("form", FORMS)
def test_a_server_that_is_not_there_may_come_back(form: str) -> None:
    with opened(form.format(SECRET, free_port())) as sink, pytest.raises(EdgeError, match=r"(?i)refused|connect") as caught:
        sink.begin([ONE], "r", "refuse")
    assert "s3cr" not in told(caught.value)
    assert "s3cr" not in sink.place + repr(sink)


def test_a_wrong_password_is_a_wrong_request_and_not_told(postgres: Postgres, mariadb: MariaDB) -> None:
    for url in (postgres.url(), mariadb.url()):
        with opened(url.replace(PASSWORD, SECRET)) as sink, pytest.raises(ModelError, match="password") as caught:
            sink.begin([ONE], "r", "refuse")
        assert "s3cr" not in told(caught.value)


def test_a_database_that_is_not_there_is_a_wrong_request(postgres: Postgres, mariadb: MariaDB) -> None:
    for url in (postgres.url("nowhere"), mariadb.url("nowhere")):
        with opened(url) as sink, pytest.raises(ModelError, match="create the database"):
            sink.begin([ONE], "r", "refuse")


@pytest.mark.parametrize(
    ("url", "options", "word"),
    [
        ("postgresql://ada:se/cret@host/x", SinkOptions(), "no address"),
        ("postgresql://host/x?json=bson", SinkOptions(), "no type"),
        ("postgresql://host/x?schema=a", SinkOptions(schema="b"), "two schemas"),
        ("postgresql://host/x", SinkOptions(format="csv"), "--format"),
        ("mysql://host", SinkOptions(), "no database"),
        ("mysql://host/x?schema=a", SinkOptions(), "no schemas"),
        ("mysql://host/x?sslx=a", SinkOptions(), "unknown in this address"),
        ("mysql://host/x", SinkOptions(schema="b"), "--schema"),
        ("sqlite:///", SinkOptions(), "no file"),
        ("sqlite:///x.db?schema=a", SinkOptions(), "unknown in this address"),
        ("duckdb:///", SinkOptions(), "no file"),
    ],
)
def test_an_address_that_can_not_be_is_refused(url: str, options: SinkOptions, word: str) -> None:
    with pytest.raises(ModelError, match=word) as caught:
        open_sink(url, options)
    assert "cret" not in told(caught.value)


def test_two_runs_do_not_meet(url: str) -> None:
    if url.startswith("duckdb"):
        pytest.skip("a process opens a DuckDB file once; other processes are refused by DuckDB")
    with opened(url) as first, opened(url) as second:
        first.begin([ONE], "r", "refuse")
        with pytest.raises(ModelError, match=r"another (run|program)"):
            second.begin([ONE], "r", "refuse")
        first.discard()
    load(url)


def test_a_worker_of_a_dead_run_can_not_finish_its_part(url: str) -> None:
    if not url.startswith(("postgresql", "mysql")):
        pytest.skip("there are no workers in other processes")
    with opened(url) as first:
        first.begin(SHAPES, "the request", "refuse")
        worker = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own
    with opened(url) as second:
        ledger = second.earlier()
        assert ledger is not None
        part, rows = Load().pieces(SHAPES[0])[0]
        with pytest.raises(EdgeError, match="another run"):
            put(worker, part, SHAPES[0], rows)
    load(url, "resume")
    assert stored(url, PARENT, PARENTS.schema) == digests(PARENTS)


def test_copies_in_other_processes_write_where_the_database_lets_them(url: str) -> None:
    with opened(url) as sink:
        sink.begin(SHAPES, "r", "refuse")
        if url.startswith(("postgresql", "mysql")):
            part, rows = Load().pieces(SHAPES[0])[0]
            copy = pickle.loads(pickle.dumps(sink))  # noqa: S301 - our own
            put(copy, part, SHAPES[0], rows)
            copy.close()
        else:
            with pytest.raises(ModelError, match="--executor threads"):
                pickle.dumps(sink)
        sink.discard()


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mariadb", marks=pytest.mark.slow)])
def test_a_server_that_goes_away_leaves_a_run_to_go_on_with(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url, stop = (
            server.url(schema="gone"),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'postgres' AND backend_type = 'client backend'",
        )
    else:
        maria: MariaDB = request.getfixturevalue("mariadb")
        in_mariadb(maria, "CREATE OR REPLACE DATABASE gone")
        url = maria.url("gone")

    def cut_off() -> Iterator[pa.RecordBatch]:
        yield PARENTS.slice(0, 100)
        if kind == "postgres":
            with adbc.connect(server.url(), autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute(stop)
                cursor.fetchall()
        else:
            own = in_mariadb(maria, "SELECT id FROM information_schema.processlist WHERE db = 'gone'")
            for row in own:
                in_mariadb(maria, f"KILL {row[0]}")
        yield PARENTS.slice(100, 234)

    with opened(url) as sink:
        sink.begin(SHAPES, "the request", "refuse")
        with pytest.raises(EdgeError, match="--resume"):
            sink.write(Part(PARENT, 0, 3, 0, 334), SHAPES[0], cut_off(), lambda _: "", nullcontext())
    load(url, "resume")
    assert stored(url, PARENT, PARENTS.schema) == digests(PARENTS)
    if kind == "postgres":
        in_postgres(server, "DROP SCHEMA gone CASCADE")
    else:
        in_mariadb(maria, "DROP DATABASE gone")


def test_names_and_columns_have_limits() -> None:
    wide = TableShape("t", pa.schema([(f"c{at}", pa.int64()) for at in range(1601)]), 0)
    long = TableShape("t", pa.schema([("ä" * 40, pa.int64())]), 0)
    large = TableShape("t", pa.schema([(f"c{at}", pa.int64()) for at in range(1100)]), 0)
    twice = TableShape("t", pa.schema([("a", pa.int64()), ("A", pa.int64())]), 0)
    keys = tuple((f"k{at}",) for at in range(100))
    texts = TableShape("t", pa.schema([(f"k{at}", pa.string()) for at in range(100)]), 0, unique=keys)
    for url, shape, word in (
        ("postgresql://host/x", wide, "too many"),
        ("postgresql://host/x", large, "too large"),
        ("postgresql://host/x", long, "80 bytes; PostgreSQL holds 63"),
        ("mysql://host/x", wide, "too many"),
        ("mysql://host/x", texts, "too large"),
        ("sqlite:///x", twice, "two columns would be one"),
    ):
        with opened(url) as sink, pytest.raises(ModelError, match=word):
            sink.begin([shape], "r", "refuse")


@pytest.mark.parametrize(
    ("scheme", "value", "told"),
    [
        ("sqlite", pa.array([float("nan")]), "none for null"),
        ("sqlite", pa.array([-0.0]), "sign of zero"),
        ("sqlite", pa.array([Decimal(10**15)], pa.decimal128(18, 0)), "15 digits"),
        ("mysql", pa.array([float("inf")]), "infinite"),
        ("mysql", pa.array([-0.0]), "sign of zero"),
    ],
)
def test_a_value_that_would_change_is_refused(scheme: str, value: pa.Array, told: str, tmp_path: Path, mariadb: MariaDB) -> None:
    shape = TableShape("t", pa.schema([("x", value.type)]), 1)
    with opened(mariadb.url() if scheme == "mysql" else f"sqlite:///{tmp_path / 'x'}") as sink:
        sink.begin([shape], "r", "refuse")
        with pytest.raises(DataError, match=told):
            put(sink, Part("t", 0, 1, 0, 1), shape, pa.record_batch([value], names=["x"]))
        sink.discard()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database, " * 1000)
    for scheme in ("sqlite", "duckdb"):
        with opened(f"{scheme}:///{path}") as sink, pytest.raises(ModelError, match="none yet"):
            sink.begin([ONE], "r", "refuse")
        with opened(f"{scheme}:///{tmp_path / 'no' / 'folder'}") as sink, pytest.raises(ModelError):
            sink.begin([ONE], "r", "refuse")
    assert path.read_text() == "no database, " * 1000


def test_a_run_that_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    for scheme in ("sqlite", "duckdb"):
        with opened(f"{scheme}:///{tmp_path / scheme}") as sink:
            sink.begin(SHAPES, "r", "refuse")
            sink.discard()
        assert list(tmp_path.iterdir()) == []


def test_views_and_references_from_elsewhere_keep_a_table_from_being_replaced(postgres: Postgres, mariadb: MariaDB) -> None:
    in_postgres(postgres, "CREATE SCHEMA needed")
    in_mariadb(mariadb, "CREATE OR REPLACE DATABASE needed")
    one = pa.record_batch([[1]], schema=ONE.schema)
    try:
        for url in (postgres.url(schema="needed"), mariadb.url("needed")):
            load(url, what=taken([ONE], t=one))
        in_postgres(postgres, "CREATE VIEW needed.v AS SELECT * FROM needed.t")
        in_mariadb(mariadb, "CREATE TABLE other (id BIGINT REFERENCES t (id))", "needed")
        for url in (postgres.url(schema="needed"), mariadb.url("needed")):
            with opened(url) as sink, pytest.raises(ModelError, match=r"depend|refers"):
                sink.begin([ONE], "r", "overwrite")
            assert "t" in names_in(url)
    finally:
        in_postgres(postgres, "DROP SCHEMA needed CASCADE")
        in_mariadb(mariadb, "DROP DATABASE needed")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_full_disk_keeps_what_is_whole(small_disk: Path, scheme: str) -> None:
    url = f"{scheme}:///{small_disk / 'data'}"
    rows = 300_000
    shape = TableShape("t", pa.schema([("id", pa.int64()), ("text", pa.string())]), rows)
    texts = pa.array([os.urandom(40).hex() for _ in range(rows)])
    batch = pa.record_batch([pa.array(range(rows)), texts], schema=shape.schema)
    with opened(url) as sink:
        sink.begin([shape], "r", "refuse")
        with pytest.raises(EdgeError):
            put(sink, Part("t", 0, 1, 0, rows), shape, batch)
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    load(url, "resume", what=Load([shape], {"t": batch}, 1, "r"))
    assert stored(url, "t", shape.schema) == digests_of(batch)


def digests_of(batch: pa.RecordBatch) -> list[str]:
    """The digests of more rows than one leaf has."""
    return digests(batch)


@pytest.mark.parametrize("name", ["data.csv", "data.json", "data.db", "data"])
def test_a_file_of_another_kind_is_no_duckdb_database(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('[{"a": 1}]\n')
    with pytest.raises(ModelError, match="no DuckDB database"):
        load(f"duckdb:///{tmp_path / name}")
    assert (tmp_path / name).read_text() == '[{"a": 1}]\n'


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_many_workers_do_not_wait_for_each_other_in_a_circle(kind: str, postgres: Postgres, mariadb: MariaDB) -> None:
    """Parts of many small tables at once: each notes itself beside the note of the run."""
    nodes = [
        {"id": f"t{at}", "kind": "entity", "rows": 20, "columns": [{"name": "id", "type": "int", "generator": {"sequence": {}}}]}
        for at in range(24)
    ]
    timeframe = {"start": "2024-01-01", "end": "2024-12-31"}
    model = seedbed.loads(json.dumps({"version": "1.0", "metadata": {"name": "many"}, "timeframe": timeframe, "nodes": nodes}), "m.json")
    if kind == "mariadb":
        in_mariadb(mariadb, "CREATE OR REPLACE DATABASE many")
    url = mariadb.url("many") if kind == "mariadb" else postgres.url(schema="many")
    assert seedbed.generate(model, to=url, workers=8, overwrite=True).rows == 480


def test_a_run_that_ends_while_another_waits_is_found_whole(postgres: Postgres) -> None:
    url = postgres.url(schema="waits")
    with opened(url) as first, opened(url) as second, ThreadPoolExecutor(1) as pool:
        first.begin(SHAPES, "the request", "overwrite")
        for shape in SHAPES:
            for part, batch in Load().pieces(shape):
                put(first, part, shape, batch)
        found = pool.submit(second.earlier)
        time.sleep(0.5)  # it waits for the place
        first.finish(MANIFEST)
        first.close()
        ledger = found.result(30)
    assert ledger is not None
    assert (ledger.request, ledger.receipts) == ("the request", ())
