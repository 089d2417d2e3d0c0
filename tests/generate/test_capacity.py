"""Links with limits: nobody over a limit, no pair twice, refused exactly where it cannot be."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.draw import Ints, Key, derive_key
from seedbed.core.errors import ModelError, SeedbedError
from seedbed.core.permute import Permutation
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.linking.allotment import Group, allot, groups_of, shortage
from seedbed.generate.linking.chart import Turn, chart_of
from seedbed.generate.linking.seats import Line, share_of, usable
from seedbed.generate.prepare import prepare
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from tests.growing import choice, column, entity, even, fact, poisson

Document = dict[str, Any]


def school(
    students: int, classes: int, fanout: Document, capacity: Document, *, limits: list[int] | None = None, seed: int = 42, **link: Any
) -> Engine:
    """Students with enrolments, no class twice unless `unique_per` is None; `limits` are drawn for the column `places`."""
    given = {"to": "class", "unique_per": "student", "capacity": capacity, **link}
    enrolment = fact("enrolment", "student", fanout, _class_id(), links={"class": given})
    places = column("places", "int", choice(*(limits or [20, 25, 30, 35])))
    return _grown(entity("class", classes, places), entity("student", students), enrolment, seed=seed)


def desks(rows: int, rooms: int, capacity: Document, *, seed: int = 42, **link: Any) -> Engine:
    """Rows that refer to rooms, without parents."""
    staff = entity("staff", rows, _class_id(), links={"room": {"to": "class", "capacity": capacity, **link}})
    return _grown(entity("class", rooms, column("places", "int", choice(0, 3, 7, 8))), staff, seed=seed)


def _class_id() -> Document:
    return column("class_id", "int", {"lookup": {"from": "class.id"}}, nullable=True, null_rate=0.0)


def _grown(*nodes: Document, seed: int = 42) -> Engine:
    document = {
        "version": "2.0",
        "metadata": {"name": "school"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "nodes": list(nodes),
    }
    return Engine(prepare(compile_plan(parse(json.dumps(document), "school.json"), seed=seed)))


def seated(engine: Engine, table: str, rows: Any) -> Ints:
    """The row of the target of each row, -1 for none."""
    frame = Frame(engine, table, rows)
    (link,) = [link for link in engine.plan.table(table).links if link.kind == "declared"]
    linked = frame.link(link.name)
    return linked.rows if linked.valid is None else np.where(linked.valid, linked.rows, -1)


def limits_of(engine: Engine, capacity: Document) -> Ints:
    limit, share = capacity["limit"], Fraction(str(capacity.get("utilization", 1.0)))
    limits = engine.whole("class").column(limit).data if isinstance(limit, str) else np.full(engine.rows("class"), limit)
    return np.array([int(value * share) for value in limits.tolist()])


def assert_held(engine: Engine, capacity: Document, *, most: int) -> Ints:
    """No class over its limit, no student over `most`, no pair twice, and every slice and row is that of the whole."""
    rows = engine.rows("enrolment")
    classes = seated(engine, "enrolment", range(rows))
    students = Frame(engine, "enrolment", range(rows)).link("parent").rows
    sits = classes >= 0
    counts = np.bincount(classes[sits], minlength=engine.rows("class"))
    assert (counts <= limits_of(engine, capacity)).all()
    assert np.bincount(students, minlength=1).max(initial=0) <= most
    pairs = (students * engine.rows("class") + classes)[sits]
    assert len(np.unique(pairs)) == len(pairs)
    rng = np.random.default_rng(7)
    for _ in range(6):
        start, stop = sorted(rng.integers(0, rows + 1, 2).tolist())
        stop = min(stop, start + 2_000)
        assert (seated(engine, "enrolment", range(start, stop)) == classes[start:stop]).all()
        picks = rng.integers(0, rows, 40) if rows else np.zeros(0, dtype=np.int64)
        assert (seated(engine, "enrolment", picks) == classes[picks]).all()
    return classes


@pytest.mark.parametrize("utilization", [0.8, 0.99])
@pytest.mark.parametrize(("students", "classes"), [(1_000, 160), (20_000, 3_000)])
def test_no_class_is_over_its_limit_and_no_pair_comes_twice(students: int, classes: int, utilization: float) -> None:
    capacity = {"limit": "places", "utilization": utilization}
    engine = school(students, classes, even(1, 5), capacity)
    assert (assert_held(engine, capacity, most=5) >= 0).all()


@pytest.mark.soak
@pytest.mark.parametrize("utilization", [0.8, 0.99])
@pytest.mark.parametrize(("students", "classes"), [(1_000, 160), (100_000, 15_000), (1_000_000, 150_000)])
def test_schools_of_every_size_keep_their_rules(students: int, classes: int, utilization: float) -> None:
    capacity = {"limit": "places", "utilization": utilization}
    assert (assert_held(school(students, classes, even(1, 5), capacity), capacity, most=5) >= 0).all()
    tight = {"limit": 30}
    assert (assert_held(school(students, students // 10, even(3, 3), tight), tight, most=3) >= 0).all()


@pytest.mark.parametrize("students", [10, 100, 1_000, 66_000])
def test_all_seats_can_be_taken(students: int) -> None:
    capacity = {"limit": students // 10 if students == 10 else 10}
    engine = school(students, students * 4 // capacity["limit"], even(4, 4), capacity)
    counts = np.bincount(assert_held(engine, capacity, most=4))
    assert (counts == capacity["limit"]).all()


def test_families_of_many_sizes_fit_to_the_last_seat() -> None:
    engine = school(3_000, 90, poisson(6, max=40), {"limit": 300}, seed=3)
    demand = engine.rows("enrolment")
    classes = -(-demand // 300)
    tight = school(3_000, classes, poisson(6, max=40), {"limit": 300}, seed=3)
    assert tight.rows("enrolment") == demand
    assert_held(tight, {"limit": 300}, most=40)


def test_classes_are_filled_alike_and_mixed() -> None:
    engine = school(20_000, 3_000, even(1, 5), {"limit": 30})
    classes = assert_held(engine, {"limit": 30}, most=5)
    counts = np.bincount(classes, minlength=3_000)
    assert 0.6 < counts.mean() / 30 < 0.72
    assert 0.5 < counts.std() < 4
    students = Frame(engine, "enrolment", range(len(classes))).link("parent").rows
    busy = np.bincount(students)[students]
    shares = [np.mean(np.bincount(classes[busy == size], minlength=3_000) > 0) for size in (3, 4, 5)]
    assert min(shares) > 0.9  # nearly every class has students with three, four and five enrolments


def test_neighbours_of_one_class_part_in_the_next() -> None:
    engine = school(20_000, 2_000, even(3, 3), {"limit": 30})
    classes = seated(engine, "enrolment", range(engine.rows("enrolment"))).reshape(-1, 3)
    pairs = np.concatenate([np.sort(classes[:, pair], axis=1) for pair in ([0, 1], [0, 2], [1, 2])])
    _, counts = np.unique(pairs, axis=0, return_counts=True)
    assert counts.max() <= 6  # students who share two classes: cohorts would be of thirty


@st.composite
def schools(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Limits of classes and demands of students."""
    limits = draw(st.lists(st.integers(0, 12), min_size=1, max_size=9))
    demands = draw(st.lists(st.integers(0, 9), min_size=1, max_size=25))
    return limits, demands


