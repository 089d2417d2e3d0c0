"""Columns that add up what belongs to a row: numbers of children, and sums of theirs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.joined import Joined
from seedbed.run.inferring.seen import Seen
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.inference.made import Made, type_of
from seedbed.stats.values import Floats

#: So many different sums show that adding up is no chance.
_LEAST = 5


def take_aggregates(context: Context, table: Table) -> None:
    """Fill the columns that count the rows that belong to a row, or add up a column of theirs."""
    seen = context.seen[table.name]
    asked = {name: _numbers(seen, name) for name, column in seen.columns.items() if _may_add_up(seen, name) and name not in table.columns}
    for role in context.roles.values():
        if role.parent is None or role.parent.target != table.name or not asked:
            continue
        child = role.parent.child
        for name in [name for name, values in asked.items() if (values == role.parent.counts).all()]:
            of = role.key[0] if role.key else child.sample.schema.names[0]
            table.columns[name] = Made(
                {"type": "int", "aggregate": {"of": f"{child.name}.{of}", "op": "count"}}, f"always the number of {child.name}"
            )
            del asked[name]
        _take_sums(table, seen, role.parent, asked)


def _take_sums(table: Table, seen: Seen, one: Joined, asked: dict[str, Floats]) -> None:
    for column in [name for name in one.child.columns if _can_be_added(one.child, name)]:
        if not asked:
            return
        sums = np.bincount(one.rows, _numbers(one.child, column), one.parent.rows)
        for name in [name for name, values in asked.items() if (np.abs(values - sums) <= 1e-6 * np.maximum(1.0, np.abs(sums))).all()]:
            kind = type_of(seen.columns[name].type)
            if (kind["type"] == "int") == (type_of(one.child.columns[column].type)["type"] == "int"):
                of = f"{one.child.name}.{column}"
                table.columns[name] = Made({**kind, "aggregate": {"of": of, "op": "sum"}}, f"always the sum of {of}")
                del asked[name]


def _may_add_up(seen: Seen, name: str) -> bool:
    column = seen.columns[name]
    return (
        column.kind == "number"
        and not column.nulls
        and (column.distinct or 0) >= _LEAST
        and name not in seen.unique
        and _is_exact(column.type)
    )


def _can_be_added(seen: Seen, name: str) -> bool:
    column = seen.columns[name]
    return column.kind == "number" and not column.nulls and _is_exact(column.type) and name not in seen.unique


def _is_exact(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _numbers(seen: Seen, name: str) -> Floats:
    pieces = [numbers_of(batch.column(0)) for _, batch in seen.scan.batches([name])]
    return np.concatenate([np.zeros(0), *pieces])
