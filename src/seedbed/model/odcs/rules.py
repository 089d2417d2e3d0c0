"""Quality rules of a contract as checks: library metrics, SQL, and seedbed's own ones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from seedbed.core.records import dataclass
from seedbed.model.odcs.document import OPERATORS, QualityRule
from seedbed.model.odcs.unsaid import UnsaidError

Spec = dict[str, Any]

#: Words for severities that contracts use.
SEVERITIES = {
    "info": "info", "low": "info", "warning": "warning", "warn": "warning", "medium": "warning", "error": "error", "high": "error",
    "critical": "critical", "blocker": "critical",
}  # fmt: skip

#: How `seedbed export` writes a query of failing rows; what lies between is the query.
COUNTED = ("SELECT COUNT(*) FROM (", ") AS failing")

#: A share that is just below another: rows are whole, so the two allow different numbers of them only where one is met exactly.
_BELOW = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class RuleOf:
    """A rule, its table, its column where it has one, and what the table's properties are called in the data."""

    rule: QualityRule
    table: str
    column: str | None
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value that an operator allows, and whether they are shares of 100."""

    low: float | None
    high: float | None
    is_strict: bool
    is_percent: bool


def rule_checks(of: RuleOf) -> Iterator[Spec]:
    """The checks of a rule.

    Raises:
        UnsaidError: there is none for it.
    """
    rule = of.rule
    kind = rule.type or "library"
    if kind == "text":
        raise UnsaidError("a text is for people" + (f": {_short(rule.description)}" if rule.description else ""))
    if kind == "custom":
        yield from _own(rule)
    elif kind == "sql":
        yield _sql(of) | _common(rule)
    else:
        for spec in _library(of):
            yield spec | _common(rule)


def _common(rule: QualityRule) -> Spec:
    severity = None if rule.severity is None else SEVERITIES.get(rule.severity.strip().lower(), "error")
    found = {
        "id": rule.name,
        "description": rule.description,
        "severity": severity,
        "dimension": rule.dimension,
        "tags": list(rule.tags) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _own(rule: QualityRule) -> Iterator[Spec]:
    """A rule of seedbed's own, as `seedbed export` writes it."""
    if rule.engine != "seedbed" or not isinstance(rule.implementation, dict):
        raise UnsaidError(f"the rule is for {rule.engine or 'another engine'}")
    yield dict(rule.implementation)


def _library(of: RuleOf) -> Iterator[Spec]:
    rule, metric = of.rule, of.rule.metric or of.rule.rule
    bounds = bounds_of(rule)
    if metric == "rowCount":
        if bounds.is_percent:
            raise UnsaidError("a number of rows is no share")
        yield {"kind": "row_count", **_whole(bounds)}
        return
    if metric == "duplicateValues" and of.column is None:
        named = rule.arguments.get("properties")
        if not isinstance(named, list) or not named:
            raise UnsaidError("`arguments.properties` names no columns")
        yield _limited({"kind": "unique", "columns": [of.columns.get(name, name) for name in named]}, bounds)
        return
    if of.column is None:
        raise UnsaidError(f"`{metric}` is a metric of a property" if metric else "the rule has no metric")
    makers = {"nullValues": _nulls, "missingValues": _missing, "invalidValues": _invalid, "duplicateValues": _duplicates}
    if metric not in makers:
        raise UnsaidError(f"there is no metric `{metric}` in ODCS 3.1")
    yield from makers[metric](of.column, rule.arguments, bounds)


def _nulls(column: str, _: Mapping[str, Any], bounds: Bounds) -> Iterator[Spec]:
    if bounds.low is None and not (bounds.is_strict and bounds.high == 0):
        yield _limited({"kind": "not_null", "column": column}, bounds)
    elif bounds.is_percent and not bounds.is_strict:
        ends = {"min": bounds.low, "max": bounds.high}
        yield {"kind": "null_share", "column": column, **{key: value / 100 for key, value in ends.items() if value is not None}}
    else:
        _refuse_percent(bounds)
        yield {"kind": "row_count", "where": f"is_null({_name(column)})", **_whole(bounds)}


def _refuse_percent(bounds: Bounds) -> None:
    if bounds.is_percent:
        raise UnsaidError("no check says that a share is above a number, and not that number itself")


def _name(column: str) -> str:
    if not column.isidentifier():
        raise UnsaidError(f"`{column}` has no place in an expression")
    return column


def _missing(column: str, arguments: Mapping[str, Any], bounds: Bounds) -> Iterator[Spec]:
    listed = arguments.get("missingValues")
    if listed is None:
        yield _limited({"kind": "missing", "column": column}, bounds)
        return
    values = [value for value in listed if value is not None]
    if None in listed:
        spec = {"kind": "missing", "column": column, "values": values} if values else {"kind": "not_null", "column": column}
    elif values:
        spec = {"kind": "not_in_set", "column": column, "values": values}
    else:
        raise UnsaidError("`arguments.missingValues` is empty")
    yield _limited(spec, bounds)


def _invalid(column: str, arguments: Mapping[str, Any], bounds: Bounds) -> Iterator[Spec]:
    unknown = set(arguments) - {"validValues", "pattern"}
    if unknown or not arguments:
        raise UnsaidError(f"`arguments.{min(unknown)}` is not known to ODCS 3.1" if unknown else "`arguments` say not what is valid")
    if len(arguments) > 1 and bounds.high != 0:
        raise UnsaidError("values that break either of two arguments are not counted together")
    if "validValues" in arguments:
        yield _limited(
            {"kind": "in_set", "column": column, "values": [value for value in arguments["validValues"] if value is not None]}, bounds
        )
    if "pattern" in arguments:
        refuse_regex(arguments["pattern"])
        yield _limited({"kind": "regex", "column": column, "regex": arguments["pattern"]}, bounds)


