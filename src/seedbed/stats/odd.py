"""Anomalies of a table: rows far from the others, periods with odd numbers of rows, stretches without any; each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self, TypeAlias

import numpy as np
import pyarrow as pa

from seedbed.stats.column import ColumnSummary
from seedbed.stats.facts import Anomaly
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.forest import IsolationForest, Matrix
from seedbed.stats.outliers import FarRows, Fence, Method, fence, ratio_fence
from seedbed.stats.series import gaps, series_of, timelines, volume_anomalies
from seedbed.stats.table import TableSummary
from seedbed.stats.values import Counts, Floats

OddMethod: TypeAlias = Literal["iqr", "zscore", "mad", "isolation_forest"]

#: How far is far in a search that nobody has tuned: Tukey's "far out", and what a normal distribution has once in some 10,000 rows.
_LIMITS: dict[Method, float] = {"iqr": 3.0, "zscore": 4.0, "mad": 5.0}

#: A column more lopsided than that is measured by ratios where it can be.
_LOPSIDED = 2.0

#: Where more than this share of rows lies beyond a fence, that is how the column is, and no row of it is odd.
_MANY = 0.01

#: Fewer numbers than these have no fence.
_LEAST = 30

#: A row as odd as this is told (Liu, Ting and Zhou: well above 0.5).
_ODD_SCORE = 0.6


def fences(column: ColumnSummary, methods: Sequence[OddMethod]) -> list[Fence]:
    """The fences of a column of numbers by some methods; none below 30 numbers."""
    if column.quantiles.count < _LEAST:
        return []
    found: list[Fence | None] = []
    for method in methods:
        if method == "isolation_forest":
            continue
        lopsided = method == "iqr" and (column.moments.skewness or 0.0) > _LOPSIDED
        ratio = ratio_fence(column.quantiles, _LIMITS["iqr"]) if lopsided else None
        found.append(ratio or fence(method, column.quantiles, column.moments, _LIMITS[method]))
    return [each for each in found if each is not None]


@dataclass(slots=True)
class OddRows:
    """The second pass over a table: rows beyond the fences of each column, and those a forest finds alone."""

    table: TableSummary
    far: dict[str, list[FarRows]]
    forest: IsolationForest | None = None
    features: tuple[str, ...] = ()
    rows: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    values: Matrix = field(default_factory=lambda: np.zeros((0, 0)))
    count: int = 0
    most: int = 10

    @classmethod
    def of(cls, table: TableSummary, names: Sequence[str], methods: Sequence[OddMethod], sample: pa.Table) -> Self:
        """What to look for in columns of numbers.

        Raises:
            PluginError: an isolation forest is wanted and scikit-learn isn't installed.
        """
        far = {name: [FarRows(each) for each in fences(table.columns[name], methods)] for name in names}
        wanted = "isolation_forest" in methods and len(names) > 0 and sample.num_rows > 1
        forest = IsolationForest(_matrix(sample, names)) if wanted else None
        return cls(table, {name: found for name, found in far.items() if found}, forest, tuple(names))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read again."""
        return self.features if self.forest is not None else tuple(self.far)

    def add(self, first: int, batch: pa.RecordBatch) -> None:
        """Look at the rows from number `first` on."""
        rows = np.arange(first, first + batch.num_rows)
        for name, found in self.far.items():
            numbers = numbers_of(batch.column(name))
            held = np.isfinite(numbers)
            for far in found:
                far.add(rows[held], numbers[held])
        if self.forest is not None and batch.num_rows:
            self._score(rows, _matrix(pa.Table.from_batches([batch]), self.features))

    def found(self, table: str) -> Iterator[Anomaly]:
        """What was found, the farthest rows of each column and method."""
        for name, fences in self.far.items():
            for far in fences:
                yield from _far(table, self.table.columns[name], far)
        for row, score, values in zip(self.rows.tolist(), self.scores.tolist(), self.values, strict=True):
            yield Anomaly(table, "", "isolation_forest", f"row {row:,}", self._reason(values, score), row, None, score)

    def _score(self, rows: Counts, matrix: Matrix) -> None:
        assert self.forest is not None
        scores = self.forest.scores(matrix)
        odd = scores > _ODD_SCORE
        self.count += int(odd.sum())
        rows, scores = np.concatenate([self.rows, rows[odd]]), np.concatenate([self.scores, scores[odd]])
        values = np.concatenate([self.values.reshape(-1, len(self.features)), matrix[odd]])
        order = np.lexsort((rows, -scores))[: self.most]
        self.rows, self.scores, self.values = rows[order], scores[order], values[order]

    def _reason(self, values: Floats, score: float) -> str:
        """The columns in which the row is farthest from the median, in quartile ranges."""
        told = []
        for name, value in zip(self.features, values.tolist(), strict=True):
            quantiles = self.table.columns[name].quantiles
            if quantiles.count and np.isfinite(value):
                low, middle, high = (quantiles.quantile(share) for share in (0.25, 0.5, 0.75))
                told.append((abs(value - middle) / ((high - low) or 1.0), f"{name} = {value:.6g} (median {middle:.6g})"))
        strongest = ", ".join(text for _, text in sorted(told, reverse=True)[:3])
        return f"score {score:.2f}, {self.count:,} rows above {_ODD_SCORE:g}; {strongest}"


