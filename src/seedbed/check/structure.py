"""Does data keep what a model promises? One pass over each table, from files or block by block while they are made.

    report = check_scans(model, {"user": scan("out/user.parquet"), ...})
    report.ok

or, with blocks in any order, from threads, and from processes whose checkers are merged:

    checker = Checker(model)
    checker.block("user", 0, batch)
    checker.merge(another)
    report = checker.report()

What the model is silent about: a null breaks no promise but `not_null`; a text matches a pattern where the expression is found in it,
so `^` and `$` anchor it; a range's `max` that is a day means the whole day; an empty table keeps every hard promise, but a target can't
be judged there. A check that can't be evaluated, because a column is missing or has another type, is an error of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from seedbed.check.check import Check, Marker, Marks, Measure, S, State, Tables
from seedbed.check.facts import facts_of
from seedbed.check.gather import Progress, gather
from seedbed.check.results import CheckResult, Report
from seedbed.check.shelf import Shelf
from seedbed.check.uniqueness import put_on
from seedbed.check.values import NotNull, Tally
from seedbed.check.view import TableFacts, UnreadableError, View
from seedbed.core.errors import DataError, EdgeError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan

if TYPE_CHECKING:
    from seedbed.model.checks.document import ChecksDocument
    from seedbed.model.document import Model

AnyMeasure: TypeAlias = Measure[Any]


def compile_checks(model: Model, *, behaviour: bool = False) -> tuple[Check, ...]:
    """Turn every promise of a model into a check: shape, keys, references, values, inequalities, targets; in the model's order.

    With `behaviour` also how values are spread: distributions, weights, times by patterns, numbers of children.
    """
    from seedbed.check.derive import derive_checks, named_apart

    if not behaviour:
        return derive_checks(model)
    from seedbed.check.behaviour import behaviour_checks

    return named_apart([*derive_checks(model), *behaviour_checks(model)])


@dataclass(slots=True)
class Gathered:
    """A measure's state, or why it can't be had."""

    state: State
    error: str | None = None


@dataclass(slots=True)
class _Gathering:
    """What is gathered of all tables; fits `States`."""

    measured: dict[AnyMeasure, Gathered]
    table_rows: dict[str, int] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def of(self, measure: Measure[S]) -> S:
        gathered = self.measured[measure]
        self.rows(measure.table)
        if gathered.error is not None:
            raise UnreadableError(gathered.error)
        state: S = gathered.state  # type: ignore[assignment]  # started by this very measure
        return state

    def rows(self, table: str) -> int:
        if table in self.unread:
            raise UnreadableError(self.unread[table])
        if table not in self.table_rows:
            raise UnreadableError(f"the table `{table}` is not there")
        return self.table_rows[table]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Checks, and what is known of the tables that they are about."""

    checks: tuple[Check, ...]
    facts: Mapping[str, TableFacts]

    def about(self, tables: Collection[str]) -> Compiled:
        """The checks of some tables only; those may still look at others."""
        return Compiled(tuple(check for check in self.checks if check.about.table in tables), self.facts)


