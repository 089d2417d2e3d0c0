"""Inequalities between a row and the row of another table that it belongs to."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Marker, Promise, States, Tables, found_again
from seedbed.check.hashing import Keys
from seedbed.check.keyset import among
from seedbed.check.outcome import CheckResult
from seedbed.check.uniqueness import key_samples
from seedbed.check.values import OPERATIONS, Operator, comparable
from seedbed.check.view import KeyForm, Mask, View
from seedbed.core.block import ValueType
from seedbed.core.records import dataclass

End: TypeAlias = Literal["least", "most"]

#: Batches are put together when they hold so many keys.
_MOST_PENDING = 1 << 20


@dataclass(slots=True)
class EndsState:
    """The least or greatest value for each key; NaN counts as beyond every value."""

    measure: Ends
    pieces: list[tuple[Keys, NDArray[Any]]] = field(default_factory=list)
    pending: int = 0

    def update(self, view: View) -> None:
        """Take in a batch; rows without key or value say nothing."""
        measure = self.measure
        keys, _ = view.keys([measure.key], measure.form)
        values = comparable(view, measure.column, measure.other)
        valid = view.both_valid(measure.columns)
        if valid is not None:
            keys, values = keys[valid], values[valid]
        self._take(*_ends(keys, values, measure.end))

    def merge(self, other: Self) -> None:
        """Take in what was found in other batches."""
        for keys, values in other.pieces:
            self._take(keys, values)

    def settled(self) -> tuple[Keys, NDArray[Any]]:
        """Every key once, sorted, and its end."""
        if not self.pieces:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if len(self.pieces) > 1:
            keys = np.concatenate([piece[0] for piece in self.pieces])
            values = np.concatenate([piece[1] for piece in self.pieces])
            self.pieces, self.pending = [_ends(keys, values, self.measure.end)], 0
        return self.pieces[0]

    def _take(self, keys: Keys, values: NDArray[Any]) -> None:
        if not len(keys):
            return
        self.pieces.append((keys, values))
        self.pending += len(keys)
        if self.pending > max(_MOST_PENDING, len(self.pieces[0][0])):
            self.settled()


def _ends(keys: Keys, values: NDArray[Any], end: End) -> tuple[Keys, NDArray[Any]]:
    """Each key once, sorted, with the least or greatest of its values."""
    if not len(keys):
        return keys, values
    if not (keys[1:] >= keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    choose = np.minimum if end == "least" else np.maximum
    return keys[first], choose.reduceat(values, first)


@dataclass(frozen=True, slots=True)
class Ends:
    """The least or greatest value of a column for each key; `other` is the type of the column it is compared with."""

    table: str
    key: str
    column: str
    other: ValueType
    end: End
    form: KeyForm = "plain"

    @property
    def columns(self) -> tuple[str, ...]:
        """The key and the value."""
        return (self.key, self.column)

    def start(self) -> EndsState:
        """No value yet."""
        return EndsState(self)


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """child op parent, for each row of the child and the parent's row that it names; a null, or a parent that isn't there, passes."""

    about: Promise
    child: Ends
    op: Operator
    parent: Ends

    @property
    def measures(self) -> tuple[Ends, ...]:
        """The children's nearest values and the parents' own."""
        return (self.child, self.parent)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the child's rows for which it doesn't hold."""
        about = self.about
        rows = states.rows(self.child.table)
        keys, nearest = states.of(self.child).settled()
        known, bounds = states.of(self.parent).settled()
        broken = _broken(keys, nearest, self.op, known, bounds)
        if not broken.any():
            return about.passed(rows)
        views = tables.again(self.child.table, self.child.columns)
        if views is None:
            samples = key_samples(tables.facts[self.child.table], (self.child.key,), keys[broken])
            failing = int(broken.sum())
            reason = "the rows were not read again, so keys are counted, not rows"
            return about.failed(rows, failing, f"broken for {failing:,} keys", samples, reason)
        failures = found_again(views, self.child.columns, lambda view: self._broken_rows(view, known, bounds), about.samples)
        return about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The child's rows for which it doesn't hold."""
        known, bounds = states.of(self.parent).settled()
        return Marker(self.child.columns, lambda view: self._broken_rows(view, known, bounds))

    def _broken_rows(self, view: View, known: Keys, bounds: NDArray[Any]) -> Mask:
        child = self.child
        keys, _ = view.keys([child.key], child.form)
        broken = _broken(keys, comparable(view, child.column, child.other), self.op, known, bounds)
        valid = view.both_valid(child.columns)
        return broken if valid is None else broken & valid


def _broken(keys: Keys, values: NDArray[Any], op: Operator, known: Keys, bounds: NDArray[Any]) -> Mask:
    """For which keys `value op bound` doesn't hold; a key without bound passes."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    broken: Mask = among(keys, known) & ~OPERATIONS[op](values, bounds[place])
    return broken
