"""What a database says of a check, and the result that the check makes of it: the same as from its rows.

A **question** is the aggregates over the rows of the check's table that are put into one query with those of other checks, a query of
its own where one is needed, and the condition of the failing rows. The check itself judges the answers where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from seedbed.check.check import Check, Failures, Measure, Promise, Tables
from seedbed.check.conditions import Chosen, ChosenState, Condition
from seedbed.check.figures import FigureCheck
from seedbed.check.kinds.across import RowCountsCheck
from seedbed.check.kinds.operations import RowCountCheck
from seedbed.check.kinds.shape import SchemaCheck
from seedbed.check.outcome import CheckResult, Sample
from seedbed.check.references import ReferenceCheck
from seedbed.check.rules import Touch
from seedbed.check.shape import Shape, ShapeCheck, ShapeState
from seedbed.check.sql.conditions import all_of, broken, meant
from seedbed.check.sql.dialect import UnsayableError
from seedbed.check.sql.figures import Aggregate, Values, counted, figure_of
from seedbed.check.sql.queries import Bare, bare, failing, keys_of, orphans, repeats
from seedbed.check.sql.writer import Scene, Writer
from seedbed.check.uniqueness import UniqueCheck
from seedbed.check.unjudged import Skipped, Unjudged
from seedbed.check.values import RowCheck, TallyState
from seedbed.check.view import UnreadableError, View
from seedbed.core.records import dataclass

Sampler = Callable[[], tuple[Sample, ...]]

#: How many rows each table has.
Rows = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for a check; `judge` takes the answers: of `fused` first, then those of `query`.

    `failing` is the condition of the failing rows, of which samples show the columns `shown`; `tables` are those whose rows are counted.
    """

    check: Check
    fused: tuple[Aggregate, ...]
    query: str | None
    failing: str | None
    tables: tuple[str, ...]
    shown: tuple[str, ...]
    judge: Callable[[Values, Rows, Sampler], CheckResult]


def question(check: Check, scene: Scene) -> Question:
    """What to ask a database for a check.

    Raises:
        UnsayableError: SQL can't say it as the check means it: its rows must be looked at.
    """
    part = bare(check)
    writer = scene.writer(check.about.table)
    for ask in _ASKERS:
        if isinstance(part.inner, ask[0]):
            return ask[1](check, part, writer)
    if all(isinstance(measure, Touch | Shape) for measure in check.measures) and part.condition is None and not is_looking(part.inner):
        return _of_rows(check, writer)
    raise UnsayableError(f"a check of kind {check.about.kind}")


@dataclass(frozen=True, slots=True)
class Answered:
    """States filled by a database; fits `States`."""

    table_rows: Rows
    found: Mapping[Measure[Any], Any]

    def of(self, measure: Measure[Any]) -> Any:
        """The state of a measure."""
        return self.found[measure]

    def rows(self, table: str) -> int:
        """How many rows a table has.

        Raises:
            UnreadableError: it is not there.
        """
        if table not in self.table_rows:
            raise UnreadableError(f"the table `{table}` is not there")
        return self.table_rows[table]


def _judged(check: Check, states: Answered) -> CheckResult:
    try:
        return check.judge(states, Tables({}, {}))
    except UnreadableError as error:
        return check.about.error(str(error))


def _states(part: Bare, measure: Measure[Any], state: Any, rows: Rows, chosen: int) -> Answered:
    """A measure's state, and the same under the check's condition."""
    if part.condition is None:
        return Answered(rows, {measure: state})
    wrapped, touch = Chosen(measure, part.condition), Chosen(Touch(measure.table), part.condition)
    found: dict[Measure[Any], Any] = {wrapped: ChosenState(wrapped, state, chosen)}
    return Answered(rows, found | {touch: ChosenState(touch, touch.inner.start(), chosen)})


def _chosen(condition: Condition | None, writer: Writer) -> tuple[Aggregate, str | None]:
    """How many rows a check is about, and the condition of being one."""
    wanted = meant(condition, writer)
    return (Aggregate("COUNT(*)") if wanted is None else counted(wanted)), wanted


def _of_rows(check: Check, writer: Writer) -> Question:
    """Checks that look at no column: counts of rows, schemas."""
    tables = tuple(dict.fromkeys([writer.table, *(measure.table for measure in check.measures)]))
    found: dict[Measure[Any], Any] = {measure: _shape(measure, writer) for measure in check.measures if isinstance(measure, Shape)}
    return Question(check, (), None, None, tables, (), lambda _, rows, __: _judged(check, Answered(rows, found)))


def _shape(measure: Shape, writer: Writer) -> ShapeState:
    state = measure.start()
    empty = pa.RecordBatch.from_pylist([], schema=writer.scene.schemas[writer.table])  # a table without rows may have no batch
    state.update(View(writer.scene.facts[writer.table], 0, empty))
    return state


