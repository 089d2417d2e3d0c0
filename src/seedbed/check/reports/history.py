"""A report as rows of a history, and the trends that a history tells."""

from __future__ import annotations

import pyarrow as pa

from seedbed.check.results import Report

#: A row for each check of each run; `check` empty for the run's own score.
SCHEMA = pa.schema(
    [
        ("run", pa.string()),
        ("checked_at", pa.string()),
        ("check", pa.string()),
        ("table", pa.string()),
        ("kind", pa.string()),
        ("status", pa.string()),
        ("severity", pa.string()),
        ("failing", pa.int64()),
        ("rows", pa.int64()),
        ("passing_share", pa.float64()),
        ("score", pa.float64()),
    ]
)


def history_rows(report: Report, run: str) -> pa.Table:
    """A run's results as rows of a history; `run` names it."""
    at = report.origin.checked_at or ""
    total = {"run": run, "checked_at": at, "check": "", "table": "", "kind": "score", "status": "passed" if report.accepted else "failed"}
    rows = [
        total
        | {"severity": "", "failing": 0, "rows": sum(report.rows.values()), "passing_share": report.score / 100, "score": report.score}
    ]
    for result in report.results:
        named = {"run": run, "checked_at": at, "check": result.id, "table": result.table, "kind": result.kind}
        found = {"status": result.status, "severity": result.severity, "failing": result.failing, "rows": result.rows}
        rows.append(named | found | {"passing_share": result.passing_share, "score": None})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def trends_of(history: pa.Table, most: int = 50) -> tuple[dict[str, list[float]], list[dict[str, object]]]:
    """The shares of passing rows of each check, and the scores, of the last `most` runs in the order they were kept."""
    checks: dict[str, list[float]] = {}
    scores: list[dict[str, object]] = []
    for row in history.to_pylist():
        if row["check"]:
            checks.setdefault(row["check"], []).append(row["passing_share"])
        else:
            scores.append({"at": row["checked_at"], "score": row["score"]})
    return {check: shares[-most:] for check, shares in checks.items()}, scores[-most:]
