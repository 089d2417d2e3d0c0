"""What fills a column by itself, whatever its type: numbers, moments, texts, flags, lists and structs."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.stats.column import ColumnSummary
from seedbed.stats.inference.clocks import clock_made
from seedbed.stats.inference.made import Made, Spec, shares
from seedbed.stats.inference.moments import moments_made
from seedbed.stats.inference.numbers import numbers_made
from seedbed.stats.inference.semantics import Meaning, is_own
from seedbed.stats.inference.texts import TextAim, flags_made, text_made

#: Null rates below that are chance.
_DIGITS = 4


def column_made(column: ColumnSummary, sample: pa.Array, meaning: Meaning | None = None, aim: TextAim = TextAim()) -> Made | None:  # noqa: B008 - frozen
    """What fills a column, with its null rate; None where nothing can: bytes, maps and nothing but nulls in them."""
    made = _made(column, sample, meaning, aim)
    return None if made is None else with_nulls(made, column)


def with_nulls(made: Made, column: ColumnSummary) -> Made:
    """The same with the column's share of nulls."""
    if made.spec.get("constant", {"value": 0})["value"] is None:
        return replace(made, spec={**made.spec, "nullable": True})
    if not column.nulls:
        return made
    rate = max(round(column.nulls / column.rows, _DIGITS), 10.0**-_DIGITS)
    return replace(made, spec={**made.spec, "null_rate": rate})


def _made(column: ColumnSummary, sample: pa.Array, meaning: Meaning | None, aim: TextAim) -> Made | None:
    kind = column.type
    if pa.types.is_null(kind):
        return Made({"type": "string", "constant": {"value": None}}, "nothing but nulls")
    if column.kind == "flag":
        return flags_made(column)
    if column.kind == "text":
        return text_made(column, sample, meaning, aim)
    if pa.types.is_time(kind):
        return clock_made(column, sample)
    if column.kind == "moment":
        return moments_made(column, sample, is_own=is_own(column.name) and not aim.keeps_values)
    if column.kind == "number":
        return numbers_made(column, sample, is_own=is_own(column.name) and not aim.keeps_values)
    return nested_made(column.name, sample, aim)


def nested_made(name: str, sample: pa.Array, aim: TextAim) -> Made | None:
    """What fills a column of lists or structs, by its sample."""
    valid = sample.drop_null()
    if not len(valid):
        return None
    if pa.types.is_struct(valid.type):
        return _struct(valid, aim)
    if pa.types.is_list(valid.type) or pa.types.is_large_list(valid.type):
        return _list(name, valid, aim)
    return None


def _struct(values: pa.StructArray, aim: TextAim) -> Made | None:
    fields: Spec = {}
    for field in values.type:
        made = _within(field.name, pc.struct_field(values, field.name), aim)
        if made is None:
            return None
        fields[field.name] = made.spec
    return Made({"type": "struct", "struct": {"fields": fields}}, "its fields one by one") if fields else None


def _list(name: str, values: pa.ListArray, aim: TextAim) -> Made | None:
    items = _within(name, values.flatten(), aim)
    lengths = pc.list_value_length(values).to_numpy(zero_copy_only=False)
    counts = {int(length): int((lengths == length).sum()) for length in sorted(set(lengths.tolist()))}
    if items is None or max(counts) > 1_000:
        return None
    weights = {str(length): weight for length, weight in zip(counts, shares(counts), strict=True)}
    length: int | Spec = next(iter(counts)) if len(counts) == 1 else {"type": "histogram", "params": {"values": weights}}
    return Made({"type": "list", "list": {"length": length, "items": _item(items.spec)}}, "lengths and items as counted")


def _item(spec: Spec) -> Spec:
    """An item says its type only where its generator doesn't."""
    plain = {key: value for key, value in spec.items() if key not in {"null_rate", "nullable"}}
    return {key: value for key, value in plain.items() if key != "type" or ("pattern" not in plain and "choice" not in plain)}


def _within(name: str, values: pa.Array, aim: TextAim) -> Made | None:
    inner = ColumnSummary(name, values.type)
    inner.add(values)
    return column_made(inner, values, None, aim)
