"""Paths through a state machine: a row for each state that something enters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.rules import Touch
from seedbed.check.view import UnreadableError
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class PathCheck:
    """The states of one key, in the order of their numbers from 1, begin with the initial one and follow allowed transitions.

    What it reads (key, number, state: 24 bytes a row) is held in memory while it is judged.
    """

    about: Promise
    keys: tuple[str, ...]
    number: str
    state: str
    initial: str
    allowed: tuple[tuple[str, str], ...]

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of the table."""
        return (Touch(self.about.table),)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that enter a state against the rules."""
        rows = states.rows(self.about.table)
        wrong = self._wrong(tables)
        if not len(wrong):
            return self.about.passed(rows)
        failures = Failures(self.about.samples)
        for view in tables.again(self.about.table, self._columns) or ():
            failures.add(view, np.isin(view.row_numbers, wrong), self._columns)
        return self.about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that enter a state against the rules."""
        wrong = self._wrong(tables)
        return Marker((), lambda view: np.isin(view.row_numbers, wrong))

    @property
    def _columns(self) -> tuple[str, ...]:
        return (*self.keys, self.number, self.state)

    def _wrong(self, tables: Tables) -> NDArray[np.int64]:
        """The numbers of the rows that break the path, rising."""
        views = tables.again(self.about.table, self._columns)
        if views is None:
            raise UnreadableError("paths need the table once more, which is not there")
        names = list(dict.fromkeys([self.initial, *(name for pair in self.allowed for name in pair)]))
        code = {name: place for place, name in enumerate(names)}
        pieces = []
        for view in views:
            found = view.texts(self.state, lambda texts: np.array([code.get(text, len(code)) for text in texts.to_pylist()], np.int64))
            pieces.append((view.row_numbers, view.keys(self.keys)[0], view.exact_numbers(self.number).astype(np.int64), found))
        if not pieces:
            return np.zeros(0, np.int64)
        rows, keys, numbers, states = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        order = np.lexsort((numbers, keys))
        rows, keys, numbers, states = rows[order], keys[order], numbers[order], states[order]
        may = np.zeros((len(code) + 1, len(code) + 1), np.bool_)
        for before, after in self.allowed:
            may[code[before], code[after]] = True
        is_first = np.concatenate([[True], keys[1:] != keys[:-1]])
        follows = np.concatenate([[False], may[states[:-1], states[1:]] & (numbers[1:] == numbers[:-1] + 1)])
        good = np.where(is_first, (states == code[self.initial]) & (numbers == 1), follows)
        return np.sort(rows[~good])
