"""Walks through state machines: all rows together, a transition at a time."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import Column
from seedbed.core.draw import Bits, Floats, Ints, Key, draw_bits, unit
from seedbed.core.records import dataclass
from seedbed.core.timegrid import SECOND
from seedbed.generate.behaviors import by_value
from seedbed.generate.blockwise import Columns, computed_together
from seedbed.generate.frame import Context, CountKernel, Frame
from seedbed.model.references import Reference, find_reference
from seedbed.plan.states import Exits, Machine, machine_of, start_column

#: Longer than any timeframe, in seconds: later moments pass 64 bits.
_FOREVER = 2.0**42


@dataclass(frozen=True, slots=True)
class Walked:
    """Where rows have come to: the state, when they entered it, and how many states they have entered; each of shape (n,)."""

    state: Ints
    time: Ints
    entered: Ints


@dataclass(frozen=True, slots=True)
class Walk:
    """The walks of a table's rows, from their start times to the end of the timeframe."""

    engine: Context
    table: str

    @property
    def machine(self) -> Machine:
        """The table's state machine."""
        spec = self.engine.plan.table(self.table).node.state_transition_model
        assert spec is not None
        return machine_of(spec)

    def to_the_end(self, frame: Frame) -> Walked:
        """Where the rows of a frame are when the timeframe ends; kept by blocks, as columns and fan-outs of several tables ask for it."""
        state, time, entered = computed_together(self.engine, self.table, "walk", self._ends)(frame)
        return Walked(state.data, time.data, entered.data)

    def _ends(self, frame: Frame) -> Columns:
        found = frame.shared("walk", lambda: self._of(frame, None, None))
        return Column(found.state.astype(np.int32)), Column(found.time), Column(found.entered.astype(np.int32))

    def to_state(self, frame: Frame, index: Ints, number: Ints) -> Walked:
        """The `number[i]`-th state, from 0, that row `index[i]` of a frame enters; shapes (n,)."""
        return self._of(frame, index, number)

    def _of(self, frame: Frame, index: Ints | None, number: Ints | None) -> Walked:
        node = self.engine.plan.table(self.table).node
        start, _ = frame.moments(start_column(node) or "")
        rows, factors = np.asarray(frame.rows, dtype=np.int64), self._factors(frame)
        if index is not None:
            rows, start = rows.take(index), start.take(index)
            factors = None if factors is None else factors.take(index)
        key = self.engine.key(self.table, "states")
        return walked(self.machine, key, rows, start, self.engine.window[1], factors, number)

    def _factors(self, frame: Frame) -> Floats | None:
        """What scales each row's probabilities of leaving; None where nothing does."""
        node = self.engine.plan.table(self.table).node
        spec = node.state_transition_model
        if spec is None or spec.segment_column is None or not spec.segment_variation:
            return None
        reference = find_reference(self.engine.plan.model, node, spec.segment_column)
        assert isinstance(reference, Reference)  # the plan refuses others
        return by_value(frame.read(reference), {name: v.transition_multiplier for name, v in spec.segment_variation.items()})


def walked(
    machine: Machine, key: Key, rows: Ints, start: Ints, end: int, factors: Floats | None = None, number: Ints | None = None
) -> Walked:
    """Walk rows from `start` until they stay, until a transition would come after `end`, or until their `number`-th transition.

    Transition s of a row takes its draws 2s (where to) and 2s + 1 (when), so that any rows can be walked alone.
    """
    state, time = np.full(len(rows), machine.initial, dtype=np.int64), start.copy()
    entered = np.ones(len(rows), dtype=np.int64)
    alive = np.arange(len(rows))
    for step in range(machine.most):
        if number is not None:
            alive = alive[number[alive] > step]
        if not len(alive):
            break
        shares = unit(draw_bits(key, rows[alive], 2 * step))
        bits = draw_bits(key, rows[alive], 2 * step + 1)
        scale = None if factors is None else factors[alive]
        target, after = _leave(machine, state[alive], shares, bits, scale)
        after = np.minimum(after, end - time[alive] + SECOND)
        arrives = (target >= 0) & (time[alive] + after <= end)
        alive, target, after = alive[arrives], target[arrives], after[arrives]
        state[alive], time[alive] = target, time[alive] + after
        entered[alive] += 1
    return Walked(state, time, entered)


def _leave(machine: Machine, state: Ints, shares: Floats, bits: Bits, factors: Floats | None) -> tuple[Ints, Ints]:
    """Where each row goes next, -1 where it stays, and after how many microseconds: whole seconds, at least one; shapes (n,)."""
    target, after = np.full(len(state), -1, dtype=np.int64), np.zeros(len(state), dtype=np.int64)
    for place in np.flatnonzero(np.bincount(state)).tolist():
        exits = machine.exits[place]
        if not len(exits.targets):
            continue
        picks = np.flatnonzero(state == place)
        u = shares[picks]
        if factors is not None:
            scale = np.minimum(factors[picks], 1.0 / exits.total) if exits.total > 0 else factors[picks]
            u = np.divide(u, scale, out=np.full(len(u), 2.0), where=scale > 0)
        chosen = np.searchsorted(exits.upper, u, side="right")
        goes = chosen < len(exits.upper)
        target[picks[goes]] = exits.targets[chosen[goes]]
        after[picks] = _dwelt(exits, machine.unit_us, bits[picks])
    return target, after


def _dwelt(exits: Exits, unit_us: int, bits: Bits) -> Ints:
    if exits.dwell is None:
        return np.full(len(bits), SECOND, dtype=np.int64)
    periods = np.clip(exits.dwell.draw(bits).astype(np.float64), *exits.clamp)
    seconds = np.minimum(np.rint(periods * (unit_us // SECOND)), _FOREVER)
    return np.maximum(seconds, 1.0).astype(np.int64) * SECOND


def states_entered(engine: Context, table: str) -> CountKernel:
    """How many states each row of a table enters."""
    walk = Walk(engine, table)
    return lambda parents: walk.to_the_end(parents).entered.astype(np.int64)
