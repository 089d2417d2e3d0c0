"""What a plan refuses, and what it cannot prove, without making any data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType
from seedbed.core.decimals import parsed_units
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model, Node
from seedbed.model.modifiers import Effect
from seedbed.model.places import Mistake
from seedbed.plan.aggregates import aggregate_mistakes
from seedbed.plan.children import children_bounds
from seedbed.plan.inner_feasibility import inner_mistakes
from seedbed.plan.keys import key_mistakes
from seedbed.plan.links import parent_column
from seedbed.plan.moments import moment_mistakes
from seedbed.plan.plan import ColumnPlan, TablePlan
from seedbed.plan.provenance import Tables, may_be_null, reads
from seedbed.plan.sources import grid_of, time_source
from seedbed.plan.support import Supports
from seedbed.plan.uniqueness import supply_mistakes, supply_of
from seedbed.plan.writing import writing_mistakes

if TYPE_CHECKING:
    from seedbed.model.behaviors import AgeMultiplier

Path = tuple[str | int, ...]

#: The ends of whole numbers of 64 bits.
_LEAST, _MOST = -(2**63), 2**63 - 1


def node_mistakes(model: Model) -> list[Mistake]:
    """Everything in the tables' own modifiers and behaviours that cannot be."""
    found: list[Mistake] = []
    for index, node in enumerate(model.nodes):
        parent = model.node(node.parents[0]) if node.kind == "fact" and node.parents else None
        for place, modifier in enumerate(node.modifiers):
            if isinstance(modifier, Effect):
                found += _node_effect(node, parent, modifier, ("nodes", index, "modifiers", place))
        units = {age.time_unit for age in fanout_ages(node)}
        if len(units) > 1:
            message = f"the fan-out multipliers of `{node.id}` count age in {' and '.join(sorted(units))}"
            found.append(Mistake(("nodes", index, "vintage_behavior"), message, "use one time_unit for all that apply to the fan-out"))
    return found


def fanout_ages(node: Node) -> list[AgeMultiplier]:
    """The age multipliers of a node that act on its children's number."""
    behavior = node.vintage_behavior
    return [age for age in behavior.age_based_multipliers.values() if age.applies_to == "fanout"] if behavior else []


def _node_effect(node: Node, parent: Node | None, effect: Effect, path: Path) -> list[Mistake]:
    where: Path = (*path, "args", "on")
    unknown = [local for local in effect.args.on if parent_column(node, parent, local) is None]
    if unknown and parent is not None:
        message = f"`{unknown[0]}` does not tell which `{parent.id}` the effect hits, so it cannot scale how many `{node.id}` each has"
        return [Mistake(where, message, f"name a column of `{parent.id}`, or one that looks it up")]
    if effect.args.on and parent is not None and fanout_ages(parent):
        message = f"`{node.id}` is scaled both by the age of its parents and by shocks that hit some of them"
        return [Mistake(where, message, "leave `on` empty, or let the vintage behaviour apply to columns")]
    return []


def column_mistakes(model: Model, tables: Tables, supports: Supports) -> list[Mistake]:
    """Everything in the columns that cannot be."""
    found: list[Mistake] = []
    for node_index, node in enumerate(model.nodes):
        for index, column in enumerate(tables[node.id].columns):
            path: Path = ("nodes", node_index, "columns", index)
            found += _mistakes(model, tables, column, path, supports)
    for index, key in enumerate(model.constraints.foreign_keys):
        if len(key.sources) == 1:
            found += _foreign_key(model, tables, ("constraints", "foreign_keys", index), key.sources[0], key.goals[0])
    found += key_mistakes(model, tables)
    if any(node.order_by for node in model.nodes):
        from seedbed.plan.ordering import order_mistakes  # few models have an order

        found += order_mistakes(model, tables)
    if model.constraints.rules:
        from seedbed.plan.rules import rule_mistakes  # only models with rules need expressions

        found += rule_mistakes(model)
    return found


