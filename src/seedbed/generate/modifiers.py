"""Modifiers as operations on whole columns: each scales, moves or bounds numbers, and can say which bounds it came from."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Floats, Ints, draw_bits, row_numbers, unit
from seedbed.core.elementary import normal_quantile
from seedbed.core.records import dataclass
from seedbed.core.rounding import on_decimals, rounded
from seedbed.core.tables import EvenFloats, QuantileTable
from seedbed.core.timegrid import DAY, MINUTE, SECOND
from seedbed.generate.conversion import mapped_text
from seedbed.generate.effects import shock
from seedbed.generate.frame import Context, Frame, Mask, both
from seedbed.generate.plugged import Call, call_of, changed
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
from seedbed.plan.distributions import distribution_source
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.sources import window_of
from seedbed.plan.support import NOISE_REACH, OUTLIER_FACTORS, number_of, trend_factors

#: Consecutive rows that burst together.
BURST = 8

YEAR_US = 365.25 * DAY

#: A moment beyond all dates, in whole seconds: times that are not drawn have no window.
_FAR = 2**61 // SECOND * SECOND

Numbers = NDArray[Any]


class Operation(Protocol):
    """What a modifier does to the rows of one frame."""

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:
        """Change values of all rows, or of the rows `picks`."""

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:
        """Between which values before it the values after it lie in [low, high], for the rows `picks`."""


@dataclass(frozen=True, slots=True)
class Affine:
    """value * factor + shift, each a number, one a row, or None."""

    factor: Floats | float | None = None
    shift: Floats | float | None = None

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:
        """Scale and move."""
        if self.factor is not None:
            values = values * _picked(self.factor, picks)
        if self.shift is not None:
            values = values + _picked(self.shift, picks)
        return values

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:
        """Move back and divide; anything goes where the factor is 0."""
        if self.shift is not None:
            shift = _picked(self.shift, picks)
            low, high = low - shift, high - shift
        if self.factor is None:
            return low, high
        factor = np.broadcast_to(_picked(self.factor, picks), low.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = low / factor, high / factor
        return np.where(factor == 0, -np.inf, np.minimum(a, b)), np.where(factor == 0, np.inf, np.maximum(a, b))


@dataclass(frozen=True, slots=True)
class Bounded:
    """min <= value <= max, except in the rows that may `exceed`."""

    low: float | None
    high: float | None
    exceed: Mask | None = None

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:
        """Move values beyond an end to it."""
        held = values if self.low is None else np.maximum(values, self.low)
        held = held if self.high is None else np.minimum(held, self.high)
        return held if self.exceed is None else np.where(_picked(self.exceed, picks), values, held)

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:  # noqa: ARG002 - the same for all rows
        """An end that the clamp reaches anyway is no end."""
        if self.low is not None:
            low = np.where(low <= self.low, -np.inf, low)
        if self.high is not None:
            high = np.where(high >= self.high, np.inf, high)
        return low, high


@dataclass(frozen=True, slots=True)
class Rounded:
    """The nearest number of so many digits after the point."""

    digits: int

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:  # noqa: ARG002 - the same for all rows
        """Round half to even; whole numbers stay."""
        return values if values.dtype == np.int64 else rounded(values, self.digits)

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:  # noqa: ARG002 - the same for all rows
        """The outermost rounded numbers within the ends: what lies between them is rounded to no other side."""
        return on_decimals(low, self.digits, up=True), on_decimals(high, self.digits, up=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """time + noise; beyond the window it is reflected back into it."""

    shift: Ints
    low: int
    high: int

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:
        """Move and reflect."""
        moved = values + _picked(self.shift, picks)
        moved = np.where(moved < self.low, 2 * self.low - moved, moved)
        moved = np.where(moved > self.high, 2 * self.high - moved, moved)
        held: Numbers = np.minimum(np.maximum(moved, self.low), self.high)
        return held

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:
        """Move back."""
        shift = _picked(self.shift, picks)
        return low - shift, high - shift


@dataclass(frozen=True, slots=True)
class Mapped:
    """Listed numbers are replaced."""

    before: Floats
    after: Floats

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:  # noqa: ARG002 - the same for all rows
        """Replace what is listed."""
        place = np.minimum(np.searchsorted(self.before, values), len(self.before) - 1)
        return np.where(self.before[place] == values, self.after[place], values)

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:  # noqa: ARG002 - never asked: such columns do not give way
        """Any value may lead anywhere."""
        return np.full_like(low, -np.inf), np.full_like(high, np.inf)


@dataclass(frozen=True, slots=True)
class Plugged:
    """What a plug-in makes of numbers, or of moments in microseconds."""

    call: Call
    frame: Frame
    are_times: bool

    def apply(self, values: Numbers, picks: Ints | None = None) -> Numbers:  # noqa: ARG002 - such columns do not give way
        """Have the plug-in change all rows."""
        if self.are_times:
            moments: Numbers = changed(
                self.call, self.frame, values.astype(np.int64, copy=False).view("datetime64[us]"), ColumnType.DATETIME
            )
            return moments
        numbers: Numbers = changed(self.call, self.frame, values.astype(np.float64, copy=False), ColumnType.FLOAT)
        return numbers

    def bounds(self, low: Floats, high: Floats, picks: Ints) -> tuple[Floats, Floats]:  # noqa: ARG002 - never asked: such columns do not give way
        """Any value may lead anywhere."""
        return np.full_like(low, -np.inf), np.full_like(high, np.inf)


@cache
def normal() -> QuantileTable:
    """The standard normal distribution."""
    return QuantileTable.of(normal_quantile)


OperationOf = Callable[[Frame], Operation]


def _picked(values: Any, picks: Ints | None) -> Any:
    return values[picks] if picks is not None and isinstance(values, np.ndarray) else values


def operations(engine: Context, column: ColumnPlan) -> list[OperationOf]:
    """The operations of a column's modifiers, in their order, without those that only weigh the drawing of times."""
    is_time = column.type in (ColumnType.DATE, ColumnType.DATETIME)
    found = []
    for number, modifier in enumerate(column.spec.modifiers):
        if is_time and isinstance(modifier, Seasonality | Effect):
            continue
        found.append(_operation(engine, column, modifier, number))
    return found


