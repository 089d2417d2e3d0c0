"""Faults by which something is not there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Bits, below
from seedbed.core.text import string_array
from seedbed.generate.frame import Context
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.model.quality import MissingField


def null(_: Context, issue: Any) -> Fault:
    """Null."""
    del issue
    return lambda cells: (pa.nulls(len(cells), cells.values.type),)


def missing_field(engine: Context, issue: MissingField) -> Fault:
    """A field of a JSON object is left out, the named one or any; other values are null."""
    if engine.column_plan(issue.table, issue.column).type.value != "json":
        return null(engine, issue)

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        texts = cells.values.to_pylist()  # there are as many as hits
        return (string_array([_without(text, issue.params.field, bits) for text, bits in zip(texts, cells.bits(), strict=True)]),)

    return fault


def _without(text: str, field: str | None, bits: np.uint64) -> str:
    """An object without one of its fields; the text as it is where there is none to leave out."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if not isinstance(found, dict) or not found or (field is not None and field not in found):
        return text
    gone = field if field is not None else list(found)[_one_of(len(found), bits)]
    return json.dumps({name: value for name, value in found.items() if name != gone}, ensure_ascii=False)


def _one_of(count: int, bits: np.uint64) -> int:
    draw: Bits = np.array([bits], dtype=np.uint64)
    return int(below(draw, count)[0])
