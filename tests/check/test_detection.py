"""Faults put in on purpose are found, all that a check can see and nothing else; docs/detection.md has the figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.model.checks.reading import checks_from
from seedbed.model.quality import KINDS
from tools.detection.declared import DECLARED, Declared, declared_found
from tools.detection.faults import EXAMPLES, faulty
from tools.detection.measure import Found, measured
from tools.write_detection import PAGE, UNSEEN, clean_scores, examples, found_by_kind

EVENTS = EXAMPLES / "users_events.json"
#: Of a hundred thousand rows this is enough to hit every table.
SMALL = {"users_events.json": 0.3}


def assert_all_found(found: Found) -> None:
    assert not found.missed, f"{found.kind}: not found: {found.missed[:3]}"
    assert not found.wrong, f"{found.kind}: accused without fault: {found.wrong[:3]}"


@pytest.fixture(scope="module")
def by_kind() -> dict[str, Found]:
    return found_by_kind([EVENTS], scales=SMALL, rate=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_what_breaks_a_promise_of_the_model_is_found_and_nothing_else(kind: str, by_kind: dict[str, Found]) -> None:
    assert by_kind[kind].faults
    assert_all_found(by_kind[kind])
    assert (by_kind[kind].visible > 0) == (kind not in ("late_arrival", "out_of_order"))


@pytest.mark.slow
@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_every_example_finds_what_breaks_its_promises_and_nothing_else(path: Path) -> None:
    for found in found_by_kind([path]).values():
        assert_all_found(found)


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.kind)
def test_a_check_that_is_declared_against_a_kind_of_fault_finds_it(one: Declared) -> None:
    found = declared_found(replace(one, rate=min(1.0, 4 * one.rate)), 0.02)
    assert found.visible
    assert_all_found(found)


def test_a_check_is_declared_against_every_kind_of_fault() -> None:
    assert [one.kind for one in DECLARED] == list(KINDS)
    assert UNSEEN.keys() == KINDS.keys()


@pytest.mark.slow
def test_every_example_is_worth_a_hundred_by_its_own_model() -> None:
    for path, _, report in clean_scores(examples()):
        assert (report.score, report.broken) == (100, ()), path.name


def test_the_measurement_notices_a_check_that_looks_away() -> None:
    made = faulty(EVENTS, "boundary_violation", 0.05, 0.1)
    assert made is not None
    constraints = made.model.constraints.model_copy(update={"ranges": ()})
    blind = made.model.model_copy(update={"constraints": constraints})
    assert measured(made, blind).missed


def test_the_measurement_notices_a_check_that_accuses_the_innocent() -> None:
    made = faulty(EVENTS, "null", 0.05, 0.1)
    assert made is not None
    strict = checks_from({"version": "1.0", "tables": {"user": [{"kind": "range", "column": "age", "min": 30}]}})
    assert measured(made, strict).wrong


def tables_of_page() -> Iterator[list[str]]:
    for line in PAGE.read_text().splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.replace("\\|", "").strip("|").split("|")]


def test_the_page_tells_recall_and_precision_of_every_kind_twice() -> None:
    rows = list(tables_of_page())
    assert [row[0].strip("`") for row in rows] == [*KINDS, *KINDS]
    for row in rows:
        assert {cell for cell in row if cell == "-" or cell.startswith(("0.", "1.0"))} <= {"1.000", "-"}
