"""What checks found: results and the report of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["passed", "failed", "error"]
Severity: TypeAlias = Literal["hard", "target"]
Plain: TypeAlias = bool | int | float | str | None

#: How many failing rows a result shows.
MOST_SAMPLES = 5


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """A failing row: its number (None where only its key is known) and the values that tell of it, the primary key first."""

    row: int | None
    values: tuple[tuple[str, Plain], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The sample as JSON takes it."""
        return {"row": self.row, "values": {name: _finite(value) for name, value in self.values}}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One promise and whether it holds.

    `failing` of `rows` rows break it; where only the offending keys could be counted, `reason` says so. A check that could not
    be evaluated has the status `error` and a `reason`. `samples` are the first failing rows.
    """

    id: str
    kind: str
    table: str
    columns: tuple[str, ...]
    status: Status
    severity: Severity
    expected: str
    observed: Plain = None
    failing: int = 0
    rows: int = 0
    samples: tuple[Sample, ...] = ()
    reason: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the promise holds."""
        return self.status == "passed"

    def to_dict(self) -> dict[str, object]:
        """The result as JSON takes it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "table": self.table,
            "columns": list(self.columns),
            "status": self.status,
            "severity": self.severity,
            "expected": self.expected,
            "observed": _finite(self.observed),
            "failing": self.failing,
            "rows": self.rows,
            "samples": [sample.to_dict() for sample in self.samples],
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks of a kind there were and how they ended."""

    passed: int = 0
    failed: int = 0
    error: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.error


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all checks, in the order of the model, and the rows seen of each table."""

    results: tuple[CheckResult, ...]
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every promise holds, hard ones and targets; an error is no pass."""
        return all(result.passed for result in self.results)

    @property
    def hard_ok(self) -> bool:
        """Whether every hard promise holds, whatever became of the targets."""
        return all(result.passed for result in self.results if result.severity == "hard")

    @property
    def broken(self) -> tuple[CheckResult, ...]:
        """The results that failed or could not be evaluated."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def counts(self) -> dict[str, Count]:
        """Passed, failed and error per kind of check, in order of appearance."""
        return _counts(self.results)

    def of(self, check_id: str) -> CheckResult:
        """The result of the check with that id.

        Raises:
            KeyError: there is no such check.
        """
        for result in self.results:
            if result.id == check_id:
                return result
        raise KeyError(check_id)

    def to_dict(self) -> dict[str, object]:
        """The report as JSON takes it."""
        kinds = {kind: {"passed": n.passed, "failed": n.failed, "error": n.error} for kind, n in self.counts.items()}
        return {"ok": self.ok, "rows": dict(self.rows), "kinds": kinds, "results": [result.to_dict() for result in self.results]}


def _counts(results: Iterable[CheckResult]) -> dict[str, Count]:
    tally: dict[str, dict[str, int]] = {}
    for result in results:
        ends = tally.setdefault(result.kind, {"passed": 0, "failed": 0, "error": 0})
        ends[result.status] += 1
    return {kind: Count(**ends) for kind, ends in tally.items()}


def _finite(value: Plain) -> Plain:
    """The value, or its name where JSON has none for it (NaN, infinity)."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
