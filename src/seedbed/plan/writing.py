"""What no data could make of patterns, UUIDs and constants."""

from __future__ import annotations

from seedbed.core.language import LanguageError
from seedbed.core.template import Drawn, Value
from seedbed.model.document import Model
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Reference, find_reference, may_lead_nowhere
from seedbed.plan.nested import all_inner_columns
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.provenance import Tables, may_be_null
from seedbed.plan.texts import pieces_of, strings_of_regex


def writing_mistakes(model: Model, tables: Tables, column: ColumnPlan, path: Path) -> list[Mistake]:
    """Mistakes of a column's pattern, UUID or constant, and of those inside its generator; `path` is the column's."""
    found: list[Mistake] = []
    for below, inner in [((), column), *all_inner_columns(column)]:
        where: Path = (*path, "generator", *below, inner.spec.generator.kind)
        found += _languages(inner, where)
        if column.nullable or {"struct", "list"} & set(below):  # a part of a value may be null
            continue
        null = _null_source(model, tables, inner)
        if null is not None:
            found.append(Mistake(where, f"{null}, but {column.ref} must not be", "make the column nullable"))
    return found


def _languages(column: ColumnPlan, path: Path) -> list[Mistake]:
    """Regular expressions whose automata are too large, or that no text matches."""
    pattern = column.spec.generator.pattern
    if pattern is None:
        return []
    drawn = [piece for piece in pieces_of(column) if isinstance(piece, Drawn)]
    found = []
    for regex in [pattern.regex] if pattern.regex is not None else [piece.regex for piece in drawn]:
        try:
            strings_of_regex(regex)
        except LanguageError as error:
            found.append(Mistake((*path, "regex" if pattern.regex is not None else "template"), error.message, error.fix))
    return found


def _null_source(model: Model, tables: Tables, column: ColumnPlan) -> str | None:
    """What makes a value null, of a column that must have none."""
    generator = column.spec.generator
    if generator.constant is not None:
        return "the value is null" if generator.constant.value is None else None
    names = [generator.uuid.name] if generator.uuid is not None else [p.reference for p in pieces_of(column) if isinstance(p, Value)]
    return next((f"`{name}` may be null" for name in names if name is not None and _may_be_null(model, tables, column, name)), None)


def _may_be_null(model: Model, tables: Tables, column: ColumnPlan, name: str) -> bool:
    node = tables[column.table].node
    reference = find_reference(model, node, name)
    if not isinstance(reference, Reference):
        return False
    if reference.link is not None and may_lead_nowhere(node, reference.link):
        return True
    return may_be_null(tables, tables[reference.table].column(reference.column))
