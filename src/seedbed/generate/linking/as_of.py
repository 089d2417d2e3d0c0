"""Links to the row that holds at a time: the latest that begins at or before it, among those that match."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.draw import Ints
from seedbed.core.timegrid import DAY
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.generate.linking.groups import Coder
from seedbed.model.references import Reference, find_reference, reference_type
from seedbed.plan.plan import Link


def latest(engine: Context, table: str, link: Link) -> Callable[[Frame], tuple[Ints, Mask | None]]:
    """The row that holds at each row's time; none where none has begun, or the latest has ended."""
    spec = link.spec
    assert spec is not None
    assert spec.as_of is not None
    as_of, references = spec.as_of, tuple(spec.match.values())
    at_is_date = _is_date(engine, table, as_of.at)

    def find(frame: Frame) -> tuple[Ints, Mask | None]:
        history = engine.once(("history", table, link.name), lambda: History(engine, link))
        moment = frame.read(as_of.at)
        times = moment.data * DAY if at_is_date else moment.data
        groups = np.zeros(len(frame), dtype=np.int64)
        known = np.ones(len(frame), dtype=np.bool_) if moment.valid is None else moment.valid
        for coder, reference in zip(history.coders, references, strict=True):
            codes = coder.find(frame.read(reference))
            groups, known = groups * max(coder.size, 1) + codes, known & (codes >= 0)
        rows, holds = history.find(groups, times)
        return rows, holds & known

    return find


class History:
    """The rows of a link's target by group and begin, in memory: 32 bytes a row."""

    def __init__(self, engine: Context, link: Link) -> None:
        assert link.spec is not None
        assert link.spec.as_of is not None
        whole, as_of = engine.whole(link.target), link.spec.as_of
        self.coders = [Coder(whole.column(name)) for name in link.spec.match]
        begins, valid = whole.moments(as_of.valid_from)
        kept = np.ones(len(whole), dtype=np.bool_) if valid is None else valid.copy()
        groups = np.zeros(len(whole), dtype=np.int64)
        for coder in self.coders:
            groups = groups * max(coder.size, 1) + coder.own
            kept &= coder.own >= 0
        rows = np.flatnonzero(kept)
        order = np.lexsort((rows, begins[rows], groups[rows]))
        self._rows: Ints = rows[order]
        self._moments: Ints = np.unique(begins[rows])
        self._groups = groups[self._rows]
        self._keys = self._groups * (len(self._moments) + 1) + np.searchsorted(self._moments, begins[self._rows])
        self._ends = None
        if as_of.valid_to is not None:
            ends, has_end = whole.moments(as_of.valid_to)
            self._ends = (ends if has_end is None else np.where(has_end, ends, np.iinfo(np.int64).max))[self._rows]

    def find(self, groups: Ints, times: Ints) -> tuple[Ints, Mask]:
        """The row of each group that holds at each time, and whether there is one; shapes (n,)."""
        if not len(self._rows):
            return np.zeros(len(times), dtype=np.int64), np.zeros(len(times), dtype=np.bool_)
        ranks = np.searchsorted(self._moments, times, side="right")  # how many moments are at or before
        place = np.searchsorted(self._keys, groups * (len(self._moments) + 1) + ranks, side="left") - 1
        there = np.maximum(place, 0)
        holds = (place >= 0) & (self._groups[there] == groups) & (ranks > 0)
        if self._ends is not None:
            holds &= times < self._ends[there]
        return self._rows[there], holds


def _is_date(engine: Context, table: str, text: str) -> bool:
    found = find_reference(engine.plan.model, engine.plan.table(table).node, text)
    return isinstance(found, Reference) and reference_type(engine.plan.model, found) is ColumnType.DATE
