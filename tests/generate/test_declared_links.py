"""Declared links: what each promises, in every row, however the rows are asked for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import seedbed
from seedbed.core.errors import SeedbedError

SHOP = """
version: "2.0"
metadata: {name: links}
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  employee:
    rows: 400
    pk: employee_id
    links: {manager: {to: employee, hierarchy: {roots: 2, branching: 6, max_depth: 6}}}
    columns:
      employee_id: {sequence: {start: 10001}}
      manager_id: {lookup: {from: employee.employee_id, via: manager}, nullable: true}
  customer:
    rows: 3000
    pk: customer_id
    columns:
      customer_id: {sequence: {}}
      country: {choice: {choices: [DE, FR, US]}}
  product:
    rows: 50
    pk: product_id
    columns:
      product_id: {sequence: {}}
      country: {choice: {choices: [DE, FR, US]}}
      popularity: {distribution: {type: uniform, params: {low: 1, high: 900}}, type: float, hidden: true}
  price:
    rows: 400
    columns:
      price_no: {sequence: {}}
      product_id: {choice: {choices_ref: product.product_id}, type: int}
      since: {datetime_series: {within: timeframe, freq: D}, type: date}
facts:
  address:
    parents: [customer]
    fanout: {distribution: uniform, min: 1, max: 4}
    pk: address_id
    columns:
      address_id: {sequence: {}}
      customer_id: {lookup: {from: customer.customer_id}}
  order:
    parents: [customer]
    fanout: {distribution: poisson, lambda: 3}
    pk: order_id
    links:
      ship_to: {to: address, match: {customer_id: customer_id}}
      gift: {to: product, match: {country: customer.country}, pick: "zipf@1.1"}
      clerk: {to: employee, pick: "head_tail@{0.8,1.1}", null_rate: 0.3}
      other: {to: product}
      priced: {to: price, match: {product_id: other.product_id}, as_of: {at: day, valid_from: since}}
    columns:
      order_id: {sequence: {}}
      customer_id: {lookup: {from: customer.customer_id}}
      day: {datetime_series: {within: timeframe, freq: D}, type: date}
      address_id: {lookup: {from: address.address_id, via: ship_to}}
      gift_id: {lookup: {from: product.product_id, via: gift}}
      clerk_id: {lookup: {from: employee.employee_id, via: clerk}, nullable: true}
      other_id: {lookup: {from: product.product_id, via: other}}
      price_no: {lookup: {from: price.price_no, via: priced}, nullable: true}
  item:
    parents: [order]
    fanout: {distribution: uniform, min: 1, max: 6}
    links:
      product: {to: product, pick: "weight:popularity", unique_per: order}
      local: {to: product, match: {country: country}, unique_per: order}
    columns:
      order_id: {lookup: {from: order.order_id}}
      country: {choice: {choices: [DE, FR, US]}}
      product_id: {lookup: {from: product.product_id, via: product}}
      local_id: {lookup: {from: product.product_id, via: local}}
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> seedbed.Dataset:
    path = tmp_path_factory.mktemp("links") / "links.yaml"
    path.write_text(SHOP)
    return seedbed.plan(seedbed.load(path))


def table(dataset: seedbed.Dataset, name: str) -> pa.Table:
    return dataset.table(name).read_all()


def values(dataset: seedbed.Dataset, name: str, column: str) -> list[object]:
    found: list[object] = table(dataset, name)[column].to_pylist()
    return found


def lookup(dataset: seedbed.Dataset, name: str, key: str, column: str) -> dict[object, object]:
    return dict(zip(values(dataset, name, key), values(dataset, name, column), strict=True))


def test_a_match_by_the_parents_key_leads_to_rows_of_the_same_parent(dataset: seedbed.Dataset) -> None:
    owner = lookup(dataset, "address", "address_id", "customer_id")
    orders = table(dataset, "order")
    assert [owner[a] for a in orders["address_id"].to_pylist()] == orders["customer_id"].to_pylist()


def test_a_match_by_value_leads_to_rows_of_that_value(dataset: seedbed.Dataset) -> None:
    of_customer = lookup(dataset, "customer", "customer_id", "country")
    of_product = lookup(dataset, "product", "product_id", "country")
    orders = table(dataset, "order")
    wanted = [of_customer[c] for c in orders["customer_id"].to_pylist()]
    assert [of_product[p] for p in orders["gift_id"].to_pylist()] == wanted


def test_no_row_comes_twice_for_one_parent(dataset: seedbed.Dataset) -> None:
    items = table(dataset, "item")
    for column in ("product_id", "local_id"):
        pairs = Counter(zip(items["order_id"].to_pylist(), items[column].to_pylist(), strict=True))
        assert max(pairs.values()) == 1


