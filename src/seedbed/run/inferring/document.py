"""The model as a document: tables in order, their columns, constraints, the timeframe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from seedbed.run.inferring.aggregates import take_aggregates
from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.counts import take_fanout
from seedbed.run.inferring.keys import promised_key, take_counted, take_keys
from seedbed.run.inferring.moments import take_orders
from seedbed.run.inferring.references import take_links, take_parents
from seedbed.run.inferring.rest import take_rest
from seedbed.run.inferring.roles import Role
from seedbed.stats.column import ColumnSummary
from seedbed.stats.inference.made import Made, Spec, type_of
from seedbed.stats.inference.moments import moment_text, times_of

#: What is assumed where no column says when the data take place.
_NO_TIME = {"start": "2024-01-01", "end": "2024-12-31"}


def build(context: Context, name: str) -> Spec:
    """The document of all tables that were seen; comments stay with the context's tables."""
    order = list(_ordered(context.roles))
    context.tables |= {table: Table(table) for table in order}
    for table in order:
        _fill(context, context.tables[table], context.roles[table])
    _tell_zones(context)
    document: Spec = {"version": "2.0", "metadata": {"name": name}, "timeframe": _timeframe(context)}
    for kind, plural in (("vocab", "vocabs"), ("entity", "entities"), ("fact", "facts")):
        named = [table for table in context.seen if context.roles[table].kind == kind]
        if named:
            document[plural] = {table: _node(context, context.tables[table], context.roles[table]) for table in named}
    if context.constraints:
        document["constraints"] = {kind: context.constraints[kind] for kind in _KINDS if kind in context.constraints}
    return document


_KINDS = ("unique", "foreign_keys", "ranges", "inequalities")


def _ordered(roles: Mapping[str, Role]) -> Iterable[str]:
    """The tables, those that others belong or refer to first, as far as they don't go round."""
    done: dict[str, None] = {}
    waiting = list(roles)
    while waiting:
        ready = [name for name in waiting if _needs(roles[name]) - {name} <= set(done)]
        ready = ready or [name for name in waiting if (one := roles[name].parent) is None or one.target in done][:1] or waiting[:1]
        done |= dict.fromkeys(ready)
        waiting = [name for name in waiting if name not in done]
    return done


def _needs(role: Role) -> set[str]:
    return {one.target for one in (role.parent, role.partner, *role.links) if one is not None}


def _fill(context: Context, table: Table, role: Role) -> None:
    if role.kind == "vocab":
        _take_values(context, table, role)
        return
    if role.parent is not None:
        table.spec["fanout"], table.notes["fanout"] = take_fanout(context, table, role.parent)
    take_parents(context, table, role)
    take_counted(context, table, role)
    take_links(context, table, role)
    take_aggregates(context, table)
    take_keys(context, table, role)
    take_rest(context, table)
    take_orders(context, table, role)
    _take_ranges(context, table)


def _take_values(context: Context, table: Table, role: Role) -> None:
    """A list of values: every row as it is."""
    seen = context.seen[table.name]
    for name, column in seen.columns.items():
        values = [_plain(value) for value in seen.values(name).to_pylist()]
        table.columns[name] = Made({**type_of(column.type), "enum_list": {"values": values}}, "as they are")
    for one in role.links:
        if len(one.columns) == 1:
            context.constrain(
                "foreign_keys", {"from": f"{table.name}.{one.columns[0]}", "to": f"{one.target}.{one.relation.to_columns[0]}"}
            )


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value) if not hasattr(value, "isoformat") else value.isoformat()


def _take_ranges(context: Context, table: Table) -> None:
    for name, made in table.columns.items():
        column = context.seen[table.name].columns.get(name)
        clamp = made.spec.get("distribution", {}).get("clamp")
        if column is not None and column.kind == "number" and clamp and not made.withheld:
            context.constrain("ranges", {"attr": f"{table.name}.{name}", "min": clamp[0], "max": clamp[1]})


def _node(context: Context, table: Table, role: Role) -> Spec:
    seen = context.seen[table.name]
    node: Spec = {}
    if role.kind == "entity":
        node["rows"] = seen.rows
    if role.parent is not None:
        node["parents"] = [role.parent.target] + ([role.partner.target] if role.partner is not None else [])
        node["fanout"] = table.spec["fanout"]
    key = promised_key(table, role)
    if key:
        node["pk"] = key[0] if len(key) == 1 else list(key)
    elif role.key:
        context.left_out.append(f"{table.name}: {', '.join(role.key)} names its rows in the data; the model can't promise it")
    if table.links:
        node["links"] = table.links
    node["columns"] = {name: dict(made.spec) for name, made in _in_order(table, list(seen.columns))}
    return node


def _in_order(table: Table, names: Sequence[str]) -> Iterable[tuple[str, Made]]:
    """The columns as the data has them, each behind the hidden ones that it reads; hidden ones that other tables read last."""
    done: set[str] = set()
    for name in names:
        made = table.columns.get(name)
        if made is None:
            continue
        for hidden, record in made.hidden.items():
            if hidden not in done:
                done.add(hidden)
                yield hidden, record
        yield name, made
    yield from ((name, made) for name, made in table.columns.items() if name not in names)


def _timeframe(context: Context) -> Spec:
    """From the first to the last moment of the rows that belong to others; of all where none has any."""
    times = [found for name in context.seen if (found := list(_spans(context, name))) and context.roles[name].kind == "fact"]
    spans = [span for found in times for span in found] or [span for name in context.seen for span in _spans(context, name)]
    zones = sorted(set(_zones(context.seen[name].columns.values() for name in context.seen)))
    frame: Spec = dict(_NO_TIME)
    if spans:
        ends = min(low for low, _ in spans), max(high for _, high in spans)
        frame = {"start": moment_text(ends[0], is_day=True), "end": moment_text(ends[1], is_day=True)}
    return frame | ({"tz": zones[0]} if zones else {})


def _tell_zones(context: Context) -> None:
    """Say which columns will have another zone than they have: a model has one for all."""
    zones = sorted(set(_zones(context.seen[name].columns.values() for name in context.seen)))
    for table, seen in context.seen.items() if zones else ():
        for name, column in seen.columns.items():
            if pa.types.is_timestamp(column.type) and (column.zone or "none") != zones[0]:
                context.left_out.append(f"{table}.{name}: its time zone is {column.zone or 'not told'}; a model has one, {zones[0]}")


def _spans(context: Context, table: str) -> Iterable[tuple[int, int]]:
    seen = context.seen[table]
    for name, column in seen.columns.items():
        if column.kind == "moment" and column.rows > column.nulls:
            times = times_of(column, seen.values(name))
            yield times.low, times.high


def _zones(tables: Iterable[Iterable[ColumnSummary]]) -> Iterable[str]:
    for columns in tables:
        for column in columns:
            if pa.types.is_timestamp(column.type) and column.type.tz is not None:
                yield column.zone or "UTC"
