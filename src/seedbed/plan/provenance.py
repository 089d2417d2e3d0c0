"""Where a column's values come from, as far as the model tells."""

from __future__ import annotations

from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec
from seedbed.model.generators.choice import Choice
from seedbed.plan.plan import ColumnPlan, TablePlan

Tables = dict[str, TablePlan]


def reads(tables: Tables, ref: str, to: str, depth: int) -> bool:
    """Whether every value of a column is one of `to`, because it is looked up or chosen there."""
    if ref == to:
        return True
    column = tables[table_of(ref)].column(column_of(ref))
    generator = column.spec.generator
    if column.spec.modifiers or depth < 0:
        return False
    if generator.lookup is not None:
        return reads(tables, generator.lookup.from_, to, depth - 1)
    if generator.choice is not None and generator.choice.choices_ref is not None:
        return reads(tables, generator.choice.choices_ref, to, depth - 1)
    given, known = listed_values(tables, ref), listed_values(tables, to)
    if given is not None and known is not None:
        return set(given) <= set(known)
    return _sequence_within(tables, ref, to)


def _sequence_within(tables: Tables, ref: str, to: str) -> bool:
    one, other = (tables[table_of(name)].column(column_of(name)).spec.generator.sequence for name in (ref, to))
    rows, others = tables[table_of(ref)].rows, tables[table_of(to)].rows
    same = one is not None and other is not None and (one.start, one.step, one.per) == (other.start, other.step, None)
    return same and rows is not None and others is not None and rows <= others  # a shuffled one has the same numbers


def listed_values(tables: Tables, ref: str, depth: int = 8) -> tuple[object, ...] | None:
    """All values that a column can have, where they are listed; None where they are not."""
    return _listed(tables, tables[table_of(ref)].column(column_of(ref)), depth)


def _listed(tables: Tables, column: ColumnPlan, depth: int) -> tuple[object, ...] | None:
    """All values of a column, or of a generator inside one."""
    generator = column.spec.generator
    if column.stage == "name":
        config = tables[column.table].node.stage_config
        return tuple(stage.stage_name for stage in config.stages) if config else None
    machine = tables[column.table].node.state_transition_model or tables[column.table].node.events
    if column.stage in ("state", "event") and machine is not None:
        return tuple(machine.states)
    if column.stage or column.spec.modifiers or depth < 0:
        return None
    if generator.choice is not None:
        return _listed_choices(tables, generator.choice, depth)
    if generator.enum_list is not None:
        return generator.enum_list.values
    if generator.constant is not None:
        return () if generator.constant.value is None else (generator.constant.value,)
    if generator.case is not None or generator.mixture is not None:
        return _listed_branches(tables, column, depth)
    return listed_values(tables, generator.lookup.from_, depth - 1) if generator.lookup is not None else None


def _listed_branches(tables: Tables, column: ColumnPlan, depth: int) -> tuple[object, ...] | None:
    """All values of generators by condition or by weight; None where one of them does not list its own."""
    from seedbed.plan.nested import inner_columns  # only models with nested generators need them

    found: dict[object, None] = {}
    for inner in inner_columns(column):
        values = _listed(tables, inner.column, depth - 1)
        if values is None:
            return None
        found |= dict.fromkeys(values)
    return tuple(found)


def _listed_choices(tables: Tables, choice: Choice, depth: int) -> tuple[object, ...] | None:
    """All values of a choice; None where they are in a file, or in a column that does not list them."""
    if choice.choices_ref is not None:
        return listed_values(tables, choice.choices_ref, depth - 1)
    return choice.choices if choice.table is None else tuple(dict.fromkeys(value for _, values, _ in choice.entries for value in values))


#: Generators that can give nulls in a column that takes them: those that read others.
_PASS_NULLS = frozenset({"expression", "pattern", "uuid", "constant", "case", "mixture", "plugin"})


def _passes_nulls(column: ColumnSpec) -> bool:
    generator = column.generator
    if generator.aggregate is not None:  # of children there may be none
        return generator.aggregate.op not in ("sum", "count")
    is_delayed = generator.datetime_series is not None and generator.datetime_series.delay is not None
    return is_delayed or generator.kind in _PASS_NULLS


def may_be_null(tables: Tables, column: ColumnPlan, depth: int = 8) -> bool:
    """Whether any value can be null: drawn so, at the root of a tree, without a partner, computed so or read so."""
    if not column.nullable:
        return False
    lookup = column.spec.generator.lookup
    if column.null_share > 0 or column.spec.null_if is not None or _passes_nulls(column.spec) or depth < 0:
        return True
    if lookup is None or column.link is None:
        return False
    link = tables[column.table].link(column.link)
    read = tables[table_of(lookup.from_)].column(column_of(lookup.from_))
    return link.kind in ("tree", "join", "declared") or may_be_null(tables, read, depth - 1)
