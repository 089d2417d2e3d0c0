"""Every promise that a model makes, as a check.

Names: `user.pk_unique`, `user.age.range`, `event.fk_user.integrity`, `event.weekend_share`. Where a name would stand twice, the
column is added (`transfer.fk_account.to_id.integrity`), then a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from seedbed.check.check import Check, Promise
from seedbed.check.construction import construction_checks, reachable
from seedbed.check.distributions import distribution_checks
from seedbed.check.facts import facts_of
from seedbed.check.orders import Ends, OrderCheck
from seedbed.check.references import ReferenceCheck
from seedbed.check.shape import ShapeCheck
from seedbed.check.targets import Influencer, LiftCheck, MeanCheck, Strata, WeekendCheck, Weekends
from seedbed.check.trees import Edges, TreeCheck
from seedbed.check.uniqueness import KeysOf, UniqueCheck
from seedbed.check.unjudged import Skipped, Unjudged
from seedbed.check.values import Compares, InRange, InSet, IsJson, Matches, NotNull, Operator, RowCheck, RowTest
from seedbed.check.view import KeyForm, TableFacts, is_text
from seedbed.core.block import NUMBERS, ColumnType, DecimalType, ValueType, column_type
from seedbed.core.calendar import DAY_US, parse_datetime, parse_end, parse_time
from seedbed.core.decimals import parsed_units
from seedbed.core.wide import units_at
from seedbed.model.base import Scalar, column_of, table_of
from seedbed.model.constraints import CompositeEffect, ForeignKey, Inequality, Range
from seedbed.model.document import ColumnSpec, Model, Node, Timeframe
from seedbed.plan.links import node_links
from seedbed.plan.moments import time_orders
from seedbed.plan.sources import moment_of
from seedbed.plan.states import start_column

_TIMES = (ColumnType.DATE, ColumnType.DATETIME)
_OP_NAMES: dict[Operator, str] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

#: More strata than these say nothing: most would be nearly empty.
_MOST_STRATA = 10_000


def derive_checks(model: Model) -> tuple[Check, ...]:
    """All checks of a model, table by table in its order, targets last."""
    facts = facts_of(model)
    checks: list[Check] = []
    for node in model.nodes:
        checks.extend(_shape_checks(node, facts[node.id]))
        checks.extend(_key_checks(model, node))
        checks.extend(_reference_checks(model, node))
        checks.extend(_value_checks(model, node))
        checks.extend(_inequality_checks(model, node))
        checks.extend(_rule_checks(model, node))
        checks.extend(construction_checks(model, node))
    checks.extend(_target_checks(model))
    return named_apart(_once(_of_what_is_delivered(model, checks)))


def _shape_checks(node: Node, facts: TableFacts) -> Iterator[Check]:
    names = tuple(facts.types)
    listed = ", ".join(names)
    yield ShapeCheck(Promise(f"{node.id}.exists", "table", node.id, (), "the table is there"), facts, "table")
    yield ShapeCheck(Promise(f"{node.id}.columns", "column_exists", node.id, names, listed), facts, "columns")
    typed = ", ".join(f"{name} {kind.value}" for name, kind in facts.types.items())
    yield ShapeCheck(Promise(f"{node.id}.types", "type", node.id, names, typed), facts, "types")


def _key_checks(model: Model, node: Node) -> Iterator[Check]:
    if node.primary_key:
        yield UniqueCheck(Promise(f"{node.id}.pk_unique", "primary_key", node.id, node.primary_key, "no value twice"))
    for name in node.primary_key:
        yield RowCheck(Promise(f"{node.id}.pk_not_null", "not_null", node.id, (name,), "no null", "critical"), NotNull(name))
    listed = [column_of(ref) for ref in model.constraints.unique_columns if table_of(ref) == node.id]
    for name in dict.fromkeys([*listed, *(column.name for column in node.columns if column.unique and not column.hidden)]):
        if name != node.key:
            yield UniqueCheck(Promise(f"{node.id}.{name}.unique", "unique", node.id, (name,), "no value twice"))
    for refs in model.constraints.unique_sets:
        if table_of(refs[0]) == node.id and set(map(column_of, refs)) != set(node.primary_key):
            names = tuple(map(column_of, refs))
            yield UniqueCheck(Promise(f"{node.id}.{'_'.join(names)}.unique", "unique", node.id, names, "no combination twice"))
    pair = _pair(model, node)
    if pair is not None:
        yield UniqueCheck(Promise(f"{node.id}.pair_unique", "unique_pair", node.id, pair, "no pair twice"))


def _pair(model: Model, node: Node) -> tuple[str, str] | None:
    """The columns of a duplicate-free m:n: those that hold the keys of the first and the second parent."""
    if node.kind != "fact" or len(node.parents) < 2 or node.stage_config is not None:
        return None
    columns = [_key_column(model, node, parent) for parent in node.parents[:2]]
    first, second = columns
    return (first, second) if first is not None and second is not None else None


def _key_column(model: Model, node: Node, parent: str) -> str | None:
    """The column that holds the key of a row's own parent."""
    names = (column.name for column in node.columns if _reads_key(model, column) == parent and _is_direct(column))
    return next(names, None)


