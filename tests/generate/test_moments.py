"""Times lie after and before others, follow by their delays, come in order, and keep their weights and their time zone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.calendar import parse_datetime
from seedbed.core.clock import clock
from seedbed.core.draw import Floats, Ints
from seedbed.core.errors import DataError, ModelError
from seedbed.core.timegrid import DAY, HOUR, SECOND
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

HEAD = """
version: "2.0"
metadata: {name: m}
timeframe: {start: "2024-01-01", end: "2025-12-31", freq: S%s}
"""
HOURS = [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 5, 5, 6, 7, 8, 6, 4, 2, 0]
SHOP = f"""
entities:
  customer:
    rows: 4000
    pk: id
    columns:
      id: {{sequence: {{}}}}
      created_at: {{datetime_series: {{}}}}
facts:
  order:
    parents: [customer]
    pk: id
    fanout: {{distribution: poisson, lambda: 5}}
    columns:
      id: {{sequence: {{}}}}
      ordered_at: {{datetime_series: {{after: customer.created_at, patterns: [{{dimension: hour, weights: {HOURS}}}]}}}}
      sent_at: {{datetime_series: {{after: ordered_at, delay: {{type: uniform, params: {{low: 10, high: 30}}}}, unit: h}}}}
      seen_at: {{datetime_series: {{after: ordered_at, before: sent_at}}}}
      ping_at: {{datetime_series: {{process: poisson, after: customer.created_at}}}}
      week: {{datetime_series: {{freq: W, process: regular}}, type: date}}
"""
IN_ZONE = ", tz: Europe/Berlin, calendar: DE"


def engine(body: str, more: str = "") -> Engine:
    return Engine(prepare(compile_plan(parse(HEAD % more + body, "m.yaml"))))


def values(made: Engine, table: str, *columns: str) -> list[Ints]:
    frame = Frame(made, table, range(made.rows(table)))
    return [frame.column(name).data for name in columns]


def refusal(body: str, more: str = "") -> str:
    with pytest.raises(ModelError) as caught:
        engine(body, more)
    return str(caught.value)


def distance(a: Floats, cdf: Floats) -> float:
    """Kolmogorov and Smirnov's: `cdf` are the probabilities of values up to each of the sorted ones."""
    n = len(a)
    return float(max(np.max(np.arange(1, n + 1) / n - cdf), np.max(cdf - np.arange(n) / n)))


@pytest.fixture(scope="module", params=["", IN_ZONE])
def shop(request: pytest.FixtureRequest) -> Engine:
    return engine(SHOP, request.param)


def test_no_time_violates_its_order(shop: Engine) -> None:
    ordered, sent, seen, ping = values(shop, "order", "ordered_at", "sent_at", "seen_at", "ping_at")
    created = Frame(shop, "order", range(shop.rows("order"))).link("parent").read("created_at").data
    assert (ordered >= created).all()
    assert (ping >= created).all()
    assert (sent >= ordered).all()
    assert ((seen >= ordered) & (seen <= sent)).all()
    for moments in (created, ordered, sent, seen, ping):
        assert not (moments % SECOND).any()
        assert moments.max() <= shop.window[1]


def test_weights_hold_under_an_order(shop: Engine) -> None:
    (ordered,) = values(shop, "order", "ordered_at")
    shares = np.bincount(shop.clock.places(ordered, "hour"), minlength=24) / len(ordered)
    assert np.abs(shares - np.array(HOURS) / sum(HOURS)).max() < 0.01


def test_delays_have_their_distribution(shop: Engine) -> None:
    ordered, sent = values(shop, "order", "ordered_at", "sent_at")
    room = ordered < shop.window[1] - 30 * HOUR
    delays = np.sort((sent - ordered)[room] / HOUR)
    assert delays[0] >= 10
    assert delays[-1] <= 30
    assert distance(delays, (delays - 10) / 20) < 1.95 / np.sqrt(len(delays))  # p = 0.001
    assert (sent - ordered).min() >= 10 * HOUR - SECOND  # the plan has left room for the shortest


