"""Tables become physical values again, so that new decisions need no second look at the input: the inverse of `tabulate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.read.collect.build import build, parted
from seedbed.read.collect.decide import Decisions, Plan
from seedbed.read.collect.names import pointer
from seedbed.read.collect.node import Entries, Lists, Node, Objects, Physical, flags_of, is_bare, joined, take
from seedbed.read.collect.parse import value_of
from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED, Changes, Flags, Ints
from seedbed.read.collect.spelling import spell
from seedbed.read.collect.strict import DEPTH, parsed
from seedbed.read.collect.tabulate import tabulate
from seedbed.read.collect.values import number_of, written

_EMPTY = "empty"


@dataclass(slots=True)
class _Part:
    """A table that is read: its columns, and what `_rescued` says, by place: rows and values."""

    length: int
    columns: dict[str, pa.Array]
    values: dict[str, tuple[list[int], list[object]]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table | None) -> _Part:
        if table is None:
            return cls(0, {})
        columns = {name: _whole(table.column(name)) for name in table.column_names}
        part = cls(table.num_rows, columns)
        texts = columns[RESCUED]
        for row in np.flatnonzero(flags_of(texts)).tolist() if texts.null_count < len(texts) else ():
            found, _ = parsed(texts[row].as_py().encode(), keep=1)
            assert isinstance(found, dict)
            for place, value in found.items():
                rows, values = part.values.setdefault(place, ([], []))
                rows.append(row)
                values.append(value)
        return part

    def ints(self, name: str) -> Ints:
        """A column of numbers, -1 for null."""
        column = self.columns[name]
        return np.asarray((column.fill_null(-1) if column.null_count else column).to_numpy(zero_copy_only=False))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


@dataclass(frozen=True, slots=True)
class _Reader:
    parts: dict[str, _Part]


def restore(tables: Mapping[str, pa.Table], decisions: Decisions) -> Physical:
    """The records that tables of some decisions were made of, in the order of the root table's rows."""
    parts = {shape.name: _Part.of(tables.get(shape.name)) for shape in decisions.tables}
    root = parts[decisions.tables[0].name]
    if not root.length:
        return Physical(Node(0), np.zeros(0, np.int64))
    node, _ = _slots(decisions.plan, "", 0, root, _Reader(parts))
    return Physical(node, root.ints(ID))


def retype(tables: Mapping[str, pa.Table], old: Decisions, new: Decisions) -> dict[str, pa.Table]:
    """The tables of one batch, or of many joined, as new decisions have them; all tables of the batch have to be given."""
    return tabulate(restore(tables, old), new)


def affected(old: Decisions, new: Decisions) -> Changes:
    """What new decisions do to tables of old ones: if any is `rewritten`, all tables of a batch go through `retype` together.

    A column that is new, and says nothing where it isn't, rewrites no table: it is null in older parts.
    """
    before, after = _plans(old), _plans(new)
    same: set[str] = set()
    rewritten: set[str] = set()
    for name, plan in before.items():
        (same if name in after and _covers(after[name], plan) else rewritten).add(name)
    return Changes(frozenset(same), frozenset(rewritten), frozenset(after.keys() - before.keys()))


def _plans(decisions: Decisions) -> dict[str, Plan]:
    found = {decisions.tables[0].name: decisions.plan}
    waiting = [decisions.plan]
    while waiting:
        plan = waiting.pop()
        if plan.element is not None:
            found[plan.table] = plan.element
            waiting.append(plan.element)
        waiting += [member for _, member in plan.members]
    return found


def _covers(new: Plan, old: Plan) -> bool:
    """Whether rows of the old plan are rows of the new one as they are; the tables below are looked at by themselves."""
    if (new.form, new.absent, new.column, new.kind, new.spelling, new.table) != (
        old.form,
        old.absent,
        old.column,
        old.kind,
        old.spelling,
        old.table,
    ):
        return False
    after = dict(new.members)
    is_kept = all(key in after and _covers(after[key], member) for key, member in old.members)
    return is_kept and all(member.absent == "missing" or _is_quiet(member) for key, member in new.members if key not in dict(old.members))


def _is_quiet(plan: Plan) -> bool:
    return plan.absent == "missing"


def _slots(plan: Plan, path: str, depth: int, part: _Part, reader: _Reader) -> tuple[Node, Flags]:
    """The node of a place in a table, a slot a row, and which slots show anything."""
    if plan.form == "object":
        node, shown = _object(plan, path, depth, part, reader)
    elif plan.form == "variants":
        node, shown = _variants(plan, depth, part, reader)
    elif plan.element is not None:
        node, shown = _children(plan, depth, part, reader)
    else:
        node, shown = _column(plan, depth, part)
    return _rescued(node, shown, path, depth, part)