def _mistakes(model: Model, tables: Tables, column: ColumnPlan, path: Path, supports: Supports) -> list[Mistake]:
    generator = column.spec.generator
    if column.stage:
        return []
    found = []
    if generator.datetime_series is not None:
        table = tables[column.table]
        found += _times(model, column, path) or moment_mistakes(model, table.node, column.spec, path, table.rows)
        found += _twice_weighted(model, table, column, path)
    if generator.expression is not None:
        from seedbed.plan.formulas import formula_mistakes  # only models with expressions need them

        where: Path = (*path, "generator", "expression", "code")
        found += formula_mistakes(model, tables[column.table].node, column.spec, where, supports.ends)
    if column.spec.null_if is not None:
        from seedbed.plan.formulas import condition_mistakes  # only models with expressions need them

        found += condition_mistakes(model, tables[column.table].node, column.spec.null_if, (*path, "null_if"), "`null_if`")
    if generator.aggregate is not None:
        found += aggregate_mistakes(model, tables, column, path)
    if generator.aggregate is not None and generator.aggregate.where is not None:
        from seedbed.plan.formulas import condition_mistakes  # only models with expressions need them

        child, where = tables[table_of(generator.aggregate.of)].node, (*path, "generator", "aggregate", "where")
        found += condition_mistakes(model, child, generator.aggregate.where, where, "`where`")
    if generator.lookup is not None:
        found += _lookup(tables, column, path)
    found += inner_mistakes(model, tables, column, path, supports)
    found += writing_mistakes(model, tables, column, path)
    if column.is_unique:
        found += _unique(model, tables, column, path)
    return [
        *found,
        *sequence_mistakes(column, tables[column.table].rows, path),
        *_beyond_whole_numbers(column, path, supports),
        *_beyond_decimals(column, path, supports),
    ]


def sequence_mistakes(column: ColumnPlan, rows: int | None, path: Path) -> list[Mistake]:
    """Refuse a sequence that so many rows lead beyond the numbers that its column can hold."""
    sequence = column.spec.generator.sequence
    if sequence is None or not rows or column.stage:
        return []
    last = sequence.start + sequence.step * (rows - 1)
    if not _LEAST <= last <= _MOST:
        message = f"{column.ref} reaches {last:,} at its last row, beyond whole numbers of 64 bits"
    elif column.type is ColumnType.FLOAT and column.is_unique and max(abs(sequence.start), abs(last)) > 2**53:
        message = f"floats beyond 2^53 leave out whole numbers, so {column.ref}, which reaches {last:,}, is not unique"
    else:
        return []
    return [Mistake((*path, "generator", "sequence"), message, "give a smaller start or step, or fewer rows")]


def _beyond_decimals(column: ColumnPlan, path: Path, supports: Supports) -> list[Mistake]:
    """Refuse numbers that are longer than the decimals of their column."""
    if column.type is not ColumnType.DECIMAL or column.spec.generator.expression is not None:
        return []  # bounds of expressions may be far too wide; their rows are looked at
    precision, scale = column.spec.digits
    where = (*path, "generator", column.spec.generator.kind)
    fix = "raise its `precision`, or clamp it" if precision < MOST_DIGITS else "clamp it, or lower its `scale`"
    listed = _listed_numbers(column)
    if listed is not None:  # exactly: floats tell no units from 16 digits on
        long = [value for value in listed if (units := parsed_units(value, scale)) is None or abs(units) >= 10**precision]
        return [Mistake(where, f"{column.ref} may be {long[0]}, beyond decimal({precision}, {scale})", fix)] if long else []
    span = supports.natural(column.ref)
    if not span.known or max(abs(span.low), abs(span.high)) * 10.0**scale < 10.0**precision:
        return []
    return [Mistake(where, f"{column.ref} lies between {span.low:.6g} and {span.high:.6g}, beyond decimal({precision}, {scale})", fix)]


def _listed_numbers(column: ColumnPlan) -> list[float | str] | None:
    """The numbers that a column holds just as they are listed; None where it draws or changes them."""
    generator = column.spec.generator
    listed = (generator.choice.choices if generator.choice else None) or ([generator.constant.value] if generator.constant else None)
    if listed is None or column.spec.modifiers or column.factors:
        return None
    return [value for value in listed if isinstance(value, int | float | str)]


