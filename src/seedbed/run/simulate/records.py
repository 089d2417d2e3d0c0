"""What a school's records say, by their numbers: any record of any kind, without the others."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Any

from seedbed.core.records import dataclass
from seedbed.model.reading import parse
from seedbed.run.dataset import Dataset, planned

#: The first number of each kind of record, as its ids count.
FIRST = {"teacher": 100, "class": 2000, "student": 1000, "student_class": 5000}
PREFIX = {"teacher": "T", "class": "C", "student": "S", "student_class": "SC"}

_SUBJECTS = {
    "Mathematics": ("Algebra", "Geometry", "Calculus", "Statistics"),
    "Science": ("Biology", "Chemistry", "Physics", "Computing"),
    "Languages": ("English", "Spanish", "French", "German"),
    "History": ("World History", "Civics", "Geography"),
    "Arts": ("Painting", "Music", "Theatre"),
}
_BLOCK = 1024

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A class that is to be written: its number, who teaches it, and how many are in it by then."""

    number: int
    teacher: int
    enrolled: int = 0


def id_of(kind: str, number: int) -> str:
    """The id of a record, by its number from 0 on.

    >>> id_of("teacher", 0), id_of("student_class", 12)
    ('T100', 'SC5012')
    """
    return f"{PREFIX[kind]}{FIRST[kind] + number}"


class Records:
    """Makes records; keeps the blocks that it made last."""

    def __init__(self, seed: int) -> None:
        text = resources.files("seedbed.run.simulate").joinpath("school.yaml").read_text(encoding="utf-8")
        self._data: Dataset = planned(parse(text, "school.yaml"), seed=seed)
        self._blocks: dict[tuple[str, int], list[Record]] = {}

    def said(self, kind: str, number: int) -> Record:
        """What the model says of a record, its number left out."""
        block = number // _BLOCK
        rows = self._blocks.get((kind, block))
        if rows is None:
            if len(self._blocks) >= 64:
                del self._blocks[next(iter(self._blocks))]
            rows = self._data.block(kind, block * _BLOCK, (block + 1) * _BLOCK).to_pylist()
            self._blocks[kind, block] = rows
        found = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in rows[number % _BLOCK].items()}
        del found["number"]
        return found

    def capacity(self, number: int) -> int:
        """The seats of a class."""
        return int(self.said("class", number)["max_capacity"])

    def teacher(self, number: int) -> Record:
        """A teacher."""
        return {"teacher_id": id_of("teacher", number), **self.said("teacher", number)}

    def class_(self, made: Lesson) -> Record:
        """A class, of a subject of its teacher's department."""
        said = self.said("class", made.number)
        subjects = _SUBJECTS[self.said("teacher", made.teacher)["department"]]
        name = subjects[int(said.pop("subject") * len(subjects)) % len(subjects)]
        head = {"class_id": id_of("class", made.number), "class_name": name, "room_number": said.pop("room_number")}
        return {**head, "teacher_id": id_of("teacher", made.teacher), **said, "current_enrollment": made.enrolled}

    def student(self, number: int) -> Record:
        """A student."""
        return {"student_id": id_of("student", number), **self.said("student", number)}

    def enrolment(self, number: int, student: int, class_: int) -> Record:
        """A student's place in a class."""
        ids = {"student_id": id_of("student", student), "class_id": id_of("class", class_)}
        return {"student_class_id": id_of("student_class", number), **ids, **self.said("student_class", number)}
