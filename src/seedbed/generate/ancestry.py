"""Columns that follow the same column of the row above in a tree: computed from the roots down, each ancestor once."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Ints, row_numbers
from seedbed.core.errors import ModelError
from seedbed.generate.frame import Context, Frame, Kernel, Linked, Mask
from seedbed.plan.plan import ColumnPlan

#: More levels no tree has: its branching is at least one, and so is the growth of each level of a random one.
_DEEPEST = 1_000

Level = tuple[Ints, Ints, Mask]


def down_the_tree(engine: Context, column: ColumnPlan, link: str, kernel: Kernel) -> Kernel:
    """A kernel that reads its own column through `link`, a tree: level by level, so that each ancestor is computed once.

    Costs the distinct ancestors of the rows, a level each.
    """

    def computed(frame: Frame) -> Column:
        own = row_numbers(frame.rows)
        levels = _climbed(engine, column, link, np.unique(own))
        rows, known = np.zeros(0, dtype=np.int64), Column(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
        for below, above, has_parent in reversed(levels):
            part = Frame(engine, column.table, below)
            parents = Frame(engine, column.table, rows)
            parents.keep(column.name, known)
            places = np.minimum(np.searchsorted(rows, above), max(len(rows) - 1, 0))
            part.lead(link, Linked(parents, places, has_parent))
            rows, known = below, kernel(part)
        places = np.searchsorted(rows, own)
        return Column(known.data.take(places), None if known.valid is None else known.valid.take(places))

    return computed


def _climbed(engine: Context, column: ColumnPlan, link: str, rows: Ints) -> list[Level]:
    """From rows up to their roots: the distinct rows of each level, the row above each, and whether there is one."""
    levels: list[Level] = []
    while len(rows):
        linked = engine.link_kernel(column.table, link)(Frame(engine, column.table, rows))
        above = linked.rows
        has_parent = np.ones(len(rows), dtype=np.bool_) if linked.valid is None else linked.valid
        levels.append((rows, above, has_parent))
        rows = np.unique(above[has_parent])
        if len(levels) > _DEEPEST:
            raise ModelError(f"the link `{link}` of `{column.table}` goes in a circle", where=column.ref, fix="make it a hierarchy")
    return levels
