"""Wishes about the outcome: the share of weekends, a mean, the lifts of several influences at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.sums import ExactSums
from seedbed.check.view import Numbers, UnreadableError, View, is_text
from seedbed.core.block import ColumnType, ValueType
from seedbed.core.calendar import DAY_US, HOUR_US, civil_from_days, day_of_week
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    from seedbed.model.generators.datetime_series import Dimension

#: So many groups, and their sums are added in no time.
_FEW_GROUPS = 64

#: Weeks as 1970 began one, on a Thursday: the first Saturday is the third day.
_WEEK_US, _SATURDAY_US, _MONDAY_US = 7 * DAY_US, 2 * DAY_US, 4 * DAY_US


@dataclass(slots=True)
class WeekendState:
    """How many times there are, and how many on a Saturday or Sunday."""

    is_small: ClassVar[bool] = True

    column: str
    times: int = 0
    weekend: int = 0

    def update(self, view: View) -> None:
        """Count a batch."""
        moments = view.local_moments(self.column)
        valid = view.valid(self.column)
        in_week = (moments if valid is None else moments[valid]) % _WEEK_US
        self.times += len(in_week)
        self.weekend += int(np.count_nonzero((in_week >= _SATURDAY_US) & (in_week < _MONDAY_US)))

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.times += other.times
        self.weekend += other.weekend


@dataclass(frozen=True, slots=True)
class Weekends:
    """The times of a column, and those on weekends."""

    table: str
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> WeekendState:
        """Nothing counted yet."""
        return WeekendState(self.column)


@dataclass(frozen=True, slots=True)
class WeekendCheck:
    """The share of times on Saturdays and Sundays lies in [low, high]."""

    about: Promise
    measure: Weekends
    low: float
    high: float

    @property
    def measures(self) -> tuple[Weekends, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the share."""
        rows = states.rows(self.about.table)
        seen = states.of(self.measure)
        if not seen.times:
            raise UnreadableError(f"`{self.measure.column}` holds no time")
        return _within(self.about, seen.weekend / seen.times, self.low, self.high, rows)


@dataclass(frozen=True, slots=True)
class Influencer:
    """A column whose values `names` form strata; further ones are all together the last. With `dimension`, its hours, days or months."""

    column: str
    dimension: Dimension | None
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many strata."""
        return len(self.names) + 1

    def codes(self, view: View) -> NDArray[np.int64]:
        """The stratum of each row, shape (n,); that of a null is the last."""
        if self.dimension is not None:
            codes = self._of_time(view.moments(self.column), self.dimension)
        elif is_text(view.table.types[self.column]):
            codes = view.texts(self.column, lambda texts: self._of_names(texts.to_pylist()))
        else:
            values, place = np.unique(view.numbers(self.column), return_inverse=True)
            codes = self._of_names([_spelt(value, view.table.types[self.column]) for value in values.tolist()])[place]
        valid = view.valid(self.column)
        return codes if valid is None else np.where(valid, codes, len(self.names))

    def _of_time(self, moments: NDArray[np.int64], dimension: Dimension) -> NDArray[np.int64]:
        if dimension == "hour":
            places = (moments // HOUR_US) % 24
        else:
            days = moments // DAY_US
            places = day_of_week(days) if dimension == "dow" else civil_from_days(days)[1]
        return self._of_names([str(place) for place in range(24)])[places]

    def _of_names(self, names: list[str | None]) -> NDArray[np.int64]:
        known = {name: index for index, name in enumerate(self.names)}
        return np.array([known.get(name or "", self.size - 1) for name in names], np.int64)


def _spelt(value: float, kind: ValueType) -> str:
    """A value the way keys of the model spell it."""
    if kind is ColumnType.BOOL:
        return "true" if value else "false"
    if kind is ColumnType.DATE:
        return str(np.datetime64(int(value), "D"))
    return str(np.datetime64(int(value), "us").astype("datetime64[s]")) if kind is ColumnType.DATETIME else str(value)


@dataclass(slots=True)
class StrataState:
    """The exact sums of a metric in each stratum."""

    measure: Strata
    sums: ExactSums

    @property
    def is_small(self) -> bool:
        """Whether adding two is nothing against gathering one."""
        return self.sums.groups <= _FEW_GROUPS

    def update(self, view: View) -> None:
        """Take in a batch; a null metric says nothing."""
        if not self.measure.influences:
            self.sums.add_all(_known(view, self.measure.metric))
            return
        codes = np.zeros(view.rows, np.int64)
        for influence in self.measure.influences:
            codes = codes * influence.size + influence.codes(view)
        numbers = view.numbers(self.measure.metric)
        valid = view.valid(self.measure.metric)
        if valid is not None:
            codes, numbers = codes[valid], numbers[valid]
        self.sums.add(codes, numbers)

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.sums.merge(other.sums)


def _known(view: View, name: str) -> Numbers:
    """The numbers of a column without those of nulls."""
    numbers, valid = view.numbers(name), view.valid(name)
    return numbers if valid is None else numbers[valid]


@dataclass(frozen=True, slots=True)
class Strata:
    """The mean of a metric in each combination of influences; without influences, in the whole table."""

    table: str
    metric: str
    influences: tuple[Influencer, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The metric and the influences."""
        return tuple(dict.fromkeys([self.metric, *(influence.column for influence in self.influences)]))

    @property
    def size(self) -> int:
        """How many strata there can be."""
        return math.prod(influence.size for influence in self.influences)

    def start(self) -> StrataState:
        """Nothing summed yet."""
        return StrataState(self, ExactSums(self.size))


