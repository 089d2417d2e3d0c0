from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.core.sinks import TableShape
from seedbed.write.streams.avro import AvroRows, fingerprint
from seedbed.write.streams.messages import keys_of, run_name
from seedbed.write.streams.rows import open_rows

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        ("price", pa.decimal128(12, 2)),
        ("at", pa.timestamp("us", "UTC")),
        ("tags", pa.list_(pa.string())),
        ("place", pa.struct({"city": pa.string(), "zip": pa.int64()})),
        ("data", pa.binary()),
    ]
)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "price": None, "at": None, "tags": None, "place": None, "data": None},
    {"id": -2, "price": "1.50", "at": 0, "tags": ["a", None, ""], "place": {"city": "Ö", "zip": None}, "data": b"\x00\xff"},
]


def batch() -> pa.RecordBatch:
    from decimal import Decimal

    rows = [{**row, "price": row["price"] and Decimal(str(row["price"]))} for row in ROWS]
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def test_fingerprints_are_those_of_other_libraries() -> None:
    from seedbed.write.formats.avro_rows import schema_text

    text = schema_text("user", SCHEMA, "People")
    theirs = fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(json.loads(text)), "CRC-64-AVRO")
    assert fingerprint(text).hex() == theirs


def test_other_libraries_read_avro_rows() -> None:
    from seedbed.write.formats.avro_rows import schema_text

    table = TableShape("user", SCHEMA, 2)
    schema = json.loads(schema_text("user", SCHEMA))
    found = [fastavro.schemaless_reader(BytesIO(row[10:]), schema, None) for row in AvroRows().encode(table, batch(), 0)]
    assert [row["tags"] for row in found if isinstance(row, dict)] == [None, ["a", None, ""]]
    assert [row["data"] for row in found if isinstance(row, dict)] == [None, b"\x00\xff"]


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.none() | st.text(max_size=9)), max_size=20))
def test_keys_of_several_columns_are_json(rows: list[tuple[int, str | None]]) -> None:
    data = pa.record_batch({"a": pa.array([a for a, _ in rows], pa.int64()), "b": pa.array([b for _, b in rows], pa.string())})
    assert [json.loads(key or b"") for key in keys_of(data, ["a", "b"], "t", 0)] == [list(row) for row in rows]
    assert keys_of(data, ["b"], "t", 0) == [None if b is None else b.encode() for _, b in rows]
    assert keys_of(data, ["a"], "t", 0) == [str(a).encode() for a, _ in rows]
    assert keys_of(data, [], "t", 0) == [None] * len(rows)


def test_a_run_is_named_by_the_model_alone() -> None:
    assert run_name('{"fingerprint": "ffffeeeeddddcccc0000", "spans": [1]}') == "ffffeeeeddddcccc"
    assert run_name("anything") == run_name("anything") != run_name("other")


def test_other_formats_are_refused() -> None:
    with pytest.raises(ModelError, match="parquet"):
        open_rows("parquet", "kafka://")
    with pytest.raises(ModelError, match="Avro"):
        AvroRows().check(TableShape("t", pa.schema({"a b": pa.int64()}), 1))
