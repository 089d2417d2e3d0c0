"""How segments, ages, stages and shocks scale fan-outs, times and values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Floats, Ints
from seedbed.core.errors import ModelError
from seedbed.core.timegrid import DAY, HOUR, Grid, StepFunction, TimeTable, make_grid
from seedbed.generate.effects import Shocks, node_shocks
from seedbed.generate.family import Children
from seedbed.generate.frame import Context, Frame, codes_of
from seedbed.model.behaviors import AgeMultiplier, Curve
from seedbed.plan.plan import ColumnPlan, TablePlan, ValueFactor
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

    def __init__(self, engine: Context, table: str, shocks: Shocks, ages: list[AgeMultiplier]) -> None:
        self._engine, self._shocks, self._ages = engine, shocks, ages
        self._tables: dict[tuple[int, ...], tuple[TimeTable | None, float]] = {}
        plan = engine.plan.table(table)
        self._parent = engine.plan.table(plan.parent or "").node
        self._grid, self._patterns = self._weights(plan)

    def _weights(self, plan: TablePlan) -> tuple[Grid, list[tuple[str, tuple[float, ...]]]]:
        """The grid and patterns of the rows' time; where none is drawn, shocks still scale how many children there are."""
        timeframe = self._engine.plan.model.timeframe
        spec = plan.column(plan.time_column).spec if plan.time_column else None
        series = spec.generator.datetime_series if spec else None
        if spec is None or series is None:
            return make_grid(*self._engine.window, timeframe.freq), []
        return grid_of(timeframe, spec, series), patterns_of(spec, series)

    def table_of(self, combination: tuple[int, ...]) -> tuple[TimeTable | None, float]:
        """The time table of a combination of groups, and its weight relative to no shock at all."""
        if combination not in self._tables:
            functions = self._shocks.functions(combination)
            shocked = TimeTable.of(self._grid, self._patterns, functions)
            base = TimeTable.of(self._grid, self._patterns, [constant_like(function) for function in functions])
            weight = 0.0 if base is None or shocked is None else _relative_weight(base, functions)
            self._tables[combination] = shocked, weight
        return self._tables[combination]

    def multiplier(self, parents: Frame) -> Floats:
        """What is left of each parent's expected number of children, shape (n,)."""
        places, combinations = self._shocks.combinations(parents)
        factors = np.array([self.table_of(combination)[1] for combination in combinations] or [0.0]).take(places)
        table = self.table_of(combinations[0])[0] if self._ages else None
        return factors if table is None else factors * self._lived(table, parents)[2]

    def _lived(self, table: TimeTable, parents: Frame) -> tuple[Ints, Floats, Floats]:
        """For each parent the grid's points at which its ages begin (n, ages + 1), cumulated weights (n, ages) and their sum."""
        assert self._parent.vintage_behavior is not None
        created, _ = parents.moments(self._parent.vintage_behavior.created_at_column)
        unit_us = UNITS[self._ages[0].time_unit]
        end = int(table.grid.last) + 1
        spans = max(1, -(-(end - int(created.min(initial=end))) // unit_us))
        held = [len(m.curve) for m in self._ages if not isinstance(m.curve, Curve)]
        ages = min(spans, max(held) if len(held) == len(self._ages) else spans)
        if ages > _MOST_AGES:
            message = f"the vintage behaviour of `{parents.table}` has {ages:,} ages; at most {_MOST_AGES:,}"
            raise ModelError(message, fix="use a longer time_unit")
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
        parents = Frame(self._engine, self._parent.id, place.parents)
        places, combinations = self._shocks.combinations(parents)
        table = self.table_of(combinations[0])[0] if self._ages else None
        if table is not None:
            return self._draw_aged(table, parents, place, u)
        return draw_by_combination(lambda combination: self.table_of(combination)[0], combinations, places.take(place.local), bits)

    def _draw_aged(self, table: TimeTable, parents: Frame, place: Children, u: Floats) -> Ints:
        """Draw the age by its cumulated weight, then the moment within it by the table."""
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


def draw_by_combination(
    table_of: Callable[[tuple[int, ...]], TimeTable | None], combinations: list[tuple[int, ...]], places: Ints, bits: Bits
) -> Ints:
    """A moment for each row from the table of its combination, shape (n,)."""
    if len(combinations) == 1:
        table = table_of(combinations[0])
        return np.zeros(len(places), dtype=np.int64) if table is None else table.draw(bits)
    moments = np.zeros(len(places), dtype=np.int64)
    for number, combination in enumerate(combinations):
        picks = np.flatnonzero(places == number)
        table = table_of(combination) if len(picks) else None
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
