"""Kernels of links: which row of the target each row leads to."""

from __future__ import annotations

import numpy as np

from seedbed.core.draw import Bits, Ints, below, draw_bits, draw_bits_keyed, row_numbers
from seedbed.core.errors import ModelError
from seedbed.core.permute import Permutation
from seedbed.generate.family import Children
from seedbed.generate.frame import Context, Frame, Linked, LinkKernel
from seedbed.plan.plan import Link

#: Up to so many children of one parent the m:n draw resolves each against the earlier ones; beyond, by a permutation.
_FISHER_YATES = 16

#: About one row in so many is the root of a tree.
_ROWS_A_ROOT = 1000

#: A row of a tree has its parent among the first quarter of the rows before it.
_BRANCHING = 4


def link_kernel(engine: Context, table: str, link: Link) -> LinkKernel:
    """The function from a frame to the rows its link leads to."""
    if link.kind == "declared":
        from seedbed.generate.linking.declared import declared_kernel  # only models with links need it

        return declared_kernel(engine, table, link)
    if link.kind == "parent":
        return lambda frame: _parent(engine, link.target, frame)
    if link.kind == "partner":
        return lambda frame: _partner(engine, table, link, frame)
    if link.kind == "join":
        return _found_again(engine, table, link, link.via) if link.via else lambda frame: _joined(engine, link, frame)
    key = engine.key(table, "link", link.name)
    rows = engine.rows(link.target)
    if link.kind == "tree":
        shuffle = Permutation(engine.key(table, "tree", link.name), rows)
        return lambda frame: _tree(shuffle, rows, frame.bits(key), frame)
    if rows == 0 and engine.rows(table):
        raise ModelError(f"`{table}` looks up `{link.target}`, which has no rows", fix=f"give `{link.target}` at least one row")
    if link.kind == "distinct":
        shuffle = Permutation(key, rows)
        return lambda frame: engine.at(link.target, shuffle.forward(row_numbers(frame.rows)))
    return lambda frame: engine.at(link.target, below(frame.bits(key), rows))


def _found_again(engine: Context, table: str, link: Link, via: str) -> LinkKernel:
    """The row that the join's local column was looked up in; the root of a tree itself, where that column names it."""
    names_roots = engine.plan.table(table).link(via).kind == "tree" and not engine.column_plan(table, link.local or "").nullable

    def found(frame: Frame) -> Linked:
        linked = frame.link(via)
        return Linked(linked.frame, linked.index) if names_roots else linked

    return found


def _parent(engine: Context, target: str, frame: Frame) -> Linked:
    place = engine.children(frame)
    return Linked(Frame(engine, target, place.parents), place.local)


def _partner(engine: Context, table: str, link: Link, frame: Frame) -> Linked:
    """The second parent: of one first parent's children, no two get the same."""
    key = engine.key(table, "link", link.name)
    place = engine.children(frame)
    parents, size = row_numbers(place.parents), engine.rows(link.target)
    if engine.fan_index(table).largest <= _FISHER_YATES:
        return engine.at(link.target, _without_repetition(engine, table, parents, place, size))
    shuffle = Permutation(key, size)
    tweaks = draw_bits(key, parents)
    return engine.at(link.target, shuffle.forward(place.ordinal, tweaks.take(place.local)))


def _without_repetition(engine: Context, table: str, parents: Ints, place: Children, size: int) -> Ints:
    """A shuffle that is never made: child j swaps place j with a place r_j >= j, and finds what earlier swaps put there."""
    key = engine.key(table, "link", "partner")
    most = int(place.ordinal.max(initial=-1)) + 1
    swaps = [below(draw_bits(key, parents, slot), size - slot) + slot for slot in range(most)]
    chosen = below(draw_bits_keyed(key, parents.take(place.local), place.ordinal.view(np.uint64)), (size - place.ordinal).view(np.uint64))
    chosen += place.ordinal
    for slot in range(most - 2, -1, -1):
        moved = (swaps[slot].take(place.local) == chosen) & (place.ordinal > slot)
        chosen[moved] = slot
    return chosen


def tree_roots(rows: int) -> int:
    """How many rows of a tree are roots: about one in a thousand, at least one."""
    return max(1, rows // _ROWS_A_ROOT)


def _tree(shuffle: Permutation, rows: int, bits: Bits, frame: Frame) -> Linked:
    """A parent earlier in a secret order of the rows: no circles, and row numbers that do not tell the order."""
    roots = tree_roots(rows)
    own = row_numbers(frame.rows)
    place = shuffle.forward(own)
    above = below(bits, np.maximum(place // _BRANCHING, roots).view(np.uint64))
    has_parent = place >= roots
    parents = np.where(has_parent, shuffle.inverse(above), own)
    linked = frame.engine.at(frame.table, parents)
    return Linked(linked.frame, linked.index, has_parent)


def _joined(engine: Context, link: Link, frame: Frame) -> Linked:
    """The first row whose `remote` equals this row's `local`."""
    assert link.local is not None
    assert link.remote is not None
    values = frame.column(link.local)
    rows, found = engine.join_index(link.target, link.remote).find(values)
    linked = engine.at(link.target, np.where(found, rows, 0))
    return Linked(linked.frame, linked.index, found if values.valid is None else found & values.valid)
