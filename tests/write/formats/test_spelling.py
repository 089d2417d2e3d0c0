"""Columns as texts and bytes, beside what Python's own libraries make of each value."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import fastavro
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.sinks import TableShape
from seedbed.read.octets import base64_bytes
from seedbed.write.formats.avro_rows import row_bytes, schema_text, varints
from seedbed.write.formats.format import open_format
from seedbed.write.formats.json_texts import json_texts, row_texts
from seedbed.write.formats.losses import Cells
from seedbed.write.formats.spelling import base64_texts, exact_texts, float_texts, hex_texts, moment_texts
from seedbed.write.targets import SinkOptions

HERE = Cells("t", "value")
octets = st.lists(st.none() | st.binary(max_size=40), max_size=20)
texts = st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=20)
wholes = st.integers(-(2**63), 2**63 - 1)


@given(octets, st.integers(0, 5))
def test_bytes_are_told_as_python_tells_them(rows: list[bytes | None], skipped: int) -> None:
    array = pa.array(rows, pa.binary()).slice(skipped)
    kept = rows[skipped:]
    assert base64_texts(array).to_pylist() == [None if row is None else base64.b64encode(row).decode() for row in kept]
    assert hex_texts(array).to_pylist() == [None if row is None else row.hex() for row in kept]
    assert base64_bytes(base64_texts(array)).to_pylist() == kept


@given(st.lists(st.floats(), max_size=20))
def test_floats_read_back_as_the_same_floats(rows: list[float]) -> None:
    told = float_texts(pa.array(rows, pa.float64())).to_pylist()
    again = np.array([float(text) for text in told])
    assert (again.view(np.uint64) == np.array(rows, np.float64).view(np.uint64))[~np.isnan(again)].all()
    assert not any(text.lstrip("-").isdigit() for text in told)


@given(st.lists(st.none() | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), max_size=20))  # noqa: DTZ001 - without a zone
def test_moments_are_told_as_iso_8601_does(rows: list[datetime | None]) -> None:
    plain = pa.array(rows, pa.timestamp("us"))
    assert moment_texts(plain, HERE).to_pylist() == [None if row is None else row.isoformat() for row in rows]
    zoned = moment_texts(plain.cast(pa.timestamp("us", "UTC")), HERE).to_pylist()
    assert [None if text is None else datetime.fromisoformat(text) for text in zoned] == [
        None if row is None else row.replace(tzinfo=UTC) for row in rows
    ]


@given(st.lists(st.none() | st.integers(-(10**38) + 1, 10**38 - 1), max_size=20), st.integers(0, 37))
def test_decimals_have_all_their_digits(units: list[int | None], scale: int) -> None:
    rows = [None if unit is None else Decimal((int(unit < 0), tuple(map(int, str(abs(unit)))), -scale)) for unit in units]
    told = exact_texts(pa.array(rows, pa.decimal128(38, scale))).to_pylist()
    assert [None if text is None else Decimal(text) for text in told] == rows
    assert all(text is None or len(text.partition(".")[2]) == scale for text in told)


@given(texts)
def test_lines_of_json_hold_the_texts(rows: list[str | None]) -> None:
    batch = pa.record_batch({'te"xt': pa.array(rows, pa.string()), "number": pa.array(range(len(rows)))})
    assert [json.loads(line) for line in row_texts(batch, "t").to_pylist()] == batch.to_pylist()
    assert all("\n" not in line for line in row_texts(batch, "t").to_pylist())


@given(
    st.lists(st.none() | st.lists(st.none() | st.lists(st.none() | st.text(max_size=5), max_size=3), max_size=3), max_size=10),
    st.integers(0, 3),
)
def test_lists_of_lists_become_json(rows: list[list[list[str | None] | None] | None], skipped: int) -> None:
    array = pa.array(rows, pa.list_(pa.list_(pa.string()))).slice(skipped)
    assert [json.loads(text) for text in json_texts(array, HERE).to_pylist()] == rows[skipped:]


@given(texts, texts)
def test_python_reads_what_csv_holds(one: list[str | None], other: list[str | None]) -> None:
    rows = [(a or "", b or "") for a, b in zip(one, other, strict=False)]
    batch = pa.record_batch({"one": pa.array([a for a, _ in rows], pa.string()), "other": pa.array([b for _, b in rows], pa.string())})
    out = io.BytesIO()
    open_format(SinkOptions(format="csv")).encode(TableShape("t", batch.schema, len(rows)), [batch], out)
    read = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    assert read == [["one", "other"], *map(list, rows)]


@given(st.lists(wholes, max_size=30))
def test_whole_numbers_have_avro_s_bytes(rows: list[int]) -> None:
    expected = []
    for row in rows:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, "long", row)
        expected.append(out.getvalue())
    assert varints(np.array(rows, np.int64)).to_pylist() == expected


RECORD = st.fixed_dictionaries(
    {
        "id": wholes,
        "name": st.none() | st.text(max_size=8),
        "size": st.none() | st.floats(allow_nan=False),
        "tags": st.none() | st.lists(st.none() | st.text(max_size=4), max_size=3),
        "inner": st.none() | st.fixed_dictionaries({"flag": st.none() | st.booleans(), "data": st.none() | st.binary(max_size=4)}),
    }
)
KINDS = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("size", pa.float64()),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("inner", pa.struct([("flag", pa.bool_()), ("data", pa.binary())])),
    ]
)


@given(st.lists(RECORD, max_size=12), st.integers(0, 3))
def test_records_are_read_by_others(rows: list[dict[str, object]], skipped: int) -> None:
    batch = pa.RecordBatch.from_pylist(rows, KINDS).slice(skipped)
    schema = fastavro.parse_schema(json.loads(schema_text("t", KINDS)))
    read = [fastavro.schemaless_reader(io.BytesIO(row), schema, None) for row in row_bytes(batch, "t").to_pylist()]
    assert read == rows[skipped:]
