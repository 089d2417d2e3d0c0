"""Numbers in which no row has another's: what unique columns take their values by."""

from __future__ import annotations

from collections.abc import Callable

from seedbed.core.draw import Ints, row_numbers
from seedbed.core.permute import Permutation
from seedbed.generate.frame import Context, Frame
from seedbed.plan.plan import ColumnPlan


def shuffled(engine: Context, column: ColumnPlan, count: int, *purpose: str) -> Callable[[Frame], Ints]:
    """A number of [0, count) for each row of a frame, shape (n,), none twice in a table of at most so many rows."""
    shuffle = shuffle_of(engine, column, count, *purpose)
    return lambda frame: shuffle.forward(row_numbers(frame.rows))


def shuffle_of(engine: Context, column: ColumnPlan, count: int, *purpose: str) -> Permutation:
    """The permutation by which a column of so many values takes them."""
    return Permutation(engine.key(column.table, column.name, "rank", *purpose), count)
