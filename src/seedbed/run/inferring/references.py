"""Columns that refer: keys of the parent, links with how they pick, values that stand in the other row."""

from __future__ import annotations

import numpy as np

from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.joined import Joined, same_values
from seedbed.run.inferring.roles import Role, never_twice
from seedbed.stats.inference.fanouts import is_evenly_shared, is_random_pick, numbers_by_weight
from seedbed.stats.inference.made import Made, Spec, shortened
from seedbed.stats.relations.names import words
from seedbed.stats.relations.vocabulary import KEY_WORDS

#: A column that counts for itself and could refer as well refers only where that is surer than this.
_SURE = 0.65

#: A limit is told where it leaves such room: other data have a few rows more.
_ROOM = 1.15


def take_parents(context: Context, table: Table, role: Role) -> None:
    """Fill the columns that name a row's parents, or repeat what stands there."""
    if role.tree is not None:
        _take_tree(context, table, role.tree)
    if role.parent is not None:
        _take_parent(context, table, role.parent, "the row it belongs to")
    if role.partner is not None:
        _take_parent(context, table, role.partner, "its second parent: none twice for one of the first")


def take_links(context: Context, table: Table, role: Role) -> None:
    """Fill the columns that refer to other rows, or repeat what stands there."""
    for link in role.links:
        if context.roles[link.target].kind == "vocab" and len(link.columns) == 1:
            _take_listed(context, table, link)
        else:
            _take_link(context, table, role, link)


def _take_parent(context: Context, table: Table, one: Joined, why: str) -> None:
    for column, key in zip(one.columns, one.relation.to_columns, strict=True):
        if column not in table.columns:
            _look_up(context, table, column, f"{one.target}.{key}", why)
    for column, other in same_values(one).items():
        if column not in table.columns:
            _look_up(context, table, column, f"{one.target}.{other}", f"always what stands in its {one.target}")
    _refer(context, one)


def _refer(context: Context, one: Joined) -> None:
    sources = [f"{one.child.name}.{name}" for name in one.columns]
    goals = [f"{one.target}.{name}" for name in one.relation.to_columns]
    single = len(sources) == 1
    context.constrain("foreign_keys", {"from": sources[0] if single else sources, "to": goals[0] if single else goals})


def _look_up(context: Context, table: Table, column: str, source: str, why: str, via: str | None = None, nulls: bool = False) -> None:  # noqa: FBT001, FBT002
    target, _, name = source.partition(".")
    spec: Spec = {**context.typed(target, name), "lookup": {"from": source} | ({"via": via} if via else {})}
    is_nullable = nulls or context.seen[target].columns[name].nulls > 0
    table.columns[column] = Made(spec | ({"nullable": True} if is_nullable else {}), why)
    table.lookups.add(column)


def _take_tree(context: Context, table: Table, one: Joined) -> None:
    depth = _depth(one.rows)
    roots = int((one.rows < 0).sum())
    if depth is None or not roots:
        table.notes[one.columns[0]] = "refers to the table itself, but not as a tree"
        context.left_out.append(f"{table.name}.{one.columns[0]}: the reference to the table itself is no tree with roots that are null")
        return
    name = _link_name(context, table, one)
    most = int(one.counts.max())
    table.links[name] = {"to": one.target, "hierarchy": {"roots": roots, "branching": most, "max_depth": depth}}
    table.notes[f"links.{name}"] = f"a tree: {roots} roots, at most {most} below one, {depth} steps deep"
    _look_up(context, table, one.columns[0], f"{one.target}.{one.relation.to_columns[0]}", "the row above", name, nulls=True)
    _refer(context, one)


