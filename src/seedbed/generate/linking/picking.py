"""Links to any row, or to one of those that match: evenly or by weight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Bits, Ints, below
from seedbed.generate.frame import Context, Frame, Mask
from seedbed.generate.linking.groups import candidates_of
from seedbed.generate.linking.weights import Weighted, row_weights
from seedbed.plan.plan import Link

#: A place for each row's draw, shape (n,), given the first place and the number of places of its group.
Draw = Callable[[Bits, Ints, Ints], Ints]


def picker(engine: Context, table: str, link: Link) -> Callable[[Frame], tuple[Ints, Mask | None]]:
    """One of the rows that match, each time anew."""
    key = engine.key(table, "link", link.name)
    assert link.spec is not None
    if not link.spec.match:
        rows = engine.rows(link.target)

        def anywhere(frame: Frame) -> tuple[Ints, Mask | None]:
            whole = engine.once(("weights", table, link.name), lambda: _whole(engine, table, link))
            return below(frame.bits(key), rows) if whole is None else whole.draw(frame.bits(key)), None

        return anywhere

    def pick(frame: Frame) -> tuple[Ints, Mask | None]:
        found = candidates_of(engine, table, link).of(frame)
        draw = drawing(engine, table, link)
        places = draw(frame.bits(key), found.first, np.maximum(found.counts, 1))
        return found.rows(places), found.counts > 0

    return pick


def _whole(engine: Context, table: str, link: Link) -> Weighted | None:
    weights = row_weights(engine, table, link)
    return None if weights is None else Weighted(weights)


def drawing(engine: Context, table: str, link: Link) -> Draw:
    """How a place of a group is drawn: evenly, or by the weights of the rows in the groups' order."""

    def weighted() -> Weighted | None:
        weights = row_weights(engine, table, link)
        if weights is None:
            return None
        assert link.spec is not None
        order = candidates_of(engine, table, link).order if link.spec.match else None
        return Weighted(weights if order is None else weights[order])

    found = engine.once(("group weights", table, link.name), weighted)
    if found is None:
        return lambda bits, first, counts: first + below(bits, counts.view(np.uint64))
    return lambda bits, first, counts: found.draw_between(bits, first, first + counts - 1)
