"""Order among columns: circles are told, long chains grow, and those that no call stack holds are refused."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest

from seedbed.plan.compile import MOST_DEEP
from tests.growing import Document, column, entity, fact, grown, key, lookup, numbers, plan, poisson, refused


def steps(count: int) -> list[Document]:
    """So many columns, each one more than the next: the last one is the key."""
    names = [f"c{number}" for number in range(count)] + ["id"]
    return [column(name, "int", {"expression": {"code": f"{after} + 1"}}) for name, after in pairwise(names)]


@pytest.mark.parametrize("count", [30, 200, MOST_DEEP - 10])
def test_long_chains_grow_in_any_order_and_through_lookups(count: int) -> None:
    for columns in (steps(count), steps(count)[::-1]):
        nodes = [entity("t", 3, *columns), entity("u", 3, column("far", "int", lookup("t.c0")))]
        engine = grown(*nodes)
        assert numbers(engine, "t.c0").tolist() == [count + 1, count + 2, count + 3]
        assert set(numbers(engine, "u.far")) <= {count + 1, count + 2, count + 3}


def test_a_chain_beyond_all_stacks_is_refused_at_its_end() -> None:
    problem = refused(partial(plan, entity("t", 3, *steps(MOST_DEEP + 200))))
    assert problem.message.startswith("t.c0 is computed through a chain of 1,201 columns")
    assert problem.where == "nodes.t.columns.c0"


@pytest.mark.parametrize(("count", "shown"), [(3, "t.c0 -> t.c1 -> t.c2 -> t.c0"), (1500, "(1,489 more)")])
def test_circles_are_told_whatever_their_length(count: int, shown: str) -> None:
    names = [f"c{number}" for number in range(count)]
    circle = [
        column(name, "int", {"expression": {"code": f"{after} + 1"}}) for name, after in zip(names, names[1:] + names[:1], strict=True)
    ]
    problem = refused(partial(plan, entity("t", 3, *circle)))
    assert shown in problem.message


def test_a_circle_among_numbers_of_rows_names_a_table() -> None:
    nodes = [fact("a", "b", poisson(1)), fact("b", "a", poisson(1)), {"id": "t", "kind": "entity", "columns": [key()]}]
    problem = refused(partial(plan, *nodes))
    assert problem.message.startswith("columns depend on each other in a circle: rows(a) -> rows(b) -> rows(a)")
    assert problem.where == "nodes.a"
