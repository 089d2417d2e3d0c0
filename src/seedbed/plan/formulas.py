"""What a plan must know of expressions; imported only where a model has some."""

from __future__ import annotations

import math
from collections.abc import Callable

from seedbed.core.block import ColumnType
from seedbed.core.errors import ModelError
from seedbed.core.expression import ExpressionError, UnknownName, bounds, infer, parse
from seedbed.core.interval import Interval, widest
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.places import Mistake

#: The lowest and the highest value of a column; infinite where not known.
Ends = Callable[[str], tuple[float, float]]


def names_in(code: str) -> tuple[str, ...]:
    """The columns that an expression reads; none where it cannot be read, which is said elsewhere."""
    try:
        return parse(code).names
    except ExpressionError:
        return ()


def span_of(node: Node, code: str, ends_of: Ends) -> tuple[float, float]:
    """Between which values an expression lies, as far as `ends_of` its columns tell."""
    try:
        reach = bounds(parse(code), lambda name: _interval(node, name, ends_of))
    except ModelError:  # said where the column itself is judged
        return -math.inf, math.inf
    return (reach.low, reach.high) if reach.is_known else (-math.inf, math.inf)


def _interval(node: Node, name: str, ends_of: Ends) -> Interval:
    column = node.column(name)
    if column is None:
        raise UnknownName(name)
    low, high = ends_of(name)
    if column.type is ColumnType.STRING or not (math.isfinite(low) and math.isfinite(high)):
        return widest(column.type, nullable=column.nullable)
    if column.type is ColumnType.FLOAT:
        return Interval(low, high, column.nullable, column.type)
    return Interval(int(low), int(high), column.nullable, column.type)


def _looked_up(model: Model, node: Node, name: str) -> str | None:
    """How a column of that name can be read from a table that the row belongs to or refers to; None where none has it."""
    for parent in (model.node(table) for table in node.parents):
        if parent is not None and parent.column(name) is not None:
            return f"`{parent.id}` has it: add the column `{name}` with the generator `lookup: {{from: {parent.id}.{name}}}`"
    for own in node.columns:
        ref = own.generator.lookup.from_ if own.generator.lookup is not None else ""
        other = model.node(table_of(ref))
        if other is not None and other.id != node.id and other.pk == column_of(ref) and other.column(name) is not None:
            way = f"lookup: {{from: {other.id}.{name}, on: {{{other.pk}: {own.name}}}}}"
            return f"`{other.id}` has it: add the column `{name}` with the generator `{way}`"
    return None


def expression_mistakes(model: Model, node: Node, column: ColumnSpec, where: tuple[str | int, ...], ends_of: Ends) -> list[Mistake]:
    """What is wrong with a column's expression: its text, its names and types, what it gives."""
    assert column.generator.expression is not None
    types = {other.name: other.type for other in node.columns}
    try:
        parsed = parse(column.generator.expression.code)
        given = infer(parsed, types.get)
        reach = bounds(parsed, lambda name: _interval(node, name, ends_of))
    except UnknownName as error:
        fix = _looked_up(model, node, error.name) or did_you_mean(error.name, types) or f"its columns are {one_of(types)}"
        return [Mistake(where, f"`{node.id}` has no column `{error.name}` (character {error.offset + 1} of the expression)", fix)]
    except ExpressionError as error:
        return [
            Mistake(where, f"{problem.message} (character {error.offset + 1} of the expression)", problem.fix) for problem in error.problems
        ]
    found = []
    ref = f"{node.id}.{column.name}"
    if not column.type.takes(given):
        found.append(
            Mistake(where, f"the expression gives {given}, but {ref} is of type {column.type}", f"set the column's type to {given}")
        )
    if reach.nullable and not column.nullable:
        fix = "use coalesce(.., ..), or make the column nullable"
        found.append(Mistake(where, f"the expression of {ref} may be null, but the column must not be", fix))
    return found
