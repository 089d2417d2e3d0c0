"""Values that reach across rows: sums of children, parts of a total, series."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import seedbed
from seedbed.core.errors import SeedbedError

TEXT = """
version: "2.0"
metadata: {name: across}
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  customer:
    rows: 700
    pk: customer_id
    columns:
      customer_id: {sequence: {}}
      orders: {aggregate: {of: order.order_id, op: count}}
      value: {aggregate: {of: order.total, op: sum, where: "total > 20"}}
      best: {aggregate: {of: order.total, op: max}, nullable: true}
      least: {aggregate: {of: order.total, op: min, where: "order_id % 2 == 0"}, nullable: true}
      mean: {aggregate: {of: order.total, op: mean}, nullable: true}
      newest: {aggregate: {of: order.order_id, op: last}, nullable: true}
      first_even: {aggregate: {of: order.order_id, op: first, where: "order_id % 2 == 0"}, nullable: true}
facts:
  order:
    parents: [customer]
    fanout: {distribution: poisson, lambda: 3}
    pk: order_id
    columns:
      order_id: {sequence: {}}
      customer_id: {lookup: {from: customer.customer_id}}
      total: {aggregate: {of: item.line_total}}
      weight: {aggregate: {of: item.weight}}
  item:
    parents: [order]
    fanout: {distribution: uniform, min: 1, max: 6}
    columns:
      order_id: {lookup: {from: order.order_id}}
      price: {distribution: {type: uniform, params: {low: 0.01, high: 9}}, type: decimal, scale: 2}
      quantity: {distribution: {type: uniform, params: {low: 1, high: 9}}, type: int}
      line_total: {expression: {code: "price * quantity"}}
      weight: {distribution: {type: normal, params: {mean: 1, std: 9}}, type: float}
  payment:
    parents: [order]
    fanout: {distribution: uniform, min: 1, max: 3}
    columns:
      order_id: {lookup: {from: order.order_id}}
      amount: {split: {total: order.total}}
      even: {split: {total: order.total, method: even}}
  price:
    parents: [customer]
    fanout: {distribution: uniform, min: 0, max: 50}
    columns:
      customer_id: {lookup: {from: customer.customer_id}}
      ou: {process: {kind: ou, params: {mean: 120, theta: 0.2, sigma: 18}, per: customer}}
      walk: {process: {kind: random_walk, params: {drift: 0.1, sigma: 0}, per: customer}}
      gbm: {process: {kind: gbm, params: {sigma: 0.02}, per: customer}}
      all: {process: {kind: ar1, params: {phi: 0.9}}}
