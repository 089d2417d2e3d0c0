"""What is wrong with the records of a school, counted: ids twice, references that lead nowhere, classes over their capacity."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from seedbed.core.records import dataclass

_KEYS = {"teachers": "teacher_id", "students": "student_id", "classes": "class_id", "student_classes": "student_class_id"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many records there are, and how many of them break which rule."""

    files: int
    records: dict[str, int]
    duplicate_ids: dict[str, int]
    orphans: dict[str, int]
    duplicate_pairs: int
    classes_over_capacity: int
    students_over_limit: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is broken."""
        counts = (*self.duplicate_ids.values(), *self.orphans.values())
        return not any((*counts, self.duplicate_pairs, self.classes_over_capacity, self.students_over_limit))

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON takes it."""
        return {**asdict(self), "is_sound": self.is_sound}


@dataclass(slots=True)
class Audit:
    """Takes documents in any order; `utilization` is the share of a class's capacity that may be taken."""

    utilization: float
    most_enrolments: int
    _files: int = 0
    _ids: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in _KEYS})
    _teachers: Counter[str] = field(default_factory=Counter)
    _seats: dict[str, int] = field(default_factory=dict)
    _pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, document: dict[str, Any]) -> None:
        """Take a file's records in."""
        self._files += 1
        data = document["data"]
        for kind, key in _KEYS.items():
            self._ids[kind].update(record[key] for record in data[kind])
        for made in data["classes"]:
            self._teachers[made["teacher_id"]] += 1
            self._seats[made["class_id"]] = made["max_capacity"]
        self._pairs.update((taken["student_id"], taken["class_id"]) for taken in data["student_classes"])

    def verdict(self) -> Verdict:
        """What is wrong with all that was taken in."""
        in_class, of_student = Counter[str](), Counter[str]()
        for (student, class_), count in self._pairs.items():
            in_class[class_] += count
            of_student[student] += count
        return Verdict(
            files=self._files,
            records={kind: ids.total() for kind, ids in self._ids.items()},
            duplicate_ids={kind: sum(count - 1 for count in ids.values()) for kind, ids in self._ids.items()},
            orphans={
                "class.teacher_id": _orphans(self._teachers, self._ids["teachers"]),
                "student_class.student_id": _orphans(of_student, self._ids["students"]),
                "student_class.class_id": _orphans(in_class, self._ids["classes"]),
            },
            duplicate_pairs=sum(count - 1 for count in self._pairs.values()),
            classes_over_capacity=sum(in_class[class_] > int(seats * self.utilization) for class_, seats in self._seats.items()),
            students_over_limit=sum(count > self.most_enrolments for count in of_student.values()),
        )


def _orphans(references: Counter[str], known: Counter[str]) -> int:
    return sum(count for reference, count in references.items() if reference not in known)


def audited(paths: Iterable[Path], audit: Audit) -> Verdict:
    """The verdict on some files."""
    for path in paths:
        audit.add(json.loads(path.read_bytes()))
    return audit.verdict()
