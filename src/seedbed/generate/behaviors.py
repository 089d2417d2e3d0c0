"""How segments, ages, stages and shocks scale fan-outs, times and values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Floats, Ints
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import DAY, HOUR, Grid, StepFunction, TimeTable, make_grid
from seedbed.generate.effects import Shock, node_shocks
from seedbed.generate.frame import Context, Frame, codes_of
from seedbed.model.behaviors import AgeMultiplier, Curve
from seedbed.plan.plan import ColumnPlan, ValueFactor
from seedbed.plan.sources import curve_values, grid_of, patterns_of

#: Units of age in microseconds; a month is a twelfth of a year of 365.25 days.
UNITS = {
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": int(365.25 * DAY) // 12,
    "quarter": int(365.25 * DAY) // 4,
    "year": int(365.25 * DAY),
}
_MOST_AGES = 20_000

Factors = Callable[[Frame], Floats]


def by_value(column: Column, factors: dict[str, float]) -> Floats:
    """The factor listed for each value, 1.0 where none is; shape (n,)."""
    data = column.data
    if isinstance(data, pa.DictionaryArray):
        listed = np.array([factors.get(str(value), 1.0) for value in data.dictionary.to_pylist()])
        found = listed.take(codes_of(data))
    elif isinstance(data, pa.Array):
        codes = data.dictionary_encode()
        listed = np.array([factors.get(str(value), 1.0) for value in codes.dictionary.to_pylist()] or [1.0])
        found = listed.take(np.asarray(codes.indices.fill_null(0)))
    else:
        values, places = np.unique(data, return_inverse=True)
        found = np.array([factors.get(_spelt(value), 1.0) for value in values.tolist()] or [1.0]).take(places)
    return found if column.valid is None else np.where(column.valid, found, 1.0)


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def segment_factors(engine: Context, table: str, attribute: str) -> Factors | None:
    """The fan-out or value multiplier of each row's segment; None where no segment has one."""
    behavior = engine.plan.table(table).node.segment_behavior
    if behavior is None:
        return None
    factors = {name: getattr(b, attribute) for name, b in behavior.behaviors.items() if getattr(b, attribute) is not None}
    if not factors:
        return None
    return lambda frame: by_value(frame.column(behavior.segment_column), factors)


def stage_multiplier(engine: Context, table: str, parents: Frame) -> Floats | None:
    """The factor on the transition rates of each parent's segment; None where no segment differs."""
    config = engine.plan.table(table).node.stage_config
    behavior = engine.plan.table(parents.table).node.segment_behavior
    if config is None or not config.segment_variation or behavior is None:
        return None
    factors = {name: variation.transition_multiplier for name, variation in config.segment_variation.items()}
    return by_value(parents.column(behavior.segment_column), factors)


def fanout_multiplier(engine: Context, table: str) -> Factors | None:
    """What scales the expected number of children in `table` of each parent; None where nothing does."""
    plan = engine.plan.table(table)
    assert plan.parent is not None
    found: list[Factors] = []
    segments = segment_factors(engine, plan.parent, "fanout_multiplier")
    if segments:
        found.append(segments)
    drawing = engine.drawing(table)
    if drawing is not None:
        found.append(drawing.multiplier)
    if not found:
        return None

    def product(parents: Frame) -> Floats:
        factors = found[0](parents)
        for other in found[1:]:
            factors = factors * other(parents)
        return factors

    return product


def curve_of(multiplier: AgeMultiplier, ages: int) -> Floats:
    """The factors at ages 0, 1, .. in whole units, shape (ages,); a list holds its last value; never below 0."""
    if isinstance(multiplier.curve, Curve):
        curve = multiplier.curve
        return np.maximum(curve_values(curve.curve_type, curve.params.a, curve.params.b, np.arange(ages, dtype=np.float64)), 0.0)
    listed = np.array(multiplier.curve[:ages])
    return np.concatenate([listed, np.full(max(0, ages - len(listed)), listed[-1])])


