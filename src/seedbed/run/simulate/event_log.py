"""A pool's events in the form of HTCondor's job event log, which `condor_wait` and `htcondor2.JobEventLog` read."""

from __future__ import annotations

from typing import TextIO

from seedbed.run.simulate.clock import Clock
from seedbed.run.simulate.pool import Event, EventKind

_ADDRESS = "<127.0.0.1:9618>"
_USAGE = "\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  "


class EventLog:
    """Writes events as they come."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out, self._clock = out, clock

    def __call__(self, event: Event) -> None:
        """Write an event."""
        self._out.write(event_text(event, self._clock))


def event_text(event: Event, clock: Clock) -> str:
    r"""An event as the log has it, with the line of dots that ends it.

    >>> from seedbed.run.simulate.clock import JumpingClock
    >>> from seedbed.run.simulate.pool import Job
    >>> event_text(Event(1.5, EventKind.RELEASED, Job(7, "batch", 1.0)), JumpingClock()).splitlines()
    ['013 (007.000.000) 2024-09-02 08:00:01 Job was released.', '\tby the pool', '...']
    """
    moment = clock.moment(event.seconds)
    head = f"{event.kind:03d} ({event.job.number:03d}.000.000) {moment:%Y-%m-%d %H:%M:%S} "
    return f"{head}{_told(event)}\n...\n"


def _told(event: Event) -> str:
    kind = event.kind
    slot = event.slot.name if event.slot is not None else ""
    if kind is EventKind.SUBMITTED:
        return f"Job submitted from host: {_ADDRESS}\n    DAG Node: {event.job.name}"
    if kind is EventKind.EXECUTING:
        return f"Job executing on host: {_ADDRESS}\n\tSlotName: {slot}"
    if kind is EventKind.EVICTED:
        return f"Job was evicted.\n\t(0) Job was not checkpointed.\n{_usage('Run')}{_bytes('Run')}"
    if kind is EventKind.TERMINATED:
        return f"Job terminated.\n\t(1) Normal termination (return value {event.code})\n{_usage('Run')}\n{_usage('Total')}{_bytes('Run')}{_bytes('Total')}"
    if kind is EventKind.HELD:
        return f"Job was held.\n\t{event.reason}\n\tCode 26 Subcode 0"
    if kind is EventKind.RELEASED:
        return "Job was released.\n\tby the pool"
    return f"Job was aborted.\n\t{event.reason}"


def _usage(which: str) -> str:
    return f"{_USAGE}{which} Remote Usage\n{_USAGE}{which} Local Usage"


def _bytes(which: str) -> str:
    return f"\n\t0  -  {which} Bytes Sent By Job\n\t0  -  {which} Bytes Received By Job"
