"""Wishes about whole distributions: how far a column's values are from one, and how many children parents have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Check, Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.view import UnreadableError, View
from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    from seedbed.model.constraints import DistributionTarget, Targets
    from seedbed.model.document import ColumnSpec, Model


@dataclass(slots=True)
class StepsState:
    """How many values lie up to each place and above the one before; the last count is of those above all."""

    measure: Steps
    counts: NDArray[np.int64]

    def update(self, view: View) -> None:
        """Count a batch; nulls say nothing."""
        numbers = view.numbers(self.measure.column).astype(np.float64)
        valid = view.valid(self.measure.column)
        numbers = numbers if valid is None else numbers[valid]
        places = np.searchsorted(np.array(self.measure.places), numbers, side="left")
        self.counts += np.bincount(places, minlength=len(self.counts))

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.counts += other.counts


@dataclass(frozen=True, slots=True)
class Steps:
    """How many of a column's values lie up to each of some rising places."""

    table: str
    column: str
    places: tuple[float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> StepsState:
        """Nothing counted yet."""
        return StepsState(self, np.zeros(len(self.places) + 1, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class DistanceCheck:
    """The Kolmogorov-Smirnov distance of a column's values from a distribution is at most `most`; `shares` are those expected."""

    about: Promise
    measure: Steps
    shares: tuple[float, ...]
    most: float

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
        distance = float(np.abs(found - np.array(self.shares)).max(initial=0.0))
        observed = float(f"{distance:.6g}")
        return self.about.passed(rows, observed) if distance <= self.most else self.about.failed(rows, 0, observed)


@dataclass(frozen=True, slots=True)
class FamilyCheck:
    """The mean number of children of a parent is near the one wished for."""

    about: Promise
    parent: str
    mean: float
    tolerance: float
    measures: tuple[()] = ()

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the tables' numbers of rows."""
        rows, parents = states.rows(self.about.table), states.rows(self.parent)
        if not parents:
            raise UnreadableError(f"`{self.parent}` has no rows")
        observed = rows / parents
        is_near = abs(observed - self.mean) <= self.tolerance
        return self.about.passed(rows, observed) if is_near else self.about.failed(rows, 0, observed)


def distribution_checks(model: Model, targets: Targets) -> Iterator[Check]:
    """The checks of the targets `fanout` and `distribution`."""
    for fanout in targets.fanout:
        expected = f"{fanout.mean:g} children, {fanout.tolerance:g} more or less"
        about = Promise(f"{fanout.child}.fanout_{fanout.parent}", "fanout", fanout.child, (), expected, "warning")
        yield FamilyCheck(about, fanout.parent, fanout.mean, fanout.tolerance)
    for target in targets.distribution:
        node = model.node(target.table)
        column = node.column(target.column) if node is not None else None
        if column is not None:
            yield _distance_check(target, column)


def _distance_check(target: DistributionTarget, column: ColumnSpec) -> DistanceCheck:
    from seedbed.plan.expected import expected_shares

    digits = column.digits[1] if column.type is ColumnType.DECIMAL else None
    decimals = digits if target.expected.decimals is None else target.expected.decimals
    places, shares = expected_shares(target.expected, whole=column.type is ColumnType.INT, decimals=decimals)
    name = f"{target.table}.{target.column}.distribution"
    expected = f"{target.expected.type}, within {target.max_ks:g}"
    about = Promise(name, "distribution", target.table, (target.column,), expected, "warning")
    return DistanceCheck(about, Steps(target.table, target.column, tuple(places.tolist())), tuple(shares.tolist()), target.max_ks)
