"""Aggregates that can be null are refused in columns without nulls."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.core.errors import ModelError

TEXT = """
version: "2.0"
metadata: {name: t}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  customer:
    rows: 60
    pk: id
    columns:
      id: {sequence: {}}
      segment: {choice: {choices: [a, b]}}
      most: {aggregate: {of: order.value, op: max}}
    segment_behavior: {segment_column: segment, behaviors: {a: {fanout_multiplier: 2}}}
facts:
  order:
    parents: [customer]
    fanout: {distribution: poisson, lambda: 2, min: 1}
    columns:
      customer_id: {lookup: {from: customer.id}}
      value: {choice: {choices: [1, 2]}}
"""


def test_where_every_parent_has_a_child_with_a_value_there_is_no_null() -> None:
    assert seedbed.plan(seedbed.loads(TEXT, "m.yaml")).to_arrow("customer")["most"].null_count == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("min: 1}", "max: 9}", "a parent may have no children"),
        ("[1, 2]}}", "[1, 2]}, null_rate: 0.5}", r"`?order\.value`? may be null in every child"),
        ("multiplier: 2", "multiplier: 0", "behaviours and shocks may leave a parent none"),
        ("op: max}", "op: max, where: value > 1}", "`where` leaves it none"),
    ],
)
def test_what_can_be_null_is_refused(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ModelError, match=message):
        seedbed.plan(seedbed.loads(TEXT.replace(old, new), "m.yaml"))


def test_an_aggregate_of_states_has_a_value_for_every_row() -> None:
    text = """
version: "2.0"
metadata: {name: t}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  order:
    rows: 50
    pk: id
    columns:
      id: {sequence: {}}
      at: {datetime_series: {}}
      state: {type: string}
      state_at: {type: datetime}
      latest: {aggregate: {of: order_state.state_at, op: max}}
    state_transition_model:
      initial_state: open
      state_column: state
      time_column: state_at
      start_column: at
      emit: events
      states:
        open: {next_states: {done: 0.5}, dwell: {type: exponential, params: {mean: 6}}}
        done: {terminal: true}
"""
    orders = seedbed.plan(seedbed.loads(text, "m.yaml")).to_arrow("order")
    assert orders["latest"].to_pylist() == orders["state_at"].to_pylist()