@dataclass(frozen=True, slots=True)
class MeanCheck:
    """The mean lies in [low, high]."""

    about: Promise
    measure: Strata
    low: float
    high: float

    @property
    def measures(self) -> tuple[Strata, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the mean."""
        rows = states.rows(self.about.table)
        sums = states.of(self.measure).sums
        _refuse_odd(sums, self.measure.metric)
        return _within(self.about, sums.mean(0), self.low, self.high, rows)


@dataclass(frozen=True, slots=True)
class LiftCheck:
    """Observed lifts are near the expected ones.

    A stratum is a combination of the influences' values. Its expected lift is the product of their lifts, divided by the mean of these
    products over all rows, so that the mean expected lift is 1; its observed lift is its mean by the mean of all. MAE is the mean of
    |observed - expected| over all rows, MAPE that of |observed - expected| / expected: a stratum counts by its share of the rows.
    """

    about: Promise
    measure: Strata
    lifts: tuple[tuple[float, ...], ...]
    mae: float
    mape: float

    @property
    def measures(self) -> tuple[Strata, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the lifts."""
        rows = states.rows(self.about.table)
        sums = states.of(self.measure).sums
        _refuse_odd(sums, self.measure.metric)
        strata = [stratum for stratum in range(self.measure.size) if sums.counts[stratum]]
        total = int(sums.counts.sum())
        overall = float(sum(sums.total(stratum) for stratum in strata) / total)
        if overall == 0:
            raise UnreadableError(f"the mean of `{self.measure.metric}` is 0, so there are no lifts")
        shares = [int(sums.counts[stratum]) / total for stratum in strata]
        products = [math.prod(lift) for lift in map(self._lifts_of, strata)]
        level = math.fsum(share * product for share, product in zip(shares, products, strict=True))
        expected = [product / level for product in products]
        errors = [abs(sums.mean(stratum) / overall - lift) for stratum, lift in zip(strata, expected, strict=True)]
        mae = math.fsum(share * error for share, error in zip(shares, errors, strict=True))
        mape = math.fsum(share * error / lift for share, error, lift in zip(shares, errors, expected, strict=True))
        observed = f"MAE {mae:.4f}, MAPE {mape:.4f} over {len(strata)} strata"
        return self.about.passed(rows, observed) if mae <= self.mae and mape <= self.mape else self.about.failed(rows, 0, observed)

    def _lifts_of(self, stratum: int) -> Iterator[float]:
        for influence, lifts in zip(reversed(self.measure.influences), reversed(self.lifts), strict=True):
            stratum, code = divmod(stratum, influence.size)
            yield lifts[code]


def _within(about: Promise, observed: float, low: float, high: float, rows: int) -> CheckResult:
    return about.passed(rows, observed) if low <= observed <= high else about.failed(rows, 0, observed)


def _refuse_odd(sums: ExactSums, metric: str) -> None:
    if sums.not_finite:
        raise UnreadableError(f"{sums.not_finite:,} values of `{metric}` are not finite")
    if not sums.counts.sum():
        raise UnreadableError(f"`{metric}` holds no value")
