"""What is compared: each kind of check, the expectation that stands for it, and the tables both are asked about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from bench.semantics.tables import BERLIN

Said = dict[str, Any]
_NUMBERS = ("ints", "nulls", "all null", "no type", "empty", "one row", "ties", "NaN", "NaN and null", "infinity", "zeros", "huge ints", "huge ints, null", "uint64", "decimals", "wide decimals", "bools", "texts", "random ints 1", "random ints 2", "random floats 1", "random floats 2", "random decimals 1")  # fmt: skip
_ANY = ("ints", "nulls", "all null", "no type", "empty", "ties", "NaN", "NaN and null", "infinity", "zeros", "huge ints", "huge ints, null", "uint64", "decimals", "wide decimals", "bools", "texts", "mixed", "categories", "moments", "zoned", "dates", "random ints 1", "random texts 1", "random texts 2", "random moments 1")  # fmt: skip
_TEXTS = (
    "ascii",
    "texts",
    "lines",
    "digits",
    "mixed",
    "categories",
    "null texts",
    "empty texts",
    "no type",
    "all null",
    "ints",
    "random texts 1",
    "random texts 2",
)
_PAIRS = ("pairs", "pairs, nulls", "pairs, NaN", "pairs, texts", "pairs, huge", "pairs, empty", "random pairs 1", "random pairs 2")
_COPIES = ("pairs", "copies", "copies, nulls", "copies, NaN", "pairs, empty", "random pairs 1", "random pairs 2")


@dataclass(frozen=True)
class Comparison:
    """A kind of check, the expectation that stands for it, and the tables; `given` says otherwise for some tables, to both sides."""

    kind: str
    said: Said
    peer: str
    asked: Said
    tables: tuple[str, ...]
    given: dict[str, tuple[Said, Said]] = field(default_factory=dict)
    note: str = ""

    @property
    def name(self) -> str:
        """What the comparison is called: the kind, and how it is used."""
        return f"{self.kind} ({self.note})" if self.note else self.kind

    def check(self, table: str) -> Said:
        """The check of our side."""
        said = {"kind": self.kind, **self.said, **self.given.get(table, ({}, {}))[0]}
        return {key: value for key, value in said.items() if value is not None}

    def expectation(self, table: str) -> Said:
        """The arguments of the other side."""
        return {**self.asked, **self.given.get(table, ({}, {}))[1]}


def bounds(low: float | None, high: float | None) -> tuple[Said, Said]:
    """Ends for both sides."""
    return {"min": low, "max": high}, {"min_value": low, "max_value": high}


def _figure(kind: str, peer: str, low: float | None, high: float | None, *tables: str, note: str = "", **more: Any) -> Comparison:
    ours, theirs = bounds(low, high)
    return Comparison(kind, {"column": "v", **ours}, peer, {"column": "v", **theirs, **more}, tables or _NUMBERS, note=note)


def _of_texts(kind: str, peer: str, ours: Said, theirs: Said, *tables: str, note: str = "") -> Comparison:
    return Comparison(kind, {"column": "v", **ours}, peer, {"column": "v", **theirs}, tables or _TEXTS, note=note)


def _moments(low: str, high: str, tz: Any) -> tuple[Said, Said]:
    ends = [dt.datetime.fromisoformat(end).replace(tzinfo=tz) for end in (low, high)]
    return {"min": low, "max": high}, {"min_value": ends[0], "max_value": ends[1]}


_RANGES: dict[str, tuple[Said, Said]] = {
    "huge ints": bounds(2**53 + 1, 2**63 - 1),
    "huge ints, null": bounds(2**53 + 1, None),
    "decimals": bounds(0.1, 0.3),
    "wide decimals": bounds(0, 10**30),
    "moments": _moments("2024-10-01T00:00:00", "2024-12-01T00:00:00", None),
    "zoned": _moments("2024-10-27T02:30:00", "2024-12-01T00:00:00", BERLIN),
    "dates": ({"min": "2024-02-01", "max": "2024-02-29"}, {"min_value": dt.date(2024, 2, 1), "max_value": dt.date(2024, 2, 29)}),
    "far dates": ({"min": "0001-01-01", "max": "9999-12-30"}, {"min_value": dt.date(1, 1, 1), "max_value": dt.date(9999, 12, 30)}),
    "random moments 1": _moments("2024-03-01T00:00:00", "2024-09-01T00:00:00", None),
    "random floats 1": bounds(10, 30),
}
_VALUES: dict[str, tuple[Said, Said]] = {
    "texts": ({"values": ["abc", "café"]}, {"value_set": ["abc", "café"]}),
    "mixed": ({"values": ["1", "a"]}, {"value_set": [1, "a"]}),
    "categories": ({"values": ["ab"]}, {"value_set": ["ab"]}),
    "huge ints": ({"values": [2**53 + 1]}, {"value_set": [2**53 + 1]}),
    "huge ints, null": ({"values": [2**53 + 1]}, {"value_set": [2**53 + 1]}),
    "bools": ({"values": [True]}, {"value_set": [True]}),
    "decimals": ({"values": [0.1, 4]}, {"value_set": [0.1, 4]}),
    "moments": ({"values": ["2024-09-30T12:00:00"]}, {"value_set": [dt.datetime(2024, 9, 30, 12)]}),  # noqa: DTZ001 - without a zone
    "dates": ({"values": ["2024-02-29"]}, {"value_set": [dt.date(2024, 2, 29)]}),
    "random texts 1": ({"values": ["", "a", "ß"]}, {"value_set": ["", "a", "ß"]}),
}
_SET = ({"column": "v", "values": [1, 2, 3]}, {"column": "v", "value_set": [1, 2, 3]})
_SET_TABLES = tuple(table for table in _ANY if table not in ("zoned", "random moments 1", "random texts 2"))
_OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
_V: Said = {"column": "v"}
_AB: Said = {"columns": ["a", "b"]}

COMPARISONS: tuple[Comparison, ...] = (
    Comparison("column_exists", _V, "ExpectColumnToExist", _V, ("ints", "empty", "no type", "pairs")),
    Comparison("columns_match", {"columns": ["b", "a"]}, "ExpectTableColumnsToMatchSet", {"column_set": ["b", "a"]}, ("pairs", "pairs, empty", "ints")),
    Comparison("columns_match", {"columns": ["b", "a"], "ordered": True}, "ExpectTableColumnsToMatchOrderedList", {"column_list": ["b", "a"]}, ("pairs", "pairs, empty", "ints"), note="ordered"),
    Comparison("column_count", {"min": 2, "max": 3}, "ExpectTableColumnCountToBeBetween", {"min_value": 2, "max_value": 3}, ("pairs", "pairs, empty", "ints")),
    Comparison("type", {"column": "v", "type": "int64"}, "ExpectColumnValuesToBeOfType", {"column": "v", "type_": "int64"}, ("ints", "nulls", "all null", "empty", "NaN", "uint64", "texts", "bools")),
    Comparison("not_null", _V, "ExpectColumnValuesToNotBeNull", _V, _ANY),
    Comparison("null", _V, "ExpectColumnValuesToBeNull", _V, _ANY),
    Comparison("null_share", {"column": "v", "max": 0.4}, "ExpectColumnProportionOfNonNullValuesToBeBetween", {"column": "v", "min_value": 0.6}, _ANY),
    Comparison("unique", _V, "ExpectColumnValuesToBeUnique", _V, _ANY),
    Comparison("unique", _AB, "ExpectCompoundColumnsToBeUnique", {"column_list": ["a", "b"], "ignore_row_if": "any_value_is_missing"}, _COPIES, note="of several columns"),
    Comparison("duplicate_rows", _AB, "ExpectCompoundColumnsToBeUnique", {"column_list": ["a", "b"], "ignore_row_if": "never"}, _COPIES),
    Comparison("unique_within_row", _AB, "ExpectSelectColumnValuesToBeUniqueWithinRecord", {"column_list": ["a", "b"], "ignore_row_if": "any_value_is_missing"}, _PAIRS),
    _figure("distinct_count", "ExpectColumnUniqueValueCountToBeBetween", 3, 4, *_ANY),
    _figure("distinct_share", "ExpectColumnProportionOfUniqueValuesToBeBetween", 0.5, 1, *_ANY),
    Comparison("range", {"column": "v", "min": 2, "max": 4}, "ExpectColumnValuesToBeBetween", {"column": "v", "min_value": 2, "max_value": 4}, (*_NUMBERS, "moments", "zoned", "dates", "far dates", "random moments 1"), _RANGES),
    Comparison("range", {"column": "v", "min": 2, "max": 4, "exclusive": True}, "ExpectColumnValuesToBeBetween", {"column": "v", "min_value": 2, "max_value": 4, "strict_min": True, "strict_max": True}, (*_NUMBERS, "moments", "dates", "random moments 1"), _RANGES, note="exclusive"),
    Comparison("in_set", _SET[0], "ExpectColumnValuesToBeInSet", _SET[1], _SET_TABLES, _VALUES),
    Comparison("not_in_set", _SET[0], "ExpectColumnValuesToNotBeInSet", _SET[1], _SET_TABLES, _VALUES),
    _of_texts("regex", "ExpectColumnValuesToMatchRegex", {"regex": "b"}, {"regex": "b"}, note="somewhere"),
    _of_texts("regex", "ExpectColumnValuesToMatchRegex", {"regex": "^ab$"}, {"regex": "^ab$"}, note="anchored"),
    _of_texts("regex", "ExpectColumnValuesToMatchRegex", {"regex": r"^\w+$"}, {"regex": r"^\w+$"}, "ascii", "texts", "random texts 1", note="word characters"),
    _of_texts("regex", "ExpectColumnValuesToMatchRegex", {"regex": "^.{1,6}$"}, {"regex": "^.{1,6}$"}, "ascii", "texts", "random texts 1", note="characters"),
    _of_texts("not_regex", "ExpectColumnValuesToNotMatchRegex", {"regex": "[ab]"}, {"regex": "[ab]"}),
    _of_texts("prefix", "ExpectColumnValuesToMatchRegex", {"prefix": "ab"}, {"regex": "^ab"}, "ascii", "texts", "lines", "categories", "null texts", "empty texts"),
    _of_texts("suffix", "ExpectColumnValuesToMatchRegex", {"suffix": "b"}, {"regex": r"b\Z"}, "ascii", "texts", "lines", "categories", "null texts", "empty texts"),
    _of_texts("length", "ExpectColumnValueLengthsToBeBetween", {"min": 2, "max": 4}, {"min_value": 2, "max_value": 4}),
    _of_texts("datetime_format", "ExpectColumnValuesToMatchStrftimeFormat", {"format": "%Y-%m-%d"}, {"strftime_format": "%Y-%m-%d"}, "dates as texts", "ascii", "null texts", "empty texts", "dates", "ints"),
    _of_texts("parseable", "ExpectColumnValuesToBeJsonParseable", {"as": "json"}, {}, "json", "texts", "null texts", "empty texts", "ints", note="json"),
    _of_texts("parseable", "ExpectColumnValuesToBeDateutilParseable", {"as": "datetime"}, {}, "dates as texts", "ascii", "digits", "null texts", "empty texts", note="datetime"),
    _of_texts("json_schema", "ExpectColumnValuesToMatchJsonSchema", {"schema": _OBJECT}, {"json_schema": _OBJECT}, "json", "json objects", "null texts", "empty texts"),
    Comparison("monotonic", _V, "ExpectColumnValuesToBeIncreasing", _V, ("rising", "falling", "dip", "ties", "one row", "all null", "empty", "NaN", "infinity", "huge ints", "huge ints, null", "decimals", "moments", "zoned", "dates", "ascii", "random ints 1")),
    Comparison("monotonic", {"column": "v", "strict": True}, "ExpectColumnValuesToBeIncreasing", {"column": "v", "strictly": True}, ("rising", "dip", "ties", "one row", "huge ints", "random ints 1"), note="strict"),
    Comparison("monotonic", {"column": "v", "direction": "decreasing"}, "ExpectColumnValuesToBeDecreasing", _V, ("rising", "falling", "dip", "one row", "all null", "empty", "decimals", "random ints 1"), note="decreasing"),
    Comparison("compare_columns", {"left": "a", "op": ">", "right": "b"}, "ExpectColumnPairValuesAToBeGreaterThanB", {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"}, _PAIRS, note=">"),
    Comparison("compare_columns", {"left": "a", "op": ">=", "right": "b"}, "ExpectColumnPairValuesAToBeGreaterThanB", {"column_A": "a", "column_B": "b", "or_equal": True, "ignore_row_if": "either_value_is_missing"}, _PAIRS, note=">="),
    Comparison("compare_columns", {"left": "a", "op": "==", "right": "b"}, "ExpectColumnPairValuesToBeEqual", {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"}, _PAIRS, note="=="),
    Comparison("row_expression", {"expr": "a + b == 1"}, "ExpectMulticolumnSumToEqual", {"column_list": ["a", "b"], "sum_total": 1, "ignore_row_if": "any_value_is_missing"}, ("pairs", "pairs, nulls", "pairs, NaN", "pairs, empty", "random pairs 1")),
    _figure("min", "ExpectColumnMinToBeBetween", 1, 3),
    _figure("max", "ExpectColumnMaxToBeBetween", 4, 40),
    _figure("mean", "ExpectColumnMeanToBeBetween", 2, 20.5),
    _figure("median", "ExpectColumnMedianToBeBetween", 2.5, 20),
    _figure("stddev", "ExpectColumnStdevToBeBetween", 1.5, 12),
    _figure("sum", "ExpectColumnSumToBeBetween", 9, 10_000),
    Comparison("quantile", {"column": "v", "q": 0.25, "min": 2, "max": 15}, "ExpectColumnQuantileValuesToBeBetween", {"column": "v", "quantile_ranges": {"quantiles": [0.25], "value_ranges": [[2, 15]]}, "allow_relative_error": False}, _NUMBERS),
    Comparison("mode", {"column": "v", "values": [3]}, "ExpectColumnMostCommonValueToBeInSet", {"column": "v", "value_set": [3], "ties_okay": True}, ("ints", "ties", "nulls", "all null", "empty", "one row", "NaN", "texts", "decimals")),
    Comparison("outliers", {"column": "v", "method": "zscore", "limit": 2}, "ExpectColumnValueZScoresToBeLessThan", {"column": "v", "threshold": 2, "double_sided": True}, ("far out", "ints", "nulls", "constant", "one row", "NaN", "all null", "empty", "random floats 1", "random floats 2"), note="zscore"),
    Comparison("outliers", {"column": "v", "method": "iqr", "limit": 1.5}, "ExpectColumnValuesToNotBeOutliers", {"column": "v", "method": "iqr", "multiplier": 1.5}, ("far out", "ints", "nulls", "constant", "one row", "NaN", "all null", "empty", "random floats 1", "random floats 2"), note="iqr"),
    Comparison("row_count", {"min": 1, "max": 5}, "ExpectTableRowCountToBeBetween", {"min_value": 1, "max_value": 5}, ("ints", "ties", "empty", "no type", "random ints 1")),
    Comparison("drift", {"column": "v", "method": "kl", "shares": {"ab": 0.5, "abc": 0.5}, "max": 0.3}, "ExpectColumnKLDivergenceToBeLessThan", {"column": "v", "partition_object": {"values": ["ab", "abc"], "weights": [0.5, 0.5]}, "threshold": 0.3}, ("ascii", "categories", "lines", "empty"), note="kl"),
)  # fmt: skip


def kinds() -> list[str]:
    """The kinds of checks that are compared."""
    return list(dict.fromkeys(each.kind for each in COMPARISONS))
