"""Figures of a column as aggregates, and the states that a stream would have gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seedbed.check.check import Failures
from seedbed.check.figures import Extremes, FigureCheck, Summarised, SummaryState
from seedbed.check.sql.conditions import all_of, broken, known
from seedbed.check.sql.dialect import UnsayableError
from seedbed.check.sql.queries import keys_of
from seedbed.check.sql.writer import Writer
from seedbed.check.sums import ExactSums
from seedbed.check.targets import Strata, StrataState
from seedbed.check.uniqueness import KeysOf
from seedbed.check.values import NotNull, Tally, TallyState
from seedbed.core.block import ColumnType, DecimalType, scale_of
from seedbed.core.records import dataclass
from seedbed.core.wide import units_at

#: What aggregates gave: whole numbers, and texts of numbers that no 64 bits keep.
Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One value over the rows of a table: a whole number, or a text of a number that no 64 bits keep."""

    sql: str
    is_text: bool = False


def counted(condition: str) -> Aggregate:
    """How many rows meet a condition."""
    return Aggregate(f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS bigint)")


def as_text(value: str) -> Aggregate:
    """A number as text, however large it is."""
    return Aggregate(f"CAST({value} AS varchar)", is_text=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is asked for a figure, and the state that the answers make."""

    asked: tuple[Aggregate, ...]
    state: Callable[[Values], Any]


def figure_of(check: FigureCheck, writer: Writer, wanted: str | None) -> Figure:
    """What to ask for a figure of the rows that meet a condition.

    Raises:
        UnsayableError: it depends on more than SQL tells.
    """
    make = _MAKERS.get(type(check.measure))
    if make is None:
        raise UnsayableError(f"the figure {check.figure}")
    return make(check, writer, wanted)


def _nulls(check: FigureCheck, writer: Writer, wanted: str | None) -> Figure:
    assert isinstance(check.measure, Tally)
    test = check.measure.test
    assert isinstance(test, NotNull)

    def state(values: Values) -> TallyState:
        failures = Failures()
        (failures.count,) = values
        return TallyState(test, failures)

    return Figure((counted(all_of([wanted, broken(test, writer)])),), state)


@dataclass(frozen=True, slots=True)
class _Distinct:
    distinct: int
    rows: int


@dataclass(frozen=True, slots=True)
class _KeysState:
    set: _Distinct


def _distinct(check: FigureCheck, writer: Writer, wanted: str | None) -> Figure:
    assert isinstance(check.measure, KeysOf)
    keys = keys_of(check.measure, writer)
    value = keys.listed if wanted is None else f"CASE WHEN {wanted} THEN {keys.listed} END"
    return Figure(
        (Aggregate(f"COUNT(DISTINCT {value})"), counted(all_of([wanted, keys.known]))), lambda values: _KeysState(_Distinct(*values))
    )


def _extremes(check: FigureCheck, writer: Writer, wanted: str | None) -> Figure:
    assert isinstance(check.measure, Summarised)
    measure = check.measure
    if check.figure not in ("min", "max"):
        raise UnsayableError(f"the figure {check.figure}")
    value, kind = writer.value(measure.column), writer.kind(measure.column)
    if kind is not ColumnType.INT and not isinstance(kind, DecimalType):
        raise UnsayableError("extremes of floats, which may not be finite")
    picked = value if wanted is None else f"CASE WHEN {wanted} THEN {value} END"
    scale = scale_of(kind)

    def read(text: str) -> int:
        return units_at(text, scale, up=True)

    def state(values: Values) -> SummaryState:
        count, low, high = values
        found = Extremes(count, read(low), read(high)) if count else Extremes()
        return SummaryState(measure, found, count)

    asked = (as_text(f"MIN({picked})"), as_text(f"MAX({picked})"))
    return Figure((counted(all_of([wanted, known([measure.column], writer)])), *asked), state)


def _sum(check: FigureCheck, writer: Writer, wanted: str | None) -> Figure:
    assert isinstance(check.measure, Strata)
    measure = check.measure
    if measure.influences or writer.kind(measure.metric) is not ColumnType.INT:
        raise UnsayableError("sums of floats, which depend on their order")
    value = writer.value(measure.metric)
    picked = value if wanted is None else f"CASE WHEN {wanted} THEN {value} END"

    def state(values: Values) -> StrataState:
        count, total = values
        return StrataState(measure, ExactSums.of(int(total or 0), count))

    return Figure((counted(all_of([wanted, known([measure.metric], writer)])), as_text(f"SUM({picked})")), state)


_MAKERS: dict[type, Callable[[FigureCheck, Writer, str | None], Figure]] = {
    Tally: _nulls,
    KeysOf: _distinct,
    Summarised: _extremes,
    Strata: _sum,
}