def is_looking(check: Check) -> bool:
    """Whether a check looks at rows when it judges, though it measures none."""
    return not isinstance(check, RowCountCheck | RowCountsCheck | SchemaCheck | ShapeCheck | Skipped | Unjudged)


def _row_count(check: Check, part: Bare, writer: Writer) -> Question:
    touch = Touch(writer.table)
    count, _ = _chosen(part.condition, writer)

    def judge(values: Values, rows: Rows, _: Sampler) -> CheckResult:
        return _judged(check, _states(part, touch, touch.start(), rows, values[0]))

    return Question(check, (count,), None, None, (writer.table,), (), judge)


def _row_check(check: Check, part: Bare, writer: Writer) -> Question:
    inner = part.inner
    assert isinstance(inner, RowCheck)
    count, wanted = _chosen(part.condition, writer)
    bad = broken(inner.test, writer)

    def judge(values: Values, rows: Rows, samples: Sampler) -> CheckResult:
        failures = Failures(inner.about.samples)
        failures.rows, failures.count = values
        failures.samples = list(samples()) if failures.count and inner.about.samples else []
        return _judged(check, _states(part, inner.measure, TallyState(inner.test, failures), rows, values[0]))

    return Question(
        check, (count, counted(all_of([wanted, bad]))), None, failing(check, writer), (writer.table,), inner.test.columns, judge
    )


def _figure(check: Check, part: Bare, writer: Writer) -> Question:
    inner = part.inner
    assert isinstance(inner, FigureCheck)
    count, wanted = _chosen(part.condition, writer)
    figure = figure_of(inner, writer, wanted)

    def judge(values: Values, rows: Rows, _: Sampler) -> CheckResult:
        return _judged(check, _states(part, inner.measure, figure.state(values[1:]), rows, values[0]))

    return Question(check, (count, *figure.asked), None, None, (writer.table,), (), judge)


def _emptied(check: Check, part: Bare, rows: Rows) -> CheckResult | None:
    if part.needs_rows and not rows[check.about.table]:
        return check.about.error("the table is empty")
    return None


def _unique(check: Check, part: Bare, writer: Writer) -> Question:
    inner = part.inner
    assert isinstance(inner, UniqueCheck)
    about: Promise = inner.about
    count, wanted = _chosen(part.condition, writer)
    query = f'SELECT COUNT(*), CAST(COALESCE(SUM("number of rows"), 0) AS bigint) FROM ({repeats(inner, writer, wanted)}) AS again'  # noqa: S608

    def judge(values: Values, rows: Rows, samples: Sampler) -> CheckResult:
        chosen, many, count = values
        if (empty := _emptied(check, part, rows)) is not None:
            return empty
        if not count:
            return about.passed(chosen)
        return about.failed(chosen, count, f"{many:,} repeated in {count:,} rows", samples() if about.samples else ())

    return Question(check, (count,), query, failing(check, writer), (writer.table,), about.columns, judge)


def _reference(check: Check, part: Bare, writer: Writer) -> Question:
    inner = part.inner
    assert isinstance(inner, ReferenceCheck)
    about, target = inner.about, inner.target
    if target.table == writer.table and part.condition is not None:
        raise UnsayableError("a reference into the chosen rows of the same table")
    count, wanted = _chosen(part.condition, writer)
    own = keys_of(inner.source, writer)
    lost = all_of([wanted, orphans(inner, writer)])
    groups = f"SELECT COUNT(*) AS times FROM {writer.source} WHERE {lost} GROUP BY {own.listed}"  # noqa: S608 - names are quoted
    query = f"SELECT COUNT(*), CAST(COALESCE(SUM(times), 0) AS bigint) FROM ({groups}) AS lost"  # noqa: S608 - names are quoted

    def judge(values: Values, rows: Rows, samples: Sampler) -> CheckResult:
        chosen, many, count = values
        if (empty := _emptied(check, part, rows)) is not None:
            return empty
        if not count:
            return about.passed(chosen)
        observed = f"{many:,} values are not in {target.table}.{target.columns[0]}"
        return about.failed(chosen, count, observed, samples() if about.samples else ())

    return Question(check, (count,), query, failing(check, writer), (writer.table, target.table), inner.source.columns, judge)


_ASKERS: tuple[tuple[type, Callable[[Check, Bare, Writer], Question]], ...] = (
    (RowCheck, _row_check),
    (RowCountCheck, _row_count),
    (FigureCheck, _figure),
    (UniqueCheck, _unique),
    (ReferenceCheck, _reference),
)

__all__ = ["Aggregate", "Question", "counted", "question"]
