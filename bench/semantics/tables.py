"""The tables of the comparison: hand-made edge cases, and some made at random from fixed seeds. The column is `v`, pairs are `a` and `b`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

BERLIN = ZoneInfo("Europe/Berlin")
NAN = float("nan")


def of(values: list[Any], kind: pa.DataType | None = None) -> pa.Table:
    """A table of one column."""
    return pa.table({"v": pa.array(values, kind)})


def pairs(a: list[Any], b: list[Any], kind: pa.DataType | None = None) -> pa.Table:
    """A table of two columns."""
    return pa.table({"a": pa.array(a, kind), "b": pa.array(b, kind)})


def _random(seed: int) -> dict[str, pa.Table]:
    draw, rows = Random(seed), 300  # noqa: S311 - data for a comparison

    def some(value: Any) -> Any:
        return None if draw.random() < 0.05 else value

    ints = [some(draw.randrange(40)) for _ in range(rows)]
    floats = [some(draw.gauss(20, 8)) for _ in range(rows)]
    texts = [some("".join(draw.choices("abcxyzäß€😀 ", k=draw.randrange(7)))) for _ in range(rows)]
    moments = [some(dt.datetime(2024, 1, 1) + dt.timedelta(minutes=draw.randrange(500_000))) for _ in range(rows)]  # noqa: DTZ001 - without a zone
    others = [some(draw.randrange(40)) for _ in range(rows)]
    decimals = [None if value is None else Decimal(value) / 8 for value in ints]
    return {
        f"random ints {seed}": of(ints, pa.int64()),
        f"random floats {seed}": of(floats, pa.float64()),
        f"random texts {seed}": of(texts, pa.string()),
        f"random moments {seed}": of(moments, pa.timestamp("us")),
        f"random decimals {seed}": of(decimals, pa.decimal128(10, 3)),
        f"random pairs {seed}": pairs(ints, others, pa.int64()),
    }


def _moments(tz: ZoneInfo | None) -> list[dt.datetime | None]:
    """Around the end of summer time: half past two comes twice in Berlin."""
    at = [(9, 30, 12, 0), (10, 27, 0, 30), (10, 27, 1, 30), (12, 31, 23, 59)]
    found: list[dt.datetime | None] = [dt.datetime(2024, month, day, hour, minute, tzinfo=dt.UTC) for month, day, hour, minute in at]
    return [*(moment if tz else moment.replace(tzinfo=None) for moment in found if moment), None]


TABLES: dict[str, pa.Table] = {
    "ints": of([1, 2, 3, 4, 5]),
    "nulls": of([1, None, 3, None, 5], pa.int64()),
    "all null": of([None, None, None], pa.int64()),
    "no type": of([None, None, None], pa.null()),
    "empty": of([], pa.int64()),
    "empty texts": of([], pa.string()),
    "null texts": of([None, None], pa.string()),
    "one row": of([3]),
    "ties": of([2, 2, 3, 3, 3, 4]),
    "NaN": of([1.0, NAN, 3.0, NAN], pa.float64()),
    "NaN and null": of([1.0, NAN, None, 3.0], pa.float64()),
    "infinity": of([1.0, float("inf"), float("-inf"), 3.0]),
    "zeros": of([0.0, -0.0, 1.0]),
    "huge ints": of([2**53, 2**53 + 1, 2**63 - 1, -(2**63)], pa.int64()),
    "huge ints, null": of([2**53, 2**53 + 1, None, 2**53], pa.int64()),
    "uint64": of([0, 3, 2**64 - 1], pa.uint64()),
    "decimals": of([Decimal("0.10"), Decimal("0.20"), Decimal("0.30"), Decimal("4.00"), None], pa.decimal128(10, 2)),
    "wide decimals": of([Decimal(10) ** 30, Decimal(1000000000000000000000000000001), Decimal(2)], pa.decimal128(38, 0)),
    "bools": of([True, False, True, None], pa.bool_()),
    "texts": of(["abc", "Straße", "cafe\u0301", "café", "😀😀", "", " x ", None], pa.string()),
    "ascii": of(["ab", "abc", "b", "AB", None], pa.string()),
    "digits": of(["1", "2.5", "003", "x", None], pa.string()),
    "lines": of(["ab", "ab\n", "x\nab", "ab\ny"], pa.string()),
    "mixed": of(["1", "a", "2.5", None], pa.string()),
    "categories": pa.table({"v": pa.array(["ab", "abc", "b", None]).dictionary_encode()}),
    "json": of(['{"a": 1}', "[1, 2]", "1", "{a: 1}", "", "NaN", None], pa.string()),
    "json objects": of(['{"a": 1}', '{"a": "x"}', "{}", '{"a": 1.0}', '{"a": 1, "b": 2}', None], pa.string()),
    "dates as texts": of(["2024-02-29", "2023-02-29", "2024-2-9", "29.02.2024", "2024-02-29T10:00:00", "", None], pa.string()),
    "moments": of(_moments(None), pa.timestamp("us")),
    "zoned": of(_moments(BERLIN), pa.timestamp("us", "Europe/Berlin")),
    "dates": of([dt.date(2024, 1, 31), dt.date(2024, 2, 29), None], pa.date32()),
    "far dates": of([dt.date(1, 1, 1), dt.date(9999, 12, 31)], pa.date32()),
    "rising": of([1, 2, 2, 5], pa.int64()),
    "falling": of([5, 4, None, 4, 1], pa.int64()),
    "dip": of([1, 3, None, 2, 4], pa.int64()),
    "far out": of([10.0, 11.0, 12.0, 11.0, 10.0, 12.0, 11.0, 10.0, 11.0, 100.0]),
    "constant": of([7.0, 7.0, 7.0]),
    "pairs": pairs([1, 2, 3, 4], [0, 2, 5, 4]),
    "pairs, nulls": pairs([1, None, 3, None], [0, 2, None, None], pa.int64()),
    "pairs, NaN": pairs([1.0, NAN, NAN], [0.0, 2.0, NAN], pa.float64()),
    "pairs, texts": pairs(["b", "Z", "é"], ["a", "a", "z"], pa.string()),
    "pairs, huge": pairs([2**53 + 1, 2**53], [2**53, 2**53 + 1], pa.int64()),
    "pairs, empty": pairs([], [], pa.int64()),
    "copies": pairs([1, 1, 2, 2], [5, 5, 6, 7]),
    "copies, nulls": pairs([1, 1, None, None, 2], [None, None, None, None, 6], pa.int64()),
    "copies, NaN": pairs([1.0, 1.0, NAN, NAN], [2.0, 3.0, 4.0, 4.0], pa.float64()),
}  # fmt: skip
for _seed in (1, 2):
    TABLES |= _random(_seed)

#: Where a pandas frame can hold what no Arrow column can: each value as what it is.
MIXED: dict[str, list[Any]] = {"mixed": [1, "a", 2.5, None]}
