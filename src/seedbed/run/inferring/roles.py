"""What part each table plays: a list of values, a table of its own, or rows that belong to those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from seedbed.core.records import dataclass
from seedbed.run.inferring.joined import Joined
from seedbed.run.inferring.seen import Seen
from seedbed.stats.inference.semantics import SHARED, Meaning, is_own
from seedbed.stats.relations.found import PrimaryKey

#: A table that others refer to is a list of values up to so many rows.
MOST_LISTED = 30

#: A reference is not what a row belongs to where fewer rows than these share out more children than that.
_FEW_PARENTS, _MANY_CHILDREN = 50, 20

#: Pairs of rows that would meet twice by chance, if it weren't forbidden.
_MET = 5.0


@dataclass(frozen=True, slots=True)
class Role:
    """A table's part; `parent` is what its rows belong to, `partner` a second parent that none of the first's rows has twice.

    `tree` is a reference to the table itself, `links` are all others.
    """

    kind: Literal["vocab", "entity", "fact"]
    key: tuple[str, ...]
    parent: Joined | None = None
    partner: Joined | None = None
    tree: Joined | None = None
    links: tuple[Joined, ...] = ()


def roles(
    tables: Mapping[str, Seen], keys: Mapping[str, PrimaryKey], found: Sequence[Joined], meant: Mapping[str, Mapping[str, Meaning]]
) -> dict[str, Role]:
    """Each table's part. No table belongs to one that belongs to it."""
    told: dict[str, Role] = {}
    parents: dict[str, str] = {}
    referred = {one.target for one in found if one.target != one.child.name}
    lists = {name for name, table in tables.items() if name in referred and _is_list(table, keys.get(name), meant[name])}
    for name in tables:
        own = [one for one in found if one.child.name == name]
        key = keys[name].columns if name in keys and keys[name].uniqueness >= 1 else ()
        tree = next((one for one in own if one.target == name and len(one.columns) == 1), None)
        others = [one for one in own if one.target != name]
        if name in lists:
            told[name] = Role("vocab", key, links=tuple(others))
            continue
        parent = _parent(tables[name], key, [one for one in others if one.target not in lists], parents)
        if parent is not None:
            parents[name] = parent.target
        rest = [one for one in others if one is not parent]
        partner = next((one for one in rest if parent is not None and _is_partner(one, parent, key, lists)), None)
        links = tuple(one for one in rest if one is not partner)
        told[name] = Role("fact" if parent else "entity", key, parent, partner, tree, links)
    return told


def _is_list(table: Seen, key: PrimaryKey | None, meant: Mapping[str, Meaning]) -> bool:
    """A small table whose rows nobody could be known by."""
    if table.rows > MOST_LISTED or key is None or len(key.columns) != 1 or key.uniqueness < 1:
        return False
    personal = any(meaning.is_personal and meaning.kind not in SHARED for meaning in meant.values())
    plain = all(column.kind != "other" and not column.nulls and not is_own(name) for name, column in table.columns.items())
    return plain and not personal


def _parent(table: Seen, key: tuple[str, ...], candidates: Sequence[Joined], parents: Mapping[str, str]) -> Joined | None:
    """The reference that a table's rows most likely belong by."""
    scored = [(score, -place, one) for place, one in enumerate(candidates) if (score := _belongs(table, key, one)) > 0]
    for _, _, one in sorted(scored, key=lambda each: (each[0], each[1]), reverse=True):
        if not _leads_to(one.target, table.name, parents):
            return one
    return None


def _leads_to(start: str, goal: str, parents: Mapping[str, str]) -> bool:
    while start != goal and start in parents:
        start = parents[start]
    return start == goal


def _belongs(table: Seen, key: tuple[str, ...], one: Joined) -> float:
    """How likely rows belong to what they refer to; 0 where they don't."""
    if one.missing > 0 or not one.parent.rows:
        return 0.0
    if one.is_grouped:
        return 10.0 + len(one.columns)
    in_key = bool(set(one.columns) & set(key))
    each = table.rows / one.parent.rows
    if one.parent.rows < _FEW_PARENTS and each > _MANY_CHILDREN:
        return 0.0
    named = one.relation.confidence >= 0.9 or one.columns == one.relation.to_columns
    score = 4.0 * in_key + 1.0 * named + 0.5 / (1.0 + each)
    return score if in_key or (named and each <= 1_000) else 0.0


def _is_partner(one: Joined, parent: Joined, key: tuple[str, ...], lists: set[str]) -> bool:
    """A second parent of whose rows none comes twice with a row of the first."""
    pairs = set(key) == {*one.columns, *parent.columns}
    return len(one.columns) == 1 and one.target not in lists and one.missing == 0 and (pairs or never_twice(one, parent)) and _is_even(one)


def _is_even(one: Joined) -> bool:
    from seedbed.stats.inference.fanouts import is_random_pick

    return is_random_pick(one.counts)


def never_twice(one: Joined, parent: Joined) -> bool:
    """Whether no two children of a row refer to the same other row, though chance would have made some."""
    children = parent.counts.astype(np.float64)
    shares = one.counts / max(float(one.counts.sum()), 1.0)
    if float((children * (children - 1.0)).sum()) / 2.0 * float((shares * shares).sum()) < _MET:
        return False
    known = (one.rows >= 0) & (parent.rows >= 0)
    pairs = parent.rows[known] * one.parent.rows + one.rows[known]
    return len(np.unique(pairs)) == len(pairs)
