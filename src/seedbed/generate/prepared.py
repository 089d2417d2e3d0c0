"""A plan with what only data can tell: numbers of rows, fan-out indexes, value pools."""

from __future__ import annotations

from dataclasses import field

from seedbed.core.records import dataclass
from seedbed.generate.family import FanIndex
from seedbed.generate.injected import Injected
from seedbed.generate.pool_key import Pools
from seedbed.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """What any machine needs to make any rows; picklable.

    `rows` are those of the tables without faults; `injected` tells of the faults where the model has some.
    """

    plan: Plan
    rows: dict[str, int]
    fans: dict[str, FanIndex] = field(default_factory=dict)
    pools: Pools = field(default_factory=dict)
    pool_hashes: dict[str, str] = field(default_factory=dict)
    injected: Injected | None = None
