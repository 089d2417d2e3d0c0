"""Whole families of child rows: what a value needs that depends on its brothers and sisters."""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Ints, row_numbers
from seedbed.core.records import dataclass
from seedbed.generate.frame import Context, Frame


@dataclass(frozen=True, slots=True)
class Families:
    """All children of the parents of some rows.

    frame: those rows; family, ordinal: the parent of each (0..parents-1) and its number among the children, shape (m,);
    sizes: the children of each parent; mine: the places of the rows asked for among them, shape (n,).
    """

    frame: Frame
    family: Ints
    ordinal: Ints
    sizes: Ints
    starts: Ints
    mine: Ints


def families_of(engine: Context, frame: Frame) -> Families:
    """The families that the rows of a frame belong to, complete."""
    place = engine.children(frame)
    ends = np.cumsum(place.counts)
    starts = ends - place.counts
    family = np.repeat(np.arange(len(place.counts)), place.counts)
    ordinal = np.arange(len(family)) - starts.take(family)
    rows = place.first.take(family) + ordinal
    mine = starts.take(place.local) + place.ordinal
    same = len(rows) == len(frame) and np.array_equal(rows, row_numbers(frame.rows))
    return Families(frame if same else Frame(engine, frame.table, rows), family, ordinal, place.counts, starts, mine)
