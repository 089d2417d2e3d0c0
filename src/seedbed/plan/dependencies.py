"""What every column, and every table's number of rows, is computed from."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.model.base import table_of
from seedbed.model.document import Fanout, Model
from seedbed.model.generators.nested import conditions_in, row_references
from seedbed.model.links import LinkSpec
from seedbed.model.modifiers import Effect, Seasonality, Trend
from seedbed.model.references import Reference, find_reference
from seedbed.plan.fanouts import parent_reference
from seedbed.plan.links import parent_column
from seedbed.plan.nested import inner_columns
from seedbed.plan.picks import weight_column
from seedbed.plan.plan import ColumnPlan, Link, TablePlan, ValueFactor
from seedbed.plan.states import start_column


def rows_name(table: str) -> str:
    """The name by which the graph of dependencies knows a table's number of rows."""
    return f"rows({table})"


def dependencies(model: Model, tables: list[TablePlan]) -> dict[str, tuple[str, ...]]:
    """For every column, and every table's number of rows, what it is computed from."""
    graph: dict[str, tuple[str, ...]] = {}
    named = {table.name: table for table in tables}
    for table in tables:
        graph[rows_name(table.name)] = tuple(_rows_depend(model, table, named))
        for column in table.columns:
            found = [*_column_depends(model, table, column), *_children_depend(model, named, column)]
            graph[column.ref] = tuple(dict.fromkeys(found))
    return graph


def _children_depend(model: Model, named: dict[str, TablePlan], column: ColumnPlan) -> list[str]:
    """What tells which children an aggregate takes in."""
    aggregate = column.spec.generator.aggregate
    if aggregate is None or aggregate.where is None:
        return []
    return code_depends(model, named[table_of(aggregate.of)], aggregate.where)


def _machine_depends(model: Model, table: TablePlan) -> list[str]:
    """What a state machine starts from: its own table's, or that of the parent whose events the table holds."""
    owner = table.node if table.node.events is None else model.node(table.parent or "")
    machine = owner.state_transition_model if owner is not None else None
    if owner is None or machine is None:
        return []
    found = [f"{owner.id}.{start_column(owner)}"]
    reference = find_reference(model, owner, machine.segment_column) if machine.segment_column else None
    return [*found, f"{reference.table}.{reference.column}", rows_name(owner.id)] if isinstance(reference, Reference) else found


def _fanout_depends(model: Model, parent: TablePlan, fanout: Fanout | None) -> list[str]:
    """What a fan-out reads of the parents' rows."""
    if fanout is None:
        return []
    texts = (fanout.by, fanout.params.column if fanout.params is not None else None)
    references = [parent_reference(model, parent.node, text) for text in texts if text is not None]
    found = [name for reference in references if isinstance(reference, Reference) for name in reference_depends(model, parent, reference)]
    return [*found, *(code_depends(model, parent, fanout.where) if fanout.where is not None else ())]


def _rows_depend(model: Model, table: TablePlan, named: dict[str, TablePlan]) -> list[str]:
    if table.parent is None:
        return []
    found = [rows_name(table.parent), *(_machine_depends(model, table) if table.node.events is not None else ())]
    parent = model.node(table.parent)
    found += _fanout_depends(model, named[table.parent], table.node.fanout)
    if parent and parent.segment_behavior:
        found.append(f"{parent.id}.{parent.segment_behavior.segment_column}")
    if parent and parent.vintage_behavior and any(m.applies_to == "fanout" for m in parent.vintage_behavior.age_based_multipliers.values()):
        found.append(f"{parent.id}.{parent.vintage_behavior.created_at_column}")
    for modifier in table.node.modifiers:
        if isinstance(modifier, Effect):
            found += _effect_refs(modifier)
            found += [f"{table.parent}.{name}" for local in modifier.args.on if (name := parent_column(table.node, parent, local))]
    return found


def _effect_refs(effect: Effect) -> list[str]:
    args = effect.args
    columns = {args.window.start_col, args.window.end_col, args.map.field, *args.on.values()}
    return [rows_name(args.effect_table), *(f"{args.effect_table}.{column}" for column in sorted(columns))]


def _column_depends(model: Model, table: TablePlan, column: ColumnPlan) -> list[str]:
    if column.stage:
        return [*_machine_depends(model, table), rows_name(table.name)]
    found = _generator_depends(model, table, column)
    if column.spec.null_if:
        found += code_depends(model, table, column.spec.null_if)
    for inner in inner_columns(column):
        found += _column_depends(model, table, inner.column)
    found += [f"{table.name}.{name}" for name in column.names_from]
    found += _modifier_depends(table, column)
    for bound in column.limits.bounds:
        found += _link_depends(model, table, table.link(bound.link)) if bound.link else []
        found += [f"{bound.table}.{bound.column}"] if f"{bound.table}.{bound.column}" != column.ref else []  # itself, further up a tree
    for factor in column.factors:
        found += _factor_depends(model, table, factor)
    return found


