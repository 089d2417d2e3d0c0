"""Kernels of `case` and `mixture`, and how a generator inside another is made.

A nested generator is an ordinary kernel whose draws have the path to it in their key, so a further branch changes no other one. It
is asked for the rows of its branch alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.block import Column
from seedbed.core.draw import Ints, Key
from seedbed.core.registry import GENERATOR_KERNELS, load
from seedbed.core.tables import WeightedIndex
from seedbed.generate.columns import finished
from seedbed.generate.formulas import formula
from seedbed.generate.frame import Context, Frame, Kernel, Mask, integers
from seedbed.generate.scattered import scattered
from seedbed.plan.nested import InnerColumn, inner_columns
from seedbed.plan.plan import ColumnPlan

T = TypeVar("T")


class Scoped:
    """An engine in which the draws of one column have further names in their keys; everything else is the engine's."""

    def __init__(self, engine: Context, table: str, column: str, purpose: tuple[str, ...]) -> None:
        self._engine, self._column, self._purpose = engine, (table, column), purpose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def key(self, table: str, *purpose: str) -> Key:
        """The key of a stream of draws."""
        if (table, *purpose[:1]) != self._column:
            return self._engine.key(table, *purpose)
        return self._engine.key(table, purpose[0], *self._purpose, *purpose[1:])

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made when first asked for and kept."""
        return self._engine.once(("nested", *self._column, self._purpose, key), make)


def inner_kernel(engine: Context, inner: InnerColumn) -> Kernel:
    """The kernel of a generator inside another."""
    column = inner.column
    scoped = cast("Context", Scoped(engine, column.table, column.name, inner.purpose))
    kernel: Kernel = load(GENERATOR_KERNELS[column.spec.generator.kind])(scoped, column)
    return kernel


def case_kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The generator of the first condition that is true, for each row."""
    case = column.spec.generator.case
    assert case is not None
    conditions = [_condition(engine, column, branch.if_) for branch in case.when]
    branches = [inner_kernel(engine, inner) for inner in inner_columns(column)]
    return finished(engine, column, lambda frame: _merged(frame, _first_true(conditions, frame), branches), None)


def mixture_kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """One of several generators by weight, for each row."""
    mixture = column.spec.generator.mixture
    assert mixture is not None
    index = WeightedIndex.of(np.array([variant.weight for variant in mixture.variants]))
    key = engine.key(column.table, column.name, "value")
    branches = [inner_kernel(engine, inner) for inner in inner_columns(column)]
    return finished(engine, column, lambda frame: _merged(frame, index.draw(frame.bits(key)), branches), None)


Condition = Callable[[Frame], Mask]


def _condition(engine: Context, column: ColumnPlan, code: str) -> Condition:
    """Where an expression over the row is true; null is not."""
    computed = formula(engine, column.table, code, column.name)

    def holds(frame: Frame) -> Mask:
        found = computed(frame)
        mask: Mask = found.data
        return mask if found.valid is None else mask & found.valid

    return holds


def _first_true(conditions: list[Condition], frame: Frame) -> NDArray[np.int32]:
    """The number of the first condition that holds in each row, shape (n,); how many there are where none does.

    A condition is asked only for the rows that earlier ones left, so it may rely on those being false.
    """
    which = np.full(len(frame), len(conditions), dtype=np.int32)
    left = np.arange(len(frame), dtype=np.int64)
    for number, holds in enumerate(conditions):
        if not len(left):
            break
        true = holds(frame if len(left) == len(frame) else scattered(frame, left))
        which[left[true]] = number
        left = left[~true]
    return which


def _merged(frame: Frame, which: NDArray[np.int32], branches: list[Kernel]) -> Column:
    """Each branch's rows made together, and put back in their order."""
    counts = np.bincount(which, minlength=len(branches))
    used = np.flatnonzero(counts)
    if len(used) <= 1:  # no rows at all have the first branch's type
        only = branches[int(used[0])] if len(used) else branches[0]
        return plain(only(frame))
    order = np.argsort(which.astype(np.int16), kind="stable")
    ends = np.cumsum(counts)
    parts = [plain(branches[place](scattered(frame, order[ends[place] - counts[place] : ends[place]]))) for place in used.tolist()]
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return Column(_joined([part.data for part in parts], back), _joined_masks(parts, back))


def plain(column: Column) -> Column:
    """Coded texts written out: what a branch gives must not show how it was made."""
    if isinstance(column.data, pa.DictionaryArray):
        return Column(column.data.dictionary_decode(), column.valid)
    return column


def _joined(parts: list[Any], back: Ints) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts).take(back)
    return pa.concat_arrays(parts).take(integers(back))


def _joined_masks(parts: list[Column], back: Ints) -> Mask | None:
    if all(part.valid is None for part in parts):
        return None
    return np.concatenate([np.ones(len(part), dtype=np.bool_) if part.valid is None else part.valid for part in parts])[back]
