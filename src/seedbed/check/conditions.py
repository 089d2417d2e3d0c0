"""Checks of some rows only: those for which an expression is true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from seedbed.check.check import Check, Marker, Marks, Measure, Promise, State, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.rules import Touch, column_of
from seedbed.check.view import Mask, UnreadableError, View
from seedbed.core.errors import ModelError
from seedbed.core.expression import CompiledExpression, RowError
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression over the row's own columns; a row for which it is null is not meant."""

    table: str
    expression: CompiledExpression

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.expression.names

    def meant(self, view: View) -> Mask:
        """The rows for which it is true, shape (n,)."""
        return truth(self.expression, view, otherwise=False)


def truth(expression: CompiledExpression, view: View, *, otherwise: bool) -> Mask:
    """Whether an expression is true, row by row; `otherwise` where it is null.

    Raises:
        UnreadableError: a row has no value: it divides by zero, or passes the range of its type.
    """
    try:
        found = expression.evaluate({name: column_of(view, name) for name in expression.names}.__getitem__, view.rows)
    except (RowError, ModelError) as error:
        raise UnreadableError(error.problems[0].message) from error
    values: Mask = found.data.astype(np.bool_)
    return values if found.valid is None else np.where(found.valid, values, otherwise)


@dataclass(slots=True)
class ChosenState:
    """What another measure gathers of the rows that are meant, and how many they are."""

    measure: Chosen
    inner: State
    rows: int = 0

    def update(self, view: View) -> None:
        """Take in the rows of a batch that are meant."""
        meant = self.measure.condition.meant(view)
        self.rows += int(meant.sum())
        self.inner.update(view if meant.all() else view.chosen(meant))

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        self.rows += other.rows
        self.inner.merge(other.inner)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A measure of the rows that are meant."""

    inner: Measure[State]
    condition: Condition

    @property
    def table(self) -> str:
        """The table."""
        return self.inner.table

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of both."""
        return tuple(dict.fromkeys([*self.inner.columns, *self.condition.columns]))

    def start(self) -> ChosenState:
        """Nothing gathered yet."""
        return ChosenState(self, self.inner.start())


@dataclass(frozen=True, slots=True)
class WhereCheck:
    """A check of the rows that are meant; of other tables it sees all."""

    inner: Check
    condition: Condition

    @property
    def about(self) -> Promise:
        """The promise."""
        return self.inner.about

    @property
    def measures(self) -> tuple[Measure[State], ...]:
        """The check's measures, those of its own table of the rows that are meant."""
        own = Touch(self.condition.table)
        return tuple(self._chosen(measure) for measure in (*self.inner.measures, own))

    def _chosen(self, measure: Measure[State]) -> Measure[State]:
        return Chosen(measure, self.condition) if measure.table == self.condition.table else measure

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Say whether the promise holds for the rows that are meant."""
        return self.inner.judge(_ChosenStates(states, self.condition), _chosen_tables(tables, self.condition))

    def marker(self, states: States, tables: Tables) -> Marker:
        """The failing rows among those that are meant."""
        if not isinstance(self.inner, Marks):
            raise UnreadableError("this check is about no single rows")
        marker = self.inner.marker(_ChosenStates(states, self.condition), _chosen_tables(tables, self.condition))

        def broken(view: View) -> Mask:
            meant = self.condition.meant(view)
            found = np.zeros(view.rows, np.bool_)
            found[meant] = marker.broken(view.chosen(meant))
            return found

        return Marker((*marker.columns, *self.condition.columns), broken)


@dataclass(frozen=True, slots=True)
class _ChosenStates:
    states: States
    condition: Condition

    def of(self, measure: Measure[Any]) -> Any:
        if measure.table != self.condition.table:
            return self.states.of(measure)
        return self.states.of(Chosen(measure, self.condition)).inner

    def rows(self, table: str) -> int:
        if table != self.condition.table:
            return self.states.rows(table)
        self.states.rows(table)
        return self.states.of(Chosen(Touch(table), self.condition)).rows


class _ChosenTables(Tables):
    """The tables once more, one of them with the rows that are meant only."""

    __slots__ = ("condition",)
    condition: Condition

    def again(self, table: str, columns: tuple[str, ...]) -> Iterator[View] | None:
        if table != self.condition.table:
            return super().again(table, columns)
        views = super().again(table, (*columns, *self.condition.columns))
        return None if views is None else (view.chosen(self.condition.meant(view)) for view in views)


def _chosen_tables(tables: Tables, condition: Condition) -> Tables:
    found = _ChosenTables(tables.facts, tables.scans)
    object.__setattr__(found, "condition", condition)
    return found
