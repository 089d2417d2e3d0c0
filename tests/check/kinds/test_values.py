"""Kinds of checks about single values, at the edges: nulls, NaN, Unicode, huge numbers, decimals, time zones."""

# ruff: noqa: DTZ001 - columns have no zone

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.check.kinds.checking import failing_rows, result_of

NAN = float("nan")
HUGE = 2**62


def texts(*values: str | None) -> dict[str, pa.Array]:
    return {"x": pa.array(values, pa.string())}


def check(kind: str, **params: Any) -> dict[str, Any]:
    return {"kind": kind, "column": "x", **params}


@pytest.mark.parametrize(
    ("values", "params", "failing"),
    [
        ([1, 2, None, 5], {"min": 2, "max": 4}, [0, 3]),
        ([1.0, NAN, None, 4.0], {"max": 4}, [1]),
        ([1, 2, 3], {"min": 1, "max": 3, "exclusive": True}, [0, 2]),
        ([1.5, 2.0, 2.5], {"min": 1.5, "max": 2.5, "exclusive": True}, [0, 2]),
        ([HUGE, HUGE + 1, -HUGE], {"max": HUGE}, [1]),
        ([True, False], {"min": 1}, [1]),
        (pa.array([2**64 - 1, 5, None], pa.uint64()), {"max": 2**63}, [0]),
        (pa.array([Decimal("1.10"), Decimal("1.11")], pa.decimal128(5, 2)), {"max": 1.1}, [1]),
        (pa.array([Decimal("1.10"), Decimal("9" * 25)], pa.decimal128(30, 2)), {"max": 2}, [1]),
        (pa.array([dt.date(2024, 1, 31), dt.date(2024, 2, 1)]), {"max": "2024-01-31"}, [1]),
        (pa.array([dt.datetime(2024, 1, 31, 23, 59), dt.datetime(2024, 2, 1)]), {"max": "2024-01-31"}, [1]),
        (
            pa.array([dt.datetime(2024, 1, 31, 23, 30), dt.datetime(2024, 1, 31, 22)], pa.timestamp("us", "Europe/Berlin")),
            {"max": "2024-01-31"},
            [0],
        ),
        (pa.array([dt.datetime(2024, 1, 1), None], pa.timestamp("ns")), {"min": "2024-01-02T00:00:00"}, [0]),
        (pa.array([dt.time(8), dt.time(7, 59)]), {"min": "08:00"}, [1]),
        (pa.nulls(3), {"min": 1}, []),
    ],
)
def test_a_range_takes_numbers_and_moments(values: Any, params: dict[str, Any], failing: list[int] | None) -> None:
    if failing is None:
        assert result_of({"x": values}, check("range", **params)).status == "error"
    else:
        assert failing_rows({"x": values}, check("range", **params)) == failing


def test_bounds_of_another_type_are_an_error() -> None:
    result = result_of({"x": [1]}, check("range", max="2024-01-01"))
    assert (result.status, result.reason) == ("error", "`x` is int: its bounds are numbers, not moments")
    assert result_of(texts("a"), check("range", max=1)).reason == "`x` is string, not a number"


@pytest.mark.parametrize(
    ("values", "listed", "failing"),
    [
        (["a", None, "B"], ["a", "b"], [2]),
        ([1, 2, None], [1, 2.5, "3"], [1]),
        ([1.0, 2.5, NAN], [1, 2.5], [2]),
        ([HUGE, HUGE + 1], [HUGE], [1]),
        ([True, False], [True], [1]),
        (pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)]), ["2024-01-01"], [1]),
        (pa.array([Decimal("1.10"), Decimal("1.2")], pa.decimal128(5, 2)), [1.1], [1]),
    ],
)
def test_a_set_holds_values_of_the_columns_type(values: Any, listed: list[Any], failing: list[int]) -> None:
    assert failing_rows({"x": values}, check("in_set", values=listed)) == failing
    valid = pa.array(values).is_valid().to_pylist()
    others = [row for row in range(len(valid)) if row not in failing and valid[row]]
    assert failing_rows({"x": values}, check("not_in_set", values=listed)) == others


def test_sets_may_ignore_capitals() -> None:
    assert failing_rows(texts("ÄB", "äb", "c", None), check("in_set", values=["äB"], ignore_case=True)) == [2]
    assert failing_rows(texts("a.b", "A.B", "axb"), check("not_in_set", values=["a.b"], ignore_case=True)) == [0, 1]


def test_patterns_are_found_anywhere_and_nulls_pass() -> None:
    assert failing_rows(texts("ab", "c", None), check("regex", regex="b")) == [1]
    assert failing_rows(texts("ab", "c", None), check("not_regex", regex="^a")) == [0]
    assert "no regular expression" in (result_of(texts("a"), check("regex", regex="(?=a)")).reason or "")
    assert failing_rows(texts("AB-1", "xAB-", "ab-1", "A%"), check("like", pattern="AB-%")) == [1, 2, 3]
    assert failing_rows(texts("a_b", "axb"), check("like", pattern="a\\_b")) == [1]


