"""Numbers beyond 64 bits and decimals of any width are compared digit by digit."""

from __future__ import annotations

import math
import operator
from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.check.kinds.checking import failing_rows, result_of

BIG = 2**64 - 1
UNSIGNED = pa.table({"n": pa.array([BIG, 3, None, BIG - 1, BIG], pa.uint64())})
MONEY = pa.decimal128(38, 2)
HUGE = [Decimal("1234567890123456789.01"), Decimal("1234567890123456789.02"), None, Decimal("-0.01"), Decimal("1234567890123456789.01")]


def number(text: str, kind: pa.DataType) -> Any:
    with localcontext() as exact:
        exact.prec = 80
        return Decimal(text).quantize(Decimal(1).scaleb(-kind.scale))


@pytest.mark.parametrize(
    ("check", "failing"),
    [
        ({"kind": "range", "min": BIG}, [1, 3]),
        ({"kind": "range", "max": BIG, "exclusive": True}, [0, 4]),
        ({"kind": "range", "min": -1, "max": 2**63}, [0, 3, 4]),
        ({"kind": "in_set", "values": [BIG, 3]}, [3]),
        ({"kind": "not_in_set", "values": [BIG]}, [0, 4]),
        ({"kind": "unique"}, [0, 4]),
        ({"kind": "monotonic"}, [1]),
    ],
)
def test_unsigned_numbers_are_judged_to_the_last_digit(check: dict[str, Any], failing: list[int]) -> None:
    table = UNSIGNED.slice(0, 4) if check["kind"] == "monotonic" else UNSIGNED
    assert failing_rows(table, {"column": "n", **check}) == failing


@pytest.mark.parametrize(("kind", "figure"), [("max", BIG), ("min", 3), ("sum", 3 + 3 * BIG - 1), ("distinct_count", 3)])
def test_figures_of_unsigned_numbers(kind: str, figure: int) -> None:
    observed = result_of(UNSIGNED, {"kind": kind, "column": "n", "min": 0}).observed
    assert observed == (float(figure) if kind == "sum" else figure)


def test_an_expression_over_numbers_beyond_64_bits_is_an_error_of_its_own() -> None:
    result = result_of(UNSIGNED, {"kind": "row_expression", "expr": "n > 0"})
    assert (result.status, "beyond 64 bits" in (result.reason or "")) == ("error", True)
    assert result_of(UNSIGNED.slice(1, 2), {"kind": "row_expression", "expr": "n > 0"}).status == "passed"


def test_unsigned_keys_are_those_of_signed_columns_and_no_negative_ones() -> None:
    parents = pa.table({"id": pa.array([BIG, 5], pa.uint64())})
    check = {"kind": "foreign_key", "columns": ["p"], "to": "r", "to_columns": ["id"]}
    assert failing_rows({"p": [5, -1, 4, None]}, check, r=parents) == [1, 2]
    assert failing_rows(pa.table({"p": pa.array([BIG, BIG - 1], pa.uint64())}), check, r=parents) == [1]


@pytest.mark.parametrize("kind", [MONEY, pa.decimal256(70, 2)])
@pytest.mark.parametrize(
    ("check", "failing"),
    [
        ({"kind": "range", "max": 1234567890123456789}, [0, 1, 4]),
        ({"kind": "range", "min": 0}, [3]),
        ({"kind": "range", "min": -0.01, "exclusive": True}, [3]),
        ({"kind": "in_set", "values": ["1234567890123456789.01", -0.01]}, [1]),
        ({"kind": "unique"}, [0, 4]),
        ({"kind": "monotonic"}, [3]),
    ],
)
def test_wide_decimals_are_judged_to_the_last_digit(kind: pa.DataType, check: dict[str, Any], failing: list[int]) -> None:
    assert failing_rows(pa.table({"n": pa.array(HUGE, kind)}), {"column": "n", **check}) == failing


def test_the_ends_of_decimals_are_exact() -> None:
    table = pa.table({"n": pa.array(HUGE, MONEY)})
    assert result_of(table, {"kind": "max", "column": "n", "max": 1}).observed == "1234567890123456789.02"
    small = pa.table({"n": pa.array([Decimal("0.10"), Decimal("0.30")], MONEY)})
    assert result_of(small, {"kind": "min", "column": "n", "min": 0.1, "max": 0.1}).status == "passed"
    assert result_of(small, {"kind": "max", "column": "n", "max": 0.3}).observed == 0.3


def test_least_and_greatest_take_infinities_but_not_nan() -> None:
    floats = {"x": [1.0, math.inf, None, 2.0]}
    assert result_of(floats, {"kind": "max", "column": "x", "max": 5}).observed == math.inf
    assert result_of(floats, {"kind": "max", "column": "x", "max": 5}).status == "failed"
    assert result_of(floats, {"kind": "min", "column": "x", "min": 1}).status == "passed"
    for kind in ("mean", "sum", "stddev", "median"):
        assert "1 values of `x` are not finite" in (result_of(floats, {"kind": kind, "column": "x", "max": 5}).reason or "")
    assert "1 values of `x` are NaN" in (result_of({"x": [1.0, math.nan]}, {"kind": "min", "column": "x", "min": 0}).reason or "")


SCALES = st.sampled_from([pa.decimal128(12, 1), pa.decimal128(18, 4), MONEY, pa.decimal128(38, 10), pa.decimal256(76, 20), pa.int64()])
VALUES = st.one_of(
    st.integers(-5, 5).map(str),
    st.integers(-99, 99).map(lambda units: f"{units}e-1"),
    st.integers(-(10**16), 10**16).map(lambda u: f"{u}e-6"),
)


def column(texts: list[str | None], kind: pa.DataType) -> pa.Array:
    if pa.types.is_integer(kind):
        return pa.array([None if text is None else int(Decimal(text)) for text in texts], kind)
    return pa.array([None if text is None else number(text, kind) for text in texts], kind)


@settings(max_examples=40)
@given(st.data(), SCALES, SCALES, st.sampled_from(["<", "<=", "==", "!="]))
def test_decimals_of_any_scale_are_compared_as_python_compares_them(data: Any, one: pa.DataType, other: pa.DataType, op: str) -> None:
    rows = data.draw(st.lists(st.tuples(st.none() | VALUES, st.none() | VALUES), min_size=1, max_size=20))
    table = pa.table({"a": column([a for a, _ in rows], one), "b": column([b for _, b in rows], other)})
    compare = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}[op]
    pairs = list(zip(table["a"].to_pylist(), table["b"].to_pylist(), strict=True))
    expected = [row for row, (a, b) in enumerate(pairs) if a is not None and b is not None and not compare(a, b)]
    assert failing_rows(table, {"kind": "compare_columns", "left": "a", "op": op, "right": "b"}) == expected
    known = {b for _, b in pairs if b is not None}
    check = {"kind": "foreign_key", "columns": ["a"], "to": "r", "to_columns": ["b"]}
    orphans = [row for row, (a, _) in enumerate(pairs) if a is not None and a not in known]
    assert failing_rows(table.select(["a"]), check, r=table.select(["b"])) == orphans


def test_sums_of_children_do_not_run_over() -> None:
    children = pa.table({"own": [1, 1, 2], "amount": [2**62, 2**62, 5]})
    parents = pa.table({"id": [1, 2], "total": pa.array([2**63, 5], pa.uint64())})
    check = {"kind": "aggregate_match", "child": "c", "on": {"own": "id"}, "column": "total", "of": "amount"}
    assert failing_rows(parents, check, c=children) == []
    assert failing_rows(pa.table({"id": [1, 2], "total": [-(2**63), 5]}), check, c=children) == [0]
