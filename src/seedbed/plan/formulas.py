"""What a plan must know of expressions; imported only where a model has some."""

from __future__ import annotations

import math
from collections.abc import Callable

from seedbed.core.block import ColumnType, DecimalType, ValueType, column_type
from seedbed.core.errors import ModelError
from seedbed.core.expression import ExpressionError, UnknownName, bounds, infer, parse, seen_as
from seedbed.core.interval import Interval, widest
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.places import Mistake
from seedbed.model.references import Reference, Unknown, find_reference, may_lead_nowhere, reference_type

#: The lowest and the highest value of a column; infinite where not known.
Ends = Callable[[str], tuple[float, float]]


def names_in(code: str) -> tuple[str, ...]:
    """The columns that an expression reads; none where it cannot be read, which is said elsewhere."""
    try:
        return parse(code).names
    except ExpressionError:
        return ()


def references_in(model: Model, node: Node, code: str) -> list[Reference]:
    """What an expression reads; names that mean nothing are told elsewhere."""
    found = (find_reference(model, node, name) for name in names_in(code))
    return [reference for reference in found if isinstance(reference, Reference)]


def types_in(model: Model, node: Node) -> Callable[[str], ValueType | None]:
    """The type of what a name means in a row of a node; None where it means nothing."""

    def type_of(name: str) -> ValueType | None:
        found = find_reference(model, node, name)
        return None if isinstance(found, Unknown) else reference_type(model, found)

    return type_of


def span_of(model: Model, node: Node, code: str, ends_of: Ends) -> tuple[float, float]:
    """Between which values an expression lies, as far as `ends_of` tells of each `table.column`."""
    try:
        reach = bounds(parse(code), lambda name: _interval(model, node, name, ends_of))
    except ModelError:  # said where the column itself is judged
        return -math.inf, math.inf
    if not reach.is_known:
        return -math.inf, math.inf
    unit = 10**reach.type.scale if isinstance(reach.type, DecimalType) else 1
    return reach.low / unit, reach.high / unit


def _interval(model: Model, node: Node, name: str, ends_of: Ends) -> Interval:
    found = find_reference(model, node, name)
    kind = None if isinstance(found, Unknown) else reference_type(model, found)
    if isinstance(found, Unknown) or kind is None:
        raise UnknownName(name)
    if found.measure is not None:
        return widest(kind, nullable=found.measure in ("min", "max", "mean"))
    owner = model.node(found.table)
    column = owner.column(found.column) if owner else None
    assert column is not None
    nullable = column.may_be_null or (found.link is not None and may_lead_nowhere(node, found.link))
    low, high = ends_of(f"{found.table}.{found.column}") if found.field is None else (-math.inf, math.inf)
    kind = seen_as(kind) or ColumnType.STRING  # what no expression reads is refused when its types are found
    if kind is ColumnType.STRING or not (math.isfinite(low) and math.isfinite(high)):
        return widest(kind, nullable=nullable)
    if isinstance(kind, DecimalType):
        unit = 10**kind.scale
        return Interval(math.floor(low * unit), math.ceil(high * unit), nullable, kind)
    return Interval(low, high, nullable, kind) if kind is ColumnType.FLOAT else Interval(int(low), int(high), nullable, kind)


def expression_mistakes(
    model: Model, node: Node, code: str, where: tuple[str | int, ...], ends_of: Ends
) -> tuple[ValueType | None, bool, list[Mistake]]:
    """An expression's type, whether it may be null, and what is wrong with its text, names and types."""
    try:
        parsed = parse(code)
        given = infer(parsed, types_in(model, node))
        reach = bounds(parsed, lambda name: _interval(model, node, name, ends_of))
    except UnknownName as error:
        unknown = find_reference(model, node, error.name)
        message, fix = (unknown.message, unknown.fix) if isinstance(unknown, Unknown) else (f"`{error.name}` has no known type", None)
        return None, False, [Mistake(where, f"{message} (character {error.offset + 1} of the expression)", fix)]
    except ExpressionError as error:
        found = [
            Mistake(where, f"{problem.message} (character {error.offset + 1} of the expression)", problem.fix) for problem in error.problems
        ]
        return None, False, found
    return given, reach.nullable, []


def formula_mistakes(model: Model, node: Node, column: ColumnSpec, where: tuple[str | int, ...], ends_of: Ends) -> list[Mistake]:
    """What is wrong with a column's expression: its text, its names and types, what it gives."""
    assert column.generator.expression is not None
    given, is_nullable, mistakes = expression_mistakes(model, node, column.generator.expression.code, where, ends_of)
    if given is None:
        return mistakes
    found = []
    ref = f"{node.id}.{column.name}"
    if not column.type.takes(column_type(given)):
        found.append(
            Mistake(where, f"the expression gives {given}, but {ref} is of type {column.type}", f"set the column's type to {given}")
        )
    if is_nullable and not column.may_be_null:
        fix = "use coalesce(.., ..), or make the column nullable"
        found.append(Mistake(where, f"the expression of {ref} may be null, but the column must not be", fix))
    return found


def condition_mistakes(model: Model, node: Node, code: str, where: tuple[str | int, ...], what: str) -> list[Mistake]:
    """What is wrong with an expression that must be true or false; `what` says what uses it."""
    given, _, mistakes = expression_mistakes(model, node, code, where, lambda _ref: (-math.inf, math.inf))
    if given is not None and given is not ColumnType.BOOL:
        return [Mistake(where, f"{what} must be true or false; the expression gives {given}", "compare it with something, such as `> 0`")]
    return mistakes
