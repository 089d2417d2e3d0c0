"""Types are known before there are rows, and so is everything that can't be."""

from __future__ import annotations

from math import inf

import pytest

from seedbed.core.block import ColumnType
from seedbed.core.expression import ExpressionError, Interval, UnknownName, bounds, infer, parse
from seedbed.core.interval import INT_MAX, widest

TYPES = {
    "n": ColumnType.INT, "x": ColumnType.FLOAT, "s": ColumnType.STRING, "b": ColumnType.BOOL, "d": ColumnType.DATE,
    "t": ColumnType.DATETIME, "customer.age": ColumnType.INT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("n + 1", "int"), ("n + x", "float"), ("n / 2", "float"), ("n // 2", "int"), ("x % 2", "float"), ("n ** 2", "float"), ("-n", "int"),
        ("n + s", "string"), ("d + s", "string"), ("n == x", "bool"), ("d < t", "bool"), ("d < '2024-01-01'", "bool"),
        ("t >= '2024-01-01T10:00'", "bool"), ("'2024-01-01' <= d", "bool"), ("b == true", "bool"), ("not b or b", "bool"),
        ("if_(b, n, x)", "float"), ("if_(b, null, n)", "int"), ("if_(b, d, '2024-01-01')", "date"), ("coalesce(d, t)", "datetime"),
        ("coalesce(null, s)", "string"), ("is_null(null)", "bool"), ("round(x)", "int"), ("round(x, 2)", "float"), ("round(n, 2)", "int"),
        ("floor(x)", "int"), ("abs(n)", "int"), ("sqrt(n)", "float"), ("min(n, x)", "float"), ("max(d, '2024-01-01')", "date"),
        ("substr(s, 1)", "string"), ("length(s)", "int"), ("year(d)", "int"), ("hour('2024-01-01T10:00')", "int"), ("date(t)", "date"),
        ("date('2024-01-01')", "date"), ("days_between('2024-01-01', t)", "int"), ("hours_between(d, t)", "float"), ("add_days(d, n)", "date"),
        ("add_days('2024-01-01', 1)", "date"), ("add_days(t, x)", "datetime"), ("add_hours(d, 1)", "datetime"), ("add_minutes(t, x)", "datetime"),
        ("concat(n, x, b, d, t, s)", "string"), ("divide(n, n, 0)", "float"), ("customer.age * 2", "int"), ("substr(s, 1 + 1, 2 * 3)", "string"),
    ],
)  # fmt: skip
def test_types_follow_from_operands(text: str, wanted: str) -> None:
    assert infer(parse(text), TYPES.get) == wanted


