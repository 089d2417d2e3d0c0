"""Preparing counts the same with any number of threads; an engine may be asked by many at once."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from seedbed.generate.engine import Engine
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.prepare import path_of, prepare
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    even,
    fact,
    grown,
    lookup,
    normal,
    numbers,
    plan,
    poisson,
    refused,
    table,
    times,
    uniform,
    vocab,
)

AGES: Document = {"created_at_column": "born", "age_based_multipliers": {"m": {"curve": [2, 1, 0.5], "time_unit": "quarter"}}}
SHOCK = change("effect", effect_table="promo", window={"start_col": "on", "end_col": "on"}, map={"field": "x", "default": 1})
BUSY = (
    vocab("w", "US", "DE"),
    entity("promo", 9, column("on", "date", times("D")), column("x", "float", uniform(1, 2))),
    entity("p", 3000, column("born", "datetime", times("S")), column("boss", "int", lookup("p.id"), nullable=True), column("c", "string", {"choice": {"choices_ref": "w.name"}}), vintage_behavior=AGES),
    fact("f", "p", poisson(4), column("at", "datetime", times("H")), column("c", "string", lookup("p.c", id="p_id")), column("v", "float", normal(5, 1), SHOCK)),
    fact("g", ["f", "promo"], even(0, 3), column("n", "string", {"faker": {"method": "name", "locale_from": "c"}}), column("c", "string", lookup("f.c", id="f_id"))),
    entity("t", 5000, column("f_id", "int", lookup("f.id")), column("n", "float", lookup("f.v", id="f_id"))),
)  # fmt: skip


def test_any_number_of_threads_counts_the_same() -> None:
    made = plan(entity("p", 3 * PARENT_BLOCK + 5), fact("c", "p", poisson(0.4)))
    alone, together = prepare(made), prepare(made, workers=3)
    assert np.array_equal(alone.fans["c"].totals, together.fans["c"].totals)
    assert (alone.fans["c"].largest, alone.rows) == (together.fans["c"].largest, together.rows)
    assert len(alone.fans["c"].totals) == 4


def test_more_rows_than_floats_can_count_are_refused() -> None:
    made = plan(entity("p", 4_200_000), fact("c", "p", even(2**31, 2**31)))
    assert "more than 2^53 rows" in refused(lambda: prepare(made)).message


def test_many_may_ask_a_fresh_engine_at_once() -> None:
    """Eight threads, every table first touched by all of them; nothing differs from one thread's rows."""
    first = grown(*BUSY)
    expected = {made.name: table(first, made.name) for made in first.plan.tables}
    for _ in range(3):
        engine = Engine(first.prepared)
        names = [name for name in expected for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            blocks = list(pool.map(partial(table, engine), names))
        assert all(block.equals(expected[name]) for name, block in zip(names, blocks, strict=True))


def test_what_is_prepared_survives_pickling() -> None:
    engine = grown(*BUSY)
    again = Engine(pickle.loads(pickle.dumps(engine.prepared)))  # noqa: S301 - our own bytes
    for made in engine.plan.tables:
        assert table(again, made.name).equals(table(engine, made.name))


@pytest.mark.parametrize("rows", [PARENT_BLOCK - 1, PARENT_BLOCK, PARENT_BLOCK + 1])
def test_rows_at_the_border_of_a_block_are_like_all_others(rows: int) -> None:
    engine = grown(
        entity("p", rows, column("v", "float", normal(0, 1))), fact("c", "p", even(1, 1), column("v", "float", lookup("p.v", id="p_id")))
    )
    whole = table(engine, "c")
    for start in (0, PARENT_BLOCK - 3, rows - 2):
        stop = min(start + 5, rows)
        assert engine.block("c", start, stop).equals(whole.slice(start, stop - start))
    assert whole.column("v").equals(table(engine, "p").column("v"))
    parts = [engine.block("p", start, min(start + 30_000, rows)) for start in range(0, rows, 30_000)]
    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches([table(engine, "p")]))


def test_places_of_columns_are_those_of_the_document() -> None:
    made = plan(entity("a", 1), entity("b", 1, column("x", "float", normal(0, 1))))
    assert path_of(made, "b", "x") == ("nodes", 1, "columns", 1)


def test_more_columns_or_tables_change_no_others_bytes() -> None:
    plain = grown(*BUSY)
    extra = column("extra", "string", choice("a", "b"), nullable=True)
    more = [{**node, "columns": [extra, *node["columns"]]} if node["kind"] != "vocab" else node for node in BUSY]
    other = grown(entity("another", 7, extra), *reversed(more))
    for made in plain.plan.tables:
        assert table(other, made.name).select(table(plain, made.name).schema.names).equals(table(plain, made.name)), made.name


def test_another_seed_changes_everything_that_is_drawn() -> None:
    for name in ("f.at", "f.v", "p.born", "t.f_id"):
        ours, theirs = (numbers(grown(*BUSY, seed=seed), name) for seed in (1, 2))
        n = min(len(ours), len(theirs))
        assert (ours[:n] == theirs[:n]).mean() < 0.01
