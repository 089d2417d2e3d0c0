"""Prepare a plan: count rows, index fan-outs, refuse what only data could tell."""

from __future__ import annotations

from dataclasses import replace

from seedbed.core.events import Subscriber, nobody
from seedbed.generate.effects import MOST_SHOCKS
from seedbed.generate.engine import Engine
from seedbed.generate.faker import distinct_values, faker_columns
from seedbed.generate.fanout import index_fanout
from seedbed.generate.pool_key import POOL_SIZE, FileKey, Pools, pool_hash
from seedbed.generate.prepared import Prepared
from seedbed.generate.records import record_mistake
from seedbed.model.base import table_of
from seedbed.model.modifiers import Effect
from seedbed.model.places import Mistake, Places
from seedbed.plan.compile import unplaced
from seedbed.plan.feasibility import sequence_mistakes
from seedbed.plan.fingerprint import fingerprint_with
from seedbed.plan.nested import all_inner_columns
from seedbed.plan.plan import ColumnPlan, Plan, TablePlan
from seedbed.plan.uniqueness import supply_mistakes


def prepare(
    plan: Plan,
    pools: Pools | None = None,
    *,
    workers: int = 1,
    places: Places | None = None,
    events: Subscriber = nobody,
) -> Prepared:
    """Add to a plan what only data can tell; `pools` holds the values of each pool that `needed_pools` names.

    Fan-outs are counted on `workers` threads, and `events` is told how far; `places` lets errors say line and column.

    Raises:
        ModelError: a promise that data breaks, with the numbers.
    """
    found = dict(pools or {})
    hashes = {str(key): pool_hash(values) for key, values in found.items()}
    rows = {table.name: table.rows for table in plan.tables if table.rows is not None}
    files = {str(key): hashes[str(key)] for key in found if isinstance(key, FileKey)}
    plan = replace(plan, fingerprint=fingerprint_with(plan.fingerprint, files)) if files else plan
    prepared = Prepared(plan, rows, {}, found, hashes)
    mistakes = _records(plan)
    engine = Engine(prepared)  # one for all: what it keeps of a table is read again by the tables after it
    for name in () if mistakes else plan.fact_order:
        table = plan.table(name)
        assert table.parent is not None
        fan = index_fanout(engine, table.name, prepared.rows[table.parent], workers, events)
        prepared.fans[table.name] = fan
        prepared.rows[table.name] = fan.rows
        mistakes += _too_few_partners(prepared, table, fan.largest)
        for column in table.columns:
            mistakes += sequence_mistakes(
                column, fan.largest if _is_per_parent(column) else fan.rows, path_of(plan, table.name, column.name)
            )
        if mistakes:  # what comes after may read what cannot be
            break
    else:
        mistakes += [
            *_repeats(prepared),
            *_too_few_values(prepared),
            *_missing_rows(prepared),
            *_too_many_shocks(prepared),
            *_links(engine),
        ]
    if mistakes:
        raise (places or unplaced(plan.model)).error(mistakes)
    if plan.model.quality_injection is None:
        return prepared
    from seedbed.generate.quality.index import index_faults  # only models with faults need it

    return replace(prepared, injected=index_faults(prepared, workers))


def _records(plan: Plan) -> list[Mistake]:
    """Records of locales and countries that no place is known for."""
    found = []
    for table in plan.tables:
        for column in table.columns:
            for below, inner in [((), column), *all_inner_columns(column)]:
                if inner.spec.generator.record is not None and (wrong := record_mistake(plan, inner)) is not None:
                    found.append(Mistake((*path_of(plan, table.name, column.name), "generator", *below, "record"), *wrong))
    return found


def _links(engine: Engine) -> list[Mistake]:
    """Declared links that cannot be as they are declared."""
    tables = {node.id: place for place, node in enumerate(engine.plan.model.nodes) if node.links}
    if not tables:
        return []
    from seedbed.generate.linking.promises import link_mistakes

    return [mistake for name, place in tables.items() for mistake in link_mistakes(engine, engine.plan.table(name), ("nodes", place))]


