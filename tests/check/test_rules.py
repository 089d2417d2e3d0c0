"""Rules over columns, linked rows and children, judged on stored tables."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

import seedbed
from seedbed.core.errors import SeedbedError

TEXT = """
version: "2.0"
metadata: {name: rules}
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  employee:
    rows: 60
    pk: employee_id
    links: {manager: {to: employee, hierarchy: {roots: 1, branching: 3, max_depth: 8}}}
    columns:
      employee_id: {sequence: {}}
      manager_id: {lookup: {from: employee.employee_id, via: manager}, nullable: true}
      level: {expression: {code: "depth(manager)"}}
      reports: {expression: {code: "count_children(manager)"}}
  customer:
    rows: 200
    pk: customer_id
    columns:
      customer_id: {sequence: {}}
      since: {datetime_series: {within: {start: "2020-01-01", end: "2023-12-31"}, freq: D}, type: date}
      low: {distribution: {type: uniform, params: {low: 0, high: 9}}, type: int}
      high: {distribution: {type: uniform, params: {low: 0, high: 9}}, type: int}
facts:
  order:
    parents: [customer]
    fanout: {distribution: poisson, lambda: 3}
    pk: order_id
    columns:
      order_id: {sequence: {}}
      customer_id: {lookup: {from: customer.customer_id}}
      day: {datetime_series: {within: timeframe, freq: D}, type: date}
      total: {aggregate: {of: payment.amount}}
  payment:
    parents: [order]
    fanout: {distribution: uniform, min: 0, max: 3}
    columns:
      order_id: {lookup: {from: order.order_id}}
      amount: {distribution: {type: uniform, params: {low: 1, high: 9}}, type: decimal, scale: 2}
constraints:
  inequalities: [{left: customer.low, op: "<=", right: customer.high, mode: check}]
  rules:
    - {table: order, expr: "sum(payment.amount) == total", name: adds_up}
    - {table: order, expr: "customer.since < day", name: customer_first}
    - {table: order, expr: "count_children(payment) <= 3", name: few_payments}
    - {table: employee, expr: "depth(manager) == level and count_children(manager) == reports", name: tree}
    - {table: customer, expr: "low + high >= 0", name: simple}
    - {table: payment, expr: "amount <= order.total", name: part_of_total}
    - {table: employee, expr: "is_null(manager.level) or manager.level == level - 1", name: one_below}
"""

RULES = ("order.adds_up", "order.customer_first", "order.few_payments", "employee.tree", "customer.simple", "payment.part_of_total",
         "employee.one_below")  # fmt: skip


def statuses(report: object) -> dict[str, str]:
    return {result.id: result.status for result in report.results}  # type: ignore[attr-defined]


@pytest.mark.parametrize("verify", ["files", "blocks"])
def test_rules_that_hold_are_said_to_hold(tmp_path: Path, verify: Literal["files", "blocks"]) -> None:
    model = tmp_path / "rules.yaml"
    model.write_text(TEXT.replace(", mode: check", ""))
    made = seedbed.generate(model, tmp_path / "out", verify=verify)
    found = statuses(made.report)
    assert {name: found[name] for name in RULES} == dict.fromkeys(RULES, "passed")


def test_an_inequality_that_is_only_judged_changes_nothing_and_fails() -> None:
    plan = seedbed.plan(seedbed.loads(TEXT, "rules.yaml"))
    rows = plan.table("customer").read_all().to_pylist()
    assert any(row["low"] > row["high"] for row in rows)


def broken(tmp_path: Path, table: str, column: str, values: pa.Array) -> dict[str, str]:
    """The statuses of all checks when a column of the files is another."""
    from seedbed.check.structure import check_scans
    from seedbed.read.parquet import scan_tables

    model = seedbed.loads(TEXT, "rules.yaml")
    seedbed.generate(model, tmp_path / "out")
    path = tmp_path / "out" / f"{table}.parquet"
    stored = pq.read_table(path)
    changed = stored.set_column(stored.schema.get_field_index(column), stored.schema.field(column), values(stored[column]))
    pq.write_table(changed, path)
    plan = seedbed.plan(model)
    return statuses(check_scans(plan.model, scan_tables(tmp_path / "out", [node.id for node in plan.model.nodes])))


@pytest.mark.parametrize(
    ("table", "column", "change", "rules"),
    [
        ("payment", "amount", lambda a: pa.compute.add(a, a).cast(a.type), {"order.adds_up"}),
        ("employee", "level", lambda a: pa.compute.add(a, 1), {"employee.tree"}),
        (
            "customer",
            "since",
            lambda a: pa.compute.add(a, pa.scalar(86400 * 3000, pa.duration("s"))).cast(a.type),
            {"order.customer_first"},
        ),
    ],
)
def test_rules_that_are_broken_are_said_to_fail(tmp_path: Path, table: str, column: str, change: object, rules: set[str]) -> None:
    found = broken(tmp_path, table, column, change)
    assert {name for name in RULES if found[name] == "failed"} >= rules
    assert "error" not in {found[name] for name in RULES}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low + high >= 0", "low + high", "a rule must be true or false"),
        ("low + high >= 0", "low + higher >= 0", "did you mean `high`"),
        ('"low + high >= 0", name: simple', '"low + high >= 0", name: simple, mode: enforce', "cannot be made true"),
        ("table: customer, expr", "table: customers, expr", "did you mean `customer`"),
    ],
)
def test_rules_that_cannot_be_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(SeedbedError) as caught:
        seedbed.plan(seedbed.loads(TEXT.replace(old, new), "rules.yaml"))
    assert message in str(caught.value)


def test_a_rule_between_two_columns_can_be_made_true() -> None:
    text = TEXT.replace('"low + high >= 0", name: simple', '"low <= high", name: simple, mode: enforce').replace(
        '  inequalities: [{left: customer.low, op: "<=", right: customer.high, mode: check}]\n', ""
    )
    rows = seedbed.plan(seedbed.loads(text, "rules.yaml")).table("customer").read_all().to_pylist()
    assert all(row["low"] <= row["high"] for row in rows)
