"""For every kind of fault a check that was declared to see it, and what of it that check must see, told by plain Python."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import seedbed
from seedbed.model.checks.reading import checks_from
from seedbed.read.document import examine_data, remembered
from tools.detection.accused import accusations
from tools.detection.faults import EXAMPLES, TRUTH, Faulty, document, planned
from tools.detection.measure import Found, Judge

Entry = dict[str, Any]
Sees = Callable[[Faulty, Entry], bool]
_SHOP = "shop.yaml"


@dataclass(frozen=True)
class Declared:
    """A fault and the check that is declared against it; without `sees` the check judges the column, not its rows."""

    kind: str
    table: str
    check: dict[str, Any]
    column: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    rate: float = 0.01
    sees: Sees | None = None
    example: str = _SHOP


def declared_found(one: Declared, scale: float) -> Found:
    """What a declared check finds of the faults it is declared against."""
    made = _made(one, scale)
    rules = checks_from({"version": "1.0", "tables": {one.table: [one.check]}})
    accused, clean = accusations(rules, made.tables), accusations(rules, _clean_tables(one, scale))
    assert not clean, f"{one.check} accuses clean data: {clean}"
    found, judge = Found(one.kind), Judge(made)
    rows = frozenset[int]().union(*(each.rows or () for each in accused))
    for entry in (entry for entry in made.truth if entry["op"] != "insert" or entry["column"] is None):
        found.faults += 1
        is_visible = bool(accused) if one.sees is None else one.sees(made, entry)
        is_found = bool(accused) if one.sees is None else entry["row"] in rows
        found.visible += is_visible
        found.found += is_visible and is_found
        if is_visible and not is_found:
            found.missed.append(f"{one.check['kind']}: {entry}")
    for each in accused:
        judge.add(found, each)
    return found


def _made(one: Declared, scale: float) -> Faulty:
    clean = document(EXAMPLES / one.example)
    model = remembered(examine_data(clean))
    issue = {"table": one.table, "kind": one.kind, "rate": one.rate, **({"column": one.column} if one.column else {})}
    issue |= {"params": one.params} if one.params else {}
    dataset = planned(clean, [issue], scale)
    tables = {name: dataset.to_arrow(name) for name in (*_needed(one), TRUTH)}
    return Faulty(model, one.kind, tables, tables.pop(TRUTH).to_pylist())


def _clean_tables(one: Declared, scale: float) -> dict[str, Any]:
    dataset = seedbed.plan(EXAMPLES / one.example, scale=scale)
    return {name: dataset.to_arrow(name) for name in _needed(one)}


def _needed(one: Declared) -> tuple[str, ...]:
    return tuple(dict.fromkeys([one.table, *([one.check["to"]] if "to" in one.check else [])]))


def dirty(test: Callable[[str], bool]) -> Sees:
    """A fault is seen by the text of the dirty cell."""
    return lambda _, entry: entry["dirty"] is not None and test(entry["dirty"])


def _is_null(_: Faulty, entry: Entry) -> bool:
    return entry["dirty"] is None


def _repeats(*columns: str) -> Sees:
    def sees(made: Faulty, entry: Entry) -> bool:
        keys = list(zip(*(made.texts(entry["table"], column) for column in columns), strict=True))
        return Counter(keys)[keys[entry["row"]]] > 1

    return sees


def _descends(column: str) -> Sees:
    """The row is before the one before it."""

    def sees(made: Faulty, entry: Entry) -> bool:
        values = made.tables[entry["table"]][column]
        return bool(entry["row"] and values[entry["row"]].as_py() < values[entry["row"] - 1].as_py())

    return sees


def _is_far(column: str, limit: float) -> Sees:
    """The value's distance from the median is more than so many median distances, scaled to deviations of a normal distribution."""

    def sees(made: Faulty, entry: Entry) -> bool:
        values = [value for value in made.tables[entry["table"]][column].to_pylist() if value is not None]
        middle = statistics.median(values)
        spread = statistics.median(abs(value - middle) for value in values) / 0.6745
        return bool(abs(float(entry["dirty"]) - middle) / spread > limit)

    return sees


def _is_other(*values: str) -> Sees:
    return dirty(lambda text: text not in values)


def _lacks(pattern: str) -> Sees:
    return dirty(lambda text: re.search(pattern, text) is None)


def _has(pattern: str) -> Sees:
    return dirty(lambda text: re.search(pattern, text) is not None)


