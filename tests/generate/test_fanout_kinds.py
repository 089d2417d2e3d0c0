"""Fan-outs of version 2.0: further distributions, by a column's value, where a condition holds, as many as a column says."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from tests.core.battery import goodness
from tests.growing import Document, choice, column, entity, fact, grown, lookup, numbers, plan, poisson, refused, texts, uniform

PARENTS = 40_000
ALPHA = 0.001


def of(distribution: str, params: Document | None = None, **rest: Any) -> Document:
    return {"distribution": distribution, **({} if params is None else {"params": params}), **rest}


def family(fanout: Document, *columns: Document, **rest: Any) -> Engine:
    return grown(entity("p", PARENTS, *columns, **rest), fact("c", "p", fanout), version="2.0")


def counts(engine: Engine, parent: str = "p") -> NDArray[np.int64]:
    found = engine.count_kernel("c")(Frame(engine, parent, range(engine.rows(parent))))
    assert found.dtype == np.int64
    return found


def near(values: NDArray[Any], mean: float, variance: float) -> bool:
    """Whether the mean is within 4.5 standard errors: the chance of a false alarm is below 10^-5."""
    return bool(abs(values.mean() - mean) <= 4.5 * math.sqrt(variance / len(values)) + 1e-9)


LAWS: dict[str, tuple[Document, Callable[[int], float]]] = {
    "share": (of("fixed", {"p": 0.12}), lambda k: [0.88, 0.12][k] if k < 2 else 0.0),
    "geometric": (of("geometric", {"p": 0.4}), lambda k: 0.4 * 0.6 ** (k - 1) if k else 0.0),
    "neg_binomial": (
        of("neg_binomial", {"r": 2, "p": 0.5}),
        lambda k: (k + 1) * 0.5 ** (k + 2),
    ),
    "zipf": (of("zipf", {"a": 1.5, "n": 9}), lambda k: k**-1.5 / sum(j**-1.5 for j in range(1, 10)) if 0 < k < 10 else 0.0),
    "histogram": (of("histogram", {"0": 1, "2": 3, "5": 6}), lambda k: {0: 0.1, 2: 0.3, 5: 0.6}.get(k, 0.0)),
}


@pytest.mark.parametrize("name", LAWS)
def test_counts_follow_their_distribution(name: str) -> None:
    """Chi-square over the counts below 12, p >= 0.001 / 5; and the plan foresees the mean."""
    fanout, share = LAWS[name]
    engine = family(fanout)
    found = np.bincount(np.minimum(counts(engine), 12), minlength=13)
    expected = np.array([share(k) for k in range(12)])
    expected = np.append(expected, max(0.0, 1 - expected.sum())) * PARENTS
    shown = expected > 1e-6
    assert (found[~shown] == 0).all()
    assert goodness(found[shown], expected[shown]) > ALPHA / len(LAWS)
    foreseen = plan(entity("p", PARENTS), fact("c", "p", fanout), version="2.0").table("c").expected_rows
    assert foreseen == pytest.approx(engine.rows("c"), rel=0.05)


def test_lognormal_counts_are_rounded() -> None:
    found = counts(family(of("lognormal", {"mean": 1.0, "sigma": 0.5}, max=30)))
    mean = math.exp(1.125)
    assert near(found, mean, mean**2 * (math.exp(0.25) - 1) + 1 / 12)
    assert found.max() <= 30


def test_fixed_fanouts_are_the_same_for_all() -> None:
    engine = family(of("fixed", {"n": 3}))
    assert set(counts(engine).tolist()) == {3}
    assert set(counts(family(of("fixed", {"n": 3}, min=4))).tolist()) == {4}


SEGMENT = column("s", "string", choice("a", "b", "c", weights=[0.2, 0.5, 0.3]))


def test_a_map_gives_each_value_its_own_number() -> None:
    engine = family(of("poisson", **{"lambda": {"a": 8, "b": 0, "else": 2}}, by="s"), SEGMENT)
    found, segments = counts(engine), np.array(texts(engine, "p.s"))
    for name, mean in (("a", 8), ("b", 0), ("c", 2)):
        assert near(found[segments == name], mean, mean)
    foreseen = plan(
        entity("p", PARENTS, SEGMENT), fact("c", "p", of("poisson", **{"lambda": {"a": 8, "b": 0, "else": 2}}, by="p.s")), version="2.0"
    )
    assert foreseen.table("c").expected_rows == pytest.approx(PARENTS * 2.2)


@pytest.mark.parametrize(("kind", "generator", "key"), [("int", choice(1, 2), "1"), ("bool", choice(True, False), "true")])
def test_keys_of_a_map_may_be_numbers_and_truth_values(kind: str, generator: Document, key: str) -> None:
    engine = family(of("fixed", {"n": {key: 4, "else": 1}}, by="s"), column("s", kind, generator))
    first = np.array([str(value).lower() == key for value in texts(engine, "p.s")])
    assert set(counts(engine)[first].tolist()) == {4}
    assert set(counts(engine)[~first].tolist()) == {1}


def test_a_map_may_be_by_a_linked_rows_column() -> None:
    nodes = (
        entity("q", 5, SEGMENT),
        fact("p", "q", of("fixed", {"n": 50})),
        fact("c", "p", of("fixed", {"n": {"a": 1, "b": 2, "c": 3}}, by="q.s", where="q.s != 'b'")),
    )
    engine = grown(*nodes, version="2.0")
    segments = dict(zip(texts(engine, "q.id"), texts(engine, "q.s"), strict=True))
    expected = [{"a": 1, "b": 0, "c": 3}[segments[key]] for key in texts(engine, "p.q_id")]
    assert counts(engine).tolist() == expected


def test_nulls_take_the_number_of_others() -> None:
    spec = column("s", "string", choice("a"), nullable=True)
    engine = family(of("fixed", {"n": {"a": 1, "else": 2}}, by="s"), spec)
    assert counts(engine).tolist() == [1 if value == "a" else 2 for value in texts(engine, "p.s")]


def test_parents_that_do_not_match_have_no_children() -> None:
    engine = family(of("fixed", {"n": 2}, where="s == 'a' or v > 90"), SEGMENT, column("v", "int", uniform(1, 100)))
    matches = (np.array(texts(engine, "p.s")) == "a") | (numbers(engine, "p.v") > 90)
    assert np.array_equal(counts(engine), np.where(matches, 2, 0))
    assert np.array_equal(np.unique(numbers(engine, "c.p_id")) - 1, np.flatnonzero(matches))


def test_a_condition_that_is_null_does_not_match() -> None:
    engine = family(of("fixed", {"n": 1}, where="s == 'a'"), column("s", "string", choice("a"), null_rate=0.5, nullable=True))
    assert counts(engine).tolist() == [0 if value is None else 1 for value in texts(engine, "p.s")]


def test_what_a_condition_leaves_is_foreseen() -> None:
    found = plan(entity("p", 1000, SEGMENT), fact("c", "p", of("fixed", {"n": 2}, where="not (s == 'a') and s != 'b'")), version="2.0")
    assert found.table("c").expected_rows == pytest.approx(2000 * 0.8 * 0.5)


def test_a_column_says_how_many() -> None:
    boxes = column("boxes", "int", uniform(-2, 6), null_rate=0.1, nullable=True)
    engine = family(of("column", {"column": "boxes"}, min=0, max=5), boxes)
    expected = [0 if value is None else min(max(value, 0), 5) for value in texts(engine, "p.boxes")]
    assert counts(engine).tolist() == expected


BEHAVIOR: Document = {"segment_column": "s", "behaviors": {"a": {"fanout_multiplier": 2.5}, "b": {"fanout_multiplier": 0}}}


@pytest.mark.parametrize(
    ("fanout", "mean", "variance"),
    [
        (of("geometric", {"p": 0.5}), 2, 2),
        (of("fixed", {"n": 3}), 3, 0),
        (of("histogram", {"1": 1, "3": 1}), 2, 1),
        (of("column", {"column": "v"}), 2, 2 / 3),
        (of("neg_binomial", {"r": 2, "p": 0.5}), 2, 4),
    ],
)
def test_segments_scale_all_kinds(fanout: Document, mean: float, variance: float) -> None:
    engine = family(fanout, SEGMENT, column("v", "int", uniform(1, 3)), segment_behavior=BEHAVIOR)
    found, segments = counts(engine), np.array(texts(engine, "p.s"))
    assert near(found[segments == "a"], 2.5 * mean, 6.25 * variance + 0.25)
    assert near(found[segments == "c"], mean, variance)
    assert found[segments == "b"].max() == 0


def test_segments_scale_the_share_of_parents_with_a_child() -> None:
    found = family(of("fixed", {"p": 0.3}), SEGMENT, segment_behavior=BEHAVIOR)
    segments = np.array(texts(found, "p.s"))
    assert near(counts(found)[segments == "a"], 0.75, 0.19)
    assert counts(found).max() == 1


def test_the_segments_own_multipliers_may_be_named() -> None:
    named, plain = (family(poisson(3, **rest), SEGMENT, segment_behavior=BEHAVIOR) for rest in ({"by": "p.s"}, {}))
    assert np.array_equal(counts(named), counts(plain))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, PARENTS - 1), st.integers(1, 300))
def test_any_parents_count_their_children_alone(start: int, size: int) -> None:
    engine = family(of("poisson", **{"lambda": {"a": 8, "else": 2}}, by="s", where="s != 'b'"), SEGMENT)
    rows = range(start, min(start + size, PARENTS))
    assert np.array_equal(engine.count_kernel("c")(Frame(engine, "p", rows)), counts(engine)[rows.start : rows.stop])


def test_a_circle_through_a_fanout_is_told() -> None:
    total = column("n", "int", {"aggregate": {"of": "c.id", "op": "count"}})
    problem = refused(lambda: plan(entity("p", 10, total), fact("c", "p", of("fixed", {"n": 1}, where="n > 1")), version="2.0"))
    assert "circle" in problem.message
    assert "rows(c)" in problem.message


WRONG: dict[str, tuple[Document, str, str]] = {
    "unknown column": (of("fixed", {"n": 1}, where="t == 'a'"), "nodes.c.fanout.where", "`p` has no column `t`"),
    "no condition": (
        of("fixed", {"n": 1}, where="v + 1"),
        "nodes.c.fanout.where",
        "`where` must be true or false; the expression gives int",
    ),
    "own name": (of("fixed", {"n": 1}, where="p.s == 'a'"), "nodes.c.fanout.where", "`p.s`: the condition is over rows of `p` itself"),
    "unknown by": (of("fixed", {"n": {"a": 1, "else": 1}}, by="t"), "nodes.c.fanout.by", "`p` has no column `t`"),
    "by a float": (of("fixed", {"n": {"a": 1, "else": 1}}, by="f"), "nodes.c.fanout.by", "`f` is float; keys of a map are texts"),
    "by nothing": (poisson(2, by="s"), "nodes.c.fanout.by", "`by: s` changes nothing"),
    "unlisted": (of("fixed", {"n": {"a": 1}}, by="s"), "nodes.c.fanout.by", "`s` may be `b`, `c`, for which no number is given"),
    "never": (of("fixed", {"n": {"z": 1, "else": 1}}, by="s"), "nodes.c.fanout.by", "`s` is never `z`"),
    "no by": (of("fixed", {"n": {"a": 1}}), "nodes.c.fanout", "a map of numbers needs `by`"),
    "two maps": (of("zipf", {"n": {"a": 3, "b": 3}, "a": {"a": 1}}, by="s"), "nodes.c.fanout", "one map has `b`, another has not"),
    "no params": (of("geometric"), "nodes.c.fanout", "a geometric fan-out takes `params: {p}`; found none"),
    "other params": (of("fixed", {"n": 1, "p": 0.5}), "nodes.c.fanout", "a fixed fan-out takes `params: {n}` or `params: {p}`"),
    "params of poisson": (poisson(1, params={"p": 0.5}), "nodes.c.fanout", "a poisson fan-out takes no `params`"),
    "no chance": (of("geometric", {"p": 0}), "nodes.c.fanout", "a geometric fan-out, `p`: "),
    "half a child": (of("histogram", {"0.5": 1}), "nodes.c.fanout", "0.5 is no number of children"),
    "no weight": (of("histogram", {"1": 0}), "nodes.c.fanout", "no weight is above 0"),
    "text column": (of("column", {"column": "s"}), "nodes.c.fanout.params.column", "`s` is string; a number of children is int"),
    "negative": (of("column", {"column": "v"}), "nodes.c.fanout.params.column", "`v` goes down to -3"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_with_its_place(name: str) -> None:
    fanout, where, message = WRONG[name]
    columns = SEGMENT, column("v", "int", uniform(-3, 3)), column("f", "float", uniform(0, 1))
    problem = refused(lambda: plan(entity("p", 10, *columns), fact("c", "p", fanout), version="2.0"))
    assert str(problem.where).endswith(where)
    assert message in problem.message


def test_children_are_numbered_per_parent() -> None:
    lines = column("line", "int", {"sequence": {"start": 10, "step": 10, "per": "p"}})
    engine = grown(entity("p", 500), fact("c", "p", poisson(3), lines), version="2.0")
    sizes = counts(engine)
    assert numbers(engine, "c.line").tolist() == [10 * (place + 1) for size in sizes.tolist() for place in range(size)]
    assert engine.block("c", 700, 720).column("line").to_pylist() == numbers(engine, "c.line").tolist()[700:720]


def test_shuffled_sequences_hold_each_number_once_and_are_found_again() -> None:
    keys = {"name": "id", "type": "int", "generator": {"sequence": {"start": 1000, "step": 3, "order": "shuffled"}}}
    nodes = (
        {"id": "p", "kind": "entity", "rows": 1000, "pk": "id", "columns": [keys, column("v", "float", uniform(0, 1))]},
        fact("c", "p", poisson(2), column("v", "float", lookup("p.v", id="p_id"))),
    )
    engine = grown(*nodes, version="2.0")
    found = numbers(engine, "p.id")
    assert sorted(found.tolist()) == list(range(1000, 4000, 3))
    assert np.abs(np.corrcoef(found, np.arange(1000))[0, 1]) < 0.15
    assert engine.block("p", 300, 310).column("id").to_pylist() == found.tolist()[300:310]
    values = dict(zip(found.tolist(), numbers(engine, "p.v").tolist(), strict=True))
    assert [values[key] for key in numbers(engine, "c.p_id").tolist()] == numbers(engine, "c.v").tolist()


SEQUENCES = [
    ({"per": "q"}, "the numbers of `c` cannot start again for each `q`: only the rows of its first parent, `p`"),
    ({"per": "p", "order": "shuffled"}, "numbers that start again for each parent come in order"),
]


@pytest.mark.parametrize(("sequence", "message"), SEQUENCES)
def test_sequences_that_cannot_be_are_refused(sequence: Document, message: str) -> None:
    lines = column("line", "int", {"sequence": sequence})
    problem = refused(lambda: plan(entity("p", 10), entity("q", 10), fact("c", "p", poisson(3), lines), version="2.0"))
    assert message in problem.message


def test_numbers_per_parent_are_no_key() -> None:
    lines = {"name": "id", "type": "int", "generator": {"sequence": {"per": "p"}}}
    child = {"id": "c", "kind": "fact", "pk": "id", "parents": ["p"], "fanout": poisson(3), "columns": [lines]}
    problem = refused(lambda: plan(entity("p", 10), child, version="2.0"))
    assert "start again for each `p`" in problem.message