def _duplicates(column: str, _: Mapping[str, Any], bounds: Bounds) -> Iterator[Spec]:
    yield _limited({"kind": "unique", "column": column}, bounds)


def refuse_regex(regex: Any) -> None:
    """Refuse what RE2 doesn't take.

    Raises:
        UnsaidError: it is no regular expression of RE2.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(regex, str):
        raise UnsaidError("`pattern` is no text")
    try:
        pc.match_substring_regex(pa.nulls(1, pa.string()), pattern=regex)
    except pa.ArrowInvalid as error:
        raise UnsaidError(f"RE2 doesn't take the pattern: {str(error).partition(': ')[2] or error}") from error


def bounds_of(rule: QualityRule) -> Bounds:
    """What an operator allows.

    Raises:
        UnsaidError: there is none, or several, or nothing between two ends.
    """
    given = {name: getattr(rule, name) for name in OPERATORS if getattr(rule, name) is not None}
    if len(given) != 1:
        raise UnsaidError("the rule needs one operator, such as `mustBe: 0`")
    ((operator, value),) = given.items()
    numbers = value if isinstance(value, tuple) else (value,)
    if any(isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number) for number in numbers):
        raise UnsaidError("the operator's value is no number")
    if rule.unit not in (None, "rows", "percent"):
        raise UnsaidError(f"`unit: {rule.unit}` is neither rows nor percent")
    is_percent = rule.unit == "percent"
    if operator == "must_not_be" and value == 0:
        return Bounds(0, None, is_strict=True, is_percent=is_percent)
    low, high = _ENDS[operator](*numbers) if operator in _ENDS else (None, None)
    if low is None and high is None:
        raise UnsaidError("no check says that a figure is not a number, or not between two")
    return Bounds(low, high, operator in ("must_be_greater_than", "must_be_less_than"), is_percent)


_ENDS: dict[str, Any] = {
    "must_be": lambda value: (value, value) if value else (None, 0),
    "must_be_between": lambda low, high: (low, high) if low > 0 else (None, high),
    "must_be_greater_than": lambda value: (value, None),
    "must_be_greater_or_equal_to": lambda value: (value, None),
    "must_be_less_than": lambda value: (None, value),
    "must_be_less_or_equal_to": lambda value: (None, value),
}


def _whole(bounds: Bounds) -> Spec:
    """Bounds of a number of rows."""
    found: Spec = {}
    if bounds.low is not None:
        found["min"] = math.floor(bounds.low) + 1 if bounds.is_strict else math.ceil(bounds.low)
    if bounds.high is not None:
        found["max"] = math.ceil(bounds.high) - 1 if bounds.is_strict else math.floor(bounds.high)
    if found.get("max", 0) < 0:
        raise UnsaidError("fewer than no row")
    return found


def _limited(spec: Spec, bounds: Bounds) -> Spec:
    """A check with the most failing rows that the operator allows."""
    if bounds.low is not None:
        raise UnsaidError("no check says that so many rows must fail")
    high = bounds.high
    if high is None or high < 0 or (high == 0 and bounds.is_strict):
        raise UnsaidError("fewer than no row")
    if high == 0:
        return spec
    if bounds.is_percent:
        return {**spec, "threshold": min(1.0, high / 100 * (_BELOW if bounds.is_strict else 1))}
    most = math.ceil(high) - 1 if bounds.is_strict else math.floor(high)
    return {**spec, "threshold": most} if most else spec


_PLACES = re.compile(r"\$?\{(object|table|property|column)\}")
_SIGNS = {
    "must_be": "=", "must_not_be": "<>", "must_be_greater_than": ">", "must_be_greater_or_equal_to": ">=", "must_be_less_than": "<",
    "must_be_less_or_equal_to": "<=",
}  # fmt: skip


def _sql(of: RuleOf) -> Spec:
    """A query whose one value is compared, as a query of failing rows: one row where the comparison isn't true."""
    rule = of.rule
    if not rule.query or not rule.query.strip():
        raise UnsaidError("the rule has no query")
    query = _PLACES.sub(lambda found: _quoted(of.table if found[1] in ("object", "table") else _column(of)), rule.query).strip().rstrip(";")
    if rule.must_be == 0 and query.startswith(COUNTED[0]) and query.endswith(COUNTED[1]):
        return {"kind": "sql", "query": query.removeprefix(COUNTED[0]).removesuffix(COUNTED[1])}
    condition = _condition(rule)
    return {"kind": "sql", "query": f"SELECT value FROM (SELECT ({query}) AS value) AS answer WHERE ({condition}) IS NOT TRUE"}  # noqa: S608


def _column(of: RuleOf) -> str:
    if of.column is None:
        raise UnsaidError("the query names a property, and the rule is of none")
    return of.column


def _condition(rule: QualityRule) -> str:
    given = {name: getattr(rule, name) for name in OPERATORS if getattr(rule, name) is not None}
    if len(given) != 1:
        raise UnsaidError("the rule needs one operator, such as `mustBe: 0`")
    ((operator, value),) = given.items()
    if operator.endswith("between"):
        inner = f"value BETWEEN {value[0]!r} AND {value[1]!r}"
        return f"NOT ({inner})" if operator == "must_not_be_between" else inner
    if isinstance(value, bool):
        return f"value {_SIGNS[operator]} {'TRUE' if value else 'FALSE'}"
    if not isinstance(value, int | float):
        raise UnsaidError("the operator's value is no number and no truth value")
    return f"value {_SIGNS[operator]} {value!r}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
