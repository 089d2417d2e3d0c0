"""What can't be read says what, where and how to mend it; and doesn't keep other tables from being read."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import DataError, EdgeError, SeedbedError
from seedbed.read.sources import open_tables
from tests.servers.postgres import Postgres

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def trouble(path: Path, content: bytes) -> SeedbedError:
    path.write_bytes(content)
    (scan,) = open_tables(path).tables.values()
    with pytest.raises(SeedbedError) as caught:
        list(scan.batches())
    assert caught.value.problems[0].fix
    assert str(path) in str(caught.value.problems[0].where)
    return caught.value


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a,b\n1,2\n\n1,2,3\n", 4, "3 values in a row of 2 columns"),
        (b'a,b\n1,"x\ny"\n3\n', 4, "1 values in a row of 2 columns"),
        (b'a,b\n1,"x\n2,y\n3,z\n', 2, "quotes of this row are broken"),
        (b'a,b\n1,x\n2,"' + b"y" * 9_000_000 + b"\n", 3, "quotes of this row are broken"),
        (b"a,b\n1,x\n2,\xff\n", 3, "not in UTF-8"),
        (b"a,a\n1,2\n", 1, "two columns are named `a`"),
        (b'"a,b\n1,2\n', 1, "no line that names columns|quotes of this row"),
    ],
)
def test_a_broken_csv_names_its_line(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    error = trouble(tmp_path / "t.csv", content)
    assert isinstance(error, DataError)
    assert str(error.problems[0].where).endswith(f"t.csv:{line}")
    with pytest.raises(DataError, match=message):
        raise error


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b'{"a": 1}\n\n{"a": }\n', 3, "no JSON"),
        (b'{"a": 1}\n[1]\n', 2, "no object but list"),
        (b'[\n {"a": [\n  {"b": 1},\n  {"b": 2}\n ]}\n]\n', 2, "no JSON"),
        (b'{"a": 1}\n{"a": "\xff"}\n', 2, "no JSON"),
    ],
)
def test_a_broken_line_of_json_is_named(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    error = trouble(tmp_path / "t.jsonl", content)
    assert str(error.problems[0].where).endswith(f"t.jsonl:{line}")
    with pytest.raises(DataError, match=message):
        raise error


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow", "t.arrows", "t.feather"])
def test_an_empty_file_is_no_table(tmp_path: Path, name: str) -> None:
    assert isinstance(trouble(tmp_path / name, b""), DataError)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.jsonl.gz", "t.parquet", "t.arrow", "t.arrows", "t.csv.zst", "t.csv.bz2"])
def test_bytes_that_mean_nothing_are_refused(tmp_path: Path, name: str) -> None:
    assert isinstance(trouble(tmp_path / name, bytes(range(256)) * 40), DataError)


def test_a_packed_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,x\n" % (row * row) for row in range(100_000)))
    assert "ends too early" in str(trouble(tmp_path / "t.csv.gz", whole[:-2000]))


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_that_ends_too_early_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    if ending == "parquet":
        pq.write_table(TABLE, path)
    else:
        with pa.ipc.new_file(path, TABLE.schema) as writer:
            writer.write_table(TABLE)
    assert isinstance(trouble(path, path.read_bytes()[:-9]), DataError)


def test_one_broken_table_does_not_hide_the_others(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "good.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    (tmp_path / "twice.csv").write_text("a\n1\n")
    pq.write_table(TABLE, tmp_path / "twice.parquet")
    tables = open_tables(tmp_path).tables
    assert tables["good"].rows == 3
    with pytest.raises(DataError, match="Parquet"):
        _ = tables["bad"].schema
    with pytest.raises(DataError, match="more than once"):
        _ = tables["twice"].schema


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(DataError, match="no table in this folder"):
        open_tables(tmp_path)
    with pytest.raises(EdgeError, match="no such file or folder"):
        open_tables(tmp_path / "nowhere")
    with pytest.raises(DataError, match="doesn't say"):
        open_tables(tmp_path / "notes.txt")


def test_a_table_that_is_not_there_brings_up_the_nearest(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "order.parquet")
    with pytest.raises(DataError, match="no table `ordr`") as caught:
        open_tables(tmp_path, tables=["ordr"])
    assert "order" in str(caught.value)


def test_a_link_must_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(TABLE, tmp_path / "secret.parquet")
    (tmp_path / "in" / "t.parquet").symlink_to(tmp_path / "secret.parquet")
    with pytest.raises(DataError, match="leads out of the folder"):
        _ = open_tables(tmp_path / "in").tables["t"].schema
    (tmp_path / "same").symlink_to(tmp_path / "in")
    pq.write_table(TABLE, tmp_path / "in" / "u.parquet")
    assert open_tables(tmp_path / "same").tables["u"].rows == 3


def test_a_folder_with_a_broken_delta_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sale" / "_delta_log").mkdir(parents=True)
    pq.write_table(TABLE, tmp_path / "sale" / "part-0.parquet")
    for data in (tmp_path, tmp_path / "sale"):
        with pytest.raises((DataError, EdgeError), match="Delta"):
            _ = open_tables(data).tables["sale"].schema


def test_parts_whose_types_have_nothing_in_common_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pq.write_table(TABLE, tmp_path / "t" / "one.parquet")
    pq.write_table(pa.table({"a": ["1"], "b": ["x"]}), tmp_path / "t" / "two.parquet")
    with pytest.raises(DataError, match="`a` is string here and int64 in other parts"):
        _ = open_tables(tmp_path).tables["t"].schema


@pytest.mark.parametrize("name", ["t.db", "t.duckdb"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x" * 5000)
    scheme = "sqlite" if name == "t.db" else "duckdb"
    with pytest.raises(SeedbedError, match="database"):
        open_tables(f"{scheme}:///{tmp_path}/{name}")
    with pytest.raises(EdgeError, match="no such file"):
        open_tables(f"{scheme}:///{tmp_path}/none")
    with pytest.raises(DataError, match="doesn't say what is in"):
        open_tables(tmp_path / name)


def test_a_truncated_sqlite_file_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE t (a INT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(row,) for row in range(5000)])
    connection.close()
    (tmp_path / "t.db").write_bytes((tmp_path / "t.db").read_bytes()[:9000])
    with pytest.raises(SeedbedError, match="malformed"):
        _ = open_tables(tmp_path / "t.db").tables["t"].schema


def test_the_views_of_a_duckdb_file_cannot_read_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with duckdb.connect(tmp_path / "t.duckdb") as connection:
        connection.execute(f"CREATE TABLE t AS SELECT 1 a; CREATE VIEW v AS SELECT * FROM '{tmp_path}/secret.csv'")  # noqa: S608
    with (
        open_tables(tmp_path / "t.duckdb", tables=["t", "v"]) as opened,
        pytest.raises(EdgeError, match="disabled by configuration"),
    ):
        _ = opened.tables["v"].schema


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    with pytest.raises(EdgeError, match="PostgreSQL says") as caught:
        open_tables("postgresql://ada:hidden-word@127.0.0.1:1/shop")
    assert "ada@127.0.0.1:1/shop" in str(caught.value)
    assert "hidden-word" not in str(caught.value)


def test_a_schema_without_tables_is_refused(postgres: Postgres) -> None:
    with pytest.raises(DataError, match="no table in this database"):
        open_tables(postgres.url(schema="nothing_here"))
    with pytest.raises(EdgeError, match="does not exist"):
        open_tables(postgres.url("no_such_database"))


def test_things_that_are_no_tables_are_refused() -> None:
    with pytest.raises(DataError, match="`int` is no data"):
        open_tables(5)
    with pytest.raises(DataError, match="no table in memory") as caught:
        _ = open_tables({"t": pl.LazyFrame({"a": [1]})}).tables["t"].schema
    assert "collect" in str(caught.value)
    with pytest.raises(DataError, match="no place that is read"):
        open_tables("oracle://host/db")


@pytest.mark.parametrize("package", ["duckdb", "adbc_driver_postgresql"])
def test_a_missing_package_is_named(package: str, tmp_path: Path) -> None:
    (tmp_path / "t.duckdb").write_bytes(b"")
    data = "postgresql://x/y" if "postgres" in package else f"duckdb:///{tmp_path}/t.duckdb"
    extra = "postgres" if "postgres" in package else "duckdb"
    code = f"import sys; sys.modules['{package}'] = None\nfrom seedbed.read.sources import open_tables\nopen_tables({data!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "PluginError" in done.stderr
    assert f"pip install 'seedbed[{extra}]'" in done.stderr


@pytest.mark.slow
def test_a_large_csv_with_a_quote_that_never_closes_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        for number in range(300):
            file.write(b'1,"open\n' if number == 7 else b"12345,some text\n" * 65_536)
    path.write_bytes(b"a,b\n" + path.read_bytes())
    code = f"""
from seedbed.read.sources import open_tables
from seedbed.core.errors import DataError
try:
    open_tables({str(path)!r}).tables["t"].schema
except DataError as error:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(error.problems[0].where, int(peak.split()[1]) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    where, memory_mib = done.stdout.split()
    assert where.endswith(f"t.csv:{7 * 65_536 + 2}")
    assert int(memory_mib) < 450
