"""What a state machine asks for: states that are there and can be reached, probabilities that add up, columns to fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.core.block import ColumnType
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.events import events_name
from seedbed.model.generators import NO_KIND
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Unknown, find_reference
from seedbed.model.resolve.distributions import distribution_mistakes
from seedbed.model.resolve.scope import TIMES, Scope

if TYPE_CHECKING:
    from seedbed.model.states import State, StateTransitionModel

#: Sums of probabilities this near to 1 mean 1.
_ROUNDING = 1e-9


def machine_mistakes(scope: Scope, node: Node, machine: StateTransitionModel, path: Path) -> Iterator[Mistake]:
    """All mistakes of a state machine."""
    known = list(machine.states)
    if machine.initial_state not in machine.states:
        yield _unknown(machine.initial_state, known, (*path, "initial_state"))
    for name, state in machine.states.items():
        yield from _state(name, state, known, (*path, "states", name))
    reached = _reached(machine)
    for name in known:
        if name not in reached and machine.initial_state in machine.states:
            fix = "name it in some `next_states`, or remove it"
            yield Mistake((*path, "states", name), f"no row can reach the state `{name}` from `{machine.initial_state}`", fix, at_key=True)
    yield from _columns(scope, node, machine, path)
    yield from _segments(scope, node, machine, path)
    yield from _events(scope, node, machine, path)


def _state(name: str, state: State, known: list[str], path: Path) -> Iterator[Mistake]:
    for target in state.next_states:
        if target not in known:
            yield _unknown(target, known, (*path, "next_states", target))
    total = sum(state.next_states.values())
    if total > 1 + _ROUNDING:
        message = f"the probabilities of what follows `{name}` add up to {total:g}, more than 1"
        yield Mistake((*path, "next_states"), message, "lower them; what they lack to 1 stays in the state")
    if state.terminal and state.next_states:
        message = f"`{name}` is terminal, but leads to {one_of(list(state.next_states))}"
        yield Mistake((*path, "terminal"), message, "remove `terminal`, or `next_states`")
    if not state.terminal and not any(state.next_states.values()):
        yield Mistake(path, f"`{name}` leads nowhere", "write `terminal: true`, or add `next_states`", at_key=True)
    if state.dwell is None:
        return
    here = (*path, "dwell")
    yield from distribution_mistakes(state.dwell, here)
    if state.terminal:
        yield Mistake(here, f"`{name}` is terminal: no row ever leaves it", "remove `dwell`", at_key=True)


def _reached(machine: StateTransitionModel) -> set[str]:
    reached: set[str] = set()
    waiting = [machine.initial_state]
    while waiting:
        name = waiting.pop()
        if name in machine.states and name not in reached:
            reached.add(name)
            waiting += [target for target, chance in machine.states[name].next_states.items() if chance > 0]
    return reached


def _unknown(name: str, known: list[str], path: Path) -> Mistake:
    return Mistake(path, f"there is no state `{name}`", did_you_mean(name, known) or f"states: {one_of(known)}")


def _columns(scope: Scope, node: Node, machine: StateTransitionModel, path: Path) -> Iterator[Mistake]:
    if node.kind == "vocab":
        yield Mistake(path, "a vocab has no state machine", "make it an entity or a fact", at_key=True)
    yield from scope.wrong_type(node.id, machine.state_column, (*path, "state_column"), {ColumnType.STRING}, "`state_column`")
    if machine.time_column is not None:
        yield from scope.wrong_type(node.id, machine.time_column, (*path, "time_column"), {ColumnType.DATETIME}, "`time_column`")
    for index, column in enumerate(node.columns):
        if column.name in node.filled:
            yield from _filled(column, (*path[:-1], "columns", index))
    if machine.start_column is not None:
        yield from scope.wrong_type(node.id, machine.start_column, (*path, "start_column"), TIMES, "`start_column`")
        if machine.start_column in node.filled:
            yield Mistake((*path, "start_column"), f"`{machine.start_column}` is filled by the machine itself", "name another column")
    start = machine.start_column or _start(node)
    if start is None:
        fix = "add a datetime column, or name one in `start_column`"
        yield Mistake(path, f"`{node.id}` has no time from which its states begin", fix, at_key=True)
    else:
        spec = node.column(start)
        if spec is not None and spec.may_be_null:
            key = "start_column" if machine.start_column else "initial_state"
            message = f"the states of `{node.id}` begin at `{start}`, which may be null"
            yield Mistake((*path, key), message, "name a `start_column` without nulls")


def _filled(column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """What a column asks for beside what the machine puts into it."""
    message = f"`{column.name}` is filled in every row by the state machine"
    for key in ("nullable", "null_rate", "null_if", "modifiers"):
        if getattr(column, key):
            yield Mistake((*path, key), message, f"remove `{key}`", at_key=True)
    if column.generator.kind not in (NO_KIND, "constant"):
        yield Mistake((*path, "generator"), message, "remove the generator", at_key=True)


def _start(node: Node) -> str | None:
    times = [column for column in node.columns if column.declared_type in TIMES and column.name not in node.filled]
    drawn = [column for column in times if column.generator.datetime_series is not None]
    return next((column.name for column in drawn or times), None)


def _segments(scope: Scope, node: Node, machine: StateTransitionModel, path: Path) -> Iterator[Mistake]:
    if machine.segment_column is None:
        if machine.segment_variation:
            message = "`segment_variation` needs to know the segment of each row"
            yield Mistake((*path, "segment_variation"), message, "add `segment_column`: a column, or `link.column`", at_key=True)
        return
    found = find_reference(scope.model, node, machine.segment_column)
    if isinstance(found, Unknown):
        yield Mistake((*path, "segment_column"), found.message, found.fix)
    elif found.link is None and found.column in node.filled:
        yield Mistake((*path, "segment_column"), f"`{found.column}` is filled by the machine itself", "name another column")
    if not machine.segment_variation:
        fix = "add `segment_variation: {segment: {transition_multiplier: 1.2}}`"
        yield Mistake((*path, "segment_column"), "no segment differs", fix, at_key=True)


def _events(scope: Scope, node: Node, machine: StateTransitionModel, path: Path) -> Iterator[Mistake]:
    name = events_name(node)
    if name is None:
        return
    here = (*path, "emit")
    if not node.primary_key:
        yield Mistake(here, f"the events of `{node.id}` need its key to refer to", f"give `{node.id}` a `pk`")
    other = scope.nodes.get(name)
    if other is not None and other.events is None:
        yield Mistake(here, f"the table of events would be called `{name}`, like another table", "rename the other table")
    taken = {*node.primary_key} & {"number", machine.state_column, machine.events_time}
    for column in sorted(taken):
        yield Mistake(here, f"the table of events has a column `{column}` of its own", f"rename the key `{column}` of `{node.id}`")
