"""Let a pool of workers write a school's batches into a folder, and count what is wrong with what they wrote."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from seedbed.core.draw import derive_key, draw_bits, unit
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.run.simulate.audit import Audit, Verdict, audited
from seedbed.run.simulate.clock import Clock, JumpingClock
from seedbed.run.simulate.event_log import EventLog
from seedbed.run.simulate.pool import Event, EventKind, Faults, Job, Pool, Slot, Work
from seedbed.run.simulate.records import Records
from seedbed.run.simulate.school import Batch, School, SchoolConfig, document, school_of
from seedbed.write.atomic import edge_errors, write_whole

#: Beside the files, not looked at by who collects them.
NOTES = ".simulation"
LOG, REPORT = "events.log", "report.json"

#: What happens in a pool now and then.
USUAL_FAULTS = Faults(eviction=0.01, failure=0.01, hold=0.01)

#: A batch takes from 0.4 to 1.2 times what keeps all workers busy.
_SHORTEST, _LONGEST = 0.4, 1.2


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulation left: how many files, the events by kind, what is wrong with the records, and with those of the other order."""

    out: Path
    config: SchoolConfig
    workers: int
    files: int
    size_bytes: int
    simulated_s: float
    seconds: float
    events: dict[str, int]
    verdict: Verdict | None
    other: Verdict | None

    def to_dict(self) -> dict[str, Any]:
        """The simulation as JSON takes it."""
        verdicts = {
            self.config.ordering: self.verdict.to_dict() if self.verdict else None,
            _other(self.config).ordering: self.other.to_dict() if self.other else None,
        }
        told: dict[str, Any] = {
            "files": self.files,
            "size_bytes": self.size_bytes,
            "workers": self.workers,
            "simulated_s": round(self.simulated_s, 3),
        }
        told |= {"seconds": round(self.seconds, 3), "files_per_s": round(self.files / max(self.seconds, 1e-9), 1), "events": self.events}
        return {"scenario": "school", "order": self.config.ordering, "config": asdict(self.config), **told, "comparison": verdicts}


def simulate_school(
    out: str | Path,
    config: SchoolConfig | None = None,
    *,
    workers: int = 4,
    faults: Faults = USUAL_FAULTS,
    clock: Clock | None = None,
    compare: bool = True,
    heard: Callable[[Event], None] = lambda _: None,
) -> Simulation:
    """Write `config.files` files `school_data_<time>.json` into a folder, each whole at once, by `workers` slots of a simulated pool.

    Equal configurations and numbers of workers give equal files. `clock` waits, or doesn't (the usual). `compare` also goes through the
    other order, without files, and counts what is wrong with it. What happened is kept in `out/.simulation`: `events.log` in HTCondor's
    form and `report.json`.

    Raises:
        ModelError: the folder holds something, or the configuration can't be.
        EdgeError: the disk failed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = simulate_school(folder, SchoolConfig(files=5, dependency_batch_size=10))
    >>> made.files, made.verdict.is_sound, made.other.is_sound
    (5, True, False)
    """
    config, clock = config or SchoolConfig(), clock or JumpingClock()
    if not 1 <= workers <= 10_000:
        raise ModelError(f"{workers} workers cannot be", where="workers", fix="give 1 to 10,000")
    folder = Path(out)
    _take(folder)
    began = time.perf_counter()
    records = Records(config.seed)
    writer = _Writer(folder, config, records, clock)
    with edge_errors(folder), (folder / NOTES / LOG).open("w", encoding="utf-8") as log:
        counts = _run(config, workers, faults, clock, writer, log, heard)
    verdict = other = None
    if config.validation_enabled:
        verdict = audited(writer.paths, _audit(config))
        other = _without_files(_other(config), workers, faults, records) if compare else None
    seconds = time.perf_counter() - began
    made = Simulation(folder, config, workers, len(writer.paths), writer.size_bytes, writer.last_s, seconds, counts, verdict, other)
    write_whole(folder / NOTES / REPORT, (json.dumps(made.to_dict(), indent=2) + "\n").encode())
    return made


def _take(folder: Path) -> None:
    with edge_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ModelError("the folder holds something already", where=str(folder), fix="choose another with -o, or empty it")
        (folder / NOTES).mkdir()


