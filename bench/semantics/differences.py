"""Where the two sides differ, and why ours is as it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Outcome = dict[str, Any]

_FIGURES = frozenset({"min", "max", "mean", "median", "stddev", "sum", "quantile"})
_OUTLIERS = frozenset({"outliers (zscore)", "outliers (iqr)"})
_OF_VALUES = frozenset({"distinct_share", "mode", *_FIGURES, *_OUTLIERS})


@dataclass(frozen=True)
class Reason:
    """Why outcomes differ on some tables, in some comparisons (all where none are named)."""

    key: str
    said: str
    tables: frozenset[str]
    names: frozenset[str] | None = None

    def holds(self, name: str, table: str) -> bool:
        """Whether it is about a case."""
        return table in self.tables and (self.names is None or name in self.names)


def _reason(key: str, tables: str, said: str, names: frozenset[str] | None = None) -> Reason:
    return Reason(key, said, frozenset(tables.split("; ")), names)


#: The first one that holds is meant.
REASONS = (
    _reason("empty", "empty; empty texts; pairs, empty", "**A table without rows is an error**, for a check that needs rows. Great Expectations passes checks of rows and fails checks of figures there. An empty table most often means that a load went wrong; a check that passes on it hides that, and a failed range would be no finding about values. Checks of the schema and `row_count` are judged as ever."),
    _reason("no value", "all null; no type", "**A figure of no values is an error**: there is no mean, no quantile and no share of nothing. Great Expectations fails it, or passes it where outliers are looked for.", _OF_VALUES),
    _reason("one value", "one row", "**One value has no deviation**: that is an error, not a failure.", frozenset({"stddev"})),
    _reason("wrong type", "ints; all null", "**A check of texts on a column of numbers is an error** of the check, told with the column's type. Great Expectations counts every row as failing or, for `not_regex` and columns of nulls, passes: a column that has silently become a number then passes a check for forbidden texts.", frozenset({"regex (somewhere)", "regex (anchored)", "not_regex", "length", "parseable (json)"})),
    _reason("ints with nulls", "nulls; all null; huge ints, null", "**Whole numbers stay whole beside nulls.** A pandas frame holds them as float64: the type is another one, and 2^53 + 1 becomes 2^53. Ours are Arrow's int64.", frozenset({"type", "unique", "distinct_count", "distinct_share", "range", "in_set", "not_in_set", "monotonic"})),
    _reason("type of the column", "bools", "**A type is that of the column**, one thing that is right or wrong. Great Expectations looks at the values of an object column, one after the other.", frozenset({"type"})),
    _reason("NaN in figures", "NaN; NaN and null; infinity", "**A figure of values that aren't finite is an error** that says how many there are. For Great Expectations NaN is missing, so a mean of two thirds of the rows passes; an infinite sum fails without saying why. `min` and `max` take infinities, which have an order, and only NaN, which has none, is an error.", _FIGURES | _OUTLIERS),
    _reason("NaN", "NaN; NaN and null; pairs, NaN; copies, NaN", "**NaN is a value, not a null**: Arrow, Parquet, SQL, Polars and Spark keep the two apart, only pandas doesn't. So it is no null for `not_null`; it lies in no range and in no list, compares with nothing (and so breaks an order or an expression it takes part in), counts as one distinct value, and two of them are equal for `unique`, as they are for `GROUP BY`. Who means both writes `not_null` and `range`, which every NaN fails."),
    _reason("large whole numbers", "huge ints", "**64-bit whole numbers are compared exactly.** Great Expectations makes floats of the bounds (2^53 + 1 becomes 2^53), and differences of neighbours overflow, so a fall from 2^63 - 1 to -2^63 counts as a rise.", frozenset({"range", "range (exclusive)", "monotonic", "monotonic (strict)"})),
    _reason("uint64", "uint64", "**Unsigned numbers of 2^63 and more are added up exactly**, as all whole numbers are. Great Expectations' sum of 0, 3 and 2^64 - 1 runs over and is 2.", frozenset({"sum"})),
    _reason("decimals", "decimals", "**Decimals are compared with the bound as it is written**: 0.10 lies within 0.1 to 0.3, and is one of 0.1 and 4. Great Expectations compares with the binary float next to 0.1, which is larger.", frozenset({"range", "in_set", "not_in_set"})),
    _reason("decimals with nulls", "decimals; random decimals 1", "**Figures of decimals with nulls** are judged; Great Expectations raises an error, since pandas holds them as objects and a null among them is None.", frozenset({"mean", "stddev", "sum"})),
    _reason("wide decimals", "wide decimals", "**Decimals of any number of digits are compared digit by digit**: 10^30 + 1 is beyond 10^30. Great Expectations compares with the float next to 10^30, which is larger than both.", frozenset({"range", "range (exclusive)"})),
    _reason("regular expressions", "lines; texts; random texts 1", "**Expressions are RE2's**, which take linear time whatever a user writes. `$` means the very end, while Python's also matches before a last line break; `\\w` means ASCII, `[\\pL\\pN_]` is every letter and digit.", frozenset({"regex (anchored)", "regex (word characters)"})),
    _reason("dates in texts", "dates as texts; digits", "**A date in a text is one of ISO 8601.** `dateutil` guesses: it reads `1`, `003` and `29.02.2024` as dates, and the month from whichever number fits. Other forms are asked for by `datetime_format`.", frozenset({"parseable (datetime)"})),
    _reason("broken JSON", "json", "**A text that is no JSON fails `json_schema`**, and the others are judged. Great Expectations raises an error at the first one.", frozenset({"json_schema"})),
    _reason("quantiles", "nulls; ties; huge ints; uint64; decimals; wide decimals; bools; random floats 1; random floats 2; random ints 1; random ints 2; random decimals 1", "**Quantiles are interpolated**, as `percentile_cont` of SQL and NumPy's default do. Great Expectations takes the value nearest to the place.", frozenset({"quantile"})),
    _reason("modes", "ints; nulls; NaN", "**Of several most frequent values the least counts**, so the answer doesn't depend on the order of rows. Great Expectations looks whether one of them (`ties_okay`) is in the list, else fails every tie.", frozenset({"mode"})),
)  # fmt: skip


def is_same(name: str, ours: Outcome, theirs: Outcome) -> bool:
    """Whether both end alike, with as many failing rows where both count them, and with the same figure where both tell one."""
    if ours["status"] != theirs["status"]:
        return False
    if theirs["failing"] is not None and ours["failing"] != theirs["failing"]:
        return False
    figures = [ours["told"], theirs["told"]]
    if ours["status"] == "error" or not all(isinstance(figure, int | float) for figure in figures):
        return True
    if name == "null_share":  # they tell the share that is there
        figures[1] = 1 - figures[1]
    return math.isclose(*figures, rel_tol=1e-9, abs_tol=1e-12)


def reason_of(name: str, table: str) -> Reason | None:
    """Why a case differs."""
    return next((reason for reason in REASONS if reason.holds(name, table)), None)
