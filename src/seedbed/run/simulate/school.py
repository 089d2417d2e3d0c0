"""A school that fills up while workers write about it: with one state that all of them share, or with none, as the known-bad baseline.

In dependency order a batch refers to records that are written already, or in itself; ids and seats are given out once. A racing
worker counts from what it happens to see: two take the same ids, promise records that never come, and fill classes that others fill.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, Protocol

from seedbed.core.draw import Key, below, derive_key, draw_bits, row_numbers
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.version import __version__
from seedbed.run.simulate.records import Lesson, Record, Records

Ordering = Literal["dependency", "race"]

#: Classes that a teacher gives, at most.
_CLASSES_EACH = 5

#: A batch that isn't the foundation has so many new teachers and classes at most.
_NEW_TEACHERS, _NEW_CLASSES = 1, 2


@dataclass(frozen=True, slots=True)
class SchoolConfig:
    """What a simulated school is like.

    `generation_rate` is files a second of simulated time; `batch_size_range` the least and most new students of a batch;
    `dependency_batch_size` the records of each file of the foundation: teachers, then classes, then students.
    """

    files: int = 100
    generation_rate: float = 0.33
    batch_size_range: tuple[int, int] = (1, 10)
    dependency_batch_size: int = 50
    max_enrollments_per_student: int = 5
    class_capacity_utilization: float = 0.8
    enforce_referential_integrity: bool = True
    validation_enabled: bool = True
    seed: int = 42

    def __post_init__(self) -> None:
        low, high = self.batch_size_range
        wrong = (
            ("files", "1 to 10,000,000", 1 <= self.files <= 10_000_000),
            ("generation_rate", "above 0, at most 1,000,000", 0 < self.generation_rate <= 1e6),
            ("batch_size_range", "two numbers from 1 to 10,000, the lower first", 1 <= low <= high <= 10_000),
            ("dependency_batch_size", "1 to 100,000", 1 <= self.dependency_batch_size <= 100_000),
            ("max_enrollments_per_student", "1 to 100", 1 <= self.max_enrollments_per_student <= 100),
            ("class_capacity_utilization", "above 0, at most 1", 0 < self.class_capacity_utilization <= 1),
            ("seed", "0 to 2^64 - 1", 0 <= self.seed < 1 << 64),
        )
        for name, allowed, fits in wrong:
            if not fits:
                raise ModelError(f"{getattr(self, name)!r} is no {name.replace('_', ' ')}", where=name, fix=f"give {allowed}")

    @property
    def ordering(self) -> Ordering:
        """How workers go about it."""
        return "dependency" if self.enforce_referential_integrity else "race"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is in one file, by numbers; enrolments are (number, student, class)."""

    teachers: tuple[int, ...] = ()
    classes: tuple[Lesson, ...] = ()
    students: tuple[int, ...] = ()
    enrolments: tuple[tuple[int, int, int], ...] = ()


def document(batch: Batch, records: Records, *, moment: str, is_ordered: bool) -> Record:
    """The file's content."""
    data = {
        "teachers": [records.teacher(number) for number in batch.teachers],
        "students": [records.student(number) for number in batch.students],
        "classes": [records.class_(made) for made in batch.classes],
        "student_classes": [records.enrolment(*made) for made in batch.enrolments],
    }
    counts = {name: len(rows) for name, rows in data.items()}
    head = {"generation_timestamp": moment, "generator_version": __version__, "dependency_managed": is_ordered, "entity_counts": counts}
    return {"metadata": head, "data": data}


class Chance:
    """Whole numbers by chance, for one job; addressed, so that a job draws the same whatever else happens."""

    def __init__(self, key: Key, number: int) -> None:
        self._key, self._rows, self._slot = key, row_numbers(range(number, number + 1)), 0

    def whole(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        self._slot += 1
        return low + int(below(draw_bits(self._key, self._rows, self._slot), high - low + 1)[0])


class School(Protocol):
    """Says what is in each batch."""

    def begin(self, number: int) -> Batch:
        """What the worker that has just begun the `number`-th batch is going to write."""
        ...

    def written(self, number: int) -> None:
        """The batch stands in the directory."""
        ...


@dataclass(slots=True)
class _Seats:
    """The classes that are written and have a seat left, and who is in which."""

    left: dict[int, int] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)

    def add(self, class_: int, seats: int) -> None:
        if seats > 0:
            self.left[class_] = seats
            self.places[class_] = len(self.open)
            self.open.append(class_)

    def take(self, class_: int) -> None:
        self.left[class_] -= 1
        if not self.left[class_]:
            del self.left[class_]
            at, last = self.places.pop(class_), self.open.pop()
            if last != class_:
                self.open[at] = last
                self.places[last] = at


