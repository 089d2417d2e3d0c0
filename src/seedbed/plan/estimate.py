"""How many bytes a table will take, roughly."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.plan.plan import ColumnPlan, TablePlan

#: Bytes a value in memory; strings count a guess of 16 characters.
_WIDTHS = {ColumnType.INT: 8, ColumnType.FLOAT: 8, ColumnType.DATETIME: 8, ColumnType.DATE: 4, ColumnType.BOOL: 0.125}
_WIDTHS |= {ColumnType.DECIMAL: 16, ColumnType.TIME: 8, ColumnType.UUID: 40, ColumnType.STRUCT: 64, ColumnType.LIST: 64}


def estimated_bytes(table: TablePlan) -> int:
    """The expected size of a table in memory, in bytes."""
    rows = table.rows if table.rows is not None else table.expected_rows
    return int(rows * sum(map(_width, table.columns)))


def _width(column: ColumnPlan) -> float:
    if column.type in _WIDTHS:
        return _WIDTHS[column.type]
    generator = column.spec.generator
    values = generator.choice.choices if generator.choice else generator.enum_list.values if generator.enum_list else None
    return 4 + (sum(len(str(value)) for value in values) / len(values) if values else 16)
