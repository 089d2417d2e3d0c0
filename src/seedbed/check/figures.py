"""Figures of a column that must lie within bounds: extremes, mean, deviation, quantiles, distinct values, entropy, the most frequent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field
from decimal import Context, Decimal
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.check.check import Measure, Promise, State, States, Tables
from seedbed.check.outcome import CheckResult, Plain
from seedbed.check.targets import Strata
from seedbed.check.uniqueness import KeysOf
from seedbed.check.values import NotNull, Tally
from seedbed.check.view import Numbers, UnreadableError, View
from seedbed.core.records import dataclass
from seedbed.stats.benford import FirstDigits
from seedbed.stats.counts import ValueCounts, counted_numbers, counted_texts
from seedbed.stats.drift import entropy
from seedbed.stats.moments import Moments
from seedbed.stats.quantiles import Quantiles
from seedbed.stats.values import kind_of, values_of

#: More digits than any decimal of Arrow has.
_DIGITS = Context(prec=400)

Summary: TypeAlias = Literal["extremes", "moments", "quantiles", "digits"]


@dataclass(slots=True)
class Extremes:
    """The least and the greatest number, infinities among them, and how many there are; decimals in units."""

    count: int = 0
    low: int | float = math.inf
    high: int | float = -math.inf

    def add(self, numbers: Numbers) -> None:
        """Take in numbers, shape (n,)."""
        if len(numbers):
            self.count += len(numbers)
            low, high = np.array([numbers.min(), numbers.max()], numbers.dtype).tolist()
            self.low, self.high = min(self.low, low), max(self.high, high)

    def merge(self, other: Self) -> None:
        """Take in another's."""
        self.count += other.count
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)


_SUMMARIES: dict[Summary, Callable[[], Any]] = {"extremes": Extremes, "moments": Moments, "quantiles": Quantiles, "digits": FirstDigits}


@dataclass(slots=True)
class SummaryState:
    """A summary of a column's numbers, and how many have no place in it: NaN, and infinities where not only ends are looked for."""

    measure: Summarised
    summary: Any
    count: int = 0
    not_finite: int = 0

    def update(self, view: View) -> None:
        """Take in a batch; nulls say nothing."""
        is_of_ends = self.measure.summary == "extremes"
        numbers: NDArray[Any] = (view.exact_numbers if is_of_ends else view.numbers)(self.measure.column)
        valid = view.valid(self.measure.column)
        numbers = numbers if valid is None else numbers[valid]
        if numbers.dtype == object and not is_of_ends:
            numbers = numbers.astype(np.float64)
        if numbers.dtype == np.float64:
            finite = ~np.isnan(numbers) if is_of_ends else np.isfinite(numbers)
            if not finite.all():
                self.not_finite += int(np.count_nonzero(~finite))
                numbers = numbers[finite]
        self.count += len(numbers)
        self.summary.add(numbers)

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.count += other.count
        self.not_finite += other.not_finite
        self.summary.merge(other.summary)


@dataclass(frozen=True, slots=True)
class Summarised:
    """A summary of a column's numbers: days and microseconds where it holds times."""

    table: str
    column: str
    summary: Summary

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> SummaryState:
        """Nothing gathered yet."""
        return SummaryState(self, _SUMMARIES[self.summary]())


def summary_of(states: States, measure: Summarised) -> Any:
    """The summary of a column that holds finite numbers only.

    Raises:
        UnreadableError: it holds none, or others as well.
    """
    state = states.of(measure)
    if state.not_finite:
        what = "NaN" if measure.summary == "extremes" else "not finite"
        raise UnreadableError(f"{state.not_finite:,} values of `{measure.column}` are {what}")
    if not state.count:
        raise UnreadableError(f"`{measure.column}` holds no value")
    return state.summary


@dataclass(slots=True)
class CountsState:
    """How often each value occurs."""

    column: str
    numbers: ValueCounts[Any] = field(default_factory=counted_numbers)
    texts: ValueCounts[Any] = field(default_factory=counted_texts)

    def update(self, view: View) -> None:
        """Count a batch; nulls and NaN are no values."""
        array = view.typed(self.column)
        if kind_of(array.type) == "other" and not pa.types.is_null(array.type):
            raise UnreadableError(f"`{self.column}` is {array.type}, whose values are not counted")
        values = values_of(array)
        if values.numbers is not None:
            self.numbers.add(values.numbers)
        if values.texts is not None:
            self.texts.add(values.texts)

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.numbers.merge(other.numbers)
        self.texts.merge(other.texts)

    def counts(self) -> ValueCounts[Any]:
        """The values and their counts.

        Raises:
            UnreadableError: there is no value.
        """
        found = self.texts if self.texts.total else self.numbers
        if not found.total:
            raise UnreadableError(f"`{self.column}` holds no value")
        return found


@dataclass(frozen=True, slots=True)
class CountsOf:
    """How often each value of a column occurs, exactly up to 50,000 different ones."""

    table: str
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> CountsState:
        """Nothing counted yet."""
        return CountsState(self.column)


def exact_counts(states: States, measure: CountsOf) -> ValueCounts[Any]:
    """The counts of every value.

    Raises:
        UnreadableError: there is no value, or too many different ones.
    """
    counts = states.of(measure).counts()
    if not counts.is_exact:
        raise UnreadableError(f"`{measure.column}` has more than {counts.bound:,} different values")
    return counts


