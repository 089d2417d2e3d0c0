"""Physical values become tables: a column a path, a table for lists of objects and for maps, and `_rescued` for what the types can't hold.

`_rescued` is the JSON text of an object: `"/a/b": value` is the whole value of that place in the row (it counts, whatever the columns show);
`"-/a": null` says that there is none, where the columns would say null; `"+/a": [...]` are values that the key had before in the same object;
`"_key"` is the key of a map's member that no column can hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as arrow

from seedbed.core import compute as pc
from seedbed.core.errors import DataError
from seedbed.core.text import string_array
from seedbed.read.collect.cells import cells_of
from seedbed.read.collect.decide import Decisions, Plan
from seedbed.read.collect.look import are_text, variants_of
from seedbed.read.collect.names import pointer
from seedbed.read.collect.node import (
    Entries,
    Lists,
    Node,
    Objects,
    Physical,
    by_key,
    entries_of,
    flags_of,
    joined,
    key_order,
    present,
    take,
)
from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED, Flags, Ints
from seedbed.read.collect.texts import texts_of
from seedbed.read.collect.values import text_of

_NO_TEXT = pa.scalar(None, pa.string())


@dataclass(slots=True)
class _Rows:
    """A table as it comes to be: its rows' numbers, the record that each is of, its columns, and pieces of `_rescued`."""

    ids: Ints
    records: Ints
    columns: dict[str, pa.Array] = field(default_factory=dict)
    pieces: list[pa.Array] = field(default_factory=list)

    def spread(self, array: pa.Array, rows: Ints | None) -> pa.Array:
        """The values of some rows as those of all; null elsewhere."""
        if rows is None:
            return array
        places = np.full(len(self.ids), -1, np.int64)
        places[rows] = np.arange(len(rows))
        return pc.take(array, pa.array(places, mask=places < 0))

    def rescue(self, name: str, texts: pa.Array, rows: Ints | None) -> Flags:
        """Keep JSON texts (null where there is nothing) of a place; which slots there are."""
        made = arrow.binary_join_element_wise(pa.scalar(text_of(name) + ":"), texts, "")
        self.pieces.append(self.spread(made, rows))
        return flags_of(texts)


@dataclass(slots=True)
class _Maker:
    """The tables of some records."""

    records: Ints
    drop_unknown: bool
    tables: dict[str, _Rows] = field(default_factory=dict)


def tabulate(physical: Physical, decisions: Decisions, *, drop_unknown: bool = False) -> dict[str, pa.Table]:
    """The tables of a block by their names; those without rows are left out. Rows stand in the order of the records.

    Raises:
        DataError: there are keys that the decisions, made without this block's sketch, don't know; `drop_unknown` leaves such values out.

    >>> from seedbed.read.collect.build import build
    >>> from seedbed.read.collect.look import sketch_of
    >>> from seedbed.read.collect.decide import decide
    >>> node = build([{"a": 1, "b": [{"c": 2}, {"c": 3}]}])
    >>> tables = tabulate(Physical(node, np.array([7])), decide(sketch_of(node)))
    >>> tables["b"].drop_columns("_rescued").to_pylist()
    [{'_id': 7, '_parent_id': 7, '_pos': 0, 'c': 2}, {'_id': 8, '_parent_id': 7, '_pos': 1, 'c': 3}]
    """
    maker = _Maker(physical.ids, drop_unknown)
    root = _Rows(physical.ids, np.arange(len(physical.ids)))
    maker.tables[decisions.tables[0].name] = root
    _emit(physical.root, decisions.plan, "", None, root, maker)
    made = {}
    for shape in decisions.tables:
        rows = maker.tables.get(shape.name)
        if rows is not None and len(rows.ids):
            made[shape.name] = _table(rows, shape.schema())
    return made