class Checker:
    """Gathers what a model's checks need from blocks in any order. Blocks may come from several threads; a checker can be pickled."""

    def __init__(self, model: Model | ChecksDocument, compiled: Compiled | None = None, shelf: Shelf | None = None) -> None:
        """Checks of a model; those of a checks document come with `compiled`, since they depend on the data's schemas.

        Keys that would take more than a few megabytes are put on the `shelf`, where there is one; the checker can't be pickled then.
        """
        if compiled is None:
            compiled = Compiled(compile_checks(model), facts_of(model))  # type: ignore[arg-type]  # it is a model, then
        self.model = model
        self.checks = compiled.checks
        self._facts = dict(compiled.facts)
        measures = dict.fromkeys(measure for check in self.checks for measure in check.measures)
        self._gathering = _Gathering({measure: Gathered(measure.start()) for measure in measures})
        for gathered in self._gathering.measured.values():
            put_on(shelf, gathered.state)
        self._prepare()

    def _prepare(self) -> None:
        self._of_table: dict[str, list[AnyMeasure]] = {name: [] for name in self._facts}
        for measure in self._gathering.measured:
            self._of_table.setdefault(measure.table, []).append(measure)
        self._locks = {measure: threading.Lock() for measure in self._gathering.measured}
        self._rows_lock = threading.Lock()

    def __getstate__(self) -> dict[str, object]:
        return {"model": self.model, "checks": self.checks, "_facts": self._facts, "_gathering": self._gathering}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are checked."""
        return tuple(self._facts)

    @property
    def gathered(self) -> Mapping[AnyMeasure, Gathered]:
        """What was gathered for each measure."""
        return self._gathering.measured

    @property
    def rows(self) -> dict[str, int]:
        """How many rows of each table came."""
        return dict(self._gathering.table_rows)

    def remember(self, rows: Mapping[str, int]) -> None:
        """Say how many rows of each table came before: further ones are numbered after them."""
        self._gathering.table_rows.update(rows)

    def columns(self, table: str, schema: pa.Schema) -> list[str]:
        """The columns that must be read of a table with that schema; nulls are not looked for where the schema has no room for them."""
        read = {name for measure in self._of_table[table] if not _is_settled(measure, schema) for name in measure.columns}
        return [name for name in schema.names if name in read]

    def block(self, table: str, start: int, batch: pa.RecordBatch, *, whole: pa.Schema | None = None) -> None:
        """Take in the rows of a table from `start` on; each row must come once, an empty table as one batch without rows.

        `whole` is the table's schema where the batch has only the columns that `columns` asked for.
        A table that the model doesn't know is passed over.
        """
        if table not in self._facts:
            return
        view = View(self._facts[table], start, batch, whole)
        for measure in self._of_table[table]:
            if whole is not None and _is_settled(measure, whole):
                continue
            self._take_in(measure, view)
        with self._rows_lock:
            self._gathering.table_rows[table] = self._gathering.table_rows.get(table, 0) + batch.num_rows

    def _take_in(self, measure: AnyMeasure, view: View) -> None:
        """Gather of a batch; small states are gathered apart and added, so that threads don't wait for each other."""
        gathered = self._gathering.measured[measure]
        if not getattr(gathered.state, "is_small", False):
            with self._locks[measure]:
                _update(gathered, view)
            return
        part = Gathered(measure.start(), gathered.error)
        _update(part, view)
        with self._locks[measure]:
            gathered.error = gathered.error or part.error
            gathered.state.merge(part.state)

    def unread(self, table: str, reason: str) -> None:
        """Say that a table couldn't be read: none of its checks can be evaluated."""
        self._gathering.unread[table] = reason

    def merge(self, other: Checker) -> None:
        """Take in what another checker of the same model gathered from other blocks; the other one must not be used any more.

        Raises:
            ValueError: the other checker has another model.
        """
        if other.model != self.model:
            raise ValueError("checkers of two models can't be merged")
        mine, theirs = self._gathering, other._gathering
        for measure, gathered in theirs.measured.items():
            with self._locks[measure]:
                mine.measured[measure].error = mine.measured[measure].error or gathered.error
                mine.measured[measure].state.merge(gathered.state)
        with self._rows_lock:
            for table, rows in theirs.table_rows.items():
                mine.table_rows[table] = mine.table_rows.get(table, 0) + rows
            mine.unread.update(theirs.unread)

    def report(self, scans: Mapping[str, TableScan] | None = None) -> Report:
        """Judge every check; all blocks must be in.

        With `scans` of the same tables, failing rows of keys, references and inequalities across tables are looked up: counted
        exactly, with row numbers and values. Without, repeated or missing values are counted, and the result says so.
        """
        tables = Tables(self._facts, scans or {})
        return Report(tuple(_judged(check, self._gathering, tables) for check in self.checks), dict(self._gathering.table_rows))

    def judged(self, check: Check, scans: Mapping[str, TableScan] | None = None) -> CheckResult:
        """Judge one check; all blocks of the tables that it measures must be in."""
        return _judged(check, self._gathering, Tables(self._facts, scans or {}))

    def marker(self, check: Check, scans: Mapping[str, TableScan]) -> Marker | None:
        """How to tell which rows fail a check; None where it is about no single rows, or that can't be said."""
        if not isinstance(check, Marks):
            return None
        try:
            return check.marker(self._gathering, Tables(self._facts, scans))
        except (UnreadableError, DataError):
            return None

    def view(self, table: str, start: int, batch: pa.RecordBatch) -> View:
        """Rows of a table as markers take them."""
        return View(self._facts[table], start, batch)


def check_scans(model: Model, scans: Mapping[str, TableScan], progress: Progress | None = None, workers: int = 2) -> Report:
    """Check tables against a model, each read once; only a table that breaks a promise is read again, for the failing rows.

    A table that is missing or broken makes errors of its own checks, and of no others.

    Raises:
        EdgeError: a disk or network failed.
    """
    checker = Checker(model)
    gather(checker, scans, progress, workers)
    return checker.report(scans)


def _update(gathered: Gathered, view: View) -> None:
    """Update a state; what can't be read is remembered as the measure's error and stops nothing else."""
    if gathered.error is not None:
        return
    try:
        gathered.state.update(view)
    except UnreadableError as error:
        gathered.error = str(error)
    except EdgeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one check can't do with the data, the others go on
        gathered.error = _said(error)


def _judged(check: Check, states: _Gathering, tables: Tables) -> CheckResult:
    try:
        return check.judge(states, tables)
    except (UnreadableError, DataError) as error:
        return check.about.error(str(error))
    except EdgeError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return check.about.error(_said(error))


def _said(error: Exception) -> str:
    """What went wrong with a value: Arrow's own words, else which error it was."""
    return str(error) if isinstance(error, pa.ArrowException) else f"it can't be evaluated on these values: {type(error).__name__}: {error}"


def _is_settled(measure: AnyMeasure, schema: pa.Schema) -> bool:
    """Whether the schema alone keeps the promise: a required column can't hold a null, so it needn't be read for that."""
    if not isinstance(measure, Tally) or not isinstance(measure.test, NotNull):
        return False
    index = schema.get_field_index(measure.test.column)
    return index >= 0 and not schema.field(index).nullable


__all__ = ["AnyMeasure", "Checker", "Compiled", "Gathered", "Progress", "check_scans", "compile_checks", "gather"]
