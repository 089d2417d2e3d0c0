"""Prepare a plan: count rows, index fan-outs, refuse what only data could tell."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.generate.engine import Engine
from seedbed.generate.fanout import index_fanout
from seedbed.generate.pool_key import PoolKey, pool_hash
from seedbed.generate.prepared import Prepared
from seedbed.plan.plan import Plan, TablePlan


def prepare(plan: Plan, pools: Mapping[PoolKey, pa.Array] | None = None, *, workers: int = 1) -> Prepared:
    """Add to a plan what only data can tell; `pools` holds the values of each pool that `needed_pools` names.

    Raises:
        ModelError: a promise that data breaks, with the numbers.
    """
    found = dict(pools or {})
    hashes = {str(key): pool_hash(values) for key, values in found.items()}
    rows = {table.name: table.rows for table in plan.tables if table.rows is not None}
    prepared = Prepared(plan, rows, {}, found, hashes)
    for name in plan.fact_order:
        engine, table = Engine(prepared), plan.table(name)
        assert table.parent is not None
        fan = index_fanout(engine, table.name, prepared.rows[table.parent], workers)
        prepared.fans[table.name] = fan
        prepared.rows[table.name] = fan.rows
        _refuse_too_few_partners(prepared, table, fan.largest)
    return prepared


def _refuse_too_few_partners(prepared: Prepared, table: TablePlan, largest: int) -> None:
    for link in table.links:
        partners = prepared.rows.get(link.target)
        used = link.kind == "partner" and any(column.link == link.name for column in table.columns)
        if used and partners is not None and largest > partners:
            message = (
                f"a row of `{table.parent}` has {largest} children in `{table.name}`, but `{link.target}` has only {partners} rows, "
                "so a pair would appear twice"
            )
            raise ModelError(
                message, where=f"nodes.{table.name}.fanout", fix=f"clamp the fan-out to {partners}, or give `{link.target}` {largest} rows"
            )