def odd_periods(table: str, column: ColumnSummary, most: int = 10) -> Iterator[Anomaly]:
    """Periods with far more or fewer rows than their like, and stretches without any: minutes to months, as the data's span has it."""
    line = series_of(column.periods)
    for volume in (volume_anomalies(line) if line is not None else ())[:most]:
        assert line is not None
        near = ", ".join(f"{count:,}" for count in volume.neighbours)
        like = line.step.place if line.cycle > 1 else f"the {line.step.name}s before and after"
        when = line.step.text(volume.period)
        what = f"{volume.count:,} rows {_IN.get(line.step.name, 'on')} {when}"
        reason = f"{volume.expected:,.0f} expected; {like}: {near}"
        yield Anomaly(table, column.name, "volume_anomaly", what, reason, None, when, volume.score)
    finest = next(timelines(column.periods), None)
    for gap in (gaps(finest) if finest is not None else ())[:most]:
        assert finest is not None
        name, first = finest.step.name, finest.step.text(gap.first)
        reason = f"{gap.length:,} {name}{'' if gap.length == 1 else 's'} where about {gap.usual:,.1f} rows {_EACH.get(name, 'a')} {name} are usual"
        what = f"no row from {first} to {finest.step.text(gap.last)}"
        yield Anomaly(table, column.name, "gap", what, reason, None, first, float(gap.length))


_IN = {"minute": "in the minute", "hour": "in the hour from", "week": "in the week from", "month": "in"}
_EACH = {"hour": "an"}


def _far(table: str, column: ColumnSummary, far: FarRows) -> Iterator[Anomaly]:
    fence = far.fence
    share = far.count / max(column.quantiles.count, 1)
    if share > _MANY:
        what = f"{far.count:,} values ({share:.1%}) from {fence.low:.6g} down or {fence.high:.6g} up"
        yield Anomaly(table, column.name, fence.method, what, f"so many ({fence.told}) are long tails rather than mistakes", score=share)
        return
    near = (column.quantiles.quantile(0.01), column.quantiles.quantile(0.99))
    for row, value in zip(far.rows.tolist(), far.values.tolist(), strict=True):
        side = f"above {fence.high:.6g}" if value > fence.high else f"below {fence.low:.6g}"
        beyond = (value - fence.high) if value > fence.high else (fence.low - value)
        reason = f"{side} ({fence.told}); 98 of 100 are from {near[0]:.6g} to {near[1]:.6g}"
        told = int(value) if column.fractions == 0 and abs(value) < 2**53 else value
        score = beyond / max(fence.high - fence.low, 1e-300)
        yield Anomaly(table, column.name, fence.method, f"row {row:,}: {told:,}", reason, row, told, score)


def _matrix(table: pa.Table, names: Sequence[str]) -> Matrix:
    return np.column_stack([numbers_of(table[name].combine_chunks()) for name in names])
