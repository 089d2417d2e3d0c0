"""Kernel of `split`: parts of a parent's total, exact to its last unit."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Ints, high_product, unit
from seedbed.core.errors import DataError
from seedbed.generate.columns import finished
from seedbed.generate.conversion import as_type
from seedbed.generate.families import Families, families_of
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.model.references import Reference, find_reference, reference_type
from seedbed.plan.plan import ColumnPlan

#: Random parts weigh between this and 1.
_LEAST_WEIGHT = 0.25


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """Each child's part of its parent's total.

    The total's units are cut at rising places, each cut a whole number: parts are differences of neighbouring cuts, so they add up
    whatever is rounded. Every part has at least one unit where there are enough.
    """
    split = column.spec.generator.split
    assert split is not None
    node = engine.plan.table(column.table).node
    found = find_reference(engine.plan.model, node, split.total)
    assert isinstance(found, Reference)
    given = reference_type(engine.plan.model, found)
    assert given is not None
    key = engine.key(column.table, column.name, "value")

    def parts(frame: Frame) -> Column:
        families = families_of(engine, frame)
        total = as_type(families.frame.read(found), given, column)
        _refuse_null(total, families, column, split.total)
        if split.method == "even":
            return Column(_even(total.data, families)[families.mine])
        weights = _LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * unit(families.frame.bits(key))
        return Column(_cut(total.data, families, weights)[families.mine])

    return finished(engine, column, parts, None)


def _even(totals: Ints, families: Families) -> Ints:
    """Parts that differ by one unit at most, the larger ones first; shape (m,)."""
    sizes = families.sizes.take(families.family)
    part, left = np.divmod(np.abs(totals), sizes)
    parts: Ints = np.sign(totals) * (part + (families.ordinal < left))
    return parts


def _cut(totals: Ints, families: Families, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """The part of each row of whole families, shape (m,); `totals` holds its family's total at each row."""
    sizes = families.sizes.take(families.family)
    step = np.where(np.abs(totals) >= sizes, 1, 0)
    rest = (np.abs(totals) - step * sizes).view(np.uint64)
    upper = high_product(rest, _shares(families, weights))
    is_last = families.ordinal == sizes - 1
    upper = np.where(is_last, rest, upper).view(np.int64)
    lower = np.concatenate([[0], upper[:-1]])
    lower[families.starts[families.sizes > 0]] = 0
    parts: Ints = np.sign(totals) * (upper - lower + step)
    return parts


def _shares(families: Families, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Bits:
    """The share of the family up to and with each row, of 2^64; shape (m,). Weights are added in steps of one family size at a time."""
    scaled = np.floor(weights * 2.0**31).astype(np.int64)  # whole numbers: sums do not depend on what stands before
    running = np.cumsum(scaled)
    before = np.concatenate([[0], running])[families.starts]
    within = running - before.take(families.family)
    ends = np.minimum(families.starts + families.sizes, len(running))
    total = np.concatenate([[0], running])[ends] - before
    fraction = within / total.take(families.family)
    shares: Bits = np.minimum(np.floor(fraction * 2.0**53), 2.0**53 - 1).astype(np.uint64) << np.uint64(11)
    return shares


def _refuse_null(total: Column, families: Families, column: ColumnPlan, name: str) -> None:
    if total.valid is not None and not total.valid.all():
        row = int(families.frame.rows[int(np.argmax(~total.valid))])
        raise DataError(f"`{name}`, which {column.ref} splits, is null for row {row:,}", where=column.ref, fix="let it never be null")
