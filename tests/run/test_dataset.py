"""Data sets: any rows of any table, from any thread or process, the same."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedbed
from seedbed.core.events import Event, ParentsCounted
from tests.run.shop import rows_of, write_model

ROWS = 3_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> seedbed.Dataset:
    return seedbed.plan(write_model(tmp_path_factory.mktemp("model"), customers=ROWS), seed=7)


def test_a_data_set_says_what_it_holds(data: seedbed.Dataset) -> None:
    assert set(data.tables) == {"customer", "order", "status"}
    assert (data.rows["customer"], data.rows["status"]) == (ROWS, 2)
    assert data.model.metadata.name == "shop"
    assert data.plan.seed == 7
    assert data.schema("order").field("customer").metadata[b"seedbed.references"] == b"customer.id"
    assert "shop" in repr(data)


@given(first=st.integers(0, ROWS), second=st.integers(0, ROWS))
def test_a_block_is_its_rows_of_the_whole(data: seedbed.Dataset, first: int, second: int) -> None:
    start, stop = sorted((first, second))
    for table in ("customer", "order"):
        whole = data.block(table, 0, data.rows[table])
        assert data.block(table, start, stop).equals(whole.slice(start, stop - start))


@given(st.integers(1, 2 * ROWS))
def test_readers_of_any_block_size_give_the_same(data: seedbed.Dataset, block_rows: int) -> None:
    reader = data.table("customer", block_rows)
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_all().equals(data.to_arrow("customer"))


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (0, ROWS + 1), (ROWS + 1, ROWS + 1)])
def test_rows_that_are_not_there_are_refused(data: seedbed.Dataset, span: tuple[int, int]) -> None:
    with pytest.raises(seedbed.ModelError, match="no rows"):
        data.block("customer", *span)


def test_a_table_that_is_not_there_is_refused_with_the_nearest(data: seedbed.Dataset) -> None:
    for ask in (data.schema, data.table, data.to_arrow):
        with pytest.raises(seedbed.ModelError, match="did you mean `customer`"):
            ask("custmer")
    with pytest.raises(seedbed.ModelError, match="at least one row"):
        data.table("customer", 0)


def test_a_pickled_data_set_gives_the_same_rows(data: seedbed.Dataset) -> None:
    for one in (data, seedbed.Dataset(data.plan)):
        again = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own
        assert again.block("order", 5, 50).equals(data.block("order", 5, 50))


def test_threads_may_share_a_data_set(data: seedbed.Dataset) -> None:
    fresh = seedbed.Dataset(data.plan)
    with ThreadPoolExecutor(4) as pool:
        blocks = list(pool.map(lambda start: fresh.block("order", start, start + 100), range(0, 2_000, 100)))
    assert pa.Table.from_batches(blocks).equals(data.to_arrow("order").slice(0, 2_000))


def test_models_may_be_given_as_paths_or_loaded(tmp_path: Path) -> None:
    path = write_model(tmp_path, customers=10)
    loaded = seedbed.plan(seedbed.load(str(path)))
    assert rows_of(loaded.to_arrow("order")) == rows_of(seedbed.plan(path).to_arrow("order"))
    assert seedbed.plan(path, rows={"customer": 3}, scale=2.0).rows["customer"] == 3


def test_models_may_be_given_as_texts_or_plain_data(tmp_path: Path) -> None:
    path = write_model(tmp_path, customers=10)
    text = path.read_text()
    rows = rows_of(seedbed.plan(path).to_arrow("order"))
    for model in (seedbed.loads(text), seedbed.load(json.loads(text)), json.loads(text)):
        assert rows_of(seedbed.plan(model).to_arrow("order")) == rows


def test_loaded_models_keep_their_lines(tmp_path: Path) -> None:
    path = write_model(tmp_path, customers=10)
    document = json.loads(path.read_text())
    document["nodes"][0]["columns"].append({"name": "x", "type": "int", "generator": {"expression": {"code": "y + 1"}}})
    text = json.dumps(document, indent=1)
    line = next(number for number, words in enumerate(text.splitlines(), 1) if "y + 1" in words)
    path.write_text(text)
    for model, name in ((seedbed.load(path), str(path)), (seedbed.loads(text, "m.json"), "m.json")):
        with pytest.raises(
            seedbed.ModelError, match=rf"{name}:{line}:\d+ nodes\.\w+\.columns\.x\.generator\.expression\.code: .* no column `y`"
        ):
            seedbed.plan(model)
    with pytest.raises(seedbed.ModelError, match=r"^nodes\.\w+\.columns\.x\.generator\.expression\.code: "):
        seedbed.plan(document)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_that_is_no_seed_is_refused(tmp_path: Path, seed: int) -> None:
    with pytest.raises(seedbed.ModelError, match="the seed must be a whole number from 0"):
        seedbed.plan(write_model(tmp_path), seed=seed)


def one_column(folder: Path, kind: str, **faker: object) -> seedbed.Dataset:
    columns = [{"name": "it", "type": kind, "generator": {"faker": faker}}]
    timeframe = {"start": "2024-01-01", "end": "2024-12-31"}
    nodes = [{"id": "t", "kind": "entity", "rows": 200, "columns": columns}]
    path = folder / "m.json"
    path.write_text(json.dumps({"version": "1.0", "metadata": {"name": "m"}, "timeframe": timeframe, "nodes": nodes}))
    return seedbed.plan(path)


@pytest.mark.parametrize(
    ("method", "kind", "message"),
    [
        ("name", "int", "`name` gives texts such as `.+`, not int"),
        ("email", "bool", "`email` gives texts"),
        ("catch_phrase", "date", "`catch_phrase` gives texts"),
        ("pyint", "datetime", "`pyint` gives numbers, not datetime"),
        ("boolean", "date", "`boolean` gives truth values"),
        ("date_of_birth", "int", "`date_of_birth` gives dates, not int"),
    ],
)
def test_a_method_that_gives_another_type_is_refused_before_any_row(tmp_path: Path, method: str, kind: str, message: str) -> None:
    with pytest.raises(seedbed.ModelError, match=rf"m\.json:1:\d+ nodes\.t\.columns\.it\.type: {message}"):
        one_column(tmp_path, kind, method=method).block("t", 0, 1)


def test_dates_and_times_of_pools_are_what_the_column_holds(tmp_path: Path) -> None:
    def values(kind: str, method: str) -> list[Any]:
        return list(one_column(tmp_path, kind, method=method).to_arrow("t")["it"].to_pylist())

    days = values("date", "date_of_birth")
    assert values("string", "date_of_birth") == [day.isoformat() for day in days]
    assert values("datetime", "date_of_birth") == [dt.datetime(day.year, day.month, day.day) for day in days]  # noqa: DTZ001 - stored without zone
    moments = values("datetime", "date_time_this_century")
    assert values("date", "date_time_this_century") == [moment.date() for moment in moments]
    assert values("string", "date_time_this_century") == [moment.isoformat() for moment in moments]


def test_texts_of_digits_may_be_numbers(tmp_path: Path) -> None:
    found = one_column(tmp_path, "int", method="numerify", text="7##").to_arrow("t")["it"].to_pylist()
    assert {number // 100 for number in found} == {7}


def test_who_listens_hears_how_far_the_counting_is(tmp_path: Path) -> None:
    data = seedbed.plan(write_model(tmp_path, customers=200_000))
    heard: list[Event] = []
    data.prepared_by(2, heard.append)
    counted = [event for event in heard if isinstance(event, ParentsCounted) and event.table == "order"]
    assert [event.parents for event in counted] == [65_536, 131_072, 196_608, 200_000]
    assert {event.all_parents for event in counted} == {200_000}
