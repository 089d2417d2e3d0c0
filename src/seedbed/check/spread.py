"""Checks of whole distributions: drift from a reference, the fit of a law, outliers, correlation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.distributions import Steps
from seedbed.check.figures import CountsOf, Summarised, exact_counts, summary_of
from seedbed.check.outcome import CheckResult
from seedbed.check.view import Mask, UnreadableError, View
from seedbed.core.errors import PluginError
from seedbed.core.records import dataclass
from seedbed.stats import drift
from seedbed.stats.association import CoMoments
from seedbed.stats.fit import limit_of
from seedbed.stats.outliers import Fence, fence
from seedbed.stats.quantiles import Cells

Distance: TypeAlias = Literal["ks", "chi2", "psi", "kl", "js", "wasserstein"]

#: A forest is grown on so many rows at most.
_FOREST_ROWS = 100_000

#: How odd a row is that counts as an outlier of an isolation forest.
_ODD = 0.6


@dataclass(frozen=True, slots=True)
class ShareReference:
    """The shares that are expected, of values by their names or of bins between edges."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """The distance of a column's values from those of a reference is at most `most`."""

    about: Promise
    measure: Summarised | CountsOf
    reference: Summarised | CountsOf | ShareReference
    method: Distance
    most: float

    @property
    def measures(self) -> tuple[Summarised | CountsOf, ...]:
        """The summaries of both."""
        return (self.measure,) if isinstance(self.reference, ShareReference) else (self.measure, self.reference)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the distance."""
        rows = states.rows(self.about.table)
        observed = self._of_cells(states) if isinstance(self.measure, Summarised) else self._of_names(states)
        return self.about.passed(rows, observed) if observed <= self.most else self.about.failed(rows, 0, observed)

    def _of_cells(self, states: States) -> float:
        assert isinstance(self.measure, Summarised)
        after: Cells = summary_of(states, self.measure).cells()
        if isinstance(self.reference, ShareReference):
            inner = np.array(self.reference.edges[1:-1])
            counts = np.diff(np.concatenate([[0.0], after.below(inner), [1.0]])) * after.total
            return self._of_counts(np.array(self.reference.weights), counts)
        assert isinstance(self.reference, Summarised)
        before: Cells = summary_of(states, self.reference).cells()
        if self.method == "ks":
            return drift.ks(before, after).distance
        if self.method == "wasserstein":
            return drift.wasserstein(before, after) / (_deviation(before) or 1.0)
        first, second = drift.binned(before, after)
        return self._of_counts(first * before.total, second * after.total)

    def _of_names(self, states: States) -> float:
        assert isinstance(self.measure, CountsOf)
        after = _by_name(states, self.measure)
        if isinstance(self.reference, ShareReference):
            weights = dict(zip(self.reference.names, self.reference.weights, strict=True))
            names = list(dict.fromkeys([*weights, *after]))
            return self._of_counts(
                np.array([weights.get(name, 0.0) for name in names]), np.array([after.get(name, 0) for name in names], float)
            )
        assert isinstance(self.reference, CountsOf)
        return self._of_counts(*drift.aligned(_by_name(states, self.reference), after))

    def _of_counts(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
        if self.method == "chi2":
            is_written = isinstance(self.reference, ShareReference)
            return drift.chi_square(drift.shares_of(before) * after.sum() if is_written else before, after).distance
        functions = {"psi": drift.psi, "kl": drift.kl, "js": drift.js}
        if self.method in functions:
            return functions[self.method](drift.shares_of(before), drift.shares_of(after))
        raise UnreadableError(f"`{self.method}` needs numbers and a reference column")


def _by_name(states: States, measure: CountsOf) -> dict[str, int]:
    counts = exact_counts(states, measure)
    return dict(zip(map(str, counts.values.tolist()), counts.counts.tolist(), strict=True))


def _deviation(cells: Cells) -> float:
    middles = (cells.starts + cells.ends) / 2
    shares = cells.counts / cells.total
    mean = float((middles * shares).sum())
    return math.sqrt(float((shares * (middles - mean) ** 2).sum()))


@dataclass(frozen=True, slots=True)
class FitCheck:
    """The Kolmogorov-Smirnov distance of a column's values from a distribution is at most 0.02 + 1.63 / sqrt(n), or `most`.

    `shares` are those expected up to each place of the measure; `slack` is added for values that another hand has changed.
    """

    about: Promise
    measure: Steps
    shares: tuple[float, ...]
    most: float | None = None
    slack: float = 0.0

    @property
    def measures(self) -> tuple[Steps, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the shares of values up to each place."""
        rows = states.rows(self.about.table)
        counts = states.of(self.measure).counts
        total = int(counts.sum())
        if not total:
            raise UnreadableError(f"`{self.measure.column}` holds no value")
        found = np.cumsum(counts)[:-1] / total
        apart = np.abs(found - np.array(self.shares))
        distance = float(f"{float(apart.max(initial=0.0)):.6g}")
        limit = (limit_of(total) if self.most is None else self.most) + self.slack
        details = {"limit": limit, "n": total, **_thinned(self.measure.places, self.shares, found)}
        return (
            self.about.passed(rows, distance, details=details)
            if distance <= limit
            else self.about.failed(rows, 0, distance, details=details)
        )


