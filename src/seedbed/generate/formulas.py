"""Expressions over the rows of a table: its columns, those of linked rows, fields of records."""

from __future__ import annotations

from seedbed.core.block import Column, ColumnType
from seedbed.core.errors import DataError
from seedbed.core.expression import RowError, compile_expression, parse
from seedbed.core.expression.tree import Expression
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.model.document import Node
from seedbed.model.references import Reference, find_reference, reference_type
from seedbed.plan.formulas import types_in


def formula(engine: Context, table: str, code: str, column: str) -> Kernel:
    """The function from a frame to an expression's values, shape (n,); `column` is named where a row has none."""
    node = engine.plan.table(table).node
    parsed = parse(code)
    compiled = compile_expression(parsed, types_in(engine.plan.model, node))
    references, zone = references_of(engine, node, parsed), engine.clock.zone

    def read(frame: Frame, reference: Reference) -> Column:
        found = frame.read(reference)
        if zone is None or reference_type(engine.plan.model, reference) is not ColumnType.DATETIME:
            return found
        return Column(zone.local(found.data), found.valid)  # expressions see what clocks show

    def computed(frame: Frame) -> Column:
        try:
            found: Column = compiled.evaluate(lambda name: read(frame, references[name]), len(frame))
        except RowError as error:
            row = int(frame.rows[error.index])
            (problem,) = error.problems
            raise DataError(problem.message, where=f"{table}[{row}].{column}", fix=problem.fix) from error
        is_moment = zone is not None and compiled.type is ColumnType.DATETIME
        return Column(engine.clock.instants(found.data), found.valid) if is_moment else found

    return computed


def references_of(engine: Context, node: Node, parsed: Expression) -> dict[str, Reference]:
    """What each name of an expression means; the plan has seen to it that all mean something."""
    found = {name: find_reference(engine.plan.model, node, name) for name in parsed.names}
    return {name: reference for name, reference in found.items() if isinstance(reference, Reference)}