def _depth(above: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int | None:
    """The steps from the lowest row up to its root; None where rows go round in circles."""
    at = np.arange(len(above))
    for steps in range(101):
        at = np.where(at >= 0, above[at], -1)
        if (at < 0).all():
            return max(steps, 1)
    return None


def _link_name(context: Context, table: Table, one: Joined) -> str:
    """What a link is called: the column without what says that it is a key."""
    said = [word for word in words(one.columns[-1] if len(one.columns) == 1 else one.target) if word not in KEY_WORDS]
    name = "_".join(said) or one.target
    taken = {*table.links, *context.seen[table.name].columns, *table.columns}
    parent = context.roles[table.name].parent
    taken |= {parent.target} if parent is not None else set()
    while name in taken or not name.isidentifier():
        name = f"{name}_link" if name.isidentifier() else f"to_{one.target}"
    return name


def _take_listed(context: Context, table: Table, one: Joined) -> None:
    """A reference into a list of values: each by how often it comes."""
    column, key = one.columns[0], one.relation.to_columns[0]
    if column in table.columns:
        if one.relation.confidence >= _SURE:
            _refer(context, one)
        return
    weights = [shortened(float(count) / max(float(one.counts.sum()), 1.0), 4) for count in one.counts.tolist()]
    spec: Spec = {**context.typed(one.target, key), "choice": {"choices_ref": f"{one.target}.{key}", "weights": weights}}
    nulls = one.child.columns[column].nulls / max(one.child.rows, 1)
    spec |= {"null_rate": round(nulls, 4)} if nulls else {}
    table.columns[column] = Made(spec, f"a value of {one.target}, by how often each comes")
    for other, theirs in same_values(one).items():
        if other not in table.columns:
            lookup = {"from": f"{one.target}.{theirs}", "on": {key: column}}
            table.columns[other] = Made({**context.typed(one.target, theirs), "lookup": lookup}, f"always what stands in its {one.target}")
            table.lookups.add(other)
    _refer(context, one)


def _take_link(context: Context, table: Table, role: Role, one: Joined) -> None:
    if all(column in table.columns for column in one.columns):
        if one.relation.confidence >= _SURE:
            _refer(context, one)  # the row it belongs to holds it
        return
    same = same_values(one)
    name = _link_name(context, table, one)
    match = {key: column for column, key in zip(one.columns, one.relation.to_columns, strict=True) if column in table.columns}
    match |= {other: column for column, other in same.items() if column in table.columns and _is_drawn(table, column)}
    spec: Spec = {"to": one.target}
    if match:
        spec["match"] = match
        why = f"one of its own by {', '.join(match)}"
    else:
        picked, why = _picked(context, table, one)
        spec |= picked
    is_pair = role.parent is not None and set(role.key) == {*one.columns, *role.parent.columns}
    if role.parent is not None and (is_pair or never_twice(one, role.parent)):
        spec["unique_per"] = role.parent.target
        why += "; none twice"
    nulls = max(one.child.columns[column].nulls for column in one.columns) / max(one.child.rows, 1)
    spec |= {"null_rate": round(nulls, 4)} if nulls else {}
    table.links[name] = spec
    table.notes[f"links.{name}"] = why
    for column, key in zip(one.columns, one.relation.to_columns, strict=True):
        if column not in table.columns:
            _look_up(context, table, column, f"{one.target}.{key}", f"the row that `{name}` leads to", name, nulls=bool(nulls))
    for column, other in same.items():
        if column not in table.columns:
            _look_up(context, table, column, f"{one.target}.{other}", f"always what stands there ({name})", name, nulls=bool(nulls))
    _refer(context, one)


def _is_drawn(table: Table, column: str) -> bool:
    """Whether a column that is known already can be matched by: it is the parent's, or counted for each parent."""
    spec = table.columns[column].spec
    return column in table.lookups or "per" in spec.get("sequence", {})


def _picked(context: Context, table: Table, one: Joined) -> tuple[Spec, str]:
    """How a link picks: at random, up to a limit, or by weights that are like the numbers of references."""
    counts = one.counts
    most = int(counts.max())
    if is_evenly_shared(counts) and most * one.parent.rows >= _ROOM * one.child.rows:
        return {"capacity": {"limit": most}}, f"at most {most} refer to one"
    if is_random_pick(counts) or is_evenly_shared(counts):
        return {}, f"any alike, {float(counts.mean()):.4g} refer to one in the mean"
    weight = f"{table.name}_{one.columns[-1]}_weight"
    params = {"values": numbers_by_weight(counts)}
    hidden = Made(
        {"type": "int", "distribution": {"type": "histogram", "params": params}, "hidden": True}, f"how often {table.name} refers to one"
    )
    context.tables[one.target].columns[weight] = hidden
    return {"pick": f"weight:{weight}"}, "some far more often than others, as counted"
