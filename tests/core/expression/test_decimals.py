"""Decimals in expressions are exact: what Python's own decimals give, row by row; times and UUIDs compare and print."""

from __future__ import annotations

import uuid
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core.block import Column, ColumnType, DecimalType, ValueType
from seedbed.core.decimals import from_floats, parsed_units, rescaled
from seedbed.core.expression import ExpressionError, Interval, RowError, bounds, compile_expression, infer, parse
from seedbed.core.text import string_array

SCALES = {"price": 2, "rate": 4, "whole": 0}
TYPES: dict[str, ValueType] = {
    **{name: DecimalType(scale) for name, scale in SCALES.items()},
    "n": ColumnType.INT, "x": ColumnType.FLOAT, "t": ColumnType.TIME, "u": ColumnType.TIME, "id": ColumnType.UUID,
    "bag": ColumnType.STRUCT, "note": ColumnType.JSON,
}  # fmt: skip
UNITS = st.integers(-(10**8), 10**8)
ROWS = st.lists(st.tuples(UNITS, UNITS, UNITS, st.integers(-1000, 1000)), min_size=1, max_size=5)

EXACT = {
    "price + rate": lambda r: r["price"] + r["rate"],
    "price - whole": lambda r: r["price"] - r["whole"],
    "price * n": lambda r: r["price"] * r["n"],
    "price * whole + rate": lambda r: r["price"] * r["whole"] + r["rate"],
    "-price": lambda r: -r["price"],
    "abs(rate)": lambda r: abs(r["rate"]),
    "min(price, rate, n)": lambda r: min(r["price"], r["rate"], r["n"]),
    "max(price, n)": lambda r: max(r["price"], r["n"]),
    "if_(price < rate, price, rate)": lambda r: min(r["price"], r["rate"]),
    "coalesce(null, price, 1)": lambda r: r["price"],
    "round(rate, 2)": lambda r: r["rate"].quantize(Decimal("0.01"), ROUND_HALF_EVEN),
    "round(rate)": lambda r: r["rate"].quantize(Decimal(1), ROUND_HALF_EVEN),
    "floor(rate)": lambda r: r["rate"].quantize(Decimal(1), ROUND_FLOOR),
    "ceil(rate)": lambda r: r["rate"].quantize(Decimal(1), ROUND_CEILING),
}


def columns(rows: list[tuple[int, ...]]) -> dict[str, Column]:
    return {name: Column(np.array([row[at] for row in rows], dtype=np.int64)) for at, name in enumerate((*SCALES, "n"))}


def exact_rows(rows: list[tuple[int, ...]]) -> list[dict[str, Decimal]]:
    return [
        {**{name: Decimal(row[at]).scaleb(-scale) for at, (name, scale) in enumerate(SCALES.items())}, "n": Decimal(row[3])} for row in rows
    ]


def decimals_of(made: Column, kind: ValueType) -> list[Decimal]:
    scale = kind.scale if isinstance(kind, DecimalType) else 0
    return [Decimal(value).scaleb(-scale) for value in made.data.tolist()]


@pytest.mark.parametrize("code", EXACT)
@given(rows=ROWS)
def test_arithmetic_of_decimals_is_exact(code: str, rows: list[tuple[int, ...]]) -> None:
    expression = compile_expression(parse(code), TYPES.get)
    with localcontext(prec=60):
        assert decimals_of(expression.evaluate(columns(rows).__getitem__, len(rows)), expression.type) == [
            EXACT[code](row) for row in exact_rows(rows)
        ]


@given(ROWS)
def test_bounds_hold_for_decimals(rows: list[tuple[int, ...]]) -> None:
    def interval(name: str) -> Interval:
        values = [row[(*SCALES, "n").index(name)] for row in rows]
        return Interval(min(values), max(values), type=TYPES[name])

    for code in EXACT:
        expression = compile_expression(parse(code), TYPES.get)
        reach = bounds(parse(code), interval)
        assert reach.type == expression.type
        assert all(reach.contains(value) for value in expression.evaluate(columns(rows).__getitem__, len(rows)).data.tolist())


