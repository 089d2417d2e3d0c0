"""Rows of a table as shocks over time: what holds when, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Floats, Ints
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.timegrid import StepFunction
from seedbed.generate.frame import Context, Frame
from seedbed.generate.joins import JoinIndex
from seedbed.model.modifiers import Effect
from seedbed.plan.links import parent_column

#: An effect table of more rows would take longer to sweep than the data to make.
MOST_SHOCKS = 500_000


@dataclass(frozen=True)
class Shock:
    """A step function of time for each value of `local`, or one for all where it is None."""

    function: StepFunction
    local: str | None
    index: JoinIndex | None
    of_row: Ints

    def groups(self, frame: Frame) -> Ints | None:
        """The group of each row, -1 where the shock knows none; None where there is one for all."""
        if self.local is None or self.index is None:
            return None
        values = frame.column(self.local)
        rows, found = self.index.find(values)
        known = found if values.valid is None else found & values.valid
        return np.where(known, self.of_row.take(np.where(known, rows, 0), mode="clip"), -1) if len(self.of_row) else np.full(len(rows), -1)

    def at(self, frame: Frame, moments: Ints) -> Floats:
        """The factor or shift of each row at its moment, shape (n,)."""
        return self.function.at(moments, self.groups(frame))


def shock(engine: Context, effect: Effect, outside: float) -> Shock:
    """Read an effect table into step functions; `outside` holds where no row applies."""
    args = effect.args
    rows = engine.rows(args.effect_table)
    if rows > MOST_SHOCKS:
        message = f"the effect table `{args.effect_table}` has {rows:,} rows; at most {MOST_SHOCKS:,} can act as shocks"
        raise ModelError(message, fix="give it fewer rows")
    table = Frame(engine, args.effect_table, range(rows))
    start, start_valid = table.moments(args.window.start_col)
    end, end_valid = table.moments(args.window.end_col)
    field = table.column(args.map.field)
    applies = np.ones(rows, dtype=np.bool_)
    for valid in (start_valid, end_valid, field.valid):
        applies &= True if valid is None else valid
    local, index, groups = None, None, np.zeros(rows, dtype=np.int64)
    if args.on:
        (local, remote), *_ = args.on.items()
        index, groups = _grouped(table.column(remote))
        applies &= groups >= 0
    keep = np.flatnonzero(applies)
    is_latest = args.window.start_col == args.window.end_col
    data = field.data.astype(np.float64)
    function = (_latest if is_latest else _swept)(
        groups[keep],
        start[keep],
        _inclusive(engine, effect, end[keep]),
        data[keep],
        effect.args.map.op,
        outside,
        int(groups.max(initial=-1)) + 1,
    )
    return Shock(function, local, index, groups)


def _inclusive(engine: Context, effect: Effect, end: Ints) -> Ints:
    """The moment after a window's end: dates last their whole day."""
    from seedbed.core.block import ColumnType
    from seedbed.core.timegrid import DAY

    kind = engine.column_plan(effect.args.effect_table, effect.args.window.end_col).type
    return engine.clock.instants(engine.clock.local(end) + DAY) if kind is ColumnType.DATE else end + 1


def _grouped(column: Column) -> tuple[JoinIndex, Ints]:
    """An index of the distinct values of a column, and the group of each row (-1 for null)."""
    index = JoinIndex(column)
    first, found = index.find(column)
    known = found if column.valid is None else found & column.valid
    groups = np.full(len(column), -1, dtype=np.int64)
    _, groups[known] = np.unique(first[known], return_inverse=True)
    return index, groups


def _latest(groups: Ints, start: Ints, _end: Ints, field: Floats, _op: str, outside: float, count: int) -> StepFunction:
    """The latest row at or before a time holds; of several at one time the last row."""
    order = np.lexsort((np.arange(len(start)), start, groups))
    groups, start, field = groups[order], start[order], field[order]
    last = np.ones(len(start), dtype=np.bool_)
    last[:-1] = (groups[1:] != groups[:-1]) | (start[1:] != start[:-1])
    groups = groups[last]
    return StepFunction(np.searchsorted(groups, np.arange(max(count, 1) + 1)), start[last], field[last], outside)


def _swept(groups: Ints, start: Ints, end: Ints, field: Floats, op: str, outside: float, count: int) -> StepFunction:
    """At every moment the product or sum of all rows whose window holds it."""
    starts: list[Ints] = []
    values: list[Floats] = []
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(max(count, 1) + 1))
    for group in range(max(count, 1)):
        picks = order[bounds[group] : bounds[group + 1]]
        moments, found = _sweep(start[picks], end[picks], field[picks], op, outside)
        starts.append(moments)
        values.append(found)
    offsets = np.concatenate([[0], np.cumsum([len(moments) for moments in starts])]).astype(np.int64)
    return StepFunction(offsets, np.concatenate(starts), np.concatenate(values), outside)


def _sweep(start: Ints, end: Ints, field: Floats, op: str, outside: float) -> tuple[Ints, Floats]:
    keep = end > start
    start, end, field = start[keep], end[keep], field[keep]
    moments = np.unique(np.concatenate([start, end]))
    values = np.full(len(moments), 1.0 if op == "mul" else 0.0)
    active = np.zeros(len(moments), dtype=np.int64)
    first, last = np.searchsorted(moments, start), np.searchsorted(moments, end)
    for low, high, value in zip(first.tolist(), last.tolist(), field.tolist(), strict=True):
        values[low:high] = values[low:high] * value if op == "mul" else values[low:high] + value
        active[low:high] += 1
    values[active == 0] = outside
    return moments, values


@dataclass(frozen=True)
class Shocks:
    """Several effects at once; a combination names the group of each."""

    parts: tuple[Shock, ...]

    @property
    def is_grouped(self) -> bool:
        """Whether any of them tells groups of rows apart."""
        return any(part.local is not None for part in self.parts)

    def combinations(self, frame: Frame) -> tuple[Ints, list[tuple[int, ...]]]:
        """The place of each row's combination among those that occur, shape (n,), and these."""
        if not self.is_grouped:
            return np.zeros(len(frame), dtype=np.int64), [tuple(0 for _ in self.parts)]
        zeros = np.zeros(len(frame), dtype=np.int64)
        groups = [zeros if found is None else found for found in (part.groups(frame) for part in self.parts)]
        found, places = np.unique(np.stack(groups, axis=1), axis=0, return_inverse=True)
        return places.reshape(-1), [tuple(row) for row in found.tolist()]

    def functions(self, combination: tuple[int, ...]) -> list[StepFunction]:
        """The step function of each effect for a combination of groups."""
        return [part.function.group(group) for part, group in zip(self.parts, combination, strict=True)]


def shocks(engine: Context, effects: Iterable[Effect], outside: float) -> Shocks:
    """Read several effect tables; `outside` holds where a map has no default of its own."""
    found = [shock(engine, effect, outside if effect.args.map.default is None else effect.args.map.default) for effect in effects]
    return Shocks(tuple(found))


def node_shocks(engine: Context, table: str) -> Shocks:
    """The effects on a node, which read its parents: they scale its fan-out over time; by default nothing happens outside their windows."""
    plan = engine.plan.table(table)
    parent = engine.plan.table(plan.parent or "").node
    found = shocks(engine, (modifier for modifier in plan.node.modifiers if isinstance(modifier, Effect)), 0.0)
    return Shocks(
        tuple(part if part.local is None else replace(part, local=parent_column(plan.node, parent, part.local)) for part in found.parts)
    )
