"""Whole columns give what a plain interpreter gives row by row."""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings

from seedbed.core.block import Column, ColumnType
from seedbed.core.expression import CompiledExpression, ExpressionError, Interval, RowError, bounds, compile_expression, parse
from seedbed.core.interval import widest
from tests.core.expression.rows import (
    TYPES,
    Cell,
    Faulty,
    Node,
    Row,
    cells_of,
    column,
    every_operation,
    many_rows,
    nodes,
    run,
    tables,
)

STATIC = ("constant", "always null", " by 0", "null alone", "with null")


@dataclass(frozen=True)
class Outcome:
    """The cells, or the row that has none."""

    cells: list[Cell] | None
    index: int | None = None


def compiled(node: Node) -> CompiledExpression:
    """Compile, or leave the example where the parts that are constant already fail."""
    try:
        return compile_expression(parse(str(node)), TYPES.get)
    except ExpressionError as error:
        assume(not any(reason in str(error) for reason in STATIC))
        raise


def by_columns(expression: CompiledExpression, rows: list[Row]) -> Outcome:
    try:
        return Outcome(cells_of(expression.evaluate(lambda name: column(rows, name), len(rows))))
    except RowError as error:
        return Outcome(None, error.index)


def by_rows(node: Node, rows: list[Row]) -> Outcome:
    cells: list[Cell] = []
    for index, row in enumerate(rows):
        try:
            cells.append(run(node, row))
        except Faulty:
            return Outcome(None, index)
    infinite = [index for index, cell in enumerate(cells) if isinstance(cell, float) and not math.isfinite(cell)]
    return Outcome(None, infinite[0]) if infinite else Outcome(cells)


ROWS = many_rows(400)


@pytest.mark.parametrize("node", every_operation(), ids=str)
def test_every_operation_gives_what_rows_give(node: Node) -> None:
    expression = compile_expression(parse(str(node)), TYPES.get)
    alone = [by_rows(node, [row]) for row in ROWS]
    whole = [row for row, made in zip(ROWS, alone, strict=True) if made.cells is not None]
    wanted = [cell for made in alone for cell in made.cells or []]
    assert by_columns(expression, whole) == Outcome(wanted)
    assert any(cell is not None for cell in wanted)
    for row in [row for row, made in zip(ROWS, alone, strict=True) if made.cells is None][:10]:
        assert by_columns(expression, [*whole[:3], row, *whole[3:6]]) == Outcome(None, 3)


@settings(max_examples=6 * settings().max_examples)
@given(nodes(), tables())
def test_columns_give_what_rows_give(node: Node, rows: list[Row]) -> None:
    expression = compiled(node)
    assert expression.type == node.type
    assert by_columns(expression, rows) == by_rows(node, rows)


@settings(max_examples=2 * settings().max_examples)
@given(nodes(), tables())
def test_a_row_never_depends_on_the_other_rows_of_its_block(node: Node, rows: list[Row]) -> None:
    expression = compiled(node)
    alone = [by_columns(expression, [row]) for row in rows]
    broken = next((index for index, made in enumerate(alone) if made.cells is None), None)
    together = by_columns(expression, rows)
    if broken is None:
        assert together.cells == [cell for made in alone for cell in made.cells or []]
    else:
        assert together.cells is None


@settings(max_examples=3 * settings().max_examples)
@given(nodes(), tables())
def test_values_lie_within_the_bounds(node: Node, rows: list[Row]) -> None:
    made = by_columns(compiled(node), rows)
    assume(made.cells)
    try:
        reach = bounds(parse(str(node)), lambda name: known(rows, name))
    except ExpressionError:
        return  # the bounds refuse what may fail for other rows of the same bounds
    assert reach.type == node.type
    for cell in made.cells or []:
        value = len(cell) if isinstance(cell, str) else cell
        assert reach.nullable if value is None else reach.contains(value), reach


def known(rows: list[Row], name: str) -> Interval:
    cells = [row[name] for row in rows]
    numbers = [len(cell) if isinstance(cell, str) else cell for cell in cells if cell is not None]
    if not numbers:
        return widest(TYPES[name])
    return Interval(min(numbers), max(numbers), None in cells, TYPES[name])


@given(nodes())
def test_expressions_are_values(node: Node) -> None:
    text = str(node)
    assert parse(text) == parse(text)
    assert hash(parse(text)) == hash(parse(text))
    assert pickle.loads(pickle.dumps(parse(text))) == parse(text)  # noqa: S301
    expression = compiled(node)
    assert pickle.loads(pickle.dumps(expression)) == expression  # noqa: S301


def test_a_power_written_out_is_that_of_a_column() -> None:
    """`x ** 2` written out multiplies; so does a column that holds 2."""
    x = np.linspace(0.1, 9.7, 100)
    columns = {"x": Column(x), "two": Column(np.full(100, 2))}
    types = {"x": ColumnType.FLOAT, "two": ColumnType.INT}
    written, given_ = (compile_expression(parse(f"x ** {power}"), types.get).evaluate(columns.__getitem__, 100) for power in ("2", "two"))
    assert written.data.tolist() == given_.data.tolist()


def test_columns_of_another_length_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="3 rows where 4"):
        compile_expression(parse("n"), {"n": ColumnType.INT}.get).evaluate(lambda _: Column(np.arange(3)), 4)