def test_heavier_rows_are_picked_more_often(dataset: seedbed.Dataset) -> None:
    counts = Counter(values(dataset, "order", "clerk_id"))
    del counts[None]
    head = sum(count for _, count in counts.most_common(80))
    assert 0.78 < head / sum(counts.values()) < 0.9  # the first of the tail weigh more than one of the head


def test_a_null_rate_leaves_that_share_of_rows_without_a_target(dataset: seedbed.Dataset) -> None:
    clerks = table(dataset, "order")["clerk_id"]
    assert clerks.null_count / len(clerks) == pytest.approx(0.3, abs=0.02)


def test_a_hierarchy_has_the_roots_branching_and_depth_it_says(dataset: seedbed.Dataset) -> None:
    above = lookup(dataset, "employee", "employee_id", "manager_id")
    assert sum(manager is None for manager in above.values()) == 2
    children = Counter(manager for manager in above.values() if manager is not None)
    assert max(children.values()) <= 6
    for row in above:
        steps, manager = 0, above[row]
        while manager is not None:
            steps, manager = steps + 1, above[manager]
        assert steps <= 6


def test_as_of_reads_the_row_that_holds_at_the_time(dataset: seedbed.Dataset) -> None:
    prices = table(dataset, "price").to_pylist()
    for order in table(dataset, "order").slice(0, 400).to_pylist():
        holding = [p for p in prices if p["product_id"] == order["other_id"] and p["since"] <= order["day"]]
        latest = max((p["since"] for p in holding), default=None)
        chosen = next((p for p in prices if p["price_no"] == order["price_no"]), None)
        assert (chosen["since"] if chosen else None) == latest
        assert chosen is None or chosen["product_id"] == order["other_id"]


@pytest.mark.parametrize("name", ["employee", "order", "item"])
def test_any_slice_equals_the_same_rows_of_the_whole(dataset: seedbed.Dataset, name: str) -> None:
    whole = table(dataset, name).combine_chunks().to_batches()[0]
    rng = np.random.default_rng(7)
    for _ in range(6):
        start, stop = sorted(rng.integers(0, whole.num_rows + 1, 2).tolist())
        assert dataset.block(name, start, stop).equals(whole.slice(start, stop - start))


MISTAKES = [
    ("links: {boss: {to: employee}}", "itself"),
    ("links: {boss: {to: employee, hierarchy: {roots: 1, branching: 2, max_depth: 3}}}", "holds at most 15 rows, but there are 400"),
    ("links: {boss: {to: nowhere}}", "no table `nowhere`"),
    ("links: {boss: {to: product, hierarchy: {roots: 1}}}", "one table's own rows"),
    ("links: {boss: {to: product, pick: often}}", "no way to pick"),
    ("links: {boss: {to: product, pick: 'weight:country'}}", "needs a column of type int or float"),
    ("links: {boss: {to: product, match: {popularity: name}}}", "no row can match"),
    ("links: {boss: {to: product, match: {colour: name}}}", "`product` has no column `colour`"),
    ("links: {boss: {to: product, unique_per: customer}}", "is not the parent of"),
    ("links: {boss: {to: product, capacity: {limit: 3}, match: {country: name}}}", "cannot be combined"),
    ("links: {boss: {to: product, as_of: {at: name, valid_from: country}}}", "not a time"),
    ("links: {name: {to: product}}", "a column of `employee` already"),
]


@pytest.mark.parametrize(("link", "message"), MISTAKES)
def test_links_that_cannot_be_are_refused(link: str, message: str, tmp_path: Path) -> None:
    text = f"""
version: "2.0"
metadata: {{name: wrong}}
timeframe: {{start: "2024-01-01", end: "2025-12-31"}}
entities:
  employee:
    rows: 400
    {link}
    columns:
      name: {{choice: {{choices: [a, b]}}}}
  product:
    rows: 5
    columns:
      country: {{choice: {{choices: [a, b]}}}}
      popularity: {{distribution: {{type: uniform, params: {{low: 1, high: 900}}}}, type: float}}
"""
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(SeedbedError, match="(?s)" + message.replace("(", r"\(")) as caught:
        seedbed.plan(seedbed.load(path)).block("employee", 0, 5)
    assert "wrong.yaml:" in str(caught.value)


def test_more_children_than_rows_to_give_them_are_refused_with_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "few.yaml"
    path.write_text(SHOP.replace("rows: 50", "rows: 5"))
    with pytest.raises(SeedbedError, match=r"has 6 children in `item`, but .* 5 rows"):
        seedbed.plan(seedbed.load(path)).block("item", 0, 5)
