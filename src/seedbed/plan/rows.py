"""How many rows each table is expected to have, before any is made."""

from __future__ import annotations

import math

import numpy as np

from seedbed.core.tables import EvenInts, NumberSource, poisson_table
from seedbed.model.document import Fanout, Model, Node
from seedbed.plan.states import machine_of

#: No parent has more children than this.
MOST_CHILDREN = 2**31


def expected_rows(model: Model, counts: dict[str, int | None]) -> dict[str, float]:
    """The expected rows of every table: exact where the model gives them, without behaviours and shocks where it does not."""
    found: dict[str, float] = {}

    def of(name: str, depth: int = 0) -> float:
        if name not in found:
            node = model.node(name)
            count = counts.get(name)
            if count is not None or node is None or not node.parents or depth > len(model.nodes):
                found[name] = float(count or 0)
            else:
                found[name] = of(node.parents[0], depth + 1) * children_per_parent(node)
        return found[name]

    return {node.id: of(node.id) for node in model.nodes}


def children_per_parent(node: Node) -> float:
    """The expected number of children of one parent."""
    if node.stage_config:
        reached, total = 1.0, 0.0
        for stage in node.stage_config.stages:
            reached *= stage.transition_rate
            total += reached
        return total
    if node.events is not None:
        return machine_of(node.events).expected_states
    if node.fanout is None:
        return 0.0
    low, high = fanout_bounds(node.fanout)
    return fanout_source(node.fanout).mean_of(lambda k: np.clip(k, low, high))


def fanout_source(fanout: Fanout, multiplier: float = 1.0) -> NumberSource:
    """The table of a fan-out, its expectation scaled by `multiplier` (above 0) where it is Poisson."""
    if fanout.distribution == "poisson":
        assert fanout.lambda_ is not None
        return poisson_table(fanout.lambda_ * multiplier)
    assert fanout.min is not None
    assert fanout.max is not None
    return EvenInts(fanout.min, fanout.max)


def fanout_bounds(fanout: Fanout, *, is_scaled: bool = False) -> tuple[int, int]:
    """The fewest and the most children of one parent; the clamp comes last.

    Where behaviours or shocks scale a uniform fan-out (`is_scaled`), its own ends are scaled too, and only the clamp bounds it.
    """
    low, high = (0, MOST_CHILDREN) if is_scaled and fanout.distribution == "uniform" else (fanout.min or 0, fanout.max)
    high = MOST_CHILDREN if high is None else high
    fewest, most = fanout.clamp or (None, None)
    fewest, most = math.ceil(fewest or 0), MOST_CHILDREN if most is None else math.floor(most)
    return min(max(low, fewest), most), min(max(high, fewest), most)