@pytest.mark.parametrize(
    ("text", "offset", "message", "fix"),
    [
        ("n + b", 2, "`+` takes numbers, got int and bool", "if_(condition, 1, 0)"),
        ("s * 2", 2, "`*` takes numbers, got string and int", "length(s)"),
        ("d - d", 2, "`-` takes numbers, got date and date", "days_between(a, b)"),
        ("d + 1", 2, "`+` takes numbers, got date and int", "add_days(d, n)"),
        ("-s", 0, "`-` takes numbers, got string", ""),
        ("s == n", 2, "one type, got string and int", "concat('', x)"),
        ("b == 1", 2, "one type, got bool and int", "x != 0"),
        ("d == n", 2, "one type, got date and int", "same type"),
        ("d == s", 2, "one type, got date and string", ""),
        ("b < b", 2, "no meaning for bool", "=="),
        ("n == null", 2, "with null is never true", "is_null(x)"),
        ("d < 'soon'", 2, "'soon' is not a date", "'2024-02-29'"),
        ("d < '2024-02-30'", 2, "is not a time", "'2024-02-29'"),
        ("n and b", 2, "`and` takes bool and bool, got int and bool", "x != 0"),
        ("not s", 0, "`not` takes bool, got string", ""),
        ("if_(n, 1, 2)", 0, "`if_` takes bool, got int", "if_(x > 0, a, b)"),
        ("if_(b, 1, 'a')", 0, "one type, got int and string", ""),
        ("if_(b, null, null)", 0, "null alone has no type", ""),
        ("coalesce(null)", 0, "null alone", ""),
        ("if_(b, 1)", 0, "`if_` is given 2 values", "if_(condition, a, b)"),
        ("length()", 0, "given no values", "length(s)"),
        ("length(s, s)", 0, "given 2 values", "length(s)"),
        ("min(n)", 0, "given 1 value", "min(a, b, ...)"),
        ("min(s, s)", 0, "takes numbers or times, got string and string", "if_"),
        ("lower(n)", 0, "`lower` takes string, got int", "concat('', x)"),
        ("round(s)", 0, "`round` takes numbers", ""),
        ("round(x, n)", 0, "number of digits of `round` must be a whole number written out", ""),
        ("round(x, -1)", 0, "from 0 to 15", ""),
        ("round(x, 1.5)", 0, "whole number written out", ""),
        ("substr(s, n, 1)", 0, "start of `substr` must be", ""),
        ("substr(s, 0, -1)", 0, "length of `substr` must be", ""),
        ("year(n)", 0, "one type, got int and date", ""),
        ("year(s)", 0, "`year` takes dates or datetimes, got string", "'2024-02-29'"),
        ("year(b)", 0, "`year`", ""),
        ("hour(d)", 0, "takes a datetime, got date", "midnight"),
        ("date('2024-01-01T10:00', 1)", 0, "given 2 values", ""),
        ("add_days(d, 1.5)", 0, "whole days, got float", "floor(n)"),
        ("add_days(d, s)", 0, "`add_days` takes numbers", ""),
        ("lenght(s)", 0, "no function `lenght`", "did you mean length(s)?"),
        ("if(b, 1, 2)", 0, "`if` is not part", "if_("),
        ("len(s)", 0, "no function `len`", "length(s)"),
        ("eval(s)", 0, "no function `eval`", ""),
        ("open('/etc/passwd')", 0, "no function `open`", "the functions are abs,"),
        ("n / 0", 2, "`/` by 0", "divide(a, b, otherwise)"),
        ("n % (1 - 1)", 2, "`%` by 0", "divide(a, b, otherwise)"),
        ("9**9**9", 1, "range of floats", ""),
        ("9223372036854775807 + 1", 20, "64-bit", "1.0"),
        ("log(0)", 0, "constant takes the logarithm", ""),
        ("sqrt(-1)", 0, "constant takes a root", ""),
        ("add_days('2024-01-01', 9999999)", 0, "years 1 to 9999", ""),
        ("null", 0, "always null", ""),
        ("n + missing.name", 4, "no column `missing.name`", ""),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(text: str, offset: int, message: str, fix: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        infer(parse(text), TYPES.get)
    problem = caught.value.problems[0]
    assert (caught.value.offset, message in problem.message, fix in (problem.fix or "")) == (offset, True, True), problem


def test_an_unknown_name_says_which() -> None:
    with pytest.raises(UnknownName) as caught:
        infer(parse("n + (nn * 2)"), TYPES.get)
    assert (caught.value.name, caught.value.offset) == ("nn", 5)


INTERVALS = {
    "n": Interval(1, 10, type=ColumnType.INT),
    "m": Interval(-3, 3, nullable=True, type=ColumnType.INT),
    "any": widest(ColumnType.INT),
    "big": Interval(0, 10**10, type=ColumnType.INT),
    "x": Interval(-1.5, 2.0),
    "s": Interval(2, 5, type=ColumnType.STRING),
    "long": Interval(0, 10_000, type=ColumnType.STRING),
    "text": widest(ColumnType.STRING, nullable=False),
    "b": Interval(0, 1, nullable=True, type=ColumnType.BOOL),
    "d": Interval(0, 364, type=ColumnType.DATE),
    "t": Interval(-inf, 31.5, type=ColumnType.DATETIME),
}


@pytest.mark.parametrize(
    ("text", "low", "high", "nullable"),
    [
        ("n + m", -2, 13, True),
        ("n - m * 2", -5, 16, True),
        ("-m", -3, 3, True),
        ("10 / n", 1.0, 10.0, False),
        ("x / n", -1.5, 2.0, False),
        ("x // n", -3, 3, False),
        ("m // n", -3, 3, True),
        ("m % n", 0, 9, True),
        ("n % m + 0 * n", None, None, None),
        ("n % -3", -2, 0, False),
        ("any % 7", 0, 6, True),
        ("any + 1", -(2**63) + 1, INT_MAX, True),
        ("abs(m)", 0, 3, True),
        ("round(x)", -2, 2, False),
        ("floor(x)", -2, 2, False),
        ("ceil(x)", -1, 2, False),
        ("round(x, 0)", -2.0, 2.0, False),
        ("sqrt(n - 1)", 0, 3, False),
        ("min(n, m)", -3, 3, True),
        ("max(n, m, 4)", 4, 10, True),
        ("coalesce(m, n)", -3, 10, False),
        ("if_(m > 5, 100, n)", 1, 10, False),
        ("if_(b, 100, n)", 1, 100, False),
        ("if_(n > 0, 5, 7)", 5, 5, False),
        ("if_(b, 5, null)", 5, 5, True),
        ("n > 10", 0, 0, False),
        ("n >= 1 and n <= 10", 1, 1, False),
        ("b or n > 0", 1, 1, False),
        ("b and n > 20", 0, 0, False),
        ("not b", 0, 1, True),
        ("m == 7", 0, 0, True),
        ("n != 11", 1, 1, False),
        ("is_null(n)", 0, 0, False),
        ("is_null(m)", 0, 1, False),
        ("is_null(m + null)", 1, 1, False),
        ("length(concat(s, '-', n))", 4, 26, False),
        ("length(substr(s, 1, 2))", 1, 2, False),
        ("length(substr(s, -3))", 2, 3, False),
        ("length(text + '!')", 1, INT_MAX, False),
        ("length(upper(s))", 2, 5, False),
        ("year(d)", 1970, 1970, False),
        ("month(d)", 1, 12, False),
        ("minute(t)", 0, 59, False),
        ("year(t)", 1, 1970, False),
        ("days_between(d, '1971-01-01')", 1, 365, False),
        ("days_between(date('1970-01-01'), date(t))", -719_162, 0, False),
        ("hours_between('1970-01-01', d)", 0, 364 * 24, False),
        ("add_days(d, n)", 1, 374, False),
        ("divide(n, m, 100)", -inf, inf, True),
        ("divide(n, n + 1, 100)", 1 / 11, 5.0, False),
        ("n ** 1.0 > 0", 1, 1, False),
        ("x ** 2 >= 0", 0, 1, False),
        ("exp(x) > 0.2", 1, 1, False),
        ("log(n) < 2.4", 1, 1, False),
    ],
)
def test_bounds_are_exact_where_they_can_be(text: str, low: float | None, high: float | None, nullable: bool | None) -> None:
    if low is None:
        with pytest.raises(ExpressionError):
            bounds(parse(text), INTERVALS.__getitem__)
        return
    made = bounds(parse(text), INTERVALS.__getitem__)
    assert (made.low, made.high, made.nullable) == (low, high, nullable)


@pytest.mark.parametrize(
    ("text", "offset", "message", "fix"),
    [
        ("n / m", 2, "`/` by a whole number that can be 0", "divide(a, b, otherwise)"),
        ("n // any", 2, "`//` by a whole number that can be 0", "floor(divide(a, b, otherwise))"),
        ("n % m", 2, "`%` by a whole number that can be 0", "max(b, 1)"),
        ("n / (n * 0)", 2, "always 0", "divide"),
        ("x / if_(n > 0, 0.0, 0.0)", 2, "always 0", "divide"),
        ("big * big", 4, "`*` can reach 1e+20, beyond 64 bits", "1.0"),
        ("n + 9223372036854775800", 2, "beyond 64 bits", "1.0"),
        ("floor(x * 1e30)", 0, "beyond 64 bits", ""),
        ("exp(n * 1000)", 0, "always passes the range", ""),
        ("sqrt(-n)", 0, "always negative", "abs(x)"),
        ("log(0 - n)", 0, "never positive", "log(1 + x)"),
        ("add_days(d, 4000000 + n)", 0, "always leaves the years", ""),
        (" + ".join(["long"] * 110), 726, "1,050,000 characters, more than 1,048,576", "fewer"),
    ],
)
def test_what_the_bounds_forbid_is_refused_before_there_are_rows(text: str, offset: int, message: str, fix: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        bounds(parse(text), INTERVALS.__getitem__)
    problem = caught.value.problems[0]
    assert (caught.value.offset, message in problem.message, fix in (problem.fix or "")) == (offset, True, True), problem


def test_a_float_divisor_may_be_zero_and_a_product_with_a_float_never_wraps() -> None:
    assert bounds(parse("1 / x"), INTERVALS.__getitem__).high == inf
    assert bounds(parse("big * 1.0 * big"), INTERVALS.__getitem__).high == 1e20
