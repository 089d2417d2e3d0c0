"""From a declared link to its kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Ints, unit
from seedbed.generate.frame import Context, Frame, Linked, LinkKernel, Mask, both
from seedbed.generate.linking.picking import picker
from seedbed.model.links import LinkSpec
from seedbed.plan.plan import Link

#: The rows led to, shape (n,), and which rows lead anywhere.
Find = Callable[[Frame], tuple[Ints, Mask | None]]


def declared_kernel(engine: Context, table: str, link: Link) -> LinkKernel:
    """The function from a frame to the rows that a declared link leads to."""
    assert link.spec is not None
    find = _finder(engine, table, link, link.spec)
    null_rate = 0.0 if link.spec.capacity is not None else link.spec.null_rate  # with limits, rows without a seat take none
    key = engine.key(table, "link", link.name, "null")

    def kernel(frame: Frame) -> Linked:
        rows, valid = find(frame)
        if null_rate > 0:
            valid = both(valid, unit(frame.bits(key)) >= null_rate)
        if valid is not None and not link.is_tree:  # the root of a tree leads to itself, where it may not be null
            rows = np.where(valid, rows, 0)
        linked = engine.at(link.target, rows)
        return Linked(linked.frame, linked.index, valid)

    return kernel


def _finder(engine: Context, table: str, link: Link, spec: LinkSpec) -> Find:
    if spec.hierarchy is not None:
        from seedbed.generate.linking.hierarchy import tree_of

        return tree_of(engine, table, link).parents
    if spec.capacity is not None:
        from seedbed.generate.linking.capacity import seats_of

        return seats_of(engine, table, link)
    if spec.as_of is not None:
        from seedbed.generate.linking.as_of import latest

        return latest(engine, table, link)
    if spec.unique_per is not None:
        from seedbed.generate.linking.distinct import without_repetition

        return without_repetition(engine, table, link)
    return picker(engine, table, link)