def has_a_way(limits: list[int], demands: list[int]) -> bool:
    """Gale-Ryser, as it stands in the books."""
    rising = sorted(demands, reverse=True)
    return all(sum(rising[:m]) <= sum(min(limit, m) for limit in limits) for m in range(1, len(rising) + 1))


@given(schools(), st.integers(0, 2**32))
@settings(max_examples=300)
def test_there_is_a_seating_exactly_where_gale_and_ryser_say_so(given_school: tuple[list[int], list[int]], salt: int) -> None:
    limits, demands = given_school
    seats = np.minimum(np.array(limits), sum(demand > 0 for demand in demands))
    groups = groups_of(np.bincount(demands))
    feasible = has_a_way(limits, demands)
    assert (shortage(seats, groups, Fraction(1)) is None) == feasible
    sizes = np.array(sorted(demands))
    places = np.arange(len(sizes)) - np.searchsorted(sizes, sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    order = np.arange(len(limits))
    chart = chart_of(list(allot(seats, groups, Fraction(1))), order, lambda *purpose: derive_key(salt, *purpose)) if groups else None
    rows = np.zeros(0, dtype=np.int64) if chart is None else chart.seated(places, sizes, starts, np.zeros(len(sizes), dtype=np.int64))
    for begin, end in pairwise(starts.tolist()):
        classes = [row for row in rows[begin:end].tolist() if row >= 0]
        assert len(set(classes)) == len(classes)
    assert (np.bincount(rows[rows >= 0], minlength=len(limits)) <= np.array(limits)).all()
    assert bool((rows >= 0).all()) == feasible


@given(st.integers(1, 300), st.data())
def test_a_turn_is_a_permutation_that_keeps_the_last_from_the_first(size: int, data: st.DataObject) -> None:
    last = data.draw(st.integers(1, size)) if size > 1 else 1
    first = data.draw(st.integers(0, size - last))
    if last == size:
        return
    turn = Turn(last, first, Permutation(Key(1, size), size - last), Permutation(Key(2, size), size - first))
    found = turn.after(np.arange(size))
    assert sorted(found.tolist()) == list(range(size))
    assert (found[size - last :] >= first).all()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=80), st.booleans())
