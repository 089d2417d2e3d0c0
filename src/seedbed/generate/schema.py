"""The Arrow schema of a table's blocks, with what later stages must know of each column."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from seedbed.core.block import SINCE_2_TYPES, TEXTS, ColumnType
from seedbed.generate.conversion import arrow_type, plain_type
from seedbed.generate.frame import Context, Frame
from seedbed.plan.plan import ColumnPlan

#: Strings that repeat: coded in the block, and a dictionary in the file.
CODED = pa.dictionary(pa.int32(), pa.string())


def table_schema(engine: Context, table: str, *, encoded: bool) -> pa.Schema:
    """The schema of a table; `encoded` gives strings as their kernels make them, which an empty frame tells."""
    plan = engine.plan.table(table)
    empty = Frame(engine, table, range(0))
    return pa.schema([_field(column, empty, encoded=encoded) for column in plan.delivered])


def _field(column: ColumnPlan, empty: Frame, *, encoded: bool) -> pa.Field:
    kind = arrow_type(column)
    if kind is None or (encoded and column.type.is_text):
        data: Any = empty.column(column.name).data
        kind = plain_type(data.type) if column.type.is_nested else data.type
    return pa.field(column.name, kind, nullable=column.nullable, metadata=tags(column))


def tags(column: ColumnPlan) -> dict[str, str]:
    """What a block says of a column: its key, what it refers to, how it is best encoded, what it means and how secret it is."""
    found = {}
    if column.is_key:
        found["seedbed.key"] = "primary"
    elif column.is_unique:
        found["seedbed.key"] = "unique"
    if column.references:
        found["seedbed.references"] = column.references
    found["seedbed.encoding"] = encoding(column)
    if column.type in SINCE_2_TYPES:
        found["seedbed.type"] = column.type.value
    if column.spec.sensitivity:
        found["seedbed.sensitivity"] = column.spec.sensitivity
    if column.spec.description:
        found["description"] = column.spec.description
    return found


def encoding(column: ColumnPlan) -> str:
    """dictionary for few distinct values, delta for numbers near their neighbours, else plain."""
    generator = column.spec.generator
    if generator.sequence or column.link == "parent" or (column.type is ColumnType.DATETIME and generator.datetime_series):
        return "delta" if column.type not in TEXTS else "plain"
    if generator.choice or generator.enum_list or column.stage or column.type is ColumnType.BOOL:
        return "dictionary"
    if column.type in (ColumnType.INT, ColumnType.DATE, ColumnType.DECIMAL):
        return "delta"
    return "plain"
