"""What no data could make of generators inside others, and of choices that depend on another column."""

from __future__ import annotations

from seedbed.core.nearest import one_of
from seedbed.model.document import Model
from seedbed.model.generators.nested import conditions_in
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Reference, find_reference, may_lead_nowhere
from seedbed.model.resolve.values import spelt
from seedbed.plan.nested import all_inner_columns
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.provenance import Tables, listed_values, may_be_null
from seedbed.plan.support import Supports


def inner_mistakes(model: Model, tables: Tables, column: ColumnPlan, path: Path, supports: Supports) -> list[Mistake]:
    """Mistakes of the conditions and expressions inside a generator, and of its dependent choices; `path` is the column's."""
    found: list[Mistake] = []
    node = tables[column.table].node
    for below, inner in [((), column), *all_inner_columns(column)]:
        where: Path = (*path, "generator", *below)
        generator = inner.spec.generator
        for place, code in conditions_in(generator):
            from seedbed.plan.formulas import condition_mistakes  # only models with expressions need them

            found += condition_mistakes(model, node, code, (*where, *place), "`if`")
        if generator.expression is not None and below:
            from seedbed.plan.formulas import formula_mistakes

            found += formula_mistakes(model, node, inner.spec, (*where, "expression", "code"), supports.ends)
        if generator.choice is not None and generator.choice.by is not None:
            found += _dependent_choice(model, tables, inner, where)
    return found


def _dependent_choice(model: Model, tables: Tables, column: ColumnPlan, path: Path) -> list[Mistake]:
    """Refuse values of `by` that the table has no list for, as far as the model tells which there are."""
    choice = column.spec.generator.choice
    assert choice is not None
    node = tables[column.table].node
    reference = find_reference(model, node, choice.by or "")
    if choice.else_ is not None or not isinstance(reference, Reference) or reference.field is not None:
        return []
    where: Path = (*path, "choice", "table")
    source = tables[reference.table].column(reference.column)
    values = [spelt(value) for value in listed_values(tables, source.ref) or () if isinstance(value, bool | int | float | str)]
    missing = [value for value in values if value not in (choice.table or {})]
    found = []
    if missing:
        message = f"`{choice.by}` may be {one_of(missing)}, which the table has no list for"
        found.append(Mistake(where, message, "add them, or an `else`"))
    if may_be_null(tables, source) or (reference.link is not None and may_lead_nowhere(node, reference.link)):
        found.append(Mistake(where, f"`{choice.by}` may be null, which the table has no list for", "add an `else`"))
    return found
