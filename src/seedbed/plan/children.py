"""How many children a fan-out gives one parent: tables of the numbers, their means and their ends."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from seedbed.core.counting import bernoulli_table, geometric_source, negative_binomial_table, numbers_table
from seedbed.core.tables import EvenInts, NumberSource, poisson_table
from seedbed.core.zipf import Zipf
from seedbed.model.document import Fanout, Node
from seedbed.model.generators.distribution import Lognormal
from seedbed.model.generators.distribution_params import LognormalParams, numbers_in
from seedbed.plan.distributions import distribution_source

#: No parent has more children than this.
MOST_CHILDREN = 2**31


def mean_of_case(fanout: Fanout) -> float:
    """The expected number of children where all parents have the same fan-out."""
    source = fanout_source(fanout)
    if source is None:
        return 0.0
    low, high = fanout_bounds(fanout)
    return source.mean_of(lambda k: np.clip(k, low, high))


def fanout_source(fanout: Fanout, multiplier: float = 1.0) -> NumberSource | None:
    """The table of a fan-out, its expectation scaled by `multiplier` (above 0) where it is Poisson; None where it gives no children.

    Lognormal numbers are not whole.
    """
    if fanout.distribution == "poisson":
        assert isinstance(fanout.lambda_, float)
        return poisson_table(fanout.lambda_ * multiplier) if fanout.lambda_ > 0 else None
    if fanout.distribution == "uniform":
        assert fanout.min is not None
        assert fanout.max is not None
        return EvenInts(fanout.min, fanout.max)
    return _SOURCES[fanout.distribution](fanout)


def _fixed(fanout: Fanout) -> NumberSource:
    assert fanout.params is not None
    if fanout.params.p is not None:
        return bernoulli_table(fanout.number("p"))
    return numbers_table(np.array([fanout.number("n")]), np.ones(1), whole=True)


def _histogram(fanout: Fanout) -> NumberSource:
    values = (fanout.params.values if fanout.params is not None else None) or {}
    return numbers_table(np.array(numbers_in(values)), np.array(list(values.values())), whole=True)


def _lognormal(fanout: Fanout) -> NumberSource:
    params = LognormalParams(mean=fanout.number("mean"), sigma=fanout.number("sigma"))
    return distribution_source(Lognormal(type="lognormal", params=params))


_SOURCES: dict[str, Callable[[Fanout], NumberSource]] = {
    "fixed": _fixed,
    "geometric": lambda fanout: geometric_source(fanout.number("p")),
    "neg_binomial": lambda fanout: negative_binomial_table(fanout.number("r"), fanout.number("p")),
    "zipf": lambda fanout: Zipf(fanout.number("a"), int(fanout.number("n"))),
    "lognormal": _lognormal,
    "histogram": _histogram,
}


def fanout_bounds(fanout: Fanout, *, is_scaled: bool = False) -> tuple[int, int]:
    """The fewest and the most children of one parent that `where` does not exclude; the clamp comes last.

    Where behaviours or shocks scale a uniform fan-out (`is_scaled`), its own ends are scaled too, and only the clamp bounds it.
    """
    low, high = (0, MOST_CHILDREN) if is_scaled and fanout.distribution == "uniform" else (fanout.min or 0, fanout.max)
    high = MOST_CHILDREN if high is None else high
    fewest, most = fanout.clamp or (None, None)
    fewest, most = math.ceil(fewest or 0), MOST_CHILDREN if most is None else math.floor(most)
    return min(max(low, fewest), most), min(max(high, fewest), most)


def children_bounds(fanout: Fanout, *, is_scaled: bool = False) -> tuple[int, int]:
    """The fewest and the most children that any parent can have: what the distribution can give, within its bounds."""
    low, high = fanout_bounds(fanout, is_scaled=is_scaled)
    least, most = _reach(fanout, is_scaled=is_scaled)
    ends = tuple(int(min(max(end, low), high)) for end in (least, most))
    return (0 if fanout.where is not None else ends[0]), ends[1]


def most_children(node: Node) -> int:
    """The most children that a parent can have in a table, whatever behaviours do."""
    if node.stage_config is not None:
        return len(node.stage_config.stages)
    return children_bounds(node.fanout, is_scaled=True)[1] if node.fanout is not None else MOST_CHILDREN


def _reach(fanout: Fanout, *, is_scaled: bool) -> tuple[float, float]:
    """The least and the greatest number that a fan-out's distribution gives."""
    if fanout.distribution == "column":
        return 0, MOST_CHILDREN
    sources = [fanout_source(case) for case in fanout.cases.values()]
    least = min(0.0 if source is None else source.low for source in sources)
    most = max(0.0 if source is None else source.high for source in sources)
    is_share = fanout.distribution == "fixed" and fanout.params is not None and fanout.params.p is not None
    if is_scaled:
        return 0, 1 if is_share else MOST_CHILDREN
    return math.floor(least), math.ceil(most)
