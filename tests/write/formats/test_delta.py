"""Delta tables: one commit shows all files, once for each run, in folders and in buckets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from seedbed.core.errors import ModelError
from seedbed.core.sinks import TableShape, WrittenFile
from seedbed.outside.delta import current
from seedbed.read.sources import open_tables
from seedbed.write.folder import Folder
from seedbed.write.formats.delta import open_format
from seedbed.write.partitions import by_folder, without_partitions
from seedbed.write.targets import SinkOptions
from tests.servers.buckets import Buckets
from tests.write.formats.cases import Outgoing

MODEL = Path("examples/users_events.json").resolve()
ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3]),
        "at": pa.array([0, 1_500_000, None], pa.timestamp("us")),
        "when": pa.array([0, 1_500_000, None], pa.timestamp("us", "Europe/Berlin")),
        "place": pa.array(["Köln / a=b", None, "x y"]),
        "inner": pa.array([{"a": 1}, None, {"a": None}], pa.struct([("a", pa.int64())])),
    }
)
SHAPE = TableShape("sale", ROWS.schema, 3, partition_by=("place",), description="What is sold")


def write_files(place: Folder) -> list[WrittenFile]:
    form, inner = open_format(SinkOptions(format="delta")), replace(SHAPE, schema=without_partitions(SHAPE))
    found = []
    for rows in by_folder(SHAPE, ROWS.to_batches()):
        out, path = Outgoing(), f"sale/{rows.folder}/part-00000.parquet"
        form.encode(inner, rows.table.to_batches(), out)  # type: ignore[arg-type]  # it writes, and no more is promised
        place.write(path, out.content)
        found.append(WrittenFile(path, rows.table.num_rows, len(out.content), ""))
    return found


def test_files_are_seen_after_the_commit_and_once_for_a_run(tmp_path: Path) -> None:
    place, form = Folder(tmp_path), open_format(SinkOptions(format="delta", format_options={"delta.appendOnly": "false"}))
    files = write_files(place)
    assert not DeltaTable.is_deltatable(str(tmp_path / "sale"))
    form.commit(place, SHAPE, files, "run")
    form.commit(place, SHAPE, files, "run")
    table = DeltaTable(tmp_path / "sale")
    assert table.version() == 0
    assert table.metadata().description == "What is sold"
    assert table.metadata().partition_columns == ["place"]
    assert "timestampNtz" in (table.protocol().reader_features or [])
    form.commit(place, SHAPE, files, "another")
    assert DeltaTable(tmp_path / "sale").version() == 1


def test_the_log_tells_of_least_and_greatest_values(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    open_format(SinkOptions(format="delta")).commit(place, SHAPE, write_files(place), "run")
    log = (tmp_path / "sale/_delta_log/00000000000000000000.json").read_text().splitlines()
    told = [json.loads(json.loads(line)["add"]["stats"]) for line in log if "add" in json.loads(line)]
    assert [one["numRecords"] for one in told] == [1, 1, 1]
    assert sorted(one["minValues"]["id"] for one in told) == [1, 2, 3]
    assert {"at": "1970-01-01T00:00:01.500000", "when": "1970-01-01T00:00:01.500000Z"}.items() <= told[1]["maxValues"].items()
    assert sum(one["nullCount"]["at"] for one in told) == 1


def test_rows_come_back_with_what_their_folders_say(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    open_format(SinkOptions(format="delta")).commit(place, SHAPE, write_files(place), "run")
    (tmp_path / "sale" / "part-99999.parquet").write_bytes(b"in no version")
    with open_tables(tmp_path) as opened:
        scan = opened.tables["sale"]
        assert scan.schema.names == ROWS.schema.names
        got = pa.Table.from_batches([batch for _, batch in scan.batches()]).sort_by("id")
    assert got.cast(ROWS.schema).equals(ROWS)


def test_types_that_delta_has_not_are_refused() -> None:
    table = TableShape("t", pa.schema([("opens", pa.time64("us"))]), 0)
    with pytest.raises(ModelError, match="Delta has no times of day"):
        open_format(SinkOptions(format="delta")).check(table)


def test_names_that_differ_in_case_only_are_refused_before_a_row_is_made() -> None:
    table = TableShape("t", pa.schema([("a", pa.int64()), ("b", pa.int64()), ("A", pa.int64())]), 0)
    with pytest.raises(ModelError, match=r"does not tell the names `a`, `A` apart|does not tell the names `a` or `A` apart"):
        open_format(SinkOptions(format="delta")).check(table)


def generate(target: str, environment: dict[str, str], *options: str) -> None:
    command = [sys.executable, "-m", "seedbed", "generate", str(MODEL), "--rows", "user=300", "--format", "delta", "--to", target, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=os.environ | environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_in_a_folder_can_be_made_again(tmp_path: Path) -> None:
    for options in ((), ("--resume",), ("--overwrite",)):
        generate(str(tmp_path / "out"), {}, *options)
        assert len(current(str(tmp_path / "out" / "user"))[1]) == 1


def test_a_bucket_holds_delta_tables(s3: Buckets) -> None:
    generate(f"{s3.url}/delta", dict(s3.environment))
    storage = {**s3.environment, "endpoint": f"http://127.0.0.1:{s3.port}", "region": "us-east-1", "allow_http": "true"}
    assert DeltaTable(f"{s3.url}/delta/user", storage_options=storage).to_pyarrow_table().num_rows == 300