def test_a_line_knows_the_owner_of_every_place(seats: list[int], has_gaps: bool) -> None:
    gaps = np.arange(len(seats)) % 3 if has_gaps else None
    line = Line.of(np.array(seats), np.arange(len(seats)) * 7, gaps)
    expected = [owner * 7 if place < count else -1 for owner, count in enumerate(seats) for place in range(count + (owner % 3) * has_gaps)]
    assert line.rows(np.arange(line.places)).tolist() == expected


def test_one_crowded_bucket_of_a_line_is_searched() -> None:
    line = Line.of(np.array([*[1] * 40, 100_000]), np.arange(41))
    assert line.find(np.arange(60)).tolist() == [*range(40), *[40] * 20]


@given(st.integers(1, 1_000), st.integers(1, 30))
def test_a_permutation_of_several_sizes_keeps_each_to_its_own(large: int, small: int) -> None:
    small = min(small, large)
    sizes = np.repeat([large, small], [large, small]).astype(np.uint64)
    values = np.concatenate([np.arange(large), np.arange(small)])
    tweaks = np.repeat([5, 11], [large, small]).astype(np.uint64)
    found = Permutation(Key(3, 4), large).forward(values, tweaks, sizes)
    assert sorted(found[:large].tolist()) == list(range(large))
    assert sorted(found[large:].tolist()) == list(range(small))


