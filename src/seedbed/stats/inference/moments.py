"""Dates, times and datetimes: a window, a grid, weights by hour, weekday and month; where these don't tell it, a mixture of windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.zones import zone
from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.inference.made import Made, Spec, shares, shortened, type_of
from seedbed.stats.values import DAY_US, Counts, Floats

#: A pattern is told where it moves that share of the rows; the second part is chance's, by the number of rows.
_SEEN, _CHANCE = 0.015, 1.2

#: How far the shares up to any moment may be from the data's.
NEAR = 0.012

#: Moments that are listed: so few, each that often on the average.
MOST_LISTED, _LEAST_REPEATS = 40, 10

#: Windows of a mixture.
_WINDOWS = (4, 8, 16, 32)

#: So many rows stand beyond the ends of days that are somebody's own.
_HIDDEN_ROWS = 5

#: So many minutes or seconds make a grid of their own.
_ROUND = frozenset([5, 10, 15, 20, 30])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MINUTE, _HOUR = 1_000_000, 60_000_000, 3_600_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Where moments lie: the model's name of it, and its step in microseconds."""

    freq: str
    step: int


@dataclass(frozen=True, slots=True)
class Times:
    """A column of moments as clocks on the wall show them, in microseconds; `days` and `counts` say how many on each day."""

    kind: Spec
    grid: Grid
    low: int
    high: int
    rows: int
    days: Counts
    counts: Floats
    hours: Counts | None
    edges: Floats

    @property
    def is_day(self) -> bool:
        """Whether it holds days."""
        return bool(self.kind["type"] == "date")


