"""How good data are, as figures from 0 to 100.

The score is the share of rows that pass, over all checks, each weighted by its severity; a check that is about no single rows counts
as all or nothing, one that can't be evaluated as nothing. Where a critical check fails, the score is at most 49. Skipped checks and those that
only inform (`info`) don't count.

The weighted figure is the known one: 0.5 of the pass rate of structural checks, 0.3 of value checks, 0.2 of behavioural checks, where
groups without checks give their weight to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

from seedbed.check.outcome import CheckResult, Count, Severity, counts_by
from seedbed.core.records import dataclass

Aspect: TypeAlias = Literal["structural", "value", "behavioural"]

#: How much a check counts.
WEIGHTS: dict[Severity, float] = {"info": 0.0, "warning": 1.0, "error": 3.0, "critical": 5.0}

#: The most that is reached where a critical check fails.
CRITICAL_CAP = 49.0

#: The shares of the weighted figure.
ASPECTS: dict[Aspect, float] = {"structural": 0.5, "value": 0.3, "behavioural": 0.2}

_STRUCTURAL_DIMENSIONS = frozenset({"uniqueness", "consistency"})
_STRUCTURAL_KINDS = frozenset(
    {"table", "column_exists", "columns_match", "column_count", "type", "nullable", "schema_match", "not_null", "tree", "row_count_match"}
)
_BEHAVIOURAL_DIMENSIONS = frozenset({"accuracy", "timeliness", "coverage"})


@dataclass(frozen=True, slots=True)
class Part:
    """The score of some checks and how they ended."""

    score: float
    count: Count

    def to_dict(self) -> dict[str, object]:
        """The part as JSON takes it."""
        return {"score": round(self.score, 2), **self.count.to_dict()}


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures: of everything, of each dimension and each table, the weighted one and its three parts."""

    overall: float
    weighted: float
    dimensions: dict[str, Part]
    tables: dict[str, Part]
    aspects: dict[str, float | None]

    def to_dict(self) -> dict[str, object]:
        """The figures as JSON takes them."""
        return {
            "overall": round(self.overall, 2),
            "weighted": round(self.weighted, 2),
            "aspects": {name: None if rate is None else round(100 * rate, 2) for name, rate in self.aspects.items()},
            "dimensions": {name: part.to_dict() for name, part in self.dimensions.items()},
            "tables": {name: part.to_dict() for name, part in self.tables.items()},
        }


def score_of(results: Iterable[CheckResult]) -> float:
    """The severity-weighted share of rows that pass, from 0 to 100; 100 where nothing counts.

    >>> good = CheckResult("a.x.range", "range", "a", ("x",), "passed", "error", "0 to 1", rows=10)
    >>> bad = CheckResult("a.y.range", "range", "a", ("y",), "failed", "error", "0 to 1", failing=2, rows=10)
    >>> round(score_of([good, bad]), 6)
    90.0
    """
    counted = [result for result in results if result.status != "skipped" and WEIGHTS[result.severity]]
    total = sum(WEIGHTS[result.severity] for result in counted)
    if not total:
        return 100.0
    score = 100 * sum(WEIGHTS[result.severity] * result.passing_share for result in counted) / total
    is_capped = any(result.severity == "critical" and result.is_broken for result in counted)
    return min(score, CRITICAL_CAP) if is_capped else score


def scores_of(results: Sequence[CheckResult]) -> Scores:
    """Every figure of some results."""
    rates = {aspect: _pass_rate([result for result in results if aspect_of(result) == aspect]) for aspect in ASPECTS}
    known = {aspect: rate for aspect, rate in rates.items() if rate is not None}
    weight = sum(ASPECTS[aspect] for aspect in known)
    weighted = 100 * sum(ASPECTS[aspect] * rate for aspect, rate in known.items()) / weight if weight else 100.0
    return Scores(
        score_of(results),
        weighted,
        _parts(results, _dimension),
        _parts(results, _table),
        {str(aspect): rate for aspect, rate in rates.items()},
    )


def aspect_of(result: CheckResult) -> Aspect:
    """Whether a check is about structure (shape, keys, references), single values, or behaviour (statistics, time)."""
    if result.kind in _STRUCTURAL_KINDS or result.dimension in _STRUCTURAL_DIMENSIONS:
        return "structural"
    return "behavioural" if result.dimension in _BEHAVIOURAL_DIMENSIONS else "value"


def _pass_rate(results: Sequence[CheckResult]) -> float | None:
    judged = [result for result in results if result.status != "skipped"]
    return sum(result.passed for result in judged) / len(judged) if judged else None


def _parts(results: Sequence[CheckResult], key: Callable[[CheckResult], str]) -> dict[str, Part]:
    counts = counts_by(results, key)
    return {name: Part(score_of(result for result in results if key(result) == name), count) for name, count in counts.items()}


def _dimension(result: CheckResult) -> str:
    return result.dimension


def _table(result: CheckResult) -> str:
    return result.table
