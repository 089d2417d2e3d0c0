"""Rows that come a second time: which they are, and how near copies differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Bits, Ints, Key, below, draw_bits
from seedbed.core.records import dataclass
from seedbed.core.registry import QUALITY_KERNELS, load
from seedbed.generate.engine import Engine
from seedbed.generate.quality.hits import Hits
from seedbed.generate.quality.texts import slipped
from seedbed.generate.quality.values import differing, numbers_of, of_numbers, taken
from seedbed.model.quality import NearDuplicate
from seedbed.plan.quality import near_columns

#: The columns of rows as they are delivered, without codes, by name.
Columns: TypeAlias = dict[str, pa.Array]

_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Edited:
    """Cells of copies that differ from the row they are copied from: `index` are their places among the copies, shape (n,)."""

    column: str
    index: Ints
    dirty: pa.Array


#: What differs in copies of rows: (numbers of the rows, a column of them as delivered) -> cells.
Edit: TypeAlias = Callable[[Ints, Callable[[str], pa.Array]], list[Edited]]


def exact(_: Engine, hits: Hits) -> Edit:
    """Nothing differs."""
    del hits
    return lambda _rows, _column: []


def near(engine: Engine, hits: Hits) -> Edit:
    """`edits` cells differ slightly; a null stays null."""
    issue = hits.issue
    assert isinstance(issue, NearDuplicate)
    names = near_columns(engine.plan.table(issue.table), issue)

    def edit(rows: Ints, column: Callable[[str], pa.Array]) -> list[Edited]:
        chosen = _chosen(hits.key, rows, len(names), issue.params.edits)
        found = []
        for number, name in enumerate(names):
            index = np.flatnonzero((chosen == number).any(axis=1))
            if not len(index):
                continue
            values = taken(column(name), index)
            valid = np.flatnonzero(np.asarray(values.is_valid()))
            index, values = index[valid], taken(values, valid)
            bits = [draw_bits(hits.key, rows[index], slot) for slot in (2 * number, 2 * number + 1)]
            dirty = nudged(values, *bits)
            differs = np.flatnonzero(differing(values, dirty))
            found.append(Edited(name, index[differs], taken(dirty, differs)))
        return found

    return edit


def _chosen(key: Key, rows: Ints, count: int, edits: int) -> Ints:
    """`edits` different columns for each row, shape (n, edits): the first of a shuffle that is made swap by swap."""
    order = np.tile(np.arange(count), (len(rows), 1))
    every = np.arange(len(rows))
    for place in range(edits):
        pick = place + below(draw_bits(key, rows, 2 * count + place), count - place)
        order[every, pick], order[:, place] = order[:, place].copy(), order[every, pick].copy()
    return order[:, :edits]


def nudged(values: pa.Array, kinds: Bits, places: Bits) -> pa.Array:
    """Values without nulls, slightly changed: a slip in a text, a number one step up or down, a day, or up to an hour.

    A float is off by up to a 64th of itself.
    """
    kind = values.type
    if pa.types.is_string(kind):
        return slipped(values, kinds, places)
    if pa.types.is_binary(kind):  # a text of another encoding
        return values
    clean = numbers_of(values)
    up = (kinds >> np.uint64(63)) == 1
    if pa.types.is_floating(kind):
        share = (1 + below(places, 64)) / 4096.0
        wanted: Any = np.where(up, clean * (1 + share), clean * (1 - share))
        return of_numbers(np.where(clean == 0, share, np.where(np.isfinite(wanted), wanted, clean)), kind)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        steps = (1 + below(places, _SECONDS)) * 1_000_000
        moved = np.where(up, clean + steps, clean - steps)
        return of_numbers(moved % 86_400_000_000 if pa.types.is_time(kind) else moved, kind)
    limit = 10**kind.precision - 1 if pa.types.is_decimal(kind) else 2**63 - 1
    return of_numbers(np.where((up | (clean <= -limit)) & (clean < limit), clean + 1, clean - 1), kind)


class Copies:
    """The issues of a table that add rows."""

    def __init__(self, engine: Engine, hits: tuple[Hits, ...]) -> None:
        self.issues = tuple(each for each in hits if each.issue.effect == "insert")
        self._edits: dict[int, Edit] = {each.place: load(QUALITY_KERNELS[each.issue.kind])(engine, each) for each in self.issues}

    def edits(self, hits: Hits, rows: Ints, columns: Callable[[str], pa.Array]) -> list[Edited]:
        """What differs in the copies that an issue makes of some rows; `columns` gives theirs as they are delivered."""
        return self._edits[hits.place](rows, columns)


def with_edits(columns: Columns, edits: list[Edited]) -> Columns:
    """Copies with the cells that differ."""
    found = dict(columns)
    for edited in edits:
        found[edited.column] = replaced(found[edited.column], edited.index, edited.dirty)
    return found


def replaced(values: pa.Array, index: Ints, others: pa.Array) -> pa.Array:
    """Values with others at some places."""
    places = np.arange(len(values))
    places[index] = len(values) + np.arange(len(index))
    return taken(pa.concat_arrays([values, others]), places)
