"""What is kept by blocks has the values that it has alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.generate import blockwise
from seedbed.generate.conversion import to_arrow
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.kept import kept_columns
from seedbed.generate.prepare import prepare
from seedbed.generate.prepared import Prepared
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

SHOP = Path(__file__).parents[2] / "examples" / "shop.yaml"
NAMES = ("ordered_at", "status", "status_at", "discount", "subtotal", "total")


@cache
def shop() -> Prepared:
    return prepare(compile_plan(parse(SHOP.read_text(), SHOP.name), scale=1.3))  # more than one block of orders


def read(engine: Engine, rows: range | np.ndarray, name: str) -> pa.Array:
    return to_arrow(Frame(engine, "order", rows).column(name), engine.column_plan("order", name), encoded=False)


@cache
def whole(name: str) -> pa.Array:
    return read(Engine(shop()), range(shop().rows["order"]), name)


def test_costly_columns_that_other_tables_read_are_kept() -> None:
    kept = kept_columns(shop().plan)
    assert {"order.ordered_at", "order.discount", "employee.order_limit"} <= kept
    assert not kept & {"customer.country", "product.sku", "order.total", "order.status"}


@settings(max_examples=20)
@given(data=st.data(), name=st.sampled_from(NAMES), is_warm=st.booleans())
def test_any_rows_equal_the_same_rows_of_the_whole(data: st.DataObject, name: str, is_warm: bool) -> None:
    rows, engine = shop().rows["order"], Engine(shop())
    if is_warm:
        read(engine, range(rows), name)
    start = data.draw(st.integers(0, rows - 1))
    stop = data.draw(st.integers(start + 1, min(rows, start + data.draw(st.sampled_from([1, 300, 20_000, rows])))))
    assert read(engine, range(start, stop), name).equals(whole(name).slice(start, stop - start))
    picked = np.array(data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=300)))
    assert read(engine, picked, name).equals(whole(name).take(pa.array(picked)))


def test_a_few_rows_are_computed_without_their_block() -> None:
    engine = Engine(shop())
    read(engine, range(5, 205), "total")
    kept = engine.once(("blocks", "order", "subtotal"), blockwise.Blocks)
    assert not kept.has(0)
    read(engine, range(5, 20_005), "total")
    assert kept.has(0)


def test_no_more_blocks_are_kept_than_fit() -> None:
    blocks, engine = blockwise.Blocks(), Engine(shop())
    for number in range(3 * blockwise._KEPT):
        blocks.get(engine, "order", lambda _: (), number)
    assert sum(map(blocks.has, range(3 * blockwise._KEPT))) == blockwise._KEPT
