"""Columns of Arrow become a `Node`: the fast way, a step a column and none a value."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.read.collect.build import parted
from seedbed.read.collect.node import Lists, Node, Objects, flags_of
from seedbed.read.collect.shapes import Flags, Ints


def node_of(array: pa.Array, *, is_null: bool) -> Node:
    """The node of an array; its nulls are JSON's null if `is_null`, else the slots are missing.

    >>> node_of(pa.array([1.0, None, 2.5]), is_null=True).nulls.tolist()
    [False, True, False]
    """
    nulls = None
    if is_null and array.null_count:
        nulls = ~flags_of(array) if not pa.types.is_null(array.type) else np.ones(len(array), np.bool_)
    if pa.types.is_struct(array.type):
        return Node(len(array), nulls, objects=_objects(array, is_null=is_null))
    if pa.types.is_list(array.type):
        return Node(len(array), nulls, lists=_lists(array, is_null=is_null))
    return Node(len(array), nulls, _scalars(array) or None)


def _scalars(array: pa.Array) -> dict[str, pa.Array]:
    if array.null_count == len(array):
        return {}
    if pa.types.is_boolean(array.type):
        return {"bools": array}
    if pa.types.is_int64(array.type):
        return {"ints": array}
    if pa.types.is_string(array.type):
        return {"strings": array}
    ints, doubles = parted(array)
    return {lane: found for lane, found in (("ints", ints), ("doubles", doubles)) if found is not None}


def _mask(array: pa.Array) -> Flags | None:
    return flags_of(array) if array.null_count else None


def _objects(array: pa.StructArray, *, is_null: bool) -> Objects | None:
    if array.null_count == len(array):
        return None
    mask = _mask(array)
    whole = array if mask is None else array.filter(pa.array(mask))
    members = {array.type.field(place).name: node_of(whole.field(place), is_null=is_null) for place in range(array.type.num_fields)}
    return Objects(mask, {key: member for key, member in members.items() if _is_some(member)})


def _is_some(node: Node) -> bool:
    return node.nulls is not None or bool(node.scalars) or node.objects is not None or node.lists is not None


def _lists(array: pa.ListArray, *, is_null: bool) -> Lists | None:
    if array.null_count == len(array):
        return None
    mask = _mask(array)
    whole = array if mask is None else array.filter(pa.array(mask))
    offsets: Ints = np.asarray(whole.offsets.to_numpy(zero_copy_only=False)).astype(np.int64)
    elements = whole.values.slice(offsets[0], offsets[-1] - offsets[0])
    return Lists(mask, offsets - offsets[0], node_of(elements, is_null=is_null))


def nulls_of(array: pa.Array) -> int:
    """How many nulls an array has at all levels: of each slot that its parent has."""
    if pa.types.is_null(array.type):
        return len(array)
    found = int(array.null_count)
    if found == len(array):
        return found
    if pa.types.is_struct(array.type):
        whole = array.filter(pc.is_valid(array)) if found else array
        return found + sum(nulls_of(whole.field(place)) for place in range(array.type.num_fields))
    return found + (nulls_of(array.flatten()) if pa.types.is_list(array.type) else 0)


def leaves_of(array: pa.Array, owners: Ints) -> list[tuple[pa.Array, Ints]]:
    """Every array of a nested one, and the row that each of its values is in; structs and lists come too, for their nulls.

    >>> [(str(leaf.type), rows.tolist()) for leaf, rows in leaves_of(pa.array([[1, 2], None, [3]]), np.arange(3))]
    [('list<item: int64>', [0, 1, 2]), ('int64', [0, 0, 2])]
    """
    found = [(array, owners)]
    if pa.types.is_null(array.type) or array.null_count == len(array):
        return found
    mask = _mask(array) if pa.types.is_nested(array.type) else None
    whole = array if mask is None else array.filter(pa.array(mask))
    rows = owners if mask is None else owners[mask]
    if pa.types.is_struct(array.type):
        for place in range(array.type.num_fields):
            found += leaves_of(whole.field(place), rows)
    elif pa.types.is_list(array.type):
        found += leaves_of(whole.flatten(), np.repeat(rows, np.diff(np.asarray(whole.offsets.to_numpy(zero_copy_only=False)))))
    return found
