"""Checks that a profile suggests: what holds in the data, with room where the next data may differ a little."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.stats.facts import ColumnFacts, NumberFacts, TableFacts, TextFacts
from seedbed.stats.shapes import pattern_regex

#: Values of a column that has few are told, up to so many, each of which comes this often on the average.
_MOST_VALUES, _LEAST_REPEATS = 30, 10

#: Tables below so many rows say little about what is rare.
_ENOUGH = 100

#: Numbers beyond that are not rounded.
_TINY = 1e-290

#: The types as a checks document writes them.
_TYPES = {"number": "float", "flag": "bool", "moment": "datetime", "text": "string"}

Check = dict[str, Any]


def suggested_checks(tables: Sequence[TableFacts], name: str) -> str:
    """A checks document in YAML; empty tables have no checks but that there are columns.

    >>> print(suggested_checks((TableFacts("user", 0, 0, ()),), "demo"))
    # What holds in demo; look through it and take out what is chance.
    version: "1.0"
    tables:
      "user":
        - {kind: row_count, min: 0}
    <BLANKLINE>
    """
    lines = [f"# What holds in {_one_line(name)}; look through it and take out what is chance.", 'version: "1.0"', "tables:"]
    for table in tables:
        lines.append(f"  {json.dumps(table.name, ensure_ascii=False)}:")
        lines += [f"    - {_flow(check)}" for check in checks_of(table)]
    return "\n".join([*lines, ""])


def checks_of(table: TableFacts) -> list[Check]:
    """The checks that a table's facts suggest, those of the table first."""
    return [*_of_table(table), *(check for column in table.columns for check in _of_column(table, column))]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _flow(check: Check) -> str:
    """A check in YAML's flow style, which JSON's values are."""
    return "{" + ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}" if name != "kind" else f"kind: {value}"
                           for name, value in check.items()) + "}"  # fmt: skip


def _of_table(table: TableFacts) -> Iterator[Check]:
    yield {"kind": "row_count", "min": 1 if table.rows else 0}
    if table.columns:
        yield {"kind": "schema_match", "types": {column.name: _type(column) for column in table.columns}}
    keys = [key for key in table.keys if key.verified]
    primary = _primary(table)
    if primary:
        yield {"kind": "primary_key", "columns": [primary]}
    elif pairs := sorted((key for key in keys if len(key.columns) > 1), key=lambda key: len(key.columns)):
        yield {"kind": "primary_key", "columns": list(pairs[0].columns), "severity": "warning"}
    for reference in table.references:
        yield {"kind": "foreign_key", "columns": [reference.column], "to": reference.table, "to_columns": [reference.key]}
    for found in table.dependencies:
        if found.verified and table.rows >= _ENOUGH:
            yield {
                "kind": "functional_dependency", "columns": list(found.determinants), "determines": [found.dependent], "severity": "warning",
            }  # fmt: skip


def _type(column: ColumnFacts) -> str:
    if column.kind == "number":
        for start, name in (("decimal", "decimal"), ("time", "time"), ("duration", column.type), ("uint", "int"), ("int", "int")):
            if column.type.startswith(start):
                return name
    if column.kind == "moment":
        return "date" if column.type.startswith("date") else "datetime"
    return _TYPES.get(column.kind, column.type)


def _primary(table: TableFacts) -> str | None:
    """The column that is most likely meant as the key: the first that is one, whole numbers and texts before moments."""
    keys = [column for column in table.columns if column.is_key and column.kind in {"number", "text"}]
    named = [column for column in keys if column.name.lower() in {"id", "key", "uuid"} or column.name.lower().endswith(("_id", "_key"))]
    chosen = [*named, *keys]
    return chosen[0].name if chosen else None


def _of_column(table: TableFacts, column: ColumnFacts) -> Iterator[Check]:
    of = {"column": column.name}
    if not table.rows:
        return
    yield from _of_nulls(table, column)
    if column.is_key and column.name != _primary(table) and column.kind == "text":
        yield {"kind": "unique", **of}
    if (values := _values(column)) is not None:
        yield {"kind": "in_set", **of, "values": values}
    elif column.numbers is not None:
        yield from _of_numbers(column, column.numbers)
    if column.texts is not None:
        yield from _of_texts(table, column, column.texts, is_listed=values is not None)


