"""How the times of a fact's rows are drawn where shocks or their parents' ages decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.draw import Bits, Floats, Ints
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import Grid, StepFunction, TimeTable, make_grid
from seedbed.generate.behaviors import MOST_AGES, curve_of
from seedbed.generate.effects import Shocks, node_shocks
from seedbed.generate.frame import Context, Frame
from seedbed.plan.plan import TablePlan
from seedbed.plan.sources import AGE_UNITS, grid_of, patterns_of

if TYPE_CHECKING:
    from seedbed.model.behaviors import AgeMultiplier

#: How many ages of parents are held at once.
_CELLS = 1 << 19

#: How many time tables are kept, of up to 64 KB each as a rule.
_MOST_TABLES = 1_024


class Drawing:
    """How the times of a fact's rows are drawn where more than the column's own weights decide: shocks and parents' ages.

    The fan-out's expectation is that of the whole timeframe without shocks at factor 1; `multiplier` is what shocks and ages
    leave of it.
    """

    def __init__(self, engine: Context, table: str, shocks: Shocks, ages: list[AgeMultiplier]) -> None:
        self._engine, self._shocks, self._ages = engine, shocks, ages
        self._tables: dict[tuple[int, ...], TimeTable | None] = {}
        self._factors: dict[tuple[int, ...], float] = {}
        plan = engine.plan.table(table)
        self._parent = engine.plan.table(plan.parent or "").node
        self._grid, self._patterns = self._weights(plan)
        is_date = plan.time_column is not None and plan.column(plan.time_column).type is ColumnType.DATE
        self._clock = engine.clock.on_wall if is_date else engine.clock

    def _weights(self, plan: TablePlan) -> tuple[Grid, list[tuple[str, tuple[float, ...]]]]:
        """The grid and patterns of the rows' time; where none is drawn, shocks still scale how many children there are."""
        timeframe = self._engine.plan.model.timeframe
        spec = plan.column(plan.time_column).spec if plan.time_column else None
        series = spec.generator.datetime_series if spec else None
        if spec is None or series is None:
            return make_grid(*self._engine.window, timeframe.freq), []
        return grid_of(timeframe, spec, series), patterns_of(spec, series)

    def table_of(self, combination: tuple[int, ...]) -> TimeTable | None:
        """The time table of a combination of groups; None where nothing has weight."""
        found = self._tables.get(combination, self)
        if isinstance(found, Drawing):
            found = TimeTable.of(self._grid, self._patterns, self._shocks.functions(combination), clock=self._clock)
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            self._tables[combination] = found
        return found

    def factor_of(self, combination: tuple[int, ...]) -> float:
        """The weight of a combination of groups relative to no shock at all."""
        found = self._factors.get(combination)
        if found is None:
            functions = self._shocks.functions(combination)
            base = TimeTable.of(self._grid, self._patterns, [constant_like(function) for function in functions], clock=self._clock)
            found = 0.0 if base is None or self.table_of(combination) is None else _relative_weight(base, functions)
            self._factors[combination] = found
        return found

    def multiplier(self, parents: Frame) -> Floats:
        """What is left of each parent's expected number of children, shape (n,)."""
        places, combinations = self._shocks.combinations(parents)
        factors = np.array([self.factor_of(combination) for combination in combinations] or [0.0]).take(places)
        table = self.table_of(combinations[0]) if self._ages else None
        if table is None:
            return factors
        created = self._created(parents)
        lived = [self._lived(table, created[part])[1][:, -1].copy() for part in self._parts(table, created)]  # a view would keep all ages
        return factors * np.concatenate(lived)

    def _created(self, parents: Frame) -> Ints:
        assert self._parent.vintage_behavior is not None
        return parents.moments(self._parent.vintage_behavior.created_at_column)[0]

    def _ages_of(self, table: TimeTable, created: Ints) -> int:
        """How many ages the oldest of these parents goes through, or how many the listed curves tell apart."""
        unit_us = AGE_UNITS[self._ages[0].time_unit]
        end = int(table.grid.last) + 1
        spans = max(1, -(-(end - int(created.min(initial=end))) // unit_us))
        held = [len(m.curve) for m in self._ages if isinstance(m.curve, tuple)]
        ages = min(spans, max(held) if len(held) == len(self._ages) else spans)
        if ages > MOST_AGES:
            message = f"the vintage behaviour of `{self._parent.id}` has {ages:,} ages; at most {MOST_AGES:,}"
            raise ModelError(message, fix="use a longer time_unit")
        return ages

    def _parts(self, table: TimeTable, created: Ints) -> list[slice]:
        """Parents in parts, so that a part's ages take a few megabytes."""
        step = max(1, _CELLS // self._ages_of(table, created))
        return [slice(start, start + step) for start in range(0, max(len(created), 1), step)]

    def _lived(self, table: TimeTable, created: Ints) -> tuple[Ints, Floats]:
        """For each parent the grid's points at which its ages begin (n, ages + 1), and the ages' cumulated weights (n, ages)."""
        ages = self._ages_of(table, created)
        factors = np.ones(ages)
        for multiplier in self._ages:
            factors = factors * curve_of(multiplier, ages)
        edges = created[:, None] + np.arange(ages + 1) * AGE_UNITS[self._ages[0].time_unit]
        edges[:, -1] = np.maximum(edges[:, -1], int(table.grid.last) + 1)
        places = table.grid.ceil(edges)
        shares = table.share_before(places.reshape(-1)).reshape(places.shape)
        return places, np.cumsum(np.diff(shares, axis=1) * factors, axis=1)

    def draw(self, frame: Frame, u: Floats, bits: Bits) -> Ints:
        """A moment for each child row, shape (n,)."""
        place = self._engine.children(frame)
        parents = Frame(self._engine, self._parent.id, place.parents)
        places, combinations = self._shocks.combinations(parents)
        table = self.table_of(combinations[0]) if self._ages else None
        if table is None:
            return draw_by_combination(self.table_of, combinations, places.take(place.local), bits)
        created = self._created(parents)
        moments = np.empty(len(u), dtype=np.int64)
        for part in self._parts(table, created):
            rows = slice(*np.searchsorted(place.local, [part.start, part.stop]))  # rows come in the order of their parents
            moments[rows] = self._draw_aged(table, created[part], place.local[rows] - part.start, u[rows])
        return moments

    def _draw_aged(self, table: TimeTable, created: Ints, local: Ints, u: Floats) -> Ints:
        """Draw the age by its cumulated weight, then the moment within it by the table; `local` is each row's parent."""
        places, weights = self._lived(table, created)
        reached = u * weights[:, -1].take(local)
        age = _search_rows(weights, local, reached)
        first, last = places[local, age], places[local, age + 1] - 1
        before = np.where(age > 0, weights[local, np.maximum(age - 1, 0)], 0.0)
        width = weights[local, age] - before
        part = np.divide(reached - before, width, out=np.zeros(len(u)), where=width > 0)
        bottom, top = table.share_before(first), table.share_before(last + 1)
        index = table.at_share(bottom + np.clip(part, 0.0, 1.0) * (top - bottom))
        return table.grid.at(np.minimum(np.maximum(index, first), np.maximum(last, first)))


def _search_rows(rising: Floats, rows: Ints, values: Floats) -> Ints:
    """For each value the first place of its row of `rising`, shape (n, m), that is above it; by halving, all at once."""
    low, high = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), rising.shape[1] - 1)
    for _ in range((rising.shape[1] - 1).bit_length()):
        middle = (low + high) // 2
        is_above = rising[rows, middle] > values
        high = np.where(is_above, middle, high)
        low = np.where(is_above, low, np.minimum(middle + 1, high))
    return low


def draw_by_combination(
    table_of: Callable[[tuple[int, ...]], TimeTable | None], combinations: list[tuple[int, ...]], places: Ints, bits: Bits
) -> Ints:
    """A moment for each row from the table of its combination, shape (n,)."""
    if len(combinations) == 1:
        table = table_of(combinations[0])
        return np.zeros(len(places), dtype=np.int64) if table is None else table.draw(bits)
    moments = np.zeros(len(places), dtype=np.int64)
    order = np.argsort(places, kind="stable")
    ends = np.searchsorted(places[order], np.arange(len(combinations) + 1))
    for number in np.flatnonzero(np.diff(ends)).tolist():
        picks = order[ends[number] : ends[number + 1]]
        table = table_of(combinations[number])
        if table is not None:  # no row exists where nothing has weight
            moments[picks] = table.draw(bits[picks])
    return moments


def _relative_weight(base: TimeTable, functions: list[StepFunction]) -> float:
    """The mean of the shocks' product over the unshocked weights."""
    moments = base.grid.at(base.first)
    weight = base.upper - base.lower
    for function in functions:
        weight = weight * np.maximum(function.at(moments), 0.0)
    return float(np.cumsum(weight)[-1])


def constant_like(function: StepFunction) -> StepFunction:
    """A step function with the same cuts that is 1 everywhere."""
    return StepFunction(function.offsets, function.starts, np.ones_like(function.values), 1.0)


def drawing_of(engine: Context, table: str) -> Drawing | None:
    """The drawing of a fact's times where shocks on the node or ages of its parents decide; None where nothing does."""
    plan = engine.plan.table(table)
    if plan.parent is None:
        return None
    behavior = engine.plan.table(plan.parent).node.vintage_behavior
    ages = [m for m in behavior.age_based_multipliers.values() if m.applies_to == "fanout"] if behavior else []
    shocks = node_shocks(engine, table)
    return Drawing(engine, table, shocks, ages) if ages or shocks.parts else None
