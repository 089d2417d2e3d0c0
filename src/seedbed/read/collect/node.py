"""JSON values in columns, as read: one `Node` a path, lossless, whatever types the values have.

A node has *slots*: the records, the members of one name of all objects at the path above, or the elements of all lists there. A slot is
missing (the object has no such member), null, a scalar in exactly one *lane*, an object or a list. What a node holds is a function of the
values alone, so it doesn't matter which parser they came through:

- `ints`: numbers that are whole and fit 64 bits, however they were written (`5`, `5.0`, `5e0`);
- `numbers`: texts of numbers that neither `ints` nor `doubles` hold: whole ones of up to 38 digits, 1e400, more digits than a double has;
- `doubles`: other numbers, those whose shortest text says the same number as the text that was read;
- `raws`: JSON texts of what Arrow can't hold: texts with lone surrogates, and what is nested too deep for tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.read.collect.shapes import Flags, Ints

LANES = {
    "bools": pa.bool_(),
    "ints": pa.int64(),
    "doubles": pa.float64(),
    "strings": pa.string(),
    "numbers": pa.string(),
    "raws": pa.string(),
}


@dataclass(frozen=True, slots=True)
class Entries:
    """Members of objects one after the other, for keys that are data: object `i` has entries `offsets[i]:offsets[i + 1]`, `names[codes]` are their keys."""

    offsets: Ints
    codes: Ints
    names: tuple[str, ...]
    values: Node


@dataclass(frozen=True, slots=True)
class Objects:
    """Which slots are objects (`None`: all), and their members: a node for each key, of a slot an object; or `entries`, where keys are many."""

    mask: Flags | None
    members: dict[str, Node]
    entries: Entries | None = None


@dataclass(frozen=True, slots=True)
class Lists:
    """Which slots are lists (`None`: all); list `i` has slots `offsets[i]:offsets[i + 1]` of `element`, and `offsets[0]` is 0."""

    mask: Flags | None
    offsets: Ints
    element: Node


@dataclass(frozen=True, slots=True)
class Node:
    """The values at one path; see the module. Every scalar lane has an Arrow array of `length` values, null where the slot is something else.

    `earlier` are JSON texts of lists: values that the same key had before in the same object (the last one is the slot's value).
    """

    length: int
    nulls: Flags | None = None
    scalars: dict[str, pa.Array] | None = None
    objects: Objects | None = None
    lists: Lists | None = None
    earlier: pa.Array | None = None

    def lane(self, name: str) -> pa.Array | None:
        """The values of one lane, or None where no slot has one."""
        return self.scalars.get(name) if self.scalars else None


@dataclass(frozen=True, slots=True)
class Physical:
    """The values of a block of records and the number (`_id`) of each record's row, shape (n,)."""

    root: Node
    ids: Ints


def count_of(mask: Flags | None, length: int) -> int:
    """How many slots a mask has; None is all."""
    return length if mask is None else int(np.count_nonzero(mask))


def flags_of(array: pa.Array) -> Flags:
    """Which values of an array aren't null, shape (n,)."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def present(node: Node) -> Flags:
    """Which slots have a value, null included; shape (n,)."""
    found = np.zeros(node.length, np.bool_) if node.nulls is None else node.nulls.copy()
    for array in (node.scalars or {}).values():
        found |= flags_of(array)
    for part in (node.objects, node.lists):
        if part is not None:
            found |= True if part.mask is None else part.mask
    return found


def take(node: Node, places: Ints) -> Node:
    """The slots at `places`, shape (n,); -1 is a missing one."""
    is_some = places >= 0
    indices = pa.array(places) if is_some.all() else pa.array(places, mask=~is_some)
    safe = places if node.length else np.zeros(0, np.int64)
    nulls = None
    if node.nulls is not None and node.length:
        nulls = node.nulls[safe] & is_some
    scalars = {name: found for name, array in (node.scalars or {}).items() if (found := pc.take(array, indices)).null_count < len(found)}
    earlier = None if node.earlier is None else pc.take(node.earlier, indices)
    return Node(
        len(places),
        nulls if nulls is not None and nulls.any() else None,
        scalars or None,
        _take_objects(node.objects, node.length, places, is_some),
        _take_lists(node.lists, node.length, places, is_some),
        earlier if earlier is not None and earlier.null_count < len(earlier) else None,
    )


def _chosen(mask: Flags | None, length: int, places: Ints, is_some: Flags) -> tuple[Flags | None, Ints]:
    """Of the places, which are in the mask, and the ordinals of those among what the mask has."""
    if not length:
        return np.zeros(len(places), np.bool_), np.zeros(0, np.int64)
    if mask is None:
        found, ordinals = is_some, places[is_some]
    else:
        found = is_some & mask[places]
        ordinals = (np.cumsum(mask) - 1)[places[found]]
    return (None if found.all() else found), ordinals


def _take_objects(objects: Objects | None, length: int, places: Ints, is_some: Flags) -> Objects | None:
    if objects is None:
        return None
    mask, ordinals = _chosen(objects.mask, length, places, is_some)
    if not len(ordinals):
        return None
    members = {key: taken for key, member in objects.members.items() if not is_bare(taken := take(member, ordinals))}
    entries = objects.entries
    if entries is not None:
        offsets, flat = ranges(entries.offsets, ordinals)
        entries = Entries(offsets, entries.codes[flat], entries.names, take(entries.values, flat))
    return Objects(mask, members, entries)


def _take_lists(lists: Lists | None, length: int, places: Ints, is_some: Flags) -> Lists | None:
    if lists is None:
        return None
    mask, ordinals = _chosen(lists.mask, length, places, is_some)
    if not len(ordinals):
        return None
    offsets, flat = ranges(lists.offsets, ordinals)
    return Lists(mask, offsets, take(lists.element, flat))


def ranges(offsets: Ints, ordinals: Ints) -> tuple[Ints, Ints]:
    """The offsets of some lists put one after the other, shape (n + 1,), and where their elements were."""
    starts, lengths = offsets[ordinals], offsets[ordinals + 1] - offsets[ordinals]
    made = np.zeros(len(ordinals) + 1, np.int64)
    np.cumsum(lengths, out=made[1:])
    flat = np.repeat(starts - made[:-1], lengths) + np.arange(made[-1], dtype=np.int64)
    return made, flat


def is_bare(node: Node) -> bool:
    """Whether every slot is missing."""
    return node.nulls is None and not node.scalars and node.objects is None and node.lists is None


def joined(nodes: Sequence[Node]) -> Node:
    """The slots of nodes one after the other."""
    if len(nodes) == 1:
        return nodes[0]
    lanes = [lane for lane in LANES if any(node.lane(lane) is not None for node in nodes)]
    scalars = {lane: _joined_arrays([node.lane(lane) for node in nodes], nodes, LANES[lane]) for lane in lanes}
    return Node(
        sum(node.length for node in nodes),
        joined_flags([node.nulls for node in nodes], nodes, default=False) if any(node.nulls is not None for node in nodes) else None,
        scalars or None,
        _joined_objects(nodes),
        _joined_lists(nodes),
        _joined_arrays([node.earlier for node in nodes], nodes, pa.string()) if any(node.earlier is not None for node in nodes) else None,
    )


def _joined_arrays(arrays: Iterable[pa.Array | None], nodes: Sequence[Node], kind: pa.DataType) -> pa.Array:
    return pa.concat_arrays([pa.nulls(node.length, kind) if array is None else array for array, node in zip(arrays, nodes, strict=True)])


def joined_flags(masks: Iterable[Flags | None], nodes: Sequence[Node], *, default: bool) -> Flags:
    """Masks one after the other, None meaning `default` for every slot."""
    return np.concatenate([np.full(node.length, default) if mask is None else mask for mask, node in zip(masks, nodes, strict=True)])


def _joined_mask(parts: Sequence[Objects | Lists | None], nodes: Sequence[Node]) -> Flags | None:
    pieces = []
    for part, node in zip(parts, nodes, strict=True):
        pieces.append(
            np.zeros(node.length, np.bool_) if part is None else np.ones(node.length, np.bool_) if part.mask is None else part.mask
        )
    whole = np.concatenate(pieces)
    return None if whole.all() else whole


def _joined_objects(nodes: Sequence[Node]) -> Objects | None:
    parts = [node.objects for node in nodes]
    some = [(part, count_of(part.mask, node.length)) for part, node in zip(parts, nodes, strict=True) if part is not None]
    if not some:
        return None
    mask = _joined_mask(parts, nodes)
    if any(part.entries is not None for part, _ in some):
        return Objects(mask, {}, _joined_entries([entries_of(part, count) for part, count in some]))
    keys = dict.fromkeys(key for part, _ in some for key in part.members)
    members = {key: joined([part.members.get(key) or Node(count) for part, count in some]) for key in keys}
    return Objects(mask, members)


def entries_of(objects: Objects, count: int) -> Entries:
    """The members of `count` objects as entries."""
    if objects.entries is not None:
        return objects.entries
    names = tuple(objects.members)
    values = joined([Node(0), *objects.members.values()])
    owners = np.tile(np.arange(count, dtype=np.int64), len(names))
    codes = np.repeat(np.arange(len(names), dtype=np.int64), count)
    kept = np.flatnonzero(present(values))
    order = kept[np.argsort(owners[kept], kind="stable")]
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(owners[kept], minlength=count), out=offsets[1:])
    return Entries(offsets, codes[order], names, take(values, order))


def _joined_entries(parts: Sequence[Entries]) -> Entries:
    numbers: dict[str, int] = {}
    codes, offsets, start = [], [np.zeros(1, np.int64)], 0
    for part in parts:
        table = np.array([numbers.setdefault(name, len(numbers)) for name in part.names], np.int64)
        codes.append(table[part.codes] if len(table) else part.codes)
        offsets.append(part.offsets[1:] + start)
        start += int(part.offsets[-1])
    return Entries(np.concatenate(offsets), np.concatenate(codes), tuple(numbers), joined([part.values for part in parts]))


def _joined_lists(nodes: Sequence[Node]) -> Lists | None:
    parts = [node.lists for node in nodes]
    some = [part for part in parts if part is not None]
    if not some:
        return None
    offsets, start = [np.zeros(1, np.int64)], 0
    for part in some:
        offsets.append(part.offsets[1:] + start)
        start += int(part.offsets[-1])
    return Lists(_joined_mask(parts, nodes), np.concatenate(offsets), joined([part.element for part in some]))


def key_order(entries: Entries, owners: Ints) -> Ints:
    """The places of entries by their objects (shape (n,)), and by key within each."""
    ranks = np.empty(len(entries.names), np.int64)
    ranks[sorted(range(len(entries.names)), key=entries.names.__getitem__)] = np.arange(len(entries.names))
    return np.lexsort((ranks[entries.codes], owners)) if len(owners) else np.zeros(0, np.int64)


def by_key(entries: Entries, count: int) -> dict[str, Node]:
    """Entries of `count` objects as members: a node for each key, of a slot an object."""
    order = np.argsort(entries.codes, kind="stable")
    bounds = np.searchsorted(entries.codes[order], np.arange(len(entries.names) + 1))
    owners = np.repeat(np.arange(count, dtype=np.int64), np.diff(entries.offsets))
    members = {}
    for code, name in enumerate(entries.names):
        found = order[bounds[code] : bounds[code + 1]]
        if len(found):
            places = np.full(count, -1, np.int64)
            places[owners[found]] = found
            members[name] = take(entries.values, places)
    return members