def _is_direct(column: ColumnSpec) -> bool:
    return column.generator.lookup is not None and column.generator.lookup.on is None


def _reads_key(model: Model, column: ColumnSpec) -> str | None:
    """The table whose primary key a lookup reads unchanged."""
    lookup = column.generator.lookup
    if lookup is None or column.modifiers:
        return None
    target = model.node(table_of(lookup.from_))
    return target.id if target is not None and target.key == column_of(lookup.from_) else None


def _reference_checks(model: Model, node: Node) -> Iterator[Check]:
    keys = [key for key in model.constraints.foreign_keys if table_of(key.sources[0]) == node.id]
    declared = [(column_of(key.sources[0]), key.goals[0]) for key in keys if len(key.sources) == 1]
    yield from (_composite(model, key) for key in keys if len(key.sources) > 1)
    read = [(column.name, f"{table}.{_pk(model, table)}") for column in node.columns if (table := _reads_key(model, column))]
    for name, to in dict.fromkeys([*declared, *read]):
        about = Promise(f"{node.id}.fk_{table_of(to)}.integrity", "foreign_key", node.id, (name,), f"a value of {to}")
        yield _reference(model, about, f"{node.id}.{name}", to)
    for column in node.columns:
        if _reads_key(model, column) == node.id and node.key is not None:
            about = Promise(f"{node.id}.{column.name}.acyclic", "tree", node.id, (column.name,), "no circle")
            yield TreeCheck(about, Edges(node.id, (node.key, column.name)))


def _composite(model: Model, key: ForeignKey) -> Check:
    """Several columns that together are a row's key; a row with a null among them refers to nothing."""
    table, target = table_of(key.sources[0]), table_of(key.goals[0])
    names, goals = tuple(map(column_of, key.sources)), tuple(map(column_of, key.goals))
    about = Promise(f"{table}.fk_{target}.integrity", "foreign_key", table, names, f"a row of {target} ({', '.join(goals)})")
    for source, goal in zip(key.sources, key.goals, strict=True):
        if _form(_type_of(model, source), _type_of(model, goal)) != "plain":
            return Unjudged(about, f"{source} is {_type_of(model, source)}, {goal} is {_type_of(model, goal)}")
    return ReferenceCheck(about, KeysOf(table, names), KeysOf(target, goals))


def _pk(model: Model, table: str) -> str | None:
    node = model.node(table)
    return node.key if node else None


def _reference(model: Model, about: Promise, source: str, target: str) -> Check:
    kinds = _type_of(model, source), _type_of(model, target)
    form = _form(*kinds)
    if form is None:
        return Unjudged(about, f"{source} is {kinds[0]}, {target} is {kinds[1]}")
    counted = column_of(target) in _unique_columns(model, table_of(target)) and form == "plain"  # gathered for that check anyway
    return ReferenceCheck(
        about,
        KeysOf(table_of(source), (column_of(source),), form),
        KeysOf(table_of(target), (column_of(target),), form, counts_repeats=counted),
    )


def _unique_columns(model: Model, table: str) -> set[str | None]:
    node = model.node(table)
    own = [column.name for column in node.columns if column.unique and not column.hidden] if node is not None else []
    return {_pk(model, table), *own, *(column_of(ref) for ref in model.constraints.unique_columns if table_of(ref) == table)}


def _form(one: ValueType | None, other: ValueType | None) -> KeyForm | None:
    """How values of two types are told apart together; None where they can't be."""
    kinds = {one, other}
    if one is None or other is None:
        return None
    if len(kinds) == 1 or kinds == {ColumnType.STRING, ColumnType.UUID}:
        return "plain"
    if {column_type(one), column_type(other)} <= NUMBERS:
        return "float"
    return "moment" if kinds == set(_TIMES) else None


