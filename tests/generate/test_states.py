"""Every path is allowed by its machine, times increase, and what lies after the timeframe has not happened."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import DAY, HOUR, SECOND
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from tests.core.battery import goodness

HEAD = """
version: "2.0"
metadata: {name: m}
timeframe: {start: "2024-01-01", end: "2024-12-31", freq: S}
entities:
  customer:
    rows: 3000
    pk: id
    columns:
      id: {sequence: {}}
      segment: {choice: {choices: [vip, regular]}}
facts:
  order:
    parents: [customer]
    pk: id
    fanout: {distribution: poisson, lambda: 4}
    columns:
      id: {sequence: {}}
      ordered_at: {datetime_series: {}}
      status: {type: string}
      status_at: {type: datetime}
      paid_at: {datetime_series: {after: ordered_at, before: status_at}}
    state_transition_model:
      initial_state: placed
      state_column: status
      time_column: status_at
      period_unit: hour
"""
STATES = """
      emit: events
      states:
        placed:    {next_states: {paid: 0.9, cancelled: 0.1}, dwell: {type: uniform, params: {low: 1, high: 5}}}
        paid:      {next_states: {shipped: 1.0}, dwell: {type: lognormal, params: {mean: 2.5, sigma: 0.5}}}
        shipped:   {next_states: {delivered: 0.95, paid: 0.05}, dwell: {type: uniform, params: {low: 3, high: 96}}}
        delivered: {next_states: {returned: 0.06}, dwell: {type: uniform, params: {low: 24, high: 336}}}
        returned:  {terminal: true}
        cancelled: {terminal: true}