def _thinned(places: tuple[float, ...], shares: tuple[float, ...], found: NDArray[np.float64], most: int = 100) -> dict[str, list[float]]:
    step = max(1, len(places) // most)
    return {"places": list(places[::step]), "expected": list(shares[::step]), "observed": found[::step].tolist()}


@dataclass(frozen=True, slots=True)
class OutlierCheck:
    """No value lies beyond the fence that the column's own quantiles, or deviation, make."""

    about: Promise
    quantiles: Summarised
    moments: Summarised
    method: Literal["iqr", "zscore", "mad"]
    limit: float | None = None
    most_share: float | None = None

    @property
    def measures(self) -> tuple[Summarised, ...]:
        """The summaries."""
        return (self.quantiles, self.moments)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows beyond the fence."""
        about = self.about
        rows = states.rows(about.table)
        found = self._fence(states)
        if found is None:
            return about.passed(rows, "the values don't spread")
        cells: Cells = summary_of(states, self.quantiles).cells()
        if cells.starts[0] >= found.low and cells.ends[-1] <= found.high:
            return about.passed(rows, found.told)
        views = tables.again(about.table, self.quantiles.columns)
        if views is None:
            count = round(found.share_outside(cells) * cells.total)
            return self._told(rows, count, found, (), "the rows were not read again, so their number is not exact")
        failures = Failures(about.samples)
        for view in views:
            failures.add(view, self._outside(view, found), self.quantiles.columns)
        return self._told(rows, failures.count, found, tuple(failures.samples), None)

    def _told(self, rows: int, count: int, found: Fence, samples: tuple[Any, ...], reason: str | None) -> CheckResult:
        observed = f"{count:,} beyond {found.low:.6g} to {found.high:.6g} ({found.told})"
        if not count or (self.most_share is not None and count <= self.most_share * rows):
            return self.about.passed(rows, observed)
        return self.about.failed(rows, count, observed, samples, reason)

    def _fence(self, states: States) -> Fence | None:
        return fence(self.method, summary_of(states, self.quantiles), summary_of(states, self.moments), self.limit)

    def _outside(self, view: View, found: Fence) -> Mask:
        outside: Mask = found.is_outside(view.numbers(self.quantiles.column))
        valid = view.valid(self.quantiles.column)
        return outside if valid is None else outside & valid

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows beyond the fence."""
        found = self._fence(states)
        if found is None:
            return Marker((), lambda view: np.zeros(view.rows, np.bool_))
        return Marker(self.quantiles.columns, lambda view: self._outside(view, found))


@dataclass(frozen=True, slots=True)
class ForestCheck:
    """No value is easy to part from the others, as an isolation forest (scikit-learn) has it."""

    about: Promise
    extremes: Summarised
    limit: float = _ODD

    @property
    def measures(self) -> tuple[Summarised, ...]:
        """The summary that tells whether there are numbers."""
        return (self.extremes,)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Grow a forest on the first rows and count the odd ones."""
        rows = states.rows(self.about.table)
        summary_of(states, self.extremes)
        marker, failures = self.marker(states, tables), Failures(self.about.samples)
        for view in self._views(tables):
            failures.add(view, marker.broken(view), self.extremes.columns)
        if not failures.count:
            return self.about.passed(rows)
        return self.about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The odd rows."""
        from seedbed.stats.forest import IsolationForest

        try:
            forest = IsolationForest(self._first(tables))
        except PluginError as error:
            raise UnreadableError(str(error.problems[0])) from error

        def broken(view: View) -> Mask:
            numbers, rows = self._numbers(view)
            found = np.zeros(view.rows, np.bool_)
            if len(rows):
                found[rows] = forest.scores(numbers[:, None]) > self.limit
            return found

        return Marker(self.extremes.columns, broken)

    def _first(self, tables: Tables) -> NDArray[np.float64]:
        pieces: list[NDArray[np.float64]] = []
        for view in self._views(tables):
            pieces.append(self._numbers(view)[0])
            if sum(map(len, pieces)) >= _FOREST_ROWS:
                break
        return np.concatenate(pieces)[:_FOREST_ROWS, None]

    def _views(self, tables: Tables) -> Iterator[View]:
        views = tables.again(self.about.table, self.extremes.columns)
        if views is None:
            raise UnreadableError("a forest reads the table again, which is not there")
        return views

    def _numbers(self, view: View) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        numbers = view.numbers(self.extremes.column).astype(np.float64)
        valid = view.valid(self.extremes.column)
        rows = np.flatnonzero(np.isfinite(numbers) if valid is None else valid & np.isfinite(numbers))
        return numbers[rows], rows


@dataclass(slots=True)
class PairState:
    """Sums of products of two columns."""

    pair: tuple[str, str]
    sums: CoMoments | None = None

    def update(self, view: View) -> None:
        """Take in a batch; rows that lack one of the two say nothing."""
        columns = []
        for name in self.pair:
            numbers = view.numbers(name).astype(np.float64)
            valid = view.valid(name)
            columns.append(numbers if valid is None else np.where(valid, numbers, np.nan))
        if view.rows:
            self._take(CoMoments.of(np.column_stack(columns)))

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        if other.sums is not None:
            self._take(other.sums)

    def _take(self, sums: CoMoments) -> None:
        if self.sums is None:
            self.sums = sums
        else:
            self.sums.merge(sums)


@dataclass(frozen=True, slots=True)
class PairOf:
    """How two columns go together."""

    table: str
    pair: tuple[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return self.pair

    def start(self) -> PairState:
        """Nothing gathered yet."""
        return PairState(self.pair)


@dataclass(frozen=True, slots=True)
class CorrelationCheck:
    """Pearson's correlation of two columns lies in [low, high]."""

    about: Promise
    measure: PairOf
    low: float
    high: float

    @property
    def measures(self) -> tuple[PairOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the correlation."""
        rows = states.rows(self.about.table)
        sums = states.of(self.measure).sums
        found = math.nan if sums is None else float(sums.pearson()[0, 1])
        if math.isnan(found):
            raise UnreadableError("fewer than three rows have both, or one of the columns doesn't vary")
        return self.about.passed(rows, found) if self.low <= found <= self.high else self.about.failed(rows, 0, found)
