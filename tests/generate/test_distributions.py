"""Columns drawn from the distributions of version 2.0: rounded, clamped, held to their limits, or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import ModelError
from tests.growing import Document, change, column, entity, grown, numbers, plan, refused, texts

ROWS = 20_000


def of(kind: str, params: Document, **rest: Any) -> Document:
    return {"distribution": {"type": kind, "params": params, **rest}}


def drawn(kind: str, generator: Document, *modifiers: Document, **rest: Any) -> list[Any]:
    return texts(grown(entity("t", ROWS, column("v", kind, generator, *modifiers)), version="2.0", **rest), "t.v")


def decimals_of(values: list[float]) -> int:
    return max(len(repr(value).partition(".")[2].rstrip("0")) for value in values)


def test_decimals_come_after_everything_else() -> None:
    found = drawn("float", of("lognormal", {"mean": 3, "sigma": 1}, clamp=[1, 99.95], decimals=2), change("multiply", factor=1.0 / 3))
    assert decimals_of(found) == 2
    assert (min(found), max(found)) == (1.0, 99.95)


@pytest.mark.parametrize(
    "generator", [of("gamma", {"shape": 2, "scale": 3}, decimals=1), of("uniform", {"low": 0, "high": 40}, decimals=1)]
)
def test_limits_leave_rounded_numbers(generator: Document) -> None:
    found = drawn("float", generator, constraints={"ranges": [{"attr": "t.v", "min": 2.04, "max": 7.19}]})
    assert decimals_of(found) == 1
    assert (min(found), max(found)) == (2.1, 7.1)
    counts = np.unique(found, return_counts=True)[1]
    assert counts[0] > counts[1] / 2  # the outermost are as likely as the others


def test_no_rounded_number_within_the_limits_gives_one_that_is_not() -> None:
    found = drawn(
        "float", of("uniform", {"low": 0, "high": 4}, decimals=0), constraints={"ranges": [{"attr": "t.v", "min": 2.2, "max": 2.6}]}
    )
    assert set(found) <= {2.2, 2.6}


def test_decimal_columns_hold_counts_and_prices() -> None:
    assert set(drawn("decimal", of("binomial", {"n": 2, "p": 0.5}))) == {Decimal("0.00"), Decimal("1.00"), Decimal("2.00")}
    prices = drawn("decimal", of("pareto", {"alpha": 1.3}, clamp=[1, 1000], decimals=1))
    assert all(price == price.quantize(Decimal("0.1")) for price in prices)
    assert max(prices) == 1000


def test_bernoulli_columns_may_be_true_and_false() -> None:
    found = drawn("bool", of("bernoulli", {"p": 0.2}))
    assert set(found) == {True, False}
    assert abs(sum(found) / ROWS - 0.2) < 4.5 * (0.16 / ROWS) ** 0.5


def test_whole_bins_keep_to_their_numbers() -> None:
    found = drawn("int", of("histogram", {"edges": [0, 2, 10, 12], "weights": [1, 0, 1]}))
    assert set(found) == {0, 1, 10, 11}


def test_ranges_cut_counts() -> None:
    found = drawn("int", of("zipf", {"a": 1.2, "n": 1_000_000}), constraints={"ranges": [{"attr": "t.v", "min": 5, "max": 7}]})
    assert set(found) == {5, 6, 7}
    counts = np.bincount(found)[5:]
    assert counts[0] > counts[1] > counts[2]


def test_any_block_holds_the_same_numbers() -> None:
    kinds = [
        of("gamma", {"shape": 2}),
        of("beta", {"alpha": 2, "beta": 1}),
        of("weibull", {"shape": 2}, decimals=3),
        of("histogram", {"edges": [0, 1, 3], "weights": [1, 1]}),
        of("zipf", {"a": 0.7, "n": 10**9}),
    ]
    engine = grown(entity("t", 3000, *(column(f"v{i}", "float", kind) for i, kind in enumerate(kinds))), version="2.0")
    for i in range(len(kinds)):
        assert engine.block("t", 1234, 2345).column(f"v{i}").to_pylist() == numbers(engine, f"t.v{i}").tolist()[1234:2345]


WRONG: dict[str, tuple[str, Document, str]] = {
    "two means": ("float", of("exponential", {"mean": 1, "rate": 1}), "an exponential takes either `mean` or `rate`"),
    "no scale": ("float", of("gamma", {"shape": 2, "scale": 0}), "must be above 0; found 0"),
    "heavy tail": ("float", of("pareto", {"alpha": 0.01}), "must be at least 0.1; found 0.01"),
    "triangle": ("float", of("triangular", {"low": 1, "mode": 0, "high": 2}), "`low` (1), `mode` (0) and `high` (2) must rise"),
    "bins": ("float", of("histogram", {"edges": [0, 1], "weights": [1, 2]}), "2 edges make 1 bins, but there are 2 weights"),
    "edges": ("float", of("histogram", {"edges": [1, 1], "weights": [1]}), "the edges must rise; 1 is not below 1"),
    "two sources": ("float", of("histogram", {"edges": [0, 1], "weights": [1], "values": {"1": 1}}), "a histogram takes"),
    "no weight": ("float", of("histogram", {"1": 0}), "no weight is above 0"),
    "twice": ("float", of("histogram", {"1": 1, "1.0": 2}), "two of the keys spell one number"),
    "no whole bin": ("int", of("histogram", {"edges": [0.2, 0.8], "weights": [1]}), "no whole number lies in the bin from 0.2 up to 0.8"),
    "half": ("int", of("histogram", {"0.5": 1}), "0.5 is no whole number"),
    "wide": ("int", of("neg_binomial", {"r": 1e9, "p": 0.001}), "at most 4,194,304 can be told apart"),
    "beyond 64 bits": ("int", of("pareto", {"alpha": 0.5}), "which can pass whole numbers of 64 bits"),
    "decimals of ints": ("int", of("gamma", {"shape": 1}, decimals=1), "the column is int, which has no decimals"),
    "too many": ("decimal", of("gamma", {"shape": 1}, decimals=3), "3 decimals are more than the 2 that the column holds"),
    "clamp": ("float", of("gamma", {"shape": 1}, decimals=1, clamp=[0.05, 1]), "the end 0.05 of the clamp has more than 1 decimals"),
    "a bool": ("bool", of("binomial", {"n": 1, "p": 0.5}), "`distribution` makes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused(name: str) -> None:
    kind, generator, message = WRONG[name]
    with pytest.raises(ModelError) as caught:
        plan(entity("t", 10, column("v", kind, generator)), version="2.0")
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.fix or message.startswith("must be")  # a bound says what to write


@pytest.mark.parametrize("generator", [of("gamma", {"shape": 1}), of("normal", {"mean": 0, "std": 1}, decimals=2)])
def test_version_1_does_not_know_them(generator: Document) -> None:
    assert "needs version 2.0" in refused(lambda: plan(entity("t", 10, column("v", "float", generator)))).message
