"""Keys of several columns: kept by the way rows are made, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedbed
from seedbed.core.errors import SeedbedError

TEXT = """
version: "2.0"
metadata: {name: keys}
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  customer:
    rows: 300
    pk: customer_id
    columns:
      customer_id: {sequence: {}}
  product:
    rows: 30
    pk: product_id
    columns:
      product_id: {sequence: {}}
facts:
  address:
    parents: [customer]
    fanout: {distribution: uniform, min: 1, max: 4}
    pk: [customer_id, address_no]
    columns:
      customer_id: {lookup: {from: customer.customer_id}}
      address_no: {sequence: {per: customer}}
  order:
    parents: [customer]
    fanout: {distribution: poisson, lambda: 3}
    pk: order_id
    links: {ship_to: {to: address, match: {customer_id: customer_id}}}
    columns:
      order_id: {sequence: {}}
      customer_id: {lookup: {from: customer.customer_id}}
      address_no: {lookup: {from: address.address_no, via: ship_to}}
  item:
    parents: [order]
    fanout: {distribution: uniform, min: 1, max: 6}
    pk: [order_id, line_no]
    links: {product: {to: product, unique_per: order}}
    columns:
      order_id: {lookup: {from: order.order_id}}
      line_no: {sequence: {per: order}}
      product_id: {lookup: {from: product.product_id}}
  review:
    parents: [item]
    fanout: {distribution: uniform, min: 0, max: 1}
    columns:
      order_id: {lookup: {from: item.order_id}}
      line_no: {lookup: {from: item.line_no}}
      stars: {choice: {choices: [1, 2, 3, 4, 5]}}
constraints:
  unique: [[item.order_id, item.product_id]]
  foreign_keys:
    - {from: [order.customer_id, order.address_no], to: [address.customer_id, address.address_no]}
    - {from: [review.order_id, review.line_no], to: [item.order_id, item.line_no]}
"""


def test_composite_keys_hold_in_the_files(tmp_path: Path) -> None:
    model = tmp_path / "keys.yaml"
    model.write_text(TEXT)
    made = seedbed.generate(model, tmp_path / "out", verify="files")
    assert made.report is not None
    found = {result.id: result.status for result in made.report.results}
    names = (
        "address.pk_unique",
        "item.pk_unique",
        "item.order_id_product_id.unique",
        "order.fk_address.integrity",
        "review.fk_item.integrity",
    )
    assert {name: found[name] for name in names} == dict.fromkeys(names, "passed")
    assert set(found.values()) == {"passed"}


def test_line_numbers_restart_for_each_parent() -> None:
    rows = seedbed.plan(seedbed.loads(TEXT, "keys.yaml")).table("item").read_all().to_pylist()
    last: dict[int, int] = {}
    for row in rows:
        assert row["line_no"] == last.get(row["order_id"], 0) + 1
        last[row["order_id"]] = row["line_no"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "line_no: {sequence: {per: order}}",
            "line_no: {choice: {choices: [1, 2, 3]}}",
            "nothing keeps the primary key (order_id, line_no)",
        ),
        (", unique_per: order", "", "nothing keeps the combination (order_id, product_id)"),
        (
            "address_no: {lookup: {from: address.address_no, via: ship_to}}",
            "address_no: {constant: {value: 1}}",
            "are not read from one row of `address`",
        ),
        (", match: {customer_id: customer_id}", "", "are not read from one row of `address`"),
        ("to: [item.order_id, item.line_no]", "to: [item.order_id, item.product_id]", "not read from one row"),
        ("to: [item.order_id, item.line_no]", "to: [item.order_id]", "`from` has 2 columns, `to` has 1"),
        ("[[item.order_id, item.product_id]]", "[[item.order_id, order.order_id]]", "columns that count together are of one table"),
        ("pk: [order_id, line_no]", "pk: [order_id, line]", "has no column `line`"),
    ],
)
def test_keys_that_nothing_keeps_are_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in TEXT
    path = tmp_path / "wrong.yaml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(SeedbedError) as caught:
        seedbed.plan(seedbed.load(path))
    assert message in str(caught.value)
    assert "wrong.yaml:" in str(caught.value)


def test_lists_of_columns_need_version_2() -> None:
    text = TEXT.replace('version: "2.0"', 'version: "1.0"')
    with pytest.raises(SeedbedError, match=r"needs version 2\.0"):
        seedbed.plan(seedbed.loads(text, "old.yaml"))


def labelled(template: str) -> str:
    label = f'label: {{pattern: {{template: "{template}"}}, unique: true}}'
    return TEXT.replace(
        "      address_no: {sequence: {per: customer}}\n", f"      address_no: {{sequence: {{per: customer}}}}\n      {label}\n"
    )


def test_a_template_of_the_parents_key_and_a_number_within_it_is_unique() -> None:
    plan = seedbed.plan(seedbed.loads(labelled("A{customer_id}-{address_no:03d}"), "m.yaml"))
    labels = plan.block("address", 0, plan.rows["address"]).column("label").to_pylist()
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("template", ["{customer_id}{address_no}", "{address_no}-x", "{customer_id}-x"])
def test_a_template_that_does_not_tell_both_is_refused(template: str) -> None:
    with pytest.raises(SeedbedError, match=r"nothing in the template|two rows of"):
        seedbed.plan(seedbed.loads(labelled(template), "m.yaml"))


def test_a_key_of_the_parents_whole_key_and_a_number_within_it_is_kept() -> None:
    table = """  parcel:
    parents: [item]
    fanout: {distribution: uniform, min: 0, max: 3}
    pk: [order_id, line_no, parcel_no]
    columns:
      order_id: {lookup: {from: item.order_id}}
      line_no: {lookup: {from: item.line_no}}
      parcel_no: {sequence: {per: item}}
constraints:
"""
    text = TEXT.replace("constraints:\n", table)
    rows = seedbed.plan(seedbed.loads(text, "m.yaml")).to_arrow("parcel").to_pylist()
    assert len({tuple(row.values()) for row in rows}) == len(rows) > 0
    half = text.replace("pk: [order_id, line_no, parcel_no]", "pk: [order_id, parcel_no]")
    with pytest.raises(SeedbedError, match=r"nothing keeps the primary key \(order_id, parcel_no\)"):
        seedbed.plan(seedbed.loads(half, "m.yaml"))
