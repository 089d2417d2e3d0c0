"""Prepare a plan: count rows, index fan-outs, refuse what only data could tell."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from seedbed.generate.engine import Engine
from seedbed.generate.faker import distinct_values, faker_columns
from seedbed.generate.fanout import index_fanout
from seedbed.generate.pool_key import POOL_SIZE, PoolKey, pool_hash
from seedbed.generate.prepared import Prepared
from seedbed.model.places import Mistake, Places
from seedbed.plan.compile import unplaced
from seedbed.plan.plan import Plan, TablePlan


def prepare(plan: Plan, pools: Mapping[PoolKey, pa.Array] | None = None, *, workers: int = 1, places: Places | None = None) -> Prepared:
    """Add to a plan what only data can tell; `pools` holds the values of each pool that `needed_pools` names.

    Fan-outs are counted on `workers` threads; `places` lets errors say line and column.

    Raises:
        ModelError: a promise that data breaks, with the numbers.
    """
    found = dict(pools or {})
    hashes = {str(key): pool_hash(values) for key, values in found.items()}
    rows = {table.name: table.rows for table in plan.tables if table.rows is not None}
    prepared = Prepared(plan, rows, {}, found, hashes)
    mistakes: list[Mistake] = []
    for name in plan.fact_order:
        engine, table = Engine(prepared), plan.table(name)
        assert table.parent is not None
        fan = index_fanout(engine, table.name, prepared.rows[table.parent], workers)
        prepared.fans[table.name] = fan
        prepared.rows[table.name] = fan.rows
        mistakes += _too_few_partners(prepared, table, fan.largest)
    mistakes += _repeats(prepared)
    if mistakes:
        raise (places or unplaced(plan.model)).error(mistakes)
    return prepared


def path_of(plan: Plan, table: str, column: str) -> tuple[str | int, ...]:
    """Where a column stands in the document."""
    names = [node.id for node in plan.model.nodes]
    node = plan.model.nodes[names.index(table)]
    return "nodes", names.index(table), "columns", [spec.name for spec in node.columns].index(column)


def _repeats(prepared: Prepared) -> list[Mistake]:
    """Unique columns of a method of Faker that has fewer values than there are rows, or cannot promise any number."""
    found = []
    for column in (column for column in faker_columns(prepared.plan) if column.is_unique):
        faker, rows, most = column.spec.generator.faker, prepared.rows[column.table], distinct_values(column)
        assert faker is not None
        where = (*path_of(prepared.plan, column.table, column.name), "generator", "faker")
        if most is None:
            message = f"`{faker.method}` may give a value twice (a pool holds at most {POOL_SIZE:,}), so {column.ref} cannot be unique in {rows:,} rows"
            found.append(Mistake(where, message, "use a pattern such as `bothify` or `uuid4`, or a sequence"))
        elif rows > most:
            message = f"`{faker.method}` has {most:,} different values here, but {column.ref} must be unique in {rows:,} rows"
            found.append(Mistake(where, message, "lengthen the pattern, or lower the rows"))
    return found


def _too_few_partners(prepared: Prepared, table: TablePlan, largest: int) -> list[Mistake]:
    """A second parent with fewer rows than a first parent has children: a pair would come twice."""
    found = []
    nodes = [node.id for node in prepared.plan.model.nodes]
    for link in table.links:
        partners = prepared.rows.get(link.target)
        used = link.kind == "partner" and any(column.link == link.name for column in table.columns)
        if used and partners is not None and largest > partners:
            message = (
                f"a row of `{table.parent}` has {largest:,} children in `{table.name}`, but `{link.target}` has only {partners:,} rows, "
                "so a pair would appear twice"
            )
            fix = f"clamp the fan-out to {partners:,}, or give `{link.target}` {largest:,} rows"
            found.append(Mistake(("nodes", nodes.index(table.name), "fanout"), message, fix))
    return found
