"""Faults on purpose: the tables and columns they name, types they act on, values they write."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.calendar import parse_datetime, parse_end
from seedbed.core.nearest import one_of
from seedbed.model.places import Mistake, Path
from seedbed.model.quality import BoundaryViolation, CategoryDrift, InvalidEnum, Issue, NearDuplicate, QualityInjection, SwapColumns
from seedbed.model.resolve.scope import Scope
from seedbed.model.resolve.times import moment
from seedbed.model.resolve.values import fits, wrong_values

#: Types of which a copy cannot differ slightly.
NEVER_NEAR = frozenset({ColumnType.BOOL, ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST})


def quality_mistakes(scope: Scope, quality: QualityInjection) -> Iterator[Mistake]:
    """All mistakes of the faults that the document alone shows."""
    if quality.ground_truth in scope.nodes or quality.ground_truth in scope.written:
        message = f"`{quality.ground_truth}` is a table of the model already"
        yield Mistake(("quality_injection", "ground_truth"), message, "give the list of faults a name of its own")
    for place, issue in enumerate(quality.issues):
        path = ("quality_injection", "issues", place)
        missing = list(scope.missing_table(issue.table, (*path, "table")))
        yield from missing
        yield from _period(issue, path)
        if not missing and issue.table in scope.nodes:
            yield from _columns(scope, issue, path)


def _period(issue: Issue, path: Path) -> Iterator[Mistake]:
    ends = {key: end for key, end in (("from", issue.from_), ("until", issue.until)) if end is not None}
    wrong = [mistake for key, end in ends.items() for mistake in moment(end, (*path, key))]
    yield from wrong
    if len(ends) == 2 and not wrong and parse_datetime(ends["from"]) > parse_end(ends["until"]):
        yield Mistake(path, f"`from` ({ends['from']}) is after `until` ({ends['until']})", "swap them")


def _columns(scope: Scope, issue: Issue, path: Path) -> Iterator[Mistake]:
    """Mistakes of the columns that an issue changes: there, delivered, of a type it acts on."""
    places: list[Path] = [(*path, "column"), (*path, "params", "with")]
    found = [mistake for name, place in zip(issue.columns, places, strict=False) for mistake in _column(scope, issue, name, place)]
    yield from found
    if found:
        return
    if isinstance(issue, SwapColumns):
        yield from _swap(scope, issue, path)
    elif isinstance(issue, NearDuplicate):
        yield from _near(scope, issue, path)
    elif isinstance(issue, CategoryDrift | InvalidEnum | BoundaryViolation):
        yield from _values(scope, issue, path)


def _column(scope: Scope, issue: Issue, name: str, path: Path) -> Iterator[Mistake]:
    yield from scope.missing_column(issue.table, name, path)
    spec, kind = scope.spec(issue.table, name), scope.type(issue.table, name)
    if spec is not None and spec.hidden:
        yield Mistake(path, f"`{issue.table}.{name}` is hidden: nobody would see the fault", "name a column that is delivered")
    elif kind is not None and kind not in issue.acts_on:
        names = ", ".join(each.value for each in ColumnType if each in issue.acts_on)
        fitting = [each for each in scope.columns(issue.table) if scope.type(issue.table, each) in issue.acts_on]
        fix = f"`{issue.table}` has {one_of(fitting)}" if fitting else "name another table"
        yield Mistake(path, f"`{issue.kind}` acts on {names}; `{issue.table}.{name}` is {kind.value}", fix)


def _swap(scope: Scope, issue: SwapColumns, path: Path) -> Iterator[Mistake]:
    here = (*path, "params", "with")
    if issue.column == issue.params.with_:
        yield Mistake(here, f"`{issue.column}` cannot be exchanged with itself", "name another column")
        return
    one, other = (scope.spec(issue.table, name) for name in issue.columns)
    if one is None or other is None:
        return
    if one.type.is_nested or (one.value_type, one.digits) != (other.value_type, other.digits):
        message = f"`{issue.column}` is {one.value_type}, `{issue.params.with_}` is {other.value_type}"
        yield Mistake(here, message, "name two columns of one type, no structs or lists")


def _near(scope: Scope, issue: NearDuplicate, path: Path) -> Iterator[Mistake]:
    node = scope.nodes[issue.table]
    for place, name in enumerate(issue.params.columns or ()):
        here = (*path, "params", "columns", place)
        yield from scope.missing_column(issue.table, name, here)
        spec = scope.spec(issue.table, name)
        if spec is not None and (spec.hidden or spec.type in NEVER_NEAR or name in node.primary_key):
            why = "hidden" if spec.hidden else "of the primary key" if name in node.primary_key else spec.type.value
            yield Mistake(here, f"`{issue.table}.{name}` is {why}: a copy cannot differ there", "name another column")


def _values(scope: Scope, issue: CategoryDrift | InvalidEnum | BoundaryViolation, path: Path) -> Iterator[Mistake]:
    spec = scope.spec(issue.table, issue.column)
    if spec is None:
        return
    here = (*path, "params")
    if isinstance(issue, BoundaryViolation):
        yield from _bounds(issue, spec.type, here)
    elif isinstance(issue, InvalidEnum):
        wrong = [value for value in issue.params.values if not fits(value, spec.type)]
        if wrong:
            example = "[-1, 999]" if spec.type is ColumnType.INT else "[UNKNOWN]"
            fix = f"write what shall stand there: `params: {{values: {example}}}`"
            yield Mistake((*here, "values"), f"`{wrong[0]}` cannot stand in `{issue.table}.{issue.column}`, of type {spec.type.value}", fix)
    elif issue.params.mapping is not None:
        yield from wrong_values(issue.params.mapping.items(), spec.value_type, (*here, "mapping"))
    elif issue.params.to is not None and not fits(issue.params.to, spec.value_type):
        message = f"`{issue.params.to}` cannot stand in `{issue.table}.{issue.column}`, of type {spec.type.value}"
        yield Mistake((*here, "to"), message, f"write a value of type {spec.type.value}")


def _bounds(issue: BoundaryViolation, kind: ColumnType, path: Path) -> Iterator[Mistake]:
    """Ends of another type than the column's values, or in the wrong order."""
    ends = {key: end for key, end in (("min", issue.params.min), ("max", issue.params.max)) if end is not None}
    wrong = []
    for key, end in ends.items():
        if isinstance(end, str) == (kind in NUMBERS):
            fix = "write a number" if kind in NUMBERS else 'write it like "2024-01-31"'
            wrong.append(Mistake((*path, key), f"`{end}` is no end of a column of type {kind.value}", fix))
        elif isinstance(end, str):
            wrong += moment(end, (*path, key))
    yield from wrong
    if len(ends) == 2 and not wrong and _size(ends["min"]) > _size(ends["max"]):
        yield Mistake(path, f"`min` ({ends['min']}) is above `max` ({ends['max']})", "swap them")


def _size(end: float | str) -> float:
    return parse_datetime(end) if isinstance(end, str) else end
