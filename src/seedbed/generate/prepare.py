"""Prepare a plan: count rows, index fan-outs, refuse what only data could tell."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.generate.engine import Engine
from seedbed.generate.faker import distinct_values
from seedbed.generate.fanout import index_fanout
from seedbed.generate.pool_key import POOL_SIZE, PoolKey, pool_hash
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
    _refuse_repeats(prepared)
    return prepared


def _refuse_repeats(prepared: Prepared) -> None:
    """Refuse unique columns of a method of Faker that has fewer values than there are rows, or cannot promise any number."""
    unique = [column for table in prepared.plan.tables for column in table.columns if column.is_unique and column.spec.generator.faker]
    for column in unique:
        faker, rows, most = column.spec.generator.faker, prepared.rows[column.table], distinct_values(column)
        assert faker is not None
        where = f"nodes.{column.table}.columns.{column.name}.generator.faker"
        if most is None:
            message = (
                f"`{faker.method}` draws from a pool of at most {POOL_SIZE:,} values, so {column.ref} cannot be unique for {rows:,} rows"
            )
            raise ModelError(message, where=where, fix="use a pattern such as `bothify` or `uuid4`, or a sequence")
        if rows > most:
            message = f"`{faker.method}` has {most:,} different values here, but {column.ref} must be unique in {rows:,} rows"
            raise ModelError(message, where=where, fix="lengthen the pattern, or lower the rows")


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
