"""A node is looked over: its sketch, a step a lane and none a value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.hashing import Keys, mixed, text_keys
from seedbed.core.text import string_array
from seedbed.read.collect.names import pointer
from seedbed.read.collect.node import LANES, Entries, Node, by_key, count_of, present, take
from seedbed.read.collect.shapes import Flags, Ints
from seedbed.read.collect.sketch import LEAST, MOST_KEYS, MOST_VARIANTS, SAMPLE, SIGNS, Distinct, Sketch
from seedbed.read.collect.spelling import forms_in

_COUNTED = {"bools": "bools", "ints": "ints", "doubles": "doubles", "strings": "strings", "raws": "raws"}
#: So that 1, true and "1" are different.
_SALTS = {lane: mixed(np.array([number + 1], np.uint64))[0] for number, lane in enumerate(LANES)}
#: Values that are looked at first, and how few different ones say that there may be few in all.
_LOOKED, _FEW = 512, 128
#: Doubles of at most two decimals below this are told from others for certain.
_MOST_CENTS = 1e13


#: Paths of objects that are parted into tables, and the member by whose text.
Split = Mapping[str, str]
_WHOLE: Split = MappingProxyType({})


def sketch_of(node: Node, split: Split = _WHOLE, path: str = "") -> Sketch:
    """The sketch of a node, which is at `path`."""
    made = Sketch()
    if node.nulls is not None:
        made.add_count("nulls", int(np.count_nonzero(node.nulls)))
    for lane, array in (node.scalars or {}).items():
        values = array.drop_null() if array.null_count else array
        _add_lane(made, lane, values)
    if node.earlier is not None:
        made.add_count("earlier", len(node.earlier) - node.earlier.null_count)
    _add_objects(made, node, split, path)
    _add_lists(made, node, split, path)
    return made


def _add_lane(made: Sketch, lane: str, values: pa.Array) -> None:
    if lane == "numbers":
        is_big = np.asarray(pc.match_substring_regex(values, "^-?[0-9]{1,38}$").to_numpy(zero_copy_only=False))
        made.add_count("bigs", int(np.count_nonzero(is_big)))
        made.add_count("odds", int(np.count_nonzero(~is_big)))
    else:
        made.add_count(_COUNTED[lane], len(values))
    if lane == "bools":
        made.add_count("trues", int(values.true_count))
    elif lane == "ints":
        _add_ints(made, values)
    elif lane == "doubles":
        _add_doubles(made, values)
    elif lane == "strings":
        _add_strings(made, values)
    made.distinct.merge(distinct_of(lane, values))


def _add_ints(made: Sketch, values: pa.Array) -> None:
    numbers = np.asarray(values.to_numpy(zero_copy_only=False))
    low, high = int(numbers.min()), int(numbers.max())
    made.int_range.add(low, high)
    if low < -(2**53) or high > 2**53:
        made.add_count("wide", int(np.count_nonzero((numbers > 2**53) | (numbers < -(2**53)))))


def _add_doubles(made: Sketch, values: pa.Array) -> None:
    numbers = np.asarray(values.to_numpy(zero_copy_only=False))
    made.double_range.add(float(numbers.min()), float(numbers.max()))
    small = numbers[np.abs(numbers) < _MOST_CENTS]
    made.add_count("cents", int(np.count_nonzero(np.rint(small * 100) / 100 == small)))


def _add_strings(made: Sketch, values: pa.Array) -> None:
    extremes = pc.min_max(values).as_py()
    made.text_range.add(extremes["min"][:SIGNS], extremes["max"][:SIGNS])
    offsets = np.frombuffer(values.buffers()[1], np.int32, len(values) + 1, values.offset * 4)
    lengths = np.diff(offsets)
    made.lengths.add(int(lengths.min()), int(lengths.max()))
    for form, count in forms_in(values, lengths).items():
        made.forms[form] = made.forms.get(form, 0) + count


def distinct_of(lane: str, values: pa.Array) -> Distinct:
    """The least fingerprints of values of one lane, without nulls."""
    if lane == "bools":
        values = pc.cast(pc.unique(values), pa.int64())
    elif len(values) > _FEW * 8 and len(pc.unique(values[:_LOOKED])) <= _FEW:  # quicker, and no other result
        values = pc.unique(values)
    if pa.types.is_string(values.type):
        keys = text_keys(values).view(np.uint64)
    else:
        keys = np.asarray(values.to_numpy(zero_copy_only=False)).view(np.uint64)
    marks: Keys = mixed(keys ^ _SALTS[lane]).view(np.int64)
    least, places = _least(marks)
    sample = {}
    for mark, place in zip(least[:SAMPLE].tolist(), places[:SAMPLE].tolist(), strict=True):
        value = values[place].as_py()
        sample[mark] = value[:SIGNS] if isinstance(value, str) else str(bool(value)).lower() if lane == "bools" else str(value)
    return Distinct(least, sample)


def _least(marks: Keys) -> tuple[Keys, Ints]:
    """The `LEAST` least different marks, rising, and where each is."""
    bound = -(2**63) + 2**64 // max(1, len(marks) // (2 * LEAST))
    while bound < 2**63:
        near = np.flatnonzero(marks < bound)
        found, places = _unique(marks[near])
        if len(found) >= LEAST:
            return found[:LEAST], near[places[:LEAST]]
        bound += (bound + 2**63) * 7
    found, places = _unique(marks)
    return found[:LEAST], places[:LEAST]


def _unique(marks: Keys) -> tuple[Keys, Ints]:
    """The different marks, rising, and where one of each is."""
    order = np.argsort(marks)
    ranked = marks[order]
    is_first = np.ones(len(ranked), np.bool_)
    np.not_equal(ranked[1:], ranked[:-1], out=is_first[1:])
    return ranked[is_first], order[is_first]


def _add_objects(made: Sketch, node: Node, split: Split, path: str) -> None:
    objects = node.objects
    if objects is None:
        return
    count = count_of(objects.mask, node.length)
    made.add_count("objects", count)
    part = split.get(path, split.get(f"{path}/*")) if split else None
    if part is not None:
        _add_variants(made, node, part)
    if objects.entries is not None:
        _add_entries(made, objects.entries, count)
        return
    made.members = {key: sketch_of(member, split, pointer(path, key) if split else "") for key, member in objects.members.items()}
    made.keys.merge(_keys(list(made.members)))
    if not any(member.present == count for member in made.members.values()):
        filled = np.zeros(count, np.bool_)
        for member in objects.members.values():
            filled |= present(member)
        made.add_count("empty_objects", count - int(np.count_nonzero(filled)))
    if len(made.members) > MOST_KEYS:
        made.collapse()


def _add_variants(made: Sketch, node: Node, part: str) -> None:
    """The sketches of the objects by the text of a member."""
    values = variants_of(node, part)
    names = pc.unique(values.drop_null()).to_pylist()
    if len(names) > MOST_VARIANTS:
        made.has_many_variants = True
        return
    for name in names:
        made.variants[name] = sketch_of(take(node, np.flatnonzero(are_text(values, name))))
    made.bound_variants()


def are_text(values: pa.Array, text: str) -> Flags:
    """Which values are a text, shape (n,); nulls aren't."""
    return np.asarray(pc.is_in(values, value_set=pa.array([text], pa.string())).to_numpy(zero_copy_only=False))


