"""Random tables, cut anywhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

MOMENTS = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01")

SCHEMA = pa.schema(
    [
        ("whole", pa.int64()),
        ("float", pa.float64()),
        ("text", pa.string()),
        ("flag", pa.bool_()),
        ("day", pa.date32()),
        ("moment", pa.timestamp("us")),
        ("list", pa.list_(pa.int32())),
    ]
)


def _or_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


ROW = st.fixed_dictionaries(
    {
        "whole": _or_null(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5)),
        "float": _or_null(st.floats(width=64, min_value=-1e100, max_value=1e100) | st.just(float("nan")) | st.just(float("inf"))),
        "text": _or_null(st.text(max_size=12) | st.sampled_from(["AB-1", "ab-2", ""])),
        "flag": _or_null(st.booleans()),
        "day": _or_null(st.dates(date(1900, 1, 1), date(2100, 1, 1))),
        "moment": _or_null(st.datetimes(MOMENTS[0], MOMENTS[1])),
        "list": _or_null(st.lists(st.integers(0, 3), max_size=2)),
    }
)


@st.composite
def cut_tables(draw: st.DrawFn) -> tuple[pa.RecordBatch, list[int]]:
    """A batch of up to 60 rows, and where to cut it."""
    rows = draw(st.lists(ROW, max_size=60))
    cuts = draw(st.lists(st.integers(0, len(rows)), max_size=4))
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA), sorted({0, *cuts, len(rows)})
