"""An expression made ready, and its values for the rows of a block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from functools import cache

import numpy as np

from seedbed.core.block import Column, ColumnType, ValueType
from seedbed.core.expression.buffers import Mask
from seedbed.core.expression.errors import RowError
from seedbed.core.expression.faults import fault_message
from seedbed.core.expression.operations import OPERATIONS
from seedbed.core.expression.resolve import Types, seen_as, typed
from seedbed.core.expression.tree import Expression, Literal, Name, Step, Steps, walk
from seedbed.core.expression.values import Value, constant, delivered, is_valid, loaded
from seedbed.core.records import dataclass

Columns = Callable[[str], Column]


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """An expression whose types are known: frozen, picklable, for any number of blocks and threads.

    type: of its values; names: the columns it reads, in the order of the text.
    """

    text: str
    type: ValueType
    names: tuple[str, ...]
    types: tuple[ValueType, ...] = field(repr=False)
    steps: Steps = field(repr=False)

    def evaluate(self, columns: Columns, n: int) -> Column:
        """Its values in n rows; strings come without Arrow nulls, what is null is said by `valid`.

        Args:
            columns: gives the column of a name, of n rows; asked once a name.
            n: the number of rows.

        Raises:
            RowError: a row has no value: it divides by zero, passes the range of its type, or makes a text over 1 MiB.
        """
        if n == 0:
            return delivered(replace(constant(None, self.type), valid=None), 0)
        read = cache(lambda name: loaded(columns(name), self._type_of(name), n))
        with np.errstate(all="ignore"):
            value = walk(self.steps, lambda step, arguments: _evaluated(step, arguments, read, n))
            self._refuse_faults(value)
            if self.type == ColumnType.FLOAT:
                self._refuse_infinite(value, read)
        return delivered(value, n)

    def _type_of(self, name: str) -> ValueType:
        return self.types[self.names.index(name)]

    def _refuse_faults(self, value: Value) -> None:
        if value.faults is not None and value.faults.any():
            index = int(np.flatnonzero(value.faults)[0])
            raise self._error(index, *fault_message(int(value.faults[index])))

    def _refuse_infinite(self, value: Value, read: Callable[[str], Value]) -> None:
        """Not finite is refused, unless a column it reads is not finite there already."""
        if np.isfinite(value.data).all():
            return
        broken: Mask = ~np.isfinite(value.data) & is_valid(value)
        for name in self.names:
            if self._type_of(name) == ColumnType.FLOAT:
                broken = broken & np.isfinite(read(name).data)
        if broken.any():
            raise self._error(int(np.flatnonzero(broken)[0]), "passes the range of floats, 1.8e308", "use smaller numbers")

    def _error(self, index: int, message: str, fix: str) -> RowError:
        return RowError(f"the expression `{_shortened(self.text)}` {message}", index=index, fix=fix)


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


def _evaluated(step: Step, arguments: list[Value], read: Callable[[str], Value], n: int) -> Value:
    if isinstance(step, Name):
        return read(step.name)
    if isinstance(step, Literal):
        return constant(step.value, step.type or ColumnType.BOOL)
    return OPERATIONS[step.operation].kernel(arguments, n)


def compile_expression(expression: Expression, types: Types) -> CompiledExpression:
    """Check the types once and compute what does not depend on rows.

    Raises:
        ExpressionError: as `infer`.

    >>> from seedbed.core.expression import parse
    >>> twice = compile_expression(parse("2 * n"), {"n": ColumnType.INT}.get)
    >>> twice.evaluate({"n": Column(np.arange(3))}.__getitem__, 3).data.tolist()
    [0, 2, 4]
    """
    type_, steps = typed(expression, types)
    names = expression.names
    return CompiledExpression(expression.text, type_, names, tuple(_seen(types, name) for name in names), steps)


def _seen(types: Types, name: str) -> ValueType:
    found = types(name)
    kind = seen_as(found) if found is not None else None
    assert kind is not None  # or `typed` had refused it
    return kind


def evaluate(expression: Expression, columns: Columns, n: int, types: Types | None = None) -> Column:
    """Values of an expression in n rows, compiled on the spot; without `types`, columns of int64 are ints.

    Raises:
        ExpressionError: as `infer`.
        RowError: as `CompiledExpression.evaluate`.
    """
    read = cache(columns)
    return compile_expression(expression, types or (lambda name: _type_of(read(name)))).evaluate(read, n)


def _type_of(column: Column) -> ColumnType:
    if not isinstance(column.data, np.ndarray):
        return ColumnType.STRING
    return {"i": ColumnType.INT, "f": ColumnType.FLOAT, "b": ColumnType.BOOL}[column.data.dtype.kind]