def _is_no_moment(text: str) -> bool:
    try:
        dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return True
    return False


_CITY, _SKU, _BLANKS = "^[^a-zäöüß].*[a-zäöüß]", "^[A-Z]{3}-[0-9]{5}$", "^[ \t\u00a0]|[ \t\u00a0]$|[ \t\u00a0]{2}|[\t\u00a0]"
_METHODS = ("card", "paypal", "invoice")

DECLARED = (
    Declared("null", "customer", {"kind": "not_null", "column": "born_on"}, "born_on", sees=_is_null),
    Declared("missing_field", "product", {"kind": "not_null", "column": "attributes"}, "attributes", rate=0.1, sees=_is_null),
    Declared("malformed_timestamp", "order", {"kind": "datetime_format", "column": "ordered_at", "format": "%Y-%m-%dT%H:%M:%SZ"}, "ordered_at", sees=dirty(_is_no_moment)),
    Declared("invalid_enum", "payment", {"kind": "in_set", "column": "method", "values": list(_METHODS)}, "method", sees=_is_other(*_METHODS)),
    Declared("duplicate", "payment", {"kind": "duplicate_rows"}, sees=_repeats("payment_id")),
    Declared("near_duplicate", "customer", {"kind": "unique", "columns": ["first_name", "last_name", "born_on", "created_at"]}, params={"columns": ["email", "phone"]}, rate=0.02, sees=_repeats("first_name", "last_name", "born_on", "created_at")),
    Declared("boundary_violation", "order_item", {"kind": "range", "column": "quantity", "min": 1, "max": 10}, "quantity", {"by": 0.5}, sees=dirty(lambda text: not 1 <= int(text) <= 10)),
    Declared("typo", "product", {"kind": "regex", "column": "sku", "regex": _SKU}, "sku", rate=0.2, sees=_lacks(_SKU)),
    Declared("case", "address", {"kind": "regex", "column": "city", "regex": _CITY}, "city", sees=_lacks(_CITY)),
    Declared("whitespace", "customer", {"kind": "not_regex", "column": "phone", "regex": _BLANKS}, "phone", rate=0.03, sees=_has(_BLANKS)),
    Declared("encoding", "customer", {"kind": "type", "column": "last_name", "type": "string"}, "last_name"),
    Declared("swap_columns", "product", {"kind": "compare_columns", "left": "cost", "op": "<=", "right": "list_price"}, "list_price", {"with": "cost"}, 0.1, sees=lambda made, entry: _cell(made, entry, "cost") > _cell(made, entry, "list_price")),
    Declared("orphan_fk", "order_item", {"kind": "foreign_key", "columns": ["product_id"], "to": "product"}, "product_id", sees=lambda made, entry: entry["dirty"] not in made.texts("product", "product_id")),
    Declared("truncation", "address", {"kind": "length", "column": "postcode", "min": 4}, "postcode", rate=0.03, sees=dirty(lambda text: len(text) < 4)),
    Declared("type_drift", "stock_level", {"kind": "regex", "column": "on_hand", "regex": "^[0-9]+$"}, "on_hand", sees=_lacks("^[0-9]+$")),
    Declared("unit_drift", "payment", {"kind": "range", "column": "amount", "max": 5000}, "amount", {"factor": 1000}, sees=dirty(lambda text: Decimal(text) > 5000)),
    Declared("late_arrival", "order", {"kind": "monotonic", "column": "order_id", "strict": True}, params={"max": "P30D"}, rate=0.05, sees=_descends("order_id")),
    Declared("out_of_order", "order", {"kind": "monotonic", "column": "order_id", "strict": True}, sees=_descends("order_id")),
    Declared("outlier", "reading", {"kind": "outliers", "column": "humidity_pct", "method": "mad", "limit": 8}, "humidity_pct", sees=_is_far("humidity_pct", 8), example="sensors.json"),
    Declared("mean_drift", "order_item", {"kind": "mean", "column": "unit_price", "min": 30, "max": 60}, "unit_price", {"factor": 3}, rate=1.0),
    Declared("category_drift", "payment", {"kind": "in_set", "column": "method", "values": list(_METHODS)}, "method", {"mapping": {"card": "credit_card"}}, sees=_is_other(*_METHODS)),
)  # fmt: skip


def _cell(made: Faulty, entry: Entry, column: str) -> Any:
    return made.tables[entry["table"]][column][entry["row"]].as_py()