def _of_nulls(table: TableFacts, column: ColumnFacts) -> Iterator[Check]:
    if not column.nulls:
        yield {"kind": "not_null", "column": column.name}
    elif column.nulls < table.rows and table.rows >= _ENOUGH:
        yield {"kind": "null_share", "column": column.name, "max": _up(min(1.0, column.null_share * 1.5 + 0.01), 2)}


def _values(column: ColumnFacts) -> list[Any] | None:
    """All values, of a column that has few and has them often."""
    if column.kind not in {"text", "number"} or column.distinct is None or not column.distinct_exact:
        return None
    is_code = column.kind == "text" or (column.numbers is not None and column.numbers.whole and column.distinct <= 5)
    if not is_code or len(column.top) < column.distinct or column.distinct * _LEAST_REPEATS > column.values:
        return None
    return sorted((top.value for top in column.top), key=str)


def _of_numbers(column: ColumnFacts, numbers: NumberFacts) -> Iterator[Check]:
    if column.is_key or not isinstance(column.min, int | float) or not isinstance(column.max, int | float):
        return
    if column.nans or column.infinite or max(abs(column.min), abs(column.max)) > 1 / _TINY:
        return
    low, high = _room(float(column.min), float(column.max))
    if numbers.whole:
        low, high = math.floor(low), math.ceil(high)
    yield {"kind": "range", "column": column.name, "min": low, "max": high}
    if _is_reference(column):
        return
    if column.rows >= _ENOUGH and numbers.deviation:
        reach = 5 * numbers.deviation / math.sqrt(column.values) + 0.1 * numbers.deviation
        ends = {"min": _down(numbers.mean - reach, 4), "max": _up(numbers.mean + reach, 4)}
        yield {"kind": "mean", "column": column.name, **ends, "severity": "warning"}


def _is_reference(column: ColumnFacts) -> bool:
    """Whether the numbers are likely those of other rows: their mean says nothing."""
    return column.name.lower().endswith(("_id", "_key", "id_", "_no", "_code")) or column.name.lower() == "id"


def _room(low: float, high: float) -> tuple[int | float, int | float]:
    """The range with a tenth of it at each end; what is not negative stays so, and zero is an end where it is near."""
    room = 0.1 * (high - low)
    least = _down(low - room, 3)
    most = _up(high + room, 3)
    if low >= 0 > least or 0 <= least < room:
        least = 0.0
    return _whole(least), _whole(0.0 if high <= 0 < most else most)


def _of_texts(table: TableFacts, column: ColumnFacts, texts: TextFacts, *, is_listed: bool) -> Iterator[Check]:
    of = {"column": column.name}
    if texts.form in {"email", "url", "phone"} and texts.form_share == 1.0:
        yield {"kind": texts.form, **of}
    elif not is_listed and (pattern := _only_pattern(texts)) is not None:
        yield {"kind": "regex", **of, "regex": pattern_regex(pattern)}
    elif not is_listed and table.rows >= _ENOUGH:
        yield {"kind": "length", **of, "min": 1 if texts.shortest else 0, "max": max(2 * texts.longest, 10)}


def _only_pattern(texts: TextFacts) -> str | None:
    """The pattern of all texts, where they have one that says everything of them."""
    if texts.different_patterns != 1 or texts.longest > 60 or not texts.patterns:
        return None
    pattern = str(texts.patterns[0].value)
    return None if "?" in pattern or not pattern else pattern


def _rounded(number: float, digits: int, turn: Any) -> float:
    if not _TINY < abs(number) < 1 / _TINY:
        return number
    power = 10.0 ** (digits - 1 - math.floor(math.log10(abs(number))))
    found = turn(number * power) / power
    return float(found) if math.isfinite(found) else number


def _down(number: float, digits: int) -> float:
    """The next smaller number of so many digits."""
    return _rounded(number, digits, math.floor)


def _up(number: float, digits: int) -> float:
    """The next greater number of so many digits."""
    return _rounded(number, digits, math.ceil)


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
