"""Values that rise or fall from row to row, in batches of any order."""

from __future__ import annotations

from dataclasses import field
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.view import Mask, UnreadableError, View, is_text
from seedbed.core.records import dataclass


@dataclass(slots=True)
class RunState:
    """The breaks inside of batches, and each batch's first and last value."""

    measure: Run
    failures: Failures
    ends: list[tuple[int, float, float]] = field(default_factory=list)

    def update(self, view: View) -> None:
        """Take in a batch."""
        rows, numbers = self.measure.values(view)
        self.failures.add(view, self.measure.broken_inside(view), self.measure.columns)
        if len(rows):
            self.ends.append((int(view.row_numbers[rows[0]]), *numbers[[0, -1]].tolist()))

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.failures.merge(other.failures)
        self.ends.extend(other.ends)

    def starts_broken(self) -> dict[int, float]:
        """The rows that begin a batch and don't follow the batch before, with the value before each."""
        ends = sorted(self.ends)
        pairs = pairwise(ends)
        return {after[0]: before[2] for before, after in pairs if not self.measure.follows(before[2], after[1])}


@dataclass(frozen=True, slots=True)
class Run:
    """How a column's values follow each other, nulls left out."""

    table: str
    column: str
    is_rising: bool
    is_strict: bool
    samples: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def start(self) -> RunState:
        """Nothing seen yet."""
        return RunState(self, Failures(self.samples))

    def values(self, view: View) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The rows that have a value, and their values."""
        if is_text(view.table.types[self.column]):
            raise UnreadableError(f"`{self.column}` is a text: only numbers and times rise")
        valid = view.valid(self.column)
        numbers = view.exact_numbers(self.column)
        rows = np.arange(view.rows) if valid is None else np.flatnonzero(valid)
        return rows, numbers[rows]

    def follows(self, before: float, after: float) -> bool:
        """Whether a value may come after another."""
        low, high = (before, after) if self.is_rising else (after, before)
        return low < high if self.is_strict else low <= high

    def broken_inside(self, view: View) -> Mask:
        """The rows of a batch that don't follow the one before in it."""
        rows, numbers = self.values(view)
        low, high = (numbers[:-1], numbers[1:]) if self.is_rising else (numbers[1:], numbers[:-1])
        broken = np.zeros(view.rows, np.bool_)
        broken[rows[1:]] = ~(low < high if self.is_strict else low <= high)
        return broken


@dataclass(frozen=True, slots=True)
class MonotonicCheck:
    """No value is on the wrong side of the one before it."""

    about: Promise
    measure: Run

    @property
    def measures(self) -> tuple[Run, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that don't follow the one before."""
        rows = states.rows(self.about.table)
        state = states.of(self.measure)
        starts = state.starts_broken()
        failing = state.failures.count + len(starts)
        if not failing:
            return self.about.passed(rows)
        samples = state.failures.samples
        views = tables.again(self.about.table, self.measure.columns) if starts else None
        if views is not None:
            failures, marker = Failures(self.about.samples), self.marker(states, tables)
            for view in views:
                failures.add(view, marker.broken(view), self.measure.columns)
            samples = failures.samples
        return self.about.failed(rows, failing, f"{failing:,} of {rows:,} rows", tuple(samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that don't follow the one before; batches must be those that were measured."""
        starts = np.array(sorted(states.of(self.measure).starts_broken()), np.int64)

        def broken(view: View) -> Mask:
            found: Mask = self.measure.broken_inside(view) | np.isin(view.row_numbers, starts)
            return found

        return Marker(self.measure.columns, broken)