def _table(rows: _Rows, schema: pa.Schema) -> pa.Table:
    rows.columns[ID] = pa.array(rows.ids)
    rows.columns[RESCUED] = _joined_pieces(rows.pieces, len(rows.ids))
    arrays = [rows.columns[name] if name in rows.columns else pa.nulls(len(rows.ids), schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(arrays, schema=schema)


def _joined_pieces(pieces: list[pa.Array], length: int) -> pa.Array:
    pieces = [piece for piece in pieces if piece.null_count < len(piece)]
    if not pieces:
        return pa.nulls(length, pa.string())
    some = np.zeros(length, np.bool_)
    for piece in pieces:
        some |= flags_of(piece)
    rows = pa.array(np.flatnonzero(some))  # joining with nulls left out leaves out rows of nulls alone
    held = [arrow.binary_join_element_wise(",", pc.take(piece, rows), "") for piece in pieces]
    body = arrow.utf8_slice_codeunits(arrow.binary_join_element_wise(*held, "", null_handling="replace", null_replacement=""), 1)
    texts = arrow.binary_join_element_wise("{", body, "}", "")
    where = np.cumsum(some) - 1
    return pc.take(texts, pa.array(where, mask=~some))


def _emit(node: Node, plan: Plan, path: str, rows: Ints | None, table: _Rows, maker: _Maker) -> Flags:
    """Put the slots of a node, which are some rows of a table, into it; which slots show anything."""
    if plan.form == "object":
        shown, odd = _emit_object(node, plan, path, rows, table, maker)
    elif plan.form == "variants":
        shown, odd = _emit_variants(node, plan, rows, table, maker)
    elif plan.element is not None:
        shown, odd = _emit_children(node, plan, rows, table, maker)
    else:
        shown, odd = _emit_column(node, plan, rows, table)
    shown |= _rescue(node, plan, path, rows, table, odd)
    return shown


def _rescue(node: Node, plan: Plan, path: str, rows: Ints | None, table: _Rows, odd: Flags) -> Flags:
    """Keep what the columns don't say: whole values that are odd, nulls or their lack, and what a key had before."""
    shown = np.zeros(node.length, np.bool_)
    nulls = None
    if node.nulls is not None and plan.absent != "null":
        nulls = pc.if_else(pa.array(node.nulls), pa.scalar("null"), _NO_TEXT)
    texts = _texts_at(node, np.flatnonzero(odd)) if odd.any() else None
    if texts is not None or nulls is not None:
        both = texts if nulls is None else nulls if texts is None else pc.coalesce(texts, nulls)
        shown |= table.rescue(path, both, rows)
    if plan.absent != "missing":
        gone = ~present(node)
        if gone.any():
            shown |= table.rescue("-" + path, pc.if_else(pa.array(gone), pa.scalar("null"), _NO_TEXT), rows)
    if node.earlier is not None:
        shown |= table.rescue("+" + path, node.earlier, rows)
    return shown


def _texts_at(node: Node, places: Ints) -> pa.Array:
    texts = string_array([text or "null" for text in texts_of(take(node, places))])
    where = np.full(node.length, -1, np.int64)
    where[places] = np.arange(len(places))
    return pc.take(texts, pa.array(where, mask=where < 0))


def _valued(node: Node) -> Flags:
    """Slots that have a value which isn't null."""
    found = present(node)
    return found if node.nulls is None else found & ~node.nulls


def _emit_column(node: Node, plan: Plan, rows: Ints | None, table: _Rows) -> tuple[Flags, Flags]:
    if plan.form == "json":
        valued = _valued(node)
        cells, held = _texts_at(node, np.flatnonzero(valued)), valued
    else:
        cells, held = cells_of(node, plan.kind, plan.spelling)
    table.columns[plan.column] = table.spread(cells, rows)
    simple = node.objects is None and node.lists is None and len(node.scalars or {}) <= 1 and node.nulls is None
    if simple and int(np.count_nonzero(held)) == node.length:
        return np.ones(node.length, np.bool_), np.zeros(node.length, np.bool_)
    return flags_of(cells), _valued(node) & ~held


def _rows_of(rows: Ints | None, slots: Ints | None) -> Ints | None:
    """The rows of some of the slots."""
    if slots is None:
        return rows
    return slots if rows is None else rows[slots]


def _emit_object(node: Node, plan: Plan, path: str, rows: Ints | None, table: _Rows, maker: _Maker) -> tuple[Flags, Flags]:
    objects = node.objects or Objects(np.zeros(node.length, np.bool_), {})
    slots = None if objects.mask is None else np.flatnonzero(objects.mask)
    count = node.length if slots is None else len(slots)
    members = objects.members if objects.entries is None else by_key(objects.entries, count)
    unknown = set(members) - {key for key, _ in plan.members}
    if unknown and not maker.drop_unknown:
        where, fix = f"{path}/{min(unknown)}", "merge the sketch of these records before deciding"
        raise DataError("a key that no decision was made on", where=where, fix=fix)
    inside = np.zeros(count, np.bool_)
    for key, member in plan.members:
        inside |= _emit(members.get(key) or Node(count), member, pointer(path, key), _rows_of(rows, slots), table, maker)
    shown, odd = np.zeros(node.length, np.bool_), _valued(node)
    if slots is None:
        shown, odd = inside, np.zeros(node.length, np.bool_)
    else:
        shown[slots] = inside
        odd[slots] = False
    if plan.absent != "empty":  # an object that shows nothing would be taken for none
        odd[slice(None) if slots is None else slots] = ~inside
    return shown, odd


def _emit_variants(node: Node, plan: Plan, rows: Ints | None, table: _Rows, maker: _Maker) -> tuple[Flags, Flags]:
    """A table for each text that a member has."""
    values, shown = variants_of(node, plan.column), np.zeros(node.length, np.bool_)
    for value, member in plan.members:
        is_it = are_text(values, value)
        if is_it.any():
            found, _ = _emit_children(take(node, np.where(is_it, np.arange(node.length), -1)), member, rows, table, maker)
            shown |= found
    return shown, _valued(node) & ~shown


def _emit_children(node: Node, plan: Plan, rows: Ints | None, table: _Rows, maker: _Maker) -> tuple[Flags, Flags]:
    """A table of rows; `_parent_id` is the row that a slot is in."""
    child, owners, places = _members_of(node) if plan.form == "map" else _elements_of(node)
    filled = np.zeros(node.length, np.bool_)
    filled[owners] = True
    odd = _valued(node) & ~filled
    if plan.absent == "empty":
        odd &= ~_empty(node, plan.form)
    if not len(owners):
        return filled, odd
    parents = owners if rows is None else rows[owners]
    records = table.records[parents]
    made = _Rows(_numbers(maker.records, records), records)
    made.columns[PARENT] = pa.array(table.ids[parents])
    if plan.form == "map":
        _add_keys(made, *places)
    else:
        made.columns[POSITION] = pa.array(places[0], mask=places[0] < 0)
    assert plan.element is not None
    maker.tables[plan.table] = made
    _emit(child, plan.element, "", None, made, maker)
    return filled, odd


def _numbers(ids: Ints, records: Ints) -> Ints:
    """Numbers for rows that stand in the order of their records: a record's number and those after it, of which its text has more than it has rows."""
    firsts = np.searchsorted(records, np.arange(len(ids)))
    return ids[records] + np.arange(len(records)) - firsts[records]


def _empty(node: Node, form: str) -> Flags:
    found = np.zeros(node.length, np.bool_)
    if form == "rows" and node.lists is not None:
        slots = slice(None) if node.lists.mask is None else np.flatnonzero(node.lists.mask)
        found[slots] = np.diff(node.lists.offsets) == 0
    elif form == "map" and node.objects is not None:
        slots = slice(None) if node.objects.mask is None else np.flatnonzero(node.objects.mask)
        found[slots] = texts_are_empty(node.objects, node.length)
    return found


def texts_are_empty(objects: Objects, length: int) -> Flags:
    """Which objects have no members."""
    count = length if objects.mask is None else int(np.count_nonzero(objects.mask))
    if objects.entries is not None:
        return np.asarray(np.diff(objects.entries.offsets) == 0)
    filled = np.zeros(count, np.bool_)
    for member in objects.members.values():
        filled |= present(member)
    return ~filled


def _elements_of(node: Node) -> tuple[Node, Ints, tuple[Ints]]:
    """The elements of all lists, and the objects that stand alone (their position is -1): in the order of their slots."""
    lists = node.lists or Lists(np.zeros(node.length, np.bool_), np.zeros(1, np.int64), Node(0))
    slots = np.arange(node.length) if lists.mask is None else np.flatnonzero(lists.mask)
    lengths = np.diff(lists.offsets)
    owners = np.repeat(slots, lengths)
    places = np.arange(len(owners), dtype=np.int64) - np.repeat(lists.offsets[:-1], lengths)
    if node.objects is None:
        return lists.element, owners, (places,)
    alone = np.arange(node.length) if node.objects.mask is None else np.flatnonzero(node.objects.mask)
    single = Node(len(alone), objects=Objects(None, node.objects.members, node.objects.entries))
    owners = np.concatenate([owners, alone])
    order = np.argsort(owners, kind="stable")
    whole = take(joined([lists.element, single]), order)
    return whole, owners[order], (np.concatenate([places, np.full(len(alone), -1, np.int64)])[order],)


def _members_of(node: Node) -> tuple[Node, Ints, tuple[Ints, tuple[str, ...]]]:
    """The members of all objects by the order of their slots and keys, and their keys."""
    if node.objects is None:
        return Node(0), np.zeros(0, np.int64), (np.zeros(0, np.int64), ())
    slots = np.arange(node.length) if node.objects.mask is None else np.flatnonzero(node.objects.mask)
    entries: Entries = entries_of(node.objects, len(slots))
    owners = np.repeat(slots, np.diff(entries.offsets))
    order = key_order(entries, owners)
    return take(entries.values, order), owners[order], (entries.codes[order], entries.names)


def _add_keys(made: _Rows, codes: Ints, names: tuple[str, ...]) -> None:
    """The column of keys; one with a lone surrogate goes to `_rescued`."""
    plain = [None if _is_lone(name) else name for name in names]
    made.columns[KEY] = pc.take(pa.array(plain, pa.string()), pa.array(codes))
    if None in plain:
        texts = pa.array([text_of(name) if _is_lone(name) else None for name in names], pa.string())
        made.rescue("_key", pc.take(texts, pa.array(codes)), None)


def _is_lone(name: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in name)
