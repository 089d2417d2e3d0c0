"""A report as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.check.results import CheckResult, Plain, Report, Sample

_MARKS = {"passed": "ok", "failed": "FAILED", "error": "ERROR", "skipped": "skipped"}
_HEAD = ("check", "status", "failing", "rows", "observed", "expected")
_MOST_WIDTH = 48


def report_table(report: Report, *, only_broken: bool = False) -> str:
    """A line for each result in columns, below a broken one its reason and first failing rows, at the end the counts.

    With `only_broken` the results that passed are left out; the counts still tell of them.
    """
    results = report.broken if only_broken else report.results
    cells = [_HEAD, *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    lines = [_line(cells[0], widths)] if results else []
    for result, row in zip(results, cells[1:], strict=True):
        lines.append(_line(row, widths))
        lines.extend(f"    {detail}" for detail in _details(result))
    return "\n".join([*lines, summary(report)])


def broken_text(report: Report, most: int = 20) -> str:
    """What is broken: a line a check, below it the first failing rows."""
    lines = []
    for result in report.broken[:most]:
        failing = f"{result.failing:,} of {result.rows:,} rows" if result.failing else _shown(result.observed)
        lines.append(f"  {result.id} {result.status}: {result.reason or f'{failing}; expected {result.expected}'}")
        lines.extend(f"    {_sample(sample)}" for sample in result.samples)
    more = len(report.broken) - most
    return "\n".join([*lines, *([f"  and {more} more"] if more > 0 else [])])


def summary(report: Report) -> str:
    """How many checks passed, failed and could not be evaluated, in one line.

    >>> summary(Report(()))
    '0 of 0 checks passed'
    """
    counts = report.counts.values()
    passed, failed, error, skipped = (
        sum(getattr(count, status) for count in counts) for status in ("passed", "failed", "error", "skipped")
    )
    parts = [f"{passed:,} of {len(report.results):,} checks passed"]
    parts += [f"{failed:,} failed"] if failed else []
    parts += [f"{error:,} could not be evaluated"] if error else []
    parts += [f"{skipped:,} skipped"] if skipped else []
    return ", ".join(parts)


def counts_table(report: Report) -> str:
    """How many checks of each kind passed, a line a kind."""
    width = max((len(kind) for kind in report.counts), default=0)
    return "\n".join(f"{kind:<{width}}  {count.passed:,} of {count.total:,}" for kind, count in report.counts.items())


def _cells(result: CheckResult) -> tuple[str, ...]:
    failing = f"{result.failing:,}" if result.failing else ""
    rows = f"{result.rows:,}" if result.rows else ""
    return (result.id, _MARKS[result.status], failing, rows, _short(_shown(result.observed)), _short(result.expected))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = ("failing", "rows")
    aligned = (cell.rjust(width) if name in numbers else cell.ljust(width) for name, cell, width in zip(_HEAD, cells, widths, strict=True))
    return "  ".join(aligned).rstrip()


def _details(result: CheckResult) -> list[str]:
    reason = [result.reason] if result.reason else []
    return reason + [_sample(sample) for sample in result.samples]


def _sample(sample: Sample) -> str:
    values = ", ".join(f"{name}={_short(_shown(value))}" for name, value in sample.values)
    return values if sample.row is None else f"row {sample.row:,}: {values}"


def _shown(value: Plain) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_WIDTH else f"{line[: _MOST_WIDTH - 3]}..."