@dataclass(frozen=True, slots=True)
class FigureCheck:
    """A figure lies in [low, high]; `scale` is that of decimals whose ends are looked for."""

    about: Promise
    measure: Measure[Any]
    figure: str
    low: float | None = None
    high: float | None = None
    q: float = 0.5
    scale: int = 0

    @property
    def measures(self) -> tuple[Measure[State], ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the figure."""
        rows = states.rows(self.about.table)
        observed = _FIGURES[self.figure](self, states)
        low, high = (self.low, self.high) if not isinstance(observed, Decimal) else (_written(self.low), _written(self.high))
        is_within = (low is None or observed >= low) and (high is None or observed <= high)
        told = _told(observed)
        return self.about.passed(rows, told) if is_within else self.about.failed(rows, 0, told)


def _written(end: float | None) -> Decimal | None:
    """The end as it was written, which the binary float beside it isn't."""
    return None if end is None else Decimal(repr(end))


def _told(figure: float | Decimal) -> Plain:
    if not isinstance(figure, Decimal):
        return figure
    short = float(figure)
    return short if math.isfinite(short) and Decimal(repr(short)) == figure else str(figure)


def _extreme(check: FigureCheck, states: States) -> float | Decimal:
    found = summary_of(states, check.measure)  # type: ignore[arg-type]  # made with this measure
    value: int | float = found.low if check.figure == "min" else found.high
    return Decimal(value).scaleb(-check.scale, _DIGITS) if check.scale else value


def _mean(check: FigureCheck, states: States) -> float:
    assert isinstance(check.measure, Strata)
    sums = states.of(check.measure).sums
    if sums.not_finite:
        raise UnreadableError(f"{sums.not_finite:,} values of `{check.measure.metric}` are not finite")
    if check.figure == "sum":
        return float(sums.total(0))
    if not sums.counts.sum():
        raise UnreadableError(f"`{check.measure.metric}` holds no value")
    return sums.mean(0)


def _deviation(check: FigureCheck, states: States) -> float:
    found: Moments = summary_of(states, check.measure)  # type: ignore[arg-type]  # made with this measure
    if found.deviation is None:
        raise UnreadableError("one value has no deviation")
    return found.deviation


def _quantile(check: FigureCheck, states: States) -> float:
    """The quantile: as NumPy has it up to 50,000 different numbers, beyond that within 0.2 % of its size."""
    found: Quantiles = summary_of(states, check.measure)  # type: ignore[arg-type]  # made with this measure
    return found.quantile(check.q)


def _nulls(check: FigureCheck, states: States) -> float:
    rows = states.rows(check.measure.table)
    if not rows:
        raise UnreadableError("the table is empty")
    return float(states.of(check.measure).failures.count) / rows


def _distinct(check: FigureCheck, states: States) -> float:
    assert isinstance(check.measure, KeysOf)
    keys = states.of(check.measure).set
    if check.figure == "distinct_count":
        return keys.distinct
    if not keys.rows:
        raise UnreadableError(f"`{check.measure.columns[0]}` holds no value")
    return keys.distinct / keys.rows


def _entropy(check: FigureCheck, states: States) -> float:
    assert isinstance(check.measure, CountsOf)
    return entropy(exact_counts(states, check.measure).counts.astype(np.float64))


def _benford(check: FigureCheck, states: States) -> float:
    found: FirstDigits = summary_of(states, check.measure)  # type: ignore[arg-type]  # made with this measure
    if found.deviation is None:
        raise UnreadableError("all values are 0")
    return found.deviation


_FIGURES: dict[str, Callable[[FigureCheck, States], float | Decimal]] = {
    "min": _extreme,
    "max": _extreme,
    "mean": _mean,
    "sum": _mean,
    "stddev": _deviation,
    "quantile": _quantile,
    "null_share": _nulls,
    "distinct_count": _distinct,
    "distinct_share": _distinct,
    "entropy": _entropy,
    "benford": _benford,
}


def figure_measure(figure: str, table: str, column: str) -> Measure[Any]:
    """What must be gathered for a figure."""
    if figure in ("mean", "sum"):
        return Strata(table, column)
    if figure == "null_share":
        return Tally(table, NotNull(column))
    if figure.startswith("distinct"):
        return KeysOf(table, (column,))
    if figure == "entropy":
        return CountsOf(table, column)
    summaries: dict[str, Summary] = {"stddev": "moments", "quantile": "quantiles", "benford": "digits"}
    return Summarised(table, column, summaries.get(figure, "extremes"))


@dataclass(frozen=True, slots=True)
class ModeCheck:
    """The most frequent value, of several the least, is one of a list."""

    about: Promise
    measure: CountsOf
    values: tuple[int | float | str, ...]

    @property
    def measures(self) -> tuple[CountsOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the mode."""
        rows = states.rows(self.about.table)
        counts = states.of(self.measure).counts()
        best = counts.top(2)
        if not best or (not counts.is_exact and len(best) > 1 and best[0].count <= best[1].count + best[1].error):
            raise UnreadableError(f"`{self.measure.column}` has too many different values to tell the most frequent")
        observed: Plain = _least(counts, best[0].count) if counts.is_exact else best[0].value
        return self.about.passed(rows, observed) if observed in self.values else self.about.failed(rows, 0, observed)


def _least(counts: ValueCounts[Any], most: int) -> Plain:
    """The least of the values that occur most often."""
    places = np.flatnonzero(counts.counts == most)
    found: Plain = min(counts.sort.picked(counts.values, places).tolist())
    return found
