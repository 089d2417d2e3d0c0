"""How often each row of a link's target is picked."""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Bits, Floats, Ints
from seedbed.core.errors import DataError
from seedbed.core.permute import Permutation
from seedbed.core.tables import WeightedIndex
from seedbed.generate.frame import Context
from seedbed.plan.picks import pick_of, rank_weights
from seedbed.plan.plan import Link


def row_weights(engine: Context, table: str, link: Link) -> Floats | None:
    """The weight of each row of the target, shape (rows,); None where all are equal.

    Ranks go to the rows of a vocabulary in its order, and to those of other tables in a secret one: row numbers tell nothing.
    """
    assert link.spec is not None
    pick, rows = pick_of(link.spec.pick), engine.rows(link.target)
    if pick.kind == "uniform":
        return None
    if pick.column is not None:
        return _column_weights(engine, table, link, pick.column)
    weights = rank_weights(pick, rows)
    if weights is None or engine.plan.table(link.target).kind == "vocab":
        return weights
    return weights[Permutation(engine.key(table, "link", link.name, "rank"), rows).forward(np.arange(rows))]


def _column_weights(engine: Context, table: str, link: Link, name: str) -> Floats:
    column = engine.whole(link.target).column(name)
    weights = column.data.astype(np.float64)
    if column.valid is not None:
        weights = np.where(column.valid, weights, 0.0)
    wrong = np.flatnonzero(~(weights >= 0))
    where, fix = f"{table}.links", "weights are numbers from 0 on, and at least one is above it"
    if len(wrong):
        row = int(wrong[0])
        raise DataError(f"row {row:,} of {link.target}.{name}, {weights[row]:g}, is no weight", where=where, fix=fix)
    if len(weights) and not weights.any():
        raise DataError(f"all weights in {link.target}.{name} are 0", where=where, fix=fix)
    return weights


class Weighted:
    """Items in a row of groups, drawn within a group by weight."""

    def __init__(self, weights: Floats) -> None:
        self._index = WeightedIndex.of(weights)

    def draw(self, bits: Bits) -> Ints:
        """An item of all, shape (n,)."""
        return self._index.draw(bits).astype(np.int64)

    def draw_between(self, bits: Bits, first: Ints, last: Ints) -> Ints:
        """An item in [first, last] of each row, shape (n,)."""
        return self._index.draw_between(bits, first, last)