def _rescued(node: Node, shown: Flags, path: str, depth: int, part: _Part) -> tuple[Node, Flags]:
    """The node with what `_rescued` says of the place."""
    places = np.arange(node.length)
    if path in part.values:
        rows, values = part.values[path]
        over = build([_value(value, depth) for value in values])
        places[rows] = node.length + np.arange(len(rows))
        node, places = take(joined([node, over]), places), np.arange(node.length)
        shown[rows] = True
    if "-" + path in part.values:
        rows, _ = part.values["-" + path]
        places[rows] = -1
        node = take(node, places)
        shown[rows] = True
    if "+" + path in part.values:
        rows, values = part.values["+" + path]
        earlier: list[str | None] = [None] * node.length
        for row, value in zip(rows, values, strict=True):
            earlier[row] = written(value)
        node = Node(node.length, node.nulls, node.scalars, node.objects, node.lists, pa.array(earlier, pa.string()))
        shown[rows] = True
    return node, shown


def _value(value: object, depth: int) -> object:
    """A rescued value, with what is too deep for tables as text again."""
    return value_of(str(value).encode(), keep=DEPTH - depth) if type(value).__name__ == "Raw" else value


def _with_absent(absent: str, shown: Flags) -> Flags | None:
    return ~shown if absent == "null" and not shown.all() else None


def _column(plan: Plan, depth: int, part: _Part) -> tuple[Node, Flags]:
    cells = part.columns.get(plan.column)
    if cells is None:
        cells = pa.nulls(part.length)
    shown = flags_of(cells)
    nulls = _with_absent(plan.absent, shown)
    if plan.form == "json":
        over = build([value_of(text.encode(), keep=DEPTH - depth) for text in cells.drop_null().to_pylist()])
        places = np.where(shown, np.cumsum(shown) - 1, -1)
        node = take(over, places)
        return Node(node.length, nulls, node.scalars, node.objects, node.lists), shown
    node = values_in(cells, plan.kind, plan.spelling)
    return Node(node.length, nulls, node.scalars, None, node.lists), shown


def values_in(cells: pa.Array, kind: str, spelling: str) -> Node:
    """The values that cells of a kind hold: the inverse of `cells.cells_of`; nulls are missing."""
    if cells.null_count == len(cells):
        return Node(len(cells))
    if kind.startswith("list<"):
        valid = flags_of(cells)
        whole = cells if not cells.null_count else cells.drop_null()
        offsets = np.asarray(whole.offsets.to_numpy(zero_copy_only=False)).astype(np.int64)
        inner = whole.values.slice(offsets[0], offsets[-1] - offsets[0])
        element = values_in(inner, kind[5:-1], spelling)
        nulls = ~flags_of(inner) if inner.null_count else None
        return Node(
            len(cells),
            lists=Lists(
                None if valid.all() else valid, offsets - offsets[0], Node(len(inner), nulls, element.scalars, None, element.lists)
            ),
        )
    return Node(len(cells), scalars=_lanes(cells, kind, spelling))


def _lanes(cells: pa.Array, kind: str, spelling: str) -> dict[str, pa.Array]:
    if kind == "string":
        return _numbers(cells) if spelling else {"strings": cells}
    if kind == "bool":
        return {"strings": pc.cast(cells, pa.string())} if spelling else {"bools": cells}
    if kind == "int64":
        return {"ints": cells}
    if kind == "double":
        return _parted(cells)
    if kind == "decimal(38,0)":
        return _numbers(pc.cast(cells, pa.string()))
    if kind == "decimal(18,2)":
        return {"strings": pc.cast(cells, pa.string())} if spelling else _parted(_from_cents(cells))
    valid = flags_of(cells)
    plain = cells.view(pa.int32() if kind == "date" else pa.int64())
    numbers = np.asarray((plain.fill_null(0) if plain.null_count else plain).to_numpy(zero_copy_only=False)).astype(np.int64)
    texts = spell(spelling.split("|", maxsplit=1)[0], numbers)
    return {"strings": texts if valid.all() else pc.if_else(pa.array(valid), texts, pa.scalar(None, pa.string()))}


def _parted(doubles: pa.Array) -> dict[str, pa.Array]:
    ints, rest = parted(doubles)
    return {lane: array for lane, array in (("ints", ints), ("doubles", rest)) if array is not None}


def _from_cents(cells: pa.Array) -> pa.Array:
    words = np.frombuffer(cells.buffers()[1], np.int64)[2 * cells.offset : 2 * (cells.offset + len(cells))]
    return pa.array(words[::2] / 100.0, mask=~flags_of(cells))


def _numbers(texts: pa.Array) -> dict[str, pa.Array]:
    """Texts of numbers as numbers; few columns have such."""
    node = build([None if text is None else number_of(text) for text in texts.to_pylist()])
    return node.scalars or {}


