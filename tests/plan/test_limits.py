"""What a plan says of ranges and inequalities: who gives way, what is cut, what can never hold."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from seedbed.plan.plan import Finding, RowBound
from tests.growing import (
    Document,
    change,
    choice,
    column,
    entity,
    fact,
    key,
    lookup,
    normal,
    pattern,
    plan,
    poisson,
    refused,
    times,
    uniform,
)

INT = column("a", "int", uniform(0, 100))


def less(left: str, right: str, op: str = "<") -> Document:
    return {"left": left, "op": op, "right": right}


def found(*nodes: Document, **constraints: Any) -> tuple[Finding, ...]:
    return plan(*nodes, constraints=constraints).findings


# ------------------------------------------------------------------------------------------------- ranges


def test_a_range_that_cuts_is_told_with_its_share() -> None:
    (cut,) = found(entity("t", 10, column("a", "float", uniform(0, 10))), ranges=[{"attr": "t.a", "max": 7.5}])
    assert (cut.level, cut.code, cut.path) == ("info", "marginal-cut", ("constraints", "ranges", 0))
    assert "25.0% of the values of t.a" in cut.message


@pytest.mark.parametrize(
    ("generator", "low", "high", "share"),
    [
        (uniform(0, 9), 3, None, "30.0%"),
        (uniform(0, 9, clamp=[3, None]), 3, None, None),
        (uniform(0, 9, clamp=[2, None]), 3, None, "30.0%"),
        (normal(0, 1), None, 0, "50.0%"),
        (choice(1, 2, 3, weights=[1, 1, 2]), 3, 5, "50.0%"),
        ({"distribution": {"type": "poisson", "params": {"lambda": 1}}}, 1, None, "36.8%"),
    ],
)
def test_shares_of_whole_numbers_count_what_is_rounded_in(
    generator: Document, low: float | None, high: float | None, share: str | None
) -> None:
    kind = "float" if generator == normal(0, 1) else "int"
    rule = {"attr": "t.a", **({"min": low} if low is not None else {}), **({"max": high} if high is not None else {})}
    messages = [finding.message for finding in found(entity("t", 10, column("a", kind, generator)), ranges=[rule])]
    assert [message.split(" of ")[0] for message in messages] == ([] if share is None else [share])


def test_a_range_that_cuts_more_than_half_is_a_warning() -> None:
    (cut,) = found(entity("t", 10, INT), ranges=[{"attr": "t.a", "min": 90}])
    assert cut.level == "warning"


def test_a_range_that_holds_anyway_is_not_mentioned() -> None:
    assert found(entity("t", 10, INT), ranges=[{"attr": "t.a", "min": -3, "max": 100}]) == ()


def test_a_range_around_modified_values_is_not_mistaken_for_impossible() -> None:
    """Modifiers move values into the range: the column's own draws do not decide."""
    tens = column("a", "float", uniform(1, 2), change("seasonality", dimension="month", weights=[10] * 12))
    twenties = column("b", "float", uniform(0, 10), change("clamp", min=20))
    segments = {"segment_column": "s", "behaviors": {"x": {"value_multiplier": 10}}, "applies_to_columns": ["c"]}
    node = entity(
        "t",
        10,
        tens,
        twenties,
        column("c", "float", uniform(1, 2)),
        column("s", "string", choice("x")),
        column("at", "date", times("D")),
        segment_behavior=segments,
    )
    plan(node, constraints={"ranges": [{"attr": f"t.{name}", "min": 10, "max": 25} for name in "abc"]})


