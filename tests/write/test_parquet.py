"""Parquet files: whole or absent, plain to read, encoded as the types ask."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import EdgeError
from seedbed.write.atomic import write_whole
from seedbed.write.formats import parquet
from seedbed.write.formats.parquet import COMPRESSIONS, ROW_GROUP_ROWS, Compression, storage_of, write_parquet

CODED = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False, metadata={"seedbed.key": "primary", "seedbed.encoding": "delta"}),
        pa.field("kind", CODED, nullable=False, metadata={"seedbed.encoding": "dictionary"}),
        pa.field("name", pa.string()),
        pa.field("at", pa.timestamp("us")),
        pa.field("on", pa.date32()),
        pa.field("amount", pa.float64()),
        pa.field("is_new", pa.bool_(), metadata={"seedbed.encoding": "dictionary"}),
    ]
)
ROW = [7, "a", None, dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.date(1969, 12, 31), -0.5, True]  # noqa: DTZ001 - naive, as delivered


def batch(rows: int) -> pa.RecordBatch:
    columns = [
        pa.array([value] * rows, field.type if field.type != CODED else pa.string()) for value, field in zip(ROW, SCHEMA, strict=True)
    ]
    columns[1] = columns[1].dictionary_encode()
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_what_is_written_is_read_back_with_plain_types(tmp_path: Path, compression: Compression) -> None:
    path = tmp_path / "t.parquet"
    written = write_parquet(path, SCHEMA, [batch(3), batch(2)], table="t", compression=compression)
    found = pq.read_table(path)
    assert found.schema.types == [pa.string() if kind == CODED else kind for kind in SCHEMA.types]
    assert [field.nullable for field in found.schema] == [field.nullable for field in SCHEMA]
    assert found.to_pylist() == [dict(zip(SCHEMA.names, ROW, strict=True))] * 5
    assert pq.read_metadata(path).metadata == {b"seedbed.table": b"t"}
    assert (written.rows, written.size_bytes) == (5, path.stat().st_size)
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_batches_give_the_same_bytes_however_they_are_cut(tmp_path: Path) -> None:
    cuts = [[batch(200_000)], [batch(131_072), batch(68_928)]]
    digests = {write_parquet(tmp_path / f"{at}.parquet", SCHEMA, cut, table="t").sha256 for at, cut in enumerate(cuts)}
    assert len(digests) == 1


def test_row_groups_have_a_fixed_number_of_rows(tmp_path: Path) -> None:
    write_parquet(tmp_path / "t.parquet", SCHEMA, [batch(65_536)] * 5, table="t")
    metadata = pq.read_metadata(tmp_path / "t.parquet")
    assert [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)] == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 65_536]


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    assert write_parquet(tmp_path / "t.parquet", SCHEMA, [], table="t").rows == 0
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 0


def test_types_and_tags_decide_the_encoding() -> None:
    encodings = {field.name: storage_of(field, "snappy") for field in SCHEMA}
    assert encodings["id"].encoding == encodings["on"].encoding == "DELTA_BINARY_PACKED"
    assert encodings["amount"].encoding == "BYTE_STREAM_SPLIT"
    assert [name for name, storage in encodings.items() if storage.dictionary] == ["kind"]
    assert [name for name, storage in encodings.items() if not storage.statistics] == ["kind", "name"]
    assert encodings["at"].compression == "none"
    assert storage_of(SCHEMA.field("at"), "zstd").encoding == "DELTA_BINARY_PACKED"
    assert storage_of(SCHEMA.field("amount"), "none").encoding is None


def test_pages_have_checksums(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_parquet(path, SCHEMA, [batch(1000)], table="t", compression="none")
    content = bytearray(path.read_bytes())
    column = pq.read_metadata(path).row_group(0).column(3)
    content[column.data_page_offset + column.total_compressed_size - 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.read_table(path, page_checksum_verification=True)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_files_are_those_of_the_public_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Compression) -> None:
    def public(sink: pa.BufferOutputStream, schema: pa.Schema, *how: Any) -> pq.ParquetWriter:
        return pq.ParquetWriter(sink, schema, **parquet._options(schema, *how))

    ours = write_parquet(tmp_path / "ours.parquet", SCHEMA, [batch(1000)], table="t", compression=compression)
    monkeypatch.setattr(parquet, "_writer", public)
    theirs = write_parquet(tmp_path / "theirs.parquet", SCHEMA, [batch(1000)], table="t", compression=compression)
    assert (theirs.size_bytes, theirs.sha256) == (ours.size_bytes, ours.sha256)


def test_failing_batches_leave_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield batch(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_parquet(tmp_path / "t.parquet", SCHEMA, failing(), table="t")
    assert not list(tmp_path.iterdir())


def test_a_vanished_folder_is_an_edge_error(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="vanished") as caught:
        write_whole(tmp_path / "gone" / "t.parquet", b"x")
    assert caught.value.exit_code == 3


def test_a_full_device_is_an_edge_error() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no /dev/full")
    with pytest.raises(EdgeError, match="free some space"):
        _write_to_device(full)


def _write_to_device(device: Path) -> None:
    from seedbed.write.atomic import edge_errors

    with edge_errors(device), device.open("wb", buffering=0) as file:
        file.write(b"x")


SCRIPT = """
import sys
from pathlib import Path
from seedbed.core.errors import EdgeError
from seedbed.write.formats import parquet
from seedbed.write.atomic import write_whole
try:
    write_whole(Path(sys.argv[1]), b"new" * 100_000)
except EdgeError as error:
    sys.exit(str(error))
"""


def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text("old")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], preexec_fn=limit, capture_output=True, text=True, check=False)
    assert os.strerror(errno.EFBIG) in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["t"]
    assert path.read_text() == "old"


def test_words_that_a_dictionary_has_twice_change_no_byte() -> None:
    """Arrow would leave room for them in the file, with whatever the memory held before."""
    words = [f"a word of some length, {n}" for n in range(500)]
    twice = pa.DictionaryArray.from_arrays(pa.array([*range(1000), None], pa.int32()), pa.array([*words, *words]))
    once = pa.DictionaryArray.from_arrays(pa.array([*range(500), *range(500), None], pa.int32()), pa.array(words))
    schema = pa.schema([pa.field("v", CODED, metadata={"seedbed.encoding": "dictionary"})])
    files = []
    for column in (twice, once):
        batch = pa.RecordBatch.from_arrays([column], schema=schema)
        files.append(bytes(parquet.encode_parquet(schema, [batch, batch], table="t", compression="none")[1]))
    assert files[0] == files[1]
    assert pq.read_table(pa.BufferReader(files[0]))["v"].to_pylist() == [*words, *words, None] * 2