"""


@pytest.fixture(scope="module")
def dataset() -> Any:
    return seedbed.plan(seedbed.loads(TEXT, "across.yaml"))


@pytest.fixture(scope="module")
def tables(dataset: Any) -> dict[str, list[dict[str, Any]]]:
    return {name: dataset.table(name).read_all().to_pylist() for name in ("customer", "order", "item", "payment", "price")}


def grouped(rows: list[dict[str, Any]], key: str) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def test_a_total_is_the_sum_of_its_items_to_the_cent(tables: dict[str, list[dict[str, Any]]]) -> None:
    items = grouped(tables["item"], "order_id")
    for order in tables["order"]:
        assert order["total"] == sum(item["line_total"] for item in items[order["order_id"]])
        assert order["weight"] == sum_in_order(item["weight"] for item in items[order["order_id"]])


def sum_in_order(values: Any) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


def test_aggregates_of_aggregates_agree_with_their_rows(tables: dict[str, list[dict[str, Any]]]) -> None:
    orders = grouped(tables["order"], "customer_id")
    for customer in tables["customer"]:
        own = orders[customer["customer_id"]]
        even = [order for order in own if order["order_id"] % 2 == 0]
        totals = [order["total"] for order in own]
        assert customer["orders"] == len(own)
        assert customer["value"] == sum((total for total in totals if total > 20), Decimal(0))
        assert customer["best"] == max(totals, default=None)
        assert customer["least"] == min((order["total"] for order in even), default=None)
        assert customer["newest"] == max((order["order_id"] for order in own), default=None)
        assert customer["first_even"] == min((order["order_id"] for order in even), default=None)
        mean = None if not own else float(sum(totals)) / len(own)
        assert customer["mean"] == (mean if mean is None else pytest.approx(mean))


@pytest.mark.parametrize("column", ["amount", "even"])
def test_parts_add_up_to_the_total_to_the_cent(tables: dict[str, list[dict[str, Any]]], column: str) -> None:
    payments = grouped(tables["payment"], "order_id")
    for order in tables["order"]:
        parts = [payment[column] for payment in payments[order["order_id"]]]
        assert sum(parts) == order["total"]
        assert all(part > 0 for part in parts) or order["total"] < Decimal("0.03")
        assert column == "amount" or max(parts) - min(parts) <= Decimal("0.01")


def test_random_parts_are_uneven(tables: dict[str, list[dict[str, Any]]]) -> None:
    pairs = [parts for parts in grouped(tables["payment"], "order_id").values() if len(parts) == 2]
    shares = [float(a["amount"] / (a["amount"] + b["amount"])) for a, b in pairs if a["amount"] + b["amount"] > 5]
    assert np.std(shares) > 0.08
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)


def test_series_follow_their_recurrence(tables: dict[str, list[dict[str, Any]]]) -> None:
    for series in grouped(tables["price"], "customer_id").values():
        assert series[0]["ou"] == 120.0
        assert series[0]["gbm"] == 100.0
        assert [row["walk"] for row in series] == pytest.approx([0.1 * step for step in range(len(series))])
    ou = np.array([row["ou"] for row in tables["price"]])
    assert ou.std() == pytest.approx(18 / np.sqrt(1 - 0.8**2), rel=0.1)
    whole = np.array([row["all"] for row in tables["price"]])
    assert np.corrcoef(whole[1:], whole[:-1])[0, 1] == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("name", ["customer", "order", "payment", "price"])
def test_any_slice_equals_the_same_rows_of_the_whole(dataset: Any, name: str) -> None:
    whole = pa.Table.from_batches(dataset.table(name)).combine_chunks().to_batches()[0]
    rng = np.random.default_rng(7)
    for _ in range(6):
        start, stop = sorted(rng.integers(0, whole.num_rows + 1, 2).tolist())
        fresh = seedbed.plan(seedbed.loads(TEXT, "across.yaml"))  # nothing kept from earlier blocks
        assert fresh.block(name, start, stop).equals(whole.slice(start, stop - start))


MISTAKES = [
    ("total: {aggregate: {of: item.line_total}}", "total: {aggregate: {of: price.ou}}", "no child of `order`"),
    ("total: {aggregate: {of: item.line_total}}", "total: {aggregate: {of: item.nothing}}", "no column `nothing`"),
    ("op: max}, nullable: true", "op: max}", "the max of no children is null, and a parent may have no children"),
    ("op: max}, nullable: true", "op: max, where: '1 +'}, nullable: true", "character"),
    ("total: {aggregate: {of: item.line_total}}", "total: {aggregate: {of: item.line_total}, null_rate: 0.1}", "nothing adds up to null"),
    ("split: {total: order.total}", "split: {total: order.weight}", "add up exactly only to whole numbers and decimals"),
    ("split: {total: order.total}", "split: {total: customer.value}", "no link of `payment` leads to `customer`"),
    ("kind: ou, params: {mean: 120, theta", "kind: ou, params: {mean: 120, phi", "a ou has no `phi`"),
    ("per: customer}}\n      walk", "per: order}}\n      walk", "is not the parent of `price`"),
    ("price: {distribution", "price: {aggregate: {of: order.total}, nullable: true}\n      old: {distribution", "no child of `item`"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_what_cannot_be_is_refused_with_its_place(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in TEXT
    path = tmp_path / "wrong.yaml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(SeedbedError) as caught:
        seedbed.plan(seedbed.load(path)).block("customer", 0, 5)
    assert message in str(caught.value)
    assert "wrong.yaml:" in str(caught.value)


def test_a_circle_through_children_names_its_columns() -> None:
    text = TEXT.replace(
        "weight: {distribution: {type: normal, params: {mean: 1, std: 9}}, type: float}",
        "weight: {expression: {code: 'order.weight + 1.5'}, type: float}",
    )
    with pytest.raises(SeedbedError, match=r"circle: .*order\.weight"):
        seedbed.plan(seedbed.loads(text, "circle.yaml"))


@pytest.mark.parametrize("kind", ["float", "int", "decimal"])
@pytest.mark.parametrize("per", ["", ", per: customer"])
def test_a_series_beyond_all_numbers_is_refused_without_a_warning(kind: str, per: str) -> None:
    old = next(line for line in TEXT.splitlines() if "kind: gbm" in line)
    new = f"      gbm: {{process: {{kind: gbm, params: {{drift: 400}}{per}}}, type: {kind}}}"
    with pytest.raises(SeedbedError, match=r"price\.gbm grows beyond the numbers"):
        seedbed.plan(seedbed.loads(TEXT.replace(old, new), "across.yaml")).to_arrow("price")
