"""Kernels of what expressions may ask of a row's links: `depth(link)`, `count_children(table)`, `sum(child.column)`."""

from __future__ import annotations

from seedbed.core.block import Column
from seedbed.generate.aggregate import over_children
from seedbed.generate.frame import Context, Frame, Kernel
from seedbed.generate.linking.hierarchy import tree_of
from seedbed.model.references import Reference


def kernel(engine: Context, table: str, reference: Reference) -> Kernel:
    """The function from a frame to a measure of its rows, shape (n,)."""
    assert reference.measure is not None
    if reference.link is not None:
        plan = engine.plan.table(table)
        tree = tree_of(engine, table, plan.link(plan.link_name(reference.link)))
        measure = tree.depths if reference.measure == "depth" else tree.children
        return lambda frame: Column(measure(frame))
    if reference.measure == "count_children":
        return lambda frame: Column(engine.spans(reference.table, frame.rows)[1])
    compute = over_children(engine, reference.table, reference.name, reference.measure)

    def computed(frame: Frame) -> Column:
        return compute(frame)[0]

    return computed
