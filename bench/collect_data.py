"""One large file of enrolments, students and their likes for the entries of `collect`: lines, or one array.

python bench/collect_data.py lines|array MEGABYTES FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

DEPARTMENTS = ("Mathematics", "Science", "History", "English", "Art")


def students() -> Iterator[str]:
    """Records without end; arithmetic alone, so that every machine has the same."""
    number = 0
    while True:
        enrolled = [
            {
                "class_id": f"C{2000 + (number * 7 + place) % 900}",
                "class_name": f"{DEPARTMENTS[(number + place) % 5]} {100 + place}",
                "grade": None if (number + place) % 5 == 0 else "ABCDF"[(number * 3 + place) % 5],
                "enrollment_date": f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
            }
            for place in range(1 + number % 4)
        ]
        yield json.dumps({
            "student_id": f"S{1000 + number}",
            "first_name": ("Ada", "Grace", "Alan", "Edsger", "Barbara")[number % 5],
            "last_name": f"Example{number % 9973}",
            "age": 14 + number % 6,
            "year": 9 + number % 4,
            "gpa": round(1.5 + (number * 37 % 251) / 100, 2),
            "address": {"street": f"{number % 900} Elm Street", "city": "Springfield", "zip": f"{10000 + number % 80000}"},
            "email": f"student{number}@school.example",
            "registered_at": f"2024-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00Z",
            "enrollments": enrolled,
        })  # fmt: skip
        number += 1


def main() -> None:
    form, size, folder = sys.argv[1], int(sys.argv[2]) * 1_000_000, Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    is_array, written = form == "array", 0
    with (folder / "students.json").open("w", encoding="utf-8") as file:
        file.write("[" if is_array else "")
        for text in students():
            between = (",\n" if is_array else "\n") if written else ""
            written += file.write(between + text)
            if written >= size:
                break
        file.write("]" if is_array else "\n")


if __name__ == "__main__":
    main()
