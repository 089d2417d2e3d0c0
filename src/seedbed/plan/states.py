"""State machines compiled: where each state leads with which probability, and how many states a row enters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.draw import Floats, Ints
from seedbed.core.records import dataclass
from seedbed.core.tables import NumberSource
from seedbed.core.timegrid import DAY, HOUR, MINUTE, SECOND
from seedbed.model.document import Model, Node
from seedbed.model.places import Mistake
from seedbed.plan.distributions import distribution_source

if TYPE_CHECKING:
    from seedbed.model.states import StateTransitionModel

#: A row goes through so many transitions at most.
MOST_TRANSITIONS = 256

#: The share of rows that a bound may stop before their machine does: none of a billion.
_NEGLIGIBLE = 1e-9

#: Sums of probabilities this near to 1 mean 1.
_ROUNDING = 1e-9

_UNITS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}


@dataclass(frozen=True)
class Exits:
    """Where a state leads: to `targets` with the cumulated probabilities `upper`, shape (k,), after a time in seconds."""

    targets: Ints
    upper: Floats
    dwell: NumberSource | None
    clamp: tuple[float, float]

    @property
    def total(self) -> float:
        """The probability of leaving."""
        return float(self.upper[-1]) if len(self.upper) else 0.0


@dataclass(frozen=True)
class Machine:
    """A state machine: `exits[i]` are those of state i, `unit_us` what a dwell time of 1 is."""

    names: tuple[str, ...]
    initial: int
    exits: tuple[Exits, ...]
    unit_us: int
    most: int
    expected_states: float


def start_column(node: Node) -> str | None:
    """The column from which a node's state machine starts: named, or the row's time, other than what the machine fills."""
    machine = node.state_transition_model
    if machine is not None and machine.start_column is not None:
        return machine.start_column
    times = [c for c in node.columns if c.declared_type in (ColumnType.DATETIME, ColumnType.DATE) and c.name not in node.filled]
    drawn = [c for c in times if c.generator.datetime_series is not None]
    ordered = sorted([*(drawn or times)], key=lambda column: column.type is not ColumnType.DATETIME)
    return ordered[0].name if ordered else None


@lru_cache(maxsize=64)
def _compiled(text: str) -> Machine:
    from seedbed.model.states import StateTransitionModel  # only models with state machines need it

    return _compile(StateTransitionModel.model_validate_json(text))


def machine_of(spec: StateTransitionModel) -> Machine:
    """The machine of a specification without mistakes."""
    return _compiled(spec.model_dump_json(by_alias=True))


def _compile(spec: StateTransitionModel) -> Machine:
    names = tuple(spec.states)
    place = {name: number for number, name in enumerate(names)}
    exits = []
    for state in spec.states.values():
        upper = np.cumsum(np.array(list(state.next_states.values()), dtype=np.float64))
        if len(upper) and abs(upper[-1] - 1.0) <= _ROUNDING:
            upper[-1] = 1.0
        low, high = (state.dwell.clamp if state.dwell is not None else None) or (None, None)
        clamp = (0.0 if low is None else max(0.0, low), np.inf if high is None else high)
        source = distribution_source(state.dwell) if state.dwell is not None else None
        exits.append(Exits(np.array([place[name] for name in state.next_states], dtype=np.int64), upper, source, clamp))
    expected, most = _lengths(place[spec.initial_state], tuple(exits))
    return Machine(names, place[spec.initial_state], tuple(exits), _UNITS[spec.period_unit], most, expected)


def _lengths(initial: int, exits: tuple[Exits, ...]) -> tuple[float, int]:
    """The expected number of states entered, and the most transitions that any row makes."""
    alive = np.zeros(len(exits))
    alive[initial] = 1.0
    entered = 1.0
    for step in range(MOST_TRANSITIONS):
        after = np.zeros(len(exits))
        for share, state in zip(alive.tolist(), exits, strict=True):
            if share > 0 and len(state.targets):
                np.add.at(after, state.targets, share * np.diff(state.upper, prepend=0.0))
        alive = after
        total = float(np.cumsum(alive)[-1])
        if total == 0.0:
            return entered, step
        entered += total
    return entered, MOST_TRANSITIONS


def unstopped_share(spec: StateTransitionModel) -> float:
    """The share of rows that would make more transitions than any row may, the timeframe's end aside."""
    machine, factor = machine_of(spec), max([1.0, *(v.transition_multiplier for v in spec.segment_variation.values())])
    alive: Mapping[int, float] = {machine.initial: 1.0}
    for _ in range(MOST_TRANSITIONS + 1):
        after: dict[int, float] = {}
        for place, share in alive.items():
            exits = machine.exits[place]
            scale = min(factor, 1.0 / exits.total) if exits.total > 0 else 0.0
            for target, chance in zip(exits.targets.tolist(), np.diff(exits.upper, prepend=0.0).tolist(), strict=True):
                after[target] = after.get(target, 0.0) + share * chance * scale
        alive = {place: share for place, share in after.items() if share > 0}
    return sum(alive.values())


def machine_mistakes(model: Model) -> list[Mistake]:
    """State machines that rows might never come out of, and dwell times below 0."""
    found: list[Mistake] = []
    for place, node in enumerate(model.nodes):
        spec, path = node.state_transition_model, ("nodes", place, "state_transition_model")
        if spec is None:
            continue
        for name, state in spec.states.items():
            low, _ = (state.dwell.clamp if state.dwell is not None else None) or (None, None)
            shortest = distribution_source(state.dwell).low if state.dwell is not None else 0.0
            if (shortest if low is None else max(shortest, low)) < 0:
                message = f"a row could stay in `{name}` for {shortest:.3g} {spec.period_unit}s: less than no time"
                found.append(Mistake((*path, "states", name, "dwell"), message, "add `clamp: [0, null]`, or draw positive numbers"))
        share = unstopped_share(spec)
        if share > _NEGLIGIBLE:
            message = f"{share:.2%} of the rows of `{node.id}` would make more than {MOST_TRANSITIONS} transitions"
            found.append(Mistake((*path, "states"), message, "lower the probabilities that lead back, or add a way to a terminal state"))
    return found


def implied_orders(model: Model) -> Iterator[tuple[str, str]]:
    """Pairs of columns of which the first is never later than the second: a row's start time, and that of its state."""
    for node in model.nodes:
        spec, start = node.state_transition_model, start_column(node)
        column = node.column(start) if start is not None else None
        if spec is not None and spec.time_column is not None and column is not None and column.type is ColumnType.DATETIME:
            yield f"{node.id}.{start}", f"{node.id}.{spec.time_column}"
