"""Pairs of rows: denial constraints, and a table beside another one, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.patterns import flags
from seedbed.check.rules import Read, Touch, column_of, gathered
from seedbed.check.uniqueness import KeysOf
from seedbed.check.view import Mask, UnreadableError, View, is_text
from seedbed.core import compute as pc
from seedbed.core.block import Column, DecimalType
from seedbed.core.records import dataclass

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Order:
    """A comparison of a column of one row with a column of another row."""

    left: str
    op: str
    right: str


@dataclass(frozen=True, slots=True)
class DenialCheck:
    """There are no two rows that agree in `equal` and for which all orders hold; the first row of each such pair fails.

    The columns named are held in memory while it is judged.
    """

    about: Promise
    equal: tuple[str, ...]
    orders: tuple[Order, ...]

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of the table."""
        return (Touch(self.about.table),)

    @property
    def _columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.equal, *(name for order in self.orders for name in (order.left, order.right))]))

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that have such a partner."""
        about = self.about
        rows = states.rows(about.table)
        marker, failures = self.marker(states, tables), Failures(about.samples)
        for view in self._views(tables):
            failures.add(view, marker.broken(view), self._columns)
        if not failures.count:
            return about.passed(rows)
        return about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that have such a partner."""
        numbers, groups, sides = self._gathered(tables)
        broken = np.zeros(len(numbers), np.bool_)
        for ops in product(*(("<", ">") if order.op == "!=" else (order.op,) for order in self.orders)):
            broken |= _has_partner(groups, sides, ops)
        failing = np.sort(numbers[broken])
        return Marker((), lambda view: np.isin(view.row_numbers, failing))

    def _views(self, tables: Tables) -> Iterator[View]:
        views = tables.again(self.about.table, self._columns)
        if views is None:
            raise UnreadableError("pairs of rows need the table once more, which is not there")
        return views

    def _gathered(self, tables: Tables) -> tuple[Ranks, Ranks, list[tuple[Ranks, Ranks]]]:
        """The rows that have all values: their numbers, the group of each, and for each order the ranks of both sides."""
        numbers, groups, values = [], [], []
        for view in self._views(tables):
            valid = view.both_valid(self._columns)
            kept = np.ones(view.rows, np.bool_) if valid is None else valid.copy()
            sides = [(_comparable(view, order.left), _comparable(view, order.right)) for order in self.orders]
            for side in sides:
                for found in side:
                    kept &= ~np.isnan(found) if found.dtype == np.float64 else True
            numbers.append(view.row_numbers[kept])
            groups.append(view.keys(self.equal)[0][kept] if self.equal else np.zeros(int(kept.sum()), np.int64))
            values.append([(left[kept], right[kept]) for left, right in sides])
        if not numbers:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), [(np.zeros(0, np.int64),) * 2 for _ in self.orders]
        ranked = [
            _ranked(np.concatenate([batch[place][0] for batch in values]), np.concatenate([batch[place][1] for batch in values]))
            for place in range(len(self.orders))
        ]
        _, group = np.unique(np.concatenate(groups), return_inverse=True)
        return np.concatenate(numbers), group.astype(np.int64), ranked


def _comparable(view: View, name: str) -> NDArray[Any]:
    """Numbers in the order of the values; texts by their fingerprints, which only tell whether they are equal."""
    if is_text(view.table.types[name]):
        return view.keys([name])[0]
    numbers: NDArray[Any] = view.exact_numbers(name)
    return numbers


def _ranked(left: NDArray[Any], right: NDArray[Any]) -> tuple[Ranks, Ranks]:
    """Both sides as whole numbers in the same order."""
    _, ranks = np.unique(np.concatenate([left, right]), return_inverse=True)
    return ranks[: len(left)].astype(np.int64), ranks[len(left) :].astype(np.int64)