def _is_per_parent(column: ColumnPlan) -> bool:
    """Whether the column numbers the children of each parent."""
    sequence = column.spec.generator.sequence
    return sequence is not None and sequence.per is not None


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


def _too_few_values(prepared: Prepared) -> list[Mistake]:
    """Unique columns of facts that have fewer values than rows, now that these are known."""
    plan = prepared.plan
    tables = {table.name: replace(table, rows=prepared.rows[table.name]) for table in plan.tables}
    found = []
    for table in plan.tables:
        for column in table.columns if table.rows is None else ():
            if column.is_unique:
                found += supply_mistakes(plan.model, tables, column, prepared.rows[table.name], path_of(plan, table.name, column.name))
    return found


def _links_read(table: TablePlan) -> set[str | None]:
    """The links that columns read through: by lookups, inequalities and behaviours."""
    found = {column.link for column in table.columns}
    for column in table.columns:
        found |= {bound.link for bound in column.limits.bounds} | {factor.link for factor in column.factors}
    return found


def _missing_rows(prepared: Prepared) -> list[Mistake]:
    """Lookups and choices in tables that have no rows, or too few for rows of their own."""
    found = []
    for table in prepared.plan.tables:
        rows = prepared.rows[table.name]
        for column in (column for column in table.columns if rows and not column.stage):
            target, most = _source_rows(prepared, table, column)
            if most is not None and most < rows:
                what = "no rows" if most == 0 else f"{most:,}"
                need = f"{rows:,} different rows of" if most else "a row of"
                message = f"{column.ref} needs {need} `{target}`, which has {what}"
                fix = f"give `{target}` at least {f'{rows:,} rows' if most else 'one row'}"
                where = (*path_of(prepared.plan, table.name, column.name), "generator")
                found.append(Mistake(where, message, fix))
    return found


def _source_rows(prepared: Prepared, table: TablePlan, column: ColumnPlan) -> tuple[str, int | None]:
    """The table that a column takes values from, and for how many rows it serves; None where for any number."""
    choice, link = column.spec.generator.choice, table.link(column.link) if column.link else None
    if choice is not None and choice.choices_ref is not None:
        target = table_of(choice.choices_ref)
        return target, None if prepared.rows[target] else 0
    if link is None or link.kind not in ("random", "distinct"):
        return "", None
    rows = prepared.rows[link.target]
    return link.target, rows if link.kind == "distinct" or not rows else None


def _too_many_shocks(prepared: Prepared) -> list[Mistake]:
    """Effect tables of more rows than can act as shocks."""
    found = []
    for table in prepared.plan.tables:
        for column in table.columns:
            for place, modifier in enumerate(column.spec.modifiers):
                rows = prepared.rows[modifier.args.effect_table] if isinstance(modifier, Effect) else 0
                if isinstance(modifier, Effect) and rows > MOST_SHOCKS:
                    message = (
                        f"the effect table `{modifier.args.effect_table}` has {rows:,} rows; at most {MOST_SHOCKS:,} can act as shocks"
                    )
                    where = (*path_of(prepared.plan, table.name, column.name), "modifiers", place, "args", "effect_table")
                    found.append(Mistake(where, message, "give it fewer rows"))
    return found


def _too_few_partners(prepared: Prepared, table: TablePlan, largest: int) -> list[Mistake]:
    """A second parent with fewer rows than a first parent has children: a pair would come twice."""
    found = []
    nodes = [node.id for node in prepared.plan.model.nodes]
    for link in table.links:
        partners = prepared.rows.get(link.target)
        if link.kind == "partner" and link.name in _links_read(table) and partners is not None and largest > partners:
            message = (
                f"a row of `{table.parent}` has {largest:,} children in `{table.name}`, but `{link.target}` has only {partners:,} rows, "
                "so a pair would appear twice"
            )
            fix = f"clamp the fan-out to {partners:,}, or give `{link.target}` {largest:,} rows"
            found.append(Mistake(("nodes", nodes.index(table.name), "fanout"), message, fix))
    return found