def _type_of(model: Model, ref: str) -> ValueType | None:
    node = model.node(table_of(ref))
    column = node.column(column_of(ref)) if node else None
    return column.value_type if column else None


def _value_checks(model: Model, node: Node) -> Iterator[Check]:
    rules = model.constraints
    for column in (column for column in node.columns if not column.hidden):
        ref, own = f"{node.id}.{column.name}", column.constraints
        if not column.may_be_null and column.name not in node.primary_key:
            yield _row_check(ref, "not_null", "no null", NotNull(column.name))
        yield from _format_checks(column, ref)
        machine = node.state_transition_model or node.events
        if machine is not None and column.name == machine.state_column:
            yield _row_check(ref, "state", f"one of {_listed(reachable(machine))}", InSet(column.name, reachable(machine)))
        for bounds in (rule for rule in rules.ranges if rule.attr == ref):
            yield _row_check(ref, "range", _range_text(bounds), in_range(column, bounds, model.timeframe))
        for values in ([own.enum] if own.enum else []) + [rule.values for rule in rules.enum if rule.attr == ref and rule.values]:
            yield _row_check(ref, "enum", f"one of {_listed(values)}", InSet(column.name, _stored(values, column.value_type)))
        for source in [own.enum_ref, *(rule.enum_ref for rule in rules.enum if rule.attr == ref)]:
            if source is not None:
                about = Promise(f"{ref}.enum", "enum", node.id, (column.name,), f"a value of {source}")
                yield _reference(model, about, ref, source)
        for regex in [own.pattern, *(rule.regex for rule in rules.pattern if rule.attr == ref)]:
            if regex is not None:
                yield _row_check(ref, "pattern", regex, Matches(column.name, regex))


