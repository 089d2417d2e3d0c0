"""Tables in object stores, read as from a folder."""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import DataError, EdgeError
from seedbed.outside.places import ObjectPlace, open_place
from seedbed.outside.stores import Store
from seedbed.read.sources import open_tables
from tests.servers.buckets import Buckets

STORES = ("s3", "azure", "gcs", "swift")

ORDERS = pa.table({"id": list(range(5000)), "city": ["Köln", "Bonn", None, "Aachen", ""] * 1000, "price": [0.25 * n for n in range(5000)]})


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    server: Buckets = request.getfixturevalue(request.param)
    return reached(server, monkeypatch)


@pytest.fixture
def emulated(s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    return reached(s3, monkeypatch)


def reached(server: Buckets, monkeypatch: pytest.MonkeyPatch) -> ObjectPlace:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return open_place(f"{server.url}/read/{secrets.token_hex(4)}")


def parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=1000)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def lines(table: pa.Table) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in table.to_pylist()).encode()


def read(url: str, table: str, columns: list[str] | None = None) -> pa.Table:
    with open_tables(url) as opened:
        batches = [batch for _, batch in opened.tables[table].batches(columns)]
        assert opened.tables[table].rows == sum(map(len, batches))
    return pa.Table.from_batches(batches)


def test_tables_of_every_format_are_read(place: ObjectPlace) -> None:
    place.write("order.parquet", parquet(ORDERS))
    for number in range(3):
        place.write(f"event/part-{number:05}.parquet", parquet(ORDERS.slice(number * 1000, 1000)))
    place.write("sale/year=2025/a.csv", b"id,name\n1,a\n")
    place.write("sale/year=2026/shop=K%C3%B6ln/b.csv", b"id,name\n2,b\n3,c\n")
    place.write("line.jsonl", lines(ORDERS))
    place.write("packed.csv.gz", gzip.compress(b"id;name\n" + b"7;seven\n" * 9))
    place.write("notes.txt", b"no table")
    place.write("_log/x.csv", b"a\n1\n")
    place.write(".metadata.json", b"{}")
    with open_tables(place.name) as opened:
        assert list(opened.tables) == ["event", "line", "order", "packed", "sale"]
    assert read(place.name, "order").equals(ORDERS)
    assert read(place.name, "order", ["price"]).equals(ORDERS.select(["price"]))
    assert read(place.name, "event").equals(ORDERS.slice(0, 3000))
    assert read(place.name, "line").equals(ORDERS)
    assert read(place.name, "packed").num_rows == 9
    assert read(place.name, "sale").to_pylist() == [
        {"id": 1, "name": "a", "year": 2025, "shop": None},
        {"id": 2, "name": "b", "year": 2026, "shop": "Köln"},
        {"id": 3, "name": "c", "year": 2026, "shop": "Köln"},
    ]
    assert read(f"{place.name}/packed.csv.gz", "packed").num_rows == 9
    assert read(f"{place.name}/event", "event").num_rows == 3000
    assert read(f"{place.name}/order.parquet", "order").num_rows == 5000


def test_of_a_large_file_only_what_is_asked_for_is_fetched(emulated: ObjectPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    content = parquet(pa.table({"a": list(range(200_000)), "b": [secrets.token_hex(20) for _ in range(200_000)]}))
    emulated.write("big.parquet", content)
    fetched: list[int] = []
    get_range = Store.get_range

    def counted(self: Store, path: str, start: int, length: int) -> bytes:
        fetched.append(length)
        return get_range(self, path, start, length)

    monkeypatch.setattr(Store, "get_range", counted)
    assert read(emulated.name, "big", ["a"]).num_rows == 200_000
    assert 0 < sum(fetched) < len(content) / 3


def broken(content: bytes) -> bytes:
    return content[:200] + b"x" * 200 + content[400:]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no table under this prefix"),
        ({"a.parquet": b"", "a.csv": b""}, "`a` is there more than once"),
        ({"a/part-00000.parquet": b"", "a/part-00001.csv": b""}, "several formats: csv, parquet"),
        ({"a/part-00000.parquet": b"", "a/part-00002.parquet": b""}, "part 1 is missing"),
        ({"a.arrow": b""}, "isn't read from object stores"),
    ],
)
def test_what_is_no_table_is_refused(emulated: ObjectPlace, files: dict[str, bytes], said: str) -> None:
    for path, content in files.items():
        emulated.write(path, content)
    with pytest.raises(DataError, match=said):
        open_tables(emulated.name)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.jsonl"])
@pytest.mark.parametrize("change", [lambda content: content[: len(content) // 2], broken, lambda _: b""], ids=["torn", "broken", "empty"])
def test_broken_objects_are_told_of(emulated: ObjectPlace, name: str, change: Callable[[bytes], bytes]) -> None:
    whole = {"a.parquet": parquet(ORDERS), "a.csv.gz": gzip.compress(b"id,b\n" + b"1,2\n" * 900), "a.jsonl": lines(ORDERS)}
    emulated.write(name, change(whole[name]))
    if not change(whole[name]) and name == "a.jsonl":
        return  # no line is no row
    with pytest.raises(DataError, match=f"/{name}"):
        read(emulated.name, "a")


def test_an_object_that_vanishes_while_it_is_read_is_told_of(emulated: ObjectPlace) -> None:
    emulated.write("a.parquet", parquet(ORDERS))
    emulated.write("b.csv", b"id\n1\n")
    with open_tables(emulated.name) as opened:
        assert opened.tables["a"].rows == 5000
        emulated.remove(["a.parquet", "b.csv"])
        for table in ("a", "b"):
            with pytest.raises(EdgeError, match=r"no such (object|file)"):
                next(iter(opened.tables[table].batches()))


def test_a_bucket_that_is_missing_is_told_of(emulated: ObjectPlace) -> None:
    del emulated
    with pytest.raises(EdgeError, match="there is no bucket `absent`"):
        open_tables("s3://absent/x")
