"""What checks know of a table: what its model says, or what the data has where nobody has told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from seedbed.check.view import TableFacts, is_wide
from seedbed.core.block import ColumnType, DecimalType, ValueType

if TYPE_CHECKING:
    from seedbed.model.document import Model

_KINDS: tuple[tuple[Callable[[pa.DataType], bool], ColumnType], ...] = (
    (pa.types.is_boolean, ColumnType.BOOL),
    (pa.types.is_integer, ColumnType.INT),
    (pa.types.is_duration, ColumnType.INT),
    (pa.types.is_floating, ColumnType.FLOAT),
    (pa.types.is_timestamp, ColumnType.DATETIME),
    (pa.types.is_date, ColumnType.DATE),
    (pa.types.is_time, ColumnType.TIME),
    (pa.types.is_binary, ColumnType.BYTES),
    (pa.types.is_large_binary, ColumnType.BYTES),
    (pa.types.is_fixed_size_binary, ColumnType.BYTES),
    (pa.types.is_struct, ColumnType.STRUCT),
    (pa.types.is_nested, ColumnType.LIST),
)


def type_of(stored: pa.DataType) -> ValueType:
    """The type whose values an Arrow type holds; texts where nothing else fits.

    >>> type_of(pa.int32()).value, type_of(pa.decimal128(10, 2)).value, type_of(pa.decimal128(38, 2)).value
    ('int', 'decimal(2)', 'decimal(2)')
    """
    if pa.types.is_dictionary(stored):
        return type_of(stored.value_type)
    if pa.types.is_decimal(stored):
        return DecimalType(max(stored.scale, 0))
    return next((kind for is_such, kind in _KINDS if is_such(stored)), ColumnType.STRING)


def facts_of_schema(name: str, schema: pa.Schema, key: tuple[str, ...] = ()) -> TableFacts:
    """The columns' types as the data has them; `key` names the columns that tell rows apart in samples."""
    types = {field.name: type_of(field.type) for field in schema}
    coarse = frozenset(field.name for field in schema if _is_coarse(field.type))
    return TableFacts(name, types, key, as_stored=True, coarse=coarse)


def _is_coarse(kind: pa.DataType) -> bool:
    """Whether different values may have the same key: nanoseconds are cut, numbers beyond 64 bits have fingerprints."""
    if pa.types.is_dictionary(kind):
        return _is_coarse(kind.value_type)
    return bool((pa.types.is_timestamp(kind) and kind.unit == "ns") or is_wide(kind))


def facts_of(model: Model) -> dict[str, TableFacts]:
    """The columns' types and the primary key of each table."""
    return {
        node.id: TableFacts(
            node.id, {column.name: column.value_type for column in node.columns if not column.hidden}, node.primary_key, model.timeframe.tz
        )
        for node in model.nodes
    }
