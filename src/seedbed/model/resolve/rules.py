"""Constraints and targets: the columns they name, values of their types, lists of influences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from seedbed.core.block import ColumnType
from seedbed.core.calendar import parse_datetime, parse_time
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.base import table_of
from seedbed.model.constraints import Constraints, EnumRule, Inequality, Influence, Range, Targets, columns_in
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.behaviors import segment_values
from seedbed.model.resolve.columns import pattern, same_family
from seedbed.model.resolve.distributions import distribution_mistakes
from seedbed.model.resolve.scope import NUMBERS, TIMES, Scope
from seedbed.model.resolve.times import last_moment, moment, time_of_day
from seedbed.model.resolve.values import wrong_values

#: Types whose values come one after the other, and those of them that are written as text.
_ORDERED = NUMBERS | TIMES | {ColumnType.TIME}
_WRITTEN_AS_TEXT = TIMES | {ColumnType.TIME}

#: The keys that a lift over a dimension of time may have.
_STEPS = {"hour": range(24), "dow": range(7), "month": range(1, 13)}


def constraint_mistakes(scope: Scope, rules: Constraints) -> Iterator[Mistake]:
    """All mistakes of the constraints."""
    for index, unique in enumerate(rules.unique):
        yield from _set(scope, unique, ("constraints", "unique", index))
    for index, key in enumerate(rules.foreign_keys):
        here = ("constraints", "foreign_keys", index)
        yield from _set(scope, key.from_, (*here, "from"))
        yield from _set(scope, key.to, (*here, "to"))
        for source, goal in zip(key.sources, key.goals, strict=True):
            yield from _comparable(scope, source, goal, here)
    for index, bounds in enumerate(rules.ranges):
        yield from _range(scope, bounds, ("constraints", "ranges", index))
    for index, inequality in enumerate(rules.inequalities):
        yield from _inequality(scope, inequality, ("constraints", "inequalities", index))
    for index, rule in enumerate(rules.pattern):
        here = ("constraints", "pattern", index)
        yield from scope.missing_ref(rule.attr, (*here, "attr"))
        yield from pattern(rule.regex, scope.ref_type(rule.attr), (*here, "regex"))
    for index, always in enumerate(rules.rules):
        yield from scope.missing_table(always.table, ("constraints", "rules", index, "table"))
    for index, listed in enumerate(rules.enum):
        yield from _enum(scope, listed, ("constraints", "enum", index))


def _set(scope: Scope, found: str | tuple[str, ...], path: Path) -> Iterator[Mistake]:
    """Mistakes of a column, or of several that count together."""
    refs = columns_in(found)
    for place, ref in enumerate(refs):
        yield from scope.missing_ref(ref, path if isinstance(found, str) else (*path, place))
    if len({table_of(ref) for ref in refs}) > 1:
        yield Mistake(path, "columns that count together are of one table", f"name columns of `{table_of(refs[0])}` only")
    twice = next((ref for place, ref in enumerate(refs) if ref in refs[:place]), None)
    if twice is not None:
        yield Mistake(path, f"`{twice}` is named twice", "name it once")


def _comparable(scope: Scope, left: str, right: str, path: Path) -> Iterator[Mistake]:
    types = scope.ref_type(left), scope.ref_type(right)
    if types[0] and types[1] and not same_family(types[0], types[1]):
        yield Mistake(path, f"`{left}` is {types[0].value}, `{right}` is {types[1].value}", "name columns of one type")


def _range(scope: Scope, bounds: Range, path: Path) -> Iterator[Mistake]:
    yield from scope.missing_ref(bounds.attr, (*path, "attr"))
    kind = scope.ref_type(bounds.attr)
    if kind is None:
        return
    if kind not in _ORDERED:
        yield Mistake((*path, "attr"), f"a range is for numbers and times; `{bounds.attr}` is {kind.value}", "use `enum` or `pattern`")
        return
    ends = {"min": bounds.min, "max": bounds.max}
    wrong = list(_range_ends(ends, kind, path))
    yield from wrong
    are_moments = not wrong and isinstance(bounds.min, str) and isinstance(bounds.max, str)
    if kind is ColumnType.DECIMAL:
        if are_moments and Decimal(str(bounds.min)) > Decimal(str(bounds.max)):
            yield Mistake(path, f"`min` ({bounds.min}) is above `max` ({bounds.max})", "swap them")
    elif kind is ColumnType.TIME:
        if are_moments and parse_time(str(bounds.min)) > parse_time(str(bounds.max)):
            yield Mistake(path, f"`min` ({bounds.min}) is after `max` ({bounds.max})", "swap them")
    elif are_moments and parse_datetime(str(bounds.min)) > last_moment(str(bounds.max)):
        yield Mistake(path, f"`min` ({bounds.min}) is after `max` ({bounds.max})", "swap them")


#: A decimal written as text keeps all its digits, up to 18; a number is a float.
_DECIMAL = re.compile(r"[+-]?(?=[0-9.]{1,19}$)[0-9]+(\.[0-9]+)?")


def _range_ends(ends: dict[str, float | str | None], kind: ColumnType, path: Path) -> Iterator[Mistake]:
    for key, end in ends.items():
        if isinstance(end, str) and kind in TIMES:
            yield from moment(end, (*path, key))
        elif isinstance(end, str) and kind is ColumnType.TIME:
            yield from time_of_day(end, (*path, key))
        elif isinstance(end, str) and kind is ColumnType.DECIMAL:
            if not _DECIMAL.fullmatch(end):
                yield Mistake((*path, key), f'"{end}" is no decimal', 'write digits, such as 19.90 or "1234567890123456.78"')
        elif end is not None and isinstance(end, str) != (kind in _WRITTEN_AS_TEXT):
            moment_text = (
                'a time of day in quotes, such as "08:30"' if kind is ColumnType.TIME else 'a moment in quotes, such as "2024-01-31"'
            )
            wanted = moment_text if kind in _WRITTEN_AS_TEXT else "a number"
            yield Mistake((*path, key), f"the column is {kind.value}, so the range needs {wanted}", None)


def _inequality(scope: Scope, rule: Inequality, path: Path) -> Iterator[Mistake]:
    for key, ref in (("left", rule.left), ("right", rule.right)):
        yield from scope.missing_ref(ref, (*path, key))
        kind = scope.ref_type(ref)
        if kind is not None and kind not in _ORDERED:
            yield Mistake((*path, key), f"`{ref}` is {kind.value}: neither a number nor a time", "compare numbers or times")
    types = {scope.ref_type(rule.left), scope.ref_type(rule.right)}
    if None not in types and types <= _ORDERED:
        yield from _comparable(scope, rule.left, rule.right, path)


def _enum(scope: Scope, rule: EnumRule, path: Path) -> Iterator[Mistake]:
    yield from scope.missing_ref(rule.attr, (*path, "attr"))
    kind = scope.value_type(rule.attr)
    if rule.values is not None and kind is not None:
        yield from wrong_values(enumerate(rule.values), kind, (*path, "values"))
    if rule.enum_ref is not None:
        yield from scope.missing_ref(rule.enum_ref, (*path, "enum_ref"))
        yield from _comparable(scope, rule.attr, rule.enum_ref, path)


def target_mistakes(scope: Scope, targets: Targets) -> Iterator[Mistake]:
    """All mistakes of the targets."""
    for index, weekend in enumerate(targets.weekend_share):
        here = ("targets", "weekend_share", index)
        yield from scope.missing_table(weekend.table, (*here, "table"))
        yield from scope.wrong_type(weekend.table, weekend.timestamp, (*here, "timestamp"), TIMES, "a weekend share")
    for index, mean in enumerate(targets.mean_in_range):
        here = ("targets", "mean_in_range", index)
        yield from scope.missing_table(mean.table, (*here, "table"))
        yield from scope.wrong_type(mean.table, mean.column, (*here, "column"), NUMBERS, "a mean")
    for index, effect in enumerate(targets.composite_effect):
        here = ("targets", "composite_effect", index)
        yield from scope.missing_table(effect.table, (*here, "table"))
        yield from scope.wrong_type(effect.table, effect.metric, (*here, "metric"), NUMBERS, "a metric")
        for number, influence in enumerate(effect.influences):
            yield from _influence(scope, effect.table, influence, (*here, "influences", number))
    yield from _new_targets(scope, targets)


def _new_targets(scope: Scope, targets: Targets) -> Iterator[Mistake]:
    """Mistakes of the targets that version 2.0 added."""
    for index, fanout in enumerate(targets.fanout):
        here = ("targets", "fanout", index)
        yield from scope.missing_table(fanout.child, (*here, "child"))
        yield from scope.missing_table(fanout.parent, (*here, "parent"))
        child = scope.model.node(fanout.child)
        if child is not None and fanout.parent in scope.nodes and fanout.parent not in child.parents:
            known = f"its parents: {one_of(child.parents)}" if child.parents else "name a fact as child"
            yield Mistake((*here, "parent"), f"`{fanout.parent}` is no parent of `{fanout.child}`", known)
    for index, target in enumerate(targets.distribution):
        here = ("targets", "distribution", index)
        yield from scope.missing_table(target.table, (*here, "table"))
        yield from scope.wrong_type(target.table, target.column, (*here, "column"), NUMBERS, "a distribution")
        yield from distribution_mistakes(target.expected, (*here, "expected"))
        spec = scope.spec(target.table, target.column)
        if spec is not None and spec.hidden:
            message = f"`{target.table}.{target.column}` is hidden: it is in no file that could be compared"
            yield Mistake((*here, "column"), message, "name a column that is delivered")


def _influence(scope: Scope, table: str, influence: Influence, path: Path) -> Iterator[Mistake]:
    if influence.dimension is not None:
        yield from scope.wrong_type(table, influence.column, (*path, "column"), TIMES, f"`dimension: {influence.dimension}`")
        known: list[str] | None = [str(step) for step in _STEPS[influence.dimension]]
    else:
        yield from scope.missing_column(table, influence.column, (*path, "column"))
        known = segment_values(scope, table, influence.column)
    for key in influence.lift if known is not None else ():
        if known is not None and key not in known:
            of = f"`{influence.dimension}`" if influence.dimension else f"`{table}.{influence.column}`"
            fix = None if influence.dimension else did_you_mean(key, known)
            yield Mistake((*path, "lift", key), f"{of} has no value `{key}`", fix or f"its values: {one_of(known, most=24)}", at_key=True)
