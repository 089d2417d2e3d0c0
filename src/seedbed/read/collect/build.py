"""Parsed JSON values become a `Node`: the robust way, a pass over the values of each path."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.read.collect.node import LANES, Entries, Lists, Node, Objects, flags_of
from seedbed.read.collect.shapes import Flags, Ints
from seedbed.read.collect.values import Doubled, Number, Raw, text_of, whole_of, written

#: The value of a slot that has none.
MISSING: Final = object()

#: More different keys than these make entries of an object's members, whatever else; above the lower count, where few slots would be filled.
_MOST_KEYS, _MANY_KEYS, _SPARSE = 1_000, 64, 16

_LANE_OF: dict[type, str] = {bool: "bools", int: "ints", float: "doubles", str: "strings", Number: "numbers", Raw: "raws"}
_NONE = type(None)


def build(values: Sequence[object], earlier: Sequence[str | None] | None = None) -> Node:
    """The node of some values, one a slot; `MISSING` for a slot without.

    >>> node = build([1, 2.5, MISSING, {"a": []}])
    >>> node.length, sorted(node.scalars), node.objects.members["a"].lists.offsets.tolist()
    (4, ['doubles', 'ints'], [0, 0])
    """
    kinds = set(map(type, values))
    scalars: dict[str, pa.Array] = {}
    for kind in kinds & _LANE_OF.keys():
        _add(scalars, kind, values, is_only=len(kinds) == 1)
    return Node(
        len(values),
        np.fromiter((value is None for value in values), np.bool_, len(values)) if _NONE in kinds else None,
        scalars or None,
        _objects([kind for kind in kinds if kind in {dict, Doubled}], values, len(kinds)),
        _lists(values, is_only=len(kinds) == 1) if list in kinds else None,
        pa.array(earlier, pa.string()) if earlier is not None and any(text is not None for text in earlier) else None,
    )


def _add(scalars: dict[str, pa.Array], kind: type, values: Sequence[object], *, is_only: bool) -> None:
    """Put the values of one Python type into their lanes."""
    chosen = values if is_only else [value if type(value) is kind else None for value in values]
    lane = _LANE_OF[kind]
    try:
        array = pa.array(chosen, LANES[lane])
    except (UnicodeEncodeError, OverflowError):
        _add_odd(scalars, kind, chosen)
        return
    if kind is float:
        ints, array = parted(array)
        _put(scalars, "ints", ints)
    _put(scalars, lane, array)


def _add_odd(scalars: dict[str, pa.Array], kind: type, values: Sequence[object]) -> None:
    """Texts of which some have lone surrogates, or whole numbers of which some have more than 64 bits."""
    if kind is str:
        made = [value if value is None or _is_plain(str(value)) else Raw(text_of(str(value))) for value in values]
    else:
        made = [whole_of(value) if isinstance(value, int) else None for value in values]
    for found in set(map(type, made)) - {_NONE}:
        _put(scalars, _LANE_OF[found], pa.array([value if type(value) is found else None for value in made], LANES[_LANE_OF[found]]))


def _is_plain(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _put(scalars: dict[str, pa.Array], lane: str, array: pa.Array | None) -> None:
    if array is None or array.null_count == len(array):
        return
    scalars[lane] = pc.coalesce(scalars[lane], array) if lane in scalars else array


def parted(doubles: pa.Array) -> tuple[pa.Array | None, pa.Array | None]:
    """Doubles parted into those that are whole and fit 64 bits, as integers, and the others.

    >>> [part.to_pylist() for part in parted(pa.array([1.0, 2.5, None]))]
    [[1, None, None], [None, 2.5, None]]
    """
    valid = flags_of(doubles)
    numbers = np.asarray((doubles.fill_null(0.5) if doubles.null_count else doubles).to_numpy(zero_copy_only=False))
    is_whole = valid & (np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)
    if not is_whole.any():
        return None, doubles
    ints = pa.array(np.where(is_whole, numbers, 0.0).astype(np.int64), mask=~is_whole)
    rest = valid & ~is_whole
    return ints, (pa.array(numbers, mask=~rest) if rest.any() else None)


def _objects(kinds: list[type], values: Sequence[object], types: int) -> Objects | None:
    if not kinds:
        return None
    if types == len(kinds):
        found, mask = values, None
    else:
        is_object = [isinstance(value, dict) for value in values]
        found, mask = [value for value in values if isinstance(value, dict)], np.array(is_object)
    objects: list[dict[str, object]] = found  # type: ignore[assignment]
    keys = dict.fromkeys(chain.from_iterable(objects))
    held = sum(map(len, objects))
    if len(keys) > _MOST_KEYS or (len(keys) > _MANY_KEYS and len(keys) * len(objects) > _SPARSE * held):
        return Objects(mask, {}, _entries(list(keys), objects))
    doubled = [one for one in objects if isinstance(one, Doubled)] if Doubled in kinds else []
    again = {key for one in doubled for key in one.earlier}
    return Objects(mask, {key: build([one.get(key, MISSING) for one in objects], _earlier(key, objects, again)) for key in keys})


def _earlier(key: str, objects: Sequence[dict[str, object]], again: set[str]) -> list[str | None] | None:
    if key not in again:
        return None
    return [written(one.earlier[key]) if isinstance(one, Doubled) and key in one.earlier else None for one in objects]


def _entries(keys: list[str], objects: Sequence[dict[str, object]]) -> Entries:
    numbers = {key: number for number, key in enumerate(keys)}
    codes = np.fromiter(map(numbers.__getitem__, chain.from_iterable(objects)), np.int64)
    earlier = None
    if any(isinstance(one, Doubled) for one in objects):
        earlier = [written(one.earlier[key]) if isinstance(one, Doubled) and key in one.earlier else None for one in objects for key in one]
    values = build(list(chain.from_iterable(one.values() for one in objects)), earlier)
    return Entries(_offsets(list(map(len, objects))), codes, tuple(keys), values)


def _lists(values: Sequence[object], *, is_only: bool) -> Lists:
    mask: Flags | None = None if is_only else np.fromiter((type(value) is list for value in values), np.bool_, len(values))
    found: list[list[object]] = [value for value in values if isinstance(value, list)]
    return Lists(mask, _offsets(list(map(len, found))), build(list(chain.from_iterable(found))))


def _offsets(lengths: list[int]) -> Ints:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
