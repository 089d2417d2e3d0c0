"""What a plan must know of expressions; imported only where a model has some."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.core.errors import ModelError
from seedbed.core.expression import ExpressionError, UnknownName, bounds, infer, parse
from seedbed.core.interval import Interval, widest
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.places import Mistake
from seedbed.plan.support import Span, Supports, fits


def names_in(code: str) -> tuple[str, ...]:
    """The columns that an expression reads; none where it cannot be read, which is said elsewhere."""
    try:
        return parse(code).names
    except ExpressionError:
        return ()


def span_of(supports: Supports, node: Node, code: str) -> Span:
    """Between which values an expression lies, as far as its columns tell."""
    try:
        reach = bounds(parse(code), lambda name: _interval(supports, node, name))
    except ModelError:  # said where the column itself is judged
        return Span()
    return Span(reach.low, reach.high) if reach.is_known else Span()


def _interval(supports: Supports, node: Node, name: str) -> Interval:
    column = node.column(name)
    if column is None:
        raise UnknownName(name)
    span = supports.of(f"{node.id}.{name}")
    if column.type is ColumnType.STRING or not span.known:
        return widest(column.type, nullable=column.nullable)
    if column.type is ColumnType.FLOAT:
        return Interval(span.low, span.high, column.nullable, column.type)
    return Interval(int(span.low), int(span.high), column.nullable, column.type)


def expression_mistakes(node: Node, column: ColumnSpec, where: tuple[str | int, ...], supports: Supports) -> list[Mistake]:
    """What is wrong with a column's expression: its text, its names and types, what it gives."""
    assert column.generator.expression is not None
    types = {other.name: other.type for other in node.columns}
    try:
        parsed = parse(column.generator.expression.code)
        given = infer(parsed, types.get)
        reach = bounds(parsed, lambda name: _interval(supports, node, name))
    except UnknownName as error:
        fix = did_you_mean(error.name, types) or f"its columns are {one_of(types)}"
        return [Mistake(where, f"`{node.id}` has no column `{error.name}` (character {error.offset + 1} of the expression)", fix)]
    except ExpressionError as error:
        return [Mistake(where, f"{problem.message} (character {error.offset + 1} of the expression)", problem.fix) for problem in error.problems]
    found = []
    ref = f"{node.id}.{column.name}"
    if not fits(given, column.type):
        found.append(Mistake(where, f"the expression gives a {given}, but {ref} is a {column.type}", f"set the column's type to {given}"))
    if reach.nullable and not column.nullable:
        fix = "use coalesce(.., ..), or make the column nullable"
        found.append(Mistake(where, f"the expression of {ref} may be null, but the column must not be", fix))
    return found