def value_factor(engine: Context, column: ColumnPlan, factor: ValueFactor) -> Factors:
    """What a behaviour multiplies each value of a column by."""
    if factor.kind == "segment":
        factors = segment_factors(engine, factor.table, "value_multiplier")
        if factors is None:
            return lambda frame: np.ones(len(frame))
        if factor.link is None:
            return factors
        link = factor.link

        def of_parents(frame: Frame) -> Floats:
            linked = frame.link(link)
            found = factors(linked.frame)
            return found if linked.index is None else found.take(linked.index)

        return of_parents
    return _vintage_factor(engine, column, factor)


def _vintage_factor(engine: Context, column: ColumnPlan, factor: ValueFactor) -> Factors:
    behavior = engine.plan.table(factor.table).node.vintage_behavior
    assert behavior is not None
    multiplier = behavior.age_based_multipliers[factor.name]
    unit_us = UNITS[multiplier.time_unit]
    end = engine.window[1]

    def factors(frame: Frame) -> Floats:
        if factor.link is None:
            created, _ = frame.moments(behavior.created_at_column)
            now: Ints = np.full(len(frame), end, dtype=np.int64)
        else:
            linked = frame.link(factor.link)
            created, _ = linked.frame.moments(behavior.created_at_column)
            created = created if linked.index is None else created.take(linked.index)
            assert column.time_column is not None
            now, _ = frame.moments(column.time_column)
        ages: Ints = np.maximum((now - created) // unit_us, 0)
        size = max(64, 1 << int(ages.max(initial=0)).bit_length())  # rows may be older than the timeframe is long
        return engine.once(("curve", column.ref, factor, size), lambda: curve_of(multiplier, size)).take(ages)

    return factors


class Drawing:
    """How the times of a fact's rows are drawn where more than the column's own weights decide: shocks and parents' ages.

    The fan-out's expectation is that of the whole timeframe without shocks at factor 1; `multiplier` is what shocks and ages
    leave of it.
    """

    def __init__(self, engine: Context, table: str, column: ColumnPlan | None, shocks: list[Shock], ages: list[AgeMultiplier]) -> None:
        self._engine, self._table, self._column = engine, table, column
        self._shocks, self._ages = shocks, ages
        self._tables: dict[int, tuple[TimeTable | None, float]] = {}
        plan = engine.plan.table(table)
        parent = engine.plan.table(plan.parent or "").node
        self._created_at = parent.vintage_behavior.created_at_column if ages and parent.vintage_behavior else None

    def table_of(self, group: int) -> tuple[TimeTable | None, float]:
        """The time table of a group of the shock, and its weight relative to no shock at all."""
        if group not in self._tables:
            self._tables[group] = self._make_table(group)
        return self._tables[group]

    def _make_table(self, group: int) -> tuple[TimeTable | None, float]:
        column = self._column
        timeframe = self._engine.plan.model.timeframe
        series = column.spec.generator.datetime_series if column else None
        if column is None or series is None:  # nothing to draw: the shock still scales how many children there are
            grid: Grid = make_grid(*self._engine.window, timeframe.freq)
            patterns: list[tuple[str, tuple[float, ...]]] = []
        else:
            grid, patterns = grid_of(timeframe, column.spec, series), patterns_of(column.spec, series)
        function = self._shocks[0].function.group(group) if self._shocks else None
        if function is None:
            return TimeTable.of(grid, patterns), 1.0
        base = TimeTable.of(grid, patterns, function_cuts(function))
        shocked = TimeTable.of(grid, patterns, function)
        if base is None or shocked is None:
            return None, 0.0
        weight = (base.upper - base.lower) * np.maximum(function.at(grid.at(base.first)), 0.0)
        return shocked, float(np.cumsum(weight)[-1])

    def groups(self, parents: Frame) -> Ints | None:
        """The shock's group of each parent; None where it hits everyone."""
        return self._shocks[0].groups(parents) if self._shocks and self._shocks[0].local else None

    def multiplier(self, parents: Frame) -> Floats:
        """What is left of each parent's expected number of children, shape (n,)."""
        groups = self.groups(parents)
        if groups is None:
            table, weight = self.table_of(0)
            if table is None:
                return np.zeros(len(parents))
            factors = np.full(len(parents), weight)
            return factors * self._lived(table, parents)[2] if self._ages else factors
        found = np.zeros(len(parents))
        for group in np.unique(groups).tolist():
            found[groups == group] = self.table_of(group)[1]
        return found

    def _lived(self, table: TimeTable, parents: Frame) -> tuple[Ints, Floats, Floats]:
        """For each parent the grid's points at which its ages begin (n, ages + 1), cumulated weights (n, ages) and their sum."""
        assert self._created_at is not None
        created, _ = parents.moments(self._created_at)
        unit_us = UNITS[self._ages[0].time_unit]
        end = int(table.grid.last) + 1
        spans = max(1, -(-(end - int(created.min(initial=end))) // unit_us))
        held = [len(m.curve) for m in self._ages if not isinstance(m.curve, Curve)]
        ages = min(spans, max(held) if len(held) == len(self._ages) else spans)
        if ages > _MOST_AGES:
            raise ModelError(
                f"the vintage behaviour of `{parents.table}` has {ages:,} ages; at most {_MOST_AGES:,}", fix="use a longer time_unit"
            )
        factors = np.ones(ages)
        for multiplier in self._ages:
            factors = factors * curve_of(multiplier, ages)
        edges = created[:, None] + np.arange(ages + 1) * unit_us
        edges[:, -1] = np.maximum(edges[:, -1], end)
        places = table.grid.ceil(edges)
        shares = table.share_before(places.reshape(-1)).reshape(places.shape)
        weights = np.cumsum(np.diff(shares, axis=1) * factors, axis=1)
        return places, weights, weights[:, -1]

    def draw(self, frame: Frame, u: Floats, bits: Bits) -> Ints:
        """A moment for each child row, shape (n,)."""
        place = self._engine.children(frame)
        parents = Frame(self._engine, self._engine.plan.table(self._table).parent or "", place.parents)
        groups = self.groups(parents)
        if groups is not None:
            return self._draw_grouped(groups.take(place.local), bits)
        table, _ = self.table_of(0)
        assert table is not None  # rows exist only where the weight is above 0
        if not self._ages:
            return table.draw(bits)
        places, weights, total = self._lived(table, parents)
        whole = np.where(total > 0, total, 1.0)[:, None]
        reached = np.where(total[:, None] > 0, weights / whole, 1.0)
        line = (reached + np.arange(len(total))[:, None]).reshape(-1)
        ages = weights.shape[1]
        found = np.minimum(np.searchsorted(line, u + place.local, side="right"), len(line) - 1)
        age = np.clip(found - place.local * ages, 0, ages - 1)
        first, last = places[place.local, age], places[place.local, age + 1] - 1
        before = np.where(age > 0, weights[place.local, np.maximum(age - 1, 0)], 0.0)
        width = weights[place.local, age] - before
        part = np.divide(u * total.take(place.local) - before, width, out=np.zeros(len(u)), where=width > 0)
        bottom, top = table.share_before(first), table.share_before(last + 1)
        index = table.at_share(bottom + np.clip(part, 0.0, 1.0) * (top - bottom))
        return table.grid.at(np.minimum(np.maximum(index, first), np.maximum(last, first)))

    def _draw_grouped(self, groups: Ints, bits: Bits) -> Ints:
        moments = np.empty(len(groups), dtype=np.int64)
        for group in np.unique(groups).tolist():
            picks = np.flatnonzero(groups == group)
            table, _ = self.table_of(group)
            assert table is not None  # rows exist only where the weight is above 0
            moments[picks] = table.draw(bits[picks])
        return moments


def function_cuts(function: StepFunction) -> StepFunction:
    """A step function of the same cuts that is 1 everywhere."""
    return StepFunction(function.offsets, function.starts, np.ones_like(function.values), 1.0)


def drawing_of(engine: Context, table: str) -> Drawing | None:
    """The drawing of a fact's times where shocks on the node or ages of its parents decide; None where nothing does."""
    plan = engine.plan.table(table)
    if plan.parent is None:
        return None
    parent = engine.plan.table(plan.parent).node
    behavior = parent.vintage_behavior
    ages = [m for m in behavior.age_based_multipliers.values() if m.applies_to == "fanout"] if behavior else []
    shocks = node_shocks(engine, table)
    if not ages and not shocks:
        return None
    column = plan.column(plan.time_column) if plan.time_column else None
    drawn = column if column is not None and column.spec.generator.datetime_series is not None else None
    return Drawing(engine, table, drawn, shocks, ages)
