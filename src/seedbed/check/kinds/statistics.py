"""Kinds of checks about figures and distributions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from seedbed.check.check import Check
from seedbed.check.clocks import PeriodsOf, ProfileCheck
from seedbed.check.distributions import Steps
from seedbed.check.figures import CountsOf, FigureCheck, ModeCheck, Summarised, figure_measure
from seedbed.check.kinds.bounds import listed, range_text, stored_values
from seedbed.check.kinds.scope import Scope, promise, quoted, spec_kind
from seedbed.check.outcome import Plain
from seedbed.check.spread import CorrelationCheck, DriftCheck, FitCheck, ForestCheck, OutlierCheck, PairOf, ShareReference
from seedbed.check.targets import Influencer, LiftCheck, Strata, WeekendCheck, Weekends
from seedbed.check.view import UnreadableError, is_text
from seedbed.core.block import ColumnType, DecimalType, scale_of
from seedbed.core.calendar import DAY_US
from seedbed.model.checks import statistics as params
from seedbed.model.checks.base import OfColumn, Statistic

if TYPE_CHECKING:
    from seedbed.model.checks.fits import Fit

_SQL = {"min": "min", "max": "max", "mean": "avg", "sum": "sum", "stddev": "stddev_samp"}


def figure(spec: Statistic, scope: Scope) -> Iterator[Check]:
    """Least, greatest, mean, sum, deviation."""
    kind = spec_kind(spec)
    for name in spec.each:
        held = scope.number(name)
        scale = scale_of(held) if kind in ("min", "max") else 0
        query = _select(spec, scope, f"{_SQL[kind]}({quoted(name)})")
        about = promise(spec, scope, (name,), range_text(spec.min, spec.max), query=query)
        yield FigureCheck(about, figure_measure(kind, scope.table, name), kind, spec.min, spec.max, scale=scale)


def _select(spec: OfColumn, scope: Scope, what: str) -> str:
    return f"SELECT {what} FROM {quoted(scope.table)}" + (f" WHERE {spec.where}" if spec.where else "")  # noqa: S608 - shown, not run


def quantile(spec: params.Quantile | params.Median, scope: Scope) -> Iterator[Check]:
    """The median and other quantiles."""
    q = spec.q if isinstance(spec, params.Quantile) else 0.5
    for name in spec.each:
        scope.number(name)
        ending = "median" if isinstance(spec, params.Median) else f"quantile_{q:g}"
        query = _select(spec, scope, f"quantile_cont({quoted(name)}, {q!r})")
        about = promise(spec, scope, (name,), range_text(spec.min, spec.max), name=f"{scope.table}.{name}.{ending}", query=query)
        yield FigureCheck(about, Summarised(scope.table, name, "quantiles"), "quantile", spec.min, spec.max, q)


def mode(spec: params.Mode, scope: Scope) -> Iterator[Check]:
    """The most frequent value."""
    for name in spec.each:
        about = promise(spec, scope, (name,), f"one of {listed(spec.values)}", query=_select(spec, scope, f"mode({quoted(name)})"))
        yield ModeCheck(about, CountsOf(scope.table, name), _as_counted(scope, name, spec.values))


def _as_counted(scope: Scope, name: str, values: tuple[Plain, ...]) -> tuple[int | float | str, ...]:
    """Values as they are counted: decimals as floats, dates in microseconds."""
    kind = scope.column(name)
    held = stored_values(scope, name, [value for value in values if value is not None])
    if isinstance(kind, DecimalType):
        return tuple(value / 10**kind.scale for value in held if not isinstance(value, str))
    if kind is ColumnType.DATE:
        return tuple(value * DAY_US for value in held if not isinstance(value, str))
    return held


def entropy(spec: params.Entropy, scope: Scope) -> Iterator[Check]:
    """How evenly values are spread."""
    for name in scope.columns(spec.each):
        about = promise(spec, scope, (name,), f"{range_text(spec.min, spec.max)} bits")
        yield FigureCheck(about, CountsOf(scope.table, name), "entropy", spec.min, spec.max)


def weekend_share(spec: params.WeekendShare, scope: Scope) -> Iterator[Check]:
    """Moments on Saturdays and Sundays."""
    for name in spec.each:
        query = _select(spec, scope, f"avg((isodow({quoted(name)}) >= 6)::INT)")
        about = promise(spec, scope, (name,), range_text(spec.min, spec.max), query=query)
        low, high = (0.0 if spec.min is None else spec.min), (1.0 if spec.max is None else spec.max)
        yield WeekendCheck(about, Weekends(scope.table, scope.time(name)), low, high)


def profile(spec: params.HourProfile | params.DowProfile, scope: Scope) -> Iterator[Check]:
    """How moments are spread over the day or the week."""
    if not sum(spec.shares):
        raise UnreadableError("all of `shares` are 0")
    by: Literal["hour", "dow"] = "hour" if isinstance(spec, params.HourProfile) else "dow"
    for name in spec.each:
        about = promise(spec, scope, (name,), f"within {spec.tolerance:g} of the shares")
        yield ProfileCheck(about, PeriodsOf(scope.table, scope.time(name)), by, spec.shares, spec.tolerance)


def correlation(spec: params.Correlation, scope: Scope) -> Iterator[Check]:
    """How two columns go together."""
    one, other = spec.columns
    scope.number(one)
    scope.number(other)
    query = f"SELECT corr({quoted(one)}, {quoted(other)}) FROM {quoted(scope.table)}"  # noqa: S608 - shown, not run
    about = promise(spec, scope, spec.columns, range_text(spec.min, spec.max), name=f"{scope.table}.{one}_{other}.correlation", query=query)
    yield CorrelationCheck(about, PairOf(scope.table, (one, other)), spec.min, spec.max)


def drift(spec: params.Drift, scope: Scope) -> Iterator[Check]:
    """How far values are from a reference."""
    for name in spec.each:
        kind = scope.column(name)
        is_named = is_text(kind) or kind is ColumnType.BOOL or spec.shares is not None
        about = promise(spec, scope, (name,), f"{spec.method} at most {spec.max:g}")
        if is_named and spec.method in ("ks", "wasserstein"):
            raise UnreadableError(f"`{spec.method}` needs numbers, `{name}` is {kind.value}")
        if spec.reference is not None:
            table, _, column = spec.reference.partition(".")
            other = scope.column(column, table)
            if is_text(other) != is_text(kind):
                raise UnreadableError(f"`{name}` is {kind.value}, `{spec.reference}` is {other.value}")
            one, two = (_summary(where, what, is_named=is_named) for where, what in ((scope.table, name), (table, column)))
            yield DriftCheck(about, one, two, spec.method, spec.max)
        elif spec.shares is not None:
            reference = ShareReference(tuple(spec.shares), tuple(spec.shares.values()))
            yield DriftCheck(about, CountsOf(scope.table, name), reference, spec.method, spec.max)
        else:
            scope.number(name)
            reference = ShareReference((), spec.weights or (), spec.edges or ())
            yield DriftCheck(about, Summarised(scope.table, name, "quantiles"), reference, spec.method, spec.max)


def _summary(table: str, column: str, *, is_named: bool) -> Summarised | CountsOf:
    return CountsOf(table, column) if is_named else Summarised(table, column, "quantiles")


def fit(spec: Fit, scope: Scope) -> Iterator[Check]:
    """Whether values follow a distribution."""
    from seedbed.plan.expected import expected_shares

    for name in spec.each:
        kind = scope.number(name)
        decimals = kind.scale if isinstance(kind, DecimalType) else spec.distribution.decimals
        places, shares = expected_shares(spec.distribution, whole=kind is ColumnType.INT, decimals=decimals)
        limit = "0.02 + 1.63 / sqrt(n)" if spec.max is None else f"{spec.max:g}"
        about = promise(spec, scope, (name,), f"{spec.distribution.type}, KS at most {limit}")
        yield FitCheck(about, Steps(scope.table, name, tuple(places.tolist())), tuple(shares.tolist()), spec.max)


def outliers(spec: params.Outliers, scope: Scope) -> Iterator[Check]:
    """Values far from the others."""
    for name in spec.each:
        scope.number(name)
        about = promise(spec, scope, (name,), f"none by {spec.method}")
        if spec.method == "isolation_forest":
            yield ForestCheck(about, Summarised(scope.table, name, "extremes"), spec.limit or 0.6)
        else:
            summaries = (Summarised(scope.table, name, "quantiles"), Summarised(scope.table, name, "moments"))
            yield OutlierCheck(about, *summaries, spec.method, spec.limit)


def benford(spec: params.Benford, scope: Scope) -> Iterator[Check]:
    """Leading digits."""
    for name in spec.each:
        scope.number(name)
        about = promise(spec, scope, (name,), f"a mean deviation of at most {spec.max:g}")
        yield FigureCheck(about, Summarised(scope.table, name, "digits"), "benford", None, spec.max)


def composite_effect(spec: params.CompositeEffectCheck, scope: Scope) -> Iterator[Check]:
    """Lifts of several influences at once."""
    scope.number(spec.metric)
    influences = tuple(Influencer(column, None, tuple(lifts)) for column, lifts in spec.lifts.items())
    measure = Strata(scope.table, spec.metric, influences)
    scope.columns(measure.columns)
    if measure.size > 10_000:
        raise UnreadableError(f"the influences have {measure.size:,} combinations; at most 10,000 can be compared")
    expected = f"MAE <= {spec.mae:g}, MAPE <= {spec.mape:g}"
    about = promise(spec, scope, measure.columns, expected, name=f"{scope.table}.{spec.metric}.composite_effect")
    yield LiftCheck(about, measure, tuple((*lifts.values(), 1.0) for lifts in spec.lifts.values()), spec.mae, spec.mape)