def _operation(engine: Context, column: ColumnPlan, modifier: Modifier, number: int) -> OperationOf:
    key = engine.key(column.table, column.name, f"{modifier.transform}:{number}")
    if isinstance(modifier, Multiply):
        return _always(Affine(factor=modifier.args.factor))
    if isinstance(modifier, Add):
        return _always(Affine(shift=modifier.args.value))
    if isinstance(modifier, ClampTo | Round):
        return _always(_held(modifier))
    if isinstance(modifier, MapValues):
        return _always(_mapped(modifier, column.type))
    if isinstance(modifier, Jitter):
        std, adds = modifier.args.std, modifier.args.mode == "add"
        return lambda frame: (
            Affine(shift=normal().draw(frame.bits(key)) * std) if adds else Affine(factor=1.0 + normal().draw(frame.bits(key)) * std)
        )
    if isinstance(modifier, TimeJitter):
        series = column.spec.generator.datetime_series
        start, end = (-_FAR, _FAR) if series is None else window_of(engine.plan.model.timeframe, series)
        if column.type is ColumnType.DATE and series is not None:  # days as local clocks count them
            start, end = (int(moment) for moment in engine.clock.local(np.array([start, end])))
        std = min(modifier.args.std_minutes * (MINUTE / SECOND), _FAR / SECOND / NOISE_REACH)  # beyond it every time is at an end
        return lambda frame: Moved(np.rint(normal().draw(frame.bits(key)) * std).astype(np.int64) * SECOND, start, end // SECOND * SECOND)
    if isinstance(modifier, Outliers):
        return lambda frame: Affine(factor=_outlier_factors(modifier, engine, column, number, frame))
    return _plugged(engine, column, modifier, number) if isinstance(modifier, ByPlugin) else _by_time(engine, column, modifier)


def _held(modifier: ClampTo | Round) -> Bounded | Rounded:
    return Rounded(modifier.args.digits) if isinstance(modifier, Round) else Bounded(modifier.args.min, modifier.args.max)


def _plugged(engine: Context, column: ColumnPlan, modifier: ByPlugin, number: int) -> OperationOf:
    call = call_of(modifier.args, engine.key(column.table, column.name, f"plugin:{number}"), column)
    are_times = column.type in (ColumnType.DATE, ColumnType.DATETIME)
    return lambda frame: Plugged(call, frame, are_times)


def _by_time(engine: Context, column: ColumnPlan, modifier: Modifier) -> OperationOf:
    if isinstance(modifier, Seasonality):
        weights, dimension = np.array(modifier.args.weights), modifier.args.dimension
        time = modifier.args.time_column or column.time_column or ""
        return lambda frame: Affine(factor=weights.take(engine.clock.places(frame.moments(time)[0], dimension)))
    if isinstance(modifier, Trend):
        reference = modifier.args.time_reference or column.time_column or ""
        start = engine.window[0]
        return lambda frame: Affine(factor=trend_factors(modifier, np.maximum(frame.moments(reference)[0] - start, 0) / YEAR_US))
    assert isinstance(modifier, Effect)
    time, multiplies = modifier.args.time_column or column.time_column or "", modifier.args.map.op == "mul"
    outside = modifier.args.map.default
    outside = (1.0 if multiplies else 0.0) if outside is None else outside

    def effect(frame: Frame) -> Operation:
        found = engine.once(
            ("shock", column.ref, modifier.args.effect_table, repr(modifier.args)), lambda: shock(engine, modifier, outside)
        )
        values = found.at(frame, frame.moments(time)[0])
        return Affine(factor=values) if multiplies else Affine(shift=values)

    return effect


def _always(operation: Operation) -> OperationOf:
    return lambda _frame: operation


def _mapped(modifier: MapValues, kind: ColumnType) -> Mapped:
    kind = ColumnType.DATETIME if kind is ColumnType.DATE else kind
    listed = ((_key_number(before, kind), number_of(after, kind)) for before, after in modifier.args.mapping.items())
    pairs = sorted(pair for pair in listed if not math.isnan(pair[0])) or [(math.inf, math.inf)]
    return Mapped(np.array([before for before, _ in pairs]), np.array([after for _, after in pairs], dtype=np.float64))


def _key_number(text: str, kind: ColumnType) -> float:
    """The number of a value as keys of maps spell it; NaN where it is none."""
    if kind is ColumnType.BOOL:
        return {"true": 1.0, "false": 0.0}.get(text, math.nan)
    if kind in (ColumnType.DATETIME, ColumnType.TIME):
        number = number_of(text, kind)
        return math.nan if number is None else number
    try:
        return float(text)
    except ValueError:
        return math.nan


def text_changes(engine: Context, column: ColumnPlan) -> list[Callable[[Frame, Column], Column]]:
    """What a column's modifiers make of its texts, in their order."""
    return [_text_change(engine, column, modifier, number) for number, modifier in enumerate(column.spec.modifiers)]


def _text_change(engine: Context, column: ColumnPlan, modifier: Modifier, number: int) -> Callable[[Frame, Column], Column]:
    if isinstance(modifier, MapValues):
        mapping = modifier.args.mapping
        return lambda _frame, found: mapped_text(found, mapping)
    assert isinstance(modifier, ByPlugin)
    call = call_of(modifier.args, engine.key(column.table, column.name, f"plugin:{number}"), column)

    def change(frame: Frame, found: Column) -> Column:
        texts: Any = pc.decoded(found.data) if isinstance(found.data, pa.DictionaryArray) else found.data
        valid = found.valid
        if texts.null_count:
            texts, valid = pc.fill_null(texts, ""), both(valid, np.asarray(texts.is_valid()))
        return Column(changed(call, frame, texts, ColumnType.STRING), valid)

    return change


def outlier_mask(modifier: Outliers, engine: Context, column: ColumnPlan, number: int, frame: Frame) -> Mask:
    """Which rows are outliers; in a burst, runs of eight consecutive rows are."""
    key = engine.key(column.table, column.name, f"outliers:{number}")
    rows = frame.rows if modifier.args.mode != "burst" else row_numbers(frame.rows) // BURST
    return unit(draw_bits(key, rows)) < modifier.args.rate


def _outlier_factors(modifier: Outliers, engine: Context, column: ColumnPlan, number: int, frame: Frame) -> Floats:
    """1 for ordinary rows; for outliers the drawn magnitude (spike, burst) or one over it (drop)."""
    mask = outlier_mask(modifier, engine, column, number, frame)
    picks = np.flatnonzero(mask)
    factors = np.ones(len(frame))
    if len(picks):
        key = engine.key(column.table, column.name, f"outliers:{number}")
        spec = modifier.args.magnitude_dist
        source = distribution_source(spec) if spec else EvenFloats(*OUTLIER_FACTORS)
        drawn = source.draw(draw_bits(key, row_numbers(frame.rows)[picks], 1)).astype(np.float64)
        if spec is not None and spec.clamp:
            drawn = Bounded(*spec.clamp).apply(drawn)
        factors[picks] = np.divide(1.0, drawn, out=np.zeros(len(drawn)), where=drawn != 0) if modifier.args.mode == "drop" else drawn
    return factors
