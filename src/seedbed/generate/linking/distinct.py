"""Links that give no two children of one parent the same row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Ints, Key, below, draw_bits, draw_bits_keyed, row_numbers
from seedbed.core.errors import DataError
from seedbed.core.permute import Permutation
from seedbed.generate.family import Children
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.generate.linking.groups import Found, candidates_of
from seedbed.generate.linking.picking import Draw, drawing
from seedbed.plan.picks import pick_of
from seedbed.plan.plan import Link

#: Up to so many children of one parent the even draw resolves each against the earlier ones; beyond, by a permutation.
FISHER_YATES = 16

#: Draws before a child takes the next free row instead: only where few rows hold nearly all weight.
_TRIES = 24


def without_repetition(engine: Context, table: str, link: Link) -> Callable[[Frame], tuple[Ints, Mask | None]]:
    """One of the rows that match, none twice for the children of one parent."""
    key, spec = engine.key(table, "link", link.name), link.spec
    assert spec is not None
    if not spec.match and pick_of(spec.pick).kind == "uniform":
        size = engine.rows(link.target)
        return lambda frame: (even(engine, table, key, engine.children(frame), size), None)
    return lambda frame: _by_rejection(engine, table, link, key, frame)


def even(engine: Context, table: str, key: Key, place: Children, size: int) -> Ints:
    """The row of each child, all rows alike: a shuffle that is never made, or a permutation for each large family."""
    parents = row_numbers(place.parents)
    if engine.fan_index(table).largest > FISHER_YATES:
        return Permutation(key, size).forward(place.ordinal, draw_bits(key, parents).take(place.local))
    most = int(place.ordinal.max(initial=-1)) + 1
    swaps = [below(draw_bits(key, parents, slot), size - slot) + slot for slot in range(most)]
    chosen = below(draw_bits_keyed(key, parents.take(place.local), place.ordinal.view(np.uint64)), (size - place.ordinal).view(np.uint64))
    chosen += place.ordinal
    for slot in range(most - 2, -1, -1):  # child j swaps place j with a place r_j >= j, and finds what earlier swaps put there
        moved = (swaps[slot].take(place.local) == chosen) & (place.ordinal > slot)
        chosen[moved] = slot
    return chosen


def _by_rejection(engine: Context, table: str, link: Link, key: Key, frame: Frame) -> tuple[Ints, Mask | None]:
    """Whole families at once: each child draws until it finds a row that no earlier child of its parent has."""
    place = engine.children(frame)
    first, starts = place.first, np.concatenate([[0], np.cumsum(place.counts)])
    family = np.repeat(np.arange(len(first)), place.counts)
    ordinal = np.arange(starts[-1]) - starts[:-1].take(family)
    rows = first.take(family) + ordinal
    frames = frame if len(rows) == len(frame) and np.array_equal(rows, row_numbers(frame.rows)) else Frame(engine, table, rows)
    found = _candidates(engine, table, link, frames)
    places, without = _drawn(key, found, rows, family, ordinal, drawing(engine, table, link))
    if without is not None and found.counts[without]:
        message = (
            f"row {int(rows[without]):,} of {table} finds only {int(found.counts[without]):,} rows of {link.target} that match, all taken"
        )
        fix = f"lower the fan-out of `{table}`, or give `{link.target}` more rows that match"
        raise DataError(message, where=f"{table}[{int(rows[without])}]", fix=fix)
    mine = starts[:-1].take(place.local) + place.ordinal
    return found.rows(places)[mine], None if link.spec is None or not link.spec.match else (found.counts > 0)[mine]


def _candidates(engine: Context, table: str, link: Link, frame: Frame) -> Found:
    assert link.spec is not None
    if link.spec.match:
        return candidates_of(engine, table, link).of(frame)
    n = len(frame)
    return Found(np.zeros(n, dtype=np.int64), np.full(n, engine.rows(link.target)), lambda places: places)


def _drawn(key: Key, found: Found, rows: Ints, family: Ints, ordinal: Ints, draw: Draw) -> tuple[Ints, int | None]:
    """A place for each row of whole families, none twice in a family; and a row that finds none left."""
    counts = np.maximum(found.counts, 1)
    places = draw(draw_bits(key, rows), found.first, counts)
    families = int(family[-1]) + 1 if len(family) else 0
    without: int | None = None
    taken = np.full((families, int(ordinal.max(initial=-1)) + 1), -1, dtype=np.int64)
    for step in range(taken.shape[1]):
        now = np.flatnonzero(ordinal == step)
        earlier, chosen = taken[family[now], :step], places[now]
        again = np.flatnonzero((earlier == chosen[:, None]).any(axis=1))
        for slot in range(1, _TRIES):
            if not len(again):
                break
            bits = draw_bits(key, rows[now[again]], slot)
            chosen[again] = draw(bits, found.first[now[again]], counts[now[again]])
            again = again[(earlier[again] == chosen[again, None]).any(axis=1)]
        for _ in range(step):  # the next place that is free: at most `step` are not
            if not len(again):
                break
            low = found.first[now[again]]
            chosen[again] = low + (chosen[again] - low + 1) % counts[now[again]]
            again = again[(earlier[again] == chosen[again, None]).any(axis=1)]
        if len(again) and without is None:
            without = int(now[again[np.argmax(found.counts[now[again]])]])
        taken[family[now], step] = places[now] = chosen
    return places, without
