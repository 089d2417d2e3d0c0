"""A pool of slots that runs jobs, as HTCondor does: matchmaking by requirements and rank, retries, evictions, holds, an order of jobs.

Events are discrete and their order is a function of the jobs, the slots and the seed alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import IntEnum
from typing import Literal

from seedbed.core.draw import Key, draw_bits, unit
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.run.simulate.clock import Clock


class EventKind(IntEnum):
    """What may happen to a job, by HTCondor's numbers."""

    SUBMITTED = 0
    EXECUTING = 1
    EVICTED = 4
    TERMINATED = 5
    ABORTED = 9
    HELD = 12
    RELEASED = 13


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one job runs at a time."""

    name: str
    cpus: int = 1
    memory_mb: int = 1024
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a slot must have to run a job."""

    cpus: int = 1
    memory_mb: int = 128
    attributes: Mapping[str, str] = field(default_factory=dict)

    def are_met(self, slot: Slot) -> bool:
        """Whether a slot has it all.

        >>> Requirements(cpus=2).are_met(Slot("slot1")), Requirements(attributes={"OpSys": "LINUX"}).are_met(Slot("s", attributes={"OpSys": "LINUX"}))
        (False, True)
        """
        fits = slot.cpus >= self.cpus and slot.memory_mb >= self.memory_mb
        return fits and all(slot.attributes.get(name) == value for name, value in self.attributes.items())


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: `number` from 1 on, ready `submitted_s` seconds after the beginning and when all its `parents` (numbers) are done.

    Among free slots that meet the requirements it takes the one of the highest `rank`; among jobs that are ready the one of the
    highest `priority` goes first, then the lowest number.
    """

    number: int
    name: str
    duration_s: float
    submitted_s: float = 0.0
    parents: tuple[int, ...] = ()
    priority: int = 0
    requirements: Requirements = Requirements()
    rank: Callable[[Slot], float] | None = None
    max_retries: int = 3


@dataclass(frozen=True, slots=True)
class Faults:
    """The shares of attempts that are evicted, fail, or are held for `hold_s` seconds before they run."""

    eviction: float = 0.0
    failure: float = 0.0
    hold: float = 0.0
    hold_s: float = 10.0


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job at a moment of simulated time; `code` is what a terminated job returned."""

    seconds: float
    kind: EventKind
    job: Job
    slot: Slot | None = None
    code: int = 0
    reason: str = ""


class Work:
    """What jobs do; a job that is evicted or fails starts again later."""

    def start(self, job: Job, attempt: int, seconds: float) -> None:
        """A job begins on a slot."""

    def finish(self, job: Job, seconds: float) -> None:
        """A job has ended well."""

    def give_up(self, job: Job, seconds: float) -> None:
        """A job has failed too often."""


_Kind = Literal["ready", "release", "end"]


