"""What each column's values are drawn from, as tables that plan and kernels share."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.calendar import has_offset, parse_datetime, parse_end, parse_time
from seedbed.core.clock import Clock, clock
from seedbed.core.draw import Floats
from seedbed.core.elementary import exp, log, pow  # noqa: A004 - named like the function everywhere else
from seedbed.core.tables import NumberSource, WeightedIndex, WeightedNumbers
from seedbed.core.timegrid import DAY, HOUR, MINUTE, SECOND, Grid, StepFunction, TimeTable, make_grid
from seedbed.core.zoned_grid import make_zoned_grid
from seedbed.model.document import ColumnSpec, Timeframe
from seedbed.model.generators.choice import Choice
from seedbed.model.generators.datetime_series import DatetimeSeries, HolidayPattern, Window
from seedbed.model.modifiers import Seasonality

#: Units of age in microseconds; a month is a twelfth of a year of 365.25 days.
AGE_UNITS = {
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": int(365.25 * DAY) // 12,
    "quarter": int(365.25 * DAY) // 4,
    "year": int(365.25 * DAY),
}


_DELAY_UNITS = {"s": SECOND, "t": MINUTE, "min": MINUTE, "minute": MINUTE, "second": SECOND, "week": 7 * DAY, "w": 7 * DAY}


def delay_unit(unit: str) -> int:
    """What a delay of 1 is, in microseconds."""
    return _DELAY_UNITS.get(unit.lower()) or {"h": HOUR, "d": DAY}[unit[0].lower()]


def item_weights(choice: Choice, count: int) -> Floats | None:
    """The weights of `count` items, shape (count,); None where all are equal.

    zipf@A: the item of rank k weighs 1 / k^A. head_tail@{S,A}: the first 20 % of the items, at least one, share S equally,
    the rest share 1 - S by Zipf(A).
    """
    if choice.weights is not None:
        return np.array(choice.weights, dtype=np.float64)
    kind, numbers = weights_kind(choice)
    if kind == "zipf":
        return zipf_weights(count, numbers[0])
    return head_tail_weights(count, *numbers) if kind == "head_tail" else None


def head_tail_weights(count: int, share: float, exponent: float) -> Floats | None:
    """The weights of `head_tail@{share,exponent}`, shape (count,); None where there is no tail."""
    head = max(1, count // 5)
    tail = zipf_weights(count - head, exponent)
    if not len(tail):
        return None
    total = float(np.cumsum(tail)[-1])
    return np.concatenate([np.full(head, share / head), tail * ((1 - share) / total)])


def weights_kind(choice: Choice) -> tuple[str, list[float]]:
    """The kind of weights and its numbers: ("head_tail", [0.8, 1.2])."""
    text = choice.weights_kind or "uniform"
    kind, _, rest = text.partition("@")
    return kind, [float(number) for number in re.findall(r"[0-9.]+", rest)]


def zipf_weights(count: int, exponent: float) -> Floats:
    """1 / k^exponent for the ranks k = 1..count, shape (count,)."""
    ranks = np.arange(1, count + 1, dtype=np.float64)
    return pow(ranks, -exponent) if count else ranks


def choice_source(spec: ColumnSpec, choice: Choice, weights: Floats | None = None) -> NumberSource | None:
    """A choice among numbers as a table, by `weights` if given; None where the items are not numbers."""
    if choice.choices is None or spec.type not in NUMBERS:
        return None
    numbers = np.array([float(item) for item in choice.choices])
    weights = item_weights(choice, len(numbers)) if weights is None else weights
    order = np.argsort(numbers, kind="stable")
    weights = np.ones(len(numbers)) if weights is None else weights
    return WeightedNumbers(numbers[order], WeightedIndex.of(weights[order]))


def clock_of(timeframe: Timeframe) -> Clock:
    """The clock of a model: its time zone and its calendar of holidays, where it names them."""
    return clock(timeframe.tz, timeframe.calendar)


def moment_of(text: str, timeframe: Timeframe, *, is_end: bool = False) -> int:
    """A moment of a document in microseconds: local time of the model's zone, unless it says how far it is from UTC.

    A date alone that is an end means its whole day.
    """
    moment = parse_end(text) if is_end else parse_datetime(text)
    if timeframe.tz is None or has_offset(text):
        return moment
    return int(clock_of(timeframe).instants(np.array([moment]))[0])


def window_of(timeframe: Timeframe, series: DatetimeSeries | None = None) -> tuple[int, int]:
    """The first and last moment of a window in microseconds; a date alone as end means its whole day."""
    window: Timeframe | Window = timeframe if series is None or isinstance(series.within, str) else series.within
    return moment_of(window.start, timeframe), moment_of(window.end, timeframe, is_end=True)


def day_window(series: DatetimeSeries) -> tuple[int, int]:
    """The first and last microsecond of a day that a time column may have."""
    if isinstance(series.within, str):
        return 0, DAY - 1
    return parse_time(series.within.start), parse_time(series.within.end)


def grid_of(timeframe: Timeframe, spec: ColumnSpec, series: DatetimeSeries) -> Grid:
    """The points of a datetime column; dates lie on days at the finest, on the days that local clocks show; times within one day."""
    if spec.type is ColumnType.TIME:
        return make_grid(*day_window(series), series.freq or "S")
    start, end = window_of(timeframe, series)
    zone, freq = clock_of(timeframe).zone, series.freq or timeframe.freq
    if spec.type is ColumnType.DATE:
        freq = "D" if re.fullmatch(r"[0-9]*(s|t|min|h)", freq, re.IGNORECASE) else freq
        if zone is not None:
            start, end = (int(moment) for moment in zone.local(np.array([start, end])))
        return make_grid(start, end, freq)
    return make_grid(start, end, freq) if zone is None else make_zoned_grid(zone, start, end, freq)


def patterns_of(spec: ColumnSpec, series: DatetimeSeries) -> list[tuple[str, tuple[float, ...]]]:
    """All the weights by which a datetime column is drawn: its patterns and its seasonality modifiers."""
    patterns: list[tuple[str, tuple[float, ...]]] = []
    for pattern in ([series.pattern] if series.pattern else []) + list(series.patterns):
        weights = (pattern.weights.workday, pattern.weights.holiday) if isinstance(pattern, HolidayPattern) else pattern.weights
        patterns.append((pattern.dimension, weights))
    patterns += [(modifier.args.dimension, modifier.args.weights) for modifier in spec.modifiers if isinstance(modifier, Seasonality)]
    return [(str(dimension), weights) for dimension, weights in patterns]


def time_source(
    timeframe: Timeframe, spec: ColumnSpec, series: DatetimeSeries, factors: Sequence[StepFunction] = (), finest: str | None = None
) -> TimeTable | None:
    """The table of a datetime column; None where all its weights are 0."""
    found = clock_of(timeframe)
    if spec.type is not ColumnType.DATETIME:
        found = found.on_wall if spec.type is ColumnType.DATE else clock(None, None)
    return TimeTable.of(grid_of(timeframe, spec, series), patterns_of(spec, series), factors, finest, found)


def curve_values(curve_type: str, a: float, b: float, ages: Floats) -> Floats:
    """A curve at ages, shape (n,): linear a + b*age, exponential a * e^(b*age), logarithmic a + b*ln(1 + age)."""
    if curve_type == "linear":
        return a + b * ages
    if curve_type == "exponential":
        return a * exp(b * ages)
    return a + b * log(1.0 + ages)
