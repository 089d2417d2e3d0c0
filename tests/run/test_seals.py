"""`verify`: everything as it was is told so, and whatever was changed is told with its file or column."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import seedbed
from seedbed.cli.main import main
from tests.run.shop import column, document, write_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path, customers=1000)


@pytest.mark.parametrize("form", ["parquet", "arrow", "orc", "avro", "delta"])
def test_what_was_not_touched_is_as_it_was(model: Path, tmp_path: Path, form: str) -> None:
    seedbed.generate(model, tmp_path / "out", format=form)
    found = seedbed.verify(tmp_path / "out")
    assert (found.ok, found.dataset) == (True, "shop")
    assert [table.contents for table in found.tables] == ["compared"] * 3


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_files_without_types_are_compared_byte_by_byte(model: Path, tmp_path: Path, form: str) -> None:
    seedbed.generate(model, tmp_path / "out", format=form)
    found = seedbed.verify(tmp_path / "out")
    assert found.ok
    assert {table.reason for table in found.tables} == {f"{form} keeps no types"}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def one_more_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("harm", "message"), [(Path.unlink, "gone"), (one_more_byte, "bytes where"), (flip, "SHA-256")], ids=["lost", "longer", "changed"]
)
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_that_was_harmed_is_named(model: Path, tmp_path: Path, form: str, harm: Callable[[Path], Any], message: str) -> None:
    seedbed.generate(model, tmp_path / "out", format=form)
    harm(tmp_path / "out" / f"order.{form}")
    found = seedbed.verify(tmp_path / "out", contents=False)
    assert [(difference.table, difference.where) for difference in found.differences] == [("order", f"order.{form}")]
    assert message in found.differences[0].message


def test_a_changed_column_is_named_even_where_the_file_was_written_anew(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seedbed.generate(model, out)
    table = pq.read_table(out / "customer.parquet")
    pq.write_table(table, out / "customer.parquet")
    assert {difference.where for difference in seedbed.verify(out).differences} == {"customer.parquet"}
    pq.write_table(table.set_column(1, "kind", table["kind"].take(list(reversed(range(len(table)))))), out / "customer.parquet")
    assert {difference.where for difference in seedbed.verify(out).differences} == {"customer.parquet", "kind"}


def test_a_file_that_no_run_made_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    seedbed.generate(write_model(tmp_path, customers=200_000), out)
    (out / "order" / "part-00009.parquet").write_bytes((out / "order" / "part-00000.parquet").read_bytes())
    (out / "letter.txt").write_text("dear")
    assert "order/part-00009.parquet" in {difference.where for difference in seedbed.verify(out, contents=False).differences}


def keyed() -> dict[str, Any]:
    """The shop with a number for each order of a customer: its rows can be told apart by whole numbers."""
    found = document(customers=1000)
    found["nodes"][0]["columns"].append(column("day", "date", datetime_series={"within": "timeframe", "freq": "D"}))
    return found


def test_folders_by_values_are_put_back_in_order(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(keyed()))
    seedbed.generate(tmp_path / "m.json", tmp_path / "out", partition_by={"customer": ["kind"], "status": []})
    found = seedbed.verify(tmp_path / "out")
    assert found.ok
    assert found.tables[0].contents == "compared"
    table = pq.read_table(tmp_path / "out" / "customer" / "kind=new" / "part-00000.parquet", partitioning=None)
    pq.write_table(table.set_column(1, "day", table["day"].combine_chunks()[::-1]), tmp_path / "out/customer/kind=new/part-00000.parquet")
    assert {difference.where for difference in seedbed.verify(tmp_path / "out").differences} == {
        "customer/kind=new/part-00000.parquet",
        "day",
    }


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_tables_of_a_database_are_compared_column_by_column(model: Path, tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}:///{tmp_path / 'shop.db'}"
    seedbed.generate(model, to=url)
    found = seedbed.verify(url)
    assert found.ok
    assert [table.contents for table in found.tables[:2]] == ["compared", "compared"]


def test_a_changed_value_in_a_database_is_found(model: Path, tmp_path: Path) -> None:
    seedbed.generate(model, to=f"sqlite:///{tmp_path / 'shop.db'}")
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("UPDATE customer SET kind = 'odd' WHERE id = 7")
        database.execute("DELETE FROM status WHERE name = 'paid'")
    database.close()
    found = seedbed.verify(f"sqlite:///{tmp_path / 'shop.db'}")
    assert [(difference.table, difference.where) for difference in found.differences] == [("customer", "kind"), ("status", "status")]


def test_places_without_a_whole_run_are_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in ("empty", "missing"):
        with pytest.raises(seedbed.DataError, match="no manifest"):
            seedbed.verify(tmp_path / place)
    seedbed.generate(model, tmp_path / "out")
    manifest = tmp_path / "out" / ".metadata.json"
    manifest.write_text(manifest.read_text().replace('"complete": true', '"complete": false'))
    with pytest.raises(seedbed.DataError, match="has not ended"):
        seedbed.verify(tmp_path / "out")


def test_the_command_ends_with_1_where_something_differs(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seedbed.generate(model, out)
    done = CliRunner().invoke(main, ["verify", str(out)])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "all as it was written")
    one_more_byte(out / "status.parquet")
    done = CliRunner().invoke(main, ["verify", str(out), "--files-only"])
    assert done.exit_code == 1
    assert "differs: status.parquet: the file has" in done.stdout
    told = json.loads(CliRunner().invoke(main, ["verify", str(out), "--files-only", "--json"]).stdout)
    assert (told["ok"], told["differences"][0]["where"]) == (False, "status.parquet")