def test_limits_are_cut_exactly_as_written() -> None:
    assert usable(np.array([100, 30, 2**62]), share_of(0.29)).tolist() == [29, 8, 2**62 * 29 // 100]
    assert usable(np.array([35]), share_of(1.0)).tolist() == [35]


@pytest.mark.parametrize("limit", ["places", 5])
def test_everyone_finds_a_seat_where_there_are_enough(limit: str | int) -> None:
    engine = desks(2_000, 500, {"limit": limit})
    rooms = seated(engine, "staff", range(2_000))
    assert (np.bincount(rooms, minlength=500) <= limits_of(engine, {"limit": limit})).all()
    picks = np.array([1_999, 3, 700, 3])
    assert (seated(engine, "staff", picks) == rooms[picks]).all()


def test_every_seat_can_be_taken_without_parents() -> None:
    engine = desks(2_000, 400, {"limit": 5})
    assert (np.bincount(seated(engine, "staff", range(2_000))) == 5).all()


def test_the_surplus_is_null_where_the_model_says_so() -> None:
    engine = desks(2_000, 300, {"limit": 5, "on_full": "null"})
    rooms = seated(engine, "staff", range(2_000))
    assert (np.bincount(rooms[rooms >= 0]) == 5).all()
    assert np.mean(rooms[:1_000] < 0) == pytest.approx(0.25, abs=0.05)
    assert engine.block("staff", 0, 2_000).column(1).null_count == 500


def test_rows_without_a_target_take_no_seat() -> None:
    engine = desks(2_000, 300, {"limit": 5}, null_rate=0.25)
    rooms = seated(engine, "staff", range(2_000))
    assert (np.bincount(rooms[rooms >= 0]) == 5).all()
    assert (seated(desks(50, 3, {"limit": 1}, null_rate=1.0), "staff", range(50)) == -1).all()
    assert (seated(desks(50, 3, {"limit": 1, "utilization": 0.5, "on_full": "null"}), "staff", range(50)) == -1).all()


def test_what_is_too_much_is_taken_from_all_students_alike() -> None:
    capacity = {"limit": 20, "on_full": "null"}
    engine = school(3_000, 225, even(1, 5), capacity)
    classes = assert_held(engine, capacity, most=5)
    students = Frame(engine, "enrolment", range(len(classes))).link("parent").rows
    busy = np.bincount(students)[students]
    for size in range(1, 6):
        assert np.mean(classes[busy == size] >= 0) == pytest.approx(4_500 / len(classes), abs=0.02)


def test_students_wait_where_there_are_too_few_classes() -> None:
    capacity = {"limit": 5_000, "on_full": "null"}
    classes = assert_held(school(1_000, 3, even(5, 5), capacity), capacity, most=5)
    assert (np.bincount(classes[classes >= 0]) == 1_000).all()


def test_a_share_of_enrolments_without_a_class_takes_no_seat() -> None:
    engine = school(2_000, 150, even(3, 3), {"limit": 30}, null_rate=0.3)
    classes = assert_held(engine, {"limit": 30}, most=3)
    assert np.mean(classes < 0) == pytest.approx(0.3, abs=0.02)
    assert (seated(school(50, 3, even(1, 2), {"limit": 1}, null_rate=1.0), "enrolment", range(40)) == -1).all()


REFUSED: list[tuple[Any, str]] = [
    (lambda: desks(2_001, 400, {"limit": 5}), "2,001 rows of `staff` want a seat, but the 400 rows of `class` have 2,000"),
    (lambda: desks(2_001, 400, {"limit": 5, "on_full": "error"}), "give `class` 401 rows"),
    (lambda: desks(2_000, 100, {"limit": 100, "utilization": 0.001}), "have 0"),
    (lambda: desks(20, 4, {"limit": 5}, pick="zipf@1.1"), "leaves nothing to pick"),
    (lambda: desks(20, 2**40, {"limit": 2**30}), "more than 2^62 seats"),
    (lambda: school(1_000, 99, even(3, 3), {"limit": 30}), "3,000 rows of `enrolment` want a seat, but the 99 rows of `class` have 2,970"),
    (lambda: school(10, 4, even(5, 5), {"limit": 30}), "a row of `student` has 5 children in `enrolment`, but only 4 rows of `class` have"),
    (lambda: school(100, 6, even(5, 5), {"limit": "places"}, limits=[1000, 10], seed=5), "without a pair coming twice `class` has only"),
    (lambda: school(20, 9, even(2, 2), {"limit": "places"}, limits=[-1]), "row 0 of class.places, -1, is no limit"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_demands_that_cannot_be_met_are_refused_with_the_numbers(make: Any, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        make()
    assert message in str(caught.value)


def test_busy_students_that_find_too_few_classes_are_refused() -> None:
    groups, seats = [Group(3, 4), Group(1, 10)], np.array([12, 2, 2, 2, 2, 2])
    short = shortage(seats, groups, Fraction(1))
    assert short is None
    short = shortage(np.array([12, 1, 1, 1, 6]), groups, Fraction(1))
    assert short is not None
    assert (short.families, short.wanted, short.found) == (4, 12, 11)


def test_null_limits_are_refused() -> None:
    places = column("places", "int", choice(3), nullable=True, null_rate=0.5)
    staff = entity("staff", 3, _class_id(), links={"room": {"to": "class", "capacity": {"limit": "places"}}})
    with pytest.raises(SeedbedError, match=r"of class\.places, null, is no limit"):
        _grown(entity("class", 20, places), staff)
