"""The whole way of a school's records: simulated at a pace, collected meanwhile, validated, read off as a model; and the same of workers that race."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from seedbed.check.results import Report
from seedbed.core.errors import ModelError
from seedbed.core.events import Event, FilesCollected, Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.run.api import generate
from seedbed.run.collect.collect import Collected, collect
from seedbed.run.collect.documents.write import MODEL
from seedbed.run.simulate.clock import BEGINNING, Clock
from seedbed.run.simulate.school import SchoolConfig
from seedbed.run.simulate.simulate import Simulation, simulate_school
from seedbed.run.validate import validate
from seedbed.write.atomic import edge_errors, write_whole

REPORT, SUMMARY = "COMPREHENSIVE_DEMO_REPORT.json", "EXECUTIVE_SUMMARY.md"

#: What the demo makes in its folder, and only that is removed by `clean`.
_MADE = ("dependency", "race", REPORT, SUMMARY)

#: Files a second, by the wall's clock.
PACE = 50.0

#: What a school's tables have to keep, whatever the order of the workers; `{seats}` is filled in.
CHECKS: dict[str, Any] = {
    "version": "1.0",
    "tables": {
        "teachers": [{"kind": "primary_key", "columns": ["teacher_id"]}],
        "classes": [
            {"kind": "primary_key", "columns": ["class_id"]},
            {"kind": "foreign_key", "columns": ["teacher_id"], "to": "teachers", "to_columns": ["teacher_id"]},
            {"kind": "range", "column": "max_capacity", "min": 20, "max": 35},
            {"kind": "capacity", "child": "student_classes", "on": {"class_id": "class_id"}, "limit": "max_capacity"},
        ],
        "students": [
            {"kind": "primary_key", "columns": ["student_id"]},
            {"kind": "range", "column": "age", "min": 14, "max": 19},
            {"kind": "range", "column": "gpa", "min": 0, "max": 4},
            {"kind": "row_expression", "expr": "year >= 9 and year <= 12 and age >= year + 5"},
        ],
        "student_classes": [
            {"kind": "primary_key", "columns": ["student_class_id"]},
            {"kind": "unique", "columns": ["student_id", "class_id"]},
            {"kind": "foreign_key", "columns": ["student_id"], "to": "students", "to_columns": ["student_id"]},
            {"kind": "foreign_key", "columns": ["class_id"], "to": "classes", "to_columns": ["class_id"]},
        ],
    },
}


@dataclass(frozen=True, slots=True)
class Way:
    """One order of the workers, all the way: what was simulated, collected and found."""

    order: str
    simulation: Simulation
    collected: Collected
    report: Report
    seconds: dict[str, float]
    model: str | None = None
    grown_rows: int | None = None

    @property
    def throughput(self) -> dict[str, float]:
        """How fast each stage was that there is."""
        rows = sum(self.collected.tables.values())
        counts = {
            "simulated_files_per_s": (self.simulation.files, "simulate"),
            "collected_files_per_s": (self.collected.files, "collect"),
            "collected_rows_per_s": (rows, "collect"),
            "validated_rows_per_s": (rows, "validate"),
            "inferred_rows_per_s": (rows, "infer"),
            "grown_rows_per_s": (self.grown_rows or 0, "grow"),
        }
        return {name: _speed(count, self.seconds[stage]) for name, (count, stage) in counts.items() if stage in self.seconds}

    @property
    def broken(self) -> dict[str, int]:
        """How many rows break which check; those that none breaks are left out."""
        return {result.id: result.failing or 1 for result in self.report.results if not result.passed}

    def to_dict(self) -> dict[str, Any]:
        """The way as JSON takes it."""
        return {
            "order": self.order,
            "simulation": self.simulation.to_dict(),
            "collection": self.collected.to_dict(),
            "validation": {"accepted": self.report.accepted, "score": round(self.report.score, 2), "broken": self.broken},
            "throughput": self.throughput,
            "model": self.model,
            "grown_rows": self.grown_rows,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }


@dataclass(frozen=True, slots=True)
class SchoolDemo:
    """What the demo has shown: workers in order, collected while they wrote, and workers that race."""

    out: Path
    dependency: Way
    race: Way
    notes: tuple[str, ...] = field(default=())

    @property
    def is_as_meant(self) -> bool:
        """Whether the ordered school keeps all checks and the racing one doesn't."""
        return not self.dependency.broken and bool(self.race.broken)

    def to_dict(self) -> dict[str, Any]:
        """The demo as JSON takes it."""
        return {
            "scenario": "school",
            "output": str(self.out),
            "as_meant": self.is_as_meant,
            "dependency": self.dependency.to_dict(),
            "race": self.race.to_dict(),
            "comparison": _comparison(self),
            "notes": list(self.notes),
        }