@pytest.mark.parametrize(
    ("code", "type_"),
    [
        ("price + n", "decimal(2)"), ("price * rate", "decimal(6)"), ("price + x", "float"), ("price / n", "float"), ("price // 2", "int"),
        ("price % 2", "decimal(2)"), ("round(rate, 2)", "decimal(2)"), ("round(price, 5)", "decimal(2)"), ("round(price)", "int"),
        ("price > rate", "bool"), ("price > 19.99", "bool"), ("concat(price)", "string"), ("sqrt(price)", "float"), ("t > '08:30'", "bool"),
        ("min(t, u)", "time"), ("hour(t)", "int"), ("concat(id, '-', note)", "string"), ("add_days('2024-01-01', round(price))", "date"),
    ],
)  # fmt: skip
def test_types_of_decimals_and_times(code: str, type_: str) -> None:
    assert infer(parse(code), TYPES.get).value == type_


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("rate * rate * rate * rate * rate", "20 digits after the point"), ("t + 1", "takes numbers"), ("t > '25:00'", "not a time of day"),
        ("t == 5", "values of one type"), ("is_null(bag)", "which no expression reads"), ("price / 0", "by 0"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(code: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        infer(parse(code), TYPES.get)


def evaluated(code: str, **data: Any) -> list[Any]:
    made = {name: Column(np.array(values) if isinstance(values, list) else values) for name, values in data.items()}
    rows = len(next(iter(made.values())))
    found = compile_expression(parse(code), TYPES.get).evaluate(made.__getitem__, rows).data
    cells: list[Any] = found.tolist() if isinstance(found, np.ndarray) else found.to_pylist()
    return cells


def test_a_decimal_compares_with_a_float_written_out_as_what_is_written() -> None:
    assert evaluated("price >= 19.99", price=[1998, 1999, 2000]) == [False, True, True]


def test_texts_of_decimals_have_all_digits() -> None:
    assert evaluated("concat(price, ' EUR')", price=[1990, -5, 0]) == ["19.90 EUR", "-0.05 EUR", "0.00 EUR"]


def test_times_compare_and_print() -> None:
    eight = 8 * 3_600_000_000
    assert evaluated("t < '08:30'", t=[eight, eight * 2]) == [True, False]
    assert evaluated("concat(t)", t=[eight, eight + 500_000]) == ["08:00:00", "08:00:00.500000"]
    assert evaluated("hour(t) * 60 + minute(t)", t=[eight + 60_000_000]) == [481]


def test_uuids_are_texts() -> None:
    one = str(uuid.UUID(int=5))
    assert evaluated(f"id == '{one}'", id=string_array([one])) == [True]


def test_a_decimal_beyond_64_bits_is_refused_at_its_row() -> None:
    with pytest.raises(RowError, match="passes the range of decimals") as caught:
        evaluated("price * rate", price=[1, 10**17], rate=[1, 10**17])
    assert caught.value.index == 1
    with pytest.raises(RowError, match="passes the range of decimals"):
        evaluated("whole + rate", whole=[10**17], rate=[1])


@given(st.integers(-(10**17), 10**17), st.integers(0, 18), st.integers(0, 18))
def test_other_scales_round_half_to_even(units: int, before: int, after: int) -> None:
    made, passes = rescaled(np.array([units]), before, after)
    with localcontext(prec=60):
        wanted = int(Decimal(units).scaleb(after - before).to_integral_value(ROUND_HALF_EVEN))
    if passes is None:
        assert made.tolist() == [wanted]
    else:
        assert not -(2**63) < wanted < 2**63


@given(st.decimals(-(10**8), 10**8, places=4), st.integers(0, 4))
def test_a_number_written_out_is_units_only_where_nothing_is_lost(value: Decimal, scale: int) -> None:
    scaled = value.scaleb(scale)
    wanted = int(scaled) if scaled == int(scaled) else None
    assert parsed_units(str(value), scale) == wanted == parsed_units(float(value), scale)


def test_floats_round_half_to_even_after_scaling() -> None:
    made: NDArray[np.int64] = from_floats(np.array([0.125, 0.135, -0.125, 19.9, 1e300]), 2)[0]
    assert made.tolist() == [12, 14, -12, 1990, 0]
    assert parsed_units("nan", 2) is parsed_units("1e400", 2) is parsed_units("x", 2) is None
