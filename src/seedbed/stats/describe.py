"""A column's summary as facts for readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from seedbed.stats.column import ColumnSummary
from seedbed.stats.counts import Top
from seedbed.stats.drift import entropy
from seedbed.stats.facts import ColumnFacts, NumberFacts, Scalar, TextFacts, TimeFacts, TopValue
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.fit import Fit, best_fits
from seedbed.stats.forms import form_of
from seedbed.stats.histograms import histogram
from seedbed.stats.outliers import LIMITS, fence
from seedbed.stats.periods import Periods
from seedbed.stats.quantiles import Cells
from seedbed.stats.series import daily
from seedbed.stats.shapes import CLASSES, TextShapes

#: Frequent values that are told.
MOST_TOP = 10

_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Bars of a column's volume along time.
_MOST_STEPS = 120


def describe(column: ColumnSummary, sample: pa.Array | None = None) -> ColumnFacts:
    """The facts of a column; `sample` holds some of its values, for forms and distributions."""
    told = ColumnFacts(
        column.name, str(column.type), column.kind, column.rows, column.nulls, column.nans, column.infinite,
        column.distinct, column.distinct_exact,
    )  # fmt: skip
    if column.rows == column.nulls:
        return told
    fill = {"number": _number, "flag": _flag, "moment": _moment, "text": _text}.get(column.kind)
    return told if fill is None else fill(told, column, sample)


def moment_text(microseconds: float, *, is_day: bool) -> str:
    """A moment in ISO 8601; its number where no calendar has it.

    >>> moment_text(86_400_000_000, is_day=True)
    '1970-01-02'
    """
    try:
        moment = _EPOCH + timedelta(microseconds=int(microseconds))
    except OverflowError:
        return str(int(microseconds))
    return moment.date().isoformat() if is_day else moment.replace(tzinfo=None).isoformat(sep=" ")


def _number(told: ColumnFacts, column: ColumnSummary, sample: pa.Array | None) -> ColumnFacts:
    if not column.quantiles.count:
        return told
    cells, whole = column.quantiles.cells(), column.fractions == 0
    fences = {method: fence(method, column.quantiles, column.moments) for method in LIMITS}
    numbers = NumberFacts(
        column.moments.mean, column.moments.deviation, column.moments.skewness, column.moments.kurtosis, column.moments.sum,
        column.zeros, column.negative, whole, _quantiles(column), column.quantiles.is_exact,
        {method: found.share_outside(cells) if found else 0.0 for method, found in fences.items()},
        _fits(sample), _benford(column),
    )  # fmt: skip
    return replace(
        told, min=column.low, max=column.high, top=_tops(column.quantiles.exact.top(MOST_TOP)), entropy=_entropy(column),
        histogram=histogram(cells, whole=whole), numbers=numbers,
    )  # fmt: skip


def _quantiles(column: ColumnSummary) -> dict[str, float]:
    return {f"{share:g}": column.quantiles.quantile(share) for share in _SHARES}


def _benford(column: ColumnSummary) -> float | None:
    """Only where the law may be expected to hold: numbers of two sizes and more, most of them different."""
    enough = column.digits.magnitudes >= 2 and column.moments.count >= 1_000 and (column.distinct or 0) >= 100
    return column.digits.deviation if enough else None


def _fits(sample: pa.Array | None) -> tuple[Fit, ...]:
    if sample is None:
        return ()
    numbers = numbers_of(sample)
    numbers = numbers[np.isfinite(numbers)]
    if len(np.unique(numbers[:1_000])) < 10:
        return ()
    return tuple(best_fits(numbers)[:3])


def _flag(told: ColumnFacts, column: ColumnSummary, sample: pa.Array | None) -> ColumnFacts:
    del sample
    top = tuple(TopValue(bool(top.value), top.count) for top in column.quantiles.exact.top(2))
    return replace(told, min=bool(column.low), max=bool(column.high), top=top, entropy=_entropy(column))


def _moment(told: ColumnFacts, column: ColumnSummary, sample: pa.Array | None) -> ColumnFacts:
    del sample
    is_day = pa.types.is_date(column.type)

    def text(value: float | None) -> str | None:
        return None if value is None else moment_text(value, is_day=is_day)

    top = tuple(TopValue(text(float(each.value)), each.count, each.error) for each in column.quantiles.exact.top(MOST_TOP))
    low, high = text(column.low), text(column.high)
    return replace(told, min=low, max=high, top=top, times=_times(column.periods, column.zone))


def _times(periods: Periods, zone: str | None) -> TimeFacts:
    hours, weekdays = periods.by_hour(), periods.by_weekday()
    series = daily(*periods.days()) if _span(periods) < 4_000_000 else np.zeros(0, np.int64)
    step = max(1, -(-len(series) // _MOST_STEPS))
    volume = np.add.reduceat(series, np.arange(0, len(series), step)) if len(series) else series
    weekend = float(weekdays[5:].sum()) / max(periods.total, 1)
    return TimeFacts(
        None if hours is None else tuple(hours.tolist()), tuple(weekdays.tolist()), tuple(periods.by_month().tolist()),
        weekend, tuple(volume.tolist()), step, zone,
    )  # fmt: skip


def _span(periods: Periods) -> int:
    days = periods.days()[0]
    return int(days[-1] - days[0])


def _text(told: ColumnFacts, column: ColumnSummary, sample: pa.Array | None) -> ColumnFacts:
    form, share = (None, 0.0) if sample is None else form_of(_plain(sample))
    texts = _text_facts(column.shapes, form, share)
    return replace(told, top=_tops(column.texts.top(MOST_TOP)), entropy=_entropy(column), texts=texts)


def _plain(sample: pa.Array) -> pa.StringArray:
    valid = sample.drop_null()
    return valid if pa.types.is_string(valid.type) else valid.cast(pa.string())


def _text_facts(shapes: TextShapes, form: str | None, share: float) -> TextFacts:
    lengths = shapes.lengths
    values = lengths.values.astype(np.float64)
    mean = float((values * lengths.counts).sum() / max(lengths.counts.sum(), 1))
    return TextFacts(
        int(values.min()), int(values.max()), mean, histogram(Cells(values, values, lengths.counts), whole=True),
        _tops(shapes.patterns.top(MOST_TOP)), _tops(shapes.outlines.top(MOST_TOP)), shapes.patterns.distinct,
        dict(zip(CLASSES, shapes.texts_with.tolist(), strict=True)), shapes.empty, shapes.padded, form, share,
    )  # fmt: skip


def _entropy(column: ColumnSummary) -> float | None:
    counts = column.texts if column.kind == "text" else column.quantiles.exact
    return entropy(counts.counts.astype(np.float64)) if counts.is_exact else None


def _tops(tops: Sequence[Top]) -> tuple[TopValue, ...]:
    def scalar(value: float | str) -> Scalar:
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value

    return tuple(TopValue(scalar(top.value), top.count, top.error) for top in tops)
