"""What expressions may ask of a row's links."""

from __future__ import annotations

from collections import Counter

import pytest

import seedbed
from seedbed.core.errors import SeedbedError

TEXT = """
version: "2.0"
metadata: {name: measures}
timeframe: {start: "2024-01-01", end: "2025-12-31"}
entities:
  employee:
    rows: 300
    pk: employee_id
    links: {manager: {to: employee, hierarchy: {roots: 2, branching: {type: uniform, params: {low: 1, high: 6}}, max_depth: 12}}}
    columns:
      employee_id: {sequence: {}}
      manager_id: {lookup: {from: employee.employee_id, via: manager}, nullable: true}
      level: {expression: {code: "depth(manager)"}}
      reports: {expression: {code: "count_children(manager)"}}
      title: {expression: {code: "if_(depth(manager) == 0, 'CEO', if_(count_children(manager) > 0, 'Lead', 'Clerk'))"}}
      tasks: {expression: {code: "count_children(task)"}}
      hours: {expression: {code: "sum(task.hours)"}}
facts:
  task:
    parents: [employee]
    fanout: {distribution: poisson, lambda: 3}
    columns:
      employee_id: {lookup: {from: employee.employee_id}}
      hours: {distribution: {type: uniform, params: {low: 1, high: 9}}, type: int}
"""


def test_measures_agree_with_the_rows() -> None:
    dataset = seedbed.plan(seedbed.loads(TEXT, "measures.yaml"))
    rows = dataset.table("employee").read_all().to_pylist()
    tasks = dataset.table("task").read_all().to_pylist()
    above = {row["employee_id"]: row["manager_id"] for row in rows}
    reports = Counter(above.values())
    for row in rows:
        steps, manager = 0, row["manager_id"]
        while manager is not None:
            steps, manager = steps + 1, above[manager]
        own = [task["hours"] for task in tasks if task["employee_id"] == row["employee_id"]]
        assert row["level"] == steps
        assert row["reports"] == reports[row["employee_id"]]
        assert row["title"] == ("CEO" if steps == 0 else "Lead" if row["reports"] else "Clerk")
        assert (row["tasks"], row["hours"]) == (len(own), sum(own))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("depth(manager)", "depth(boss)", "`boss` is no hierarchy of `employee`"),
        ("count_children(task)", "count_children(tasks)", "did you mean `task`"),
        ("sum(task.hours)", "sum(task)", "needs a column"),
        ("sum(task.hours)", "sum(task.hour)", "did you mean `hours`"),
    ],
)
def test_measures_of_nothing_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(SeedbedError) as caught:
        seedbed.plan(seedbed.loads(TEXT.replace(old, new), "measures.yaml"))
    assert message in str(caught.value)