class OrderedSchool:
    """One state for all workers: ids and seats are given out once, and only what is written is referred to."""

    def __init__(self, config: SchoolConfig, records: Records) -> None:
        self._config, self._records = config, records
        self._key = derive_key(config.seed, "school", "dependency")
        self._next = {"teacher": 0, "class": 0, "student": 0, "student_class": 0}
        self._teachers: list[int] = []  # a place for each class that one may still give
        self._seats = _Seats()
        self._begun: dict[int, Batch] = {}

    def begin(self, number: int) -> Batch:
        """Give out ids and seats, the first time."""
        if number not in self._begun:
            self._begun[number] = self._foundation(number) or self._mixed(Chance(self._key, number))
        return self._begun[number]

    def written(self, number: int) -> None:
        """Let others refer to what is written."""
        batch = self._begun.pop(number)
        self._teachers += [teacher for teacher in batch.teachers for _ in range(_CLASSES_EACH)]
        for made in batch.classes:
            self._seats.add(made.number, self._allowed(made.number) - made.enrolled)

    def _allowed(self, class_: int) -> int:
        return int(self._records.capacity(class_) * self._config.class_capacity_utilization)

    def _ids(self, kind: str, count: int) -> range:
        first = self._next[kind]
        self._next[kind] = first + count
        return range(first, first + count)

    def _foundation(self, number: int) -> Batch | None:
        """The first three files: teachers, classes, students."""
        size = self._config.dependency_batch_size
        if number == 1:
            return Batch(teachers=tuple(self._ids("teacher", size)))
        if number == 2:
            chance = Chance(self._key, number)
            return Batch(classes=tuple(Lesson(class_, _drawn(self._teachers, chance)) for class_ in self._ids("class", size)))
        return Batch(students=tuple(self._ids("student", size))) if number == 3 else None

    def _mixed(self, chance: Chance) -> Batch:
        """New students with their enrolments, and as many teachers and classes as those need."""
        config = self._config
        students = tuple(self._ids("student", chance.whole(*config.batch_size_range)))
        teachers = list(self._ids("teacher", chance.whole(0, _NEW_TEACHERS)))
        places = [teacher for teacher in teachers for _ in range(_CLASSES_EACH)]
        given: dict[int, int] = {}  # classes of this batch, and who gives them
        for class_ in self._ids("class", chance.whole(0, _NEW_CLASSES)):
            if not self._teachers and not places:
                teachers += self._ids("teacher", 1)
                places += teachers[-1:] * _CLASSES_EACH
            given[class_] = _drawn(self._teachers or places, chance)
        taken = dict.fromkeys(given, 0)
        enrolments: list[tuple[int, int, int]] = []
        for student in students:
            chosen: set[int] = set()
            for _ in range(chance.whole(1, config.max_enrollments_per_student)):
                found = self._seat(chance, chosen, taken)
                if found is not None:
                    chosen.add(found)
                    enrolments.append((self._ids("student_class", 1)[0], student, found))
        classes = tuple(Lesson(class_, teacher, taken[class_]) for class_, teacher in given.items())
        return Batch(tuple(teachers), classes, students, tuple(enrolments))

    def _seat(self, chance: Chance, chosen: set[int], taken: dict[int, int]) -> int | None:
        """A class with a seat left that the student is not in; None where a few tries find none."""
        own = [class_ for class_, count in taken.items() if count < self._allowed(class_) and class_ not in chosen]
        for _ in range(4):
            at = chance.whole(0, len(self._seats.open) + len(own) - 1) if self._seats.open or own else None
            if at is None:
                return None
            if at >= len(self._seats.open):
                class_ = own[at - len(self._seats.open)]
                taken[class_] += 1
                return class_
            class_ = self._seats.open[at]
            if class_ not in chosen:
                self._seats.take(class_)
                return class_
        return None


def _drawn(places: list[int], chance: Chance) -> int:
    """One of some places, taken out of them; the others change their order."""
    at = chance.whole(0, len(places) - 1)
    places[at], places[-1] = places[-1], places[at]
    return places.pop()


class RacingSchool:
    """No state but counters that every worker reads when it begins and overwrites when it ends, whatever others did meanwhile.

    A worker announces the most it might make, refers to whatever was announced, and counts only the seats that it gave itself.
    """

    def __init__(self, config: SchoolConfig, records: Records) -> None:
        self._config, self._records = config, records
        self._key = derive_key(config.seed, "school", "race")
        self._seen = {"teacher": 0, "class": 0, "student": 0, "student_class": 0}
        self._promised: dict[int, dict[str, int]] = {}

    def begin(self, number: int) -> Batch:
        """Count from what is seen now; a worker that begins anew counts anew."""
        chance, config, seen = Chance(self._key, number), self._config, dict(self._seen)
        low, high = config.batch_size_range
        most = {"teacher": 2, "class": 3, "student": high, "student_class": high * config.max_enrollments_per_student}
        self._promised[number] = {kind: seen[kind] + count for kind, count in most.items()}
        teachers = range(seen["teacher"], seen["teacher"] + chance.whole(1, most["teacher"]))
        classes = range(seen["class"], seen["class"] + chance.whole(1, most["class"]))
        students = range(seen["student"], seen["student"] + chance.whole(low, high))
        enrolments, at = [], seen["student_class"]
        for student in students:
            for _ in range(chance.whole(1, config.max_enrollments_per_student)):
                known = student if chance.whole(0, 3) else chance.whole(0, self._promised[number]["student"] - 1)
                enrolments.append((at, known, chance.whole(0, self._promised[number]["class"] - 1)))
                at += 1
        in_class = [class_ for _, _, class_ in enrolments]
        made = tuple(Lesson(n, chance.whole(0, self._promised[number]["teacher"] - 1), in_class.count(n)) for n in classes)
        return Batch(tuple(teachers), made, tuple(students), tuple(enrolments))

    def written(self, number: int) -> None:
        """Overwrite the counters."""
        self._seen = self._promised.pop(number)


def school_of(config: SchoolConfig, records: Records) -> School:
    """The school of a configuration."""
    return OrderedSchool(config, records) if config.enforce_referential_integrity else RacingSchool(config, records)
