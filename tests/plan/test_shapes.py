"""What sinks are told of tables: keys and references that the delivered rows keep, tables in the order of their need."""

from __future__ import annotations

from typing import Any

import pytest

import seedbed
from seedbed.core.sinks import ForeignKey, TableShape
from seedbed.plan.shapes import in_order_of_need, table_shape

HEAD = 'version: "2.0"\nmetadata: {name: m}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'
TABLES = """
entities:
  shop:
    rows: 5
    pk: id
    columns:
      id: {sequence: {}}
      code: {pattern: {regex: "[A-Z]{6}"}, unique: true}
      secret: {sequence: {}, hidden: true}
facts:
  sale:
    description: What was sold.
    parents: [shop]
    fanout: {distribution: fixed, params: {n: 3}}
    pk: [shop_id, line]
    columns:
      shop_id: {lookup: {from: shop.id}}
      line: {sequence: {per: shop}}
  refund:
    parents: [sale]
    fanout: {distribution: fixed, params: {n: 1}}
    columns:
      shop_id: {lookup: {from: sale.shop_id}}
      line: {lookup: {from: sale.line}}
"""


def shapes(text: str = TABLES) -> dict[str, TableShape]:
    data = seedbed.plan(seedbed.loads(HEAD + text, "m.yaml"))
    return {name: table_shape(data.plan, name, data.schema(name), data.rows[name]) for name in data.plan.delivered}


def test_keys_and_descriptions_are_told() -> None:
    found = shapes()
    assert (found["shop"].primary_key, found["shop"].unique) == (("id",), (("code",),))
    assert (found["sale"].primary_key, found["sale"].rows) == (("shop_id", "line"), 15)
    assert found["sale"].description == "What was sold."
    assert found["sale"].foreign_keys == (ForeignKey(("shop_id",), "shop", ("id",)),)


def test_composite_references_go_through_one_link() -> None:
    assert shapes()["refund"].foreign_keys == (ForeignKey(("shop_id", "line"), "sale", ("shop_id", "line")),)


@pytest.mark.parametrize(
    ("issue", "key", "references"),
    [
        ("{table: shop, kind: duplicate, rate: 0.1}", (), 0),
        ("{table: shop, column: code, kind: typo, rate: 0.1}", ("id",), 1),
        ("{table: sale, column: shop_id, kind: orphan_fk, rate: 0.1}", ("id",), 0),
    ],
    ids=["copied rows", "another column", "orphans"],
)
def test_faults_take_the_keys_they_break(issue: str, key: tuple[str, ...], references: int) -> None:
    found = shapes(f"{TABLES}quality_injection: {{ground_truth: truth, issues: [{issue}]}}\n")
    assert found["shop"].primary_key == key
    assert len(found["sale"].foreign_keys) == references
    assert found["truth"].primary_key == ()


def test_tables_come_after_those_they_refer_to() -> None:
    found = shapes()
    assert [shape.name for shape in in_order_of_need(reversed(found.values()))] == ["shop", "sale", "refund"]


ORDERED: list[tuple[str, str, bool]] = [
    ("shop", "[id]", True),
    ("shop", "[id, code]", True),
    ("shop", "[code]", False),
    ("sale", "[shop_id]", True),
    ("sale", "[shop_id, line]", True),
    ("sale", "[line]", False),
]


@pytest.mark.parametrize(("table", "columns", "holds"), ORDERED, ids=str)
def test_an_order_holds_or_is_refused(table: str, columns: str, holds: Any) -> None:
    text = HEAD + TABLES.replace(f"  {table}:\n", f"  {table}:\n    order_by: {columns}\n")
    model = seedbed.loads(text, "m.yaml")
    if not holds:
        with pytest.raises(seedbed.ModelError, match=r"order_by\[0\]: nothing keeps the rows"):
            seedbed.plan(model)
        return
    rows = seedbed.plan(model).to_arrow(table).select(columns.strip("[]").split(", ")).to_pylist()
    values = [tuple(row.values()) for row in rows]
    assert values == sorted(values)


def test_layouts_and_targets_change_no_fingerprint() -> None:
    plain = seedbed.plan(seedbed.loads(HEAD + TABLES, "m.yaml"))
    text = TABLES.replace("  shop:\n", "  shop:\n    order_by: [id]\n    partition_by: [code]\n") + "outputs: [{to: out/x, format: csv}]\n"
    assert seedbed.plan(seedbed.loads(HEAD + text, "m.yaml")).plan.fingerprint == plain.plan.fingerprint
