"""A simulated school: sound in dependency order, whatever is read and whenever; broken where workers race."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.run.simulate.audit import Audit
from seedbed.run.simulate.clock import WaitingClock
from seedbed.run.simulate.pool import Faults
from seedbed.run.simulate.school import SchoolConfig
from seedbed.run.simulate.simulate import simulate_school

ROUGH = Faults(eviction=0.1, failure=0.1, hold=0.1)


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


@pytest.mark.parametrize("workers", [1, 3, 16])
def test_in_dependency_order_nothing_is_wrong(workers: int, tmp_path: Path) -> None:
    made = simulate_school(tmp_path, SchoolConfig(files=120), workers=workers, faults=ROUGH, compare=False)
    assert made.verdict is not None
    assert made.verdict.is_sound
    assert (made.files, len(files_of(tmp_path))) == (120, 120)


@pytest.mark.soak
def test_ten_thousand_files_in_dependency_order_are_sound(tmp_path: Path) -> None:
    made = simulate_school(tmp_path, SchoolConfig(files=10_000), workers=8, faults=ROUGH)
    assert made.verdict is not None
    assert made.other is not None
    assert made.verdict.is_sound
    assert not made.other.is_sound


def test_a_file_refers_to_nothing_that_is_not_written_yet(tmp_path: Path) -> None:
    simulate_school(tmp_path, SchoolConfig(files=80), workers=8, faults=ROUGH, compare=False)
    audit = Audit(utilization=0.8, most_enrolments=5)
    for document in files_of(tmp_path).values():  # by name: in the order in which they were written
        audit.add(document)
        assert audit.verdict().is_sound


@settings(deadline=None, max_examples=15)
@given(
    files=st.integers(1, 40),
    size=st.integers(1, 30),
    most=st.integers(1, 12),
    utilization=st.floats(0.05, 1.0),
    high=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_any_configuration_is_kept(files: int, size: int, most: int, utilization: float, high: int, seed: int) -> None:
    import tempfile

    config = SchoolConfig(
        files=files,
        dependency_batch_size=size,
        max_enrollments_per_student=most,
        class_capacity_utilization=utilization,
        batch_size_range=(1, high),
        seed=seed,
    )
    with tempfile.TemporaryDirectory() as folder:
        made = simulate_school(folder, config, faults=ROUGH, compare=False)
    assert made.verdict is not None
    assert made.verdict.is_sound, made.verdict


def test_workers_that_race_leave_orphans_duplicates_and_full_classes(tmp_path: Path) -> None:
    made = simulate_school(tmp_path, SchoolConfig(files=200, enforce_referential_integrity=False))
    assert made.verdict is not None
    assert made.other is not None
    assert made.other.is_sound
    assert sum(made.verdict.orphans.values()) > 50
    assert all(count > 20 for count in made.verdict.duplicate_ids.values())
    assert made.verdict.classes_over_capacity > 5


def test_the_audit_counts_what_is_there() -> None:
    audit = Audit(utilization=0.5, most_enrolments=1)
    class_ = {"class_id": "C1", "teacher_id": "T9", "max_capacity": 2}
    taken = [{"student_class_id": f"SC{n}", "student_id": student, "class_id": "C1"} for n, student in enumerate(["S1", "S1", "S2"])]
    audit.add(
        {
            "data": {
                "teachers": [{"teacher_id": "T1"}] * 2,
                "students": [{"student_id": "S1"}],
                "classes": [class_],
                "student_classes": taken,
            }
        }
    )
    verdict = audit.verdict()
    assert verdict.duplicate_ids == {"teachers": 1, "students": 0, "classes": 0, "student_classes": 0}
    assert verdict.orphans == {"class.teacher_id": 1, "student_class.student_id": 1, "student_class.class_id": 0}
    assert (verdict.duplicate_pairs, verdict.classes_over_capacity, verdict.students_over_limit) == (1, 1, 1)


def test_equal_simulations_write_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        simulate_school(tmp_path / name, SchoolConfig(files=30), faults=ROUGH, compare=False)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert (tmp_path / "a/.simulation/events.log").read_text() == (tmp_path / "b/.simulation/events.log").read_text()


def test_files_are_stamped_in_order_and_hold_what_they_say(tmp_path: Path) -> None:
    simulate_school(tmp_path, SchoolConfig(files=25), compare=False)
    files = files_of(tmp_path)
    assert all(one < other for one, other in pairwise(document["metadata"]["generation_timestamp"] for document in files.values()))
    for document in files.values():
        assert document["metadata"]["entity_counts"] == {name: len(rows) for name, rows in document["data"].items()}
        for student in document["data"]["students"]:
            assert 14 <= student["age"] <= 19
            assert student["age"] - student["year"] in (5, 6, 7)
        for class_ in document["data"]["classes"]:
            assert 20 <= class_["max_capacity"] <= 35


def test_a_clock_that_waits_takes_its_time(tmp_path: Path) -> None:
    made = simulate_school(tmp_path, SchoolConfig(files=6, generation_rate=50.0), clock=WaitingClock(), compare=False)
    assert made.seconds >= made.simulated_s > 0.1


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="holds something"):
        simulate_school(tmp_path, SchoolConfig(files=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [("files", 0), ("generation_rate", 0.0), ("batch_size_range", (5, 2)), ("class_capacity_utilization", 1.5), ("seed", -1)],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ModelError, match=name.replace("_", " ")):
        SchoolConfig(**{name: value})  # type: ignore[arg-type]  # wrong on purpose
