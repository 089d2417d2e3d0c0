"""CSV and Parquet go the way of JSON: columns that come and go, types that widen, nested values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seedbed.read.collect.columnar import shred_file, shred_rows
from seedbed.read.collect.decide import decide
from seedbed.read.collect.rebuild import rebuild
from seedbed.read.collect.restore import retype
from seedbed.read.collect.shapes import Source
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.read.collect.tabulate import tabulate
from tests.read.collect.judging import by_id, said


def collected(*files: Path) -> dict[str, pa.Table]:
    """The tables of files that came one after the other."""
    sketch, parts = Sketch(), []
    for path in files:
        for made in shred_file(Source.of(path.name, path.read_bytes()), path):
            sketch = merge([sketch, made.sketch])
            decisions = decide(sketch)
            parts.append((tabulate(made.physical, decisions), decisions))
    final = decide(sketch)
    return by_id([retype(tables, old, final) for tables, old in parts], final)


def test_columns_of_csv_come_and_types_widen(tmp_path: Path) -> None:
    texts = ["id,n\n1,5\n2,6\n", "id,n,day\n3,0.5,2024-01-01\n", "id,n,day\n4,,2024-01-02\n"]
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for path, text in zip(files, texts, strict=True):
        path.write_text(text)
    tables = collected(*files)
    assert by_id([tables], decide_of(*files))["records"].equals(by_id([collected(*reversed(files))], decide_of(*files))["records"])
    rows = {row["id"]: row for row in tables["records"].to_pylist()}
    assert [rows[number]["n"] for number in (1, 2, 3, 4)] == [5.0, 6.0, 0.5, None]
    assert [rows[number]["day"] for number in (1, 3, 4)] == [None, date(2024, 1, 1), date(2024, 1, 2)]


def decide_of(*files: Path):  # type: ignore[no-untyped-def] # only its tables are used
    return decide(merge(made.sketch for path in files for made in shred_file(Source.of(path.name, path.read_bytes()), path)))


def test_parquet_of_all_types_keeps_its_values(tmp_path: Path) -> None:
    table = pa.table({
        "i": pa.array([1, None, 3], pa.int16()),
        "u": pa.array([0, 2**64 - 1, None], pa.uint64()),
        "f": pa.array([0.5, float("nan"), None], pa.float32()),
        "d": pa.array([Decimal("1.25"), None, Decimal("12345678901234567890.12")], pa.decimal128(30, 2)),
        "day": pa.array([date(2024, 2, 29), None, date(1, 1, 1)]),
        "at": pa.array([datetime(2024, 1, 1, 1, tzinfo=UTC), None, datetime(2024, 1, 1, 2, 3, 4, 5, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "b": pa.array([b"\x00\xff", None, b""]),
        "s": pa.array(["a", None, "a"]).dictionary_encode(),
        "nested": pa.array([{"x": [1, 2], "y": None}, None, {"x": [], "y": {"z": True}}]),
        "rows": pa.array([[{"k": 1}], [], None]),
    })  # fmt: skip
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    tables = collected(path)
    assert tables["records"].column("at").to_pylist() == table.column("at").to_pylist()
    assert tables["records"].column("day").to_pylist() == table.column("day").to_pylist()
    assert tables["rows"].column("k").to_pylist() == [1]
    documents = [text for _, text in rebuild(tables, decide_of(path))]
    assert said(documents[1]) == said(
        '{"i":null,"u":18446744073709551615,"f":"nan","d":null,"day":null,"at":null,"b":null,"s":null,"nested":null,"rows":[]}'
    )


def test_rows_in_any_batches_have_the_same_numbers() -> None:
    batch = pa.record_batch({"a": pa.array([[1, 2, 3], None, [], [4]]), "b": pa.array([1, 2, 3, 4])})
    whole, end = shred_rows(Source("t", 5), batch)
    ids, place = [], 0
    for start in range(4):
        made, place = shred_rows(Source("t", 5), batch.slice(start, 1), place)
        ids += made.physical.ids.tolist()
    assert (ids, place) == (whole.physical.ids.tolist(), end)