"""
ALLOWED = {
    ("placed", "paid"), ("placed", "cancelled"), ("paid", "shipped"), ("shipped", "delivered"), ("shipped", "paid"), ("delivered", "returned"),
}  # fmt: skip


def engine(states: str = STATES) -> Engine:
    return Engine(prepare(compile_plan(parse(HEAD + states, "m.yaml"))))


def refusal(states: str, head: str = HEAD) -> str:
    with pytest.raises(ModelError) as caught:
        compile_plan(parse(head + states, "m.yaml"))
    return str(caught.value)


@pytest.fixture(scope="module")
def shop() -> Engine:
    return engine()


def whole(made: Engine, table: str) -> pa.RecordBatch:
    return made.block(table, 0, made.rows(table))


def paths(made: Engine) -> list[list[tuple[str, int]]]:
    """The states that each order enters, and when."""
    events = whole(made, "order_status")
    moments = np.asarray(events.column("status_at").cast(pa.int64()))
    found: dict[int, list[tuple[str, int]]] = {}
    for key, state, moment in zip(events.column("id").to_pylist(), events.column("status").to_pylist(), moments.tolist(), strict=True):
        found.setdefault(key, []).append((state, moment))
    return list(found.values())


def test_every_path_is_allowed_by_the_machine(shop: Engine) -> None:
    for path in paths(shop):
        assert path[0][0] == "placed"
        assert {(a[0], b[0]) for a, b in pairwise(path)} <= ALLOWED


def test_times_increase_and_stay_in_the_timeframe(shop: Engine) -> None:
    for path in paths(shop):
        assert all(b[1] - a[1] >= SECOND for a, b in pairwise(path))
        assert path[-1][1] <= shop.window[1]


def test_the_last_event_is_what_the_row_holds(shop: Engine) -> None:
    orders = whole(shop, "order")
    last = [path[-1] for path in paths(shop)]
    assert orders.column("status").to_pylist() == [state for state, _ in last]
    assert np.asarray(orders.column("status_at").cast(pa.int64())).tolist() == [moment for _, moment in last]
    starts = np.asarray(orders.column("ordered_at").cast(pa.int64())).tolist()
    assert starts == [path[0][1] for path in paths(shop)]


def test_events_are_counted_from_one_and_refer_to_their_row(shop: Engine) -> None:
    events = whole(shop, "order_status")
    assert events.schema.names == ["id", "number", "status", "status_at"]
    assert shop.plan.table("order_status").node.primary_key == ("id", "number")
    numbers = np.asarray(events.column("number"))
    assert (np.diff(numbers)[numbers[1:] != 1] == 1).all()


def test_transitions_have_their_probabilities(shop: Engine) -> None:
    early = [path for path in paths(shop) if path[0][1] < shop.window[1] - 60 * DAY]
    steps = Counter((a[0], b[0]) for path in early for a, b in pairwise(path))
    left = Counter(path[0][0] for path in early)["placed"]
    assert steps["placed", "cancelled"] / left == pytest.approx(0.1, abs=0.01)
    shipped = steps["shipped", "delivered"] + steps["shipped", "paid"]
    assert steps["shipped", "paid"] / shipped == pytest.approx(0.05, abs=0.01)
    delivered = steps["shipped", "delivered"]
    assert steps["delivered", "returned"] / delivered == pytest.approx(0.06, abs=0.01)


def test_dwell_times_have_their_distribution(shop: Engine) -> None:
    early = [path for path in paths(shop) if path[0][1] < shop.window[1] - DAY]
    stays = np.array([path[1][1] - path[0][1] for path in early if len(path) > 1]) / HOUR
    counts = np.histogram(stays, bins=20, range=(1, 5))[0]
    assert goodness(counts, np.full(20, counts.sum() / 20)) > 1e-4


def test_rows_still_open_at_the_end_stay_where_they_are(shop: Engine) -> None:
    orders = whole(shop, "order")
    starts = np.asarray(orders.column("ordered_at").cast(pa.int64()))
    state = np.array(orders.column("status").to_pylist())
    assert set(state[starts > shop.window[1] - HOUR]) == {"placed"}  # none is left before an hour
    assert not {"placed", "paid", "shipped"} & set(state[starts < shop.window[1] - 90 * DAY])


def test_other_times_lie_between_a_start_and_its_state(shop: Engine) -> None:
    orders = whole(shop, "order")
    start, paid, end = (np.asarray(orders.column(name).cast(pa.int64())) for name in ("ordered_at", "paid_at", "status_at"))
    assert ((start <= paid) & (paid <= end)).all()
    assert not shop.plan.findings


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_slices_equal_the_same_rows_of_the_whole(data: st.DataObject) -> None:
    made = engine()
    for table in ("order", "order_status"):
        rows = made.rows(table)
        start = data.draw(st.integers(0, rows - 1))
        stop = data.draw(st.integers(start, min(rows, start + 300)))
        assert made.block(table, start, stop).equals(whole(made, table).slice(start, stop - start))


def test_segments_scale_the_probabilities_of_leaving() -> None:
    more = """
      segment_column: customer.segment
      segment_variation: {vip: {transition_multiplier: 0.5}, regular: {transition_multiplier: 3}}