def _beyond_whole_numbers(column: ColumnPlan, path: Path, supports: Supports) -> list[Mistake]:
    """Refuse whole numbers that a distribution and its modifiers can lead beyond 64 bits."""
    if column.type is not ColumnType.INT or column.spec.generator.distribution is None:
        return []
    span = supports.natural(column.ref)
    if not span.known or (span.low >= _LEAST and span.high < _MOST):
        return []
    message = f"{column.ref} lies between {span.low:.3g} and {span.high:.3g}, which can pass whole numbers of 64 bits"
    return [Mistake((*path, "generator", "distribution"), message, "clamp it, or make the column a float")]


def _twice_weighted(model: Model, table: TablePlan, column: ColumnPlan, path: Path) -> list[Mistake]:
    """Refuse effects on the rows' time where shocks on the table or ages of its parents already decide how it is drawn."""
    parent = model.node(table.parent) if table.parent else None
    decided = any(isinstance(modifier, Effect) for modifier in table.node.modifiers) or (parent is not None and fanout_ages(parent))
    series = column.spec.generator.datetime_series
    if column.name == table.time_column and decided and series and (series.delay or series.process == "regular"):
        what = "a delay" if series.delay else "a regular process"
        message = f"shocks or ages decide when rows of `{table.name}` lie, and so does {what} of {column.ref}"
        return [Mistake((*path, "generator", "datetime_series"), message, "let another column, further up, hold the rows' time")]
    places = [place for place, modifier in enumerate(column.spec.modifiers) if isinstance(modifier, Effect)]
    if column.name != table.time_column or not places or not decided:
        return []
    message = f"{column.ref} is drawn by what scales the fan-out of `{table.name}`, so an effect of its own has no meaning"
    return [Mistake((*path, "modifiers", places[0]), message, "put the effect on the table")]


def _times(model: Model, column: ColumnPlan, path: Path) -> list[Mistake]:
    series = column.spec.generator.datetime_series
    assert series is not None
    grid = grid_of(model.timeframe, column.spec, series)
    where: Path = (*path, "generator", "datetime_series")
    if grid.count == 0:
        freq = series.freq or model.timeframe.freq
        return [Mistake(where, f"the window of {column.ref} holds no point of the grid `{freq}`", "widen the window, or use a finer freq")]
    if grid.count > 1 << 32:
        return [
            Mistake(
                where,
                f"the window of {column.ref} holds {grid.count:,} points; at most {1 << 32:,} can be drawn from",
                "use a coarser freq",
            )
        ]
    try:
        table = time_source(model.timeframe, column.spec, series)
    except ValueError as error:  # too many cells of time
        return [Mistake(where, f"{column.ref} cannot be weighed: {error}", "shorten the window, or weigh by days or months only")]
    if table is None:
        return [
            Mistake(
                where, f"every moment of {column.ref} has the weight 0", "give some hour, weekday or month of the window a weight above 0"
            )
        ]
    return []


def _lookup(tables: Tables, column: ColumnPlan, path: Path) -> list[Mistake]:
    lookup = column.spec.generator.lookup
    assert lookup is not None
    where: Path = (*path, "generator", "lookup")
    source = tables[table_of(lookup.from_)].column(column_of(lookup.from_))
    found = []
    if not column.type.takes(source.type):
        found.append(
            Mistake(
                where,
                f"{lookup.from_} is of type {source.type}, {column.ref} of type {column.type}",
                f"set the column's type to {source.type}",
            )
        )
    if may_be_null(tables, source) and not column.nullable:
        found.append(Mistake(where, f"{lookup.from_} has nulls, but {column.ref} must not have any", "make the column nullable"))
    if column.link is not None and tables[column.table].link(column.link).kind == "join":
        link = tables[column.table].link(column.link)
        remote, local = tables[link.target].column(link.remote or ""), tables[column.table].column(link.local or "")
        kinds = {remote.spec.value_type, local.spec.value_type}
        are_unlike = len(kinds) > 1 and any(isinstance(kind, DecimalType) for kind in kinds)
        if are_unlike or not remote.type.matches(local.type):
            found.append(
                Mistake(
                    (*where, "on"),
                    f"{remote.ref} is of type {remote.spec.value_type}, {local.ref} of type {local.spec.value_type}: they never match",
                    "join columns of one type",
                )
            )
    return found


