"""A simulated pool: who runs where and when, and what is written of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.core.draw import derive_key
from seedbed.core.errors import ModelError
from seedbed.run.simulate.clock import JumpingClock
from seedbed.run.simulate.event_log import event_text
from seedbed.run.simulate.pool import NO_FAULTS, Event, EventKind, Faults, Job, Pool, Requirements, Slot, Work

SLOTS = [Slot("small"), Slot("large", cpus=4, memory_mb=8192, attributes={"Arch": "ARM"})]


def happened(jobs: list[Job], slots: list[Slot] | None = None, faults: Faults = NO_FAULTS) -> list[Event]:
    events: list[Event] = []
    Pool(slots or SLOTS, derive_key(1, "test"), faults, events.append).run(jobs, Work(), JumpingClock())
    return events


def times(events: list[Event], kind: EventKind) -> dict[int, float]:
    return {event.job.number: event.seconds for event in events if event.kind is kind}


def test_a_slot_runs_one_job_at_a_time() -> None:
    ended = times(happened([Job(n, f"job {n}", 10.0) for n in (1, 2, 3)]), EventKind.TERMINATED)
    assert ended == {1: 10.0, 2: 10.0, 3: 20.0}


def test_a_job_runs_where_its_requirements_are_met() -> None:
    jobs = [Job(n, "wide", 5.0, requirements=Requirements(cpus=2, attributes={"Arch": "ARM"})) for n in (1, 2)]
    events = happened(jobs)
    assert {event.slot.name for event in events if event.slot} == {"large"}
    assert times(events, EventKind.EXECUTING) == {1: 0.0, 2: 5.0}


def test_a_job_takes_the_slot_that_it_ranks_highest() -> None:
    (event,) = [e for e in happened([Job(1, "picky", 1.0, rank=lambda slot: slot.memory_mb)]) if e.kind is EventKind.EXECUTING]
    assert event.slot is SLOTS[1]


def test_a_job_of_a_higher_priority_goes_first() -> None:
    started = times(happened([Job(1, "low", 5.0), Job(2, "high", 5.0, priority=3)], SLOTS[:1]), EventKind.EXECUTING)
    assert started == {2: 0.0, 1: 5.0}


def test_a_job_waits_for_all_its_parents_and_for_its_time() -> None:
    jobs = [Job(1, "a", 3.0), Job(2, "b", 7.0), Job(3, "c", 1.0, parents=(1, 2)), Job(4, "d", 1.0, submitted_s=30.0, parents=(1,))]
    started = times(happened(jobs), EventKind.EXECUTING)
    assert (started[3], started[4]) == (7.0, 30.0)


def test_jobs_that_no_slot_can_run_are_refused() -> None:
    with pytest.raises(ModelError, match="no slot of the pool can run `huge`"):
        happened([Job(1, "huge", 1.0, requirements=Requirements(cpus=64))])


def test_jobs_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ModelError, match="circle"):
        happened([Job(1, "a", 1.0, parents=(2,)), Job(2, "b", 1.0, parents=(1,)), Job(3, "c", 1.0)])


def test_every_job_ends_well_once_whatever_befalls_it() -> None:
    jobs = [Job(n, f"job {n}", 1.0, max_retries=100) for n in range(1, 301)]
    events = happened(jobs, faults=Faults(eviction=0.2, failure=0.2, hold=0.2))
    ended = [event.job.number for event in events if event.kind is EventKind.TERMINATED and event.code == 0]
    assert sorted(ended) == list(range(1, 301))
    kinds = [event.kind for event in events]
    assert 40 < kinds.count(EventKind.HELD) < 80
    assert kinds.count(EventKind.HELD) == kinds.count(EventKind.RELEASED)
    assert kinds.count(EventKind.EXECUTING) == kinds.count(EventKind.TERMINATED) + kinds.count(EventKind.EVICTED)
    assert 0.15 < kinds.count(EventKind.EVICTED) / kinds.count(EventKind.EXECUTING) < 0.25


def test_a_job_that_fails_too_often_is_given_up_and_its_children_never_run() -> None:
    events = happened([Job(1, "bad", 1.0, max_retries=2), Job(2, "child", 1.0, parents=(1,))], faults=Faults(failure=1.0))
    assert [event.kind.name for event in events] == ["SUBMITTED", *["EXECUTING", "TERMINATED"] * 3, "ABORTED"]


def test_equal_pools_have_equal_histories() -> None:
    jobs = [Job(n, f"job {n}", 1.0 + n % 3) for n in range(1, 50)]
    faults = Faults(0.1, 0.1, 0.1)
    told = ["".join(event_text(event, JumpingClock()) for event in happened(jobs, faults=faults)) for _ in range(2)]
    assert told[0] == told[1]


def test_htcondor_reads_the_log(tmp_path: Path) -> None:
    htcondor2 = pytest.importorskip("htcondor2", reason="reads the log with HTCondor's own bindings")
    events = happened([Job(n, f"job {n}", 1.0) for n in range(1, 40)], faults=Faults(0.2, 0.2, 0.2))
    log = tmp_path / "events.log"
    log.write_text("".join(event_text(event, JumpingClock()) for event in events))
    read = list(htcondor2.JobEventLog(str(log)).events(stop_after=0))
    assert [(int(event.type), event.cluster) for event in read] == [(int(event.kind), event.job.number) for event in events]