def _format_checks(column: ColumnSpec, ref: str) -> Iterator[Check]:
    """UUIDs and JSON are texts of a form of their own."""
    if column.type is ColumnType.UUID:
        yield _row_check(ref, "format", "a UUID", Matches(column.name, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"))
    if column.type is ColumnType.JSON:
        yield _row_check(ref, "format", "JSON", IsJson(column.name))


def _row_check(ref: str, kind: str, expected: str, test: RowTest) -> RowCheck:
    return RowCheck(Promise(f"{ref}.{kind}", kind, table_of(ref), test.columns, expected), test)


def in_range(column: ColumnSpec, bounds: Range, timeframe: Timeframe) -> InRange:
    """The test of a range. A day alone as `max` means the whole day; for dates the time of day is left off.

    The bounds of whole numbers are made whole, so that no rounding of large ones decides.
    """
    low, high = bounds.min, bounds.max
    if column.type in _TIMES:
        if column.type is ColumnType.DATETIME:
            first = None if low is None else moment_of(str(low), timeframe)
            return InRange(column.name, first, None if high is None else moment_of(str(high), timeframe, is_end=True))
        first = None if low is None else parse_datetime(str(low))
        last = None if high is None else parse_end(str(high))
        scale = DAY_US
        return InRange(column.name, first if first is None else first // scale, last if last is None else last // scale)
    if column.type is ColumnType.TIME:
        first, last = (None if end is None else parse_time(str(end)) for end in (low, high))
        return InRange(column.name, first, last)
    if column.type is ColumnType.DECIMAL:
        scale = column.digits[1]
        units = [None if end is None else units_at(end, scale, up=at == 0) for at, end in enumerate((low, high))]
        return InRange(column.name, *units)
    least, most = (None if end is None else float(end) for end in (low, high))
    if column.type is ColumnType.INT:
        return InRange(column.name, None if least is None else math.ceil(least), None if most is None else math.floor(most))
    return InRange(column.name, least, most)


def _range_text(bounds: Range) -> str:
    if bounds.min is None:
        return f"at most {_shown(bounds.max)}"
    return f"at least {_shown(bounds.min)}" if bounds.max is None else f"{_shown(bounds.min)} to {_shown(bounds.max)}"


def _shown(value: float | str | None) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _listed(values: tuple[Scalar, ...], most: int = 8) -> str:
    shown = ", ".join(str(value) for value in values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def _stored(values: Iterable[Scalar], kind: ValueType) -> tuple[str, ...] | tuple[int | float, ...]:
    """Values of the document as a column of the type holds them."""
    if isinstance(kind, DecimalType):
        return tuple(units for value in values if (units := parsed_units(value, kind.scale)) is not None)
    if is_text(kind):
        return tuple(str(value).lower() if kind is ColumnType.UUID else str(value) for value in values)
    if kind is ColumnType.TIME:
        return tuple(parse_time(str(value)) for value in values)
    if kind in _TIMES:
        moments = [parse_datetime(str(value)) for value in values]
        return tuple(moment // DAY_US if kind is ColumnType.DATE else moment for moment in moments)
    return tuple(float(value) if kind is ColumnType.FLOAT else int(value) for value in values)


def _inequality_checks(model: Model, node: Node) -> Iterator[Check]:
    for rule in (*model.constraints.inequalities, *_orders_of_times(model, node)):
        if table_of(rule.left) == table_of(rule.right):
            if table_of(rule.left) == node.id:
                left, right = column_of(rule.left), column_of(rule.right)
                name = f"{node.id}.{left}_{_OP_NAMES[rule.op]}_{right}"
                about = Promise(name, "inequality", node.id, (left, right), f"{left} {rule.op} {right}")
                yield RowCheck(about, Compares(left, rule.op, right))
        elif node.id in (table_of(rule.left), table_of(rule.right)):
            check = _order_check(model, rule)
            if check.about.table == node.id:
                yield check


def _orders_of_times(model: Model, node: Node) -> Iterator[Inequality]:
    """What `after` and `before` promise of a node's columns, and what its state machine does, where the data shows both sides."""
    delivered = {f"{other.id}.{column.name}" for other in model.nodes for column in other.columns if not column.hidden}
    pairs: list[tuple[str, Operator, str]] = [(f"{node.id}.{start}", "<=", f"{node.id}.{later}") for start, later in _states(node)]
    near = (o for o in time_orders(model) if table_of(o.giver) == node.id and o.link in (None, "parent") and not o.is_inherited)
    pairs += [(order.giver, order.operator, order.keeper) for order in near]
    for left, op, right in pairs:
        is_told = table_of(left) == table_of(right) or _join(model, table_of(left), table_of(right)) is not None
        if is_told and {left, right} <= delivered:
            yield Inequality(left=left, op=op, right=right)


def _states(node: Node) -> Iterator[tuple[str, str]]:
    """The start time of a node's state machine, and the time of its state, where they can be compared."""
    machine, start = node.state_transition_model, start_column(node)
    column = node.column(start) if start is not None else None
    if machine is not None and machine.time_column is not None and column is not None and column.type is ColumnType.DATETIME:
        yield column.name, machine.time_column


def _order_check(model: Model, rule: Inequality) -> Check:
    for child, op, parent in ((rule.left, rule.op, rule.right), (rule.right, _MIRRORED[rule.op], rule.left)):
        join = _join(model, table_of(child), table_of(parent))
        if join is not None:
            name = f"{child}_{_OP_NAMES[op]}_{parent}"
            about = Promise(name, "inequality", table_of(child), (column_of(child),), f"{child} {op} {parent}")
            return _joined(model, about, (child, op, parent), join)
    name, expected = f"{rule.left}_{_OP_NAMES[rule.op]}_{rule.right}", f"{rule.left} {rule.op} {rule.right}"
    about = Promise(name, "inequality", table_of(rule.left), (column_of(rule.left),), expected)
    return Unjudged(about, f"no column of {table_of(rule.left)} or {table_of(rule.right)} holds the other one's key")


def _joined(model: Model, about: Promise, order: tuple[str, Operator, str], join: tuple[str, str]) -> Check:
    child, op, parent = order
    kinds = _type_of(model, child), _type_of(model, parent)
    form = _form(_type_of(model, f"{table_of(child)}.{join[0]}"), _type_of(model, f"{table_of(parent)}.{join[1]}"))
    if form is None or kinds[0] is None or kinds[1] is None:
        return Unjudged(about, f"the keys of {table_of(child)} and {table_of(parent)} are of two types")
    greater = op in (">", ">=")
    return OrderCheck(
        about,
        Ends(table_of(child), join[0], column_of(child), kinds[1], "least" if greater else "most", form),
        op,
        Ends(table_of(parent), join[1], column_of(parent), kinds[0], "most" if greater else "least", form),
    )


def _join(model: Model, child: str, parent: str) -> tuple[str, str] | None:
    """The columns by which a row of one table names its row of the other: the fan-out's own first, then what is declared."""
    node, other = model.node(child), model.node(parent)
    if node is None:
        return None
    chosen, links = node_links(model, node)
    rank = {"parent": 0, "partner": 1}
    for link in sorted((link for link in links if link.target == parent and link.kind != "tree"), key=lambda link: rank.get(link.kind, 2)):
        if link.kind == "join" and link.local and link.remote:
            return link.local, link.remote
        keys = (column.name for column in node.columns if chosen.get(column.name) == link.name and _reads_key(model, column) == parent)
        key = next(keys, None)
        if key is not None and other is not None and other.key is not None:
            return key, other.key
    for foreign in model.constraints.foreign_keys:
        if len(foreign.sources) == 1 and table_of(foreign.sources[0]) == child and table_of(foreign.goals[0]) == parent:
            return column_of(foreign.sources[0]), column_of(foreign.goals[0])
    return None


def _rule_checks(model: Model, node: Node) -> Iterator[Check]:
    rules = [(number, rule) for number, rule in enumerate(model.constraints.rules) if rule.table == node.id]
    if not rules:
        return
    from seedbed.check.rules_of_model import promise_of, rule_check  # only models with rules need expressions

    for number, rule in rules:
        found = rule_check(model, rule, number)
        yield Skipped(promise_of(rule, number), found) if isinstance(found, str) else found


def _target_checks(model: Model) -> Iterator[Check]:
    targets = model.targets
    if targets is None:
        return
    for share in targets.weekend_share:
        expected = f"{share.min:.4g} to {share.max:.4g}"
        about = Promise(f"{share.table}.weekend_share", "weekend_share", share.table, (share.timestamp,), expected, "warning")
        yield WeekendCheck(about, Weekends(share.table, share.timestamp), share.min, share.max)
    for mean in targets.mean_in_range:
        expected = f"{_shown(mean.min)} to {_shown(mean.max)}"
        name = f"{mean.table}.{mean.column}.mean_in_range"
        about = Promise(name, "mean_in_range", mean.table, (mean.column,), expected, "warning")
        yield MeanCheck(about, Strata(mean.table, mean.column), mean.min, mean.max)
    for effect in targets.composite_effect:
        yield _effect_check(effect)
    yield from distribution_checks(model, targets)


def _effect_check(effect: CompositeEffect) -> Check:
    influences = tuple(Influencer(one.column, one.dimension, tuple(one.lift)) for one in effect.influences)
    measure = Strata(effect.table, effect.metric, influences)
    mae, mape = effect.tolerance.mae, effect.tolerance.mape
    name = f"{effect.table}.{effect.metric}.composite_effect"
    about = Promise(name, "composite_effect", effect.table, measure.columns, f"MAE <= {mae:g}, MAPE <= {mape:g}", "warning")
    if measure.size > _MOST_STRATA:
        return Unjudged(about, f"the influences have {measure.size:,} combinations; at most {_MOST_STRATA:,} can be compared")
    return LiftCheck(about, measure, tuple((*one.lift.values(), 1.0) for one in effect.influences), mae, mape)


def _of_what_is_delivered(model: Model, checks: Iterable[Check]) -> Iterator[Check]:
    """The checks; those of hidden columns, which no stored table shows, are skipped."""
    hidden = {(node.id, column.name) for node in model.nodes for column in node.columns if column.hidden}
    for check in checks:
        read = {(check.about.table, name) for name in check.about.columns}
        read |= {(measure.table, name) for measure in check.measures for name in measure.columns}
        unseen = sorted(read & hidden)
        yield Skipped(check.about, f"`{unseen[0][1]}` of `{unseen[0][0]}` is not delivered") if unseen else check


def _once(checks: Iterable[Check]) -> list[Check]:
    """Each promise once, though the model may make it twice."""
    return list(dict.fromkeys(checks))


def named_apart(checks: list[Check]) -> tuple[Check, ...]:
    """Give checks of one name names of their own: by the column, then by number."""
    twice = _repeated(check.about.id for check in checks)
    for index, check in enumerate(checks):
        if check.about.id in twice and check.about.kind in ("foreign_key", "weekend_share"):
            head, _, last = check.about.id.rpartition(".")
            checks[index] = _renamed(check, f"{head}.{check.about.columns[0]}.{last}")
    seen: dict[str, int] = {}
    for index, check in enumerate(checks):
        name = check.about.id
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            checks[index] = _renamed(check, f"{name}_{seen[name]}")
    return tuple(checks)


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]  # add returns nothing


def _renamed(check: Check, name: str) -> Check:
    return replace(check, about=replace(check.about, id=name))  # type: ignore[type-var]  # every check is a frozen dataclass