def _other(config: SchoolConfig) -> SchoolConfig:
    return replace(config, enforce_referential_integrity=not config.enforce_referential_integrity)


def _audit(config: SchoolConfig) -> Audit:
    return Audit(config.class_capacity_utilization, config.max_enrollments_per_student)


def _without_files(config: SchoolConfig, workers: int, faults: Faults, records: Records) -> Verdict:
    kept = _Kept(config, records)
    Pool(_slots(workers), derive_key(config.seed, "pool"), faults).run(jobs_of(config, workers), kept, JumpingClock())
    return kept.audit.verdict()


def _run(
    config: SchoolConfig, workers: int, faults: Faults, clock: Clock, work: Work, log: TextIO, heard: Callable[[Event], None]
) -> dict[str, int]:
    noted = EventLog(log, clock)
    counts = dict.fromkeys((kind.name.lower() for kind in EventKind), 0)

    def on(event: Event) -> None:
        noted(event)
        counts[event.kind.name.lower()] += 1
        heard(event)

    Pool(_slots(workers), derive_key(config.seed, "pool"), faults, on).run(jobs_of(config, workers), work, clock)
    return counts


def _slots(workers: int) -> list[Slot]:
    return [Slot(f"slot{number}@pool", attributes={"OpSys": "LINUX"}) for number in range(1, workers + 1)]


def jobs_of(config: SchoolConfig, workers: int) -> list[Job]:
    """A job a file. In dependency order the first three, which the others build on, come one after the other, and before all others."""
    key = derive_key(config.seed, "school", "duration")
    usual = workers / config.generation_rate
    jobs = []
    for number in range(1, config.files + 1):
        share = float(unit(draw_bits(key, range(number, number + 1)))[0])
        parents = () if number == 1 or not config.enforce_referential_integrity else (min(number - 1, 3),)
        duration = usual * (_SHORTEST + (_LONGEST - _SHORTEST) * share)
        jobs.append(Job(number, f"batch-{number:06}", duration, (number - 1) / config.generation_rate, parents))
    return jobs


class _School(Work):
    """Jobs of a school; what a job is going to write is decided when it begins."""

    def __init__(self, config: SchoolConfig, records: Records) -> None:
        self.config, self.records = config, records
        self._school: School = school_of(config, records)
        self._going: dict[int, Batch] = {}

    def start(self, job: Job, attempt: int, seconds: float) -> None:  # noqa: ARG002 - the shape of all work
        """Decide."""
        self._going[job.number] = self._school.begin(job.number)

    def finish(self, job: Job, seconds: float) -> None:
        """Write, and let others know."""
        self.take(self._going.pop(job.number), seconds)
        self._school.written(job.number)

    def take(self, batch: Batch, seconds: float) -> None:
        """A batch has come to its end."""
        raise NotImplementedError


class _Kept(_School):
    """Counts what is wrong with the batches, and keeps nothing else."""

    def __init__(self, config: SchoolConfig, records: Records) -> None:
        super().__init__(config, records)
        self.audit = _audit(config)

    def take(self, batch: Batch, seconds: float) -> None:  # noqa: ARG002 - the shape of a school's work
        """Count."""
        self.audit.add(document(batch, self.records, moment="", is_ordered=False))


class _Writer(_School):
    """Writes each batch as a file, by its name at once."""

    def __init__(self, folder: Path, config: SchoolConfig, records: Records, clock: Clock) -> None:
        super().__init__(config, records)
        self._folder, self._clock = folder, clock
        self.paths: list[Path] = []
        self.size_bytes, self.last_s = 0, 0.0

    def take(self, batch: Batch, seconds: float) -> None:
        """Write a file of the moment; one of the same microsecond gets the next."""
        self.last_s = max(seconds, self.last_s + 1e-6) if self.paths else seconds
        moment = self._clock.moment(self.last_s)
        is_ordered = self.config.enforce_referential_integrity
        made = document(batch, self.records, moment=moment.isoformat(timespec="microseconds"), is_ordered=is_ordered)
        text = json.dumps(made, indent=1, ensure_ascii=False).encode()
        path = self._folder / f"school_data_{moment:%Y%m%d_%H%M%S_%f}.json"
        write_whole(path, text)
        self.paths.append(path)
        self.size_bytes += len(text)