def variants_of(node: Node, part: str) -> pa.Array:
    """For each slot that is an object the text of a member of it (empty if it is no text); null for others."""
    objects = node.objects
    if objects is None:
        return pa.nulls(node.length, pa.string())
    count = count_of(objects.mask, node.length)
    members = objects.members if objects.entries is None else by_key(objects.entries, count)
    texts = members[part].lane("strings") if part in members else None
    values = pa.array([""] * count, pa.string()) if texts is None else texts.fill_null("")
    if objects.mask is None:
        return values
    return pc.take(values, pa.array(np.cumsum(objects.mask) - 1, mask=~objects.mask))


def _keys(names: list[str]) -> Distinct:
    plain = [name.encode("utf-8", "replace").decode() for name in names]
    return distinct_of("strings", string_array(plain)) if plain else Distinct()


def _add_entries(made: Sketch, entries: Entries, count: int) -> None:
    made.add_count("empty_objects", int(np.count_nonzero(np.diff(entries.offsets) == 0)))
    used = [entries.names[code] for code in np.unique(entries.codes).tolist()]
    made.keys.merge(_keys(used))
    if len(used) > MOST_KEYS:
        made.value = sketch_of(entries.values)
        return
    made.members = {key: sketch_of(member) for key, member in by_key(entries, count).items()}


def _add_lists(made: Sketch, node: Node, split: Split, path: str) -> None:
    lists = node.lists
    if lists is None:
        return
    lengths = np.diff(lists.offsets)
    made.add_count("lists", len(lengths))
    made.add_count("empty_lists", int(np.count_nonzero(lengths == 0)))
    if len(lengths):
        made.list_lengths.add(int(lengths.min()), int(lengths.max()))
    made.element = sketch_of(lists.element, split, f"{path}/*")
