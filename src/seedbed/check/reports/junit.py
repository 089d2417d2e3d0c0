"""A report as JUnit XML: a suite for each table, a case for each check, as continuous integration shows them."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from seedbed.check.outcome import CheckResult, counts_by
from seedbed.check.results import Report


def to_junit(report: Report, *, title: str = "seedbed") -> str:
    """A report as JUnit XML; only broken promises that must hold are failures, broken wishes are told in the case's output.

    >>> to_junit(Report(())).splitlines()[1]
    '<testsuites name="seedbed" tests="0" failures="0" errors="0" skipped="0">'
    """
    count = counts_by(report.results, _outcome)
    totals = {name: count[name].total if name in count else 0 for name in ("failure", "error", "skipped")}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _open("testsuites", title, len(report.results), totals)]
    tables = list(dict.fromkeys(result.table for result in report.results))
    for table in tables:
        cases = [result for result in report.results if result.table == table]
        own = {name: sum(_outcome(result) == name for result in cases) for name in totals}
        lines.append("  " + _open("testsuite", table, len(cases), own))
        lines += [_case(result) for result in cases]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _open(tag: str, name: str, tests: int, totals: dict[str, int]) -> str:
    numbers = f'tests="{tests}" failures="{totals["failure"]}" errors="{totals["error"]}" skipped="{totals["skipped"]}"'
    return f"<{tag} name={_attribute(name)} {numbers}>"


def _outcome(result: CheckResult) -> str:
    if result.status == "failed":
        return "failure" if result.is_hard else "passed"
    return result.status


def _case(result: CheckResult) -> str:
    head = f"    <testcase name={_attribute(result.id)} classname={_attribute(f'{result.table}.{result.kind}')}"
    outcome, told = _outcome(result), _told(result)
    if outcome == "failure":
        return f'{head}><failure message={_attribute(_summary(result))} type="{result.severity}">{_text(told)}</failure></testcase>'
    if outcome == "error":
        return f"{head}><error message={_attribute(result.reason or 'could not be evaluated')}>{_text(told)}</error></testcase>"
    if outcome == "skipped":
        return f"{head}><skipped message={_attribute(result.reason or '')}/></testcase>"
    return f"{head}/>" if result.passed else f"{head}><system-out>{_text(told)}</system-out></testcase>"


def _summary(result: CheckResult) -> str:
    return f"expected {result.expected}; {result.failing:,} of {result.rows:,} rows fail" if result.rows else f"expected {result.expected}"


def _told(result: CheckResult) -> str:
    lines = [_summary(result)]
    if result.observed is not None:
        lines.append(f"observed {result.observed}")
    lines += [
        f"row {'?' if s.row is None else s.row}: {', '.join(f'{name}={value!r}' for name, value in s.values)}" for s in result.samples
    ]
    return "\n".join([*lines, *([result.query] if result.query else [])])


def _text(text: str) -> str:
    return escape(_allowed(text))


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """A text without the characters that XML 1.0 has no way to write."""
    return "".join(
        c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff") else "\ufffd" for c in text
    )
