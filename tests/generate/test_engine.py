"""The promises of the engine: any rows, in any order, in any cut, are the same rows."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import DataError
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.prepare import prepare
from seedbed.generate.prepared import Prepared
from seedbed.model.document import Model
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from tests import growing

MODELS = Path(__file__).parent.parent / "models"
TABLES = ["color", "promo", "emp", "cust", "order", "comm", "ce", "ce2", "funnel"]


@cache
def kitchen() -> Model:
    return parse((MODELS / "kitchen.json").read_bytes(), "kitchen.json")


@cache
def prepared(seed: int = 42) -> Prepared:
    return prepare(compile_plan(kitchen(), seed=seed))


@cache
def engine(seed: int = 42) -> Engine:
    return Engine(prepared(seed))


@cache
def whole(table: str, seed: int = 42) -> pa.RecordBatch:
    return engine(seed).block(table, 0, engine(seed).rows(table))


@given(st.sampled_from(TABLES), st.data())
def test_any_slice_equals_the_same_rows_of_the_whole(table: str, data: st.DataObject) -> None:
    rows = engine().rows(table)
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, min(rows, start + 5000)))
    assert Engine(prepared()).block(table, start, stop).equals(whole(table).slice(start, stop - start))


@given(st.sampled_from(TABLES), st.data())
def test_scattered_rows_equal_the_same_rows_of_the_whole(table: str, data: st.DataObject) -> None:
    rows = engine().rows(table)
    picks = np.array(data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=50)), dtype=np.int64)
    frame = Frame(engine(), table, picks)
    for column in engine().plan.table(table).columns:
        found = frame.column(column.name)
        expected = whole(table).column(column.name).take(pa.array(picks))
        values = pa.array(found.data.tolist() if isinstance(found.data, np.ndarray) else found.data.to_pylist())
        wanted = expected.cast(pa.int64()) if pa.types.is_timestamp(expected.type) else expected
        wanted = wanted.view(pa.int32()) if pa.types.is_date32(wanted.type) else wanted
        valid = np.ones(len(picks), dtype=bool) if found.valid is None else found.valid
        got = [value if ok else None for value, ok in zip(values.to_pylist(), valid.tolist(), strict=True)]
        assert got == wanted.to_pylist(), column.ref


@pytest.mark.parametrize("block_rows", [1000, 65_536, 7_777])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_and_block_sizes_change_nothing(block_rows: int, workers: int) -> None:
    shared = Engine(prepared())
    jobs = [(table, start) for table in TABLES for start in range(0, shared.rows(table), block_rows)]
    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(lambda job: shared.block(job[0], job[1], min(job[1] + block_rows, shared.rows(job[0]))), reversed(jobs)))
    for table in TABLES:
        parts = [batch for (name, _), batch in zip(reversed(jobs), done, strict=True) if name == table]
        assert pa.Table.from_batches(parts[::-1]).equals(pa.Table.from_batches([whole(table)])), table


def test_encoded_blocks_hold_the_same_values() -> None:
    for table in TABLES:
        coded = engine().block(table, 0, engine().rows(table), encoded=True)
        for name in coded.schema.names:
            values = coded.column(name)
            plain = values.dictionary_decode() if isinstance(values, pa.DictionaryArray) else values
            assert plain.equals(whole(table).column(name)), f"{table}.{name}"


def test_a_prepared_plan_survives_pickling() -> None:
    again = Engine(pickle.loads(pickle.dumps(prepared())))  # noqa: S301 - our own bytes
    for table in TABLES:
        assert again.block(table, 0, min(1000, again.rows(table))).equals(whole(table).slice(0, 1000))


def test_another_seed_gives_other_values_everywhere() -> None:
    for table in engine().plan.tables:
        for column in table.columns:
            if column.spec.generator.kind in ("sequence", "enum_list", "lookup") or column.stage:
                continue
            ours, theirs = whole(table.name).column(column.name), whole(table.name, 7).column(column.name)
            assert not ours.equals(theirs), column.ref


def test_adding_a_column_or_table_leaves_the_others_alone() -> None:
    document = kitchen().model_dump(mode="json", by_alias=True, exclude_none=True)
    extra = {"name": "extra", "type": "int", "generator": {"distribution": {"type": "poisson", "params": {"lambda": 3}}}}
    for node in document["nodes"]:
        node["columns"].insert(0, extra)
    document["nodes"].insert(0, {"id": "another", "kind": "entity", "rows": 5, "columns": [extra]})
    other = Engine(prepare(compile_plan(Model.model_validate(document))))
    for table in ("promo", "emp", "cust", "order", "comm", "ce", "ce2", "funnel"):
        assert other.block(table, 0, other.rows(table)).select(whole(table).schema.names).equals(whole(table)), table


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [("order", "cust_id", "cust"), ("ce", "c", "cust"), ("ce", "e", "emp"), ("ce2", "e", "emp"), ("cust", "emp_id", "emp")],
)
def test_references_are_never_orphans(child: str, column: str, parent: str) -> None:
    keys = set(whole(parent).column("id").to_pylist())
    assert set(whole(child).column(column).to_pylist()) <= keys


@pytest.mark.parametrize("table", ["ce", "ce2"])
def test_no_pair_of_parents_comes_twice(table: str) -> None:
    pairs = list(zip(whole(table).column("c").to_pylist(), whole(table).column("e").to_pylist(), strict=True))
    assert len(pairs) == len(set(pairs))


def test_trees_have_no_circle_and_few_roots() -> None:
    boss = dict(zip(whole("emp").column("id").to_pylist(), whole("emp").column("boss").to_pylist(), strict=True))
    assert sum(parent is None for parent in boss.values()) == 3
    for start in boss:
        seen = 0
        place: int | None = start
        while place is not None:
            place, seen = boss[place], seen + 1
            assert seen < 50


def test_inequalities_and_ranges_hold_in_every_row() -> None:
    promo, order, cust = whole("promo"), whole("order"), whole("cust")
    assert all(a < b for a, b in zip(promo["s"].to_pylist(), promo["e"].to_pylist(), strict=True))
    assert all(a <= b for a, b in zip(order["at"].to_pylist(), order["ship"].to_pylist(), strict=True))
    assert all(a < b for a, b in zip(cust["lim_lo"].to_pylist(), cust["lim_hi"].to_pylist(), strict=True))
    assert all(0 <= a <= 200 for a in cust["lim_lo"].to_pylist())


def test_redrawn_times_keep_their_pattern_and_grid() -> None:
    order = whole("order")
    hours = np.array([moment.hour for moment in order["at"].to_pylist()])
    assert not np.isin(hours, [0, 1, 2, 3, 4, 23]).any()
    assert all(moment.minute == moment.second == 0 for moment in order["ship"].to_pylist())


def test_stages_come_in_order_of_time() -> None:
    funnel = whole("funnel").to_pylist()
    for one, two in pairwise(funnel):
        if one["c"] == two["c"]:
            assert two["stage_index"] == one["stage_index"] + 1
            assert two["at"] >= one["at"]
        else:
            assert (two["stage_index"], two["stage_name"]) == (0, "visit")


def test_unique_columns_have_no_value_twice() -> None:
    for name in ("mail", "serial", "id"):
        values = whole("emp").column(name).to_pylist()
        assert len(values) == len(set(values))


def test_emails_are_made_of_the_rows_own_name() -> None:
    rows = [row for row in whole("emp").to_pylist() if row["country"] == "US"][:200]
    for row in rows:
        first, last = row["name"].lower().replace("'", "").split(" ", 1)
        assert row["mail"].startswith(f"{first}.{last.replace(' ', '')}"), row


def test_children_come_after_their_parents_birth_and_thin_out() -> None:
    created = dict(zip(whole("cust")["id"].to_pylist(), whole("cust")["created"].to_pylist(), strict=True))
    ages = [(row["at"] - created[row["cust_id"]]).days for row in whole("order").select(["cust_id", "at"]).to_pylist()]
    assert min(ages) >= 0
    quarters = np.bincount(np.array(ages) // 91, minlength=4)
    assert quarters[0] > quarters[1] > quarters[2]


def test_nulls_come_at_five_percent_and_never_in_keys() -> None:
    phone = whole("emp").column("phone")
    assert 0.03 < phone.null_count / len(phone) < 0.07
    assert whole("cust").column("emp_id").null_count == 0


def test_ranges_with_fractions_hold_for_whole_numbers() -> None:
    column = {"name": "n", "type": "int", "generator": {"distribution": {"type": "normal", "params": {"mean": 3, "std": 4}}}}
    document = {
        "version": "1.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "nodes": [{"id": "t", "kind": "entity", "rows": 5000, "columns": [column]}],
        "constraints": {"ranges": [{"attr": "t.n", "min": 1.5, "max": 4.5}]},
    }
    found = Engine(prepare(compile_plan(Model.model_validate(document)))).block("t", 0, 5000).column("n").to_pylist()
    assert set(found) == {2, 3, 4}


def test_a_row_without_a_value_is_named_by_its_table_row_and_column() -> None:
    node = growing.entity("t", 200_000, growing.column("v", "float", {"expression": {"code": "log(70001 - id)"}}))
    with pytest.raises(DataError) as caught:
        growing.grown(node).block("t", 65_536, 131_072)
    assert caught.value.problems[0].where == "t[70000].v"


@pytest.mark.parametrize(("start", "step"), [(2**62 - 1, 2**62), (-(2**62), -(2**62)), (-5, 3)])
def test_sequences_reach_the_last_whole_numbers(start: int, step: int) -> None:
    engine = growing.grown(growing.entity("t", 2, growing.column("v", "float", {"sequence": {"start": start, "step": step}})))
    assert growing.numbers(engine, "t.v").tolist() == [float(start), float(start + step)]
    assert growing.numbers(engine, "t.id").tolist() == [1, 2]
