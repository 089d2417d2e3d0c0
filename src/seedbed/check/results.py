"""What checks found: results and the report of all of them.

`Report.to_dict()` is the one JSON model of every report: terminal, HTML, Markdown and JUnit are made of it. Its format is
`seedbed.report/1`; keys are only ever added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from seedbed.check.outcome import (
    DIMENSIONS,
    MOST_SAMPLES,
    SEVERITIES,
    STATUSES,
    CheckResult,
    Count,
    Dimension,
    Plain,
    Sample,
    Severity,
    Status,
    counts_by,
)
from seedbed.check.scores import score_of, scores_of
from seedbed.core.records import dataclass

__all__ = [
    "DIMENSIONS", "MOST_SAMPLES", "REPORT_FORMAT", "SEVERITIES", "STATUSES", "CheckResult", "Count", "Dimension", "Origin", "Plain", "Report",
    "Sample", "Severity", "Status",
]  # fmt: skip

#: How the JSON model calls itself.
REPORT_FORMAT = "seedbed.report/1"


@dataclass(frozen=True, slots=True)
class Origin:
    """What was checked, by what, and when: each only where it is known."""

    data: str | None = None
    rules: str | None = None
    checked_at: str | None = None
    seconds: float | None = None

    def to_dict(self) -> dict[str, object]:
        """The origin as JSON takes it."""
        return {"data": self.data, "rules": self.rules, "checked_at": self.checked_at, "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all checks, in the order of the model, and the rows seen of each table.

    `threshold` is the least score, from 0 to 100, that `accepted` asks for; `extra` tables are in the data and in no check.
    """

    results: tuple[CheckResult, ...]
    rows: Mapping[str, int] = field(default_factory=dict)
    threshold: float = 80.0
    origin: Origin = Origin()
    extra: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no promise is broken, hard ones and wishes; an error is no pass."""
        return not self.broken

    @property
    def hard_ok(self) -> bool:
        """Whether every hard promise holds (severity error or critical), whatever became of the others."""
        return not any(result.is_broken for result in self.results if result.is_hard)

    @property
    def accepted(self) -> bool:
        """Whether every hard promise holds and the score reaches the threshold: exit code 0."""
        return self.hard_ok and self.score >= self.threshold

    @property
    def score(self) -> float:
        """From 0 to 100: the severity-weighted share of rows that pass; at most 49 where a critical check fails."""
        return score_of(self.results)

    @property
    def broken(self) -> tuple[CheckResult, ...]:
        """The results that failed or could not be evaluated."""
        return tuple(result for result in self.results if result.is_broken)

    @property
    def counts(self) -> dict[str, Count]:
        """How the checks of each kind ended, in order of appearance."""
        return counts_by(self.results, lambda result: result.kind)

    @property
    def count(self) -> Count:
        """How all checks ended."""
        return counts_by(self.results, lambda _: "").get("", Count())

    def of(self, check_id: str) -> CheckResult:
        """The result of the check with that id.

        Raises:
            KeyError: there is no such check.
        """
        for result in self.results:
            if result.id == check_id:
                return result
        raise KeyError(check_id)

    def with_origin(self, origin: Origin) -> Report:
        """The same report that says what was checked."""
        return replace(self, origin=origin)

    def to_dict(self) -> dict[str, object]:
        """The report as JSON takes it: format `seedbed.report/1`, the source of every other form of report."""
        kinds = {kind: count.to_dict() for kind, count in self.counts.items()}
        head = {"format": REPORT_FORMAT, "ok": self.ok, "hard_ok": self.hard_ok, "accepted": self.accepted, "threshold": self.threshold}
        head |= {"origin": self.origin.to_dict(), "scores": scores_of(self.results).to_dict(), "counts": self.count.to_dict()}
        tail = {"rows": dict(self.rows), "extra_tables": list(self.extra), "kinds": kinds}
        return head | tail | {"results": [result.to_dict() for result in self.results]}