@pytest.mark.parametrize(
    ("made", "rule", "words"),
    [
        (INT, {"attr": "t.a", "min": 200}, "the range [200, inf] holds none of the values of t.a, which lie in [0, 100]"),
        (INT, {"attr": "t.a", "min": 0.2, "max": 0.7}, "no value of t.a can lie in [1, 0]"),
        (column("a", "int", choice(1, 9)), {"attr": "t.a", "min": 3, "max": 7}, "no value of t.a can lie in [3, 7]"),
        (column("a", "int", uniform(0, 9), change("clamp", max=5)), {"attr": "t.a", "min": 6}, "holds none of the values of t.a, which lie in [0, 5]"),
        (key("a"), {"attr": "t.a", "min": 50}, "the range [50, inf] holds none of the values of t.a, which lie in [1, 10]"),
        (key("a"), {"attr": "t.a", "max": 9}, "the range [-inf, 9] does not hold all of the sequence t.a, which goes through [1, 10]"),
        (column("a", "date", times("D")), {"attr": "t.a", "max": "2023-12-01"}, "[-inf, 2023-12-01] holds none of the values of t.a, which lie in [2024-01-01, 2024-12-31]"),
        (column("a", "datetime", times("H")), {"attr": "t.a", "min": "2025-01-01"}, "which lie in [2024-01-01 00:00:00, 2024-12-31 23:00:00]"),
        (column("a", "datetime", times("MS")), {"attr": "t.a", "min": "2024-02-02", "max": "2024-02-20"}, "no value of t.a can lie in [2024-02-02 00:00:00, 2024-02-20 23:59:59]"),
        (column("a", "datetime", times("H", pattern=pattern("dow", [1] * 5 + [0] * 2))), {"attr": "t.a", "min": "2024-06-01", "max": "2024-06-02"}, "no value of t.a can lie in"),
    ],
)  # fmt: skip
def test_an_impossible_range_is_refused_with_numbers(made: Document, rule: Document, words: str) -> None:
    problem = refused(lambda: plan(entity("t", 10, made), constraints={"ranges": [rule]}))
    assert words in problem.message
    assert "constraints.ranges[0]" in str(problem.where)


def test_conflicting_ranges_are_refused() -> None:
    rules = [{"attr": "t.a", "max": 40}, {"attr": "t.a", "min": 60}]
    problem = refused(lambda: plan(entity("t", 10, INT), constraints={"ranges": rules}))
    assert "the range [60, inf] holds none of the values of t.a, which lie in [0, 40]" in problem.message
    assert "constraints.ranges[1]" in str(problem.where)


def test_a_range_of_a_column_that_does_not_give_way_is_unproven() -> None:
    nodes = entity("t", 10, INT), entity("u", 10, column("b", "int", lookup("t.a")))
    (finding,) = found(*nodes, ranges=[{"attr": "u.b", "min": 10}])
    assert (finding.level, finding.code) == ("warning", "range-unproven")
    assert "a lookup column does not give way" in finding.message
    assert found(*nodes, ranges=[{"attr": "u.b", "min": 0, "max": 100}]) == ()


def test_a_range_is_proven_by_that_of_the_column_it_reads_whatever_their_order() -> None:
    nodes = entity("t", 10, INT), entity("u", 10, column("b", "int", lookup("t.a")))
    for rules in (["u.b", "t.a"], ["t.a", "u.b"]):
        codes = [finding.code for finding in found(*nodes, ranges=[{"attr": attr, "min": 10} for attr in rules])]
        assert codes == ["marginal-cut"]


# ------------------------------------------------------------------------------------------- inequalities


def bounds(made: Any, ref: str) -> tuple[RowBound, ...]:
    limits: tuple[RowBound, ...] = made.column(ref).limits.bounds
    return limits


def test_the_right_side_gives_way_where_it_can() -> None:
    node = entity("t", 10, INT, column("b", "int", uniform(0, 100)), column("c", "int", {"expression": {"code": "a"}}))
    made = plan(node, constraints={"inequalities": [less("t.a", "t.b"), less("t.b", "t.c", "<=")]})
    assert bounds(made, "t.b") == (RowBound(">", "a", "t", None), RowBound("<=", "c", "t", None))
    assert bounds(made, "t.a") == ()


def test_chains_leave_room_from_the_last_to_the_first() -> None:
    names = "abcd"
    node = entity("t", 10, *(column(name, "int", uniform(0, 100)) for name in names))
    made = plan(node, constraints={"inequalities": [less(f"t.{one}", f"t.{two}") for one, two in itertools.pairwise(names)]})
    assert [made.column(f"t.{name}").limits.high for name in names] == [97, 98, 99, None]
    assert [finding.code for finding in made.findings] == ["marginal-cut"] * 3
    assert made.column_order.index("t.a") < made.column_order.index("t.d")