def test_events_of_a_parent_come_in_order(shop: Engine) -> None:
    ping, week = values(shop, "order", "ping_at", "week")
    place = shop.children(Frame(shop, "order", range(shop.rows("order"))))
    same = np.diff(place.local) == 0
    assert (np.diff(ping)[same] >= 0).all()
    assert (np.diff(week)[same] == 7).all()
    first = int(parse_datetime("2024-01-01") // DAY)
    assert (week[place.ordinal == 0] == first).all()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_slices_equal_the_same_rows_of_the_whole(data: st.DataObject) -> None:
    made = engine(SHOP, IN_ZONE)
    rows = made.rows("order")
    start = data.draw(st.integers(0, rows - 1))
    stop = data.draw(st.integers(start, min(rows, start + 500)))
    whole = made.block("order", 0, rows)
    assert made.block("order", start, stop).equals(whole.slice(start, stop - start))


def test_moments_are_delivered_with_their_time_zone() -> None:
    made = engine(SHOP, IN_ZONE)
    schema = made.schema("order")
    assert schema.field("ordered_at").type == pa.timestamp("us", "Europe/Berlin")
    assert schema.field("week").type == pa.date32()
    first = made.block("customer", 0, 1).column("created_at")[0].as_py()
    assert str(first.tzinfo) == "Europe/Berlin"
    assert engine(SHOP).schema("order").field("ordered_at").type == pa.timestamp("us")


def test_formulas_see_local_times() -> None:
    body = """
entities:
  visit:
    rows: 3000
    columns:
      at: {datetime_series: {freq: H, patterns: [{dimension: hour, weights: [0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]}}
      hour: {expression: {code: hour(at)}}
      again: {expression: {code: at}}
"""
    made = engine(body, IN_ZONE)
    at, hour, again = values(made, "visit", "at", "hour", "again")
    assert (hour == 9).all()
    assert set((at // HOUR % 24).tolist()) == {7, 8}
    assert (again == at).all()


def test_holidays_have_their_weight() -> None:
    body = """
entities:
  visit:
    rows: 20000
    columns:
      at: {datetime_series: {patterns: [{dimension: holiday, weights: {holiday: 0.25, workday: 1}}, {dimension: dow, weights: [1, 1, 1, 1, 1, 0, 0]}]}}
"""
    made = engine(body, IN_ZONE)
    (at,) = values(made, "visit", "at")
    days = np.arange(parse_datetime("2024-01-01"), parse_datetime("2026-01-01"), DAY)
    german = clock(None, "DE")
    work = german.places(days, "dow") < 5
    free = german.places(days, "holiday")[work] == 1
    expected = 0.25 * free.sum() / (0.25 * free.sum() + (~free).sum())
    assert made.clock.places(at, "holiday").mean() == pytest.approx(expected, abs=0.003)
    assert (made.clock.places(at, "dow") < 5).all()


def test_a_poisson_process_of_an_entity_has_even_times_in_order() -> None:
    body = "entities: {tick: {rows: 150000, columns: {at: {datetime_series: {process: poisson}}}}}"
    made = engine(body)
    (at,) = values(made, "tick", "at")
    assert (np.diff(at) >= 0).all()
    shares = (at - made.window[0]) / (made.window[1] - made.window[0])
    assert distance(shares, shares) < 1.95 / np.sqrt(len(at))
    gaps = np.sort(np.diff(at)[::7] / np.diff(at).mean())
    assert np.mean(gaps > 1) == pytest.approx(np.exp(-1), abs=0.01)
    assert (values(made, "tick", "at")[0][99_000:99_010] == Frame(made, "tick", range(99_000, 99_010)).column("at").data).all()


def test_a_regular_process_takes_point_after_point() -> None:
    made = engine("entities: {tick: {rows: 731, columns: {day: {datetime_series: {process: regular, freq: D}}}}}", IN_ZONE)
    (day,) = values(made, "tick", "day")
    assert (np.diff(made.clock.local(day)) == DAY).all()
    assert len(np.unique(np.diff(day))) == 3  # days of 23, 24 and 25 hours


def test_a_tree_goes_forward_in_time_from_its_roots_down() -> None:
    body = """
entities:
  employee:
    rows: 3000
    pk: id
    links: {manager: {to: employee, hierarchy: {roots: 3, branching: 8, max_depth: 6}}}
    columns:
      id: {sequence: {}}
      manager_id: {lookup: {from: employee.id, via: manager}}
      hired_on: {datetime_series: {after: manager.hired_on, freq: D}, type: date}
"""
    made = engine(body)
    (hired,) = values(made, "employee", "hired_on")
    frame = Frame(made, "employee", range(3000))
    linked = frame.link("link:manager")
    assert linked.valid is not None
    above = linked.read("hired_on").data
    assert (hired >= above)[linked.valid].all()
    assert (~linked.valid).sum() == 3
    assert (Frame(made, "employee", range(1000, 1100)).column("hired_on").data == hired[1000:1100]).all()


def test_a_parent_with_more_rows_than_points_is_told() -> None:
    body = """
entities: {a: {rows: 50, pk: id, columns: {id: {sequence: {}}}}}
facts:
  b:
    parents: [a]
    fanout: {distribution: poisson, lambda: 8}
    columns: {at: {datetime_series: {freq: Q, process: regular}}}
"""
    made = engine(body)
    with pytest.raises(DataError, match=r"finds no point left for b\.at: its window holds 8"):
        made.block("b", 0, made.rows("b"))


SERIES = "entities: {{t: {{rows: 900, columns: {{start: {{datetime_series: {{}}}}, end: {{datetime_series: {{{0}}}}}, day: {{datetime_series: {{}}, type: date}}}}}}}}"


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ("after: end", "`end` cannot be compared with itself"),
        ("after: stat", "no column `stat`"),
        ("after: day", "`day` is date, the column is datetime"),
        ("after: boss.start", "no link, parent or record `boss`"),
        ("after: start, before: start", "the value would be `start` itself"),
        ("delay: {type: uniform, params: {low: 1, high: 2}}", "a delay needs a moment that it follows"),
        ("unit: h", "there is no `delay`"),
        ("after: start, delay: {type: uniform, params: {low: -2, high: -1}}", "every delay of t.end is below 0"),
        (
            "after: start, delay: {type: uniform, params: {low: 900, high: 1000}}, unit: d",
            "the shortest delay of t.end is 900 d, its window 731",
        ),
        ("process: poisson, after: start", "all rows of a `poisson` process share their window"),
        ("process: regular, freq: D", "`t` has 900 rows, the grid of t.end 731 points"),
        ("patterns: [{dimension: holiday, weights: {holiday: 0}}]", "the model names no calendar"),
        ("patterns: [{dimension: hour, weights: [1, 2]}]", "2 weights for `hour`"),
        ("within: {start: '2027-01-01', end: '2027-12-31'}, before: start", "can never hold"),
    ],
)
def test_what_cannot_be_is_refused(series: str, message: str) -> None:
    assert message in refusal(SERIES.format(series))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", tz: Europe/Berln", "did you mean `Europe/Berlin`"),
        (", calendar: XX", "the holidays of `XX` are not known"),
    ],
)
def test_unknown_zones_and_calendars_are_refused(more: str, message: str) -> None:
    assert message in refusal(SERIES.format("freq: S"), more)


def test_windows_beyond_what_zones_know_are_refused() -> None:
    assert "known from 1900 to 2100" in refusal(SERIES.format("within: {start: '1850-01-01', end: '2000-01-01'}"), IN_ZONE)


def test_listed_moments_say_which_they_are() -> None:
    body = "entities: {t: {columns: {at: {choice: {choices: ['2024-10-27T02:30:00']}, type: datetime}}}}"
    assert "does not say how far it is from UTC" in refusal(body, IN_ZONE)


def test_orders_inside_other_generators_are_refused() -> None:
    body = """
entities:
  t:
    columns:
      start: {datetime_series: {}}
      end: {case: {when: [{if: "hour(start) > 3", then: {datetime_series: {after: start}}}], else: {datetime_series: {}}}, type: datetime}
"""
    assert "`after` needs a column of its own" in refusal(body)
