"""How a check ended: its result, the failing rows it shows, and counts of results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from seedbed.core.records import dataclass

Status: TypeAlias = Literal["passed", "failed", "error", "skipped"]
Severity: TypeAlias = Literal["info", "warning", "error", "critical"]
Plain: TypeAlias = bool | int | float | str | None

#: The dimensions of data quality in ODCS 3.1.
Dimension: TypeAlias = Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"]

STATUSES: tuple[Status, ...] = ("passed", "failed", "error", "skipped")
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
DIMENSIONS: tuple[Dimension, ...] = ("accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness")

#: A value of a failing row is shown up to so many characters.
MOST_SHOWN = 1_000

#: How many failing rows a result shows where nothing else is said.
MOST_SAMPLES = 5


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """A failing row: its number (None where only its key is known) and the values that tell of it, the primary key first."""

    row: int | None
    values: tuple[tuple[str, Plain], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The sample as JSON takes it."""
        return {"row": self.row, "values": {name: finite(value) for name, value in self.values}}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One promise and whether it holds.

    `failing` of `rows` rows break it; where only the offending keys could be counted, `reason` says so. A check that could not
    be evaluated has the status `error` and a `reason`; `skipped` is one whose expectation can't be told, for the listed reason.
    `samples` are the first failing rows; `query` is SQL that finds the failing rows; `details` are figures for plots.
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
    dimension: Dimension = "conformity"
    threshold: int | float | None = None
    where: str | None = None
    description: str | None = None
    query: str | None = None
    tags: tuple[str, ...] = ()
    owner: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def passed(self) -> bool:
        """Whether the promise holds."""
        return self.status == "passed"

    @property
    def is_broken(self) -> bool:
        """Whether the promise is broken, or nobody can say."""
        return self.status in ("failed", "error")

    @property
    def is_hard(self) -> bool:
        """Whether the promise must hold: its severity is `error` or `critical`."""
        return self.severity in ("error", "critical")

    @property
    def passing_share(self) -> float:
        """The share of rows that keep the promise; 0 or 1 where it is about no single rows."""
        if self.failing and self.rows and self.status in ("passed", "failed"):
            return max(0.0, 1.0 - self.failing / self.rows)
        return 1.0 if self.status in ("passed", "skipped") else 0.0

    def to_dict(self) -> dict[str, object]:
        """The result as JSON takes it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "table": self.table,
            "columns": list(self.columns),
            "status": self.status,
            "severity": self.severity,
            "dimension": self.dimension,
            "expected": self.expected,
            "observed": finite(self.observed),
            "failing": self.failing,
            "rows": self.rows,
            "passing_share": round(self.passing_share, 9),
            "threshold": self.threshold,
            "where": self.where,
            "description": self.description,
            "query": self.query,
            "samples": [sample.to_dict() for sample in self.samples],
            "reason": self.reason,
            "tags": list(self.tags),
            "owner": self.owner,
            "details": _plain(self.details),
        }


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks there were and how they ended."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.error + self.skipped

    def to_dict(self) -> dict[str, int]:
        """The counts as JSON takes them."""
        return {status: getattr(self, status) for status in STATUSES}


def counts_by(results: Iterable[CheckResult], key: Any) -> dict[str, Count]:
    """How checks ended, by what `key` says of each result, in order of appearance."""
    tally: dict[str, dict[str, int]] = {}
    for result in results:
        ends = tally.setdefault(key(result), dict.fromkeys(STATUSES, 0))
        ends[result.status] += 1
    return {name: Count(**ends) for name, ends in tally.items()}


def finite(value: Plain) -> Plain:
    """The value, or its name where JSON has none for it (NaN, infinity)."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return finite(value)