def times_of(column: ColumnSummary, sample: pa.Array, *, is_own: bool = False) -> Times:
    """What is known of a column's moments; of somebody's own the ends are not told exactly."""
    values = local_moments(column, sample)
    cells = column.quantiles.cells()
    beyond = min(_HIDDEN_ROWS, cells.total // 4) / max(cells.total, 1) if is_own else 0.0
    ends = np.array([cells.quantile(beyond), cells.quantile(1 - beyond)] if is_own else [column.low, column.high], np.float64)
    levels = np.arange(0, 257) / 256
    edges = np.concatenate([[ends[0]], [cells.quantile(share) for share in levels[1:-1].tolist()], [ends[1]]])
    low, high = (int(value) for value in _local(column, ends.astype(np.int64)).tolist())
    grid = grid_of(values, is_day=pa.types.is_date(column.type))
    days, counts = column.periods.days()
    inside = (days >= low // DAY_US) & (days <= high // DAY_US)
    hours = column.periods.by_hour()
    told = _local(column, edges.astype(np.int64)).astype(np.float64)
    return Times(type_of(column.type), grid, low, high, column.periods.total, days[inside], counts[inside].astype(np.float64), hours, told)


def local_moments(column: ColumnSummary, sample: pa.Array) -> Counts:
    """Moments of a sample as clocks on the wall show them, shape (n,), nulls left out."""
    numbers = numbers_of(sample)
    return _local(column, numbers[np.isfinite(numbers)].astype(np.int64))


def _local(column: ColumnSummary, moments: Counts) -> Counts:
    return moments if column.zone in {None, "UTC"} else np.asarray(zone(str(column.zone)).local(moments), np.int64)


def grid_of(moments: Counts, *, is_day: bool) -> Grid:
    """The coarsest grid that holds all moments, shape (n,).

    >>> grid_of(np.array([0, 900_000_000, 2_700_000_000]), is_day=False).freq
    '15T'
    """
    days = moments // DAY_US
    if is_day or not len(moments) or not (moments % DAY_US).any():
        return Grid(_day_freq(np.unique(days)), DAY_US)
    step = int(np.gcd.reduce(moments % DAY_US))
    for unit, name in ((_HOUR, "H"), (_MINUTE, "T"), (_SECOND, "S")):
        if step % unit == 0:
            times = step // unit if name != "H" and step // unit in _ROUND else 1
            return Grid(f"{times}{name}" if times > 1 else name, unit * times)
    return Grid("S", _SECOND)  # no grid of a model is finer


def _day_freq(days: Counts) -> str:
    if len(days) < 3:
        return "D"
    moments = days.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    weekdays = (days + 3) % 7
    if (moments == months.astype("datetime64[D]")).all():
        return "MS"
    if (moments + 1 == (months + 1).astype("datetime64[D]")).all():
        return "M"
    if len(days) >= 5 and (weekdays == 0).all():
        return "W"
    return "B" if len(days) >= 20 and (weekdays < 5).all() else "D"


def moments_made(column: ColumnSummary, sample: pa.Array, *, is_own: bool = False) -> Made:
    """What fills a column of dates or datetimes."""
    kind = type_of(column.type)
    if column.rows == column.nulls:
        return Made({**kind, "constant": {"value": None}}, "nothing but nulls")
    times = times_of(column, sample, is_own=is_own)
    withheld = f"the {_HIDDEN_ROWS} earliest and latest" if is_own else None
    if times.low == times.high:
        return Made({**kind, "constant": {"value": moment_text(times.low, is_day=times.is_day)}}, "one value in all rows")
    spec, distance = series_of(times)
    if distance <= NEAR + _CHANCE / max(times.rows, 1) ** 0.5:
        return Made({**kind, "datetime_series": spec}, _told(times, spec), withheld=withheld)
    if not is_own and (listed := _listed(column, is_day=times.is_day)) is not None:
        return Made({**kind, **listed}, "the moments seen, by how often they come")
    return Made({**kind, "mixture": mixture_of(times)}, f"windows of as many rows each, on the grid {times.grid.freq}", withheld=withheld)


def _listed(column: ColumnSummary, *, is_day: bool) -> Spec | None:
    """Few moments that come again and again, with their weights; of columns with a zone none."""
    exact = column.quantiles.exact
    if not exact.is_exact or len(exact.values) > MOST_LISTED or len(exact.values) * _LEAST_REPEATS > exact.total or column.zone is not None:
        return None
    counts = dict(zip((moment_text(int(value), is_day=is_day) for value in exact.values.tolist()), exact.counts.tolist(), strict=True))
    return {"choice": {"choices": list(counts), "weights": shares(counts)}}


def _told(times: Times, spec: Spec) -> str:
    patterns = [pattern["dimension"] for pattern in spec.get("patterns", ())]
    return f"between the ends seen, on the grid {times.grid.freq}" + (
        f"; weights by {', '.join(patterns)} as counted" if patterns else ", evenly"
    )


def window(times: Times) -> Spec:
    """The first and the last moment."""
    return {"start": moment_text(times.low, is_day=times.is_day), "end": moment_text(times.high, is_day=times.is_day)}


def moment_text(moment: int, *, is_day: bool) -> str:
    """A moment as a model writes it.

    >>> moment_text(86_400_000_000, is_day=True), moment_text(1_000_000, is_day=False)
    ('1970-01-02', '1970-01-01T00:00:01')
    """
    told = (_EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None)
    return told.date().isoformat() if is_day else told.isoformat()


def series_of(times: Times, density: Floats | None = None) -> tuple[Spec, float]:
    """A `datetime_series` with the weights that show, and how far the shares up to any day are from those of the data.

    `density` says how many moments there would be on each day from the first to the last where nothing kept them away.
    """
    first, last = times.low // DAY_US, times.high // DAY_US
    days = np.arange(first, last + 1)
    counted = np.zeros(len(days))
    counted[times.days - first] = times.counts
    wanted = counted if density is None else density
    base = _base(times, days)
    month, dow = _fitted(wanted, counted, base, days, times)
    weights = base * month[_months(days)] * dow[_weekdays(days)]
    spec: Spec = {"within": window(times), "freq": times.grid.freq}
    patterns = _patterns(times, month, dow)
    spec |= {"patterns": patterns} if patterns else {}
    return spec, _apart(wanted, weights)


def _base(times: Times, days: Counts) -> Floats:
    """How much of each day lies on the grid and within the ends."""
    base = np.ones(len(days))
    if times.grid.freq == "B":
        base = (_weekdays(days) < 5).astype(np.float64)
    elif times.grid.freq in {"W", "M", "MS"}:
        moments = days.astype("datetime64[D]")
        months = moments.astype("datetime64[M]")
        on = {
            "W": _weekdays(days) == 0,
            "MS": moments == months.astype("datetime64[D]"),
            "M": moments + 1 == (months + 1).astype("datetime64[D]"),
        }
        base = on[times.grid.freq].astype(np.float64)
    elif not times.is_day and times.grid.step < DAY_US and times.low % DAY_US + times.high % DAY_US:
        hours = np.ones(24) if times.hours is None else times.hours.astype(np.float64) + 1e-9
        running = np.concatenate([[0.0], np.cumsum(hours / hours.sum())])
        places = np.arange(25) * float(_HOUR)
        started, ended = (float(np.interp(end % DAY_US, places, running)) for end in (times.low, times.high))
        base[0] -= started
        base[-1] -= 1.0 - ended
        base = np.maximum(base, 1e-9)
    return base


def _months(days: Counts) -> Counts:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12, np.int64)


def _weekdays(days: Counts) -> Counts:
    return np.asarray((days + 3) % 7, np.int64)


def _fitted(wanted: Floats, counted: Floats, base: Floats, days: Counts, times: Times) -> tuple[Floats, Floats]:
    """Weights of months and weekdays that together give the numbers on all days; 1 where nothing shows (iterative proportional fitting)."""
    month, dow = np.ones(12), np.ones(7)
    if len(days) < 2 or not counted.sum():
        return month, dow
    months, weekdays = _months(days), _weekdays(days)
    for _ in range(12):
        if len(days) >= 14 and times.grid.freq not in {"W", "M", "MS"}:
            dow = _ratio(counted, base * month[months], weekdays, 7)
        if len(days) >= 45:
            month = _ratio(wanted, base * dow[weekdays], months, 12)
    rows = float(times.rows)
    month = month if _shows(month, base * dow[weekdays], months, rows) else np.ones(12)
    return month, dow if _shows(dow, base * month[months], weekdays, rows) else np.ones(7)


def _ratio(counts: Floats, expected: Floats, groups: Counts, size: int) -> Floats:
    seen, told = np.bincount(groups, counts, size), np.bincount(groups, expected, size)
    found = np.where(told > 0, seen / np.where(told > 0, told, 1.0), 0.0)
    mean = seen.sum() / max(told.sum(), 1e-12)
    return np.asarray(found / mean if mean > 0 else np.ones(size))


def _shows(weights: Floats, base: Floats, groups: Counts, rows: float) -> bool:
    """Whether the weights move more rows than chance does."""
    even, moved = np.bincount(groups, base, len(weights)), np.bincount(groups, base * weights[groups], len(weights))
    apart = float(np.abs(even / even.sum() - moved / max(moved.sum(), 1e-12)).sum()) / 2
    return bool(apart > _SEEN + _CHANCE * 0.25 * (len(weights) / rows) ** 0.5)


def _patterns(times: Times, month: Floats, dow: Floats) -> list[Spec]:
    found: list[Spec] = []
    if times.hours is not None and not times.is_day and times.grid.step <= _HOUR:
        span = (times.high - times.low) / DAY_US
        hours = times.hours.astype(np.float64) * (24 / max(float(times.hours.sum()), 1.0))
        if span >= 2 and _shows(hours, np.ones(24), np.arange(24), float(times.rows)):
            found.append(_pattern("hour", hours))
    if (dow != 1).any() and not (times.grid.freq == "B" and _is_even(dow[:5])):
        found.append(_pattern("dow", dow))
    if (month != 1).any():
        found.append(_pattern("month", month))
    return found


def _is_even(weights: Floats) -> bool:
    return bool(float(np.ptp(weights)) <= 0.05)


def _pattern(dimension: str, weights: Floats) -> Spec:
    return {"dimension": dimension, "weights": [shortened(weight, 3) for weight in weights.tolist()]}


def _apart(wanted: Floats, weights: Floats) -> float:
    return float(np.abs(np.cumsum(wanted) / max(wanted.sum(), 1e-12) - np.cumsum(weights) / max(weights.sum(), 1e-12)).max())


def mixture_of(times: Times) -> Spec:
    """Windows with the weights of what lies in them; hours and weekdays as counted in the whole."""
    unit = DAY_US if times.is_day or times.high - times.low > 60 * DAY_US else times.grid.step
    spec, _ = series_of(times)
    freq = times.grid.freq
    patterns = [pattern for pattern in spec.get("patterns", ()) if pattern["dimension"] != "month" and unit == DAY_US]
    parts = windows(times, unit)
    variants: list[Spec] = []
    for start, stop, weight in parts:
        is_day = times.is_day
        inside: Spec = {"within": {"start": moment_text(start, is_day=is_day), "end": moment_text(stop, is_day=is_day)}, "freq": freq}
        usable = [pattern for pattern in patterns if pattern["dimension"] == "hour" or stop - start >= 7 * DAY_US]
        variants.append({"weight": shortened(weight, 4), "then": {"datetime_series": inside | ({"patterns": usable} if usable else {})}})
    return {"variants": variants}


def windows(times: Times, unit: int) -> list[tuple[int, int, float]]:
    """Windows between quantiles: the first and the last moment of each and its share; as few as keep the shares."""
    levels = np.linspace(0.0, 1.0, len(times.edges))
    found: list[tuple[int, int, float]] = []
    for count in _WINDOWS:
        at = np.linspace(0, len(times.edges) - 1, count + 1).astype(np.int64)
        starts = np.unique(times.edges[at[:-1]].astype(np.int64) // unit * unit)
        starts[0] = times.low
        stops = np.append(starts[1:] - times.grid.step, times.high)
        below = np.interp(stops.astype(np.float64), *_rising(times.edges, levels))
        below[-1] = 1.0
        weights = np.diff(np.concatenate([[0.0], below]))
        kept = (weights > 1e-6) & (stops >= starts)
        found = [(int(a), int(b), float(w)) for a, b, w in zip(starts[kept], stops[kept], weights[kept], strict=True)]
        ends = np.concatenate([[starts[0]], stops]).astype(np.float64)
        told = np.interp(times.edges, ends, np.concatenate([[0.0], below]))
        if np.abs(told - levels).max() <= NEAR:
            break
    return found


def _rising(edges: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Quantiles without repeats, each with the greatest level it has."""
    values, places = np.unique(edges[::-1], return_index=True)
    return values, levels[::-1][places]
