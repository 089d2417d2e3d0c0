"""Between which values a column lies, as far as the model alone tells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.calendar import parse_datetime, parse_time
from seedbed.core.decimals import from_floats, to_floats
from seedbed.core.elementary import log
from seedbed.core.records import dataclass
from seedbed.core.rounding import rounded
from seedbed.core.timegrid import DAY, MINUTE, SECOND
from seedbed.model.base import Scalar, column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.modifiers import (
    Add,
    ByPlugin,
    ClampTo,
    Effect,
    Jitter,
    MapValues,
    Modifier,
    Multiply,
    Outliers,
    Round,
    Seasonality,
    TimeJitter,
    Trend,
)
from seedbed.plan.children import most_children
from seedbed.plan.distributions import distribution_source
from seedbed.plan.sources import AGE_UNITS, choice_source, curve_values, grid_of, window_of
from seedbed.plan.states import start_column

if TYPE_CHECKING:
    from seedbed.model.behaviors import AgeMultiplier

#: How far normal noise goes: the quantile of 1 - 2^-37.
NOISE_REACH = 6.7524

#: The largest factor an outlier has when the model names no distribution (even between 3 and 10).
OUTLIER_FACTORS = (3.0, 10.0)


#: Spans are worked out through so many columns at most: each takes about ten calls, and Python allows a thousand.
_LONGEST_CHAIN = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A closed interval of numbers: days for dates, microseconds for datetimes and times; infinite where not known."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def known(self) -> bool:
        """Whether both ends are known."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def scaled(self, low: float, high: float) -> Span:
        """The products of a value in here and a factor in [low, high]."""
        if not (self.known and math.isfinite(low) and math.isfinite(high)):
            return Span()
        ends = [a * b for a in (self.low, self.high) for b in (low, high)]
        return Span(min(ends), max(ends))

    def moved(self, low: float, high: float) -> Span:
        """The sums of a value in here and one in [low, high]."""
        return Span(self.low + low, self.high + high)

    def cut(self, low: float | None, high: float | None) -> Span:
        """What remains within [low, high] after values beyond are moved to its ends."""
        bottom, top = self.low, self.high
        if low is not None:
            bottom, top = max(bottom, low), max(top, low)
        if high is not None:
            bottom, top = min(bottom, high), min(top, high)
        return Span(bottom, top)

    def joined(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.low, other.low), max(self.high, other.high))


def gives_way(column: ColumnSpec) -> bool:
    """Whether a column's values can be drawn anew within bounds: it is drawn from numbers, and only scaled and moved."""
    generator = column.generator
    series = generator.datetime_series
    drawn = generator.distribution is not None or (series is not None and series.process == "iid")
    if generator.choice is not None:
        drawn = column.type in NUMBERS and generator.choice.choices is not None
    return drawn and not any(isinstance(modifier, MapValues | ByPlugin) for modifier in column.modifiers)


