"""What our side says of each case."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import seedbed
from bench.semantics.comparisons import COMPARISONS, Comparison
from bench.semantics.tables import TABLES

Outcome = dict[str, Any]
_NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def outcome(one: Comparison, table: str) -> Outcome:
    """The status of a check of a table, how many rows fail, and what was seen."""
    checks = {"version": "1.0", "tables": {"t": [one.check(table)]}}
    (result,) = seedbed.validate({"t": TABLES[table]}, checks, now=_NOW).results
    failing = result.failing if result.status in ("passed", "failed") else None
    return {"status": result.status, "failing": failing, "told": _told(result.reason or result.observed)}


def _told(value: object) -> object:
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if value is None or is_number else str(value)[:120]


def outcomes() -> dict[str, dict[str, Outcome]]:
    """Every case of every comparison."""
    return {one.name: {table: outcome(one, table) for table in one.tables} for one in COMPARISONS}