def _object(plan: Plan, path: str, depth: int, part: _Part, reader: _Reader) -> tuple[Node, Flags]:
    members, shown = {}, np.zeros(part.length, np.bool_)
    for key, member in plan.members:
        node, inside = _slots(member, pointer(path, key), depth + 1, part, reader)
        shown |= inside
        members[key] = node
    is_object = shown | True if plan.absent == _EMPTY else shown
    if is_object.all():
        return Node(part.length, objects=Objects(None, _some(members))), shown
    slots = np.flatnonzero(is_object)
    taken = {key: take(member, slots) for key, member in members.items()}
    objects = Objects(is_object, _some(taken)) if len(slots) else None
    return Node(part.length, _with_absent(plan.absent, shown), objects=objects), shown


def _some(members: dict[str, Node]) -> dict[str, Node]:
    return {key: member for key, member in members.items() if not is_bare(member)}


def _children(plan: Plan, depth: int, part: _Part, reader: _Reader) -> tuple[Node, Flags]:
    child = reader.parts[plan.table]
    shown = np.zeros(part.length, np.bool_)
    if not child.length:
        return _no_children(plan, shown), shown
    assert plan.element is not None
    element, _ = _slots(plan.element, "", depth + 1, child, reader)
    owners = _owners(part, child)
    is_map = plan.form == "map"
    places = np.zeros(child.length, np.int64) if is_map else child.ints(POSITION)
    order = np.lexsort((places, owners))
    owners, places = owners[order], places[order]
    shown[owners] = True
    node = _no_children(plan, shown)
    is_alone = places < 0
    if is_map:
        node = _with_map(node, plan, take(element, order), owners, child, order)
    elif (~is_alone).any() or plan.absent == _EMPTY:
        node = _with_lists(node, plan, take(element, order[~is_alone]), owners[~is_alone], owners[is_alone])
    if is_alone.any():
        slots = np.arange(part.length)
        slots[owners[is_alone]] = part.length + np.arange(int(np.count_nonzero(is_alone)))
        node = take(joined([node, take(element, order[is_alone])]), slots)
    return node, shown


def _variants(plan: Plan, depth: int, part: _Part, reader: _Reader) -> tuple[Node, Flags]:
    """The objects of all variants' tables."""
    shown = np.zeros(part.length, np.bool_)
    nodes, places = [Node(0)], np.full(part.length, -1, np.int64)
    for number, (_, member) in enumerate(plan.members):
        node, inside = _children(member, depth - 1, part, reader)
        nodes.append(node)
        places[inside] = np.flatnonzero(inside) + number * part.length
        shown |= inside
    node = take(joined(nodes), places)
    return Node(node.length, _with_absent(plan.absent, shown), node.scalars, node.objects, node.lists, node.earlier), shown


def _no_children(plan: Plan, shown: Flags) -> Node:
    """The slots that show nothing: null, missing, or empty lists or objects."""
    node = Node(len(shown), _with_absent(plan.absent, shown))
    bare = ~shown
    if plan.absent != _EMPTY or not bare.any():
        return node
    mask, count = (None if bare.all() else bare), int(np.count_nonzero(bare))
    if plan.form == "map":
        return Node(len(shown), objects=Objects(mask, {}))
    return Node(len(shown), lists=Lists(mask, np.zeros(count + 1, np.int64), Node(0)))


def _owners(part: _Part, child: _Part) -> Ints:
    """The row of each child's parent."""
    ids, wanted = part.ints(ID), child.ints(PARENT)
    order = np.argsort(ids, kind="stable")
    return np.asarray(order[np.searchsorted(ids[order], wanted)])


def _with_lists(node: Node, plan: Plan, element: Node, owners: Ints, alone: Ints) -> Node:
    lengths = np.bincount(owners, minlength=node.length)
    is_list = lengths > 0
    if plan.absent == _EMPTY:
        is_list = is_list | True
        is_list[alone] = False
    offsets = np.zeros(int(np.count_nonzero(is_list)) + 1, np.int64)
    np.cumsum(lengths[is_list], out=offsets[1:])
    return Node(node.length, node.nulls, lists=Lists(None if is_list.all() else is_list, offsets, element))


def _with_map(node: Node, plan: Plan, values: Node, owners: Ints, child: _Part, order: Ints) -> Node:
    keys: list[str | None] = child.columns[KEY].to_pylist()
    for row, key in zip(*child.values.get("_key", ([], [])), strict=True):
        keys[row] = str(key)
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(str(keys[row]), len(numbers)) for row in order.tolist()], np.int64)
    lengths = np.bincount(owners, minlength=node.length)
    is_object = lengths > 0
    if plan.absent == _EMPTY:
        is_object = is_object | True
    offsets = np.zeros(int(np.count_nonzero(is_object)) + 1, np.int64)
    np.cumsum(lengths[is_object], out=offsets[1:])
    objects = Objects(None if is_object.all() else is_object, {}, Entries(offsets, codes, tuple(numbers), values))
    return Node(node.length, node.nulls, objects=objects)