def number_of(value: Scalar, kind: ColumnType) -> float | None:
    """A value of a document as the number that a column of this type holds; None where it is none."""
    if kind in (ColumnType.DATE, ColumnType.DATETIME):
        if not isinstance(value, str):
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            return None
        return float(moment // DAY if kind is ColumnType.DATE else moment)
    if kind is ColumnType.TIME:
        return _midnight_to(value)
    if isinstance(value, str) and kind is not ColumnType.DECIMAL:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _midnight_to(value: Scalar) -> float | None:
    try:
        return float(parse_time(str(value)))
    except ValueError:
        return None


@dataclass(frozen=True)
class Supports:
    """The spans of all columns of a model, each worked out when first asked for."""

    model: Model
    limits: Mapping[str, tuple[float | None, float | None]]
    rows: Mapping[str, int | None]

    @cached_property
    def _known(self) -> dict[str, Span]:
        return {}

    @cached_property
    def _open(self) -> list[str]:
        """The columns whose spans are being worked out, each for the one before."""
        return []

    @cached_property
    def _window(self) -> tuple[int, int]:
        return window_of(self.model.timeframe)

    def of(self, ref: str) -> Span:
        """The span of `table.column`, its limits included; not known where a long chain of columns leads to it."""
        if ref not in self._known:
            if len(self._open) >= _LONGEST_CHAIN:
                return Span()
            self._known[ref] = Span()  # what a cycle sees
            self._open.append(ref)
            low, high = self.limits.get(ref, (None, None))
            self._known[ref] = self.natural(ref).cut(low, high)
            self._open.pop()
        return self._known[ref]

    def natural(self, ref: str) -> Span:
        """The span of `table.column` before limits cut it."""
        node = self.model.node(table_of(ref))
        column = node.column(column_of(ref)) if node else None
        if node is None or column is None:
            return Span()
        span = self._drawn(node, column)
        for modifier in column.modifiers:
            span = self._modified(node, column, modifier, span)
        for low, high in self._factors(node, column):
            span = span.scaled(low, high)
        may_exceed = any(isinstance(modifier, Outliers) and modifier.args.allow_exceed for modifier in column.modifiers)
        clamped = span.cut(*clamp_of(column))
        return _cast(span.joined(clamped) if may_exceed else clamped, column)

    def _drawn(self, node: Node, column: ColumnSpec) -> Span:  # noqa: PLR0911 - one a generator
        generator = column.generator
        if column.name in node.filled:
            return self._filled(node, column)
        if generator.distribution is not None:
            source = distribution_source(generator.distribution, column.type is ColumnType.INT)
            return Span(source.low, source.high)
        if generator.choice is not None:
            if generator.choice.choices_ref:
                return self.of(generator.choice.choices_ref)
            drawn = choice_source(column, generator.choice)
            return Span(drawn.low, drawn.high) if drawn else _listed(generator.choice.choices or (), column.type)
        if generator.enum_list is not None:
            return _listed(generator.enum_list.values, column.type)
        if generator.datetime_series is not None:
            grid = grid_of(self.model.timeframe, column, generator.datetime_series)
            return Span(float(grid.first), float(grid.last)) if grid.count else Span()
        if generator.sequence is not None:
            rows = self.rows.get(node.id) if generator.sequence.per is None else most_children(node)
            last = generator.sequence.start + generator.sequence.step * (max(rows, 1) - 1) if rows is not None else math.inf
            ends = (float(generator.sequence.start), float(last if generator.sequence.step > 0 or rows is not None else -math.inf))
            return Span(min(ends), max(ends))
        if generator.lookup is not None:
            return self.of(generator.lookup.from_)
        if generator.expression is not None:
            return self._computed(node, generator.expression.code)
        return Span()

    def _filled(self, node: Node, column: ColumnSpec) -> Span:
        """The time of a state: from the row's start time on, until the timeframe ends."""
        machine = node.state_transition_model
        start = node.column(start_column(node) or "") if machine is not None and column.name == machine.time_column else None
        if start is None or start.type is not ColumnType.DATETIME:
            return Span()
        span = self.of(f"{node.id}.{start.name}")
        return Span(span.low, max(span.high, float(self._window[1] // SECOND * SECOND)))

    def _computed(self, node: Node, code: str) -> Span:
        from seedbed.plan.formulas import span_of  # only models with expressions need them

        low, high = span_of(self.model, node, code, self.ends)
        return Span(low, high)

    def ends(self, ref: str) -> tuple[float, float]:
        """The lowest and the highest value of `table.column`, infinite where not known."""
        span = self.of(ref)
        return span.low, span.high

    def _jittered(self, column: ColumnSpec, modifier: TimeJitter, span: Span) -> Span:
        if column.generator.datetime_series is not None:
            return span.joined(Span(*map(float, window_of(self.model.timeframe, column.generator.datetime_series))))
        reach = modifier.args.std_minutes * MINUTE * NOISE_REACH
        return span.moved(-reach, reach) if column.type is ColumnType.DATETIME else span.moved(-(reach // DAY) - 1, reach // DAY + 1)

    def _last_moment(self, node: Node, time_column: str | None) -> float:
        """The last moment of a node's rows, at least the end of the timeframe; `time_column` None means any column's."""
        last = float(self._window[1])
        for column in node.columns:
            if column.type in (ColumnType.DATE, ColumnType.DATETIME) and time_column in (None, column.name):
                high = self.of(f"{node.id}.{column.name}").high
                last = max(last, (high + 1) * DAY if column.type is ColumnType.DATE else high)
        return last

    def _modified(self, node: Node, column: ColumnSpec, modifier: Modifier, span: Span) -> Span:
        if isinstance(modifier, Multiply):
            return span.scaled(modifier.args.factor, modifier.args.factor)
        if isinstance(modifier, Add):
            return span.moved(modifier.args.value, modifier.args.value)
        if isinstance(modifier, ClampTo):
            return span.cut(modifier.args.min, modifier.args.max)
        if isinstance(modifier, Round):
            return Span(*rounded(np.array([span.low, span.high]), modifier.args.digits).tolist()) if span.known else span
        if isinstance(modifier, Jitter):
            reach = modifier.args.std * NOISE_REACH
            return span.moved(-reach, reach) if modifier.args.mode == "add" else span.scaled(1 - reach, 1 + reach)
        if isinstance(modifier, Outliers):
            low, high = outlier_factors(modifier)
            if modifier.args.mode == "drop":
                low, high = (1 / high, 1 / low) if low > 0 else (-math.inf, math.inf)
            return span.joined(span.scaled(low, high))
        if isinstance(modifier, MapValues):
            kind = ColumnType.DATETIME if column.type is ColumnType.DATE and column.generator.datetime_series else column.type
            mapped = [number_of(value, kind) for value in modifier.args.mapping.values()]
            numbers = [number for number in mapped if number is not None]
            return span.joined(Span(min(numbers), max(numbers))) if numbers else span
        return self._by_time(node, column, modifier, span)

    def _by_time(self, node: Node, column: ColumnSpec, modifier: Modifier, span: Span) -> Span:
        if isinstance(modifier, ByPlugin):
            return Span()
        is_time = column.type in (ColumnType.DATE, ColumnType.DATETIME)
        if isinstance(modifier, Seasonality):
            return span if is_time else span.scaled(min(modifier.args.weights), max(modifier.args.weights))
        if isinstance(modifier, Trend):
            last = self._last_moment(node, modifier.args.time_reference)
            values = [trend_factor(modifier, years) for years in (0.0, (last - self._window[0]) / (365.25 * DAY))]
            return span.scaled(min(values), max(values))
        if isinstance(modifier, TimeJitter):
            return self._jittered(column, modifier, span)
        assert isinstance(modifier, Effect)
        return span if is_time else Span()

    def _factors(self, node: Node, column: ColumnSpec) -> list[tuple[float, float]]:
        """The least and the greatest factor of each behaviour that scales the column."""
        found = []
        for owner in self.model.nodes:
            if owner.segment_behavior and names_column(owner, owner.segment_behavior.applies_to_columns, node, column.name):
                values = [b.value_multiplier for b in owner.segment_behavior.behaviors.values() if b.value_multiplier is not None]
                found.append((min([1.0, *values]), max([1.0, *values])))
            ages = owner.vintage_behavior.age_based_multipliers.values() if owner.vintage_behavior else ()
            scaling = [age for age in ages if age.applies_to != "fanout" and names_column(owner, age.applies_to, node, column.name)]
            found += [self._curve_ends(owner, node, age) for age in scaling]
        return found

    def _curve_ends(self, owner: Node, node: Node, age: AgeMultiplier) -> tuple[float, float]:
        """The least and the greatest factor of a curve, from age 0 to that of the oldest row; curves rise or fall all along."""
        if isinstance(age.curve, tuple):
            return min(age.curve), max(age.curve)
        assert owner.vintage_behavior is not None
        created = owner.column(owner.vintage_behavior.created_at_column)
        born = self.of(f"{owner.id}.{owner.vintage_behavior.created_at_column}").low
        born *= DAY if created is not None and created.type is ColumnType.DATE else 1
        oldest = (self._last_moment(node, None) - born) / AGE_UNITS[age.time_unit]
        ages = np.array([0.0, max(oldest, 0.0)])
        if not math.isfinite(oldest):
            return 0.0, math.inf
        values = curve_values(age.curve.curve_type, age.curve.params.a, age.curve.params.b, ages)
        return max(0.0, float(values.min())), max(0.0, float(values.max()))


def clamp_of(column: ColumnSpec) -> tuple[float | None, float | None]:
    """The clamp of a column's distribution, (None, None) where there is none."""
    distribution = column.generator.distribution
    return distribution.clamp or (None, None) if distribution else (None, None)


def names_column(owner: Node, names: tuple[str, ...], node: Node, column: str) -> bool:
    """Whether one of the names a behaviour of `owner` lists is this column: bare, of the owner itself or of its children; or dotted."""
    for name in names:
        table, _, last = name.rpartition(".")
        if last != column:
            continue
        if table == node.id or (not table and owner.id == node.id):
            return True
        if not table and owner.column(column) is None and node.kind == "fact" and owner.id in node.parents[:1]:
            return True
    return False


def has_behavior(model: Model, node: Node, column: str) -> bool:
    """Whether segments or ages, of the node or its parents, scale a column."""
    for owner in model.nodes:
        if owner.segment_behavior and names_column(owner, owner.segment_behavior.applies_to_columns, node, column):
            return True
        ages = owner.vintage_behavior.age_based_multipliers.values() if owner.vintage_behavior else ()
        if any(age.applies_to != "fanout" and names_column(owner, age.applies_to, node, column) for age in ages):
            return True
    return False


def outlier_factors(modifier: Outliers) -> tuple[float, float]:
    """The least and the greatest factor of an outlier."""
    if modifier.args.magnitude_dist is None:
        return OUTLIER_FACTORS
    source = distribution_source(modifier.args.magnitude_dist)
    low, high = modifier.args.magnitude_dist.clamp or (None, None)
    span = Span(source.low, source.high).cut(low, high)
    return span.low, span.high


def trend_factor(modifier: Trend, years: float) -> float:
    """The factor of a trend after so many years."""
    return float(trend_factors(modifier, np.array([years]))[0])


def trend_factors(modifier: Trend, years: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The factors of a trend after `years`, shape (n,).

    With `growth_rate` r: linear 1 + r*years, exponential (1 + r)^years, logarithmic 1 + r*ln(1 + years); with `params`
    a and b: the curves of the same names.
    """
    args = modifier.args
    if args.params is not None:
        return curve_values(args.type, args.params.a, args.params.b, years)
    rate = args.growth_rate or 0.0
    if args.type == "exponential":
        return curve_values("exponential", 1.0, float(log(1.0 + rate)), years)
    return curve_values(args.type, 1.0, rate, years)


def _listed(values: tuple[Scalar, ...], kind: ColumnType) -> Span:
    numbers = [number for value in values if (number := number_of(value, kind)) is not None]
    return Span(min(numbers), max(numbers)) if numbers else Span()


def _cast(span: Span, column: ColumnSpec) -> Span:
    if column.type is ColumnType.DATE and column.generator.datetime_series is not None and span.known:
        return Span(float(span.low // DAY), float(span.high // DAY))
    if column.type is ColumnType.INT and span.known:
        return Span(float(np.rint(span.low)), float(np.rint(span.high)))
    if column.type is ColumnType.DECIMAL and span.known:
        scale = column.digits[1]
        low, high = to_floats(from_floats(np.array([span.low, span.high]), scale)[0], scale).tolist()
        beyond = max(abs(span.low), abs(span.high)) * 10.0**scale >= 2.0**63
        return span if beyond else Span(low, high)
    return span
