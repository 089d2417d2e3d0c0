"""Records become physical values and a sketch: the fast way where it is right, the robust way for the rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from seedbed.core.records import dataclass
from seedbed.read.collect.arrays import node_of
from seedbed.read.collect.build import build
from seedbed.read.collect.fast import Pieces, parse_fast
from seedbed.read.collect.look import sketch_of
from seedbed.read.collect.node import Node, Physical, joined, take
from seedbed.read.collect.parse import values_of
from seedbed.read.collect.shapes import Hint, Ints, Limits, Options, Records, Refusal
from seedbed.read.collect.sketch import Sketch, order_of
from seedbed.read.collect.strict import DEPTH, WrongJsonError

#: After so many blocks that the fast way could do nothing with, it is tried on every eighth only.
_TRIES, _EVERY = 2, 8


@dataclass(frozen=True, slots=True)
class Shredded:
    """A block's sketch and values, the files refused (none of their records are here), how many records each file gave, and what to tell the next block."""

    sketch: Sketch
    physical: Physical
    refused: tuple[Refusal, ...]
    counts: Ints
    hint: Hint


@dataclass(frozen=True, slots=True)
class _Values:
    """Values one after the other: of which of the records each is, and where its text begins and ends."""

    node: Node
    records: Ints
    starts: Ints
    ends: Ints


def shred(
    records: Records,
    hint: Hint = Hint(),  # noqa: B008 - frozen
    limits: Limits = Limits(),  # noqa: B008 - frozen
    options: Options = Options(),  # noqa: B008 - frozen
) -> Shredded:
    """What a block of records holds; `hint` (that of the block before) makes it quicker and changes nothing.

    Of the options only `split` matters here: the sketch is told which objects to look at in parts.

    >>> from seedbed.read.collect.split import gather
    >>> made = shred(gather([("a", b'{"a": [1]}'), ("b", b'{"a": NaN}')]))
    >>> made.sketch.members["a"].counts, [(one.file, one.reason, one.offset) for one in made.refused]
    ({'lists': 1}, [(1, "'N' where a value should come", 6)])
    """
    pieces = _fast(records, hint if limits.nesting > DEPTH else Hint(hint.schema, _TRIES + 1))
    parts = [
        _Values(node_of(one.array, is_null=one.is_null), one.places, records.starts[one.places], records.ends[one.places])
        for one in pieces.parsed
    ]
    slow, refused = _slow(records, pieces.left, limits)
    values = _in_order([*parts, *([slow] if slow is not None else [])])
    if refused:
        values = _without(values, records, refused)
    ids = records.ids[values.records] + values.starts - records.starts[values.records]
    sketch = sketch_of(values.node, dict(options.split))
    if len(ids):
        first = int(np.argmin(ids))
        sketch.order = order_of(int(ids[first]), records.text[int(values.starts[first]) : int(values.ends[first])])
    return Shredded(
        sketch,
        Physical(values.node, ids),
        (*records.refused, *refused),
        np.bincount(records.files[values.records], minlength=len(records.sources)),
        _next_hint(hint, pieces, len(records)),
    )


def _fast(records: Records, hint: Hint) -> Pieces:
    if hint.misses > _TRIES and hint.misses % _EVERY:
        return Pieces((), np.arange(len(records)), hint.schema)
    return parse_fast(records, hint.schema)


def _next_hint(hint: Hint, pieces: Pieces, count: int) -> Hint:
    """A block most of whose records had to go the robust way is a miss."""
    return Hint(pieces.schema, 0 if 2 * len(pieces.left) <= count else hint.misses + 1)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of new objects and no garbage: the collector would look at all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _slow(records: Records, places: Ints, limits: Limits) -> tuple[_Values | None, tuple[Refusal, ...]]:
    """Records parsed one by one; a file with one that isn't JSON is refused."""
    if not len(places):
        return None, ()
    refused: dict[int, Refusal] = {}
    values: list[object] = []
    owners, starts, ends = [], [], []
    with _no_collection():
        for place in places.tolist():
            start, end, file = int(records.starts[place]), int(records.ends[place]), int(records.files[place])
            try:
                for value, first, last in values_of(records.text[start:end], limits.nesting):
                    values.append(value)
                    owners.append(place)
                    starts.append(start + first)
                    ends.append(start + last)
            except WrongJsonError as error:
                offset = int(records.offsets[place]) + error.offset
                found = Refusal(file, error.reason, offset, error.is_truncated)
                refused[file] = min(refused.get(file, found), found, key=lambda one: one.offset)
        node = build(values)
    made = _Values(node, np.array(owners, np.int64), np.array(starts, np.int64), np.array(ends, np.int64))
    return made, tuple(refused[file] for file in sorted(refused))


def _in_order(parts: list[_Values]) -> _Values:
    """All values in the order of their text."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.zeros(0, np.int64)
        return _Values(Node(0), empty, empty, empty)
    node = joined([part.node for part in parts])
    records, starts, ends = (np.concatenate([getattr(part, name) for part in parts]) for name in ("records", "starts", "ends"))
    if (np.diff(starts) > 0).all():
        return _Values(node, records, starts, ends)
    order = np.argsort(starts, kind="stable")
    return _Values(take(node, order), records[order], starts[order], ends[order])


def _without(values: _Values, records: Records, refused: tuple[Refusal, ...]) -> _Values:
    kept = np.flatnonzero(~np.isin(records.files[values.records], [one.file for one in refused]))
    return _Values(take(values.node, kept), values.records[kept], values.starts[kept], values.ends[kept])