def _unique(model: Model, tables: Tables, column: ColumnPlan, path: Path) -> list[Mistake]:
    """Refuse a unique column whose generator cannot promise it."""
    generator = column.spec.generator
    what = "primary key" if column.is_key else "unique column"
    table = tables[column.table]
    changed = [modifier.transform for modifier in column.spec.modifiers]
    if changed:
        return [
            Mistake(
                (*path, "modifiers"),
                f"the {what} {column.ref} is changed by `{changed[0]}`, which may make two values equal",
                "remove the modifier",
            )
        ]
    if generator.sequence is not None and generator.sequence.per is not None:
        fix = "remove `per`, or make the parent's key and this column the key together"
        message = f"the numbers of the {what} {column.ref} start again for each `{generator.sequence.per}`"
        return [Mistake((*path, "generator", "sequence", "per"), message, fix)]
    if generator.sequence is not None or generator.faker is not None:
        return []  # patterns and pools are judged where their size is known
    if generator.enum_list is not None:
        return _distinct_values(column, path)
    if generator.lookup is not None:
        return _unique_lookup(tables, table, column, path, what)
    if supply_of(model, tables, column) is not None:
        return supply_mistakes(model, tables, column, table.rows, path)
    fix = "use a sequence, a pattern, a uuid, an enum_list, or a lookup of a table with enough rows"
    return [Mistake((*path, "generator"), f"a {generator.kind} cannot promise that the {what} {column.ref} has no value twice", fix)]


def _distinct_values(column: ColumnPlan, path: Path) -> list[Mistake]:
    values = column.spec.generator.enum_list
    assert values is not None
    times = Counter(values.values)
    twice = next((value for value in values.values if times[value] > 1), None)
    return (
        []
        if twice is None
        else [Mistake((*path, "generator", "enum_list"), f"`{twice}` is listed twice in the unique column {column.ref}", "remove one")]
    )


def _unique_lookup(tables: Tables, table: TablePlan, column: ColumnPlan, path: Path, what: str) -> list[Mistake]:
    assert column.link is not None
    link = table.link(column.link)
    where: Path = (*path, "generator", "lookup")
    if link.kind in ("distinct", "parent") and column.spec.generator.lookup is not None:
        source = tables[link.target].column(column_of(column.spec.generator.lookup.from_))
        if not source.is_unique:
            return [Mistake(where, f"{source.ref} is not unique, so {column.ref} cannot be", "look up a key")]
    if link.kind == "distinct":
        rows, others = table.rows, tables[link.target].rows
        if rows is not None and others is not None and rows > others:
            return [
                Mistake(
                    where,
                    f"the {what} {column.ref} needs {rows:,} different rows of `{link.target}`, which has {others:,}",
                    f"give `{link.target}` at least {rows:,} rows",
                )
            ]
        return []
    parent = tables[link.target].node
    is_scaled = bool(table.node.modifiers or parent.segment_behavior or parent.vintage_behavior)
    if link.kind == "parent" and table.node.fanout is not None and children_bounds(table.node.fanout, is_scaled=is_scaled)[1] <= 1:
        return []
    return [
        Mistake(where, f"the {what} {column.ref} looks up rows that others look up too", "use a sequence, or clamp the fan-out to [0, 1]")
    ]


def _foreign_key(model: Model, tables: Tables, path: Path, from_: str, to: str) -> list[Mistake]:
    """Refuse a foreign key that the way its column is made does not keep."""
    target = tables[table_of(to)].column(column_of(to))
    if not target.is_unique:
        return [Mistake((*path, "to"), f"{to} is not unique, so it cannot be referred to", f"refer to the primary key of `{target.table}`")]
    if reads(tables, from_, to, len(model.nodes)):
        return []
    column = tables[table_of(from_)].column(column_of(from_))
    fix = f"fill {from_} with a lookup from {to}"
    return [
        Mistake((*path, "from"), f"{from_} is made by `{column.spec.generator.kind}`, which does not keep the foreign key to {to}", fix)
    ]
