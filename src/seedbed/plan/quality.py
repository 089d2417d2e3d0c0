"""What a plan must know of faults on purpose: ranges to leave, references to break, the time of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.core.block import ColumnType
from seedbed.core.calendar import DAY_US
from seedbed.core.nearest import one_of
from seedbed.model.base import Scalar, column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.modifiers import ClampTo
from seedbed.model.places import Mistake, Path
from seedbed.plan.plan import ColumnPlan, TablePlan
from seedbed.plan.sources import moment_of
from seedbed.plan.support import clamp_of

if TYPE_CHECKING:
    from seedbed.model.quality import BoundaryViolation, Form, InvalidEnum, Issue, NearDuplicate

#: Rows move within stretches of so many rows, which begin where this divides a row's number.
WINDOW = 1_024

#: About how many bytes a row of the ground truth takes.
TRUTH_BYTES = 150

Ends = tuple[float | None, float | None]


def issues_of(model: Model, table: str) -> tuple[tuple[int, Issue], ...]:
    """The faults of a table, each with its place in the document."""
    return model.quality_injection.of(table) if model.quality_injection is not None else ()


def form_of(model: Model, table: str, column: str) -> Form:
    """How a column is delivered: as bytes where a fault breaks its encoding, as text where one breaks its type."""
    forms = {issue.form for _, issue in issues_of(model, table) if column in issue.columns}
    return "binary" if "binary" in forms else "string" if "string" in forms else "clean"


def bounds_of(model: Model, column: ColumnPlan, issue: BoundaryViolation) -> Ends:
    """The least and the greatest value that are right: numbers as they are, times in microseconds, dates in days."""
    low, high = (_end(model, column.type, end, is_end=is_end) for end, is_end in ((issue.params.min, False), (issue.params.max, True)))
    if low is not None or high is not None:
        return low, high
    for rule in model.constraints.ranges:
        if rule.attr == column.ref:
            return _end(model, column.type, rule.min, is_end=False), _end(model, column.type, rule.max, is_end=True)
    for modifier in reversed(column.spec.modifiers):
        if isinstance(modifier, ClampTo):
            return modifier.args.min, modifier.args.max
    return clamp_of(column.spec)


def _end(model: Model, kind: ColumnType, end: float | str | None, *, is_end: bool) -> float | None:
    if not isinstance(end, str):
        return end
    if kind is ColumnType.DECIMAL:
        return float(end)
    moment = moment_of(end, model.timeframe, is_end=is_end)
    return moment // DAY_US if kind is ColumnType.DATE else moment


def target_of(model: Model, table: str, column: str) -> str | None:
    """The `table.column` whose values a column refers to: by a foreign key, or by looking up a key."""
    for key in model.constraints.foreign_keys:
        for source, goal in zip(key.sources, key.goals, strict=True):
            if source == f"{table}.{column}":
                return goal
    node = model.node(table)
    spec = node.column(column) if node is not None else None
    lookup = spec.generator.lookup if spec is not None else None
    target = model.node(table_of(lookup.from_)) if lookup is not None else None
    if lookup is None or target is None or column_of(lookup.from_) not in target.primary_key:
        return None
    return lookup.from_


def near_columns(table: TablePlan, issue: NearDuplicate) -> tuple[str, ...]:
    """The columns in which a near copy may differ."""
    if issue.params.columns is not None:
        return issue.params.columns
    from seedbed.model.resolve.quality import NEVER_NEAR  # only models with faults need it

    free = (c for c in table.delivered if not c.is_key and not c.references and c.type not in NEVER_NEAR)
    return tuple(column.name for column in free)


def has_time(tables: Mapping[str, TablePlan], table: TablePlan) -> bool:
    """Whether the rows of a table have a time: a column of their own, or their parents'."""
    while table.time_column is None and table.parent is not None:
        table = tables[table.parent]
    return table.time_column is not None