class PacedClock:
    """Simulated time that goes by faster or slower than the wall's: `rate` simulated seconds pass in one."""

    def __init__(self, rate: float) -> None:
        self._rate, self._began = rate, time.monotonic()

    def until(self, seconds: float) -> None:
        """Sleep until then."""
        left = self._began + seconds / self._rate - time.monotonic()
        if left > 0:
            time.sleep(left)

    def moment(self, seconds: float) -> Any:
        """The time of day, as of a clock that waits for nothing: so equal demos write equal files."""
        from datetime import timedelta

        return BEGINNING + timedelta(microseconds=round(seconds * 1e6))


def demo_school(
    out: str | Path, *, files: int = 200, pace: float = PACE, clean: bool = False, seed: int = 42, events: Subscriber | None = None
) -> SchoolDemo:
    """Simulate a school's workers, collect their files while they write, validate the tables, read a model off them and grow others of it.

    Then the same with racing workers, as far as the validation.

    Raises:
        ModelError: the folder holds something, and isn't to be cleaned or holds what the demo didn't make.
        EdgeError: the disk failed.
    """
    folder = Path(out)
    _take(folder, clean=clean)
    ordered = SchoolConfig(files=files, seed=seed)
    dependency = _way(folder / "dependency", ordered, pace, events or nobody)
    race = _way(folder / "race", replace(ordered, enforce_referential_integrity=False), None, nobody)
    made = SchoolDemo(folder, dependency, race)
    write_whole(folder / REPORT, (json.dumps(made.to_dict(), indent=2, ensure_ascii=False, default=str) + "\n").encode())
    write_whole(folder / SUMMARY, summary(made).encode())
    return made


def _take(folder: Path, *, clean: bool) -> None:
    with edge_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        held = sorted(path.name for path in folder.iterdir())
        foreign = [name for name in held if name not in _MADE]
        if foreign or (held and not clean):
            fix = (
                "choose another folder with -o"
                if foreign
                else "give --clean to remove what an earlier demo made, or another folder with -o"
            )
            raise ModelError(f"the folder holds `{(foreign or held)[0]}` already", where=str(folder), fix=fix)
        for name in held:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _way(folder: Path, config: SchoolConfig, pace: float | None, events: Subscriber) -> Way:
    """Simulate and collect, at the same time where there is a pace; then validate."""
    incoming, tables = folder / "incoming", folder / "tables"
    with edge_errors(folder):
        incoming.mkdir(parents=True)
    clock = None if pace is None else PacedClock(pace / config.generation_rate)
    began = time.perf_counter()
    simulated, collected = _at_once(incoming, tables, config, clock, events) if clock else _one_by_one(incoming, tables, config)
    validating = time.perf_counter()
    report = validate(tables, CHECKS)
    seconds = {
        "simulate": simulated.seconds,
        "collect": collected.seconds,
        "validate": time.perf_counter() - validating,
    }
    made = Way(config.ordering, simulated, collected, report, seconds)
    if pace is not None:
        made = _grown(made, incoming, folder)
    made.seconds["all"] = time.perf_counter() - began
    return made


def _grown(way: Way, incoming: Path, folder: Path) -> Way:
    """Read a model off the tables, and grow others of it."""
    began = time.perf_counter()
    collect(incoming, folder / "tables", interval=0.1, model=True)  # takes nothing again: all is in
    growing = time.perf_counter()
    model = folder / "tables" / MODEL
    grown = generate(model, folder / "grown", verify="files")
    seconds = {**way.seconds, "infer": growing - began, "grow": time.perf_counter() - growing}
    return replace(way, model=str(model), grown_rows=grown.rows, seconds=seconds)