@pytest.mark.parametrize(
    ("keeper", "giver", "op", "limit"),
    [
        ("int", uniform(0, 10), "<", 9),
        ("int", uniform(0, 10), "<=", 10),
        ("float", uniform(0, 10), "<=", 10),
        ("int", normal(0, 1), "<", 6),
        ("int", choice(1, 5, 8.5, weights=[1, 1, 0]), "<", 4),
    ],
)
def test_keepers_stay_where_something_is_left(keeper: str, giver: Document, op: str, limit: float) -> None:
    node = entity("t", 10, column("a", keeper, uniform(-100, 100)), column("b", "float", giver))
    assert plan(node, constraints={"inequalities": [less("t.a", "t.b", op)]}).column("t.a").limits.high == limit


def test_keepers_stay_before_the_last_point_with_weight() -> None:
    """The giver's grid, pattern and range decide what is left: not just its window."""
    late = times("D", pattern=pattern("dow", [1, 1, 1, 1, 1, 0, 0]))  # 2024-06-30 is a Sunday
    node = entity("t", 10, column("a", "datetime", times("S")), column("b", "datetime", late))
    rules = {"inequalities": [less("t.a", "t.b")], "ranges": [{"attr": "t.b", "max": "2024-06-30T18:00"}]}
    high = plan(node, constraints=rules).column("t.a").limits.high
    assert high == 1_719_532_800_000_000 - 1  # a microsecond before Friday, 2024-06-28


def test_children_give_way_to_parents_on_either_side() -> None:
    parent = entity("p", 10, INT, column("z", "int", uniform(50, 150)))
    child = fact("c", "p", poisson(2), column("b", "int", uniform(0, 200)))
    for rule, op in ((less("p.a", "c.b"), ">"), (less("c.b", "p.z", ">="), ">=")):
        made = plan(parent, child, constraints={"inequalities": [rule]})
        (bound,) = bounds(made, "c.b")
        assert (bound.op, bound.table, bound.link) == (op, "p", "parent")


def test_a_joined_row_can_be_compared_with() -> None:
    other = entity("o", 10, INT)
    node = entity("t", 10, column("o_id", "int", lookup("o.id")), column("b", "int", uniform(0, 200)))
    (bound,) = bounds(plan(other, node, constraints={"inequalities": [less("o.a", "t.b")]}), "t.b")
    assert bound.link == "random:o_id"


@pytest.mark.parametrize(
    ("columns", "rule", "words"),
    [
        ((INT, column("b", "int", uniform(-9, -1))), less("t.a", "t.b"), "the inequality can never hold: t.b > t.a: t.b lies in [-9, -1], t.a in [0, 100]"),
        ((INT,), less("t.a", "t.a"), "t.a is compared with itself"),
        ((INT, key("b")), less("t.b", "t.a"), "some rows would leave no room: t.a > t.b: t.a lies in [0, 100], t.b in [1, 150]"),
        ((column("a", "int", lookup("o.id")), column("b", "int", lookup("o.id"))), less("t.a", "t.b"), "t.b is a lookup and t.a is a lookup, which does not give way"),
        ((column("a", "int", {"expression": {"code": "id"}}), key("b")), less("t.a", "t.b"), "t.b is a sequence and t.a is an expression"),
        ((INT, column("b", "date", times("D")), column("c", "datetime", times("D"))), less("t.b", "t.c"), "t.b (date) and t.c (datetime) cannot be compared"),
    ],
)  # fmt: skip
def test_an_impossible_inequality_is_refused_with_numbers(columns: tuple[Document, ...], rule: Document, words: str) -> None:
    nodes = entity("o", 200), entity("t", 150, *columns)
    problem = refused(lambda: plan(*nodes, constraints={"inequalities": [rule]}))
    assert words in problem.message
    assert "constraints.inequalities[0]" in str(problem.where)


def test_sides_that_cannot_give_way_are_fine_where_it_holds_anyway() -> None:
    node = entity("t", 10, key("a"), column("b", "int", {"sequence": {"start": 100}}))
    assert bounds(plan(node, constraints={"inequalities": [less("t.a", "t.b")]}), "t.b") == ()


def test_tables_that_do_not_belong_together_cannot_be_compared() -> None:
    nodes = entity("t", 10, INT), entity("u", 10, INT)
    problem = refused(lambda: plan(*nodes, constraints={"inequalities": [less("t.a", "u.a")]}))
    assert "no row of t belongs to one row of u" in problem.message