def _has_partner(groups: Ranks, sides: list[tuple[Ranks, Ranks]], ops: tuple[str, ...]) -> Mask:
    """Which rows have another row in their group for which all orders hold; shape (n,).

    Rows are sorted by what the first order asks of the partner; among those that keep it the greatest of what the second one asks is
    known, and the second greatest, should the greatest be the row itself.
    """
    n = len(groups)
    if not n:
        return np.zeros(0, np.bool_)
    (left, right), strict = _turned(sides[0], ops[0]), ops[0] in ("<", ">")
    wanted, offered, second_strict = np.zeros(n, np.int64), np.ones(n, np.int64), True
    if len(sides) > 1:
        wanted, offered = _turned(sides[1], ops[1])
        second_strict = ops[1] in ("<", ">")
    span = int(max(left.max(), right.max(), wanted.max(), offered.max())) + 2
    # partners in the order of group and of the first side, greatest first: those that keep the first order stand before a place
    order = np.lexsort((-right, groups))
    place = np.searchsorted((groups * span - right)[order], groups * span - left, side="left" if strict else "right")
    value = (offered + groups * span)[order]
    best = np.maximum.accumulate(value)
    before = np.concatenate([[-1], best[:-1]])
    holder = np.maximum.accumulate(np.where(value > before, np.arange(n), 0))
    second = np.maximum.accumulate(np.minimum(value, before))
    last = np.maximum(place - 1, 0)
    mine = order[holder[last]] == np.arange(n)
    found = np.where(mine, second[last], best[last])
    floor = groups * span
    holds = found > wanted + floor if second_strict else found >= wanted + floor
    partnered: Mask = holds & (found >= floor) & (place > 0)
    return partnered


def _turned(side: tuple[Ranks, Ranks], op: str) -> tuple[Ranks, Ranks]:
    """Both sides so that `left < right` or `left <= right` is asked, all of them from 0 on."""
    if op in ("<", "<="):
        return side
    most = max(int(side[0].max()), int(side[1].max()))
    return most - side[0], most - side[1]


@dataclass(frozen=True, slots=True)
class ReconcileCheck:
    """The rows are those of another table, key by key; values that are compared are alike. What it reads of the other table is held in memory."""

    about: Promise
    own: KeysOf
    theirs: KeysOf
    compared: tuple[tuple[str, str], ...]
    tolerance: float

    @property
    def measures(self) -> tuple[KeysOf, ...]:
        """The keys of both sides."""
        return (self.own, self.theirs)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that are missing on one side, and those that differ."""
        about = self.about
        rows = states.rows(about.table)
        states.rows(self.theirs.table)
        extra = len(states.of(self.theirs).set.missing_from(states.of(self.own).set))
        marker, failures = self.marker(states, tables), Failures(about.samples)
        views = tables.again(about.table, marker.columns)
        if views is None:
            raise UnreadableError("both tables are read again, and one is not there")
        for view in views:
            failures.add(view, marker.broken(view), marker.columns)
        if not failures.count and not extra:
            return about.passed(rows)
        observed = f"{failures.count:,} rows differ or are not in {self.theirs.table}, {extra:,} of its keys are missing here"
        return about.failed(rows, failures.count + extra, observed, tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:
        """The rows that are not in the other table, or differ from it."""
        lost = states.of(self.own).set.missing_from(states.of(self.theirs).set)
        found = [
            (own, gathered(Read(own, self.theirs.table, self.own.columns, self.theirs.columns, their), self.about.table, tables))
            for own, their in self.compared
        ]
        theirs = tables.facts[self.theirs.table]

        def broken(view: View) -> Mask:
            keys, valid = view.keys(self.own.columns, self.own.form)
            wrong = np.isin(keys, lost)
            if valid is not None:
                wrong |= ~valid
            for (own, index), (_, their) in zip(found, self.compared, strict=True):
                scales = (view.table.types[own], theirs.types[their])
                wrong |= ~np.isin(keys, lost) & ~_alike(column_of(view, own), index.at(view, self.own.columns), scales, self.tolerance)
            return wrong

        return Marker(tuple(dict.fromkeys([*self.own.columns, *(own for own, _ in self.compared)])), broken)


def _alike(one: Column, other: Column, kinds: tuple[Any, Any], tolerance: float) -> Mask:
    """Which values are equal, or near enough; two nulls are."""
    n = len(one)
    known = [np.ones(n, np.bool_) if column.valid is None else column.valid for column in (one, other)]
    if isinstance(one.data, pa.Array) or isinstance(other.data, pa.Array):
        same = flags(pc.equal(one.data, other.data))
    else:
        left, right = (np.asarray(column.data) for column in (one, other))
        if tolerance or kinds[0] != kinds[1]:
            left, right = _scaled(left, kinds[0]), _scaled(right, kinds[1])
            same = np.abs(left - right) <= tolerance
        else:
            same = left == right
    alike: Mask = np.where(known[0] & known[1], same, known[0] == known[1])
    return alike


def _scaled(values: NDArray[Any], kind: Any) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = values.astype(np.float64)
    return numbers / float(10**kind.scale) if isinstance(kind, DecimalType) else numbers