def _one_by_one(incoming: Path, tables: Path, config: SchoolConfig) -> tuple[Simulation, Collected]:
    return simulate_school(incoming, config, compare=False), collect(incoming, tables, interval=0.1)


def _at_once(incoming: Path, tables: Path, config: SchoolConfig, clock: Clock, events: Subscriber) -> tuple[Simulation, Collected]:
    """Listen while a thread writes; the listener ends when it has all."""
    stop, written = threading.Event(), threading.Event()
    made: list[Simulation] = []
    failed: list[BaseException] = []
    taken = 0

    def hear(event: Event) -> None:
        nonlocal taken
        taken += event.files if isinstance(event, FilesCollected) else 0
        if written.is_set() and taken >= config.files:
            stop.set()
        events(event)

    def produce() -> None:
        try:
            made.append(simulate_school(incoming, config, clock=clock))
        except BaseException as error:  # noqa: BLE001 - it is raised by the thread that waits
            failed.append(error)
            stop.set()
        written.set()
        if taken >= config.files:
            stop.set()

    producer = threading.Thread(target=produce, name="seedbed-producer")
    producer.start()
    try:
        collected = collect(incoming, tables, watch=True, interval=0.2, stop=stop, events=hear)
    finally:
        producer.join()
    if failed:
        raise failed[0]
    return made[0], collected


# ------------------------------------------------------------------------------------------ reports


def _speed(count: float, seconds: float) -> float:
    return round(count / max(seconds, 1e-9), 1)


def _comparison(demo: SchoolDemo) -> list[dict[str, Any]]:
    """What is wrong in either order, counted in the files and found in the tables."""
    ways = {way.order: way for way in (demo.dependency, demo.race)}
    return [{"what": what, **{order: count(way) for order, way in ways.items()}} for what, count in _WRONG.items()]


def _audited(name: str) -> Callable[[Way], int]:
    def count(way: Way) -> int:
        told = way.simulation.verdict.to_dict()[name] if way.simulation.verdict else 0
        return sum(told.values()) if isinstance(told, dict) else int(told)

    return count


_WRONG: dict[str, Callable[[Way], int]] = {
    "ids given out twice": _audited("duplicate_ids"),
    "references that lead nowhere": _audited("orphans"),
    "pairs of student and class twice": _audited("duplicate_pairs"),
    "classes over their capacity": _audited("classes_over_capacity"),
    "students in too many classes": _audited("students_over_limit"),
    "checks of the tables that are broken": lambda way: len(way.broken),
}


def summary(demo: SchoolDemo) -> str:
    """The demo on a page."""
    one, other = demo.dependency, demo.race
    rows = sum(one.collected.tables.values())
    verdict = "as meant" if demo.is_as_meant else "not as meant"
    lines = [
        "# The school, from files to tables",
        "",
        (
            f"{one.collected.files:,} files became {rows:,} rows in {len(one.collected.tables)} tables while they were written; "
            f"the longest wait of a file was {one.collected.worst_lag_s:.1f} s. The outcome is {verdict}: workers in dependency order break "
            f"{len(one.broken)} checks, racing workers {len(other.broken)}."
        ),
        "",
        "| stage | dependency | race |",
        "|---|---:|---:|",
    ]
    raced = other.throughput
    for name, speed in one.throughput.items():
        lines.append(
            f"| {name.replace('_', ' ').replace(' per s', ' a second')} | {speed:,} | {f'{raced[name]:,}' if name in raced else ''} |"
        )
    lines += ["", "| what is wrong | dependency | race |", "|---|---:|---:|"]
    lines += [f"| {row['what']} | {row['dependency']:,} | {row['race']:,} |" for row in _comparison(demo)]
    lines += ["", "| table | rows |", "|---|---:|", *(f"| {name} | {count:,} |" for name, count in one.collected.tables.items())]
    lines += [
        "",
        f"More in `{REPORT}`, and on the tables in `dependency/tables/DATA_STRUCTURE_README.md`.",
        *(f"\n{note}" for note in demo.notes),
    ]
    return "\n".join([*lines, ""])