class Pool:
    """Slots, the jobs that wait for them, and what has happened."""

    def __init__(
        self, slots: Sequence[Slot], key: Key, faults: Faults = NO_FAULTS, heard: Callable[[Event], None] = lambda _: None
    ) -> None:
        """`heard` is told of every event, in order; `key` is that of the faults."""
        self._free = list(slots)
        self._slots = tuple(slots)
        self._key, self._faults, self._heard = key, faults, heard
        self._queue: list[tuple[float, int, _Kind, Job, Slot | None]] = []
        self._ready: list[tuple[int, int, Job]] = []
        self._attempts: dict[int, int] = {}
        self._open_parents: dict[int, int] = {}
        self._children: dict[int, list[Job]] = {}
        self._tick = 0
        self._given_up = 0

    def run(self, jobs: Iterable[Job], work: Work, clock: Clock) -> None:
        """Run all jobs; returns when none can go on.

        Raises:
            ModelError: no slot can ever run a job, or jobs wait for each other in a circle.
        """
        waiting = {job.number: job for job in jobs}
        for job in waiting.values():
            self._refuse_unmatched(job)
            self._open_parents[job.number] = len(job.parents)
            for parent in job.parents:
                self._children.setdefault(parent, []).append(job)
            if not job.parents:
                self._push(job.submitted_s, "ready", job)
        while self._queue:
            seconds = self._queue[0][0]
            clock.until(seconds)
            while self._queue and self._queue[0][0] == seconds:
                _, _, kind, job, slot = heapq.heappop(self._queue)
                self._happen(seconds, kind, job, slot, work)
            self._match(seconds, work)
        if any(self._open_parents.values()) and not self._given_up:
            raise ModelError("jobs wait for each other in a circle, or for one that is not there", where="pool", fix="mend their parents")

    def _refuse_unmatched(self, job: Job) -> None:
        if not any(job.requirements.are_met(slot) for slot in self._slots):
            raise ModelError(
                f"no slot of the pool can run `{job.name}`: it asks for {job.requirements.cpus} CPUs and {job.requirements.memory_mb} MB",
                where="pool",
                fix="ask for less, or give the pool a larger slot",
            )

    def _push(self, seconds: float, kind: _Kind, job: Job, slot: Slot | None = None) -> None:
        self._tick += 1
        heapq.heappush(self._queue, (seconds, self._tick, kind, job, slot))

    def _happen(self, seconds: float, kind: _Kind, job: Job, slot: Slot | None, work: Work) -> None:
        if slot is not None:
            self._end(seconds, job, slot, work)
            return
        if kind == "release":
            self._heard(Event(seconds, EventKind.RELEASED, job))
        else:
            self._heard(Event(seconds, EventKind.SUBMITTED, job))
            if self._chance(job, 2) < self._faults.hold:
                self._heard(Event(seconds, EventKind.HELD, job, reason="held by the pool's policy"))
                self._push(seconds + self._faults.hold_s, "release", job)
                return
        self._wait(job)

    def _wait(self, job: Job) -> None:
        heapq.heappush(self._ready, (-job.priority, job.number, job))

    def _match(self, seconds: float, work: Work) -> None:
        """Give free slots to ready jobs: one negotiation cycle."""
        passed = []
        while self._ready and self._free:
            entry = heapq.heappop(self._ready)
            job = entry[2]
            fitting = [slot for slot in self._free if job.requirements.are_met(slot)]
            if not fitting:
                passed.append(entry)
                continue
            slot = max(fitting, key=job.rank) if job.rank is not None else fitting[0]
            self._free.remove(slot)
            attempt = self._attempts[job.number] = self._attempts.get(job.number, 0) + 1
            self._heard(Event(seconds, EventKind.EXECUTING, job, slot))
            work.start(job, attempt, seconds)
            share = 0.5 if self._fate(job) == "evicted" else 1.0
            self._push(seconds + job.duration_s * share, "end", job, slot)
        for entry in passed:
            heapq.heappush(self._ready, entry)

    def _end(self, seconds: float, job: Job, slot: Slot, work: Work) -> None:
        self._free.append(slot)
        self._free.sort(key=self._slots.index)
        fate = self._fate(job)
        if fate == "evicted":
            self._heard(Event(seconds, EventKind.EVICTED, job, slot))
            self._wait(job)
            return
        if fate == "failed":
            self._heard(Event(seconds, EventKind.TERMINATED, job, slot, code=1))
            if self._attempts[job.number] <= job.max_retries:
                self._wait(job)
            else:
                self._heard(Event(seconds, EventKind.ABORTED, job, reason=f"failed {self._attempts[job.number]} times"))
                self._given_up += 1
                work.give_up(job, seconds)
            return
        work.finish(job, seconds)
        self._heard(Event(seconds, EventKind.TERMINATED, job, slot))
        for child in self._children.get(job.number, ()):
            self._open_parents[child.number] -= 1
            if not self._open_parents[child.number]:
                self._push(max(seconds, child.submitted_s), "ready", child)

    def _fate(self, job: Job) -> Literal["done", "evicted", "failed"]:
        chance = self._chance(job, 3 + self._attempts[job.number])
        if chance < self._faults.eviction:
            return "evicted"
        return "failed" if chance < self._faults.eviction + self._faults.failure else "done"

    def _chance(self, job: Job, slot: int) -> float:
        return float(unit(draw_bits(self._key, range(job.number, job.number + 1), slot))[0])
