"""Values of a node become cells of a column of some kind, and are told from those that the kind can't hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.read.collect.kinds import arrow_type
from seedbed.read.collect.node import LANES, Node, flags_of
from seedbed.read.collect.shapes import Flags, Ints
from seedbed.read.collect.spelling import parse

#: Whole numbers that doubles hold one by one; and numbers whose cents they hold.
_EXACT, _MOST_CENTS = 2**53, 1e13
_CENTS = "decimal(18,2)"
_DAY_US = 86_400_000_000


def cells_of(node: Node, kind: str, spelling: str) -> tuple[pa.Array, Flags]:
    """The cells of a column, shape (n,), null where there is nothing to show, and which slots' values the cells give back whole.

    A text that says the same moment in a rarer form is shown, and not held: how it was written isn't in the cell.

    >>> from seedbed.read.collect.build import build
    >>> cells, held = cells_of(build([1, "x", 2.5]), "double", "")
    >>> cells.to_pylist(), held.tolist()
    ([1.0, None, 2.5], [True, False, True])
    """
    if kind.startswith("list<"):
        return _lists(node, kind, spelling)
    cells, held = _MAKERS[kind](node, spelling)
    return (pa.nulls(node.length, arrow_type(kind)) if cells is None else cells), held


def _none(node: Node) -> Flags:
    return np.zeros(node.length, np.bool_)


def _numpy(array: pa.Array, fill: float) -> NDArray[Any]:
    return np.asarray((array.fill_null(fill) if array.null_count else array).to_numpy(zero_copy_only=False))


def _nothing(node: Node, _: str) -> tuple[pa.Array | None, Flags]:
    return None, _none(node)


def _bools(node: Node, spelling: str) -> tuple[pa.Array | None, Flags]:
    array, texts = node.lane("bools"), node.lane("strings")
    if not spelling:
        return array, _none(node) if array is None else flags_of(array)
    if texts is None:
        return array, _none(node)
    is_true, is_flag = pc.equal(texts, "true"), pc.is_in(texts, value_set=pa.array(["true", "false"]))
    shown = pc.if_else(is_flag, is_true, pa.scalar(None, pa.bool_()))
    return (shown if array is None else pc.coalesce(shown, array)), np.asarray(is_flag.to_numpy(zero_copy_only=False))


def _ints(node: Node, _: str) -> tuple[pa.Array | None, Flags]:
    array = node.lane("ints")
    return array, _none(node) if array is None else flags_of(array)


def _wide(node: Node, _: str) -> tuple[pa.Array | None, Flags]:
    """Whole numbers of up to 38 digits."""
    kind = pa.decimal128(38, 0)
    ints, numbers = node.lane("ints"), node.lane("numbers")
    made = [pc.cast(ints, kind)] if ints is not None else []
    if numbers is not None:
        is_whole = pc.match_substring_regex(numbers, "^-?[0-9]{1,38}$")
        made.append(pc.cast(pc.if_else(is_whole, numbers, pa.scalar(None, pa.string())), kind))
    if not made:
        return None, _none(node)
    cells = pc.coalesce(*made)
    return cells, flags_of(cells)


def _doubles(node: Node, _: str) -> tuple[pa.Array | None, Flags]:
    ints, cells = node.lane("ints"), node.lane("doubles")
    if ints is not None:
        whole = _numpy(ints, 0)
        is_exact = flags_of(ints) & (whole <= _EXACT) & (whole >= -_EXACT)
        made = pa.array(whole.astype(np.float64), mask=~is_exact)
        cells = made if cells is None else pc.coalesce(cells, made)
    return cells, _none(node) if cells is None else flags_of(cells)


def _cents(node: Node, spelling: str) -> tuple[pa.Array | None, Flags]:
    cents, shown, held = np.zeros(node.length, np.int64), _none(node), _none(node)
    for lane in ("ints", "doubles"):
        if (array := node.lane(lane)) is not None:
            numbers = _numpy(array, 0).astype(np.float64)
            fits = flags_of(array) & (np.abs(numbers) < _MOST_CENTS)
            fits[fits] = np.rint(numbers[fits] * 100) / 100 == numbers[fits]
            cents[fits] = np.rint(numbers[fits] * 100).astype(np.int64)
            shown |= fits
    if not spelling:
        return decimals(cents, shown), shown
    if (texts := node.lane("strings")) is not None:
        is_money = pc.match_substring_regex(texts, r"^-?(0|[1-9][0-9]{0,14})\.[0-9][0-9]$")
        plain = pc.if_else(pc.and_(is_money, pc.not_equal(texts, "-0.00")), texts, pa.scalar(None, pa.string()))
        held = flags_of(plain)
        made = pc.cast(pc.replace_substring(plain, ".", ""), pa.int64())
        cents[held] = _numpy(made, 0)[held].astype(np.int64)
    return decimals(cents, shown | held), held


def decimals(cents: Ints, shown: Flags) -> pa.Array:
    """Decimals of two places from hundredths, shape (n,); null where not shown."""
    words = np.stack([cents, cents >> 63], axis=1)
    validity = pa.array(shown).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [validity, pa.py_buffer(words.tobytes())])


def _strings(node: Node, spelling: str) -> tuple[pa.Array | None, Flags]:
    """Texts; numbers and flags are shown as texts, and held only if texts spell numbers."""
    own = ("ints", "doubles", "numbers") if spelling else ("strings",)
    arrays = [array for lane in own if (array := node.lane(lane)) is not None]
    held = _none(node)
    for array in arrays:
        held |= flags_of(array)
    others = ("ints", "doubles", "numbers", "bools") if not spelling else ()
    arrays += [array for lane in others if (array := node.lane(lane)) is not None]
    texts = [array if pa.types.is_string(array.type) else pc.cast(array, pa.string()) for array in arrays]
    return (pc.coalesce(*texts) if texts else None), held


def _moments(node: Node, spelling: str, kind: str) -> tuple[pa.Array | None, Flags]:
    texts = node.lane("strings")
    if texts is None:
        return None, _none(node)
    forms = spelling.split("|")
    numbers, held = parse(forms[0], texts)
    shown = held.copy()
    for form in forms[1:]:
        found, fits = parse(form, texts)
        numbers[fits] = found[fits] * (_DAY_US if form == "date" else 1)
        shown |= fits
    if kind == "date":
        return pa.array(numbers.astype(np.int32), mask=~shown).view(pa.date32()), held
    return pa.array(numbers, mask=~shown).view(arrow_type(kind)), held


_MAKERS: dict[str, Callable[[Node, str], tuple[pa.Array | None, Flags]]] = {
    "null": _nothing,
    "bool": _bools,
    "int64": _ints,
    "decimal(38,0)": _wide,
    "double": _doubles,
    _CENTS: _cents,
    "string": _strings,
    "date": lambda node, spelling: _moments(node, spelling, "date"),
    "time": lambda node, spelling: _moments(node, spelling, "time"),
    "timestamp": lambda node, spelling: _moments(node, spelling, "timestamp"),
    "timestamp_utc": lambda node, spelling: _moments(node, spelling, "timestamp_utc"),
}


def _lists(node: Node, kind: str, spelling: str) -> tuple[pa.Array, Flags]:
    """Lists of scalars, and scalars that stand alone as lists of one (shown, not held)."""
    inner, held = kind[5:-1], _none(node)
    places = np.full(node.length, -1, np.int64)
    pieces = [pa.nulls(0, arrow_type(kind))]
    start = 0
    if node.lists is not None:
        slots = np.arange(node.length) if node.lists.mask is None else np.flatnonzero(node.lists.mask)
        offsets, element = node.lists.offsets, node.lists.element
        cells, fits = cells_of(element, inner, spelling)
        if element.nulls is not None:
            fits = fits | element.nulls
        wrong = np.concatenate([np.zeros(1, np.int64), np.cumsum(~fits)])
        held[slots] = wrong[offsets[1:]] == wrong[offsets[:-1]]
        pieces.append(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), cells))
        places[slots] = np.arange(len(slots))
        start = len(slots)
    if node.scalars and not inner.startswith("list<"):
        cells, _ = cells_of(Node(node.length, scalars=node.scalars), inner, spelling)
        alone = np.flatnonzero(flags_of(cells))
        pieces.append(pa.ListArray.from_arrays(pa.array(np.arange(len(alone) + 1), pa.int32()), cells.take(pa.array(alone))))
        places[alone] = start + np.arange(len(alone))
    whole = pa.concat_arrays([piece.cast(arrow_type(kind)) if piece.type != arrow_type(kind) else piece for piece in pieces])
    if start == node.length and node.lists is not None and node.lists.mask is None:
        return whole, held
    return pc.take(whole, pa.array(places, mask=places < 0)), held


def scalar_flags(node: Node) -> Flags:
    """Which slots hold a scalar."""
    found = _none(node)
    for lane in LANES:
        if (array := node.lane(lane)) is not None:
            found |= flags_of(array)
    return found