def test_lengths_count_characters_not_bytes() -> None:
    assert failing_rows(texts("ß", "ää", "abc", "", None), check("length", min=1, max=2)) == [2, 3]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("email", ["a@b.org", "a.b+c@sub.example.co"], ["a@b", "a b@c.de", "@c.de", ".a@b.de", "a..b@c.de", "a@b.de\n", "ä@b.de", ""]),
        ("phone", ["+49 30 123456", "(030) 1234-567", "001-581-896-0013x389"], ["123", "+49 abc 1234", "12345678901234567"]),
        ("url", ["https://a.de", "http://user@a.de:80/x?y#z", "HTTPS://[::1]/"], ["a.de", "ftp://a.de", "https://", "http://a b.de"]),
    ],
)
def test_forms_of_texts_have_names(kind: str, good: list[str], bad: list[str]) -> None:
    rows = failing_rows(texts(*good, *bad, None), check(kind))
    assert rows == list(range(len(good), len(good) + len(bad)))


def test_beginnings_and_ends_are_taken_literally() -> None:
    assert failing_rows(texts("a.b", "axb", None), check("prefix", prefix="a.")) == [1]
    assert failing_rows(texts("x%", "x"), check("suffix", suffix="%")) == [1]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("%Y-%m-%d", ["2024-02-29", "2024-2-9"], ["2023-02-29", "2024-13-01", "2024-01-01x", "24-01-01", "2024-00-10"]),
        ("%d.%m.%Y %H:%M", ["01.02.2024 23:59"], ["01.02.2024 24:00", "31.04.2024 10:00"]),
        ("%d %B %Y", ["3 March 2024"], ["31 February 2024", "3 Marsch 2024"]),
    ],
)
def test_moments_are_of_a_format_and_real(form: str, good: list[str], bad: list[str]) -> None:
    rows = failing_rows(texts(*good, *bad, None), check("datetime_format", format=form))
    assert rows == list(range(len(good), len(good) + len(bad)))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("json", ['{"a": [1]}', "3", "null"], ["{", "{'a': 1}", ""]),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-02-29T10:00"]),
        ("datetime", ["2024-02-29", "2024-02-29T10:00:05.5+02:00", "2024-02-29 10:00Z"], ["2024-02-29T25:00", "10:00"]),
        ("int", ["-12", "+3"], ["1.0", "", "1e3", "\u0661"]),
        ("float", ["1", "-.5", "1e3", "NaN"], ["1,5", "e3", ""]),
    ],
)
def test_texts_can_be_read_as_something(kind: str, good: list[str], bad: list[str]) -> None:
    rows = failing_rows(texts(*good, *bad, None), check("parseable", **{"as": kind}))
    assert rows == list(range(len(good), len(good) + len(bad)))


def test_json_follows_a_schema() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/small"}}, "$defs": {"small": {"maximum": 3}}}
    rows = failing_rows(texts('{"a": 2}', '{"a": 4}', "{}", "[", None), check("json_schema", schema=schema))
    assert rows == [1, 2, 3]


def test_a_schema_with_unknown_words_is_an_error() -> None:
    assert result_of(texts("1"), check("json_schema", schema={"typ": "object"})).reason == "the schema's keyword `typ` is not supported"
    assert "another document" in (result_of(texts("1"), check("json_schema", schema={"$ref": "http://a.de"})).reason or "")


def test_check_digits_fit() -> None:
    assert failing_rows(texts("4539 1488 0343 6467", "4539148803436468", "0", "x", None), check("checksum", algorithm="luhn")) == [1, 2, 3]
    good = ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"]
    assert failing_rows(texts(*good, "DE89370400440532013001", "DE8937040044053201300", None), check("checksum", algorithm="iban")) == [
        2,
        3,
    ]


@pytest.mark.parametrize("most", [1, 2, 100])
def test_values_rise_from_row_to_row_over_any_cut(most: int) -> None:
    from tests.check.kinds.checking import report_of

    table = pa.table({"x": [1, 2, None, 2, 1, 5]})
    for strict, failing in ((False, [4]), (True, [3, 4])):
        (result,) = report_of({"t": table}, {"t": [check("monotonic", strict=strict)]}, most).results
        assert (result.failing, [sample.row for sample in result.samples]) == (len(failing), failing)


def test_values_fall_where_that_is_asked() -> None:
    values = {"x": pa.array([dt.date(2024, 1, 3), dt.date(2024, 1, 2), dt.date(2024, 1, 4)])}
    assert failing_rows(values, check("monotonic", direction="decreasing")) == [2]
