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
    return lambda cells: (_nothing(cells.values.type, len(cells)),)


def _nothing(kind: pa.DataType, n: int) -> pa.Array:
    """So many nulls; those of a struct have blanks where its fields may not be null."""
    if not pa.types.is_struct(kind):
        return pa.nulls(n, kind)
    parts = [_nothing(field.type, n) if field.nullable else _blank(field.type, n) for field in kind]
    return pa.StructArray.from_arrays(parts, fields=list(kind), mask=pa.repeat(pa.scalar(True, pa.bool_()), n))  # noqa: FBT003


def _blank(kind: pa.DataType, n: int) -> pa.Array:
    """So many zeros, empty texts, empty lists."""
    if pa.types.is_struct(kind):
        return pa.StructArray.from_arrays([_blank(field.type, n) for field in kind], fields=list(kind))
    zeros = pa.py_buffer(bytes(16 * (n + 1)))  # enough for the widest values, and for offsets
    if pa.types.is_list(kind):
        return pa.Array.from_buffers(kind, n, [None, zeros], children=[pa.nulls(0, kind.value_type)])
    has_offsets = pa.types.is_string(kind) or pa.types.is_binary(kind)
    return pa.Array.from_buffers(kind, n, [None, zeros, zeros] if has_offsets else [None, zeros])


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