def _generator_depends(model: Model, table: TablePlan, column: ColumnPlan) -> list[str]:
    """What the parameters of a column's generator name."""
    generator = column.spec.generator
    found: list[str] = []
    if generator.choice and generator.choice.choices_ref:
        found += [generator.choice.choices_ref, rows_name(table_of(generator.choice.choices_ref))]
    if generator.lookup:
        found += [generator.lookup.from_, *_link_depends(model, table, table.link(column.link or ""))]
    if generator.aggregate:
        child = table_of(generator.aggregate.of)
        found += [generator.aggregate.of, rows_name(child)]
    if generator.split:
        found += [*text_depends(model, table, generator.split.total), rows_name(table.name)]
    if generator.process or (generator.sequence and not generator.sequence.is_plain):
        found.append(rows_name(table.name))
    codes = [generator.expression.code] if generator.expression else []
    for code in (*codes, *(code for _, code in conditions_in(generator))):
        found += code_depends(model, table, code)
    for text in row_references(generator):
        found += text_depends(model, table, text)
    if generator.datetime_series and generator.datetime_series.process != "iid":
        found.append(rows_name(table.name))
    if generator.datetime_series and column.name == table.time_column:
        found += _drawing_of_time(model, table)
    return found


def text_depends(model: Model, table: TablePlan, text: str) -> list[str]:
    """What a reference as the author wrote it is computed from; one that means nothing is told elsewhere."""
    reference = find_reference(model, table.node, text)
    return reference_depends(model, table, reference) if isinstance(reference, Reference) else []


def code_depends(model: Model, table: TablePlan, code: str) -> list[str]:
    """What an expression over a table's rows is computed from."""
    from seedbed.plan.formulas import references_in  # only models with expressions need them

    return [name for reference in references_in(model, table.node, code) for name in reference_depends(model, table, reference)]


def reference_depends(model: Model, table: TablePlan, reference: Reference) -> list[str]:
    """What a value that a row reads is computed from: the column, and the link that leads to it."""
    if reference.measure is not None:
        return [rows_name(reference.table), *([f"{reference.table}.{reference.column}"] if reference.column else [])]
    through = [] if reference.link is None else _link_depends(model, table, table.link(table.link_name(reference.link)))
    return [*through, f"{reference.table}.{reference.column}"]


def _link_depends(model: Model, table: TablePlan, link: Link) -> list[str]:
    if link.kind == "join":
        through = _link_depends(model, table, table.link(link.via)) if link.via else []
        return [*through, f"{table.name}.{link.local}", f"{link.target}.{link.remote}", rows_name(link.target)]
    if link.spec is not None:
        return [rows_name(table.name), rows_name(link.target), *_declared_depends(model, table, link.spec)]
    return [rows_name(table.name)] if link.kind == "parent" else [rows_name(table.name), rows_name(link.target)]


def _declared_depends(model: Model, table: TablePlan, spec: LinkSpec) -> list[str]:
    """What a declared link reads to find its rows."""
    columns = [*spec.match, weight_column(spec)]
    columns += [spec.as_of.valid_from, spec.as_of.valid_to] if spec.as_of else []
    columns += [spec.capacity.limit] if spec.capacity and isinstance(spec.capacity.limit, str) else []
    found = [f"{spec.to}.{name}" for name in columns if name]
    for text in (*spec.match.values(), *([spec.as_of.at] if spec.as_of else ())):
        found += text_depends(model, table, text)
    return found


def _drawing_of_time(model: Model, table: TablePlan) -> list[str]:
    """What the time of a fact's rows depends on beside its own weights: shocks, and the age of its parents."""
    found = []
    parent = model.node(table.parent) if table.parent else None
    for modifier in table.node.modifiers:
        if isinstance(modifier, Effect):
            found += _effect_refs(modifier)
            found += [rows_name(table.name)] if modifier.args.on else []
            found += [f"{table.parent}.{name}" for local in modifier.args.on if (name := parent_column(table.node, parent, local))]
    if parent and parent.vintage_behavior and any(m.applies_to == "fanout" for m in parent.vintage_behavior.age_based_multipliers.values()):
        found += [rows_name(table.name), f"{parent.id}.{parent.vintage_behavior.created_at_column}"]
    if table.node.stage_config:
        found.append(rows_name(table.name))
    return found


def _modifier_depends(table: TablePlan, column: ColumnPlan) -> list[str]:
    found = []
    is_time = column.type in (ColumnType.DATE, ColumnType.DATETIME)
    for modifier in column.spec.modifiers:
        if isinstance(modifier, Effect):
            found += _effect_refs(modifier)
            found += [f"{table.name}.{local}" for local in modifier.args.on]
        if isinstance(modifier, Seasonality | Effect) and not is_time:
            found.append(f"{table.name}.{modifier.args.time_column or table.time_column}")
        if isinstance(modifier, Trend):
            found.append(f"{table.name}.{modifier.args.time_reference or table.time_column}")
    return found


def _factor_depends(model: Model, table: TablePlan, factor: ValueFactor) -> list[str]:
    owner = model.node(factor.table)
    assert owner is not None
    found = [rows_name(table.name)] if factor.link else []
    if factor.kind == "segment":
        return [*found, f"{owner.id}.{factor.name}"]
    assert owner.vintage_behavior is not None
    own_time = [f"{table.name}.{table.time_column}"] if factor.link else []
    return [*found, *own_time, f"{owner.id}.{owner.vintage_behavior.created_at_column}"]
