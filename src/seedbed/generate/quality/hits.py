"""Which rows an issue hits: a draw of its own for each row, then the period and the condition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Ints, Key, Rows, draw_bits, row_numbers, unit
from seedbed.core.records import dataclass
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame, Kernel, Mask, both
from seedbed.model.quality import Issue
from seedbed.plan.quality import issues_of
from seedbed.plan.sources import moment_of

#: Names the streams of draws of faults: no column is called so.
_PURPOSE = "quality injection"

Moments = tuple[Ints, Mask | None]


@dataclass(frozen=True, slots=True)
class Hits:
    """Which rows of a table an issue hits; `place` is where it stands in the document."""

    place: int
    issue: Issue
    chance: Key
    key: Key
    condition: Callable[[Frame], Mask] | None

    def drawn(self, rows: Rows) -> Ints:
        """The places of the rows that are drawn, whatever their time and condition."""
        return np.flatnonzero(unit(draw_bits(self.chance, rows)) < self.issue.rate)

    def places(self, frame: Frame) -> Ints:
        """The places in a frame of the rows that are hit."""
        found = self.drawn(frame.rows)
        if self.condition is None or not len(found):
            return found
        return found[self.condition(frame)[found]]

    def rows(self, engine: Engine, rows: range) -> Ints:
        """The numbers of the rows that are hit among some; only what is drawn is looked at."""
        found = row_numbers(rows)[self.drawn(rows)]
        if self.condition is None or not len(found):
            return found
        return found[self.condition(Frame(engine, self.issue.table, found))]


def hits_of(engine: Engine, table: str) -> tuple[Hits, ...]:
    """The issues of a table, in the order of the document."""
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for place, issue in issues_of(engine.plan.model, table):
        names = (*(engine.plan.streams.get((table, name), name) for name in issue.columns[:1]), issue.kind)
        number = seen[names] = seen.get(names, -1) + 1
        chance, key = (engine.key(table, _PURPOSE, *names, str(number), purpose) for purpose in ("hit", "value"))
        found.append(Hits(place, issue, chance, key, _condition(engine, issue)))
    return tuple(found)


def _condition(engine: Engine, issue: Issue) -> Callable[[Frame], Mask] | None:
    """Whether rows lie in the issue's period and its expression is true."""
    timeframe = engine.plan.model.timeframe
    start = None if issue.from_ is None else moment_of(issue.from_, timeframe)
    stop = None if issue.until is None else moment_of(issue.until, timeframe, is_end=True)
    where = _where(engine, issue)
    if start is None and stop is None and where is None:
        return None

    def holds(frame: Frame) -> Mask:
        found = np.ones(len(frame), dtype=np.bool_)
        if start is not None or stop is not None:
            moments, valid = times(engine, frame)
            found &= moments >= start if start is not None else True
            found &= moments <= stop if stop is not None else True
            found &= valid if valid is not None else True
        if where is not None:
            told = where(frame)
            found &= told.data if told.valid is None else told.data & told.valid
        return found

    return holds


def _where(engine: Engine, issue: Issue) -> Kernel | None:
    if issue.where is None:
        return None
    from seedbed.generate.formulas import formula  # only models with expressions need them

    return formula(engine, issue.table, issue.where, "where")


def times(engine: Engine, frame: Frame) -> Moments:
    """When each row is, in microseconds, and which have a time: by their own column, else by that of their parents; shapes (n,)."""
    plan = engine.plan.table(frame.table)
    if plan.time_column is not None:
        return frame.moments(plan.time_column)
    linked = frame.link("parent")
    moments, valid = times(engine, linked.frame)
    if linked.index is not None:
        moments = moments.take(linked.index)
        valid = None if valid is None else valid.take(linked.index)
    return moments, both(valid, linked.valid)
