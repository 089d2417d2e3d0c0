"""Kernel of `process`: series in which each value follows from the one before it.

A child's series starts with its parent's first child, so a row costs its family up to it. A series over a whole table is
computed once and kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedbed.core.block import Column
from seedbed.core.draw import Floats, draw_bits, row_numbers
from seedbed.core.elementary import exp, normal_quantile
from seedbed.core.errors import DataError
from seedbed.core.tables import QuantileTable
from seedbed.generate.columns import finished
from seedbed.generate.families import families_of
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.model.generators.across import Process
from seedbed.plan.plan import ColumnPlan

#: Steps of a whole table's series that are computed one after the other, for all pieces of that length at once.
_PIECE = 1_024

#: Where a geometric series starts that says nothing.
_USUAL_PRICE = 100.0


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """The value of each row's place in its series."""
    process = column.spec.generator.process
    assert process is not None
    key = engine.key(column.table, column.name, "value")
    noise = engine.once("standard normal", lambda: QuantileTable.of(normal_quantile))
    recurrence = Recurrence.of(process)

    def whole() -> Floats:
        draws = noise.draw(draw_bits(key, range(engine.rows(column.table))))
        with _no_warnings():
            return _finite(recurrence.values(_scanned(recurrence, recurrence.steps(draws))), column.ref)

    def over_table(frame: Frame) -> Column:
        series = engine.once(("series", column.ref), whole)
        return Column(series[row_numbers(frame.rows)])

    def per_parent(frame: Frame) -> Column:
        families = families_of(engine, frame)
        draws = noise.draw(families.frame.bits(key))
        with _no_warnings():
            values = recurrence.values(_followed(recurrence, recurrence.steps(draws), families.ordinal))[families.mine]
        return Column(_finite(values, column.ref))

    return finished(engine, column, over_table if process.per is None else per_parent, None)


def _no_warnings() -> np.errstate:
    """What passes the floats is refused by `_finite`."""
    return np.errstate(over="ignore", invalid="ignore")


def _finite(values: Floats, ref: str) -> Floats:
    """The values, none of them beyond the floats.

    Raises:
        DataError: the series has grown beyond them.
    """
    if not np.isfinite(values).all():
        raise DataError(f"the series {ref} grows beyond the numbers of 64 bits", where=ref, fix="lower its `drift` or `sigma`")
    return values


class Recurrence:
    """y(0) = `first` + 0, y(t) = `keep` y(t-1) + step(t), where a value is y + `centre`, or e^y for geometric series."""

    def __init__(self, first: float, keep: float, centre: float, drift: float, sigma: float, *, geometric: bool) -> None:
        self.first, self.keep, self.centre = first, keep, centre
        self._drift, self._sigma, self._is_geometric = drift, sigma, geometric

    @classmethod
    def of(cls, process: Process) -> Recurrence:
        """The recurrence of a process."""
        params = process.params
        if process.kind == "random_walk":
            return cls(params.start or 0.0, 1.0, 0.0, params.drift, params.sigma, geometric=False)
        if process.kind == "gbm":
            start = _USUAL_PRICE if params.start is None else params.start
            return cls(0.0, 1.0, start, params.drift, params.sigma, geometric=True)
        mean = params.mean or 0.0
        first = (mean if params.start is None else params.start) - mean
        left = params.phi if process.kind == "ar1" else None if params.theta is None else 1.0 - params.theta
        return cls(first, 0.8 if left is None else left, mean, 0.0, params.sigma, geometric=False)

    def steps(self, noise: Floats) -> Floats:
        """What each step adds, given standard normal noise; shape (n,)."""
        return self._drift + self._sigma * noise

    def values(self, y: Floats) -> Floats:
        """The series' values, shape (n,)."""
        return self.centre * exp(y) if self._is_geometric else y + self.centre


def _followed(recurrence: Recurrence, steps: Floats, ordinal: NDArray[np.int64]) -> Floats:
    """The recurrence along each family: rows of equal ordinal at once, one ordinal after the other; shape (n,)."""
    y = np.empty(len(steps))
    order = np.argsort(ordinal, kind="stable")  # rows of a family are neighbours, so the row before has the ordinal before
    ends = np.cumsum(np.bincount(ordinal)) if len(ordinal) else np.zeros(0, dtype=np.int64)
    start = 0
    for number, end in enumerate(ends.tolist()):
        rows = order[start:end]
        y[rows] = recurrence.first if number == 0 else recurrence.keep * y[rows - 1] + steps[rows]
        start = end
    return y


def _scanned(recurrence: Recurrence, steps: Floats) -> Floats:
    """The recurrence along a whole table, from row 0: pieces at once, then what each piece hands to the next."""
    n = len(steps)
    if not n:
        return steps
    steps[0] = recurrence.first
    pieces = -(-n // _PIECE)
    padded = np.zeros(pieces * _PIECE)
    padded[:n] = steps
    y = padded.reshape(pieces, _PIECE)
    for place in range(1, _PIECE):
        y[:, place] += recurrence.keep * y[:, place - 1]
    powers = np.cumprod(np.full(_PIECE, recurrence.keep))
    carried = 0.0
    for piece in range(pieces):
        if piece:
            y[piece] += powers * carried
        carried = float(y[piece, -1])
    return y.reshape(-1)[:n]