"""
    made = engine(STATES.replace("emit: events", "emit: final") + more)
    frame = Frame(made, "order", range(made.rows("order")))
    names = dict(zip(*(whole(made, "customer").column(name).to_pylist() for name in ("id", "segment")), strict=True))
    vip = np.array([names[key] == "vip" for key in frame.link("parent").read("id").data.tolist()])
    state = np.array(whole(made, "order").column("status").to_pylist())
    early = frame.column("ordered_at").data < made.window[1] - 60 * DAY
    assert (state[early & vip] == "placed").mean() == pytest.approx(0.5, abs=0.02)
    assert (state[early & ~vip] == "placed").mean() == 0
    assert (state[early & ~vip] == "cancelled").mean() == pytest.approx(0.1, abs=0.02)


def test_a_machine_without_events_adds_no_table() -> None:
    made = engine(STATES.replace("emit: events", "emit: final"))
    assert [table.name for table in made.plan.tables] == ["customer", "order"]


def test_the_expected_number_of_events_is_that_of_the_machine(shop: Engine) -> None:
    expected = shop.plan.table("order_status").expected_rows / shop.plan.table("order").expected_rows
    early = [path for path in paths(shop) if path[0][1] < shop.window[1] - 60 * DAY]
    assert np.mean([len(path) for path in early]) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{shipped: 1.0}", "{shiped: 1.0}", "there is no state `shiped`"),
        ("{shipped: 1.0}", "{shipped: 0.8, cancelled: 0.4}", "add up to 1.2, more than 1"),
        ("{shipped: 1.0}", "{cancelled: 1.0}", "no row can reach the state `shipped`"),
        ("cancelled: {terminal: true}", "cancelled: {terminal: true, next_states: {paid: 0.5}}", "`cancelled` is terminal, but leads to"),
        ("cancelled: {terminal: true}", "cancelled: {}", "`cancelled` leads nowhere"),
        ("{low: 1, high: 5}", "{low: -1, high: 5}", "less than no time"),
        ("emit: events", "emit: events\n      start_column: status_at", "is filled by the machine itself"),
        ("{paid: 0.9, cancelled: 0.1}", "{paid: 0.001, placed: 0.998, cancelled: 0.001}", "would make more than 256 transitions"),
        ("emit: events", "segment_column: customer.segment", "no segment differs"),
    ],
)
def test_machines_that_cannot_be_are_refused(old: str, new: str, message: str) -> None:
    assert message in refusal(STATES.replace(old, new))


@pytest.mark.parametrize(
    "more",
    ["nullable: true", "null_rate: 0.1", "modifiers: [{transform: map_values, args: {mapping: {paid: x}}}]", "choice: {choices: [a]}"],
)
def test_columns_that_the_machine_fills_ask_for_nothing_else(more: str) -> None:
    assert "`status` is filled in every row" in refusal(STATES, HEAD.replace("status: {type: string}", f"status: {{type: string, {more}}}"))


def test_events_need_a_key_to_refer_to() -> None:
    assert "the events of `order` need its key" in refusal(
        STATES, HEAD.replace("    parents: [customer]\n    pk: id\n", "    parents: [customer]\n")
    )


def test_states_need_a_column_and_a_start() -> None:
    assert "has no column `status`" in refusal(STATES, HEAD.replace("      status: {type: string}\n", ""))
    assert "may be null" in refusal(
        STATES, HEAD.replace("ordered_at: {datetime_series: {}}", "ordered_at: {datetime_series: {}, nullable: true}")
    )


def test_mistakes_are_placed_as_the_document_has_its_tables() -> None:
    last = (
        STATES
        + "  zone:\n    parents: [order]\n    fanout: {distribution: fixed, params: {n: 1}}\n    columns: {n: {pattern: {template: a}, unique: true}}\n"
    )
    with pytest.raises(ModelError, match=r"m\.yaml:[0-9]+:[0-9]+ facts\.zone\.columns\.n\."):
        seedbed.plan(seedbed.loads(HEAD + last, "m.yaml"))


def test_events_of_rows_with_a_key_of_several_columns_hold_all_of_it() -> None:
    body = """
version: "2.0"
metadata: {name: m}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  a: {rows: 300, pk: id, columns: {id: {sequence: {}}}}
facts:
  b:
    parents: [a]
    pk: [a_id, line]
    fanout: {distribution: poisson, lambda: 2}
    columns:
      a_id: {lookup: {from: a.id}}
      line: {datetime_series: {freq: D, process: regular}, type: date}
      at: {datetime_series: {}}
      state: {}
    state_transition_model:
      initial_state: open
      state_column: state
      period_unit: day
      emit: events
      states: {open: {next_states: {closed: 0.5}, dwell: {type: uniform, params: {low: 1, high: 9}}}, closed: {terminal: true}}
"""
    made = Engine(prepare(compile_plan(parse(body, "m.yaml"))))
    events = whole(made, "b_state")
    assert events.schema.names == ["a_id", "line", "number", "state", "at"]
    keys = list(zip(*(events.column(name).to_pylist() for name in ("a_id", "line", "number")), strict=True))
    assert len(set(keys)) == len(keys)
    rows = whole(made, "b")
    assert {key[:2] for key in keys} == set(zip(*(rows.column(name).to_pylist() for name in ("a_id", "line")), strict=True))