def expected_truths(model: Model, rows: Mapping[str, float]) -> float:
    """About how many rows the ground truth has, as if every issue hit all times and conditions."""
    return sum(issue.rate * rows[issue.table] * len(issue.columns or "1") for issue in _issues(model))


def _issues(model: Model) -> tuple[Issue, ...]:
    return model.quality_injection.issues if model.quality_injection is not None else ()


def quality_mistakes(model: Model, tables: Mapping[str, TablePlan]) -> list[Mistake]:
    """What no fault can be on this model: without a time, a range, a reference, or a value that is wrong."""
    found = []
    for place, issue in enumerate(_issues(model)):
        path, table = ("quality_injection", "issues", place), tables[issue.table]
        found += _timeless(issue, tables, table, path)
        if issue.where is not None:
            from seedbed.plan.formulas import condition_mistakes  # only models with expressions need them

            found += condition_mistakes(model, table.node, issue.where, (*path, "where"), "`where`")
        found += _impossible(model, issue, table, path)
    return found


def _timeless(issue: Issue, tables: Mapping[str, TablePlan], table: TablePlan, path: Path) -> list[Mistake]:
    wanting = [key for key, end in (("from", issue.from_), ("until", issue.until)) if end is not None]
    wanting += ["kind"] if issue.kind == "late_arrival" else []
    if not wanting or has_time(tables, table):
        return []
    what = f"`{issue.kind}`" if wanting[0] == "kind" else f"`{wanting[0]}`"
    message = f"{what} goes by the time of a row, and neither `{table.name}` nor its parents have a date or datetime"
    return [Mistake((*path, wanting[0]), message, "give the table a datetime_series, or use `where`")]


def _impossible(model: Model, issue: Issue, table: TablePlan, path: Path) -> list[Mistake]:
    if issue.kind == "boundary_violation" and bounds_of(model, table.column(issue.column), issue) == (None, None):
        message = f"`{table.name}.{issue.column}` has no range to leave"
        return [Mistake(path, message, "write `params: {min: .., max: ..}`, or add it to `constraints.ranges`")]
    if issue.kind == "orphan_fk" and target_of(model, table.name, issue.column) is None:
        message = f"`{table.name}.{issue.column}` refers to no key"
        return [Mistake((*path, "column"), message, "name a column that looks up a key or is in `constraints.foreign_keys`")]
    if issue.kind == "near_duplicate" and len(names := near_columns(table, issue)) < issue.params.edits:
        message = f"{issue.params.edits} cells of a copy shall differ, but {len(names)} of `{table.name}` can"
        return [Mistake(path, message, "lower `edits`" if names else "use `duplicate`")]
    if issue.kind == "invalid_enum":
        return _valid_values(model, issue, table.node, path)
    return []


def _valid_values(model: Model, issue: InvalidEnum, node: Node, path: Path) -> list[Mistake]:
    column = node.column(issue.column)
    known = known_values(model, node, column) if column is not None else ()
    if "values" in issue.params.model_fields_set:
        right = [value for value in issue.params.values if value in known]
    else:
        right = list(issue.params.values) if set(issue.params.values) <= set(known) else []
    if not right:
        return []
    message = f"{one_of(map(str, right))} {'is a value' if len(right) == 1 else 'are values'} of `{node.id}.{issue.column}`"
    return [Mistake((*path, "params", "values"), message, "write values that it does not have")]


def known_values(model: Model, node: Node, column: ColumnSpec) -> tuple[Scalar, ...]:
    """The values that a column is known to have: those it is drawn from, and those that are listed as right."""
    ref = f"{node.id}.{column.name}"
    generator = column.generator
    lists = [column.constraints.enum, generator.enum_list.values if generator.enum_list else None]
    lists += [generator.choice.choices if generator.choice else None]
    lists += [rule.values for rule in model.constraints.enum if rule.attr == ref]
    return tuple(value for values in lists for value in values or ())