def test_two_ways_to_another_table_are_ambiguous() -> None:
    node = entity("t", 10, INT, column("x", "int", lookup("o.id")), column("y", "int", lookup("o.id")))
    problem = refused(lambda: plan(entity("o", 10, INT), node, constraints={"inequalities": [less("o.a", "t.a")]}))
    assert "has no meaning" in problem.message


def test_circles_of_inequalities_are_named() -> None:
    node = entity("t", 10, *(column(name, "int", uniform(0, 9)) for name in "abc"))
    rules = [less("t.a", "t.b"), less("t.b", "t.c"), less("t.c", "t.a")]
    problem = refused(lambda: plan(node, constraints={"inequalities": rules}))
    assert "the inequalities go in a circle: t.a -> t.b -> t.c -> t.a" in problem.message


def test_contradictions_about_one_column_are_refused() -> None:
    node = entity("t", 10, INT, column("b", "int", uniform(0, 9)))
    problem = refused(lambda: plan(node, constraints={"inequalities": [less("t.a", "t.b"), less("t.a", "t.b", ">=")]}))
    assert "no value can be t.b > t.a and <= t.a" in problem.message


# ------------------------------------------------------------------------------- between two other columns


def between(low: Document, mid: Document, high: Document, ops: tuple[str, str], *more: Document) -> list[str]:
    other = entity("o", 10, {**low, "name": "low"}, {**high, "name": "high"})
    child = fact("c", "o", poisson(2), {**mid, "name": "mid"})
    rules = [less("o.low", "c.mid", ops[0]), less("c.mid", "o.high", ops[1]), *more]
    return [finding.code for finding in plan(other, child, constraints={"inequalities": rules}).findings if finding.code != "marginal-cut"]


NUMBER, WIDE = column("v", "int", uniform(0, 100)), column("v", "int", uniform(-1000, 1000))
DAILY, SECONDS = column("v", "datetime", times("D")), column("v", "datetime", times("S"))


@pytest.mark.parametrize(
    ("low", "mid", "high", "ops", "relation", "is_proven"),
    [
        (NUMBER, WIDE, NUMBER, ("<=", "<="), None, False),
        (NUMBER, WIDE, NUMBER, ("<=", "<="), "<=", True),
        (NUMBER, WIDE, NUMBER, ("<", "<="), "<=", False),
        (NUMBER, WIDE, NUMBER, ("<", "<="), "<", True),
        (NUMBER, WIDE, NUMBER, ("<", "<"), "<", False),
        (NUMBER, WIDE, column("v", "int", uniform(200, 300)), ("<", "<"), None, True),
        (NUMBER, WIDE, column("v", "int", uniform(101, 300)), ("<", "<"), None, False),
        (NUMBER, WIDE, column("v", "float", uniform(0, 50)), ("<=", "<="), "<=", False),
        (DAILY, SECONDS, DAILY, ("<", "<"), "<", True),
        (DAILY, DAILY, DAILY, ("<", "<"), "<", False),
        (SECONDS, SECONDS, SECONDS, ("<", "<="), "<", True),
        (column("v", "datetime", times("MS")), SECONDS, DAILY, ("<", "<"), "<", False),
    ],
)  # fmt: skip
def test_a_column_between_two_others_needs_room_in_every_row(
    low: Document, mid: Document, high: Document, ops: tuple[str, str], relation: str | None, is_proven: bool
) -> None:
    more = [less("o.low", "o.high", relation)] if relation else []
    assert between(low, mid, high, ops, *more) == ([] if is_proven else ["room-unproven"])


@pytest.mark.parametrize("sides", [("day", "at"), ("at", "day")])
def test_a_day_and_a_moment_are_not_compared_and_the_remedy_says_how_they_could_be(sides: tuple[str, str]) -> None:
    node = entity("t", 9, column("day", "date", times("D")), column("at", "datetime", times("H")))
    rule = {"left": f"t.{sides[0]}", "op": "<", "right": f"t.{sides[1]}"}
    problem = refused(lambda: plan(node, constraints={"inequalities": [rule]}))
    assert "(date)" in problem.message
    assert "(datetime)" in problem.message
    assert "t.day as a datetime drawn with `freq: D` holds midnights" in str(problem.fix)
    midnights = entity("t", 9, column("day", "datetime", times("D")), column("at", "datetime", times("H")))
    plan(midnights, constraints={"inequalities": [rule]})
