"""A report as Markdown: scores, what is broken with its first rows, and every check in a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedbed.check.outcome import CheckResult
from seedbed.check.results import Report
from seedbed.check.scores import scores_of

_MARKS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "-"}

#: Characters that would be read as Markdown or end a table's cell.
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_|<>[]"})


def to_markdown(report: Report, *, title: str = "Data quality") -> str:
    """A report as a Markdown page.

    >>> to_markdown(Report(())).splitlines()[0]
    '# Data quality'
    """
    return "\n".join([*_head(report, title), *_broken(report), *_all(report)]) + "\n"


def _head(report: Report, title: str) -> Iterator[str]:
    scores, count = scores_of(report.results), report.count
    yield f"# {cell(title)}"
    yield ""
    verdict = "Accepted" if report.accepted else "**Not accepted**"
    yield f"{verdict}: score {report.score:.1f} of 100 (at least {report.threshold:g} asked), weighted {scores.weighted:.1f}."
    yield f"{count.passed:,} of {count.total:,} checks pass, {count.failed:,} fail, {count.error:,} could not be evaluated, {count.skipped:,} skipped."
    origin = report.origin
    told = [
        f"{name} {cell(value)}" for name, value in (("data", origin.data), ("rules", origin.rules), ("checked", origin.checked_at)) if value
    ]
    if told:
        yield ""
        yield f"{'; '.join(told)}."
    for name, parts in (("Table", scores.tables), ("Dimension", scores.dimensions)):
        if parts:
            yield from _table((name, "Score", "Passed", "Failed", "Errors"), _parts(parts.items()))


def _parts(parts: Iterable[tuple[str, object]]) -> Iterator[tuple[str, ...]]:
    for name, part in parts:
        count = part.count  # type: ignore[attr-defined]  # a Part of scores
        yield name, f"{part.score:.1f}", f"{count.passed:,}", f"{count.failed:,}", f"{count.error:,}"  # type: ignore[attr-defined]


def _broken(report: Report) -> Iterator[str]:
    if not report.broken:
        return
    yield ""
    yield "## Broken"
    for result in report.broken:
        yield ""
        yield f"### {_MARKS[result.status]} {cell(result.id)}"
        yield ""
        yield from _facts(result)


def _facts(result: CheckResult) -> Iterator[str]:
    yield f"- expected: {cell(result.expected)}"
    if result.observed is not None:
        yield f"- observed: {cell(result.observed)}"
    if result.failing:
        yield f"- {result.failing:,} of {result.rows:,} rows fail ({result.severity})"
    if result.reason:
        yield f"- {cell(result.reason)}"
    if result.samples:
        names = list(dict.fromkeys(name for sample in result.samples for name, _ in sample.values))
        lines = (("" if s.row is None else f"{s.row:,}", *(cell(dict(s.values).get(name, "")) for name in names)) for s in result.samples)
        yield from _table(("row", *map(cell, names)), lines)
    if result.query:
        yield ""
        yield "```sql"
        yield result.query.replace("```", "` ` `")
        yield "```"


def _all(report: Report) -> Iterator[str]:
    if not report.results:
        return
    yield ""
    yield "## All checks"
    rows = (
        (_MARKS[r.status], cell(r.id), r.severity, cell(r.expected), "" if r.observed is None else cell(r.observed), f"{r.failing:,}")
        for r in report.results
    )
    yield from _table(("", "Check", "Severity", "Expected", "Observed", "Failing"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def cell(value: object) -> str:
    r"""A value as text that Markdown leaves alone.

    >>> cell("a|b")
    'a\\|b'
    """
    text = str("null" if value is None else value).replace("\0", "\ufffd")
    return " ".join(text.splitlines()).translate(_SPECIAL)
